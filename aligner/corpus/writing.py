"""The rows that an alignment becomes: what is there already is found, what is not is made."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from functools import cache, lru_cache
from operator import itemgetter
from typing import Any

from sqlalchemy import ClauseElement, Connection, Dialect, Insert, Row, Table, and_, select
from sqlalchemy.dialects import postgresql, sqlite

from aligner.corpus.queries import parts
from aligner.corpus.tables import alignments, documents, encoded, unit_annotations, units
from aligner.types import Alignment, Document, TranslationUnit

Marks = Mapping[str, Mapping[str, str]]
"""What the rules of annotation found: reasons by kind, for units by id."""

MULTIPLE_LANGUAGES = "mul"
"""ISO 639-2 code of a page that holds both languages."""


def hold_alignment(connection: Connection, alignment: Alignment, *, hidden: bool = False) -> Row[Any]:
    """The alignment's row as it is; where it is made now, `hidden` lets it supersede itself, so that nobody sees its beads yet."""
    place = _hold_documents(connection, alignment)
    missing = insert_missing(connection, alignments).returning(alignments.c.id)
    made = connection.execute(missing, {**place, **made_by(alignment)}).scalar_one_or_none()
    if made is not None and hidden:
        connection.execute(alignments.update().where(alignments.c.id == made).values(superseded_by=made))
    here = and_(*(alignments.c[name] == value for name, value in place.items()))
    # On PostgreSQL the lock makes a second add of the same documents wait; SQLite has one writer at a time.
    return connection.execute(select(alignments).where(here).with_for_update()).one()


def made_by(alignment: Alignment) -> dict[str, str]:
    """The columns that say what made an alignment, and when: now."""
    provenance = alignment.provenance
    return {
        "encoder": provenance.encoder,
        "revision": provenance.revision,
        "weights": provenance.weights,
        "version": provenance.version,
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
    }


def _hold_documents(connection: Connection, alignment: Alignment) -> dict[str, int | str]:
    """What an alignment is known by: its documents and languages. A text is stored once, under the name that it came with first."""
    if alignment.is_page:
        sides = [(alignment.source, MULTIPLE_LANGUAGES)] * 2
    else:
        sides = [(alignment.source, alignment.source_lang), (alignment.target, alignment.target_lang)]
    keys = [(_digest(document), lang) for document, lang in sides]
    rows = {
        key: {"digest": key[0], "lang": key[1], "name": printable(document.name), "text": document.text}
        for key, (document, _) in zip(keys, sides, strict=True)
    }
    # In one order everywhere, so that two writers never wait for each other.
    connection.execute(insert_missing(connection, documents), [rows[key] for key in sorted(rows)])
    query = select(documents.c.id, documents.c.digest, documents.c.lang).where(documents.c.digest.in_([digest for digest, _ in keys]))
    ids = {(row.digest, row.lang): int(row.id) for row in connection.execute(query)}
    return {
        "source_document": ids[keys[0]],
        "target_document": ids[keys[1]],
        "source_lang": alignment.source_lang,
        "target_lang": alignment.target_lang,
    }


def _digest(document: Document) -> str:
    # Raises UnicodeEncodeError for a lone surrogate, before the database driver sees the text: some lose their connection over it.
    return hashlib.sha256(document.text.encode("utf-8")).hexdigest()


def printable(name: str) -> str:
    """The name with what no database holds written out: file names of old systems carry bytes that are no UTF-8."""
    return name.encode("utf-8", "backslashreplace").decode("utf-8")


def known_units(connection: Connection, ids: Iterable[str]) -> set[str]:
    """Those of the ids that the corpus holds."""
    return {id_ for part in parts(ids) for id_ in connection.scalars(select(units.c.id).where(units.c.id.in_(part)))}


def hold_units(connection: Connection, missing: Iterable[TranslationUnit], found: Marks) -> None:
    """Store the units that another writer has not stored in the meantime, and what the rules found in them."""
    rows = [
        {"id": unit.id, "source_lang": unit.source_lang, "target_lang": unit.target_lang, "source": unit.source, "target": unit.target}
        for unit in missing
    ]
    rows.sort(key=itemgetter("id"))  # in one order everywhere, so that two writers never wait for each other
    insert_many(connection, insert_missing(connection, units), rows)
    hold_annotations(connection, {row["id"]: found[row["id"]] for row in rows if row["id"] in found})


def hold_annotations(connection: Connection, found: Marks) -> None:
    """Store what was found in units that the corpus holds; what another writer has stored already stays."""
    rows = [{"unit": unit, "kind": kind, "reason": reason} for unit, reasons in found.items() for kind, reason in reasons.items()]
    rows.sort(key=itemgetter("unit", "kind"))  # as above
    insert_many(connection, insert_missing(connection, unit_annotations), rows)


def insert_many(connection: Connection, statement: Insert, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert many rows fast, for others may wait: a third of the time that SQLAlchemy takes by itself, or of a tenth of the messages."""
    if not rows:
        return
    if connection.dialect.name == "postgresql":
        # A statement for each thousand rows, which SQLAlchemy makes only where they are to return something.
        connection.execute(statement.returning(*statement.table.primary_key), rows)
    else:
        execute_many(connection, statement, rows)


def execute_many(connection: Connection, statement: ClauseElement, rows: Sequence[Mapping[str, Any]]) -> None:
    """Execute a statement for many rows without SQLAlchemy's conversions; tuples become JSON."""
    if rows:
        sql, order = _compiled(statement, connection.dialect, tuple(rows[0]))
        values = [tuple(encoded(row[name]) if isinstance(row[name], tuple) else row[name] for name in order) for row in rows]
        connection.exec_driver_sql(sql, values)


@lru_cache(maxsize=64)  # statements that are made once are compiled once
def _compiled(statement: ClauseElement, dialect: Dialect, columns: tuple[str, ...]) -> tuple[str, list[str]]:
    compiled: Any = statement.compile(dialect=dialect, column_keys=list(columns))
    return str(compiled), compiled.positiontup


def insert_into(connection: Connection, table: Table) -> Any:
    """An insertion that can say what to do where a row is there already."""
    return insertion(connection.dialect.name, table)


def insert_missing(connection: Connection, table: Table) -> Insert:
    """Insert what is not there yet; what is there stays as it is."""
    return _missing(connection.dialect.name, table)


def insertion(dialect: str, table: Table) -> Any:
    """As `insert_into`, for a kind of database."""
    return (postgresql if dialect == "postgresql" else sqlite).insert(table)


@cache
def _missing(dialect: str, table: Table) -> Insert:
    missing: Insert = insertion(dialect, table).on_conflict_do_nothing()
    return missing
