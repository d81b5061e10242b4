"""Paragraphs of a plain text: a line each, or lines joined where the text was wrapped to a width.

Whether a text is wrapped is decided once a document, from its lines: in a wrapped text they run over in the middle of a sentence, and
the first word of the next line would not have fitted (Project Gutenberg, e-mail, RFCs). Headlines and list items fail that test.
"""

from __future__ import annotations

import re
from itertools import pairwise
from typing import NamedTuple

_LIST_ITEM = re.compile(r"\s*(?:[•·▪◦‣●*+–—-]\s|\(?(?:\d{1,3}|[a-zA-Z]|[ivxlc]{1,5})[.)]\s|[«“\"]?\s*[–—]\s)")
_SENTENCE_END = frozenset(".!?…:;。！？؟»”\"’')")

_WIDTHS = range(40, 121)
"""Code points; text is wrapped to 60–80 columns, and never to more than 120."""
_SLACK = 6
"""Columns that a wrapped line may leave free although the next word would have fitted: not every program fills greedily."""
_LEAST_CONTINUATIONS = 2
_LEAST_SHARE = 0.4
"""Of pairs of neighbouring lines, how many must run on in a wrapped text; about .8 do in prose, .5 in dialogue."""
_LEAST_FULL = 0.75
"""Of the lines that run on, how many must be full."""


class _Line(NamedTuple):
    start: int
    end: int


def line_spans(text: str, start: int = 0, end: int | None = None) -> list[tuple[int, int]]:
    """The (start, end) of every line, empty ones included, without its line break, one of those that `str.splitlines` knows."""
    piece = text[start:end]
    spans = []
    bare, whole = "", ""
    for bare, whole in zip(piece.splitlines(), piece.splitlines(keepends=True), strict=True):
        spans.append((start, start + len(bare)))
        start += len(whole)
    if len(bare) < len(whole) or not piece:
        spans.append((start, start))  # what follows the last break
    return spans


def paragraph_spans(text: str, start: int = 0, end: int | None = None) -> list[tuple[int, int]]:
    """The (start, end) of each paragraph of `text[start:end]`, without white space at its ends, in code points and in order."""
    lines = [_trimmed(text, *span) for span in line_spans(text, start, end)]
    width = _wrap_width(text, lines)
    paragraphs: list[tuple[int, int]] = []
    previous: _Line | None = None
    for line in lines:
        if line.start == line.end:
            previous = None
            continue
        if previous and width and _runs_on(text, previous, line, width):
            paragraphs[-1] = (paragraphs[-1][0], line.end)
        else:
            paragraphs.append((line.start, line.end))
        previous = line
    return paragraphs


def _trimmed(text: str, start: int, end: int) -> _Line:
    line = text[start:end]
    bare = line.strip()
    if len(bare) < len(line):
        start += len(line) - len(line.lstrip())
    return _Line(start, start + len(bare))


def _wrap_width(text: str, lines: list[_Line]) -> int | None:
    """The width the text was wrapped to, in code points; None where a line is a paragraph."""
    lengths = sorted(line.end - line.start for line in lines if line.end > line.start)
    if not lengths:
        return None
    width = lengths[min(len(lengths) - 1, int(0.98 * len(lengths)))]  # a long URL in a wrapped text sticks out
    if width not in _WIDTHS:
        return None
    pairs = [(a, b) for a, b in pairwise(lines) if a.end > a.start and b.end > b.start]
    continued = [(a, b) for a, b in pairs if _continues(text, a, b)]
    full = sum(_is_full(text, a, b, width) for a, b in continued)
    if len(continued) < max(_LEAST_CONTINUATIONS, _LEAST_SHARE * len(pairs)) or full < _LEAST_FULL * len(continued):
        return None
    return width


def _runs_on(text: str, line: _Line, following: _Line, width: int) -> bool:
    full = _is_full(text, line, following, width)
    if _LIST_ITEM.match(text, following.start, following.end):
        # Behind a full line without a stop, "– it was late –" or "12)." is a part of the sentence that happened to be wrapped there.
        return full and text[line.end - 1] not in _SENTENCE_END
    return full or _continues(text, line, following)


def _continues(text: str, line: _Line, following: _Line) -> bool:
    """Whether the sentence visibly goes on: no stop at the line's end, and no capital, digit or bullet at the start of the next."""
    first = text[following.start]
    return (
        text[line.end - 1] not in _SENTENCE_END
        and first.isalpha()
        and not (first.isupper() or first.istitle())
        and not _LIST_ITEM.match(text, following.start, following.end)
    )


def _is_full(text: str, line: _Line, following: _Line, width: int) -> bool:
    """Whether the next line's first word would not have fitted on this one; words hold together across no-break spaces."""
    word = text.find(" ", following.start, following.start + width)
    end = min(word if word >= 0 else following.start + width, following.end)
    return (line.end - line.start) + 1 + (end - following.start) > width - _SLACK
