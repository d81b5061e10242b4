"""Adding a long alignment to a SQLite file in short transactions, between which reviewers decide.

What is to change is found out in a transaction that only reads. Units are stored before all else: one that occurs nowhere is seen
nowhere. So are the beads of an alignment that is new, as long as it supersedes itself; the last transaction shows them at once.
After a crash it stays hidden until it is added again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from typing import Any, TypeVar

from sqlalchemy import Connection, Row, delete, select, update

from aligner.corpus import adding
from aligner.corpus.adding import Added, beads_in, carry_out, planned, still_holds, write_beads
from aligner.corpus.beads import StoredBead
from aligner.corpus.found import Found
from aligner.corpus.tables import alignments, occurrences
from aligner.corpus.writing import hold_alignment, hold_units

PIECE = 200
"""Units or beads that are stored in one transaction: some 5 ms."""

Transaction = Callable[[], AbstractContextManager[Connection]]
Item = TypeVar("Item")


def add_in_pieces(reading: Transaction, writing: Transaction, new: Found) -> Added:
    """Store an alignment as `adding.add` does, all of it or nothing. `reading` and `writing` begin transactions."""
    with writing() as connection:
        row = _in_hand(connection, new)
    is_hidden = row.superseded_by == row.id
    with reading() as connection:
        plan = planned(connection, new, row, () if is_hidden else beads_in(connection, row.id))
    for units in _pieces(plan.units):
        with writing() as connection:
            hold_units(connection, units, plan.annotations)
    if is_hidden:
        _stage(writing, row, plan.come)
        plan = replace(plan, come=[])
    with writing() as connection:
        now = _row(connection, row.id)
        if now is not None and still_holds(connection, new, now, plan):
            carry_out(connection, new, now, plan)
            return plan.added
        # Somebody has changed what the plan was made of: the rest is done in this transaction, as long as it may take.
        return replace(adding.add(connection, new), units=plan.added.units, known=plan.added.known)


def _in_hand(connection: Connection, new: Found) -> Row[Any]:
    """The alignment's row; where nobody sees it, for it is new or an add left it unfinished, with a number that is ours."""
    row = hold_alignment(connection, new, hidden=True)
    if row.superseded_by != row.id:
        return row
    ours = update(alignments).where(alignments.c.id == row.id).values(numbering=row.numbering + 1)
    return connection.execute(ours.returning(alignments)).one()


def _stage(writing: Transaction, row: Row[Any], beads: Sequence[StoredBead]) -> None:
    """Store the beads of an alignment that nobody sees, until another process takes it in hand."""
    here = occurrences.c.alignment == row.id
    some = select(occurrences.c.position).where(here).limit(PIECE)
    left = True
    while left:  # by an add that did not come to its end
        with writing() as connection:
            if _row(connection, row.id) != row:
                return
            left = connection.execute(delete(occurrences).where(here, occurrences.c.position.in_(some))).rowcount > 0
    for piece in _pieces(beads):
        with writing() as connection:
            if _row(connection, row.id) != row:
                return
            write_beads(connection, row.id, piece)


def _row(connection: Connection, alignment: int) -> Row[Any] | None:
    return connection.execute(select(alignments).where(alignments.c.id == alignment)).one_or_none()


def _pieces(items: Sequence[Item]) -> Iterator[Sequence[Item]]:
    return (items[start : start + PIECE] for start in range(0, len(items), PIECE))
