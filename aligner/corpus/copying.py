"""Copying a corpus to another database, SQLite or PostgreSQL: every row of every table, with its number, all or nothing.

The source is read as it is at one moment, in pages, while others go on writing. A file gets its name when it is whole; a server gets
everything in one transaction.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Column, Connection, Engine, MetaData, Table, Text, bindparam, create_engine, func, insert, select, update
from sqlalchemy import tuple_ as columns

from aligner.corpus.inserting import Known, insert_many
from aligner.corpus.opening import address_of, engine_of, failures, lock_creation, open_engines, shown, version_of
from aligner.corpus.queries import DOCUMENTS_PAGE, PAGE
from aligner.corpus.repeats import tables as _repeats  # noqa: F401  they are among the tables of the metadata when it is imported
from aligner.corpus.tables import SCHEMA_VERSION, Json, corpus_schema, documents, metadata
from aligner.errors import CorpusError
from aligner.types import Progress


def copy(source: str | Path, target: str | Path, *, overwrite: bool = False, progress: Progress | None = None) -> dict[str, int]:
    """Copy a corpus to a path or URL where nothing is; gives the rows of each table.

    overwrite: whether an earlier copy, a file of SQLite that nobody uses, is replaced.
    Raises CorpusError where something is there already, and for what either database cannot do; then nothing is left of the copy.
    """
    address = address_of(target)
    engines = open_engines(source, create=False)
    if _same_file(engines.reader.url, address):
        raise CorpusError(f"{shown(address)} is the corpus itself: name another file for the copy")
    with ExitStack() as stack:
        stack.callback(engines.reader.dispose)
        reading = stack.enter_context(_snapshot(engines.reader))
        making = _file(address, overwrite) if address.get_backend_name() == "sqlite" else _database(address)
        writing = stack.enter_context(making)
        with failures(reading.engine.url):
            counts = {table.name: _count(reading, table) for table in _tables()}
        done = 0
        for table in _tables():
            for page in _pages(reading, table):
                _write(writing, table, page)
                done += len(page)
                if progress is not None:
                    progress("copy", done, max(done, sum(counts.values())))
        for table in _tables():
            _refer_to_own(reading, writing, table)
        _verify(writing, counts)
        writing.execute(insert(corpus_schema).values(version=SCHEMA_VERSION))
    return counts


def _same_file(one: URL, other: URL) -> bool:
    files = [Path(shown(address)) for address in (one, other) if address.get_backend_name() == "sqlite"]
    return len(files) == 2 and all(file.exists() for file in files) and files[0].samefile(files[1])


def _tables() -> list[Table]:
    """All but the one that says that a database holds a corpus; what others refer to comes before them."""
    return [table for table in metadata.sorted_tables if table is not corpus_schema]


@contextmanager
def _snapshot(engine: Engine) -> Iterator[Connection]:
    """A corpus as it is now, whatever others write meanwhile."""
    if engine.dialect.name == "postgresql":
        engine = engine.execution_options(isolation_level="REPEATABLE READ")
    with failures(engine.url), engine.begin() as connection:
        yield connection


@contextmanager
def _file(address: URL, overwrite: bool) -> Iterator[Connection]:
    """A new database, which gets its name when the block has ended well."""
    path = Path(shown(address))
    if path.exists() and path.stat().st_size and not overwrite:
        raise CorpusError(f"{path} exists: name another file for the copy")
    if not path.parent.is_dir():
        raise CorpusError(f"the corpus {path} cannot be made, for its folder {path.parent} does not exist: make it first")
    log = path.with_name(f"{path.name}-wal")
    if log.exists() and log.stat().st_size:
        raise CorpusError(f"{path} is in use, for there is {log}: name another file for the copy")
    part = path.with_name(f"{path.name}.{secrets.token_hex(4)}.part")
    engine = create_engine(URL.create("sqlite", database=str(part)))
    try:
        with failures(address), engine.connect() as connection:
            for pragma in ("journal_mode = OFF", "synchronous = OFF", "foreign_keys = OFF"):  # a file without a name can be lost
                connection.exec_driver_sql(f"PRAGMA {pragma}")
            metadata.create_all(connection)
            yield connection
            connection.commit()
            for check in ("quick_check", "foreign_key_check"):
                found = connection.exec_driver_sql(f"PRAGMA {check}").first()
                if found is not None and found[0] != "ok":
                    raise CorpusError(
                        f"the copy would be damaged ({check}: {found[0]}): see by 'aligner corpus check' whether the corpus is"
                    )
            connection.commit()
            connection.exec_driver_sql("PRAGMA journal_mode = WAL")
        engine.dispose()
        with part.open("rb+") as file:
            os.fsync(file.fileno())
        for suffix in ("-wal", "-shm"):  # of the one whose place it takes
            path.with_name(f"{path.name}{suffix}").unlink(missing_ok=True)
        part.replace(path)
    finally:
        engine.dispose()
        for suffix in ("", "-wal", "-shm"):
            part.with_name(f"{part.name}{suffix}").unlink(missing_ok=True)


@contextmanager
def _database(address: URL) -> Iterator[Connection]:
    """An empty database of a server, in a transaction that makes the tables."""
    with failures(address):
        engine = engine_of(address)
        try:
            with engine.begin() as connection:
                lock_creation(connection)
                if version_of(connection) is not None:
                    raise CorpusError(f"{shown(address)} holds a corpus already: give an empty database for the copy")
                metadata.create_all(connection)
                yield connection
                for table in _tables():
                    _go_on_numbering(connection, table)
        finally:
            engine.dispose()


def _go_on_numbering(connection: Connection, table: Table) -> None:
    """Let the next row get the next number."""
    if (column := table.autoincrement_column) is not None:
        last = select(func.max(column)).scalar_subquery()
        sequence = func.pg_get_serial_sequence(table.name, column.name)
        connection.execute(select(func.setval(sequence, last)).where(last.is_not(None)))


def _plain(table: Table) -> Table:
    """The table with JSON as the text that it is."""
    return Table(
        table.name,
        MetaData(),
        *(Column(its.name, Text() if isinstance(its.type, Json) else its.type, primary_key=its.primary_key) for its in table.columns),
    )


def _own(table: Table) -> list[str]:
    """The columns that refer to other rows of the same table, which may come later."""
    return [key.parent.name for key in table.foreign_keys if key.column.table is table]


def _count(connection: Connection, table: Table) -> int:
    return connection.scalar(select(func.count()).select_from(table)) or 0


def _pages(connection: Connection, table: Table) -> Iterator[Sequence[Any]]:
    """The rows of a table, in the order of its key."""
    plain = _plain(table)
    key = list(plain.primary_key)
    query = select(plain).order_by(*key).limit(DOCUMENTS_PAGE if table is documents else PAGE)
    here = query
    while True:
        with failures(connection.engine.url):
            page = connection.execute(here).all()
        if not page:
            return
        yield page
        after = [bindparam(None, page[-1]._mapping[column.name], column.type) for column in key]
        here = query.where(columns(*key) > columns(*after)) if len(key) > 1 else query.where(key[0] > after[0])


def _write(connection: Connection, table: Table, page: Sequence[Any]) -> None:
    names = [column.name for column in table.columns if column.name not in _own(table)]
    insert_many(connection, table, tuple(names), [tuple(row._mapping[name] for name in names) for row in page], Known.FAILS)


def _refer_to_own(reading: Connection, writing: Connection, table: Table) -> None:
    """Fill in the columns that refer to other rows of the same table, now that all are there."""
    for name in _own(table):
        plain = _plain(table)
        query = select(plain.c.id, plain.c[name]).where(plain.c[name].is_not(None)).order_by(plain.c.id).limit(PAGE)
        last = -1
        while True:
            with failures(reading.engine.url):
                rows = reading.execute(query.where(plain.c.id > last)).all()
            if not rows:
                break
            last = rows[-1][0]
            there = update(plain).where(plain.c.id == bindparam("of")).values({name: bindparam("to")})
            writing.execute(there, [{"of": row[0], "to": row[1]} for row in rows])


def _verify(connection: Connection, counts: dict[str, int]) -> None:
    for table in _tables():
        there = _count(connection, table)
        if there != counts[table.name]:
            raise CorpusError(f"the copy has {there} rows of {table.name} and not {counts[table.name]}: nothing was kept; copy again")
