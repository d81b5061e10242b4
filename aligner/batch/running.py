"""The main path of a batch: gather what the dumps hold, pass over what is done, read and align the rest, add it to the corpus.

A unit of work is the bytes of its files and what an alignment depends on beside them. It is entered in the corpus's ledger in the
transaction that adds its alignment, or, after a long one, in the next: what was added and not entered, for the job was killed in
between, is added again, which changes nothing.
"""

from __future__ import annotations

import secrets
import tempfile
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, ExitStack, closing, suppress
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection

from aligner.batch import executors
from aligner.batch.configuration import Settings
from aligner.batch.entering import Entering, Outcome, enter_archive, key_of
from aligner.batch.events import tell
from aligner.batch.executors import DASK, PROCESSES, SERIAL, Pool
from aligner.batch.flow import Ends, flow
from aligner.batch.gathering import Archive, Bad, Other, Takes, check, gather
from aligner.batch.guarding import DEFAULT_LIMITS, Guarded, Limits
from aligner.batch.items import Item
from aligner.batch.leftovers import Sorting, pair_by_contents
from aligner.batch.room import room_of
from aligner.batch.stages import Aligning, Reading, Task
from aligner.corpus import Corpus, ledger
from aligner.corpus.found import printable
from aligner.corpus.ledger import DONE, QUARANTINED, Entry, Place

Progress = Callable[[str, int, int], None]

DEFAULT_SETTINGS = Settings()


@dataclass(frozen=True, slots=True)
class Found:
    """An input: what becomes one alignment, and every place where it stands."""

    item: Item
    places: list[Place]


Inputs = dict[str, Found]
"""By digest."""


