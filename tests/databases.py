"""Databases for tests: a PostgreSQL server of our own, and corpora that do not exist yet."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from external import requires
from sqlalchemy import create_engine, text

_POSTGRES = next((path.parent for path in Path("/usr/lib/postgresql").glob("*/bin/initdb")), None)


@contextmanager
def postgres() -> Iterator[Path]:
    """The socket of a server, which runs as an unprivileged user where the tests run as root."""
    programs = _POSTGRES or Path(requires("initdb")).parent
    folder = Path(tempfile.mkdtemp(prefix="aligner-postgres-"))
    as_user = {}
    if os.geteuid() == 0:
        as_user = {"user": "nobody", "extra_groups": []}
        shutil.chown(folder, "nobody")

    def command(name: str, *arguments: str | Path) -> None:
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "cwd": folder}
        subprocess.run([programs / name, "-D", folder / "data", *arguments], check=True, **quiet, **as_user)

    command("initdb", "-U", "tester", "-A", "trust", "-E", "UTF8", "--no-sync")
    options = f"-c listen_addresses='' -c unix_socket_directories={folder} -c fsync=off"
    command("pg_ctl", "-w", "-l", folder / "log", "-o", options, "start")
    yield folder / ".s.PGSQL.5432"
    command("pg_ctl", "-m", "immediate", "stop")
    shutil.rmtree(folder)


def new_database(socket: Path) -> str:
    """The URL of an empty database of the server."""
    import pg8000.dbapi

    connection = pg8000.dbapi.connect("tester", unix_sock=str(socket), database="postgres")
    connection.autocommit = True
    name = f"corpus_{os.urandom(6).hex()}"
    connection.cursor().execute(f"CREATE DATABASE {name}")
    connection.close()
    return f"postgresql+pg8000://tester@/{name}?unix_sock={socket}"


def rows(url: str, query: str) -> list[tuple[object, ...]]:
    """What a database says, read without the package."""
    engine = create_engine(url if "://" in url else f"sqlite:///{url}")
    try:
        with engine.connect() as connection:
            return [tuple(row) for row in connection.execute(text(query))]
    finally:
        engine.dispose()
