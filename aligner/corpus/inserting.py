"""Writing many rows by one statement, without SQLAlchemy's conversions: what is written while others wait is to be written fast."""

from __future__ import annotations

import json
from collections.abc import Sequence
from enum import Enum
from functools import lru_cache
from typing import Any

from sqlalchemy import ClauseElement, Connection, Dialect, LargeBinary, Table, Text, text
from sqlalchemy.dialects import postgresql, sqlite

from aligner.corpus.tables import Json

_KEPT = 128
"""Statements that are not put together anew."""


class Known(Enum):
    """What becomes of a row whose key is there already."""

    FAILS = "fails"
    STAYS = "stays"
    """As it is, whatever the new one says."""
    REPLACED = "replaced"


def insert_many(connection: Connection, table: Table, columns: tuple[str, ...], rows: Sequence[tuple[Any, ...]], known: Known) -> None:
    """Insert rows that have these columns as they are stored: JSON is text. With REPLACED no two may have the same key."""
    if not rows:
        return
    sql = _insertion(table, columns, known, connection.dialect)
    if connection.dialect.name == "postgresql":
        records = [dict(zip(columns, row, strict=True)) for row in rows]
        connection.execute(text(sql), {"rows": json.dumps(records, default=bytes.hex)})
    else:
        connection.exec_driver_sql(sql, list(rows))


def execute_many(connection: Connection, statement: ClauseElement, rows: Sequence[dict[str, Any]]) -> None:
    """Execute a statement, which is made once, for many rows."""
    if rows:
        sql, order = _compiled(statement, connection.dialect, tuple(rows[0]))
        connection.exec_driver_sql(sql, [tuple(row[name] for name in order) for row in rows])


def insertion(connection: Connection, table: Table) -> Any:
    """An insertion that can say what to do where a row is there already."""
    return (postgresql if connection.dialect.name == "postgresql" else sqlite).insert(table)


@lru_cache(_KEPT)
def _insertion(table: Table, columns: tuple[str, ...], known: Known, dialect: Dialect) -> str:
    names = ", ".join(columns)
    if dialect.name == "postgresql":  # with one parameter for all rows: it takes a driver longer than all else to convert so many
        types = {name: table.c[name].type for name in columns}
        given = ", ".join(f"{name} {_given(of).compile(dialect=dialect)}" for name, of in types.items())
        taken = ", ".join(f"decode({name}, 'hex')" if isinstance(of, LargeBinary) else name for name, of in types.items())
        values = f"SELECT {taken} FROM json_to_recordset(CAST(:rows AS json)) AS rows({given})"
    else:
        values = f"VALUES ({', '.join('?' * len(columns))})"
    return f"INSERT INTO {table.name} ({names}) {values}{_conflict(table, columns, known)}"


def _given(of: Any) -> Any:
    """The type of a value as JSON can hold it."""
    return Text() if isinstance(of, Json | LargeBinary) else of


def _conflict(table: Table, columns: tuple[str, ...], known: Known) -> str:
    if known is Known.FAILS:
        return ""
    if known is Known.STAYS:
        return " ON CONFLICT DO NOTHING"
    key = [column.name for column in table.primary_key]
    others = ", ".join(f"{name} = excluded.{name}" for name in columns if name not in key)
    return f" ON CONFLICT ({', '.join(key)}) DO UPDATE SET {others}"


@lru_cache(_KEPT)
def _compiled(statement: ClauseElement, dialect: Dialect, columns: tuple[str, ...]) -> tuple[str, list[str]]:
    compiled: Any = statement.compile(dialect=dialect, column_keys=list(columns))
    return str(compiled), compiled.positiontup
