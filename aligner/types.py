"""The words the whole package speaks: documents, segments, beads, alignments, translation units and decisions.

All are frozen: a step of the pipeline takes some and makes others. Offsets count code points of the
document's raw text, so `document.text[segment.start:segment.end] == segment.text` always holds.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import numpy as np
    import pandas
    from numpy.typing import NDArray

UNDETERMINED = "und"
"""ISO 639-2 code of a language that the text does not tell (digits, dates, names)."""

Progress = Callable[[str, int, int], None]
"""Called with the stage, how much of it is done and how much there is."""

# No-break spaces stay: French typography needs them before « : ; ! ? ».
_BREAKING_SPACE = re.compile(r"[ \t\r\n\f\v\u2028\u2029]+")


class Embed(Protocol):
    """What gives texts their vectors, an encoder with what it has encoded already."""

    def __call__(self, texts: Sequence[str], /) -> NDArray[np.float32]:
        """float32 (n_texts, dim), rows of unit length."""


@dataclass(frozen=True, slots=True)
class Segment:
    """A span of a document, usually a sentence."""

    text: str
    start: int
    end: int
    lang: str = UNDETERMINED
    block: int = 0
    """Number of the paragraph, line or table row that the segment stands in, counted from 0."""


@dataclass(frozen=True, slots=True)
class Document:
    """A text with a name; its segments are empty until it has been split."""

    text: str
    name: str = ""
    segments: tuple[Segment, ...] = ()
    segmented: bool = False
    """True where the segments came with the document, one a line or one a list item, and are taken as they are."""
    rows: tuple[tuple[int, int], ...] = ()
    """Spans that no segment may cross: the cells of a table's column, each the counterpart of the other column's."""

    def __repr__(self) -> str:
        """A line of a notebook: the text may be a book."""
        return f"<Document {self.name!r}, characters: {len(self.text):,}, segments: {len(self.segments):,}>"

    @classmethod
    def of_segments(cls, texts: list[str] | tuple[str, ...], name: str = "", lang: str = UNDETERMINED) -> Document:
        """A document whose segments are `texts`, taken as they are, one a line; empty ones keep their number."""
        segments, start = [], 0
        for number, text in enumerate(texts):
            segments.append(Segment(text, start, start + len(text), lang, number))
            start += len(text) + 1
        return cls("\n".join(texts), name, tuple(segments), segmented=True)


@dataclass(frozen=True, slots=True)
class Bead:
    """Which source segments correspond to which target segments (Brown et al. 1991), by number, 0-based.

    `probability` is the posterior of this very bead, 0..1; `cosine` of both sides' vectors is -1..1, None for nulls.
    """

    source: tuple[int, ...]
    target: tuple[int, ...]
    probability: float
    cosine: float | None = None

    @property
    def is_null(self) -> bool:
        """Whether one side is empty: a segment that has no counterpart."""
        return not (self.source and self.target)


@dataclass(frozen=True, slots=True)
class Provenance:
    """What made a result: enough to make it again."""

    version: str
    """Of the package."""
    encoder: str
    """The encoder's name."""
    revision: str
    """The encoder's: equal revisions give equal vectors."""
    weights: str
    """The identity of the model's weights: their name and a hash of their values."""


@dataclass(frozen=True, slots=True)
class TranslationUnit:
    """A bead with its text, its place and its scores, as in TMX."""

    source_lang: str
    target_lang: str
    source: str
    target: str
    probability: float | None = None
    """Of the bead, 0..1; None where nothing says."""
    cosine: float | None = None
    """Of both sides' vectors, -1..1; None where nothing says."""
    status: str = "unreviewed"
    """Or what a reviewer decided: accepted, rejected or flagged."""
    source_document: str = ""
    """The name of the document; empty where it has none."""
    target_document: str = ""
    source_spans: tuple[tuple[int, int], ...] = ()
    """(start, end) in the document, of each segment that the unit was made of."""
    target_spans: tuple[tuple[int, int], ...] = ()
    reviewer: str = ""
    """Whose decision the status is; empty where it is nobody's."""
    reviewed_at: str = ""
    """UTC, ISO 8601."""
    annotations: tuple[str, ...] = ()
    """Kinds of what the rules of annotation found, sorted."""

    @property
    def id(self) -> str:
        """32 hexadecimal digits that depend on the languages and the texts alone: the same unit everywhere."""
        parts = (self.source_lang, self.target_lang, self.source, self.target)
        return hashlib.sha256("\x00".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:32]


