"""Opening a corpus: from a path or URL to an engine whose tables are there and of a version that this package knows."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import Connection, Engine, create_engine, event, insert, inspect, select
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError, SQLAlchemyError

from aligner.corpus import turns
from aligner.corpus.annotating import looked_at_from_the_beginning
from aligner.corpus.migrations import migrate
from aligner.corpus.tables import SCHEMA_VERSION, corpus_schema, metadata
from aligner.errors import CorpusError

if TYPE_CHECKING:
    from sqlalchemy.engine.interfaces import DBAPIConnection
    from sqlalchemy.pool import ConnectionPoolEntry

_SERVER_MESSAGE = re.compile(r"'M': '((?:[^'\\]|\\.)*)'")  # among the fields that the driver pg8000 prints
_CREATION_LOCK = 0x616C6967  # any number that only we use, so that two processes do not create the tables at once
_TURN = "aligner_turn"
"""The option of a connection that writes, whose value is its turn (`turns.Turn`)."""


class Engines(NamedTuple):
    """Views of one engine, by what they are for."""

    reader: Engine
    writer: Engine
    """For what reviewers do, which is short and goes first."""
    batch: Engine
    """For adding, which goes on for long and lets reviewers go first."""


def open_engines(url: str | Path, *, create: bool) -> Engines:
    """Engines on a database that holds the tables of a corpus.

    Raises CorpusError for a missing folder, a missing corpus unless `create`, a file that is no database or holds other
    things, and a corpus of a later version.
    """
    address = address_of(url)
    if address.get_backend_name() == "sqlite":
        _check_file(address, create)
    with failures(address):
        engine = engine_of(address)
        writer, batch = (engine.execution_options(**{_TURN: turn}) for turn in (turns.REVIEWER, turns.BATCH))
        try:
            _make_ready(engine, batch, create)
        except BaseException:
            engine.dispose()
            raise
    return Engines(engine, writer, batch)


def engine_of(address: URL) -> Engine:
    """An engine as corpora are used with, whatever the database holds. Raises CorpusError for a driver that is not installed."""
    try:
        engine = create_engine(address)
    except ModuleNotFoundError as error:
        driver = error.name
        raise CorpusError(f"{shown(address)} needs the driver {driver}, which is not installed: pip install {driver}") from None
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _set_up_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
    return engine


@contextmanager
def failures(address: URL) -> Iterator[None]:
    """Whatever the database cannot do, as a CorpusError that names the corpus."""
    try:
        yield
    except SQLAlchemyError as error:
        raise CorpusError(_explained(shown(address), error)) from error
    except UnicodeEncodeError as error:
        found = error.object[error.start]
        raise CorpusError(f"the corpus {shown(address)} cannot hold a text with the lone surrogate {found!r}: replace it first") from None


def _explained(name: str, error: SQLAlchemyError) -> str:
    said = str(getattr(error, "orig", None) or error)
    if match := _SERVER_MESSAGE.search(said):
        said = match[1]
    if "not a database" in said:
        return f"{name} is not a database: give the path of a corpus, or of a new file"
    if "is locked" in said:
        return f"the corpus {name} was locked by another process for more than {turns.PATIENCE_S} s: try again when it is done"
    if "unable to open" in said:
        return f"the corpus {name} cannot be opened: is it, or its folder, unreadable or read-only?"
    if "readonly" in said:
        return f"the corpus {name} is read-only: nothing can be added or decided there"
    return f"the corpus {name} failed: {said}"


def shown(address: URL) -> str:
    """What messages call a corpus: the path of a file, or the URL without its password."""
    return str(address.database or ":memory:") if address.get_backend_name() == "sqlite" else address.render_as_string()


def address_of(url: str | Path) -> URL:
    """The database that a path or URL means. Raises CorpusError for a URL of another kind."""
    if isinstance(url, Path) or "://" not in url:
        return URL.create("sqlite", database=str(url))
    try:
        address = make_url(url)
        supported = address.get_backend_name() in ("sqlite", "postgresql") and address.get_dialect()
    except (ArgumentError, NoSuchModuleError):
        supported = False
    if not supported:
        kind = url.partition("://")[0]
        raise CorpusError(f"a corpus is a path, or a URL that begins sqlite:// or postgresql://; this one begins {kind}://")
    return address


def _check_file(address: URL, create: bool) -> None:
    if address.database in (None, "", ":memory:"):
        return
    path = Path(str(address.database))
    if path.is_dir():
        raise CorpusError(f"{path} is a folder: give the path of a corpus, or of a new file")
    if not path.exists() and not create:
        raise CorpusError(f"there is no corpus at {path}: check the path")
    if not path.parent.is_dir():
        raise CorpusError(f"the corpus {path} cannot be made, for its folder {path.parent} does not exist: make it first")


def _set_up_sqlite(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
    # The driver would begin transactions by itself, and late; `_begin_sqlite` does it instead.
    connection.isolation_level = None
    for pragma in (f"busy_timeout = {turns.PATIENCE_S * 1000:.0f}", "foreign_keys = ON", "synchronous = FULL"):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    turn = connection.get_execution_options().get(_TURN)
    if turn is None:
        connection.exec_driver_sql("BEGIN")
    else:
        # At once: what reads first and writes later would fail, however patient, where another wrote in between.
        turns.begin(connection, turn)


def _make_ready(engine: Engine, writer: Engine, create: bool) -> None:
    """Check that the tables are there and known; create them in an empty database, and bring an earlier aligner's up to date."""
    with engine.connect() as connection:
        version = version_of(connection)
    if version == SCHEMA_VERSION:
        return
    if version is None and not create:
        raise CorpusError(f"{shown(engine.url)} holds no corpus: check the path or URL")
    if version is None and engine.dialect.name == "sqlite":
        _use_write_ahead_log(engine)
    try:
        with writer.begin() as connection:
            lock_creation(connection)
            _create_or_migrate(connection)
    except SQLAlchemyError as error:
        if version is None:
            raise
        why = f"it was made by an earlier aligner (schema {version}) and must be brought to schema {SCHEMA_VERSION} before it can be read"
        raise CorpusError(f"{_explained(shown(engine.url), error)}; {why}: open it where, and as one who, may change it") from error


