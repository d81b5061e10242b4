"""Putting beads in the place of others: a position is a number between its neighbours', so that nothing else moves."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import Connection, and_, delete, func, insert, select, update

from aligner.corpus.beads import SIDES, Spans, StoredBead
from aligner.corpus.queries import parts
from aligner.corpus.tables import alignments, changes, occurrences
from aligner.errors import ReviewError

CLOSEST = 1e-6
"""Distance of two positions under which an alignment's beads are numbered anew."""

Content = tuple[str, Spans, Spans]
Place = tuple[int, float]
"""An alignment and a position."""


@dataclass(frozen=True, slots=True)
class Change:
    """Beads of one alignment that take the place of others."""

    alignment: int
    before: tuple[StoredBead, ...]
    after: tuple[StoredBead, ...]
    places: tuple[int, ...]
    """For each bead of `after`, the number of the one in `before` where it stands."""
    by_hand: bool = True
    """Whether those that come are the reviewer's own; else the aligner made them, and may make others again."""


@dataclass(frozen=True, slots=True)
class Exchange:
    """Beads of one alignment that go and beads that come, these with the positions that they have in the given numbering."""

    alignment: int
    go: tuple[StoredBead, ...]
    come: tuple[StoredBead, ...]
    numbering: int


def exchange_of(connection: Connection, change: Change) -> Exchange:
    """The change with positions for the beads that come: where those that they replace stand."""
    numbering, at = _positions(connection, change.alignment, change.before)
    come = _placed(connection, change, at)
    if come is None:
        _number_anew(connection, change.alignment)
        numbering, at = _positions(connection, change.alignment, change.before)
        come = _placed(connection, change, at) or ()
    go = tuple(replace(bead, position=at[bead.content]) for bead in change.before)
    return Exchange(change.alignment, go, come, numbering)


def carry_out(connection: Connection, exchange: Exchange) -> list[Place]:
    """Put beads in the place of others; gives the places that these went from."""
    here = occurrences.c.alignment == exchange.alignment
    for part in parts(bead.position for bead in exchange.go):
        connection.execute(delete(occurrences).where(here, occurrences.c.position.in_(part)))
    if exchange.come:
        connection.execute(insert(occurrences), [{"alignment": exchange.alignment, **bead.values()} for bead in exchange.come])
    return [(exchange.alignment, bead.position) for bead in exchange.go]


def record_change(connection: Connection, action: int, exchange: Exchange) -> None:
    """Record what an action changed."""
    row = {
        "action": action,
        "alignment": exchange.alignment,
        "before": [bead.values() for bead in exchange.go],
        "after": [bead.values() for bead in exchange.come],
        "numbering": exchange.numbering,
    }
    connection.execute(insert(changes).values(row))


def reversed_exchanges(connection: Connection, action: int, *, again: bool) -> list[Exchange]:
    """What takes an action's changes back, or, `again`, brings them back, with the positions that they had then.

    Of alignments that were forgotten, which supersede themselves, there is nothing to take back.
    """
    its_alignment = and_(alignments.c.id == changes.c.alignment, alignments.c.superseded_by.is_distinct_from(alignments.c.id))
    of_action = select(changes).join(alignments, its_alignment).where(changes.c.action == action)
    rows = connection.execute(of_action.order_by(changes.c.id)).all()
    exchanges = []
    for row in rows:
        before, after = (tuple(StoredBead.of(bead) for bead in beads) for beads in (row.before, row.after))
        go, come = (before, after) if again else (after, before)
        exchanges.append(Exchange(row.alignment, go, come, row.numbering))
    return exchanges if again else exchanges[::-1]


def as_it_stands(connection: Connection, exchange: Exchange) -> Exchange:
    """An earlier exchange at the positions that its beads have now.

    Raises ReviewError where a bead that is to go is not there any more.
    """
    numbering, at = _positions(connection, exchange.alignment, exchange.go)
    go = tuple(replace(bead, position=at[bead.content]) for bead in exchange.go)
    come = exchange.come
    if numbering != exchange.numbering or _occupied(connection, exchange.alignment, come, at.values()):
        come = tuple(_in_the_place_of(connection, exchange, at))
    return Exchange(exchange.alignment, go, come, numbering)


