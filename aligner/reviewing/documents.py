"""The documents of a corpus as reviewers share them out: how far each is, and whose it is."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from sqlalchemy import func, select

from aligner.corpus import UNREVIEWED, Corpus, listing
from aligner.corpus.queries import current_occurrences, status, with_standing
from aligner.corpus.tables import alignments, occurrences
from aligner.errors import ReviewError
from aligner.reviewing.rows import document_name


@dataclass(frozen=True, slots=True)
class Listed:
    """A pair of documents, or a page."""

    alignment: int
    document: str
    beads: int
    decided: int
    reviewer: str
    """To whom it is assigned; empty for nobody."""


def documents(corpus: Corpus) -> list[Listed]:
    """Every document that is reviewed, in the order in which they were added."""
    query = with_standing(current_occurrences()).with_only_columns(
        occurrences.c.alignment, status.label("status"), func.count().label("beads")
    )
    beads, decided = Counter[int](), Counter[int]()
    with corpus.reading() as connection:
        listed = listing.alignments_listed(connection)
        for row in connection.execute(query.group_by(occurrences.c.alignment, status).order_by(None)):
            beads[row.alignment] += row.beads
            decided[row.alignment] += row.beads if row.status != UNREVIEWED else 0
    return [
        Listed(row.id, document_name(row.source_name, row.target_name), beads[row.id], decided[row.id], row.reviewer or "")
        for row in listed
    ]


def languages(corpus: Corpus) -> tuple[str, str] | None:
    """Those of source and target, where all documents are of one pair of languages; for spelling checkers and voices."""
    with corpus.reading() as connection:
        found = connection.execute(select(alignments.c.source_lang, alignments.c.target_lang).distinct().limit(2)).all()
    return (found[0].source_lang, found[0].target_lang) if len(found) == 1 else None


def alignment_of(corpus: Corpus, document: int | str) -> int:
    """The number of an alignment, given as such or by the name of one of its documents. Raises ReviewError where there is none."""
    with corpus.reading() as connection:
        listed = listing.alignments_listed(connection)
    for row in listed:
        if document in (row.id, row.source_name, row.target_name):
            return int(row.id)
    raise ReviewError(f"the corpus holds no document {document!r}: it holds {', '.join(row.source_name for row in listed[:10]) or 'none'}")
