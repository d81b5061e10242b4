"""What a reviewer is shown of the corpus: which beads there are, and all about those on the screen.

What is asked at every key is put together once: that takes SQLAlchemy ten times as long as the database takes to answer it.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import BindParameter, ColumnElement, Connection, Select, Table, Text, bindparam, case, func, select, type_coerce
from sqlalchemy import tuple_ as columns

from aligner.corpus.placing import Place
from aligner.corpus.queries import current_occurrences, parts, source_documents, status, target_documents, with_standing
from aligner.corpus.tables import (
    ACCEPTED,
    REJECTED,
    UNREVIEWED,
    actions,
    alignments,
    assignments,
    bookmarks,
    changes,
    comments,
    decisions,
    occurrences,
    units,
)

_PLACE = columns(occurrences.c.alignment, occurrences.c.position)


def entries(connection: Connection) -> Sequence[Any]:
    """Every bead, in document order, with what it is chosen and sorted by; texts are left out."""
    return connection.execute(_entries()).all()


def entries_in(connection: Connection, alignment: int) -> Sequence[Any]:
    """The same of one alignment's beads; none where it is superseded."""
    return connection.execute(_entries().where(occurrences.c.alignment == alignment)).all()


def entries_at(connection: Connection, places: Iterable[Place]) -> list[Any]:
    """The same of the beads at these places."""
    return _at(connection, _entries, places)


def details(connection: Connection, places: Iterable[Place]) -> dict[Place, Any]:
    """All about the beads at these places, those that are there."""
    return {(row.alignment, row.position): row for row in _at(connection, _details, places)}


def places_of(connection: Connection, found: Iterable[str]) -> list[Any]:
    """Alignment, position and unit of every bead of these units."""
    query = current_occurrences().with_only_columns(occurrences.c.alignment, occurrences.c.position, occurrences.c.unit)
    return [row for part in parts(found) for row in connection.execute(query.where(occurrences.c.unit.in_(part)))]


def unit_texts(connection: Connection, found: Iterable[str]) -> dict[str, tuple[str, str]]:
    """Source and target of these units."""
    return {unit: (source, target) for unit, source, target in _of_units(connection, _unit_texts, found)}


def decided_by(connection: Connection, found: Iterable[str]) -> dict[str, dict[str, str]]:
    """For each of these units what every reviewer says of it now: their latest decision that is not undone, unless it takes one back."""
    latest: dict[str, dict[str, str]] = defaultdict(dict)
    for row in _of_units(connection, _decisions_on, found):
        latest[row.unit][row.reviewer] = row.status
    return {unit: {who: what for who, what in said.items() if what != UNREVIEWED} for unit, said in latest.items()}


def decided_by_one(connection: Connection, reviewer: str) -> set[str]:
    """The units that a reviewer has decided on and whose decision was not taken back."""
    latest: dict[str, str] = {}
    for row in connection.execute(_in_force().where(actions.c.reviewer == reviewer)):
        latest[row.unit] = row.status
    return {unit for unit, said in latest.items() if said != UNREVIEWED}


def comments_on(connection: Connection, found: Iterable[str]) -> dict[str, list[Any]]:
    """The comments on these units (reviewer, at, text), first to last, but those that were undone."""
    said = _of_units(connection, _comments_on, found)
    return {unit: [row for row in said if row.unit == unit] for unit in {row.unit for row in said}}


def commented(connection: Connection, among: Iterable[str] | None = None) -> set[str]:
    """The units that anybody has commented on; of all units, or of some."""
    found = connection.execute(_comments()) if among is None else _of_units(connection, _comments_on, among)
    return {row.unit for row in found}


def statuses_of(connection: Connection, found: Iterable[str]) -> dict[str, str]:
    """The statuses of those of these units that occur."""
    query = with_standing(current_occurrences()).with_only_columns(occurrences.c.unit, status.label("status"))
    return {row.unit: row.status for part in parts(found) for row in connection.execute(query.where(occurrences.c.unit.in_(part)))}


