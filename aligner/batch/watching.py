"""Watching dumps: a round of the batch whenever something new in them has settled."""

from __future__ import annotations

import enum
import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Event
from typing import NamedTuple

from aligner.batch.entering import Outcome
from aligner.batch.events import tell
from aligner.batch.running import Batch
from aligner.dumps import find_documents
from aligner.errors import AlignerError, CorpusError, InputError

LONGEST_WAIT_S = 600.0
"""Between rounds that fail, unless the looks are further apart than that."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Trouble:
    """A round that ended with an error."""

    error: AlignerError | OSError
    wait: float
    """Seconds until the next look."""


def watch(job: Batch, dumps: Sequence[Path], seconds: float, ending: Event) -> Iterator[Outcome | Trouble]:
    """Look at the dumps every so many seconds, and do a round of the job where files are new or changed, and settled.

    A file has settled when two looks find its size and time alike; until then it is not there, nor is the pair that it belongs to. A dump
    that is not there is waited for. A round looks through all of the dumps again, for what is new may belong to what is old, and
    passes over what is done. Between rounds the corpus is free for others.

    ending: when it is set, what is being aligned is finished, and no more is begun.

    Yields what each round did. An error of a round is yielded too, and the round is tried again, after waits that double. But until a
    round has succeeded, this holds for errors of the database and the system alone: others, such as a missing encoder, are raised.
    """
    files, failed, has_succeeded = _Files(dumps), 0, False
    files.look()
    wait = seconds
    while not ending.wait(wait):
        wait = seconds
        files.look()
        if not files.has_news():
            continue
        try:
            outcome = replace(job, takes=files.is_settled, ends=ending.is_set).run(files.dumps_there())
        except (AlignerError, OSError) as error:
            if not has_succeeded and not isinstance(error, (CorpusError, OSError)):
                raise
            failed += 1
            wait = min(seconds * 2**failed, max(seconds, LONGEST_WAIT_S))
            tell("trouble", reason=str(error), wait=wait)
            yield Trouble(error, wait)
            continue
        files.take()
        job = replace(job, retry_quarantined=False)  # once is what was asked for, not at every round
        failed, has_succeeded = 0, True
        yield outcome


class _State(enum.IntEnum):
    MOVING, SETTLED, TAKEN = range(3)


class _Look(NamedTuple):
    """What a file looked like."""

    size: int
    time_ns: int
    state: _State


class _Files:
    """The files of dumps, as they looked the last time."""

    def __init__(self, dumps: Sequence[Path]) -> None:
        self._dumps = dumps
        self._looks: dict[Path, _Look] = {}
        self._missing: set[Path] = set()

    def look(self) -> None:
        """See what is there now, and which of it is as it was."""
        looks: dict[Path, _Look] = {}
        for dump in self._dumps:
            for path in self._listed(dump):
                try:
                    status = path.stat()
                except OSError:  # it has gone, or may not be seen, which a round says
                    continue
                before = self._looks.get(path)
                is_alike = before is not None and (before.size, before.time_ns) == (status.st_size, status.st_mtime_ns)
                state = max(before.state, _State.SETTLED) if before is not None and is_alike else _State.MOVING
                looks[path] = _Look(status.st_size, status.st_mtime_ns, state)
        self._looks = looks

    def has_news(self) -> bool:
        """Whether something has settled that was not taken as it is now."""
        return any(look.state == _State.SETTLED for look in self._looks.values())

    def is_settled(self, path: Path) -> bool:
        """Whether two looks have found it alike."""
        look = self._looks.get(path)
        return look is not None and look.state >= _State.SETTLED

    def take(self) -> None:
        """Remember that all that has settled was taken."""
        for path, look in self._looks.items():
            if look.state == _State.SETTLED:
                self._looks[path] = look._replace(state=_State.TAKEN)

    def dumps_there(self) -> list[Path]:
        """The dumps that the last look found."""
        return [dump for dump in self._dumps if dump not in self._missing]

    def _listed(self, dump: Path) -> list[Path]:
        try:
            found = find_documents(dump) if not dump.is_file() else [dump]
        except InputError:
            if dump not in self._missing:
                _log.warning("%s is waited for: it is not there, or may not be read", dump)
                self._missing.add(dump)
            return []
        self._missing.discard(dump)
        return found
