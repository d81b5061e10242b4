"""What reviewers decided, by document: beads that are right, beads that are not, and the segments that they are made of."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, select

from aligner.corpus.beads import Span, Spans
from aligner.corpus.queries import beads_of
from aligner.corpus.tables import ACCEPTED, REJECTED, alignments, decisions, documents, standings
from aligner.types import Bead, normalised

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ReviewedDocument:
    """Two segmented documents of which some beads are decided; what is in neither list is undecided."""

    name: str
    source: tuple[str, ...]
    """Texts of the segments."""
    target: tuple[str, ...]
    accepted: tuple[Bead, ...]
    """Nulls too; no two share a segment."""
    rejected: tuple[Bead, ...]


def reviewed_documents(connection: Connection, languages: tuple[str, str]) -> Iterator[ReviewedDocument]:
    """The pairs of documents in these languages in which a link is accepted or rejected; pages that hold both are left out.

    A pair that was stored without its less probable links is left out too, with a warning: its segments are not all known.
    """
    source_documents, target_documents = documents.alias(), documents.alias()
    query = (
        select(alignments.c.id, source_documents.c.name, source_documents.c.text.label("source"), target_documents.c.text.label("target"))
        .join_from(alignments, source_documents, source_documents.c.id == alignments.c.source_document)
        .join(target_documents, target_documents.c.id == alignments.c.target_document)
        .where(alignments.c.source_document != alignments.c.target_document, alignments.c.superseded_by.is_(None))
        .where(alignments.c.source_lang == languages[0], alignments.c.target_lang == languages[1])
        .order_by(alignments.c.id)
    )
    for alignment in connection.execute(query).all():
        rows = connection.execute(beads_of(alignment.id)).all()
        decided = _decided(connection, alignment.id)
        if not decided:
            continue
        sides = [_segments(rows, side) for side in ("source", "target")]
        if any(segments != set(range(len(segments))) for segments in _numbers(rows)):
            _log.warning(
                "%s: not learnt from, for it was added without its less probable links; add it again with all",
                alignment.name or "a document",
            )
            continue
        accepted, rejected = _beads(decided, sides)
        if not accepted and not rejected:
            continue
        texts = (_texts(alignment.source, sides[0]), _texts(alignment.target, sides[1]))
        yield ReviewedDocument(alignment.name, *texts, accepted, rejected)


def _decided(connection: Connection, alignment_id: int) -> list[tuple[str, Spans, Spans]]:
    """Status and spans of what was decided of the two documents, the latest decision first.

    A decision counts at every occurrence of its unit, and where the reviewer saw it, though the unit may be gone from there.
    """
    current = (
        select(decisions)
        .join(standings, standings.c.decision == decisions.c.id)
        .where(decisions.c.status.in_((ACCEPTED, REJECTED)))
        .subquery()
    )
    here = beads_of(alignment_id).subquery()
    occurring = select(current.c.id, current.c.status, here.c.source_spans, here.c.target_spans).join(here, here.c.unit == current.c.unit)
    pair = select(alignments.c.source_document, alignments.c.target_document).where(alignments.c.id == alignment_id).subquery()
    seen = (
        select(current.c.id, current.c.status, current.c.source_spans, current.c.target_spans)
        .join(pair, pair.c.source_document == current.c.source_document)
        .where(pair.c.target_document == current.c.target_document)
    )
    found = [*connection.execute(occurring).all(), *connection.execute(seen).all()]
    return [(row.status, row.source_spans, row.target_spans) for row in sorted(found, key=lambda row: -row.id)]


def _numbers(rows: Sequence[Row[Any]]) -> tuple[set[int], set[int]]:
    """The segments of both sides that some bead holds, as the aligner numbered them."""
    source, target = ({number for row in rows for number in getattr(row, f"{side}_segments")} for side in ("source", "target"))
    return source, target


def _segments(rows: Sequence[Row[Any]], side: str) -> dict[Span, int]:
    """Span → number of the segments of one side, in the order of the text: the aligner's, but for those that reviewers cut."""
    pairs = ((getattr(row, f"{side}_spans"), getattr(row, f"{side}_segments")) for row in rows)
    found = {(number, span) for spans, numbers in pairs for span, number in zip(spans, numbers, strict=True)}
    return {span: place for place, (_, span) in enumerate(sorted(found))}


def _texts(text: str, numbers: dict[Span, int]) -> tuple[str, ...]:
    """The segments' texts as the model reads them, by number."""
    return tuple(normalised(text[start:end]) for start, end in sorted(numbers, key=lambda span: numbers[span]))


def _beads(decided: Sequence[tuple[str, Spans, Spans]], sides: Sequence[dict[Span, int]]) -> tuple[tuple[Bead, ...], tuple[Bead, ...]]:
    """The accepted and the rejected; of accepted ones that share a segment, the one that was decided last."""
    found: dict[str, list[Bead]] = {ACCEPTED: [], REJECTED: []}
    taken: tuple[set[int], set[int]] = (set(), set())
    for status, *spans in decided:
        if not all(span in numbers for side, numbers in zip(spans, sides, strict=True) for span in side):
            continue  # of another segmentation
        source, target = (tuple(sorted(numbers[span] for span in side)) for side, numbers in zip(spans, sides, strict=True))
        bead = Bead(source, target, 1.0)
        if bead in found[status] or (bead.is_null and (status == REJECTED or len(source) + len(target) != 1)):
            continue
        if status == ACCEPTED:
            if taken[0] & set(source) or taken[1] & set(target):
                continue
            taken[0].update(source)
            taken[1].update(target)
        found[status].append(bead)
    order = {status: tuple(sorted(beads, key=lambda bead: (bead.source, bead.target))) for status, beads in found.items()}
    return order[ACCEPTED], order[REJECTED]
