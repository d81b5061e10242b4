"""What reviewers do, one action at a time: decisions, changes of beads and comments, all in one transaction; and taking them back."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Select, and_, delete, func, insert, select, update

from aligner.annotations import annotations_of
from aligner.corpus.beads import Spans
from aligner.corpus.found import unit_rows
from aligner.corpus.inserting import insertion
from aligner.corpus.placing import Change, Place, as_it_stands, carry_out, exchange_of, record_change, reversed_exchanges
from aligner.corpus.queries import parts
from aligner.corpus.tables import actions, assignments, bookmarks, comments, decisions, occurrences, standings
from aligner.corpus.writing import hold_units
from aligner.errors import ReviewError
from aligner.types import TranslationUnit

UNDO, REDO = "undo", "redo"
_REVERSALS = (UNDO, REDO)
_ACTION_LOCK = 0x616C6968  # on PostgreSQL: actions become visible in the order of their numbers


@dataclass(frozen=True, slots=True)
class Seen:
    """Where a reviewer saw a unit, by value."""

    source_document: int
    target_document: int
    source_spans: Spans
    target_spans: Spans


@dataclass(frozen=True, slots=True)
class Verdict:
    """A decision that is to be recorded."""

    unit: str
    status: str
    reason: str = ""
    seen: Seen | None = None
    settles: bool = False


@dataclass(frozen=True, slots=True)
class Act:
    """What is to be recorded as one action."""

    kind: str
    reviewer: str
    tool: str = ""
    verdicts: Sequence[Verdict] = ()
    changes: Sequence[Change] = ()
    units: Sequence[TranslationUnit] = ()
    """Those that the changes and verdicts speak of and that the corpus may not hold yet."""
    comments: Sequence[tuple[str, str]] = ()
    """Units and what is said of them."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """An action that was recorded, and what it touched."""

    action: int
    kind: str
    """Of the action that an undo or redo took back, or brought back."""
    at: str
    units: tuple[str, ...]
    """Whose standing or comments changed."""
    beads: tuple[Place, ...]
    """Of the beads that it made."""
    gone: tuple[Place, ...]
    """Of those whose place they take."""
    left: int = 0
    """Decisions that an undo left alone, for others have decided since."""
    said: dict[str, int] = field(default_factory=dict)
    """How many times an action that was taken back, or brought back, gave each status."""


def record(connection: Connection, act: Act) -> Recorded:
    """Write an action. Raises ReviewError where a bead that it changes is not there any more."""
    action, at = _begin(connection, act.kind, act.reviewer, act.tool)
    hold_units(connection, unit_rows(act.units), annotations_of(act.units))
    made: list[Place] = []
    gone: list[Place] = []
    for change in act.changes:
        exchange = exchange_of(connection, change)
        if change.by_hand:
            exchange = replace(exchange, come=tuple(replace(bead, action=action) for bead in exchange.come))
        gone += carry_out(connection, exchange)
        record_change(connection, action, exchange)
        made += [(change.alignment, bead.position) for bead in exchange.come]
    if act.comments:
        connection.execute(insert(comments), [{"action": action, "unit": unit, "text": text} for unit, text in act.comments])
    if act.verdicts:
        connection.execute(insert(decisions), [_decision(action, verdict) for verdict in act.verdicts])
        ids = select(decisions.c.unit, func.max(decisions.c.id)).where(decisions.c.action == action).group_by(decisions.c.unit)
        _stand(connection, ids)
    touched = dict.fromkeys([*(verdict.unit for verdict in act.verdicts), *(unit for unit, _ in act.comments)])
    return Recorded(action, act.kind, at, tuple(touched), tuple(made), tuple(gone))


def undo(connection: Connection, reviewer: str, tool: str = "") -> Recorded:
    """Take back the reviewer's latest action that is not undone. Raises ReviewError where there is none, and where others built on it."""
    take_turn(connection)  # two pages of one reviewer must not undo the same action
    last = _last_done(connection, reviewer)
    if last is None:
        raise ReviewError("there is nothing to undo: you have decided nothing yet, or undone it all")
    return _reverse(connection, last, (reviewer, tool, UNDO))


def redo(connection: Connection, reviewer: str, tool: str = "") -> Recorded:
    """Bring back what the reviewer undid last, if nothing was done since. Raises ReviewError as `undo`."""
    take_turn(connection)
    own = actions.c.reviewer == reviewer
    last_new = select(func.coalesce(func.max(actions.c.id), 0)).where(own, actions.c.kind.not_in(_REVERSALS)).scalar_subquery()
    undoing = actions.alias("undoing")
    since = select(undoing.c.undoes).where(undoing.c.reviewer == reviewer, undoing.c.id > last_new)
    undone = connection.execute(
        select(actions).where(actions.c.undone, actions.c.kind.not_in(_REVERSALS), actions.c.id.in_(since)).order_by(actions.c.id).limit(1)
    ).first()
    if undone is None:
        raise ReviewError("there is nothing to redo: nothing was undone since your last decision")
    return _reverse(connection, undone, (reviewer, tool, REDO))