@dataclass(frozen=True, slots=True)
class Batch:
    """A batch job over a corpus."""

    corpus: Corpus
    settings: Settings = DEFAULT_SETTINGS
    workers: int = 1
    """Processes that align, each of which computes with one thread. A script that uses several processes needs
    `if __name__ == "__main__":`."""
    executor: str = PROCESSES
    """What computes: SERIAL, PROCESSES or DASK."""
    scheduler: str | None = None
    """The address of a Dask cluster, for the executor of that name; None for one on this machine."""
    gpus: bool = False
    """Whether a cluster's workers align only where they have a resource `GPU`."""
    room: Path | None = None
    """A folder for what is handed over, which all workers of a cluster must see; None for one in the user's cache."""
    columns: tuple[str, ...] = ()
    """The two columns of tables that hold texts which correspond row by row; without, tables are passed over."""
    limits: Limits = DEFAULT_LIMITS
    redo: bool = False
    """Whether what was done with another encoder, other weights or another version is done again."""
    retry_quarantined: bool = False
    progress: Progress | None = None
    takes: Takes | None = None
    """Which files of the dumps are there, for this job; None for all."""
    ends: Ends | None = None
    """Asked before something is begun; what is in flight is finished, and the rest left to the next batch."""

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
                room = stack.enter_context(room_of(self.corpus.name, self.room))
            configuration, outcome = self.settings.configuration(), Outcome()
            measured = outcome.measured
            tell("begun", dumps=[printable(dump.as_posix()) for dump in dumps], dry=dry)
            with measured.stage("gather"):
                inputs = self._gathered(dumps, room, configuration, outcome, dry=dry)
            with measured.stage("plan"):
                wanted, alone = self._wanted(inputs, configuration, outcome, dry=dry)
            for name, reason in outcome.unreadable.items():
                tell("unreadable", name=name, reason=reason)
            tell("planned", **outcome.counts())
            if wanted and not dry:
                self._align((wanted, alone), configuration, outcome, room)
            if not dry and not (self.ends and self.ends()):
                with measured.stage("repeats"):
                    self.corpus.mark_repeats()  # also what a run that was killed has not
        tell("ended", **outcome.counts(), **measured.figures(outcome.done))
        return outcome

    def _gathered(self, dumps: Sequence[Path], room: Path, configuration: str, outcome: Outcome, *, dry: bool) -> dict[str, Found]:
        """What the dumps hold, by digest; archives that cannot be unpacked are quarantined."""
        with self.corpus.reading() as connection:
            quarantined = ledger.quarantined(connection, configuration)
        known = {} if self.retry_quarantined else quarantined
        inputs: dict[str, Found] = {}
        languages = self.settings.source_lang, self.settings.target_lang
        gathered = gather(
            dumps, languages, room, self.limits, columns=self.columns, workers=self.workers, takes=self.takes, quarantined=known
        )
        for found in gathered:
            if isinstance(found, Bad):
                outcome.unreadable[found.name] = found.reason
            elif isinstance(found, Archive):
                if found.failure and not found.attempts:
                    outcome.quarantined_before[found.name] = found.failure
                elif dry and found.failure:
                    outcome.unreadable[found.name] = found.failure
                elif not dry and (found.failure or found.digest in quarantined):
                    enter_archive(self.corpus, configuration, found, outcome)
            elif isinstance(found, Other):
                outcome.passed_over[found.kind] = outcome.passed_over.get(found.kind, 0) + 1
            else:
                try:
                    digest = found.digest()
                except OSError as error:
                    outcome.unreadable[found.name] = f"cannot be read: {error.strerror}; check its permissions."
                else:
                    place = Place(printable(found.dump), found.name)
                    inputs.setdefault(digest, Found(found, [])).places.append(place)
        outcome.found = len(inputs)
        return inputs

    def _wanted(self, inputs: dict[str, Found], configuration: str, outcome: Outcome, *, dry: bool) -> tuple[Inputs, Inputs]:
        """What is to be done, by digest, and the pages that were done and have no translation, of which one may have come.

        Where the rest stands is written down, unless it is known.
        """
        keys = {digest: key_of(digest, configuration) for digest in inputs}
        with self.corpus.reading() as connection:
            entries = ledger.entries(connection, keys.values())
            known = {digest: entries[key] for digest, key in keys.items() if key in entries}
            otherwise = set() if self.redo else ledger.done(connection, keys.keys() - known.keys())
            held = ledger.inputs_of(connection, {place.dump for found in inputs.values() for place in found.places})
            again = {digest for digest, entry in known.items() if entry.state == QUARANTINED and self.retry_quarantined}
            again |= _changed_back(connection, inputs, known, held)
        for digest, entry in known.items():
            if digest in again:
                continue
            if entry.state == DONE:
                outcome.done_before += 1
            else:
                outcome.quarantined_before[inputs[digest].item.name] = entry.reason
        outcome.done_otherwise = len(otherwise)
        passed = (known.keys() - again) | otherwise
        moved = [(place, digest) for digest in passed for place in inputs[digest].places if held.get(place) != digest]
        if moved and not dry:
            with self.corpus.writing() as connection:
                ledger.hold_inputs(connection, moved)
        wanted = {digest: found for digest, found in inputs.items() if digest not in passed}
        outcome.to_do = len(wanted)
        alone = {digest: inputs[digest] for digest in known.keys() - again if known[digest].state == DONE and not known[digest].units}
        return wanted, alone

    def _align(self, inputs: tuple[Inputs, Inputs], configuration: str, outcome: Outcome, room: Path) -> None:
        batch = secrets.token_hex(8)
        reading = Guarded(Reading, (room,), self.limits, batch)
        aligning = Guarded(Aligning, (self.settings, room), self.limits, batch)
        places = {digest: found.places for some in inputs for digest, found in some.items()}
        entering = Entering(self.corpus, configuration, places, outcome)
        with self._pool(batch) as pool:
            sorting = Guarded(Sorting, ((self.settings.source_lang, self.settings.target_lang), room), self.limits, batch)
            with outcome.measured.stage("pair"):
                tasks = _tasks(*inputs, pool, (sorting, aligning))
            outcome.paired = sum(bool(task.parts) for task in tasks)
            outcome.to_do = len(tasks)
            with outcome.measured.stage("align"), closing(flow(tasks, pool, reading, aligning, ends=self.ends)) as results:
                for result in results:
                    entering.enter(result)
                    if self.progress is not None:
                        self.progress("align", outcome.done + len(outcome.quarantined), len(tasks))

    def _pool(self, batch: str) -> AbstractContextManager[Pool]:
        if self.executor == SERIAL:
            return executors.serial()
        if self.executor == DASK:
            return executors.dask(self.workers, self.scheduler, self.gpus, batch)
        return executors.processes(self.workers, batch)


def _tasks(wanted: Inputs, alone: Inputs, pool: Pool, guarded: tuple[Guarded, Guarded]) -> list[Task]:
    """What is to be done, pages that are found to translate each other being pairs."""
    pages = {digest: found.item for some in (wanted, alone) for digest, found in some.items() if len(found.item.names) == 1}
    left = {digest: found.item for digest, found in wanted.items()}
    tasks = []
    for parts in pair_by_contents(pages, left.keys() & pages.keys(), pool, guarded):
        source, target = (pages[digest] for digest in parts)
        item = Item((*source.names, *target.names), (*source.paths, *target.paths), source.dump)
        with suppress(OSError):  # one has gone since it was read: they stay pages, and aligning them says what is wrong
            tasks.append(Task(item.digest(), item, parts))
            for digest in parts:
                left.pop(digest, None)
    return [*(Task(digest, item) for digest, item in left.items()), *tasks]


def _changed_back(connection: Connection, inputs: dict[str, Found], known: dict[str, Entry], held: dict[Place, str]) -> set[str]:
    """What was done, then held something else, and now holds what it had: the version between is the corpus's as yet."""
    otherwise = {
        digest: entry.alignment
        for digest, entry in known.items()
        if entry.alignment is not None and any(held.get(place, digest) != digest for place in inputs[digest].places)
    }
    later = ledger.superseded(connection, otherwise.values())
    return {digest for digest, alignment in otherwise.items() if alignment in later}
