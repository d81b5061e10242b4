"""Taking dumps and documents out of a corpus again: their alignments, what the ledger says of them, and what nothing else refers to.

    planned ──> hidden ──> beads and units deleted ──> rows and documents deleted ──> entries and inputs deleted

What is hidden is an alignment that supersedes itself, as one that is being added: nobody sees it, and adding it again takes it over. So
the pieces may be short, and what was cut off goes on where it was, for what a dump held is forgotten last.

Decisions, changes and comments are never deleted, nor what they point at. An alignment whose beads a reviewer changed stays as a hidden
row without beads.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import (
    ColumnElement,
    Connection,
    FromClause,
    MetaData,
    Table,
    and_,
    delete,
    exists,
    func,
    insert,
    or_,
    select,
    tuple_,
    update,
)

from aligner.corpus.found import MULTIPLE_LANGUAGES
from aligner.corpus.inserting import Known, insert_many
from aligner.corpus.pieces import Transaction
from aligner.corpus.queries import PAGE, is_link, parts
from aligner.corpus.referring import delete_free, is_referred_to
from aligner.corpus.repeats import marking
from aligner.corpus.tables import actions, alignments, assignments, changes, documents, inputs, ledger, occurrences, units
from aligner.errors import CorpusError

FORGET = "forget"
"""Kind of the action that tells reviewers that something went; it decides nothing and cannot be undone."""

_NAMED = 5
"""Dumps that an error names."""
_BEADS = 500
"""That are deleted in one transaction, with their units: some 20 ms."""
_ALIGNMENTS = 100
"""The same of alignments without beads, with their documents."""
_LISTS = {"going": alignments.c.id, "staying": units.c.id}
_HIDDEN = alignments.c.superseded_by == alignments.c.id


@dataclass(frozen=True, slots=True)
class Forgotten:
    """What goes from a corpus."""

    inputs: int
    """Places of dumps, of which the same bytes may have several."""
    alignments: int
    """Those of earlier versions of the texts among them."""
    current_again: int
    """Alignments of earlier versions, of other dumps or added by hand, that are seen again."""
    beads: int
    units: int
    """Those with both sides, as everywhere, that occur nowhere else and that no reviewer has had to do with."""
    kept_units: int
    """That occur nowhere else and stay on record, for a reviewer decided or commented on them or made something else of them."""


@dataclass(frozen=True, slots=True)
class _Named:
    """What is to be forgotten, as the database finds it."""

    inputs: ColumnElement[bool]
    """Which rows of `inputs`."""
    documents: tuple[str, ...]
    """Names of documents, whichever dump holds them."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be done."""

    named: _Named
    gone: tuple[int, ...]
    """Alignments."""
    again: tuple[int, ...]
    """Alignments that are current again."""


def planned(connection: Connection, names: Sequence[str]) -> Plan:
    """What is to go with these dumps and documents. Raises CorpusError for what is neither."""
    named = _found(connection, names)
    other = ledger.alias()
    # A page that pairs with one of these by what it says: the pair has an entry of its own, of bytes that no place has.
    is_at_no_place = ~exists().where(inputs.c.digest == other.c.digest)
    is_pair = exists().where(other.c.alignment == ledger.c.alignment, is_at_no_place)
    is_two = exists().where(alignments.c.id == ledger.c.alignment, alignments.c.source_document != alignments.c.target_document)
    is_free = ~exists().where(other.c.alignment == ledger.c.alignment, _is_elsewhere(other, named))
    entered = select(ledger.c.alignment).where(_is_entered(named), ledger.c.alignment.is_not(None))
    gone = set(connection.scalars(entered.where(or_(is_free, and_(is_pair, is_two)))))
    if named.documents:
        sides = documents.c.id == alignments.c.source_document, documents.c.id == alignments.c.target_document
        for side in sides:
            gone.update(connection.scalars(select(alignments.c.id).join(documents, side).where(documents.c.name.in_(named.documents))))
    gone.update(connection.scalars(select(alignments.c.id).where(_HIDDEN, _has_beads_or_no_changes())))
    gone.update(_pages_of_pairs(connection, gone))
    again: set[int] = set()
    later = gone
    while later:  # an earlier version of an earlier version, and so on
        earlier = _earlier(connection, later) - gone
        held = _held(connection, earlier, named)
        again |= held
        later = earlier - held
        gone |= later
    return Plan(named, tuple(sorted(gone)), tuple(sorted(again)))


