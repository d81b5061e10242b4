"""Pages that hold two languages: every segment labelled, and blocks cut where the language changes inside them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

from aligner.languages import identify, leanings
from aligner.segmentation.documents import block_spans
from aligner.segmentation.sentences import sentence_spans, stripped
from aligner.types import UNDETERMINED, Document, Segment

_Span = tuple[int, int]
_Languages = tuple[str, str]

_SEPARATOR = re.compile(r"(?<=\s)(?:/{1,2}|\|{1,2}|~)(?=\s)|\t")
"""What stands between two languages on one line: forms (« Nom / Name »), menus, tables."""
_DASH = re.compile(r"(?<=\s)(?:[–—-]|--)(?=\s)")
"""Also between two languages (« Titre abrégé — Short title »), but more often between parts of one sentence or the ends of a journey."""
_MARK = re.compile(f"{_SEPARATOR.pattern}|{_DASH.pattern}")
_QUOTATION_EDGE = re.compile(r"\s(?=[«“„])|(?<=[»”:])\s|(?<=[»”\"],)\s|\s(?=\"\S)|(?<=\S\")\s")
"""Where a quotation, or what a colon announces, begins or ends. Brackets hold glosses and full names, which stay in their sentence."""
_QUOTATION_MARKS = frozenset('«»“”„"')

_LEAST_CHANGE = 0.4
"""By how much the leanings of both sides of a cut must differ; each must lean by `_LEAST_LEANING` to its own language."""
_LEAST_LEANING = 0.05
_LAST_RESORT = 0.1
"""Leaning that labels a short segment when its neighbours disagree."""
_FRAME_WORDS, _QUOTATION_WORDS = 2, 5
"""Words that must stand around a foreign quotation and in it, to cut it out; a shorter one is a name, title or term of its sentence."""
_LEAST_DIVIDED = 2
"""Lines on which marks must divide the languages to be taken to do so on others."""


def segment_page(document: Document, languages: _Languages) -> Document:
    """The page with its segments, each labelled with one of `languages` (ISO 639-1), another language's code, or "und".

    A sentence, quotation or half-line that is clearly in the other language becomes a segment of its own; a separator between two
    languages ("/", "|", "~", "—") belongs to neither. Segments of digits, dates or names take the language of their neighbours in the
    block, else of the neighbouring blocks, where these agree. A segment's block is the number of its paragraph; on a page that came
    segmented it is the segment's own, and such a segment is cut only where the language changes.
    """
    text = document.text
    found: list[tuple[int, _Span]] = []
    if document.segmented:
        for line in document.segments:
            pieces = list(_pieces(text, (line.start, line.end), languages))
            found.extend((line.block, span) for span in _runs(text, pieces, languages))
    else:
        for block, paragraph in block_spans(document):
            found.extend((block, span) for span in _pieces(text, paragraph, languages))
    labels = _labels([text[start:end] for _, (start, end) in found], [block for block, _ in found], languages)
    segments = [Segment(text[start:end], start, end, label, block) for (block, (start, end)), label in zip(found, labels, strict=True)]
    return replace(document, segments=tuple(_divided(text, segments, languages)))


def _divided(text: str, segments: Sequence[Segment], languages: _Languages) -> Iterator[Segment]:
    """The segments; where marks divide the languages on some lines of the page, also those cut of which one half alone tells its language.

    The other half is then in the other language (« Entrée en vigueur ~ Commencement »).
    """
    divided = sum(
        one.block == other.block and {one.lang, other.lang} == set(languages) and bool(_MARK.search(text, one.end, other.start))
        for one, other in pairwise(segments)
    )
    for segment in segments:
        yield from (_halves(text, segment, languages) if divided >= _LEAST_DIVIDED else ()) or (segment,)


def _halves(text: str, segment: Segment, languages: _Languages) -> Sequence[Segment]:
    """The parts of a segment before and after its only mark; none where not exactly one tells its language."""
    marks = list(_MARK.finditer(text, segment.start, segment.end))
    spans = [stripped(text, segment.start, marks[0].start()), stripped(text, marks[0].end(), segment.end)] if len(marks) == 1 else []
    halves = [replace(segment, text=text[slice(*span)], start=span[0], end=span[1]) for span in spans if span]
    told = identify([half.text for half in halves], languages)
    if len(halves) < 2 or told.count(UNDETERMINED) != 1 or not set(told) & set(languages):
        return ()
    opposite = dict(zip(languages, languages[::-1], strict=True))
    first, second = told
    return [
        replace(half, lang=label) for half, label in zip(halves, (opposite.get(second, first), opposite.get(first, second)), strict=True)
    ]


def _pieces(text: str, paragraph: _Span, languages: _Languages) -> Iterator[_Span]:
    """The paragraph's sentences, cut further where the language changes inside them."""
    for part in _cut(text, paragraph, _SEPARATOR, languages):
        for half in _cut(text, part, _DASH, languages, counts=_is_phrase):
            for sentence in sentence_spans(text, *half, UNDETERMINED):
                yield from _cut(text, sentence, _QUOTATION_EDGE, languages, counts=_is_quotable)