def conflicts(connection: Connection, among: Iterable[str] | None = None) -> set[str]:
    """The units that one reviewer accepted and another rejected, and that nobody has settled since; of all units, or of some."""
    said = _decided_by_several(connection, settled=False, among=among)
    return {unit for unit, by in said if {ACCEPTED, REJECTED} <= set(by.values())}


def judged_by_several(connection: Connection) -> list[dict[str, str]]:
    """For each unit that several reviewers decided on, what each of them said before a conflict was settled."""
    return [said for _, said in _decided_by_several(connection, settled=True)]


def work_done(connection: Connection) -> Sequence[Any]:
    """Every decision in force, first to last: reviewer, at, kind of the action, status, unit."""
    shown = actions.c.reviewer, actions.c.at, actions.c.kind, decisions.c.status, decisions.c.unit
    return connection.execute(_not_undone(decisions, *shown)).all()


def last_action(connection: Connection) -> int:
    """The number of the last action; it grows with every action of a reviewer, and where a batch aligns again."""
    return connection.scalar(select(func.max(actions.c.id))) or 0


@dataclass(frozen=True, slots=True)
class Touched:
    """What actions touched."""

    units: set[str]
    """Decided or commented on."""
    alignments: set[int]
    """Of which beads were changed."""
    at_large: bool
    """Whether a batch aligned documents again, so that anything may have changed."""


def touched_since(connection: Connection, action: int) -> Touched:
    """What the actions after this one touched, with those that they took back."""
    later = select(actions.c.id, actions.c.reviewer, actions.c.undoes).where(actions.c.id > action)
    found = connection.execute(later).all()
    ids = {number for row in found for number in (row.id, row.undoes) if number is not None}
    units, changed = set[str](), set[int]()
    for part in parts(ids):
        for table in (decisions, comments):
            units.update(connection.scalars(select(table.c.unit).where(table.c.action.in_(part))))
        changed.update(connection.scalars(select(changes.c.alignment).where(changes.c.action.in_(part))))
    return Touched(units, changed, any(not row.reviewer for row in found))


def mended(connection: Connection) -> set[str]:
    """The units of beads that a reviewer made (by merging, splitting, moving, editing) and that nobody has decided on."""
    query = with_standing(current_occurrences()).with_only_columns(occurrences.c.unit)
    return set(connection.scalars(query.where(occurrences.c.action.is_not(None), status == UNREVIEWED)))


def alignments_listed(connection: Connection) -> Sequence[Any]:
    """Every current alignment: id, names of its documents, to whom it is assigned."""
    return connection.execute(
        select(
            alignments.c.id,
            source_documents.c.name.label("source_name"),
            target_documents.c.name.label("target_name"),
            assignments.c.reviewer,
        )
        .join_from(alignments, source_documents, source_documents.c.id == alignments.c.source_document)
        .join(target_documents, target_documents.c.id == alignments.c.target_document)
        .outerjoin(assignments, assignments.c.alignment == alignments.c.id)
        .where(alignments.c.superseded_by.is_(None))
        .order_by(alignments.c.id)
    ).all()


def bookmark(connection: Connection, reviewer: str) -> dict[str, Any] | None:
    """What the reviewer looked at last."""
    return connection.scalar(select(bookmarks.c.place).where(bookmarks.c.reviewer == reviewer))


_UNITS: BindParameter[list[str]] = bindparam("units", expanding=True)


def _of_units(connection: Connection, query: Callable[[], Select[Any]], found: Iterable[str]) -> list[Any]:
    """What a query of _UNITS finds."""
    return [row for part in parts(found) for row in connection.execute(query(), {"units": part}).all()]


def _at(connection: Connection, query: Callable[[], Select[Any]], places: Iterable[Place]) -> list[Any]:
    """What a query of occurrences finds at these places."""
    if connection.dialect.name == "sqlite":
        return [row for part in parts(places) for row in connection.execute(_looked_up(query), {"places": json.dumps(part)})]
    return [row for part in parts(places) for row in connection.execute(_among(query), {"places": part})]