class _Changed:
    """The units that changes of beads speak of, which undo and redo bring back; the database does not see that they are referred to."""

    def __init__(self) -> None:
        self.units: set[str] = set()
        self._last = 0

    def catch_up(self, connection: Connection) -> None:
        """Read the changes that were made since this was done last."""
        later = select(changes.c.id, changes.c.before, changes.c.after).order_by(changes.c.id).limit(PAGE)
        while rows := connection.execute(later.where(changes.c.id > self._last)).all():
            self._last = rows[-1].id
            self.units.update(bead["unit"] for row in rows for beads in (row.before, row.after) for bead in beads)


def counted(connection: Connection, plan: Plan) -> Forgotten:
    """What a plan takes out."""
    going, staying = (Table(name, MetaData(), column._copy(), prefixes=["TEMPORARY"]) for name, column in _LISTS.items())
    going.create(connection)
    staying.create(connection)
    try:
        changed = _Changed()
        changed.catch_up(connection)
        insert_many(connection, going, ("id",), [(number,) for number in plan.gone], Known.FAILS)
        insert_many(connection, staying, ("id",), [(unit,) for unit in changed.units], Known.FAILS)
        gone = select(going.c.id)
        here = occurrences.c.alignment.in_(gone)
        other = occurrences.alias()
        stays = exists().where(or_(other.c.unit == units.c.id, other.c.was == units.c.id), other.c.alignment.not_in(gone))
        linked_here = units.c.id.in_(select(occurrences.c.unit).where(here, is_link))
        only_here = select(func.count()).select_from(units).where(linked_here, ~stays)
        is_kept = or_(units.c.id.in_(select(staying.c.id)), is_referred_to(units, besides=(occurrences.c.unit, occurrences.c.was)))
        return Forgotten(
            inputs=connection.scalar(select(func.count()).select_from(inputs).where(plan.named.inputs)) or 0,
            alignments=len(plan.gone),
            current_again=len(plan.again),
            beads=connection.scalar(select(func.count()).select_from(occurrences).where(here)) or 0,
            units=connection.scalar(only_here.where(~is_kept)) or 0,
            kept_units=connection.scalar(only_here.where(is_kept)) or 0,
        )
    finally:
        staying.drop(connection)
        going.drop(connection)


def forget(writing: Transaction, plan: Plan) -> None:
    """Carry out a plan in short transactions, which `writing` begins. Cut off, it goes on when what is left is planned again."""
    marking.forget(writing, plan.gone)
    for part in parts(plan.gone):
        with writing() as connection:
            _hide(connection, part, plan.again)
    changed = _Changed()
    for part in parts(plan.gone):
        while _beads_deleted(writing, part, changed):
            pass
    for part in parts(plan.gone, _ALIGNMENTS):
        with writing() as connection:
            _delete_rows(connection, part)
    with writing() as connection:
        connection.execute(delete(ledger).where(ledger.c.alignment.is_(None), _is_entered(plan.named)))
        connection.execute(delete(inputs).where(plan.named.inputs))
        now = datetime.now(UTC).isoformat(timespec="milliseconds")
        connection.execute(insert(actions).values(reviewer="", at=now, tool="aligner", kind=FORGET))


def _found(connection: Connection, names: Sequence[str]) -> _Named:
    """Each name is a dump as it was given to the batch, or else an input of any dump, or a document."""
    wanted: list[ColumnElement[bool]] = []
    named: list[str] = []
    for name in names:
        is_dump = inputs.c.dump.in_({name, str(Path(name))})
        if connection.scalar(select(exists().where(is_dump))):
            wanted.append(is_dump)
            continue
        parts_of_pair = inputs.c.name.startswith(f"{name} – ", autoescape=True), inputs.c.name.endswith(f" – {name}", autoescape=True)
        is_input = or_(inputs.c.name == name, *parts_of_pair)
        if not connection.scalar(select(or_(exists().where(is_input), exists().where(documents.c.name == name)))):
            raise CorpusError(_unknown(connection, name))
        wanted.append(is_input)
        named.append(name)
    return _Named(or_(*wanted), tuple(named))


def _is_entered(named: _Named) -> ColumnElement[bool]:
    """Whether an entry is of bytes that are at these places alone."""
    return and_(ledger.c.digest.in_(select(inputs.c.digest).where(named.inputs)), ~_is_elsewhere(ledger, named))


def _is_elsewhere(entry: FromClause, named: _Named) -> ColumnElement[bool]:
    """Whether the bytes of an entry are at another place too."""
    return exists().where(inputs.c.digest == entry.c.digest, ~named.inputs)