def _cut(text: str, span: _Span, edge: re.Pattern[str], languages: _Languages, *, counts: Callable[[str], bool] = bool) -> Sequence[_Span]:
    """The span cut at those matches of `edge` where the language changes."""
    start, end = span
    pieces = []
    for found in edge.finditer(text, start, end):
        if piece := stripped(text, start, found.start()):
            pieces.append(piece)
        start = found.end()
    if not pieces:  # most spans have no edge inside, and a page may have half a million of them
        return (span,)
    if piece := stripped(text, start, end):
        pieces.append(piece)
    runs = _runs(text, pieces, languages, counts=counts)
    return runs if len(runs) > 1 else (span,)


def _runs(text: str, pieces: Sequence[_Span], languages: _Languages, *, counts: Callable[[str], bool] = bool) -> Sequence[_Span]:
    """The pieces joined as far as none is clearly in the other language than the ones before it.

    A piece that leans to neither language, or does not count, goes with the ones before it.
    """
    if len(pieces) < 2:
        return pieces
    runs: list[_Span] = []
    current = 0.0
    for piece, measured in zip(pieces, leanings([text[start:end] for start, end in pieces], languages), strict=True):
        leaning = measured if abs(measured) >= _LEAST_LEANING and counts(text[slice(*piece)]) else 0.0
        if not runs or (current * leaning < 0 and abs(current - leaning) >= _LEAST_CHANGE):
            runs.append(piece)
        else:
            runs[-1] = (runs[-1][0], piece[1])
        current = leaning or current
    # Whole, the runs must differ as clearly as their parts did.
    if len(runs) > 1 and set(identify([text[start:end] for start, end in runs], languages)) == set(languages):
        return runs
    return ((pieces[0][0], pieces[-1][1]),)


def _is_phrase(part: str) -> bool:
    return len(part.split()) > 1


def _is_quotable(part: str) -> bool:
    """Whether a part of a sentence can be cut out of it: a frame (« a déclaré le ministre ») or a quotation of some length."""
    words = part.split()
    if part[0] in _QUOTATION_MARKS or part[-1] in _QUOTATION_MARKS or part[-2:-1] in _QUOTATION_MARKS:
        return len(words) >= _QUOTATION_WORDS and sum(word[0].islower() for word in words) > 1
    return len(words) >= _FRAME_WORDS


def _labels(texts: Sequence[str], blocks: Sequence[int], languages: _Languages) -> list[str]:
    """The language of each segment by its text, else by its neighbours in the block, by those of other blocks, by the little it leans."""
    labels = identify(texts, languages)
    for scope in (blocks, [0] * len(blocks)):
        labels = _by_neighbours(labels, scope, languages)
    undetermined = [number for number, label in enumerate(labels) if label == UNDETERMINED]
    for number, leaning in zip(undetermined, leanings([texts[number] for number in undetermined], languages), strict=True):
        if abs(leaning) >= _LAST_RESORT:
            labels[number] = languages[0] if leaning > 0 else languages[1]
    return labels


def _by_neighbours(labels: Sequence[str], scope: Sequence[int], languages: _Languages) -> list[str]:
    """The labels with "und" replaced where the nearest segments of the two languages before and after it, in its scope, agree."""
    before = _carried(labels, scope, languages)
    after = _carried(labels[::-1], scope[::-1], languages)[::-1]
    resolved = []
    for label, left, right in zip(labels, before, after, strict=True):
        known = {left, right} - {UNDETERMINED}
        resolved.append(known.pop() if label == UNDETERMINED and len(known) == 1 else label)
    return resolved


def _carried(labels: Sequence[str], scope: Sequence[int], languages: _Languages) -> list[str]:
    """For each segment the nearest of the two languages before it in its scope, else "und"."""
    carried = []
    nearest, place = UNDETERMINED, -1
    for label, here in zip(labels, scope, strict=True):
        carried.append(nearest if place == here else UNDETERMINED)
        if label in languages:
            nearest, place = label, here
    return carried
