"""The questions that are asked of a corpus, as SQL. Alignments of superseded texts are passed over everywhere."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    Select,
    Subquery,
    Text,
    and_,
    bindparam,
    case,
    distinct,
    exists,
    func,
    or_,
    select,
    union,
)
from sqlalchemy import tuple_ as columns

from aligner.annotations import KINDS
from aligner.corpus.tables import (
    ACCEPTED,
    STATUSES,
    UNREVIEWED,
    actions,
    alignments,
    decisions,
    documents,
    occurrences,
    standings,
    unit_annotations,
    units,
)
from aligner.types import TranslationUnit

PAGE = 1000
"""Rows that are read at a time: no transaction stays open while the caller works on what it got."""
DOCUMENTS_PAGE = 20
"""The same of documents, one of which may have megabytes."""
HISTOGRAM_BINS = 10

_PARAMETERS = 400
"""Of one statement, at most; older SQLite takes 999."""

source_documents, target_documents = documents.alias("source_documents"), documents.alias("target_documents")

status = func.coalesce(decisions.c.status, UNREVIEWED)
"""Of a unit, in a query that is `with_standing`."""
kinds = select(func.aggregate_strings(unit_annotations.c.kind, " ")).where(unit_annotations.c.unit == occurrences.c.unit).scalar_subquery()
"""Of annotations of a bead's unit, in no order, with spaces between them; null where there are none."""
is_link = and_(occurrences.c.source_segments != (), occurrences.c.target_segments != ())


def with_standing(query: Select[Any]) -> Select[Any]:
    """A query of units with the decision on each that counts, and the action that it is of, where there is one."""
    return (
        query.outerjoin(standings, standings.c.unit == units.c.id)
        .outerjoin(decisions, decisions.c.id == standings.c.decision)
        .outerjoin(actions, actions.c.id == decisions.c.action)
    )


def current_occurrences() -> Select[Any]:
    """Every bead with its unit, its alignment and its documents, in order; nothing is selected yet."""
    query = (
        select()
        .join_from(occurrences, units, units.c.id == occurrences.c.unit)
        .join(alignments, and_(alignments.c.id == occurrences.c.alignment, alignments.c.superseded_by.is_(None)))
        .join(source_documents, source_documents.c.id == alignments.c.source_document)
        .join(target_documents, target_documents.c.id == alignments.c.target_document)
    )
    return query.order_by(occurrences.c.alignment, occurrences.c.position)


def _units_with_places() -> Select[Any]:
    """Every link with what makes a TranslationUnit of it."""
    return (
        with_standing(current_occurrences())
        .where(is_link)
        .add_columns(
            occurrences,
            *(column for column in units.c if column is not units.c.id),
            status.label("status"),
            actions.c.reviewer,
            actions.c.at,
            source_documents.c.name.label("source_name"),
            target_documents.c.name.label("target_name"),
            kinds.label("annotations"),
        )
    )


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which units are asked for; whatever is left as it is lets all through."""

    status: str | None = None
    min_probability: float | None = None
    without: frozenset[str] = frozenset()
    """Kinds of annotation that a unit may have only if it is accepted."""


def units_page(after: tuple[int, float], wanted: Wanted) -> Select[Any]:
    """A page of units, each at its first occurrence that is probable enough, from past the given alignment and position."""
    place = columns(occurrences.c.alignment, occurrences.c.position)
    earlier, its_alignment = occurrences.alias("earlier"), alignments.alias("its_alignment")
    is_earlier: list[ColumnElement[bool]] = [
        earlier.c.unit == occurrences.c.unit,
        columns(earlier.c.alignment, earlier.c.position) < place,
        its_alignment.c.id == earlier.c.alignment,
        its_alignment.c.superseded_by.is_(None),
        earlier.c.source_segments != (),
        earlier.c.target_segments != (),
    ]
    query = _units_with_places().where(place > columns(*after)).limit(PAGE)
    if wanted.min_probability is not None:
        query = query.where(occurrences.c.probability >= wanted.min_probability)
        is_earlier.append(earlier.c.probability >= wanted.min_probability)
    if wanted.status is not None:
        query = query.where(status == wanted.status)
    if wanted.without:
        marked = exists().where(unit_annotations.c.unit == occurrences.c.unit, unit_annotations.c.kind.in_(sorted(wanted.without)))
        query = query.where(or_(~marked, status == ACCEPTED))
    return query.where(~exists().where(*is_earlier))


def unit_of(row: Row[Any]) -> TranslationUnit:
    """The unit of a row of a page."""
    return TranslationUnit(
        row.source_lang,
        row.target_lang,
        row.source,
        row.target,
        row.probability,
        row.cosine,
        row.status,
        row.source_name,
        row.target_name,
        row.source_spans,
        row.target_spans,
        row.reviewer if row.status != UNREVIEWED else "",
        row.at if row.status != UNREVIEWED else "",
        tuple(sorted(row.annotations.split())) if row.annotations else (),
    )


def beads_of(alignment: int) -> Select[Any]:
    """The rows of one alignment, in order."""
    return select(occurrences).where(occurrences.c.alignment == alignment).order_by(occurrences.c.position)


def statuses_in(connection: Connection, alignment: int) -> dict[str, str]:
    """The statuses of an alignment's units that are not unreviewed."""
    query = (
        select(standings.c.unit, decisions.c.status)
        .join(decisions, decisions.c.id == standings.c.decision)
        .join(occurrences, occurrences.c.unit == standings.c.unit)
        .where(occurrences.c.alignment == alignment, decisions.c.status != UNREVIEWED)
    )
    return {row.unit: row.status for row in connection.execute(query)}


