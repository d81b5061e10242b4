"""Marking what repeats itself in a corpus: near copies of earlier alignments, and boilerplate of sites.

    enrol ──> examine ──> settle ──> examine again what that concerns ──> …

An alignment that is new is examined: compared with the originals before it, by an index that the corpus keeps. A site some of whose
alignments were examined is settled: what recurs in enough of them is boilerplate, and those that hold it are examined once more without
it, for pages are no copies of each other because they have the same menu. What was done is in the corpus after every few
alignments; killed, it goes on where it was.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, Table, delete, func, select, true, tuple_, update

from aligner.corpus.inserting import Known, insert_many
from aligner.corpus.pieces import Transaction
from aligner.corpus.queries import among, parts
from aligner.corpus.repeats.comparing import Comparison
from aligner.corpus.repeats.holding import enrolled, held
from aligner.corpus.repeats.keeping import drop_sketches, needless_sketches
from aligner.corpus.repeats.recording import EXAMINED, GONE, PENDING, SETTLED, examine_copies_of, insert_rows, leave_bands, record
from aligner.corpus.repeats.tables import bands, boilerplate, examined, recurring, sites, traces
from aligner.corpus.tables import alignments, documents, inputs, occurrences
from aligner.repeats.boilerplate import recurs
from aligner.repeats.sites import site_of

_AT_ONCE = 250
"""Alignments that are examined between two transactions that write."""
_BEADS = 5_000
"""Of those whose site is settled: more are held in memory only where one alignment has more."""
_TRACES = 2_000
"""That are stored in one transaction, so that a reviewer need not wait."""
_ENROLLED = 500
_SWEPT = 5_000
"""Rows of an index that are looked at in one transaction for what is forgotten."""


@dataclass(frozen=True, slots=True)
class Marking:
    """Marks the repeats of a corpus, of which it is to be the only batch. `reading` and `writing` begin transactions."""

    reading: Transaction
    writing: Transaction

    def mark(self) -> None:
        """Mark everything that is not marked yet; where nothing was added since, nothing is written."""
        self._enrol()
        while True:
            self._examine()
            if not self._settle():
                return

    def _enrol(self) -> None:
        """Enter the alignments that are new or changed, and forget those in whose place there are others."""
        with self.reading() as connection:
            superseded = connection.scalars(_examined_alignments().where(alignments.c.superseded_by.is_not(None))).all()
            changed = connection.scalars(_examined_alignments().where(alignments.c.numbering != examined.c.numbering)).all()
            new = connection.execute(_new_alignments()).all()
            dumps = connection.scalars(select(inputs.c.dump).distinct()).all() if new else ()
            needless = needless_sketches(connection)
        for part in parts(needless):
            with self.writing() as connection:
                drop_sketches(connection, part)
        for part in parts(superseded):
            with self.writing() as connection:
                _withdraw(connection, part)
        for part in parts(changed):
            with self.writing() as connection:
                now = select(alignments.c.numbering).where(alignments.c.id == examined.c.alignment).scalar_subquery()
                connection.execute(update(examined).where(examined.c.alignment.in_(part)).values(stage=PENDING, numbering=now))
        for start in range(0, len(new), _ENROLLED):
            of_sites = {row.id: (site_of(row.name, dumps), row.numbering) for row in new[start : start + _ENROLLED]}
            with self.writing() as connection:
                numbers = _hold_sites(connection, {name for name, _ in of_sites.values()})
                rows = [(number, numbers[name], PENDING, numbering, False, None) for number, (name, numbering) in of_sites.items()]
                insert_rows(connection, examined, rows)

    def _examine(self) -> None:
        """Compare every alignment that waits for it with the originals before it."""
        comparison = Comparison()
        pending = select(examined.c.alignment).where(examined.c.stage == PENDING).order_by(examined.c.alignment).limit(_AT_ONCE)
        while True:
            with self.reading() as connection:
                findings = comparison.findings(connection, connection.scalars(pending).all())
            if not findings:
                return
            # First, for they count only where an alignment is examined; in order, for then those of a transaction stand together.
            left = sorted((trace, one.of.alignment) for one in findings if one.counts for trace in one.traces)
            for start in range(0, len(left), _TRACES):
                with self.writing() as connection:
                    insert_rows(connection, traces, left[start : start + _TRACES])
            with self.writing() as connection:
                record(connection, findings)

    def _settle(self) -> bool:
        """Find what recurs over the sites of which alignments were examined; whether some of those are to be examined again."""
        with self.reading() as connection:
            touched = connection.scalars(select(examined.c.site).where(examined.c.stage == EXAMINED).distinct()).all()
        found = [self._settle_site(site) for site in touched]
        return any(found)

    def _settle_site(self, site: int) -> bool:
        here = examined.c.site == site
        with self.reading() as connection:
            size = connection.scalar(select(func.count()).where(here, examined.c.counts)) or 0
            counts = connection.execute(_counts_of_candidates(site)).all()
            new = {trace for trace, count in counts if recurs(trace, count, size)}
            known = set(connection.scalars(select(recurring.c.trace).where(recurring.c.site == site, recurring.c.is_boilerplate)))
            holders = {id_ for part in parts(new) for id_ in connection.scalars(select(traces.c.alignment).where(traces.c.trace.in_(part)))}
            portions = list(_portions(connection, sorted(holders)))
        for some in portions:
            with self.reading() as connection:
                holding = {id_: one.boilerplate(known | new) for id_, one in held(connection, enrolled(connection, some)).items()}
            again = [id_ for id_, its in holding.items() if its]
            with self.writing() as connection:
                insert_rows(connection, boilerplate, [(unit, site) for unit in sorted({unit for its in holding.values() for unit in its})])
                connection.execute(update(examined).where(examined.c.alignment.in_(again)).values(stage=PENDING))
        with self.writing() as connection:  # last of all: killed before, it is found again
            for part in parts(new):
                connection.execute(update(recurring).where(recurring.c.trace.in_(part)).values(is_boilerplate=True))
            connection.execute(update(examined).where(here, examined.c.stage == EXAMINED).values(stage=SETTLED))
        return bool(holders)


def forget(writing: Transaction, gone: Iterable[int]) -> None:
    """Take alignments out before they are deleted, in short transactions. Their copies will be compared with others.

    Boilerplate stays what it is. Reads all of the index, once, so let it be called once.
    """
    for part in parts(gone):
        with writing() as connection:
            examine_copies_of(connection, part)
            connection.execute(update(examined).where(examined.c.alignment.in_(part)).values(stage=GONE))
    going = select(examined.c.alignment).where(examined.c.stage == GONE)
    for table in (bands, traces):
        _swept(writing, table, table.c.alignment.in_(going))
    while True:
        with writing() as connection:
            some = connection.scalars(going.limit(_ENROLLED)).all()
            connection.execute(delete(examined).where(examined.c.alignment.in_(some)))
        if not some:
            return


def _swept(writing: Transaction, table: Table, goes: ColumnElement[bool]) -> None:
    """Delete the rows of an index that go, of a part of it after the other, for there is no index of it by alignment."""
    key = tuple_(*table.primary_key)
    after: Any = None
    while True:
        rest = key > tuple_(*after) if after else true()
        with writing() as connection:
            last = connection.execute(
                select(*table.primary_key).where(rest).order_by(*table.primary_key).offset(_SWEPT - 1).limit(1)
            ).first()
            connection.execute(delete(table).where(rest, key <= tuple_(*last) if last else true(), goes))
        if last is None:
            return
        after = last


def _withdraw(connection: Connection, numbers: Sequence[int]) -> None:
    """Let alignments be compared no more; their traces stay, and count no more."""
    examine_copies_of(connection, numbers)
    leave_bands(connection, enrolled(connection, numbers).values())
    connection.execute(delete(examined).where(examined.c.alignment.in_(numbers)))


def _portions(connection: Connection, numbers: Sequence[int]) -> Iterator[list[int]]:
    """The alignments in lists whose beads memory holds."""
    portion: list[int] = []
    room = _BEADS
    size = select(occurrences.c.alignment, func.count()).group_by(occurrences.c.alignment)
    sizes = dict(map(tuple, among(connection, size, occurrences.c.alignment, numbers)))
    for number in numbers:
        room -= sizes.get(number, 0)
        if portion and (room < 0 or len(portion) == _AT_ONCE):
            yield portion
            portion, room = [], _BEADS - sizes.get(number, 0)
        portion.append(number)
    if portion:
        yield portion


def _hold_sites(connection: Connection, names: set[str]) -> dict[str, int]:
    """The numbers of these sites."""
    insert_many(connection, sites, ("name",), [(name,) for name in sorted(names)], Known.STAYS)
    return dict(map(tuple, among(connection, select(sites.c.name, sites.c.id), sites.c.name, names)))


def _examined_alignments() -> Select[Any]:
    return select(examined.c.alignment).join(alignments, alignments.c.id == examined.c.alignment).order_by(examined.c.alignment)


def _new_alignments() -> Select[Any]:
    """Alignments that are not examined yet, with the names of their source documents."""
    return (
        select(alignments.c.id, alignments.c.numbering, documents.c.name)
        .join(documents, documents.c.id == alignments.c.source_document)
        .outerjoin(examined, examined.c.alignment == alignments.c.id)
        .where(alignments.c.superseded_by.is_(None), examined.c.alignment.is_(None))
        .order_by(alignments.c.id)
    )


def _counts_of_candidates(site: int) -> Select[Any]:
    """What may be boilerplate and is none yet, with the number of the site's documents that hold it."""
    return (
        select(recurring.c.trace, func.count(examined.c.alignment))
        .join(traces, traces.c.trace == recurring.c.trace)
        .join(examined, examined.c.alignment == traces.c.alignment)
        .where(recurring.c.site == site, ~recurring.c.is_boilerplate, examined.c.counts)
        .group_by(recurring.c.trace)
    )
