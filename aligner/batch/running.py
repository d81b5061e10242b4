"""The main path of a batch: gather what the dumps hold, pass over what is done, align the rest in processes, add it to the corpus.

A unit of work is the bytes of its files and what an alignment depends on beside them. What was added is entered in the corpus's
ledger; what was added and not entered, for the job was killed in between, is added again, which changes nothing.
"""

from __future__ import annotations

import hashlib
import pickle
import tempfile
from collections.abc import Callable, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy.exc import InterfaceError, OperationalError

from aligner.batch.configuration import Settings
from aligner.batch.gathering import Bad, Item, Other, check, gather
from aligner.batch.room import room_of
from aligner.batch.work import Task, Work
from aligner.batch.workers import DEFAULT_LIMITS, Limits, run
from aligner.corpus import Corpus, ledger
from aligner.corpus.ledger import DONE, QUARANTINED, Entry
from aligner.errors import CorpusError
from aligner.types import Alignment

Progress = Callable[[str, int, int], None]

DEFAULT_SETTINGS = Settings()


@dataclass(slots=True)
class Outcome:
    """What a batch found and did."""

    found: int = 0
    """Pairs of documents and pages that the dumps hold; the same bytes twice count once."""
    done_before: int = 0
    done_otherwise: int = 0
    """Done before with another encoder, other weights or another version, and left so unless `redo`."""
    to_do: int = 0
    done: int = 0
    new_units: int = 0
    passed_over: dict[str, int] = field(default_factory=dict)
    """Files of dumps whose names do not say that they are texts, by suffix."""
    unreadable: dict[str, str] = field(default_factory=dict)
    """Dumps and files that could not be looked into, with the reasons; the next batch looks again."""
    quarantined: dict[str, str] = field(default_factory=dict)
    """What failed in this batch, with the reasons."""
    quarantined_before: dict[str, str] = field(default_factory=dict)
    """What failed before and was not tried again."""


@dataclass(frozen=True, slots=True)
class Batch:
    """A batch job over a corpus."""

    corpus: Corpus
    settings: Settings = DEFAULT_SETTINGS
    workers: int = 1
    """Processes, each of which computes with one thread. A script that uses several processes needs `if __name__ == "__main__":`."""
    limits: Limits = DEFAULT_LIMITS
    redo: bool = False
    """Whether what was done with another encoder, other weights or another version is done again."""
    retry_quarantined: bool = False
    progress: Progress | None = None

    def run(self, dumps: Sequence[Path], *, dry: bool = False) -> Outcome:
        """Align what is new in the dumps, or, where it is `dry`, find out what that is.

        Raises InputError for a dump that is not there, CorpusError for what the database cannot do and where another batch works on the
        corpus, BatchError and EncoderError where nothing can be aligned. What is wrong with an input is said in the outcome.
        """
        check(dumps)
        with ExitStack() as stack:
            if dry:
                room = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="aligner-")))
            else:
                stack.enter_context(self.corpus.alone())
                room = stack.enter_context(room_of(self.corpus.name))
            configuration, outcome = self.settings.configuration(), Outcome()
            items = self._gathered(dumps, room, outcome)
            wanted = self._wanted(items, configuration, outcome)
            if wanted and not dry:
                self._align(wanted, configuration, outcome, room)
        return outcome

    def _gathered(self, dumps: Sequence[Path], room: Path, outcome: Outcome) -> dict[str, Item]:
        """The items of the dumps, by digest."""
        items: dict[str, Item] = {}
        for found in gather(dumps, (self.settings.source_lang, self.settings.target_lang), room, self.limits):
            if isinstance(found, Bad):
                outcome.unreadable[found.name] = found.reason
            elif isinstance(found, Other):
                outcome.passed_over[found.kind] = outcome.passed_over.get(found.kind, 0) + 1
            else:
                try:
                    items.setdefault(found.digest(), found)
                except OSError as error:
                    outcome.unreadable[found.name] = f"cannot be read: {error.strerror}; check its permissions."
        outcome.found = len(items)
        return items

    def _wanted(self, items: dict[str, Item], configuration: str, outcome: Outcome) -> dict[str, Item]:
        """The items that are to be done, by digest."""
        keys = {digest: _key(digest, configuration) for digest in items}
        with self.corpus.reading() as connection:
            entries = ledger.entries(connection, keys.values())
            known = {digest: entries[key] for digest, key in keys.items() if key in entries}
            otherwise = set() if self.redo else ledger.done(connection, keys.keys() - known.keys())
        for digest, entry in known.items():
            if entry.state == DONE:
                outcome.done_before += 1
            elif not self.retry_quarantined:
                outcome.quarantined_before[items[digest].name] = entry.reason
        outcome.done_otherwise = len(otherwise)
        again = {digest for digest, entry in known.items() if entry.state == QUARANTINED and self.retry_quarantined}
        passed = (known.keys() - again) | otherwise
        wanted = {digest: item for digest, item in items.items() if digest not in passed}
        outcome.to_do = len(wanted)
        return wanted

    def _align(self, wanted: dict[str, Item], configuration: str, outcome: Outcome, room: Path) -> None:
        tasks = (Task(digest, item) for digest, item in wanted.items())
        with closing(run(tasks, Work, (self.settings, room), workers=self.workers, limits=self.limits)) as results:
            for number, result in enumerate(results, 1):
                name, digest = result.task.item.name, result.task.digest
                failure, units, number_there = result.failure, 0, None
                if not failure:
                    try:
                        units, number_there = self._add(result.value, outcome)
                    except CorpusError as error:
                        if isinstance(error.__cause__, (InterfaceError, OperationalError)):
                            raise  # locked, full, gone: not because of this text, such as for a character that it cannot hold
                        failure = str(error)
                state = QUARANTINED if failure else DONE
                entry = Entry(_key(digest, configuration), name, digest, configuration, state, failure, result.attempts, units, number_there)
                with self.corpus.writing() as connection:
                    ledger.enter(connection, entry)
                if failure:
                    outcome.quarantined[name] = failure
                else:
                    outcome.done += 1
                if self.progress is not None:
                    self.progress("align", number, len(wanted))

    def _add(self, path: Path, outcome: Outcome) -> tuple[int, int]:
        """Add the alignment that a process left, and say how many links it has, and its number in the corpus."""
        alignment: Alignment = pickle.loads(path.read_bytes())
        path.unlink()
        added = self.corpus.add(alignment)
        outcome.new_units += added.units
        return len(alignment.links), added.alignment


def _key(digest: str, configuration: str) -> str:
    return hashlib.sha256(f"{digest} {configuration}".encode()).hexdigest()
