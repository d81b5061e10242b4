"""The way of documents through the stages: in groups, bounded in flight, each failure tried again by itself."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aligner.batch.executors import Pool, settled
from aligner.batch.guarding import Guarded, Result
from aligner.batch.items import total_bytes
from aligner.batch.stages import Made, Task

GROUP_ITEMS = 64
GROUP_BYTES = 1 << 20
"""Of files in a group: some 10,000 sentences, which the encoder takes ten seconds for."""
GROUPS_A_WORKER = 4
"""There are at least as many groups, where documents are few."""


@dataclass(frozen=True, slots=True)
class Aligned:
    """A group whose alignments are in a file."""

    tasks: tuple[Task, ...]
    attempts: tuple[int, ...]
    """How often each was tried."""
    path: Path
    """The pickled alignments, in the order of the tasks."""
    seconds: tuple[float, float] = (0.0, 0.0)
    """What reading and aligning them took."""


@dataclass(frozen=True, slots=True)
class Failed:
    """An item that failed as often as it may."""

    task: Task
    reason: str
    attempts: int


@dataclass(frozen=True, slots=True)
class _Job:
    """A group at one stage: to be read, or, where it was, to be aligned."""

    tasks: tuple[Task, ...]
    read: Path | None = None
    seconds: float = 0.0
    """What reading took."""


Ends = Callable[[], bool]
"""Whether a batch is to end early: what is in flight is finished, and no more is begun."""


def flow(
    tasks: Sequence[Task], pool: Pool, reading: Guarded, aligning: Guarded, *, ends: Ends | None = None
) -> Generator[Aligned | Failed, None, None]:
    """What becomes of the tasks, as it comes.

    Where a process dies, the item that it was at is to blame, and the others of its group are done without it; where it was at all of
    them, each is done alone. Raises BatchError where the machine is at fault, or a cluster.
    """
    return _Flow(tasks, pool, (reading, aligning), ends or _never).run()


class _Flow:
    def __init__(self, tasks: Sequence[Task], pool: Pool, stages: tuple[Guarded, Guarded], ends: Ends) -> None:
        self._pool, self._ends = pool, ends
        self._reading, self._aligning = stages
        self._new = groups(tasks, pool.capacity * GROUPS_A_WORKER // 2)
        self._waiting: deque[_Job] = deque()
        self._in_flight: dict[Future[Any], _Job] = {}
        self._failures: Counter[str] = Counter()

    def run(self) -> Generator[Aligned | Failed, None, None]:
        while True:
            while len(self._in_flight) < self._pool.capacity and (job := self._next()):
                self._submit(job)
            if not self._in_flight:
                return
            ended, _ = wait(self._in_flight, return_when=FIRST_COMPLETED)
            for future in ended:
                yield from self._ended(self._in_flight.pop(future), settled(future))

    def _next(self) -> _Job | None:
        if self._ends():
            return None
        if self._waiting:
            return self._waiting.popleft()
        group = next(self._new, None)
        return None if group is None else _Job(group)

    def _submit(self, job: _Job) -> None:
        if job.read is None:
            future = self._pool.reading.submit(self._reading, job.tasks)
        else:
            future = self._pool.aligning.submit(self._aligning, job.read)
        self._in_flight[future] = job

    def _ended(self, job: _Job, result: Result) -> Iterator[Aligned | Failed]:
        if result.failure:
            yield from self._lost(job, result)
            return
        made: Made = result.value
        whole = tuple(task for number, task in enumerate(job.tasks) if number not in made.failures)
        for number, reason in made.failures.items():
            yield from self._failed(job.tasks[number], reason)
        if not whole:
            made.path.unlink()
        elif job.read is None:
            self._waiting.appendleft(_Job(whole, made.path, made.seconds))
        else:
            yield Aligned(whole, tuple(self._failures[task.digest] + 1 for task in whole), made.path, (job.seconds, made.seconds))

    def _lost(self, job: _Job, result: Result) -> Iterator[Failed]:
        """A stage failed as a whole."""
        if job.read is not None:
            job.read.unlink(missing_ok=True)  # it is read anew
        if len(job.tasks) == 1:
            yield from self._failed(job.tasks[0], result.failure)
        elif result.at is None or result.at >= len(job.tasks):
            self._waiting.extend(_Job((task,)) for task in job.tasks)
        else:
            self._waiting.append(_Job((*job.tasks[: result.at], *job.tasks[result.at + 1 :])))
            yield from self._failed(job.tasks[result.at], result.failure)

    def _failed(self, task: Task, reason: str) -> Iterator[Failed]:
        self._failures[task.digest] += 1
        if self._failures[task.digest] < self._reading.limits.attempts:
            self._waiting.append(_Job((task,)))
        else:
            yield Failed(task, reason, self._failures[task.digest])


def _never() -> bool:
    return False


def groups(tasks: Sequence[Task], at_least: int) -> Iterator[tuple[Task, ...]]:
    """The tasks in groups, of GROUP_ITEMS and GROUP_BYTES at most, and so many that there are `at_least` as many where there can be."""
    most = max(1, min(GROUP_ITEMS, len(tasks) // max(1, at_least)))
    group: list[Task] = []
    size = 0
    for task in tasks:
        bytes_ = total_bytes(task.item)
        if group and (len(group) == most or size + bytes_ > GROUP_BYTES):
            yield tuple(group)
            group, size = [], 0
        group.append(task)
        size += bytes_
    if group:
        yield tuple(group)