@cache
def _looked_up(query: Callable[[], Select[Any]]) -> Select[Any]:
    """The query at the places of a JSON list: for a list of pairs SQLite reads all occurrences; pairs that a query gives, it looks up."""
    pairs = func.json_each(bindparam("places", type_=Text)).table_valued("value").c.value
    return query().where(_PLACE.in_(select(func.json_extract(pairs, "$[0]"), func.json_extract(pairs, "$[1]"))))


@cache
def _among(query: Callable[[], Select[Any]]) -> Select[Any]:
    return query().where(_PLACE.in_(bindparam("places", expanding=True)))


@cache
def _details() -> Select[Any]:
    return with_standing(current_occurrences()).add_columns(
        occurrences,
        units.c.source,
        units.c.target,
        status.label("status"),
        actions.c.reviewer,
        actions.c.at,
        decisions.c.reason,
        source_documents.c.name.label("source_name"),
        target_documents.c.name.label("target_name"),
        alignments.c.source_document,
        alignments.c.target_document,
    )


@cache
def _entries() -> Select[Any]:
    return with_standing(current_occurrences()).add_columns(
        occurrences.c.alignment,
        occurrences.c.position,
        occurrences.c.unit,
        occurrences.c.probability,
        _count(occurrences.c.source_segments).label("source_size"),
        _count(occurrences.c.target_segments).label("target_size"),
        status.label("status"),
        actions.c.reviewer,
        occurrences.c.action.is_not(None).label("made"),
        occurrences.c.was.is_not(None).label("changed"),
    )


@cache
def _unit_texts() -> Select[Any]:
    return select(units.c.id, units.c.source, units.c.target).where(units.c.id.in_(_UNITS))


def _not_undone(of: Table, *shown: ColumnElement[Any]) -> Select[Any]:
    """These columns of what actions that are not undone said or decided, first to last."""
    return select(*shown).join_from(of, actions, actions.c.id == of.c.action).where(~actions.c.undone).order_by(of.c.id)


@cache
def _comments() -> Select[Any]:
    return _not_undone(comments, comments.c.unit, comments.c.text, actions.c.reviewer, actions.c.at)


@cache
def _comments_on() -> Select[Any]:
    return _comments().where(comments.c.unit.in_(_UNITS))


@cache
def _in_force() -> Select[Any]:
    """Decisions, with their reviewers."""
    return _not_undone(decisions, decisions.c.unit, decisions.c.status, decisions.c.settles, actions.c.reviewer)


@cache
def _decisions_on() -> Select[Any]:
    return _in_force().where(decisions.c.unit.in_(_UNITS))


def _decided_by_several(connection: Connection, *, settled: bool, among: Iterable[str] | None = None) -> list[tuple[str, dict[str, str]]]:
    """Units that several decided, with what each says; a decision that settled a conflict ends what was said before, unless `settled`."""
    chosen = _units_of_several(connection) if among is None else among
    said: dict[str, dict[str, str]] = defaultdict(dict)
    for row in _of_units(connection, _decisions_on, chosen):
        if row.settles and not settled:
            said[row.unit].clear()
        if not (row.settles and settled):
            said[row.unit][row.reviewer] = row.status
    return [(unit, {who: what for who, what in by.items() if what != UNREVIEWED}) for unit, by in said.items()]


def _units_of_several(connection: Connection) -> list[str]:
    several = (
        select(decisions.c.unit)
        .join(actions, actions.c.id == decisions.c.action)
        .where(~actions.c.undone)
        .group_by(decisions.c.unit)
        .having(func.count(actions.c.reviewer.distinct()) > 1)
    )
    return list(connection.scalars(several))


def _count(numbers: Any) -> Any:
    """How many numbers a column of JSON lists holds."""
    text = type_coerce(numbers, Text)
    commas = func.length(text) - func.length(func.replace(text, ",", ""))
    return case((text == "[]", 0), else_=commas + 1)
