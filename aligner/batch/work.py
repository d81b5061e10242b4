"""What a process of a batch does: aligns one item after the other, and hands back the paths of what came out."""

from __future__ import annotations

import errno
import pickle
import threading
from dataclasses import dataclass, replace
from pathlib import Path

from aligner.batch.configuration import Settings
from aligner.batch.gathering import Item
from aligner.dumps import read_document
from aligner.errors import BatchError, InputError
from aligner.formats.files import display_name
from aligner.types import Document


@dataclass(frozen=True, slots=True)
class Task:
    """What a process is given: an item, and the digest that it had when it was gathered."""

    digest: str
    item: Item


class Work:
    """Aligns items, with an encoder that is loaded once."""

    def __init__(self, settings: Settings, room: Path) -> None:
        from tqdm import tqdm  # with it sentence-transformers shows no bar, for which it makes a lock all the same

        tqdm.set_lock(threading.RLock())  # its own is shared by processes, and one that is killed would leave it behind
        self._aligner, self._room = settings.aligner(), room

    def __call__(self, task: Task) -> Path:
        """The path of the pickled alignment. Raises InputError for what cannot be read, BatchError where the disk is full."""
        documents = [_read(path, name) for path, name in zip(task.item.paths, task.item.names, strict=True)]
        if task.item.digest() != task.digest:
            raise InputError("it changed while it was read; the next batch takes it as it is then.")
        alignment = self._aligner.align(*documents) if len(documents) == 2 else self._aligner.align_page(*documents)
        path = self._room / f"{task.digest}.pickle"
        try:
            path.write_bytes(pickle.dumps(alignment))
        except OSError as error:
            if error.errno in (errno.ENOSPC, errno.EDQUOT):
                raise BatchError(f"{path} cannot be written: {error.strerror}; make room, or set ALIGNER_CACHE.") from error
            raise
        return path


def _read(path: Path, name: str) -> Document:
    """The document under its name in the dump, which is the one that errors tell too."""
    try:
        return replace(read_document(path), name=name)
    except InputError as error:
        raise InputError(str(error).replace(display_name(path), name)) from error