def lock_creation(connection: Connection) -> None:
    """Wait until nobody else makes tables. In SQLite, to write is to be alone."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_CREATION_LOCK})")


def _create_or_migrate(connection: Connection) -> None:
    version = version_of(connection)  # another process may have done it while this one waited
    if version is None:
        metadata.create_all(connection)
        connection.execute(insert(corpus_schema).values(version=SCHEMA_VERSION))
        looked_at_from_the_beginning(connection)
    elif version < SCHEMA_VERSION:
        migrate(connection, version, shown(connection.engine.url))


def version_of(connection: Connection) -> int | None:
    """The schema that a corpus has; None for an empty database."""
    name = shown(connection.engine.url)
    tables = inspect(connection).get_table_names()
    if corpus_schema.name not in tables:
        if tables:
            some = ", ".join(tables[:3])
            raise CorpusError(f"{name} is a database of something else (tables {some}): give the corpus a database of its own")
        return None
    version = connection.scalar(select(corpus_schema.c.version))
    if version is None or version > SCHEMA_VERSION:
        raise CorpusError(f"{name} was made by a later aligner (schema {version}, this one knows {SCHEMA_VERSION}): update aligner")
    return int(version)


def _use_write_ahead_log(engine: Engine) -> None:
    """Let readers go on while one writes; the file remembers it. It cannot be set within a transaction."""
    connection: Any = engine.raw_connection()
    try:
        connection.cursor().execute("PRAGMA journal_mode = WAL")
    finally:
        connection.close()
