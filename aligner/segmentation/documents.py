"""Documents of one language: split into sentences with exact spans."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from aligner.segmentation.paragraphs import paragraph_spans
from aligner.segmentation.sentences import sentence_spans
from aligner.types import Document, Segment


def split(text: str, lang: str) -> list[Segment]:
    """The sentences of a text, in order; a segment's block is the number of its paragraph.

    Spans are exact (`text[segment.start:segment.end] == segment.text`), ordered and apart; every character that is not white space lies in
    exactly one, and none begins or ends with white space. `lang` (ISO 639-1) labels the segments and settles what only that language does;
    French and English share their rules.
    """
    return list(segment_document(Document(text), lang).segments)


def segment_document(document: Document, lang: str) -> Document:
    """The document with its segments, all of language `lang`, as `split` makes them.

    Rows of a table are split each by itself (block: the row's number). A document whose segments came with it keeps them.
    """
    if document.segmented:
        return replace(document, segments=tuple(replace(segment, lang=lang) for segment in document.segments))
    text = document.text
    segments = (
        Segment(text[start:end], start, end, lang, block)
        for block, paragraph in block_spans(document)
        for start, end in sentence_spans(text, *paragraph, lang)
    )
    return replace(document, segments=tuple(segments))


def block_spans(document: Document) -> Iterator[tuple[int, tuple[int, int]]]:
    """The number and (start, end) of each paragraph; in a table, of each paragraph of each row, under the row's number."""
    if not document.rows:
        yield from enumerate(paragraph_spans(document.text))
    for number, row in enumerate(document.rows):
        for paragraph in paragraph_spans(document.text, *row):
            yield number, paragraph
