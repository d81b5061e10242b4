"""The questions that are asked of a corpus, as SQL."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, and_, case, distinct, exists, func, select
from sqlalchemy import tuple_ as columns

from aligner.corpus.tables import STATUSES, UNREVIEWED, alignments, decisions, documents, occurrences, units
from aligner.types import TranslationUnit

PAGE = 1000  # rows read at a time: no transaction stays open while the caller works on what it got

HISTOGRAM_BINS = 10

_source_documents, _target_documents = documents.alias("source_documents"), documents.alias("target_documents")

_latest_decision = (
    select(decisions.c.status)
    .where(decisions.c.unit == units.c.id)
    .order_by(decisions.c.id.desc())
    .limit(1)
    .correlate(units)
    .scalar_subquery()
)
_status = func.coalesce(_latest_decision, UNREVIEWED)


def _occurrences_of_units() -> Select[Any]:
    """Every occurrence of a unit with what makes a TranslationUnit of it."""
    return (
        select(
            occurrences,
            units,
            _status.label("status"),
            alignments.c.source_document,
            alignments.c.target_document,
            _source_documents.c.name.label("source_name"),
            _target_documents.c.name.label("target_name"),
        )
        .join_from(occurrences, units)
        .join(alignments, alignments.c.id == occurrences.c.alignment)
        .join(_source_documents, _source_documents.c.id == alignments.c.source_document)
        .join(_target_documents, _target_documents.c.id == alignments.c.target_document)
        .order_by(occurrences.c.alignment, occurrences.c.position)
    )


def units_page(after: tuple[int, int], status: str | None, min_probability: float | None) -> Select[Any]:
    """A page of units, each at its first occurrence that is probable enough, from past the given alignment and position."""
    place = columns(occurrences.c.alignment, occurrences.c.position)
    earlier = occurrences.alias("earlier")
    is_earlier: list[ColumnElement[bool]] = [
        earlier.c.unit == occurrences.c.unit,
        columns(earlier.c.alignment, earlier.c.position) < place,
    ]
    query = _occurrences_of_units().where(place > columns(*after)).limit(PAGE)
    if min_probability is not None:
        query = query.where(occurrences.c.probability >= min_probability)
        is_earlier.append(earlier.c.probability >= min_probability)
    if status is not None:
        query = query.where(_status == status)
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
    )


def beads_of(alignment_id: int) -> Select[Any]:
    """The rows of one alignment, in order."""
    return select(occurrences).where(occurrences.c.alignment == alignment_id).order_by(occurrences.c.position)


def occurrence_seen(unit_id: str, unit: TranslationUnit | None) -> Select[Any]:
    """Documents and spans of a unit's occurrence: the one that `unit` was read at if it is still there, else the first."""
    found = _occurrences_of_units().where(occurrences.c.unit == unit_id).limit(1)
    if unit is not None:
        is_same = and_(
            _source_documents.c.name == unit.source_document,
            _target_documents.c.name == unit.target_document,
            occurrences.c.source_spans == unit.source_spans,
            occurrences.c.target_spans == unit.target_spans,
        )
        found = found.order_by(None).order_by(is_same.desc(), occurrences.c.alignment, occurrences.c.position)
    return found.with_only_columns(
        alignments.c.source_document, alignments.c.target_document, occurrences.c.source_spans, occurrences.c.target_spans
    )


def counts(connection: Connection) -> dict[str, Any]:
    """The fields of CorpusStats."""
    occurring = exists().where(occurrences.c.unit == units.c.id)
    statuses = select(_status.label("current")).select_from(units).where(occurring).subquery()
    size = func.count()
    languages = units.c.source_lang, units.c.target_lang
    by_status = connection.execute(select(statuses.c.current, size).group_by(statuses.c.current)).all()
    by_languages = connection.execute(select(*languages, size).where(occurring).group_by(*languages).order_by(size.desc())).all()
    return {
        "documents": connection.scalar(select(func.count(documents.c.id))),
        "alignments": connection.scalar(select(func.count(alignments.c.id))),
        "units": connection.scalar(select(func.count(distinct(occurrences.c.unit)))),
        "occurrences": connection.scalar(select(func.count(occurrences.c.unit))),
        "nulls": connection.scalar(select(func.count()).where(occurrences.c.unit.is_(None))),
        "by_status": {**dict.fromkeys(STATUSES, 0), **dict(by_status)},
        "by_languages": {f"{source}-{target}": number for source, target, number in by_languages},
        "probabilities": tuple(number or 0 for number in connection.execute(_histogram()).one()),
    }


def _histogram() -> Select[Any]:
    # Comparisons rather than a cast to integer, which cuts in one database and rounds in another.
    probability = occurrences.c.probability
    starts = [k / HISTOGRAM_BINS for k in range(HISTOGRAM_BINS)]
    ends = [*starts[1:], 2.0]  # 1 belongs to the last bin
    bins = (func.sum(case((and_(probability >= start, probability < end), 1), else_=0)) for start, end in zip(starts, ends, strict=True))
    return select(*bins).where(occurrences.c.unit.is_not(None))
