"""Pages that were aligned alone give way to the pair that they are found to be parts of."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, exists, select, update

from aligner.corpus.adding import note_realigned
from aligner.corpus.queries import is_link
from aligner.corpus.tables import alignments, ledger, occurrences


def withdraw_pages(connection: Connection, digests: Sequence[str], pair: int) -> None:
    """Let the alignment of a pair take the place of those of its pages, whose bytes have these digests, as it does of an earlier version.

    A page in one language is all segments without counterpart: their units, and what was decided on them, are those of the pair's own.
    One in which a reviewer has linked something stays beside the pair.
    """
    if not digests:
        return
    entered = select(ledger.c.alignment).where(ledger.c.digest.in_(digests), ledger.c.alignment.is_not(None), ledger.c.alignment != pair)
    current = select(alignments.c.id).where(alignments.c.id.in_(entered), alignments.c.superseded_by.is_(None)).order_by(alignments.c.id)
    pages = connection.scalars(current.with_for_update()).all()  # on PostgreSQL, a reviewer who links something just now is waited for
    linked = exists().where(occurrences.c.alignment == alignments.c.id, is_link)
    gone = connection.execute(update(alignments).where(alignments.c.id.in_(pages), ~linked).values(superseded_by=pair))
    if gone.rowcount:
        note_realigned(connection)