def occurrence_seen(unit: str, seen: TranslationUnit | None) -> Select[Any]:
    """Documents and spans of a unit's occurrence: the one that it was read at if it is still there, else the first."""
    found = current_occurrences().where(occurrences.c.unit == unit).limit(1)
    if seen is not None:
        is_same = and_(
            source_documents.c.name == seen.source_document,
            target_documents.c.name == seen.target_document,
            occurrences.c.source_spans == seen.source_spans,
            occurrences.c.target_spans == seen.target_spans,
        )
        found = found.order_by(None).order_by(is_same.desc(), occurrences.c.alignment, occurrences.c.position)
    return found.with_only_columns(
        alignments.c.source_document, alignments.c.target_document, occurrences.c.source_spans, occurrences.c.target_spans
    )


def counts(connection: Connection) -> dict[str, Any]:
    """The fields of CorpusStats."""
    here = (
        select(occurrences.c.unit, is_link.label("is_link"))
        .join(alignments, alignments.c.id == occurrences.c.alignment)
        .where(alignments.c.superseded_by.is_(None))
        .subquery()
    )
    size = func.count()
    linked = exists().where(here.c.unit == units.c.id, here.c.is_link)
    statuses = with_standing(select(status.label("current")).select_from(units)).where(linked).subquery()
    languages = units.c.source_lang, units.c.target_lang
    marked = exists().where(here.c.unit == unit_annotations.c.unit, here.c.is_link)
    by_kind = connection.execute(select(unit_annotations.c.kind, size).where(marked).group_by(unit_annotations.c.kind)).all()
    by_status = connection.execute(select(statuses.c.current, size).group_by(statuses.c.current)).all()
    by_languages = connection.execute(select(*languages, size).where(linked).group_by(*languages).order_by(size.desc())).all()
    return {
        "documents": connection.scalar(select(size).select_from(_documents_shown())),
        "alignments": connection.scalar(select(func.count(alignments.c.id)).where(alignments.c.superseded_by.is_(None))),
        "superseded": connection.scalar(
            select(func.count(alignments.c.superseded_by)).where(alignments.c.superseded_by != alignments.c.id)
        ),
        "units": connection.scalar(select(func.count(distinct(here.c.unit))).where(here.c.is_link)),
        "occurrences": connection.scalar(select(size).select_from(here).where(here.c.is_link)),
        "nulls": connection.scalar(select(size).select_from(here).where(~here.c.is_link)),
        "by_status": {**dict.fromkeys(STATUSES, 0), **dict(by_status)},
        "by_languages": {f"{source}-{target}": number for source, target, number in by_languages},
        "annotations": {**dict.fromkeys(KINDS, 0), **dict(by_kind)},
        "probabilities": tuple(number or 0 for number in connection.execute(_histogram()).one()),
    }


def _documents_shown() -> Subquery:
    """Those of which there is an alignment that is not still being added."""
    is_whole = or_(alignments.c.superseded_by.is_(None), alignments.c.superseded_by != alignments.c.id)
    sides = (select(column).where(is_whole) for column in (alignments.c.source_document, alignments.c.target_document))
    return union(*sides).subquery()


def _histogram() -> Select[Any]:
    # Comparisons rather than a cast to integer, which cuts in one database and rounds in another.
    probability = occurrences.c.probability
    starts = [k / HISTOGRAM_BINS for k in range(HISTOGRAM_BINS)]
    ends = [*starts[1:], 2.0]  # 1 belongs to the last bin
    bins = (func.sum(case((and_(probability >= start, probability < end), 1), else_=0)) for start, end in zip(starts, ends, strict=True))
    current = select(*bins).join_from(occurrences, alignments, alignments.c.id == occurrences.c.alignment)
    return current.where(is_link, alignments.c.superseded_by.is_(None))


def among(connection: Connection, query: Select[Any], column: ColumnElement[Any], values: Iterable[int | str]) -> Iterator[Any]:
    """What a query gives for these values of a column, a row each."""
    in_order = sorted(values)
    if not in_order:
        return
    if connection.dialect.name == "sqlite":  # as one parameter: SQLAlchemy takes longer to write out many than SQLite to look them up
        given = func.json_each(bindparam("among", type_=Text)).table_valued("value").c.value
        yield from connection.execute(query.where(column.in_(select(given))), {"among": json.dumps(in_order)})
        return
    for part in parts(in_order):
        yield from connection.execute(query.where(column.in_(part)))


def parts(items: Iterable[Any], size: int = _PARAMETERS) -> Iterator[list[Any]]:
    """The items in lists of `size` at most: by default as many as one statement takes for its parameters."""
    rest = iter(items)
    while part := list(islice(rest, size)):
        yield part
