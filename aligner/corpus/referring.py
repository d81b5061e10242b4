"""Rows that nothing refers to, by all keys of all tables."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Connection, Delete, Select, Table, bindparam, delete, exists, or_, select

from aligner.corpus.queries import parts
from aligner.corpus.repeats import tables as _repeats  # noqa: F401  they are among the tables of the metadata when it is imported
from aligner.corpus.tables import metadata


def delete_free(connection: Connection, table: Table, ids: Iterable[int | str]) -> None:
    """Delete those of these rows that nothing refers to."""
    held, free = _held_and_free(table)
    for part in parts(sorted(ids)):  # in one order everywhere, so that two writers never wait for each other
        # On PostgreSQL a reviewer who decides just now is waited for, and is seen by what follows.
        if connection.dialect.name == "postgresql":
            connection.execute(held, {"ids": part}).all()
        connection.execute(free, {"ids": part})


@cache  # putting it together takes longer than all that it does
def _held_and_free(table: Table) -> tuple[Select[Any], Delete]:
    """What holds rows of these `ids`, and what deletes those of them that nothing refers to."""
    here = table.c.id.in_(bindparam("ids", expanding=True))
    return select(table.c.id).where(here).order_by(table.c.id).with_for_update(), delete(table).where(here, ~is_referred_to(table))


def is_referred_to(table: Table, *, besides: Collection[ColumnElement[object]] = ()) -> ColumnElement[bool]:
    """Whether a row of another table, or another row of this one, refers to a row and would not go with it."""
    conditions = []
    for column in _referring(table):
        if any(column is other for other in besides):
            continue
        other = column.table.alias()
        refers = other.c[column.name] == table.c.id
        conditions.append(exists().where(refers, other.c.id != table.c.id) if column.table is table else exists().where(refers))
    return or_(*conditions)


def _referring(table: Table) -> list[ColumnElement[object]]:
    """The columns of all tables that refer to this one and whose rows do not go with its rows."""
    keys = (key for other in metadata.tables.values() for key in other.foreign_keys)
    return [key.parent for key in keys if key.column is table.c.id and key.ondelete != "CASCADE"]