@dataclass(frozen=True, slots=True)
class Decision:
    """What a reviewer said of a unit, once; later decisions stand beside it, never over it."""

    unit: str
    """The unit's id."""
    status: str
    """As a unit has it."""
    reviewer: str
    at: str
    """UTC, ISO 8601."""
    reason: str = ""
    tool: str = ""
    """What it was made with: a notebook, a sheet, Python."""
    undone: bool = False
    """Whether the reviewer has taken it back since."""


@dataclass(frozen=True, eq=False)
class Alignment:
    """Beads over two documents, or over one page that holds both languages (then `source is target`).

    A document pair's beads cover every segment of both sides exactly once, in order; a page's are its links alone.
    """

    source: Document
    target: Document
    beads: tuple[Bead, ...]
    source_lang: str
    target_lang: str
    provenance: Provenance
    remarks: tuple[str, ...] = field(default=())
    """What a person should know of how it went, such as why a page gave no pair."""

    def __repr__(self) -> str:
        """A line of a notebook."""
        names = f"page {self.source.name!r}" if self.is_page else f"{self.source.name!r} and {self.target.name!r}"
        alone = "" if self.is_page else f", without counterpart: {len(self.beads) - len(self.links):,}"
        return f"<Alignment of {names}, links: {len(self.links):,}{alone}>"

    @property
    def is_page(self) -> bool:
        """Whether both sides are one document that holds both languages."""
        return self.source is self.target

    @cached_property
    def links(self) -> tuple[Bead, ...]:
        """The beads that are no nulls."""
        return tuple(bead for bead in self.beads if not bead.is_null)

    def unit(self, bead: Bead) -> TranslationUnit:
        """The translation unit of one linked bead."""
        return TranslationUnit(
            self.source_lang,
            self.target_lang,
            span_text(self.source, bead.source),
            span_text(self.target, bead.target),
            bead.probability,
            bead.cosine,
            source_document=self.source.name,
            target_document=self.target.name,
            source_spans=_spans(self.source, bead.source),
            target_spans=_spans(self.target, bead.target),
        )

    def units(self, min_probability: float = 0.0) -> Iterator[TranslationUnit]:
        """The units of the linked beads, in document order."""
        return (self.unit(bead) for bead in self.links if bead.probability >= min_probability)

    def to_frame(self) -> pandas.DataFrame:
        """A row a bead, nulls included: source, target, probability, cosine, source_segments, target_segments."""
        import pandas  # half a second that only a notebook wants to spend

        return pandas.DataFrame(
            {
                "source": [span_text(self.source, bead.source) for bead in self.beads],
                "target": [span_text(self.target, bead.target) for bead in self.beads],
                "probability": [bead.probability for bead in self.beads],
                "cosine": [bead.cosine for bead in self.beads],
                "source_segments": [bead.source for bead in self.beads],
                "target_segments": [bead.target for bead in self.beads],
            }
        )


def span_text(document: Document, segments: tuple[int, ...]) -> str:
    """The segments' texts joined by a space, line breaks inside them made spaces: what a translation unit holds."""
    return normalised(" ".join(document.segments[i].text for i in segments))


def normalised(text: str) -> str:
    """The text with every run of breaking white space made one space, and none at its ends."""
    if text.isprintable() and "  " not in text:  # most texts: no white space but spaces, one at a time
        return text.strip(" ")
    return _BREAKING_SPACE.sub(" ", text).strip(" ")


def _spans(document: Document, segments: tuple[int, ...]) -> tuple[tuple[int, int], ...]:
    return tuple((document.segments[i].start, document.segments[i].end) for i in segments)
