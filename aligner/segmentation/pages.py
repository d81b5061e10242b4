"""Pages that hold two languages: every segment labelled, and blocks cut where the language changes inside them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from aligner.segmentation.documents import block_spans
from aligner.segmentation.language import identify
from aligner.segmentation.sentences import sentence_spans, stripped
from aligner.types import UNDETERMINED, Document, Segment

_Span = tuple[int, int]

_SEPARATOR = re.compile(r"(?<=\s)(?:[/|~–—-]|//|\|\|)(?=\s)|\t")
"""What stands between two languages on one line: forms (« Nom / Name »), laws (« Titre abrégé — Short title »), tables."""
_QUOTATION_EDGE = re.compile(r"\s(?=[«“„(])|(?<=[»”)])\s|(?<=:)\s|\s(?=\"\S)|(?<=\S\")\s")
"""Where a quotation, an explanation in brackets or what a colon announces begins or ends."""

_QUOTATION_WORDS = 3
"""A foreign quotation shorter than this is a name or a term and stays in its sentence; so does a quotation with a shorter frame."""


def segment_page(document: Document, languages: tuple[str, str]) -> Document:
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
    labels = identify([text[start:end] for _, (start, end) in found], languages)
    labels = _resolved(labels, [block for block, _ in found], languages)
    return replace(
        document,
        segments=tuple(
            Segment(text[start:end], start, end, label, block) for (block, (start, end)), label in zip(found, labels, strict=True)
        ),
    )


def _pieces(text: str, paragraph: _Span, languages: tuple[str, str]) -> Iterator[_Span]:
    """The paragraph's sentences, cut further where the language changes inside them."""
    for half in _runs(text, list(_between(_SEPARATOR, text, paragraph)), languages):
        for sentence in sentence_spans(text, *half, UNDETERMINED):
            yield from _runs(text, list(_between(_QUOTATION_EDGE, text, sentence)), languages, least_words=_QUOTATION_WORDS)


def _between(edge: re.Pattern[str], text: str, span: _Span) -> Iterator[_Span]:
    """What stands between the matches of `edge` in the span."""
    start = span[0]
    for found in edge.finditer(text, *span):
        if piece := stripped(text, start, found.start()):
            yield piece
        start = found.end()
    if piece := stripped(text, start, span[1]):
        yield piece


def _runs(text: str, pieces: Sequence[_Span], languages: tuple[str, str], *, least_words: int = 1) -> Iterator[_Span]:
    """The pieces joined as far as none is clearly in the other language than the ones before it; unclear pieces go with these."""
    if len(pieces) < 2:
        yield from pieces
        return
    texts = [text[start:end] for start, end in pieces]
    start, end = pieces[0]
    current = UNDETERMINED
    for piece, content, label in zip(pieces, texts, identify(texts, languages, clearly=True), strict=True):
        clear = label in languages and len(content.split()) >= least_words
        if clear and current not in (UNDETERMINED, label):
            yield start, end
            start = piece[0]
        if clear:
            current = label
        end = piece[1]
    yield start, end


def _resolved(labels: Sequence[str], blocks: Sequence[int], languages: tuple[str, str]) -> list[str]:
    """The labels with "und" replaced where the nearest known neighbours of the same block agree, else those of any block."""
    known = [label if label in languages else None for label in labels]
    places = list(zip(known, blocks, strict=True))
    for same_block in (True, False):
        before = _carried(places, same_block)
        after = _carried(places[::-1], same_block)[::-1]
        places = [
            (label or _agreed(left, right), block) if old == UNDETERMINED else (label, block)
            for (label, block), left, right, old in zip(places, before, after, labels, strict=True)
        ]
    return [label or old for (label, _), old in zip(places, labels, strict=True)]


def _carried(places: Sequence[tuple[str | None, int]], same_block: bool) -> list[str | None]:
    """For each place, the nearest label before it (in its block alone, if so asked)."""
    carried: list[str | None] = []
    nearest: tuple[str | None, int] = (None, -1)
    for label, block in places:
        carried.append(nearest[0] if not same_block or nearest[1] == block else None)
        if label:
            nearest = (label, block)
    return carried


def _agreed(left: str | None, right: str | None) -> str | None:
    return (left or right) if left is None or right is None or left == right else None
