"""A side that is nothing but addresses: of pages, mail, files, telephones."""

from __future__ import annotations

import re

from aligner.annotations.pair import Pair, quoted

_ADDRESS = re.compile(
    r"""
    (?:https?|ftp|mailto|file|tel):\S+ | www\.\S+
    | [\w.+-]+@[\w-]+(?:\.[\w-]+)+
    | (?<![\w.-])(?:[a-z0-9-]+\.)+(?:com|org|net|info|edu|gov|int|eu|fr|ca|be|ch|uk|de|es|it|lu|io)\b(?:/\S*)?
    | (?<!\S)(?:[A-Za-z]:|\\)\\\S.*  | (?<!\S)(?:~|\.{1,2})?/\w[\w.%~-]*(?:/[\w.%~-]*)+ | (?<!\S)(?:~|\.{1,2})/\S+
    | (?<!\S)[\w.%-]+(?:/[\w.%-]+)+\.[a-z]\w{1,3}(?!\S)
    | (?<![\w.])(?:\+|00[ ])\d{1,3}[\s.-]?(?:\(0\)[\s.-]?)?\d(?:[\s.-]?\d){6,11}(?!\w)
    | (?<![\w.])0\d(?:[\s.-]?\d\d){4}(?!\w)
    | (?<![\w.])(?:1[\s.-])?(?:\(\d{3}\)[\s]?|\d{3}[\s.-])\d{3}[\s.-]\d{4}(?!\w)
    """,
    re.VERBOSE | re.IGNORECASE,
)
_LABELS = frozenset(
    """tél tel téléphone telephone phone portable mobile cell fax télécopie télécopieur courriel mail email e mél web site website internet
    url source lien link adresse address http page et and ou or""".split()
)
"""Words that may stand beside an address without saying more than what it is."""
_WORD = re.compile(r"[^\W_]+")
_FIRST = 5
_LONGEST = 1_000
"""Code points: what is longer is no address, and the pattern's time grows with the square."""


def find(pair: Pair) -> str | None:
    """That a side holds one address or several, and besides only words that say of what kind they are."""
    for side in pair.sides:
        if len(side.text) <= _LONGEST and _has_no_other_word(side.text) and _is_addresses(side.text):
            return f"{side.name} is {quoted(side.text)}"
    return None


def _has_no_other_word(text: str) -> bool:
    """Looks at the first words alone, where most sentences give themselves away."""
    return all(word.lower() in _LABELS for word in text.split(None, _FIRST)[:_FIRST] if word.isalpha())


def _is_addresses(text: str) -> bool:
    rest, count = _ADDRESS.subn(" ", text)
    return count > 0 and _LABELS.issuperset(_WORD.findall(rest.lower()))