def score(connection: Connection, scores: Iterable[tuple[int, float, str, float | None, float | None]]) -> None:
    """Store probability and cosine of beads, given by alignment, position and unit; what is no longer there is passed over."""
    for alignment, position, unit, probability, cosine in scores:
        here = and_(occurrences.c.alignment == alignment, occurrences.c.position == position, occurrences.c.unit == unit)
        connection.execute(update(occurrences).where(here).values(probability=probability, cosine=cosine))


def keep_place(connection: Connection, reviewer: str, place: dict[str, Any]) -> None:
    """Remember what the reviewer looks at."""
    statement = insertion(connection, bookmarks).values(reviewer=reviewer, place=place)
    connection.execute(statement.on_conflict_do_update(index_elements=["reviewer"], set_={"place": statement.excluded.place}))


def assign(connection: Connection, alignment: int, reviewer: str) -> None:
    """Let a document be this reviewer's to look at first; nobody's where the name is empty."""
    connection.execute(delete(assignments).where(assignments.c.alignment == alignment))
    if reviewer:
        connection.execute(insert(assignments).values(alignment=alignment, reviewer=reviewer))


def take_turn(connection: Connection) -> None:
    """Wait until no other action is being recorded; none will be until the transaction ends. In SQLite, to write is to have the turn."""
    if connection.dialect.name == "postgresql":
        connection.execute(select(func.pg_advisory_xact_lock(_ACTION_LOCK)))


def _begin(connection: Connection, kind: str, reviewer: str, tool: str, undoes: int | None = None) -> tuple[int, str]:
    take_turn(connection)
    at = datetime.now(UTC).isoformat(timespec="milliseconds")
    row = {"kind": kind, "reviewer": reviewer, "tool": tool, "at": at, "undoes": undoes}
    return connection.execute(insert(actions).values(row).returning(actions.c.id)).scalar_one(), at


def _last_done(connection: Connection, reviewer: str) -> Any:
    own = and_(actions.c.reviewer == reviewer, actions.c.kind.not_in(_REVERSALS), ~actions.c.undone)
    return connection.execute(select(actions).where(own).order_by(actions.c.id.desc()).limit(1)).first()


def _reverse(connection: Connection, of: Any, by: tuple[str, str, str]) -> Recorded:
    """Undo or redo an action."""
    reviewer, tool, kind = by
    action, at = _begin(connection, kind, reviewer, tool, of.id)
    connection.execute(update(actions).where(actions.c.id == of.id).values(undone=kind == UNDO))
    made: list[Place] = []
    gone: list[Place] = []
    for earlier in reversed_exchanges(connection, of.id, again=kind == REDO):
        exchange = as_it_stands(connection, earlier)
        gone += carry_out(connection, exchange)
        made += [(exchange.alignment, bead.position) for bead in exchange.come]
    units = list(connection.scalars(select(decisions.c.unit).where(decisions.c.action == of.id).distinct()))
    before_it = dict(_standings(connection, units))
    _derive_standings(connection, units)
    after_it = dict(_standings(connection, units))
    touched = [unit for unit in units if before_it.get(unit) != after_it.get(unit)]
    commented = connection.scalars(select(comments.c.unit).where(comments.c.action == of.id)).all()
    statuses = select(decisions.c.status, func.count()).where(decisions.c.action == of.id).group_by(decisions.c.status)
    said = {row[0]: row[1] for row in connection.execute(statuses.order_by(decisions.c.status))}
    seen = tuple(dict.fromkeys([*touched, *commented]))
    return Recorded(action, of.kind, at, seen, tuple(made), tuple(gone), len(units) - len(touched), said)


def _decision(action: int, verdict: Verdict) -> dict[str, Any]:
    seen = verdict.seen
    return {
        "action": action,
        "unit": verdict.unit,
        "status": verdict.status,
        "reason": verdict.reason,
        "settles": verdict.settles,
        "source_document": seen and seen.source_document,
        "target_document": seen and seen.target_document,
        "source_spans": seen and seen.source_spans,
        "target_spans": seen and seen.target_spans,
    }


def _stand(connection: Connection, decided: Select[Any]) -> None:
    """Let these decisions, (unit, id), be their units' latest."""
    statement = insertion(connection, standings).from_select(["unit", "decision"], decided)
    connection.execute(statement.on_conflict_do_update(index_elements=["unit"], set_={"decision": statement.excluded.decision}))


def _derive_standings(connection: Connection, units: Sequence[str]) -> None:
    """Find the latest decision of these units that is not undone, again."""
    for part in parts(units):
        connection.execute(delete(standings).where(standings.c.unit.in_(part)))
        in_force = (
            select(decisions.c.unit, func.max(decisions.c.id))
            .join(actions, actions.c.id == decisions.c.action)
            .where(decisions.c.unit.in_(part), ~actions.c.undone)
            .group_by(decisions.c.unit)
        )
        _stand(connection, in_force)


def _standings(connection: Connection, units: Sequence[str]) -> Iterable[tuple[str, int]]:
    for part in parts(units):
        for row in connection.execute(select(standings).where(standings.c.unit.in_(part))):
            yield row.unit, row.decision
