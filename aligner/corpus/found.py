"""What the aligner found, as the rows that the corpus holds of it: plain tuples, cheap to hand over from one process to another.

All that can be said without the corpus is said here, so that the process that writes has nothing to do but to write.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from aligner.annotations import annotations_of
from aligner.corpus.beads import StoredBead, TextPair
from aligner.corpus.tables import as_tuples, encoded
from aligner.errors import CorpusError
from aligner.repeats.sketches import Packed, Sketch
from aligner.types import Alignment, Document, Provenance, TranslationUnit

Marks = Mapping[str, Mapping[str, str]]
"""What the rules of annotation found: reasons by kind, for units by id."""
DocumentRow = tuple[str, str, str, str]
"""SHA-256 of the text, language, name and text."""
UnitRow = tuple[str, str, str, str, str]
"""Id, both languages and both texts."""
BeadRow = tuple[str, float, float | None, str, str, str, str]
"""Unit, probability and cosine; segments and spans of source and target as JSON."""

MULTIPLE_LANGUAGES = "mul"
"""ISO 639-2 code of a page that holds both languages."""


@dataclass(frozen=True, slots=True)
class Found:
    """An alignment without its less probable links, and what the rules of annotation say of its units."""

    documents: tuple[DocumentRow, DocumentRow]
    """Source and target; a page twice."""
    languages: tuple[str, str]
    provenance: Provenance
    rows: tuple[BeadRow, ...]
    """In the order of the beads."""
    units: tuple[UnitRow, ...]
    """Of the beads, each once."""
    linked: tuple[str, ...]
    """The ids of those that have both sides."""
    places: int
    """At how many places they stand."""
    annotations: Marks
    """They take as long as it takes to store them, so they are found before any transaction begins."""
    segments: int
    """Of both documents, in no bead or in one."""
    sketch: Packed
    """Of the beads, by which they are compared with others."""

    @property
    def beads(self) -> list[StoredBead]:
        """The beads as the corpus gives them back, but for their positions."""
        beads = []
        for unit, probability, cosine, *encoded_numbers in self.rows:
            source, target, source_spans, target_spans = (as_tuples(json.loads(numbers)) for numbers in encoded_numbers)
            beads.append(StoredBead(unit, source, target, source_spans, target_spans, probability, cosine))
        return beads

    @property
    def names(self) -> tuple[str, str]:
        """Of the documents; empty for a text without name."""
        return self.documents[0][2], self.documents[1][2]

    @property
    def texts(self) -> TextPair:
        """The texts of the documents."""
        source, target = (text for *_, text in self.documents)
        return TextPair(source, target, *self.languages, *self.names)

    @property
    def probabilities(self) -> list[float]:
        """Of the links."""
        return [probability for _, probability, _, source, target, *_ in self.rows if source != "[]" and target != "[]"]


def found(alignment: Alignment, min_probability: float) -> Found:
    """The beads of an alignment, without links below `min_probability`, and all that can be said of them without the corpus.

    Raises CorpusError for a text that no corpus can hold.
    """
    wanted = [bead for bead in alignment.beads if bead.is_null or bead.probability >= min_probability]
    units = [alignment.unit(bead) for bead in wanted]
    ids = [unit.id for unit in units]
    rows = tuple(
        (
            id_,
            float(bead.probability),
            None if bead.cosine is None else float(bead.cosine),
            encoded(bead.source),
            encoded(bead.target),
            encoded(unit.source_spans),
            encoded(unit.target_spans),
        )
        for id_, bead, unit in zip(ids, wanted, units, strict=True)
    )
    linked = [(id_, unit) for id_, bead, unit in zip(ids, wanted, units, strict=True) if not bead.is_null]
    languages = alignment.source_lang, alignment.target_lang
    sides = {id(side): side for side in (alignment.source, alignment.target)}  # a page's are one document
    return Found(
        documents_of(alignment),
        languages,
        alignment.provenance,
        rows,
        tuple(unit_rows(units)),
        tuple(dict.fromkeys(id_ for id_, _ in linked)),
        len({(id_, unit.source_spans, unit.target_spans) for id_, unit in linked}),
        annotations_of(units),
        sum(len(side.segments) for side in sides.values()),
        Sketch.of([(unit.source, unit.target) for unit in units], languages).packed,
    )


def documents_of(alignment: Alignment) -> tuple[DocumentRow, DocumentRow]:
    """The rows of an alignment's documents. Raises CorpusError for a text with half a character."""
    if alignment.is_page:
        page = _document(alignment.source, MULTIPLE_LANGUAGES)
        return page, page
    return _document(alignment.source, alignment.source_lang), _document(alignment.target, alignment.target_lang)


def unit_rows(units: Iterable[TranslationUnit]) -> list[UnitRow]:
    """The rows of units, each once, in the order of their ids: one order everywhere, so that two writers never wait for each other."""
    rows = {(unit.id, unit.source_lang, unit.target_lang, unit.source, unit.target) for unit in units}
    return sorted(rows)


def printable(name: str) -> str:
    """The name with what no database holds written out: file names of old systems carry bytes that are no UTF-8."""
    return name.encode("utf-8", "backslashreplace").decode("utf-8")


def _document(document: Document, lang: str) -> DocumentRow:
    name = printable(document.name)
    try:  # before a database's driver sees the text: some lose their connection over it
        text = document.text.encode("utf-8")
    except UnicodeEncodeError as error:
        half = error.object[error.start]
        raise CorpusError(f"{name or 'a text'} has the lone surrogate {half!r}, which no corpus can hold: replace it first") from None
    return hashlib.sha256(text).hexdigest(), lang, name, document.text
