"""Processes that do one task at a time, under limits: whatever a task does to its process, the others go on.

A process that takes too long or too much memory is killed, which no handler of signals can stop. Where one is gone a new one takes its
place.
"""

from __future__ import annotations

import faulthandler
import logging
import multiprocessing
import os
import signal
import threading
import time
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from multiprocessing import connection, resource_tracker
from typing import Any, Generic, TypeVar

import psutil

from aligner.errors import BatchError

Task = TypeVar("Task")

START_S = 600.0
"""How long a process may take to begin: loading an encoder takes seconds, from a slow disk minutes."""
_LOOK_S = 0.2
"""How often memory and time are looked at."""
_WAKE_S = 1.0
"""How often waiting is broken off: on Windows Ctrl-C is not heard meanwhile."""
_GRACE_S = 60.0
"""How much longer than its limit a process waits before it ends itself, where nobody is left who would."""
_READY, _DONE, _FAILED, _UNFIT, _WARNING = "ready", "done", "failed", "unfit", "warning"

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Limits:
    """What one task may take."""

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
    """What the function returned."""
    failure: str = ""
    """Why it did not, at the last attempt."""
    attempts: int = 1


def run(
    tasks: Iterable[Task], start: Callable[..., Callable[[Task], Any]], arguments: tuple[Any, ...], *, workers: int, limits: Limits
) -> Generator[Result[Task], None, None]:
    """The results of the tasks, as they come; as many are in work as there are workers, and no more are taken from `tasks`.

    start: is called once in each process, with `arguments`, and gives the function that does a task; what goes to and fro is picklable.
    A task that fails is tried again, `limits.attempts` times in all. Raises BatchError where a process cannot begin, and where the function
    does: then the machine is at fault. Processes are ended when the iteration is, however it ends: close it.
    """
    crew: _Crew[Task] = _Crew(start, arguments, limits)
    rest = ((task, 1) for task in tasks)
    again: deque[tuple[Task, int]] = deque()
    with crew:
        while True:
            while len(crew.busy) < workers and (job := again.popleft() if again else next(rest, None)):
                crew.give(*job)
            if not crew.busy:
                return
            for result in crew.results():
                if result.failure and result.attempts < limits.attempts:
                    again.append((result.task, result.attempts + 1))
                else:
                    yield result


@dataclass(slots=True, eq=False)
class _Worker(Generic[Task]):
    process: Any
    pipe: connection.Connection
    task: Task
    attempt: int
    since: float
    """When it began what it is at: to start, or a task."""
    is_ready: bool = False
    overstepped: str = ""
    """Which limit it was killed for."""


