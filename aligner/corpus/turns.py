"""How those who write one SQLite file take turns.

SQLite lets one transaction write at a time, and lets the others try again until it is their turn. Left to itself it waits longer
and longer between two tries, up to 100 ms, in which a batch writes four times, so that a reviewer hardly ever comes at the right
moment. Here a reviewer tries every millisecond, and a batch tries seldom and rests before each of its transactions. What keeps others
waiting it does when its transaction is over: bring it to the disk, where it writes more than a reviewer does by a hundred times, and
copy the write-ahead log to the file, for the reviewers too.
"""

from __future__ import annotations

import os
import sqlite3
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection

PATIENCE_S = 60
"""How long a writer waits for the others. An add of 100,000 units takes some ten seconds, and several may queue."""


@dataclass(frozen=True, slots=True)
class Turn:
    """How a writer behaves."""

    rest_s: float
    """Before it asks, so that those who wait come first."""
    every_s: float
    """Between two tries."""
    log_pages: int
    """The size of the write-ahead log, in pages of 4 KiB, from which on it copies it to the file."""
    is_on_disk: bool
    """Whether what it wrote is on disk when its transaction ends; if not, a reviewer's next one brings it there, or `bring_to_disk`."""


REVIEWER = Turn(0.0, 0.001, 10_000, is_on_disk=True)
BATCH = Turn(0.003, 0.005, 1_000, is_on_disk=False)


def begin(connection: Connection, turn: Turn) -> None:
    """Begin a transaction that writes, when it is the connection's turn. Raises the database's error where it is locked for PATIENCE_S."""
    time.sleep(turn.rest_s)
    cursor = connection.connection.cursor()
    cursor.execute(f"PRAGMA wal_autocheckpoint = {turn.log_pages}")
    has_log = cursor.execute("PRAGMA journal_mode").fetchone() == ("wal",)  # some file systems allow none
    cursor.execute(f"PRAGMA synchronous = {'NORMAL' if has_log and not turn.is_on_disk else 'FULL'}")
    cursor.execute("PRAGMA busy_timeout = 0")
    end = time.monotonic() + PATIENCE_S
    try:
        while time.monotonic() < end:
            try:
                cursor.execute("BEGIN IMMEDIATE")
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:  # the low byte: the rest says why it is busy
                    break
                time.sleep(turn.every_s)
            else:
                return
        connection.exec_driver_sql("BEGIN IMMEDIATE")  # fails in SQLAlchemy's words, or has come to its turn after all
    finally:
        cursor.execute(f"PRAGMA busy_timeout = {PATIENCE_S * 1000:.0f}")
        cursor.close()


def bring_to_disk(database: str) -> None:
    """Let what a batch wrote outlast a failure of power: the write-ahead log, without which it is in the file already."""
    with suppress(FileNotFoundError), Path(f"{database}-wal").open("rb+") as log:
        os.fsync(log.fileno())