def _placed(connection: Connection, change: Change, at: dict[Content, float]) -> tuple[StoredBead, ...] | None:
    """The beads that come with their positions; None where two would stand too close."""
    new: dict[int, list[StoredBead]] = defaultdict(list)
    for bead, place in zip(change.after, change.places, strict=True):
        new[place].append(bead)
    come: list[StoredBead] = []
    for k, old in enumerate(change.before):
        spread = _spread(connection, change.alignment, at[old.content], new[k])
        if len(spread) > 1 and spread[1].position - spread[0].position < CLOSEST:
            return None
        come += spread
    return tuple(come)


def _spread(connection: Connection, alignment: int, low: float, beads: Sequence[StoredBead]) -> list[StoredBead]:
    """The beads at positions from `low` on, before the next one that is taken."""
    if len(beads) == 1:
        return [replace(beads[0], position=low)]
    step = (_next(connection, alignment, low) - low) / max(1, len(beads))
    return [replace(bead, position=low + step * number) for number, bead in enumerate(beads)]


def _next(connection: Connection, alignment: int, position: float) -> float:
    """The first position after this one that is taken."""
    later = and_(occurrences.c.alignment == alignment, occurrences.c.position > position)
    found = connection.scalar(select(func.min(occurrences.c.position)).where(later))
    return position + 1 if found is None else float(found)


def _positions(connection: Connection, alignment: int, beads: Sequence[StoredBead]) -> tuple[int, dict[Content, float]]:
    """The alignment's numbering, and where each bead stands now. Raises ReviewError where one is not there any more."""
    numbering = connection.scalar(select(alignments.c.numbering).where(alignments.c.id == alignment).with_for_update())
    found: dict[Content, float] = {}
    for part in parts(dict.fromkeys(bead.unit for bead in beads)):
        rows = connection.execute(select(occurrences).where(occurrences.c.alignment == alignment, occurrences.c.unit.in_(part)))
        found |= {there.content: there.position for there in map(StoredBead.of, rows)}
    if not all(bead.content in found for bead in beads):
        raise ReviewError("somebody has changed these rows since: look at them again")
    return int(numbering or 0), {bead.content: found[bead.content] for bead in beads}


def _occupied(connection: Connection, alignment: int, beads: Sequence[StoredBead], left: Collection[float]) -> bool:
    """Whether other beads stand where these are to come, when those at the positions that are `left` are gone."""
    wanted = {bead.position for bead in beads}.difference(left)
    here = select(func.count()).where(occurrences.c.alignment == alignment)
    return any(connection.scalar(here.where(occurrences.c.position.in_(part))) for part in parts(wanted))


def _in_the_place_of(connection: Connection, exchange: Exchange, at: dict[Content, float]) -> list[StoredBead]:
    """The beads that come where those stood that they share text with, for their own positions mean nothing any more, or are taken."""
    left = {(side, span): at[bead.content] for bead in exchange.go[::-1] for side in SIDES for _, span in bead.pieces(side)}
    by_place: dict[float, list[StoredBead]] = defaultdict(list)
    for bead in exchange.come:
        spans = ((side, span) for side in SIDES for _, span in bead.pieces(side))
        by_place[next((left[span] for span in spans if span in left), min(at.values()))].append(bead)
    return [bead for low, beads in by_place.items() for bead in _spread(connection, exchange.alignment, low, beads)]


def _number_anew(connection: Connection, alignment: int) -> None:
    """Give an alignment's beads whole numbers as positions, in their order."""
    here = occurrences.c.alignment == alignment
    beads = [StoredBead.of(row) for row in connection.execute(select(occurrences).where(here).order_by(occurrences.c.position))]
    connection.execute(delete(occurrences).where(here))
    rows = [{"alignment": alignment, **bead.values(), "position": float(number)} for number, bead in enumerate(beads)]
    connection.execute(insert(occurrences), rows)
    connection.execute(update(alignments).where(alignments.c.id == alignment).values(numbering=alignments.c.numbering + 1))
