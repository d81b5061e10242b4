"""A folder for what archives unpack to and processes hand back; what a batch that was killed left there goes with the next one."""

from __future__ import annotations

import hashlib
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from aligner.errors import BatchError
from aligner.vector_cache import default_cache_folder


def memory_of(folder: Path | None = None) -> Path:
    """Where what archives hold is remembered, in this folder or in the user's cache; it need not be there."""
    return (folder or default_cache_folder()) / "archives"


@contextmanager
def room_of(corpus: str, folder: Path | None = None) -> Iterator[Path]:
    """An empty folder, in this one or in the user's cache, for the one batch that is at work on the corpus of this path or URL.

    Raises BatchError where it cannot be made.
    """
    name = corpus if "://" in corpus else str(Path(corpus).resolve())
    place = (folder or default_cache_folder() / "batch") / hashlib.sha256(name.encode("utf-8", "surrogateescape")).hexdigest()[:16]
    shutil.rmtree(place, ignore_errors=True)
    room = place / secrets.token_hex(4)  # a process of a batch that was killed a moment ago may still write to its own
    try:
        room.mkdir(parents=True)
    except OSError as error:
        raise BatchError(f"{place} cannot be made: {error.strerror}; name another folder.") from error
    try:
        yield room
    finally:
        shutil.rmtree(place, ignore_errors=True)
