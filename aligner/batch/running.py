"""The main path of a batch: gather what the dumps hold, pass over what is done, read and align the rest, add it to the corpus.

A unit of work is the bytes of its files and what an alignment depends on beside them. It is entered in the corpus's ledger in the
transaction that adds its alignment, or, after a long one, in the next: what was added and not entered, for the job was killed in
between, is added again, which changes nothing.
"""

from __future__ import annotations

import secrets
import tempfile
from collections.abc import Sequence
from contextlib import AbstractContextManager, ExitStack, closing, suppress
from dataclasses import dataclass
from pathlib import Path

from aligner.batch import executors
from aligner.batch.archives import Opening, archives
from aligner.batch.configuration import Settings
from aligner.batch.entering import Entering, Outcome
from aligner.batch.events import tell
from aligner.batch.executors import DASK, PROCESSES, SERIAL, Pool
from aligner.batch.flow import Aligned, Ends, flow
from aligner.batch.gathering import Takes, check, gather
from aligner.batch.guarding import DEFAULT_LIMITS, Guarded, Limits
from aligner.batch.items import Item
from aligner.batch.leftovers import Sorting, pair_by_contents
from aligner.batch.planning import Plan, Planning, inputs_of, unpacked
from aligner.batch.quarantine import Quarantine
from aligner.batch.room import memory_of, room_of
from aligner.batch.stages import Aligning, Reading, Task
from aligner.corpus import Corpus, ledger
from aligner.corpus.found import printable
from aligner.types import Progress

DEFAULT_SETTINGS = Settings()


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
            quarantine = self._quarantine(configuration, dry)
            with archives(self._opening(quarantine), room) as opened:
                with measured.stage("gather"):
                    gathered = gather(dumps, self._languages, opened, columns=self.columns, takes=self.takes)
                    inputs = inputs_of(gathered, quarantine, outcome)
                with measured.stage("plan"):
                    planning = Planning(self.corpus, configuration, self.redo, self.retry_quarantined)
                    plan = planning.plan(inputs, outcome, dry=dry)
                if not dry:
                    with measured.stage("unpack"):
                        plan = unpacked(plan, opened, quarantine, outcome)
            for name, reason in outcome.unreadable.items():
                tell("unreadable", name=name, reason=reason)
            tell("planned", **outcome.counts())
            if plan.wanted and not dry:
                self._align(plan, configuration, outcome, room)
            if not dry and not (self.ends and self.ends()):
                with measured.stage("repeats"):
                    self.corpus.mark_repeats()  # also what a run that was killed has not
        tell("ended", **outcome.counts(), **measured.figures(outcome.done))
        return outcome

    @property
    def _languages(self) -> tuple[str, str]:
        return self.settings.source_lang, self.settings.target_lang

    def _quarantine(self, configuration: str, dry: bool) -> Quarantine:
        with self.corpus.reading() as connection:
            before = ledger.quarantined(connection, configuration)
        return Quarantine(self.corpus, configuration, before, self.retry_quarantined, dry)

    def _opening(self, quarantine: Quarantine) -> Opening:
        known = None if self.retry_quarantined else quarantine.before
        return Opening(self._languages, self.limits, memory_of(self.room), self.workers, known)

    def _align(self, plan: Plan, configuration: str, outcome: Outcome, room: Path) -> None:
        batch = secrets.token_hex(8)
        reading = Guarded(Reading, (room,), self.limits, batch)
        aligning = Guarded(Aligning, (self.settings, room), self.limits, batch)
        sorting = Guarded(Sorting, (self._languages, room), self.limits, batch)
        places = {digest: found.places for some in (plan.wanted, plan.alone) for digest, found in some.items()}
        entering = Entering(self.corpus, configuration, places, outcome)
        with self._pool(batch) as pool:
            with outcome.measured.stage("pair"):
                pages = outcome.to_compare
                self._reached("compare", 0, pages)
                tasks = _tasks(plan, pool, (sorting, aligning))
                self._reached("compare", pages, pages)
            outcome.paired = sum(bool(task.parts) for task in tasks)
            outcome.to_do = len(tasks)
            ended = 0
            self._reached("align", ended, len(tasks))  # before the first are done, processes load the encoder, which takes a while
            with outcome.measured.stage("align"), closing(flow(tasks, pool, reading, aligning, ends=self.ends)) as results:
                for result in results:
                    entering.enter(result)
                    ended += len(result.tasks) if isinstance(result, Aligned) else 1
                    self._reached("align", ended, len(tasks))

    def _reached(self, stage: str, done: int, total: int) -> None:
        if self.progress is not None and total:
            self.progress(stage, done, total)

    def _pool(self, batch: str) -> AbstractContextManager[Pool]:
        if self.executor == SERIAL:
            return executors.serial()
        if self.executor == DASK:
            return executors.dask(self.workers, self.scheduler, self.gpus, batch)
        return executors.processes(self.workers, batch)


def _tasks(plan: Plan, pool: Pool, guarded: tuple[Guarded, Guarded]) -> list[Task]:
    """What is to be done, pages that are found to translate each other being pairs."""
    pages = plan.pages()
    left = {digest: found.item for digest, found in plan.wanted.items()}
    tasks = []
    for parts in pair_by_contents(pages, plan.groups, plan.wanted.keys(), pool, guarded):
        if plan.wanted.keys().isdisjoint(parts):
            continue  # two that were compared before, when there were others to choose from
        source, target = (pages[digest] for digest in parts)
        contents = (*source.contents, *target.contents) if source.contents and target.contents else ()
        item = Item((*source.names, *target.names), (*source.paths, *target.paths), source.dump, contents=contents)
        with suppress(OSError):  # one has gone since it was read: they stay pages, and aligning them says what is wrong
            tasks.append(Task(item.digest(), item, parts))
            for digest in parts:
                left.pop(digest, None)
    return [*(Task(digest, item) for digest, item in left.items()), *tasks]
