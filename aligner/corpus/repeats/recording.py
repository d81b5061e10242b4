"""What was found of alignments, as the corpus keeps it, in the place of what was found before."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Connection, Table, bindparam, delete, select, update

from aligner.corpus.inserting import Known, execute_many, insert_many
from aligner.corpus.queries import parts
from aligner.corpus.repeats.comparing import Finding
from aligner.corpus.repeats.holding import Enrolled
from aligner.corpus.repeats.keeping import drop_sketches
from aligner.corpus.repeats.tables import bands, boilerplate, copies, examined, recurring, said_again
from aligner.repeats.sketches import unpacked

PENDING, EXAMINED, SETTLED, GONE = range(4)
"""Stages of an alignment: to be compared with others; its site is to be settled; all is done; to be forgotten."""


def record(connection: Connection, findings: Sequence[Finding]) -> None:
    """Store what was found, but for the traces."""
    before = [finding for finding in findings if finding.of.signature is not None]
    leave_bands(connection, [finding.of for finding in before])
    changed = [finding.of.alignment for finding in before if finding.of.signature != finding.signature or finding.copied is not None]
    examine_copies_of(connection, changed)
    numbers = [finding.of.alignment for finding in findings]
    for part in parts(numbers):
        connection.execute(delete(said_again).where(said_again.c.alignment.in_(part)))
        connection.execute(delete(copies).where(copies.c.alignment.in_(part)))
    here = update(examined).where(examined.c.alignment == bindparam("of"))
    found = here.values(stage=bindparam("now"), counts=bindparam("whether"), signature=bindparam("kept"))
    rows = [{"of": one.of.alignment, "now": EXAMINED, "whether": one.counts, "kept": one.signature} for one in findings]
    execute_many(connection, found, rows)
    again = {number for finding in findings for number in finding.later} - set(numbers)
    for part in parts(sorted(again)):
        connection.execute(update(examined).where(examined.c.alignment.in_(part)).values(stage=PENDING))
    here_and_there = [(finding.of.alignment, finding.copied) for finding in findings if finding.copied is not None]
    insert_rows(connection, bands, sorted((band, one.of.alignment) for one in findings for band in one.bands))
    insert_rows(connection, copies, [(number, copied.original, copied.similarity) for number, copied in here_and_there])
    insert_rows(connection, said_again, [(unit, number) for number, copied in here_and_there for unit in copied.said_again])
    insert_rows(connection, recurring, [(trace, one.of.site, False) for one in findings for trace in one.frequent])
    insert_rows(connection, boilerplate, [(unit, one.of.site) for one in findings for unit in one.boilerplate])
    drop_sketches(connection, numbers)


def examine_copies_of(connection: Connection, originals: Iterable[int]) -> None:
    """Let the copies of these be compared once more."""
    for part in parts(originals):
        theirs = select(copies.c.alignment).where(copies.c.original.in_(part))
        connection.execute(update(examined).where(examined.c.alignment.in_(theirs)).values(stage=PENDING))


def leave_bands(connection: Connection, some: Iterable[Enrolled]) -> None:
    """Take alignments out of the bands that their signatures say."""
    kept = [(one.alignment, one.bands(unpacked(one.signature))) for one in some if one.signature is not None]
    here = delete(bands).where(bands.c.band == bindparam("of"), bands.c.alignment == bindparam("number"))
    execute_many(connection, here, [{"of": band, "number": number} for number, its in kept for band in its])


def insert_rows(connection: Connection, table: Table, rows: Sequence[tuple[Any, ...]]) -> None:
    """Insert rows of all columns of a table; what is there already stays."""
    insert_many(connection, table, tuple(column.name for column in table.columns), rows, Known.STAYS)
