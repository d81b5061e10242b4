"""Bringing a corpus of an earlier schema to the present one: a module for each step, `to_2`, `to_3`, …

The version stands in the table `corpus_schema` alone. A step says what the tables were to become when it was written, in its own words,
and stays as it is when `tables` goes on; a test compares what the steps make with what `tables` makes.
"""

from __future__ import annotations

import logging
import os
import shutil
import sqlite3
from importlib import import_module
from pathlib import Path

from sqlalchemy import Connection, inspect, update

from aligner.corpus.tables import SCHEMA_VERSION, corpus_schema
from aligner.errors import CorpusError

_log = logging.getLogger(__name__)


def migrate(connection: Connection, version: int, name: str) -> None:
    """Bring the corpus from `version` to SCHEMA_VERSION within the connection's transaction, which is to be the only one that writes.

    A SQLite file is copied first, to its name with `.bak-` and the version. Raises CorpusError where that fails.
    """
    _log.warning("%s was made by an earlier aligner: bringing it to schema %d, which that one cannot open", name, SCHEMA_VERSION)
    if connection.dialect.name == "sqlite":
        _, _, path = connection.exec_driver_sql("PRAGMA database_list").one()
        copy = _copy(Path(path), version)
        _log.warning("it is kept as it was in %s: delete that when you have no need of it", copy)
    else:
        # All at once, before anything is read: what an earlier aligner is writing meanwhile is waited for, not lost.
        tables = ", ".join(inspect(connection).get_table_names())
        connection.exec_driver_sql(f"LOCK TABLE {tables} IN ACCESS EXCLUSIVE MODE")
    _take_steps(connection, version)


def _take_steps(connection: Connection, version: int) -> None:
    from alembic.migration import MigrationContext  # half a second that only an old corpus costs
    from alembic.operations import Operations

    operations = Operations(MigrationContext.configure(connection))
    for step in range(version + 1, SCHEMA_VERSION + 1):
        import_module(f"{__name__}.to_{step}").upgrade(operations)
    connection.execute(update(corpus_schema).values(version=SCHEMA_VERSION))


def _copy(path: Path, version: int) -> Path:
    """Copy a database that others may read meanwhile; the copy is whole, or it is not there."""
    copy = path.with_name(f"{path.name}.bak-{version}")
    part = copy.with_name(f"{copy.name}.part")
    try:
        part.unlink(missing_ok=True)
        source, target = sqlite3.connect(path), sqlite3.connect(part)
        try:
            target.execute("PRAGMA journal_mode = OFF")  # no file beside it that a crash would leave to a later copy
            source.backup(target)
        finally:
            target.close()
            source.close()
        shutil.copymode(path, part)
        with part.open("rb+") as written:
            os.fsync(written.fileno())
        part.replace(copy)
    except (OSError, sqlite3.Error) as error:
        reason = f"{path} is of an earlier aligner and is to be brought to schema {SCHEMA_VERSION}, but first it must be copied to {copy}"
        raise CorpusError(f"{reason}, which failed ({error}); nothing was changed: make that possible, and open it again") from error
    return copy