class _Crew(Generic[Task]):
    """The processes, and a thread that watches them, whatever else is being done meanwhile."""

    def __init__(self, start: Callable[..., Callable[[Task], Any]], arguments: tuple[Any, ...], limits: Limits) -> None:
        self._start, self._arguments, self._limits = start, arguments, limits
        self._context = multiprocessing.get_context("spawn")  # a fork of a process with threads may hang
        self._idle: list[_Worker[Task]] = []
        self._false_starts = 0
        self._changing = threading.Lock()
        self._end = threading.Event()
        self._watcher = threading.Thread(target=self._watch, daemon=True)
        self.busy: list[_Worker[Task]] = []

    def __enter__(self) -> None:
        self._watcher.start()

    def __exit__(self, *_: object) -> None:
        self._end.set()
        self._watcher.join()
        for worker in (*self.busy, *self._idle):
            _bury(worker)

    def give(self, task: Task, attempt: int) -> None:
        """Let a process do a task; a new one where none is idle."""
        worker = None
        while self._idle and worker is None:
            worker = self._idle.pop()
            if not worker.process.is_alive():
                _bury(worker)
                worker = None
        if worker is None:
            worker = self._hired(task, attempt)
        with self._changing:
            worker.task, worker.attempt, worker.since = task, attempt, time.monotonic()
            self.busy.append(worker)
        if worker.is_ready:
            _send(worker)

    def results(self) -> Iterator[Result[Task]]:
        """What has come from the processes since; none where nothing did for a while."""
        ready = connection.wait([worker.pipe for worker in self.busy], timeout=_WAKE_S)
        for worker in [worker for worker in self.busy if worker.pipe in ready]:
            try:
                kind, said = worker.pipe.recv()
            except (EOFError, OSError):
                yield from self._lost(worker)
                continue
            if kind == _WARNING:
                _log.warning("%s", said)
            elif kind == _UNFIT:
                raise BatchError(said)
            elif kind == _READY:
                self._false_starts = 0
                with self._changing:
                    worker.is_ready, worker.since = True, time.monotonic()
                _send(worker)
            else:
                self._leave(worker)
                if worker.overstepped:  # killed as it was done
                    _bury(worker)
                else:
                    self._idle.append(worker)
                value, failure = (said, "") if kind == _DONE else (None, said)
                yield Result(worker.task, value, failure, worker.attempt)

    def _lost(self, worker: _Worker[Task]) -> Iterator[Result[Task]]:
        self._leave(worker)
        _bury(worker)
        why = worker.overstepped or f"its process died ({_how(worker.process.exitcode)})"
        if worker.is_ready:
            yield Result(worker.task, None, why, worker.attempt)
            return
        self._false_starts += 1  # which is not the task's fault
        if self._false_starts >= self._limits.attempts:
            raise BatchError(f"the processes that were to align could not begin, {self._false_starts} times in a row; the last one: {why}")
        self.give(worker.task, worker.attempt)

    def _leave(self, worker: _Worker[Task]) -> None:
        with self._changing:
            self.busy.remove(worker)

    def _hired(self, task: Task, attempt: int) -> _Worker[Task]:
        ours, theirs = self._context.Pipe()
        process = self._context.Process(target=_work, args=(theirs, self._start, self._arguments, self._limits.seconds), daemon=True)
        with _interrupts_kept_from_children():
            process.start()
        theirs.close()
        return _Worker(process, ours, task, attempt, time.monotonic())

    def _watch(self) -> None:
        while not self._end.wait(_LOOK_S):
            with self._changing:  # so that none is killed for what it did before
                for worker in self.busy:
                    if not worker.overstepped:
                        worker.overstepped = self._overstepped(worker)
                        if worker.overstepped:
                            worker.process.kill()

    def _overstepped(self, worker: _Worker[Task]) -> str:
        seconds = self._limits.seconds if worker.is_ready else START_S
        if time.monotonic() - worker.since > seconds:
            return f"it took longer than {seconds:g} s"
        try:
            resident = psutil.Process(worker.process.pid).memory_info().rss
        except psutil.Error:
            return ""  # it has just died; its pipe will tell
        return f"it took more than {self._limits.memory >> 20:,} MB of memory" if resident > self._limits.memory else ""


def _send(worker: _Worker[Any]) -> None:
    with suppress(OSError):  # where it has died, which its pipe will tell
        worker.pipe.send(worker.task)


def _bury(worker: _Worker[Any]) -> None:
    worker.process.kill()
    worker.process.join()
    worker.pipe.close()


def _how(code: int | None) -> str:
    try:
        return signal.Signals(-(code or 0)).name
    except ValueError:
        return f"exit code {code}"


@contextmanager
def _interrupts_kept_from_children() -> Iterator[None]:
    """What is started here never hears Ctrl-C, which is its parent's business; else what it imports first would end in a traceback."""
    if os.name != "posix":
        yield
        return
    resource_tracker.ensure_running()  # it unblocks the signal as it starts
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


class _Told(logging.Handler):
    """Warnings go to the parent, which knows where they are to be shown."""

    def __init__(self, pipe: connection.Connection) -> None:
        super().__init__(logging.WARNING)
        self._pipe = pipe

    def emit(self, record: logging.LogRecord) -> None:
        self._pipe.send((_WARNING, record.getMessage()))


def _work(pipe: connection.Connection, start: Callable[..., Callable[[Any], Any]], arguments: tuple[Any, ...], seconds: float) -> None:
    """What a process does: one task after the other, until its parent is gone, which alone decides when."""
    for name in (signal.SIGINT, signal.SIGTERM):  # systemd sends the latter to all at once
        signal.signal(name, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    logging.getLogger("aligner").addHandler(_Told(pipe))
    nowhere = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115, PTH123 - as long as the process lasts
    try:
        function = start(*arguments)
    except Exception as error:
        pipe.send((_UNFIT, _reason(error)))
        return
    pipe.send((_READY, None))
    while True:
        try:
            task = pipe.recv()
        except (EOFError, OSError):
            return
        # Native code may keep the interpreter, and with it every thread of ours, from noticing that the parent is gone.
        faulthandler.dump_traceback_later(seconds + _GRACE_S, exit=True, file=nowhere)
        try:
            answer = _DONE, function(task)
        except BatchError as error:
            answer = _UNFIT, _reason(error)
        except Exception as error:  # whatever it is, it is this task's reason, and the next one gets its turn
            answer = _FAILED, _reason(error)
        faulthandler.cancel_dump_traceback_later()
        pipe.send(answer)


def _reason(error: Exception) -> str:
    return str(error) or type(error).__name__


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    assert parent is not None
    parent.join()
    os._exit(1)
