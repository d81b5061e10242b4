"""Vectors on disk, so that a text is encoded once: one SQLite file, which a crash or a second process does not hurt.

A cache is a convenience, so nothing that befalls it is an error: a damaged file is set aside, one that cannot be
written is read, one that cannot be opened is done without, each with a warning that says so.
"""

from __future__ import annotations

import hashlib
import logging
import math
import os
import sqlite3
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from platformdirs import user_cache_path

DEFAULT_CACHE_BYTES = 1 << 30
"""A gibibyte: about 900,000 vectors of 512 numbers."""

_FILE = "vectors.sqlite3"
_SCHEMA = """
CREATE TABLE IF NOT EXISTS vectors (
    id INTEGER PRIMARY KEY,  -- grows with every vector, so the oldest has the least
    key BLOB NOT NULL UNIQUE,
    vector BLOB NOT NULL
)
"""
_KEY_BYTES = 16
_KEYS_A_QUERY = 500
_WAIT_SECONDS = 10.0
_NORM_TOLERANCE = 0.01

_log = logging.getLogger(__name__)


def default_cache_folder() -> Path:
    """Where the vectors are kept: ALIGNER_CACHE, or what is usual for the user's caches on this system."""
    chosen = os.environ.get("ALIGNER_CACHE")
    return Path(chosen).expanduser() if chosen else user_cache_path("aligner", appauthor=False)


class VectorCache:
    """Vectors by (encoder revision, text), in half precision, under a size limit.

    Keys are hashes: the file holds no text. It is opened at the first use. An instance belongs to one thread;
    any number of processes may share a folder that is on a disk of their own machine.
    """

    def __init__(self, folder: Path, *, max_bytes: int = DEFAULT_CACHE_BYTES) -> None:
        self.path = folder / _FILE
        self.max_bytes = max_bytes
        self._database: sqlite3.Connection | None = None
        self._readable = True
        self._writable = True

    def get(self, revision: str, texts: Sequence[str], dimension: int) -> tuple[NDArray[np.bool_], NDArray[np.float16]]:
        """Which of the distinct texts are there, bool (n_texts,), and their vectors, float16 (n_texts, dimension), 0 elsewhere."""
        vectors = np.zeros((len(texts), dimension), dtype=np.float16)
        place_of = {_key(revision, text): place for place, text in enumerate(texts)}
        try:
            rows = self._select(list(place_of)) if self._readable else []
        except (sqlite3.Error, OSError) as error:
            self._readable = self._recovered(error)
            rows = []
        whole = [(place_of[key], blob) for key, blob in rows if len(blob) == dimension * vectors.itemsize]
        found = np.frombuffer(b"".join(blob for _, blob in whole), dtype="<f2").reshape(-1, dimension)
        # A vector of another length than 1 is what a failing disk leaves.
        sound = np.abs(np.linalg.norm(found.astype(np.float32), axis=1) - 1) < _NORM_TOLERANCE
        places = np.array([place for place, _ in whole], np.intp)[sound]
        known = np.zeros(len(texts), dtype=np.bool_)
        known[places], vectors[places] = True, found[sound]
        return known, vectors

    def put(self, revision: str, texts: Sequence[str], vectors: NDArray[np.float16]) -> None:
        """Keep the vectors, float16 (n_texts, dimension) of unit length; the oldest go where there is no room."""
        if not (self._readable and self._writable):
            return
        rows = [(_key(revision, text), vector.tobytes()) for text, vector in zip(texts, vectors.astype("<f2"), strict=True)]
        try:
            database = self._open()
            with database:
                database.executemany("INSERT OR REPLACE INTO vectors (key, vector) VALUES (?, ?)", rows)
            self._evict(database)
        except (sqlite3.Error, OSError) as error:
            self._writable = self._recovered(error)

    def close(self) -> None:
        """Close the file; the next use opens it again."""
        if self._database is not None:
            self._database.close()
            self._database = None

    def _open(self) -> sqlite3.Connection:
        if self._database is None:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self._database = sqlite3.connect(self.path, timeout=_WAIT_SECONDS)
            self._database.execute("PRAGMA auto_vacuum = INCREMENTAL")  # counts only before the first table is made
            self._database.execute("PRAGMA journal_mode = WAL")
            self._database.execute("PRAGMA synchronous = NORMAL")  # a power cut may lose the last vectors, never the file
            self._database.execute(_SCHEMA)
        return self._database

    def _select(self, keys: list[bytes]) -> list[tuple[bytes, bytes]]:
        database = self._open()
        rows: list[tuple[bytes, bytes]] = []
        for start in range(0, len(keys), _KEYS_A_QUERY):
            part = keys[start : start + _KEYS_A_QUERY]
            marks = ",".join("?" * len(part))
            rows += database.execute(f"SELECT key, vector FROM vectors WHERE key IN ({marks})", part)
        return rows

    def _evict(self, database: sqlite3.Connection) -> None:
        """Delete the oldest vectors, a tenth at a time, until the file is within its limit."""
        while _bytes_of(database) > self.max_bytes:
            count = database.execute("SELECT count(*) FROM vectors").fetchone()[0]
            if not count:
                return
            with database:
                database.execute("DELETE FROM vectors WHERE id IN (SELECT id FROM vectors ORDER BY id LIMIT ?)", (math.ceil(count / 10),))
            database.execute("PRAGMA incremental_vacuum").fetchall()  # a page is given back for each row that is fetched

    def _recovered(self, error: sqlite3.Error | OSError) -> bool:
        """Whether to go on using the cache after the error; says what happened."""
        self.close()
        if getattr(error, "sqlite_errorcode", None) not in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
            _log.warning("The vector cache %s cannot be used (%s); going on without it.", self.path, error)
            return False
        aside = self.path.with_name(self.path.name + ".damaged")
        try:
            self.path.replace(aside)
            for suffix in ("-wal", "-shm"):
                self.path.with_name(self.path.name + suffix).unlink(missing_ok=True)
        except OSError as obstacle:
            _log.warning("The vector cache %s is damaged (%s) and stays (%s); going on without it.", self.path, error, obstacle)
            return False
        _log.warning("The vector cache %s was damaged (%s): set aside as %s, a new one is begun.", self.path, error, aside.name)
        return True


def _key(revision: str, text: str) -> bytes:
    return hashlib.sha256(f"{revision}\0{text}".encode("utf-8", "surrogatepass")).digest()[:_KEY_BYTES]


def _bytes_of(database: sqlite3.Connection) -> int:
    pages, page_bytes = (database.execute(f"PRAGMA {name}").fetchone()[0] for name in ("page_count", "page_size"))
    return int(pages * page_bytes)
