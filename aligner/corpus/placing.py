"""Putting beads in the place of others: a position is a number between its neighbours', so that nothing else moves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlalchemy import Connection, and_, delete, func, insert, select, update

from aligner.corpus.beads import Spans, StoredBead
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


def carry_out(connection: Connection, exchange: Exchange) -> tuple[list[StoredBead], list[Place]]:
    """Change the beads; gives those that came, at their positions, and the places that the others went from.

    Raises ReviewError where a bead that is to go is not there any more.
    """
    alignment = exchange.alignment
    numbering, at = _positions(connection, alignment, exchange.go)
    here = occurrences.c.alignment == alignment
    for content in at:
        connection.execute(delete(occurrences).where(here, occurrences.c.position == at[content]))
    come = list(exchange.come)
    if numbering != exchange.numbering or _occupied(connection, alignment, come):
        come = _from(connection, alignment, min(at.values()), come)
    if come:
        connection.execute(insert(occurrences), [{"alignment": alignment, **bead.values()} for bead in come])
    return come, [(alignment, at[bead.content]) for bead in exchange.go]


def kept(connection: Connection, action: int, exchange: Exchange, come: Sequence[StoredBead]) -> None:
    """Record what an action changed."""
    row = {
        "action": action,
        "alignment": exchange.alignment,
        "before": [bead.values() for bead in exchange.go],
        "after": [bead.values() for bead in come],
        "numbering": exchange.numbering,
    }
    connection.execute(insert(changes).values(row))


def reversed_exchanges(connection: Connection, action: int, *, again: bool) -> list[Exchange]:
    """What takes an action's changes back, or, `again`, brings them back."""
    rows = connection.execute(select(changes).where(changes.c.action == action).order_by(changes.c.id)).all()
    exchanges = []
    for row in rows:
        before, after = (tuple(StoredBead.of(bead) for bead in beads) for beads in (row.before, row.after))
        go, come = (before, after) if again else (after, before)
        exchanges.append(Exchange(row.alignment, go, come, row.numbering))
    return exchanges if again else exchanges[::-1]


def _placed(connection: Connection, change: Change, at: dict[Content, float]) -> tuple[StoredBead, ...] | None:
    """The beads that come with their positions; None where two would stand too close."""
    come: list[StoredBead] = []
    for k, old in enumerate(change.before):
        new = [bead for bead, place in zip(change.after, change.places, strict=True) if place == k]
        low = at[old.content]
        step = (_next(connection, change.alignment, low) - low) / len(new) if len(new) > 1 else 0.0
        if len(new) > 1 and step < CLOSEST:
            return None
        come += [replace(bead, position=low + step * number) for number, bead in enumerate(new)]
    return tuple(come)


def _next(connection: Connection, alignment: int, position: float) -> float:
    """The first position after this one that is taken."""
    later = and_(occurrences.c.alignment == alignment, occurrences.c.position > position)
    found = connection.scalar(select(func.min(occurrences.c.position)).where(later))
    return position + 1 if found is None else float(found)


def _positions(connection: Connection, alignment: int, beads: Sequence[StoredBead]) -> tuple[int, dict[Content, float]]:
    """The alignment's numbering, and where each bead stands now. Raises ReviewError where one is not there any more."""
    numbering = connection.scalar(select(alignments.c.numbering).where(alignments.c.id == alignment).with_for_update())
    found = {}
    for bead in beads:
        rows = connection.execute(select(occurrences).where(occurrences.c.alignment == alignment, occurrences.c.unit == bead.unit))
        for there in map(StoredBead.of, rows):
            found[there.content] = there.position
        if bead.content not in found:
            raise ReviewError("somebody has changed these segments since: look at them again")
    return int(numbering or 0), {bead.content: found[bead.content] for bead in beads}


def _occupied(connection: Connection, alignment: int, beads: Sequence[StoredBead]) -> bool:
    here = and_(occurrences.c.alignment == alignment, occurrences.c.position.in_([bead.position for bead in beads]))
    return bool(connection.scalar(select(func.count()).where(here)))


def _from(connection: Connection, alignment: int, first: float, beads: Sequence[StoredBead]) -> list[StoredBead]:
    """The beads at positions from `first` on, for their own mean nothing any more, or are taken."""
    step = (_next(connection, alignment, first) - first) / max(1, len(beads))
    return [replace(bead, position=first + step * number) for number, bead in enumerate(beads)]


def _number_anew(connection: Connection, alignment: int) -> None:
    """Give an alignment's beads whole numbers as positions, in their order."""
    here = occurrences.c.alignment == alignment
    beads = [StoredBead.of(row) for row in connection.execute(select(occurrences).where(here).order_by(occurrences.c.position))]
    connection.execute(delete(occurrences).where(here))
    rows = [{"alignment": alignment, **bead.values(), "position": float(number)} for number, bead in enumerate(beads)]
    connection.execute(insert(occurrences), rows)
    connection.execute(update(alignments).where(alignments.c.id == alignment).values(numbering=alignments.c.numbering + 1))
