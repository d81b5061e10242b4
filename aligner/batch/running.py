"""The main path of a batch: gather what the dumps hold, pass over what is done, align the rest in processes, add it to the corpus.

A unit of work is the bytes of its files and what an alignment depends on beside them. What was added is entered in the corpus's
ledger; what was added and not entered, for the job was killed in between, is added again, which changes nothing.
"""

from __future__ import annotations

import hashlib
import json
import pickle
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field, replace
from importlib.metadata import version
from pathlib import Path

from aligner.batch.gathering import Bad, Item, gather
from aligner.batch.workers import DEFAULT_LIMITS, Limits, run
from aligner.corpus import Corpus, ledger
from aligner.corpus.ledger import DONE, QUARANTINED, Entry
from aligner.dumps import read_document
from aligner.errors import AlignerError
from aligner.pipeline import Aligner
from aligner.types import Alignment

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Settings:
    """What an alignment depends on beside the texts, as `Aligner` takes it; each process loads an encoder of its own."""

    source_lang: str = "fr"
    target_lang: str = "en"
    encoder: str | None = None
    weights: str | None = None

    def aligner(self, threads: int | None = None) -> Aligner:
        """The aligner that these describe."""
        return Aligner(self.encoder, source_lang=self.source_lang, target_lang=self.target_lang, weights=self.weights, threads=threads)

    def configuration(self) -> str:
        """SHA-256, in hexadecimal digits, of everything here: with it, equal bytes give equal beads."""
        aligner = self.aligner()
        known = asdict(self) | asdict(aligner.embedder.identity) | {"weights": aligner.weights.identity, "version": version("aligner")}
        return hashlib.sha256(json.dumps(known, sort_keys=True).encode()).hexdigest()


DEFAULT_SETTINGS = Settings()


@dataclass(slots=True)
class Outcome:
    """What a batch found and did."""

    found: int = 0
    """Pairs of documents and pages that the dumps hold; the same bytes twice count once."""
    done_before: int = 0
    done_otherwise: int = 0
    """Done before with another encoder, other weights or another version, and left so unless `redo`."""
    quarantined_before: int = 0
    to_do: int = 0
    done: int = 0
    new_units: int = 0
    quarantined: dict[str, str] = field(default_factory=dict)
    """Reasons of those that failed in this batch, by name."""


@dataclass(frozen=True, slots=True)
class Batch:
    """A batch job over a corpus."""

    corpus: Corpus
    settings: Settings = DEFAULT_SETTINGS
    workers: int = 1
    """Processes, each of which computes with one thread."""
    limits: Limits = DEFAULT_LIMITS
    redo: bool = False
    """Whether what was done with another encoder, other weights or another version is done again."""
    retry_quarantined: bool = False
    progress: Progress | None = None

    def run(self, dumps: Sequence[Path], *, dry: bool = False) -> Outcome:
        """Align what is new in the dumps, or, where it is `dry`, find out what that is.

        Raises InputError for a dump that is not there, CorpusError where another batch works on the corpus. What else goes wrong with
        an input is its entry in the ledger.
        """
        languages = self.settings.source_lang, self.settings.target_lang
        outcome = Outcome()
        with self.corpus.alone(), tempfile.TemporaryDirectory(prefix="aligner-") as room:
            items: dict[str, Item] = {}
            for found in gather(dumps, languages, Path(room)):
                if isinstance(found, Bad):
                    outcome.quarantined[found.name] = found.reason
                else:
                    items.setdefault(found.digest(), found)
            configuration = self.settings.configuration()
            wanted = self._wanted(items, configuration, outcome)
            if not dry and wanted:
                self._align(wanted, configuration, outcome, Path(room))
        return outcome

    def _wanted(self, items: dict[str, Item], configuration: str, outcome: Outcome) -> dict[str, Item]:
        """The items that are to be done, by digest."""
        keys = {digest: _key(digest, configuration) for digest in items}
        with self.corpus.reading() as connection:
            known = ledger.entries(connection, keys.values())
            otherwise = set() if self.redo else ledger.done_otherwise(connection, keys, configuration)
        states = {digest: known[key].state for digest, key in keys.items() if key in known}
        passed = {digest for digest, state in states.items() if state == DONE or not self.retry_quarantined}
        outcome.found = len(items)
        outcome.done_before = sum(state == DONE for state in states.values())
        outcome.quarantined_before = sum(states[digest] == QUARANTINED for digest in passed)
        outcome.done_otherwise = len(otherwise - passed)
        wanted = {digest: item for digest, item in items.items() if digest not in passed | otherwise}
        outcome.to_do = len(wanted)
        return wanted

    def _align(self, wanted: dict[str, Item], configuration: str, outcome: Outcome, room: Path) -> None:
        tasks = (Task(digest, item) for digest, item in wanted.items())
        results = run(tasks, Work, (self.settings, room), workers=self.workers, limits=self.limits)
        for number, result in enumerate(results, 1):
            task: Task = result.task
            failure, units = result.failure, 0
            if not failure:
                try:
                    units = self._add(result.value, outcome)
                except AlignerError as error:
                    failure = str(error)
            state = QUARANTINED if failure else DONE
            key = _key(task.digest, configuration)
            entry = Entry(key, task.item.name, task.digest, configuration, state, failure, result.attempts, units)
            with self.corpus.writing() as connection:
                ledger.enter(connection, entry)
            if failure:
                outcome.quarantined[task.item.name] = failure
            else:
                outcome.done += 1
            if self.progress is not None:
                self.progress("align", number, len(wanted))

    def _add(self, path: Path, outcome: Outcome) -> int:
        alignment: Alignment = pickle.loads(path.read_bytes())
        path.unlink()
        outcome.new_units += self.corpus.add(alignment).units
        return len(alignment.links)


@dataclass(frozen=True, slots=True)
class Task:
    """What a process is given."""

    digest: str
    item: Item


class Work:
    """What a process does: aligns an item, and gives the path of what came out."""

    def __init__(self, settings: Settings, room: Path) -> None:
        self.aligner, self.room = settings.aligner(threads=1), room

    def __call__(self, task: Task) -> Path:
        """Raises InputError for what cannot be read."""
        documents = [replace(read_document(path), name=name) for path, name in zip(task.item.paths, task.item.names, strict=True)]
        alignment = self.aligner.align(*documents) if len(documents) == 2 else self.aligner.align_page(*documents)
        path = self.room / f"{task.digest}.pickle"
        path.write_bytes(pickle.dumps(alignment))
        return path


def _key(digest: str, configuration: str) -> str:
    return hashlib.sha256(f"{digest} {configuration}".encode()).hexdigest()
