"""What of a corpus repeats itself, as it is marked."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, Exists, and_, exists, func, or_, select, union

from aligner.corpus.queries import is_link, status, with_standing
from aligner.corpus.repeats.tables import boilerplate, copies, examined, said_again
from aligner.corpus.tables import ACCEPTED, alignments, occurrences, units

BOILERPLATE, COPY = "boilerplate", "copy"
"""Why a unit is a repeat: it recurs over a site, or a near copy of a document says it instead of what the original says."""
KINDS = (BOILERPLATE, COPY)


@dataclass(frozen=True, slots=True)
class Repeats:
    """How much of a corpus repeats itself."""

    copies: int
    """Alignments that are near copies of earlier ones."""
    units: dict[str, int]
    """Units that stand nowhere but where they repeat what is there, by kind, both named."""


def repeated_units(connection: Connection) -> dict[str, str]:
    """The units of which every place is one of boilerplate or of a near copy, with the kind; but for those that a reviewer accepted."""
    current = and_(alignments.c.id == occurrences.c.alignment, alignments.c.superseded_by.is_(None))
    its_places = select(occurrences.c.unit).join(alignments, current).where(occurrences.c.unit == units.c.id, is_link)
    marked = union(select(boilerplate.c.unit), select(said_again.c.unit)).subquery()
    recurs = exists().where(boilerplate.c.unit == units.c.id)
    query = (
        with_standing(select(units.c.id, recurs).select_from(marked).join(units, units.c.id == marked.c.unit))
        .where(status != ACCEPTED)
        .where(its_places.exists())
        .where(~its_places.where(~or_(_in_boilerplate(), _in_copy())).exists())
    )
    return {unit: BOILERPLATE if is_boilerplate else COPY for unit, is_boilerplate in connection.execute(query)}


def repeats(connection: Connection) -> Repeats:
    """How much repeats itself now."""
    found = list(repeated_units(connection).values())
    current = select(func.count(copies.c.alignment)).join(alignments, alignments.c.id == copies.c.alignment)
    number = connection.scalar(current.where(alignments.c.superseded_by.is_(None)))
    return Repeats(number or 0, {kind: found.count(kind) for kind in KINDS})


def _in_boilerplate() -> Exists:
    """Of an occurrence: on a site over which its unit recurs."""
    return exists().where(
        boilerplate.c.unit == occurrences.c.unit,
        examined.c.site == boilerplate.c.site,
        examined.c.alignment == occurrences.c.alignment,
    )


def _in_copy() -> Exists:
    """Of an occurrence: in a copy whose original is there still."""
    original = alignments.alias("original")
    return exists().where(
        said_again.c.unit == occurrences.c.unit,
        said_again.c.alignment == occurrences.c.alignment,
        copies.c.alignment == said_again.c.alignment,
        original.c.id == copies.c.original,
        original.c.superseded_by.is_(None),
    )
