"""What comes of a batch's work goes into the corpus, and what became of each input into its ledger."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any

from sqlalchemy import Connection

from aligner.batch.events import tell
from aligner.batch.flow import Aligned, Failed
from aligner.batch.measuring import Measured
from aligner.batch.stages import Task, taken
from aligner.corpus import Corpus, ledger
from aligner.corpus.adding import Added
from aligner.corpus.found import Found
from aligner.corpus.ledger import DONE, QUARANTINED, Entry, Place
from aligner.corpus.withdrawing import withdraw_pages


@dataclass(slots=True)
class Outcome:
    """What a batch found and did."""

    found: int = 0
    """Pairs of documents and pages that the dumps hold; the same bytes twice count once."""
    done_before: int = 0
    done_otherwise: int = 0
    """Done before with another encoder, other weights or another version, and left so unless `redo`."""
    to_do: int = 0
    to_compare: int = 0
    """Pages among these that are compared by what they say, with each other and with some that were done: two may become one pair."""
    done: int = 0
    empty: int = 0
    """Of what was done in this batch, what holds no text."""
    new_units: int = 0
    paired: int = 0
    """Pairs of pages that were found by what they say, in this batch."""
    passed_over: dict[str, int] = field(default_factory=dict)
    """Files of dumps whose names do not say that they are texts, by suffix."""
    unreadable: dict[str, str] = field(default_factory=dict)
    """Files that may not be read, records of crawls that are damaged, with the reasons, and in a dry run archives that are; the next
    batch looks again."""
    quarantined: dict[str, str] = field(default_factory=dict)
    """What failed in this batch, with the reasons."""
    quarantined_before: dict[str, str] = field(default_factory=dict)
    """What failed before and was not tried again."""
    measured: Measured = field(default_factory=Measured, compare=False)

    def counts(self) -> dict[str, int]:
        """How many of each kind."""
        values = ((each.name, getattr(self, each.name)) for each in fields(self) if each.name != "measured")
        return {
            name: sum(found.values()) if name == "passed_over" else found if isinstance(found, int) else len(found)
            for name, found in values
        }

    def figures(self) -> dict[str, Any]:
        """All of it, and the metrics, for machines: what JSON can hold."""
        found = {each.name: getattr(self, each.name) for each in fields(self) if each.name != "measured"}
        return {**found, **self.measured.figures(self.done)}


@dataclass(frozen=True, slots=True)
class Entering:
    """The corpus that a batch fills."""

    corpus: Corpus
    configuration: str
    places: Mapping[str, Sequence[Place]]
    """Where each input stands, by digest."""
    outcome: Outcome
    """Is told what was done."""

    def enter(self, ended: Aligned | Failed) -> None:
        """Add the alignments of a group, or quarantine an item. Raises CorpusError where the database is locked, full or gone."""
        if isinstance(ended, Failed):
            self._quarantine(ended)
        else:
            self._add(ended)

    def _add(self, group: Aligned) -> None:
        start = time.perf_counter()
        alignments: list[Found] = taken(group.path)
        new_units: dict[int, int] = {}

        def then(connection: Connection, added: Mapping[int, Added]) -> None:
            done = {
                number: (DONE, "", group.attempts[number], len(alignments[number].probabilities), what.alignment)
                for number, what in added.items()
            }
            for number, what in added.items():
                withdraw_pages(connection, group.tasks[number].parts, what.alignment)
            self._write(connection, [(group.tasks[number], what) for number, what in done.items()])
            new_units.update({number: what.units for number, what in added.items()})

        for number, error in self.corpus.add_all(alignments, then=then):
            self._quarantine(Failed(group.tasks[number], str(error), group.attempts[number]))
            new_units.pop(number, None)
        measured = self.outcome.measured
        for number in new_units:
            measured.added(alignments[number])
            self.outcome.empty += not alignments[number].segments
        for what, seconds in zip(("reading", "aligning", "adding"), (*group.seconds, time.perf_counter() - start), strict=True):
            measured.worked(what, seconds)
        self.outcome.done += len(new_units)
        self.outcome.new_units += sum(new_units.values())
        measured.reached(self.outcome.done)

    def _quarantine(self, failed: Failed) -> None:
        with self.corpus.writing() as connection:
            self._write(connection, [(failed.task, (QUARANTINED, failed.reason, failed.attempts))])
        self.outcome.quarantined[failed.task.item.name] = failed.reason
        tell("quarantined", name=failed.task.item.name, reason=failed.reason, attempts=failed.attempts)

    def _write(self, connection: Connection, became: Sequence[tuple[Task, tuple[Any, ...]]]) -> None:
        """Write what became of tasks, and where their inputs stand."""
        digests = [(digest, task.item.name, what) for task, what in became for digest in (task.digest, *task.parts)]
        ledger.enter(
            connection,
            (Entry(key_of(digest, self.configuration), name, digest, self.configuration, *what) for digest, name, what in digests),
        )
        ledger.hold_inputs(connection, ((place, digest) for digest, *_ in digests for place in self.places.get(digest, ())))


def key_of(digest: str, configuration: str) -> str:
    """What the ledger knows a unit of work by: SHA-256, in hexadecimal digits."""
    return hashlib.sha256(f"{digest} {configuration}".encode()).hexdigest()
