"""Processes that do one item at a time, under limits: whatever an item does to its process, the others go on.

A process that runs too long, takes too much memory or dies is killed, which no handler of signals can stop, and a new one takes its place.
"""

from __future__ import annotations

import multiprocessing
import signal
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from typing import Any, Generic, TypeVar

import psutil

Task = TypeVar("Task")

_LOOK_S = 0.2
"""How often memory and time are looked at."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What one item may take."""

    seconds: float = 600.0
    memory: int = 4 << 30
    """Bytes resident in its process, the model among them."""
    attempts: int = 2


DEFAULT_LIMITS = Limits()


@dataclass(frozen=True, slots=True)
class Result(Generic[Task]):
    """What became of a task."""

    task: Task
    value: Any = None
    """What the worker's function returned."""
    failure: str = ""
    """Why it did not, after the last attempt."""
    attempts: int = 1


@dataclass(slots=True)
class _Worker(Generic[Task]):
    process: Any
    pipe: Connection
    task: Task | None = None
    attempts: int = 0
    began: float = 0.0


def run(
    tasks: Iterable[Task], start: Callable[..., Callable[[Task], Any]], arguments: tuple[Any, ...], *, workers: int, limits: Limits
) -> Iterator[Result[Task]]:
    """The results of the tasks, as they come; as many are in work as there are workers, and no more are taken from `tasks`.

    start: is called once in each process, with `arguments`, and gives what does a task; both must be picklable. A task that fails
    is tried again, `limits.attempts` times in all. Processes are ended when the iteration is, however it ends.
    """
    context = multiprocessing.get_context("spawn")  # a fork of a process with threads may hang
    waiting = iter(tasks)
    again: list[tuple[Task, int]] = []
    busy: list[_Worker[Task]] = []
    idle: list[_Worker[Task]] = []

    def hired() -> _Worker[Task]:
        ours, theirs = context.Pipe()
        process = context.Process(target=_work, args=(theirs, start, arguments), daemon=True)
        process.start()
        theirs.close()
        return _Worker(process, ours)

    try:
        while True:
            while len(busy) < workers:
                task, attempts = again.pop() if again else (next(waiting, None), 0)
                if task is None:
                    break
                worker = idle.pop() if idle else hired()
                worker.task, worker.attempts, worker.began = task, attempts + 1, time.monotonic()
                with suppress(OSError):  # where it died while it had nothing to do, which is found out below
                    worker.pipe.send(task)
                busy.append(worker)
            if not busy:
                return
            ready = wait([worker.pipe for worker in busy], timeout=_LOOK_S)
            for worker in list(busy):
                answer = _answer(worker) if worker.pipe in ready else _overstepped(worker, limits)
                if answer is None:
                    continue
                busy.remove(worker)
                value, failure, is_alive = answer
                if is_alive:
                    idle.append(worker)
                else:
                    _end(worker)
                assert worker.task is not None
                if failure and worker.attempts < limits.attempts:
                    again.append((worker.task, worker.attempts))
                else:
                    yield Result(worker.task, value, failure, worker.attempts)
    finally:
        for worker in (*busy, *idle):
            _end(worker)


def _answer(worker: _Worker[Any]) -> tuple[Any, str, bool]:
    """Value, failure, and whether the process can go on."""
    try:
        value, failure = worker.pipe.recv()
    except (EOFError, OSError):
        worker.process.join(1)
        return None, f"its process died ({_how(worker.process.exitcode)})", False
    return value, failure, True


def _overstepped(worker: _Worker[Any], limits: Limits) -> tuple[Any, str, bool] | None:
    if time.monotonic() - worker.began > limits.seconds:
        return None, f"it took longer than {limits.seconds:g} s", False
    try:
        resident = psutil.Process(worker.process.pid).memory_info().rss
    except psutil.Error:
        return None  # it has just died; its pipe will tell
    if resident > limits.memory:
        return None, f"it took more than {limits.memory >> 20:,} MB of memory", False
    return None


def _end(worker: _Worker[Any]) -> None:
    worker.process.kill()
    worker.process.join()
    worker.pipe.close()


def _how(code: int | None) -> str:
    if code is None or code >= 0:
        return f"exit code {code}"
    try:
        return signal.Signals(-code).name
    except ValueError:
        return f"signal {-code}"


def _work(pipe: Connection, start: Callable[..., Callable[[Any], Any]], arguments: tuple[Any, ...]) -> None:
    """What a process does: one task after the other. Ctrl-C is its parent's business."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    function = start(*arguments)
    while True:
        try:
            task = pipe.recv()
        except (EOFError, OSError):
            return
        try:
            answer = function(task), ""
        except Exception as error:  # whatever an item does, it is that item's reason, and the next one gets its turn
            answer = None, f"{error}" or type(error).__name__
        pipe.send(answer)
