"""Beads as the corpus holds them: pieces of two texts, the unit that they make, and where they stand."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields
from typing import Any

from aligner.corpus.tables import encoded
from aligner.types import TranslationUnit, normalised

Span = tuple[int, int]
Spans = tuple[Span, ...]
Piece = tuple[int, Span]
"""Number of the segment, and what the bead holds of it: all but where a reviewer cut it."""
SIDES = ("source", "target")


@dataclass(frozen=True, slots=True)
class StoredBead:
    """A row of `occurrences`, without the alignment that it belongs to."""

    unit: str
    source_segments: tuple[int, ...]
    """Numbers in the document; a segment that a reviewer cut has its number in each of its pieces."""
    target_segments: tuple[int, ...]
    source_spans: Spans
    target_spans: Spans
    probability: float | None = None
    """0..1; None until what a reviewer made has been scored."""
    cosine: float | None = None
    action: int | None = None
    """By which a reviewer made it."""
    was: str | None = None
    """The decided unit that stood here before the texts were aligned otherwise."""
    position: float = 0.0

    @property
    def is_null(self) -> bool:
        """Whether one side is empty."""
        return not (self.source_spans and self.target_spans)

    @property
    def content(self) -> tuple[str, Spans, Spans]:
        """What makes two beads the same, wherever they stand and whatever their scores."""
        return self.unit, self.source_spans, self.target_spans

    def pieces(self, side: str) -> tuple[Piece, ...]:
        """What it holds of one side."""
        numbers, spans = (self.source_segments, self.source_spans) if side == "source" else (self.target_segments, self.target_spans)
        return tuple(zip(numbers, spans, strict=True))

    @classmethod
    def made_of(cls, source: Iterable[Piece], target: Iterable[Piece], unit: str = "") -> StoredBead:
        """A new bead of these pieces."""
        sides = list(source), list(target)
        numbers = [tuple(number for number, _ in pieces) for pieces in sides]
        spans = [tuple(span for _, span in pieces) for pieces in sides]
        return cls(unit, numbers[0], numbers[1], spans[0], spans[1])

    @classmethod
    def of(cls, row: Any) -> StoredBead:
        """From a row that has these columns, or a mapping."""
        values = row if isinstance(row, dict) else row._mapping
        return cls(**{name: values[name] for name in COLUMNS})

    def values(self) -> dict[str, Any]:
        """The columns."""
        return {name: getattr(self, name) for name in COLUMNS}  # `asdict` would copy every span

    @property
    def row(self) -> tuple[Any, ...]:
        """The columns as they are stored."""
        return tuple(encoded(value) if isinstance(value, tuple) else value for value in self.values().values())


COLUMNS = tuple(field.name for field in fields(StoredBead))
"""Of `occurrences`, all but the alignment."""


@dataclass(frozen=True, slots=True)
class TextPair:
    """The texts of two documents, or of one page twice, out of which units are made."""

    source: str
    target: str
    source_lang: str
    target_lang: str
    source_document: str = ""
    target_document: str = ""

    def unit(self, source_spans: Spans, target_spans: Spans) -> TranslationUnit:
        """The unit that these pieces make."""
        return self.worded(text_of(self.source, source_spans), text_of(self.target, target_spans), (source_spans, target_spans))

    def worded(self, source: str, target: str, spans: tuple[Spans, Spans]) -> TranslationUnit:
        """The unit with these texts at this place."""
        return TranslationUnit(
            self.source_lang,
            self.target_lang,
            source,
            target,
            source_document=self.source_document,
            target_document=self.target_document,
            source_spans=spans[0],
            target_spans=spans[1],
        )


def text_of(document: str, spans: Iterable[Span]) -> str:
    """What a unit says where it has these pieces of a document: as `aligner.types.span_text`, of spans."""
    return normalised(" ".join(document[start:end] for start, end in spans))


def parts_of(document: str, spans: Iterable[Span]) -> tuple[Span, ...]:
    """Where each piece's words stand in `text_of(document, spans)`; a blank piece stands nowhere, and has an empty range."""
    parts, end = [], 0
    for start, stop in spans:
        length = len(normalised(document[start:stop]))
        begin = end + 1 if end and length else end
        end = begin + length
        parts.append((begin, end))
    return tuple(parts)
