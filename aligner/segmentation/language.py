"""Which language a segment is written in, on a page whose two languages are known or on any."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from functools import cache
from typing import Any

from aligner.segmentation.paragraphs import line_spans
from aligner.types import UNDETERMINED, Document

_MOST_CHARACTERS = 2_000
"""Code points of a text that are looked at: plenty for any identifier, and a bound on the work."""

_UNREADABLE = re.compile("[\x00\ud800-\udfff]")
"""NUL ends a C string and lone surrogates have no UTF-8: the identifier sees spaces instead; the text itself is left alone."""

_NO_LANGUAGE = re.compile(r"(?:https?://|www\.)\S+|\S+@\S+|[\d_]+")

_SCRIPTS = {"KHMER": "km", "MYANMAR": "my", "SINHALA": "si", "TIBETAN": "bo", "LAO": "lo", "THAI": "th", "HANGUL": "ko", "HIRAGANA": "ja", "CJK": "zh"}
"""Scripts, by the first word of their characters' Unicode names, that one language mainly writes and the identifier may not know."""
_UNLISTED = "mis"
"""ISO 639-2 code of a language without a code of its own: letters that no language here is written in."""

_FOREIGN_MARGIN = 0.1
_FOREIGN_WORDS = 3
_LEAST_SCORE = 0.4
_LEAST_MARGIN = 0.05
_CLEAR_MARGIN = 0.2


def identify(texts: Sequence[str], languages: tuple[str, ...] | None = None, *, clearly: bool = False) -> list[str]:
    """The ISO 639-1 code of each text's language; "und" where the text does not tell (digits, dates, many names).

    With `languages`, a text of a few words is one of these or "und", and only clear evidence makes it another language.
    `clearly` asks for more evidence, such as a cut in the middle of a sentence needs. Texts are judged each by itself, by their first
    2,000 code points.
    """
    margin = _CLEAR_MARGIN if clearly else _LEAST_MARGIN
    return [_language(text[:_MOST_CHARACTERS], languages, margin) for text in texts]


def _language(text: str, languages: tuple[str, ...] | None, least_margin: float) -> str:
    derived = _NO_LANGUAGE.sub(" ", _UNREADABLE.sub(" ", text))
    letters = sum(map(str.isalpha, derived))
    if letters < 2:
        return UNDETERMINED
    scores = _scores(derived)
    if not scores:
        return _language_of_script(derived)
    if languages is None:
        return max(scores, key=scores.__getitem__)
    inside = sorted(((scores.get(language, 0.0), language) for language in languages), reverse=True)
    best, language = inside[0]
    second = inside[1][0] if len(inside) > 1 else 0.0
    outside, other = max(((score, code) for code, score in scores.items() if code not in languages), default=(0.0, UNDETERMINED))
    words = len(derived.split())
    if outside - best > _FOREIGN_MARGIN and words >= _FOREIGN_WORDS:
        return other
    if best < _LEAST_SCORE or best - second < least_margin:
        return UNDETERMINED
    return language



def dominant_language(document: Document) -> str:
    """The language most of the document's letters are in, by lines; "und" where no line tells."""
    weights: Counter[str] = Counter()
    lines = [document.text[start:end] for start, end in line_spans(document.text)]
    for line, language in zip(lines, identify(lines), strict=True):
        if language != UNDETERMINED:
            weights[language] += min(len(line), _MOST_CHARACTERS)
    return weights.most_common(1)[0][0] if weights else UNDETERMINED


def _language_of_script(text: str) -> str:
    """The language of a script that the identifier does not know, by its first letter outside Latin, Greek and Cyrillic."""
    for character in text:
        if character.isalpha():
            script = unicodedata.name(character, "LATIN").split()[0]
            if script not in ("LATIN", "GREEK", "CYRILLIC"):
                return _SCRIPTS.get(script, _UNLISTED)
    return UNDETERMINED


def _scores(text: str) -> dict[str, float]:
    scores: dict[str, float] = _detector().detect_details(text).scores
    return scores


@cache
def _detector() -> Any:
    import eldc  # compiled; only needed once a text is looked at

    eldc.init()
    detector = eldc.instance()
    detector.set_scores(20)
    return detector
