"""The two stages of a batch, each a function for guarded processes: groups of documents are read, then encoded together and aligned.

Parsers may do harm to their process, and the encoder takes seconds to load: so they are in different ones. What a stage makes is
handed over as the path of a file.
"""

from __future__ import annotations

import errno
import pickle
import secrets
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aligner.batch.configuration import Settings
from aligner.batch.guarded_process import At, reason_of
from aligner.batch.items import Item
from aligner.corpus.found import Found, found
from aligner.errors import BatchError, CorpusError, InputError
from aligner.types import Document

LEAST_PROBABILITY, LEAST_VOTES = 0.9, 2.0
"""Of two pages that become a pair by what they say; a page of one sentence proves nothing."""


@dataclass(frozen=True, slots=True)
class Task:
    """An item, and the digest that it had when it was gathered."""

    digest: str
    item: Item
    parts: tuple[str, ...] = ()
    """The digests of two pages that became a pair by what they say, each of which is done with it."""


@dataclass(frozen=True, slots=True)
class Leftovers:
    """Documents that nothing but what they say can pair."""

    path: Path
    """Of the pickled sides: in either language, numbers with documents."""
    count: int
    """Of documents, both sides together."""


@dataclass(frozen=True, slots=True)
class Made:
    """What a stage made of a group."""

    path: Path
    """Of what it hands over: pickled, for those that did not fail, in their order."""
    failures: dict[int, str] = field(default_factory=dict)
    """Reasons, by the number in the group."""
    seconds: float = 0.0
    """What it took."""


class Reading:
    """Reads the documents of a group's items."""

    def __init__(self, room: Path) -> None:
        self._room = room

    def __call__(self, tasks: tuple[Task, ...], at: At) -> Made:
        """The documents of each item. Raises BatchError where the disk is full."""
        start, read, failures = time.perf_counter(), [], {}
        for number, task in enumerate(tasks):
            at(number, 1)
            try:
                read.append(_documents(task))
            except Exception as error:  # whatever a parser raises, it is this item's failure
                failures[number] = reason_of(error)
        return Made(hand_over(read, self._room), failures, time.perf_counter() - start)


class Aligning:
    """Encodes and aligns documents, with an encoder that is loaded once."""

    def __init__(self, settings: Settings, room: Path) -> None:
        from tqdm import tqdm  # with it sentence-transformers shows no bar, for which it makes a lock all the same

        tqdm.set_lock(threading.RLock())  # its own is shared by processes, and one that is killed would leave it behind
        self._aligner, self._room = settings.aligner(), room

    def __call__(self, given: Path | Leftovers, at: At) -> Made | list[tuple[int, int]]:
        """The alignment of each item of a group that was read, or which of two languages' documents translate each other.

        Raises BatchError where the disk is full.
        """
        return self._pairs(given, at) if isinstance(given, Leftovers) else self._aligned(given, at)

    def _pairs(self, leftovers: Leftovers, at: At) -> list[tuple[int, int]]:
        from aligner.pairing import paired  # brings what only a process that aligns needs

        at(None, leftovers.count)
        sides: list[list[tuple[int, Document]]] = taken(leftovers.path)
        pairs = paired(self._aligner, *([document for _, document in side] for side in sides))
        return [
            (sides[0][pair.source][0], sides[1][pair.target][0])
            for pair in pairs
            if pair.probability >= LEAST_PROBABILITY and pair.votes >= LEAST_VOTES
        ]

    def _aligned(self, path: Path, at: At) -> Made:
        start = time.perf_counter()
        group: list[tuple[Document, ...]] = taken(path)
        what: list[Found] = []
        failures = {}
        # The ledger sees to it that they do not come again, and the corpus holds no remarks.
        aligned = self._aligner.align_many(group, keep=False, remarks=False)
        at(None, len(group))  # all are encoded before the first comes
        for number in range(len(group)):
            alignment = next(aligned)
            if isinstance(alignment, Exception):
                failures[number] = reason_of(alignment)
            else:
                try:
                    what.append(found(alignment, 0.0))
                except CorpusError as error:
                    failures[number] = reason_of(error)
            at(number + 1, 1)
        return Made(hand_over(what, self._room), failures, time.perf_counter() - start)


def hand_over(what: Any, room: Path) -> Path:
    """The path of a new file that holds something pickled. Raises BatchError where the disk is full."""
    path = room / f"{secrets.token_hex(8)}.pickle"
    try:
        path.write_bytes(pickle.dumps(what))
    except OSError as error:
        path.unlink(missing_ok=True)
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise BatchError(f"{path} cannot be written: {error.strerror}; make room, or set ALIGNER_CACHE.") from error
        raise
    return path


def taken(path: Path) -> Any:
    """What was handed over; its file goes."""
    what = pickle.loads(path.read_bytes())
    path.unlink()
    return what


def _documents(task: Task) -> tuple[Document, ...]:
    documents = task.item.documents()
    if task.item.digest() != task.digest:
        raise InputError("it changed while it was read; the next batch takes it as it is then.")
    return documents
