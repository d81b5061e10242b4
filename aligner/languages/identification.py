"""Which language a text is written in, where two are expected or of any."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from itertools import islice

from aligner.languages.identifiers import scorer
from aligner.types import UNDETERMINED

_MOST_CHARACTERS = 2_000
"""Code points of a text that are looked at: plenty for any identifier, and a bound on the work."""

_UNREADABLE = re.compile("[\x00\ud800-\udfff]")
"""NUL ends a C string and lone surrogates have no UTF-8: the identifier sees spaces instead; the text itself is left alone."""
_NO_LANGUAGE = re.compile(r"https?://\S+|www\.\S+|\S{1,64}@\S+|[\d_]+")
_NUMBERS = re.compile(r"[\d_][\d_]*")  # looked for four times as fast as with "+"
_LATIN = re.compile("[A-Za-zÀ-ɏ]")

_SCRIPTS = {"KHMER": "km", "MYANMAR": "my", "SINHALA": "si", "TIBETAN": "bo", "LAO": "lo"}
"""Scripts, by the first word of their characters' Unicode names, that one language mainly writes and the identifier may not know."""
_UNLISTED = "mis"
"""ISO 639-2 code for languages without a code: letters of a script that nothing here can read."""

# Scores are the identifier's, 0..1, one for each language. The margins were chosen on the corpora of docs/decisions/003-segmentation.md.
_LEAST_SCORE = 0.4
"""Below this a text resembles no language: mostly names."""
_FOREIGN_MARGIN = 0.1
"""By how much a third language must be ahead of both that are expected."""
_FOREIGN_WORDS = 3
_SHORT = 2
"""Words; up to here one may stand in many languages, and more evidence is asked for."""
_MARGIN, _SHORT_MARGIN, _NAME_MARGIN = 0.05, 0.2, 0.3
"""By how much the better of two languages must be ahead: of any text, of a short one, of a short one all in capitalised words."""


def identify(texts: Sequence[str], languages: tuple[str, ...] | None = None) -> list[str]:
    """The ISO 639-1 code of each text's language; "und" where the text does not tell (digits, dates, many names).

    With `languages`, short texts are one of these or "und", and only clear evidence makes a text another language.
    Texts are judged each by itself, by their first 2,000 code points.
    """
    return [_language(text[:_MOST_CHARACTERS], languages) for text in texts]


def leanings(texts: Sequence[str], languages: tuple[str, str]) -> list[float]:
    """How much more each text resembles the first language (up to 1) or the second (down to -1); 0 where it resembles neither."""
    first, second = languages
    found = []
    for text in texts:
        scores = scorer()(_readable(text[:_MOST_CHARACTERS]))
        ours = (scores.get(first, 0.0), scores.get(second, 0.0))
        foreign = max(scores.values(), default=0.0) - max(ours) > _FOREIGN_MARGIN
        found.append(0.0 if foreign or max(ours) < _LEAST_SCORE else ours[0] - ours[1])
    return found


def _language(text: str, languages: tuple[str, ...] | None) -> str:
    readable = _readable(text)
    if len(list(islice(filter(str.isalpha, readable), 2))) < 2:
        return UNDETERMINED
    scores = scorer()(readable)
    if not scores:
        return _language_of_script(readable)
    if languages is None:
        return max(scores, key=scores.__getitem__)
    words = [word for word in readable.split() if any(map(str.isalpha, word))]
    latin = bool(_LATIN.search(readable))
    capitalised = latin and not any(word[0].islower() for word in words)
    best, language = max((scores.get(language, 0.0), language) for language in languages)
    outside, other = max(((score, code) for code, score in scores.items() if code not in languages), default=(0.0, UNDETERMINED))
    # "Sok Eysan, Kem Sokha" resembles Hungarian, and names are far more frequent than a third language all in capitals.
    if outside - best > _FOREIGN_MARGIN and (not latin or (len(words) >= _FOREIGN_WORDS and not capitalised)):
        return other
    second = max((scores.get(code, 0.0) for code in languages if code != language), default=0.0)
    short = len(words) <= _SHORT
    margin = _NAME_MARGIN if short and capitalised and len(words) > 1 else _SHORT_MARGIN if short else _MARGIN
    return language if best >= _LEAST_SCORE and best - second >= margin else UNDETERMINED


def _readable(text: str) -> str:
    if not text.isprintable():
        text = _UNREADABLE.sub(" ", text)
    # Without a sign of an address there are but numbers to look for, in half the time.
    has_address = "@" in text or "://" in text or "www." in text
    return (_NO_LANGUAGE if has_address else _NUMBERS).sub(" ", text)


def _language_of_script(text: str) -> str:
    """The language of a script that the identifier does not know, by the first letter of one."""
    for character in text:
        if character.isalpha():
            script = unicodedata.name(character, "LATIN").split()[0]
            if script != "LATIN":
                return _SCRIPTS.get(script, _UNLISTED)
    return UNDETERMINED
