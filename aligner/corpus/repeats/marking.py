"""Marking what repeats itself in a corpus: near copies of earlier alignments, and boilerplate of sites.

    enrol ──> examine ──> settle ──> examine again what that concerns ──> …

An alignment that is new is examined: compared with the originals before it, by an index that the corpus keeps. A site some of whose
alignments were examined is settled: what recurs in enough of them is boilerplate, and those that hold it are examined once more without
it, for pages are no copies of each other because they have the same menu. What was done is in the corpus after every few
alignments; killed, it goes on where it was.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, Table, bindparam, delete, func, select, true, tuple_, update

from aligner.corpus.inserting import Known, execute_many, insert_many
from aligner.corpus.pieces import Transaction
from aligner.corpus.queries import parts
from aligner.corpus.repeats.comparing import Comparison, Finding
from aligner.corpus.repeats.holding import Held, bands_in, held, unpacked
from aligner.corpus.repeats.tables import bands, boilerplate, copies, examined, recurring, said_again, sites, traces
from aligner.corpus.tables import alignments, documents, inputs, occurrences
from aligner.repeats.boilerplate import recurs
from aligner.repeats.sites import site_of

PENDING, EXAMINED, SETTLED, GONE = range(4)
"""Stages of an alignment: to be compared with others; its site is to be settled; all is done; to be forgotten."""

_AT_ONCE = 50
"""Alignments that are examined between two transactions that write."""
_BEADS = 5_000
"""Of those: more are held in memory only where one alignment has more."""
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
            portions = list(_portions(connection, superseded))
        for some in portions:
            with self.writing() as connection:
                _withdraw(connection, some)
        for part in parts(changed):
            with self.writing() as connection:
                now = select(alignments.c.numbering).where(alignments.c.id == examined.c.alignment).scalar_subquery()
                connection.execute(update(examined).where(examined.c.alignment.in_(part)).values(stage=PENDING, numbering=now))
        for start in range(0, len(new), _ENROLLED):
            of_sites = {row.id: (site_of(row.name, dumps), row.numbering) for row in new[start : start + _ENROLLED]}
            with self.writing() as connection:
                numbers = _hold_sites(connection, {name for name, _ in of_sites.values()})
                rows = [
                    {"alignment": id_, "site": numbers[name], "stage": PENDING, "numbering": numbering, "counts": False, "signature": None}
                    for id_, (name, numbering) in of_sites.items()
                ]
                _insert(connection, examined, rows)

    def _examine(self) -> None:
        """Compare every alignment that waits for it with the originals before it."""
        comparison = Comparison()
        pending = select(examined.c.alignment).where(examined.c.stage == PENDING).order_by(examined.c.alignment).limit(_AT_ONCE)
        while True:
            with self.reading() as connection:
                some = next(_portions(connection, connection.scalars(pending).all()), [])
                findings = comparison.findings(connection, held(connection, some))
            if not findings:
                return
            left = _traces_in(findings)  # first, for they count only where an alignment is examined
            for start in range(0, len(left), _TRACES):
                with self.writing() as connection:
                    _insert(connection, traces, left[start : start + _TRACES])
            with self.writing() as connection:
                _write(connection, findings)

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
                holding = {id_: one.boilerplate(known | new) for id_, one in held(connection, some).items()}
            rows = [{"unit": unit, "site": site} for unit in sorted({unit for its in holding.values() for unit in its})]
            again = [id_ for id_, its in holding.items() if its]
            with self.writing() as connection:
                _insert(connection, boilerplate, rows)
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
            _examine_copies_of(connection, part)
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


def _withdraw(connection: Connection, numbers: list[int]) -> None:
    """Let alignments be compared no more; their traces stay, and count no more."""
    _examine_copies_of(connection, numbers)
    _leave_bands(connection, held(connection, numbers).values())
    connection.execute(delete(examined).where(examined.c.alignment.in_(numbers)))


def _leave_bands(connection: Connection, some: Iterable[Held]) -> None:
    """Take alignments out of the bands that their signatures say."""
    kept = [(one.alignment, bands_in(unpacked(one.signature), one.languages)) for one in some if one.signature is not None]
    here = delete(bands).where(bands.c.band == bindparam("of"), bands.c.alignment == bindparam("number"))
    execute_many(connection, here, [{"of": band, "number": number} for number, its in kept for band in its])


def _examine_copies_of(connection: Connection, originals: Sequence[int]) -> None:
    theirs = select(copies.c.alignment).where(copies.c.original.in_(originals))
    connection.execute(update(examined).where(examined.c.alignment.in_(theirs)).values(stage=PENDING))


def _write(connection: Connection, findings: Sequence[Finding]) -> None:
    """Store what was found, in the place of what was found before."""
    before = [finding for finding in findings if finding.held.signature is not None]
    _leave_bands(connection, [finding.held for finding in before])
    changed = [finding.held.alignment for finding in before if finding.held.signature != finding.signature or finding.original is not None]
    _examine_copies_of(connection, changed)
    numbers = [finding.held.alignment for finding in findings]
    connection.execute(delete(said_again).where(said_again.c.alignment.in_(numbers)))
    connection.execute(delete(copies).where(copies.c.alignment.in_(numbers)))
    here = update(examined).where(examined.c.alignment == bindparam("of"))
    found = here.values(stage=bindparam("now"), counts=bindparam("whether"), signature=bindparam("kept"))
    rows = [{"of": one.held.alignment, "now": EXAMINED, "whether": one.counts, "kept": one.signature} for one in findings]
    execute_many(connection, found, rows)
    again = {number for finding in findings for number in finding.later} - set(numbers)
    for part in parts(sorted(again)):
        connection.execute(update(examined).where(examined.c.alignment.in_(part)).values(stage=PENDING))
    _insert(connection, bands, [{"band": band, "alignment": one.held.alignment} for one in findings for band in one.bands])
    _insert(
        connection,
        copies,
        [
            {"alignment": one.held.alignment, "original": one.original, "similarity": one.similarity}
            for one in findings
            if one.original is not None
        ],
    )
    _insert(connection, said_again, [{"unit": unit, "alignment": one.held.alignment} for one in findings for unit in one.said_again])
    _insert(
        connection,
        recurring,
        [{"trace": trace, "site": one.held.site, "is_boilerplate": False} for one in findings for trace in one.frequent],
    )
    _insert(connection, boilerplate, [{"unit": unit, "site": one.held.site} for one in findings for unit in one.boilerplate])


def _traces_in(findings: Sequence[Finding]) -> list[dict[str, int]]:
    """Rows of the traces of those alignments that count."""
    return [
        {"trace": trace, "alignment": one.held.alignment}
        for one in findings
        if one.counts
        for trace in {trace for sides in one.held.traces for side in sides for trace in side}
    ]


def _portions(connection: Connection, numbers: Sequence[int]) -> Iterator[list[int]]:
    """The alignments in lists whose beads memory holds."""
    portion: list[int] = []
    room = _BEADS
    for part in parts(numbers):
        size = select(occurrences.c.alignment, func.count().label("beads")).where(occurrences.c.alignment.in_(part))
        sizes = {row.alignment: int(row.beads) for row in connection.execute(size.group_by(occurrences.c.alignment))}
        for number in part:
            room -= sizes.get(number, 0)
            if portion and (room < 0 or len(portion) == _AT_ONCE):
                yield portion
                portion, room = [], _BEADS - sizes.get(number, 0)
            portion.append(number)
    if portion:
        yield portion


def _insert(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    insert_many(connection, table, tuple(rows[0]) if rows else (), [tuple(row.values()) for row in rows], Known.STAYS)


def _hold_sites(connection: Connection, names: set[str]) -> dict[str, int]:
    """The numbers of these sites."""
    _insert(connection, sites, [{"name": name} for name in sorted(names)])
    found = (row for part in parts(names) for row in connection.execute(select(sites.c.name, sites.c.id).where(sites.c.name.in_(part))))
    return {row.name: row.id for row in found}


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
