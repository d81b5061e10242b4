"""A side that is in another language than it is said to be."""

from __future__ import annotations

import re

from aligner.annotations.function_words import DISTINCTIVE, FUNCTION_WORDS
from aligner.annotations.pair import Pair, Side, quoted
from aligner.languages import identify
from aligner.types import UNDETERMINED

_LEAST_WORDS = 3
"""Words in small letters that a side must have to be judged: among fewer, names, titles and words of several languages weigh too much."""
_PLAIN = 1
"""A side with this many more function words of its own language than of the other is not looked at further; most are like that."""
_RARE = 12
"""A side is taken for a third language only where it has this many words for each function word of its own: a few may stand in any."""
_QUOTATION = re.compile(r'«[^«»]*»|“[^“”]*”|"[^"]*"|‘[^‘’]*’')
_SMALL = re.compile(r"(?<![\w/.@])[^\W\d_A-ZÀ-ÖØ-Þ][^\W\d_]+")
_LATIN = re.compile("[A-Za-zÀ-ɏ]")
_NONE: frozenset[str] = frozenset()


def find(pair: Pair) -> str | None:
    """That a side reads as another language; quotations in a sentence do not count, nor do a few words, names or titles."""
    for side, other in pair.both_ways:
        own, foreign = (DISTINCTIVE.get(lang, _NONE) & side.vocabulary for lang in (side.lang, other.lang))
        if len(own) - len(foreign) >= _PLAIN:
            continue
        found = _read(side.text, (side.lang, other.lang))
        if found in (side.lang, UNDETERMINED):
            continue
        if _leans_to(other, side) if found == other.lang else len(own) * _RARE <= len(side.words):
            return f"{side.name} reads as {found}: {quoted(side.text)}"
    return None


def _leans_to(other: Side, side: Side) -> bool:
    """Whether a side has more function words of the other language: names and terms, of which it may consist, mislead an identifier."""
    if side.lang not in FUNCTION_WORDS or other.lang not in FUNCTION_WORDS:
        return True
    own, foreign = FUNCTION_WORDS[side.lang], FUNCTION_WORDS[other.lang]
    return len((foreign - own) & side.vocabulary) > len((own - foreign) & side.vocabulary)


def _read(text: str, languages: tuple[str, str]) -> str:
    frame = _QUOTATION.sub(" ", text)
    chosen = frame if _tells(frame) else text
    return identify([chosen], languages)[0] if _tells(chosen) else UNDETERMINED


def _tells(text: str) -> bool:
    """Whether there is enough to tell a language by: another script, or a sentence."""
    if not _LATIN.search(text):
        return True
    return len(_SMALL.findall(text.lower() if text.isupper() else text)) >= _LEAST_WORDS