def _unknown(connection: Connection, name: str) -> str:
    dumps = connection.scalars(select(inputs.c.dump).distinct().order_by(inputs.c.dump).limit(_NAMED + 1)).all()
    some = ", ".join(dumps[:_NAMED]) + (", …" if len(dumps) > _NAMED else "")
    return f"the corpus knows no dump and no document {name}; " + (f"its dumps are {some}" if dumps else "no batch has added a dump to it")


def _has_beads_or_no_changes() -> ColumnElement[bool]:
    """Of a hidden alignment: whether there is something left to delete."""
    has_beads = exists().where(occurrences.c.alignment == alignments.c.id)
    return or_(has_beads, ~is_referred_to(alignments, besides=(ledger.c.alignment, assignments.c.alignment)))


def _pages_of_pairs(connection: Connection, gone: Collection[int]) -> set[int]:
    """Alignments of pages that were done alone before they were found to be parts of these pairs, and that no entry speaks of now."""
    page, side = documents.alias(), documents.alias()
    entered = exists().where(ledger.c.alignment == alignments.c.id)
    pair = alignments.alias()
    query = (
        select(alignments.c.id)
        .join(page, and_(page.c.id == alignments.c.source_document, page.c.lang == MULTIPLE_LANGUAGES))
        .join(side, and_(side.c.digest == page.c.digest, side.c.lang != MULTIPLE_LANGUAGES))
        .join(pair, or_(pair.c.source_document == side.c.id, pair.c.target_document == side.c.id))
        .where(~entered)
    )
    return {number for part in parts(gone) for number in connection.scalars(query.where(pair.c.id.in_(part)))}


def _earlier(connection: Connection, later: Iterable[int]) -> set[int]:
    """The alignments that these took the place of."""
    query = select(alignments.c.id)
    return {number for part in parts(later) for number in connection.scalars(query.where(alignments.c.superseded_by.in_(part)))}


def _held(connection: Connection, some: Iterable[int], named: _Named) -> set[int]:
    """Those of these alignments that stay: what they were made of is in another dump, or they were added by hand."""
    entry = ledger.c.alignment == alignments.c.id
    query = select(alignments.c.id).where(or_(~exists().where(entry), exists().where(entry, _is_elsewhere(ledger, named))))
    return {number for part in parts(some) for number in connection.scalars(query.where(alignments.c.id.in_(part)))}


def _hide(connection: Connection, numbers: Sequence[int], again: Collection[int]) -> None:
    """Let nobody see these alignments any longer, and those whose place they took be seen again."""
    connection.execute(delete(ledger).where(ledger.c.alignment.in_(numbers)))
    connection.execute(delete(assignments).where(assignments.c.alignment.in_(numbers)))
    for part in parts(again):
        theirs = alignments.c.id.in_(part), alignments.c.superseded_by.in_(numbers)
        connection.execute(update(alignments).where(*theirs).values(superseded_by=None))
    hidden = {"superseded_by": alignments.c.id, "numbering": alignments.c.numbering + 1}  # positions of before mean nothing any more
    connection.execute(update(alignments).where(alignments.c.id.in_(numbers)).values(**hidden))


def _beads_deleted(writing: Transaction, numbers: Sequence[int], changed: _Changed) -> bool:
    """Delete some of these alignments' beads and the units that occur nowhere any longer; whether there were any."""
    place = occurrences.c.alignment, occurrences.c.position
    here = occurrences.c.alignment.in_(numbers)
    with writing() as connection:
        first = select(*place, occurrences.c.unit, occurrences.c.was).where(here).order_by(*place).limit(_BEADS)
        some = connection.execute(first).all()
        if some:
            connection.execute(delete(occurrences).where(here, tuple_(*place) <= tuple_(*some[-1][:2])))
            changed.catch_up(connection)
            delete_free(connection, units, {unit for row in some for unit in row[2:] if unit is not None} - changed.units)
    return bool(some)


def _delete_rows(connection: Connection, numbers: Sequence[int]) -> None:
    """Delete hidden alignments without beads and the documents that were theirs, but for those that something refers to."""
    sides = alignments.c.source_document, alignments.c.target_document
    here = alignments.c.id.in_(numbers)
    theirs = {number for row in connection.execute(select(*sides).where(here)) for number in row}
    delete_free(connection, alignments, numbers)
    delete_free(connection, documents, theirs)
