"""What of a corpus repeats itself, as it is marked."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, Exists, and_, exists, func, or_, select, union

from aligner.corpus.queries import is_link, status, with_standing
from aligner.corpus.repeats.tables import boilerplate, copies, examined, said_again, sites
from aligner.corpus.tables import ACCEPTED, alignments, occurrences, units

BOILERPLATE, COPY = "boilerplate", "copy"
"""Why a unit is a repeat: it recurs over a site, or a near copy of a document says it instead of what the original says."""
KINDS = (BOILERPLATE, COPY)
EXAMPLES = 5


@dataclass(frozen=True, slots=True)
class Repeats:
    """How much of a corpus repeats itself."""

    copies: int
    """Alignments that are near copies of earlier ones."""
    units: dict[str, int]
    """Units that stand nowhere but where they repeat what is there, by kind, both named."""


@dataclass(frozen=True, slots=True)
class Site:
    """What repeats itself on a site, or in a folder of a dump."""

    name: str
    documents: int
    copies: int
    units: int
    """Of boilerplate, those without counterpart among them."""
    examples: tuple[tuple[str, str], ...]
    """Texts of some of them, the most frequent first."""


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


def repeating_sites(connection: Connection, limit: int) -> list[Site]:
    """The sites with the most units of boilerplate, then with the most copies: `limit` of them, of those that have any."""
    size = (
        select(examined.c.site, func.count(examined.c.alignment).label("documents"), func.count(copies.c.alignment).label("copies"))
        .outerjoin(copies, copies.c.alignment == examined.c.alignment)
        .group_by(examined.c.site)
        .subquery()
    )
    marked = select(boilerplate.c.site, func.count().label("units")).group_by(boilerplate.c.site).subquery()
    number = func.coalesce(marked.c.units, 0)
    query = (
        select(sites.c.id, sites.c.name, size.c.documents, size.c.copies, number.label("units"))
        .join(size, size.c.site == sites.c.id)
        .outerjoin(marked, marked.c.site == sites.c.id)
        .where(or_(number > 0, size.c.copies > 0))
        .order_by(number.desc(), size.c.copies.desc(), sites.c.name)
        .limit(limit)
    )
    return [Site(row.name, row.documents, row.copies, row.units, _examples(connection, row.id)) for row in connection.execute(query).all()]


def _examples(connection: Connection, site: int) -> tuple[tuple[str, str], ...]:
    """The units of a site's boilerplate that stand there most often."""
    places = func.count()
    query = (
        select(units.c.source, units.c.target)
        .join_from(boilerplate, units, units.c.id == boilerplate.c.unit)
        .join(occurrences, occurrences.c.unit == boilerplate.c.unit)
        .join(examined, and_(examined.c.alignment == occurrences.c.alignment, examined.c.site == site))
        .where(boilerplate.c.site == site)
        .group_by(units.c.id, units.c.source, units.c.target)
        .order_by(places.desc(), units.c.id)
        .limit(EXAMPLES)
    )
    return tuple((row.source, row.target) for row in connection.execute(query))
