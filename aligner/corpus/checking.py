"""Checking a corpus: whether the database is sound, and whether what it holds agrees with itself."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from sqlalchemy import Connection, FromClause, Row, Subquery, Table, Text, func, select, type_coerce

from aligner.corpus.adding import beads_in, texts_of
from aligner.corpus.beads import COLUMNS, SIDES, text_of
from aligner.corpus.pieces import Transaction
from aligner.corpus.queries import DOCUMENTS_PAGE, PAGE, parts
from aligner.corpus.tables import Json, actions, alignments, bookmarks, changes, decisions, documents, occurrences, standings, units
from aligner.types import TranslationUnit

_SHOWN = 60
"""Characters of what cannot be read that a finding shows."""


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is not as it should be."""

    where: str
    message: str


def check(reading: Transaction) -> Iterator[Finding]:
    """What is wrong with a corpus. `reading` begins transactions, short ones, between which others write."""
    with reading() as connection:
        if connection.dialect.name == "sqlite":
            yield from _database(connection)
        yield from _standings(connection)
        numbers = connection.scalars(select(alignments.c.id).order_by(alignments.c.id)).all()
    for row in _rows(reading, documents, DOCUMENTS_PAGE):
        if hashlib.sha256(row.text.encode()).hexdigest() != row.digest:
            yield Finding(f"document {row.id}", f"{row.name}: its text is not the one that its digest is of")
    for row in _rows(reading, units, PAGE):
        if TranslationUnit(row.source_lang, row.target_lang, row.source, row.target).id != row.id:
            yield Finding(f"unit {row.id}", "its texts are not those that its id is of")
    for table in (decisions, changes, bookmarks):
        for row in _rows(reading, _as_stored(table), PAGE):
            yield from _not_json(row, f"{table.name} {row[0]}", _read_in(table))
    for number in numbers:
        with reading() as connection:
            if connection.scalar(select(alignments.c.id).where(alignments.c.id == number)):
                yield from _alignment(connection, number)


def _database(connection: Connection) -> Iterator[Finding]:
    for row in connection.exec_driver_sql("PRAGMA integrity_check"):
        if row[0] != "ok":
            yield Finding("database", row[0])
    for row in connection.exec_driver_sql("PRAGMA foreign_key_check"):
        yield Finding(f"table {row[0]}", f"a row refers to one of {row[2]} that is not there")


def _standings(connection: Connection) -> Iterator[Finding]:
    in_force = select(decisions.c.unit, func.max(decisions.c.id).label("decision")).join(actions, actions.c.id == decisions.c.action)
    latest = in_force.where(~actions.c.undone).group_by(decisions.c.unit).subquery()
    both = latest.join(standings, standings.c.unit == latest.c.unit, full=True)
    query = select(func.coalesce(latest.c.unit, standings.c.unit)).select_from(both)
    for unit in connection.scalars(query.where(latest.c.decision.is_distinct_from(standings.c.decision))):
        yield Finding(f"unit {unit}", "what it counts as is not its latest decision that is not undone")


def _rows(reading: Transaction, table: FromClause, size: int) -> Iterator[Row[Any]]:
    """The rows in the order of their first column, which is their key."""
    key = next(iter(table.c))
    here = select(table).order_by(key).limit(size)
    query = here
    while True:
        with reading() as connection:
            page = connection.execute(query).all()
        yield from page
        if len(page) < size:
            return
        query = here.where(key > page[-1][0])


def _as_stored(table: Table) -> Subquery:
    """A table with JSON as the text that it is, or is not: reading it as JSON would fail."""
    return select(
        *(type_coerce(column, Text).label(column.name) if isinstance(column.type, Json) else column for column in table.c)
    ).subquery()


def _read_in(table: Table) -> list[str]:
    return [column.name for column in table.c if isinstance(column.type, Json)]


def _not_json(row: Row[Any], where: str, names: Iterable[str]) -> Iterator[Finding]:
    """Those of these columns of a row that are no JSON, or not of the kind that they hold."""
    for name in names:
        held = getattr(row, name)
        if held is not None and not _KINDS[name](_read(held)):
            yield Finding(where, f"its {name} cannot be read: {held[:_SHOWN]}")


def _read(held: str) -> Any:
    """What JSON says; None where it is none."""
    try:
        return json.loads(held)
    except ValueError:
        return None


def _is_numbers(value: Any) -> bool:
    return isinstance(value, list) and all(type(number) is int for number in value)


def _is_spans(value: Any) -> bool:
    return isinstance(value, list) and all(_is_numbers(span) and len(span) == 2 for span in value)


def _is_beads(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(bead, dict) and bead.keys() >= set(COLUMNS) for bead in value)


def _is_place(value: Any) -> bool:
    return isinstance(value, dict)


_KINDS = {
    "source_segments": _is_numbers,
    "target_segments": _is_numbers,
    "source_spans": _is_spans,
    "target_spans": _is_spans,
    "before": _is_beads,
    "after": _is_beads,
    "place": _is_place,
}
"""What the columns of JSON hold, by their names."""


def _alignment(connection: Connection, number: int) -> Iterator[Finding]:
    """What is wrong with an alignment: that a bead cannot be read, or else what the beads say."""
    stored = _as_stored(occurrences)
    rows = connection.execute(select(stored).where(stored.c.alignment == number).order_by(stored.c.position))
    unreadable = [wrong for row in rows for wrong in _not_json(row, f"alignment {number}, bead {row.position:g}", _read_in(occurrences))]
    yield from unreadable or _beads(connection, number)


def _beads(connection: Connection, number: int) -> Iterator[Finding]:
    """What is wrong with the beads of an alignment. That they cover their texts cannot be asked: doubtful links may have been left out."""
    texts, beads = texts_of(connection, number), beads_in(connection, number)
    ids = {bead.unit for bead in beads}
    known = {row.id: row for part in parts(ids) for row in connection.execute(select(units).where(units.c.id.in_(part)))}
    is_page = texts.source == texts.target  # on which a line that stands twice may be linked at either place
    for side in SIDES:
        text = getattr(texts, side)
        pieces = sorted(span for bead in beads for span in getattr(bead, f"{side}_spans"))
        if any(not 0 <= start <= end <= len(text) for start, end in pieces):
            yield Finding(f"alignment {number}", f"a bead stands outside of the {side}, {getattr(texts, f'{side}_document')}")
        if not is_page and any(after[0] < before[1] for before, after in pairwise(pieces)):
            yield Finding(f"alignment {number}", f"two beads hold the same text of the {side}, {getattr(texts, f'{side}_document')}")
        for bead in beads:
            spans, segments = getattr(bead, f"{side}_spans"), getattr(bead, f"{side}_segments")
            if len(spans) != len(segments):
                yield Finding(
                    f"alignment {number}, bead {bead.position:g}", f"it has {len(segments)} segments of the {side}, {len(spans)} spans"
                )
            if bead.action is None and bead.unit in known and text_of(text, spans) != getattr(known[bead.unit], side):
                yield Finding(f"alignment {number}, bead {bead.position:g}", f"its {side} is not the text of its unit {bead.unit}")
