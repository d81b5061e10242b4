"""A process for what may harm its process: it does one task at a time, under limits, and whatever becomes of it its parent goes on.

A process that takes too long or too much memory is killed, which no handler of signals can stop. Where one is gone a new one takes its
place.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from multiprocessing import connection, resource_tracker
from typing import Any

import psutil

from aligner.batch.guarded_process import AT, FAILED, UNFIT, WARNING, At, work
from aligner.errors import BatchError

START_S = 600.0
"""How long a process may take to begin: loading an encoder takes seconds, from a slow disk minutes."""
_LOOK_S = 0.2
"""How often memory and time are looked at."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What one document may take."""

    seconds: float = 600.0
    memory: int = 4 << 30
    """Bytes resident in its process, the model among them."""
    attempts: int = 2


DEFAULT_LIMITS = Limits()


@dataclass(frozen=True, slots=True)
class Result:
    """What became of a task."""

    value: Any = None
    """What the function returned."""
    failure: str = ""
    """Why it did not."""
    at: int | None = None
    """The part of the task that it was at then."""
    warnings: tuple[str, ...] = ()
    """What the process had to say."""


@dataclass(frozen=True, slots=True)
class Guarded:
    """A function that is called in processes of its own: each thread that calls it has one, which stays for the next call."""

    start: Callable[..., Callable[[Any, At], Any]]
    """Is called once in each process, with `arguments`, and gives the function; what goes to and fro is picklable."""
    arguments: tuple[Any, ...]
    limits: Limits
    batch: str
    """Whose processes these are: `release` ends them all."""

    def __call__(self, task: Any) -> Result:
        """What the function makes of the task. Raises BatchError where a process cannot begin, and where the function
        does: then the machine is at fault.
        """
        place = threading.get_ident(), self
        with _changing:
            guard = _guards.setdefault(place, _Guard(self))
        return guard.do(task)


def tried(guarded: Guarded, task: Any) -> Result:
    """What the function makes of the task: of the first attempt that succeeds, or else of the last one."""
    for _ in range(guarded.limits.attempts):
        result = guarded(task)
        if not result.failure:
            break
    return result


_guards: dict[tuple[int, Guarded], _Guard] = {}
_changing = threading.Lock()


def release(batch: str) -> None:
    """End the processes of a batch that were begun by this one; what they are at is lost."""
    with _changing:
        for place in [place for place in _guards if place[1].batch == batch]:
            _guards.pop(place).close()


class _Guard:
    """One process, and what watches it."""

    def __init__(self, guarded: Guarded) -> None:
        self._guarded = guarded
        self._process: Any = None
        self._pipe: connection.Connection | None = None
        self._is_closed = False

    def do(self, task: Any) -> Result:
        """Let the process do a task; a new one where it is gone."""
        if self._process is not None and not self._process.is_alive():
            self._bury()
        pipe = self._pipe or self._begun()
        with suppress(OSError):  # where it has died, which its pipe will tell
            pipe.send(task)
        return self._result(pipe, self._guarded.limits.seconds)

    def close(self) -> None:
        """End the process; a thread that waits for its result gets none."""
        self._is_closed = True
        process = self._process
        if process is not None and process.pid is not None:  # one that is just being begun is ended by its thread
            process.kill()
            process.join()

    def _begun(self) -> connection.Connection:
        """The pipe of a new process that is ready."""
        why = ""
        for _ in range(self._guarded.limits.attempts):
            pipe = self._start()
            result = self._result(pipe, START_S)
            if not result.failure:
                return pipe
            why = result.failure
        raise BatchError(
            f"the processes that were to align could not begin, {self._guarded.limits.attempts} times in a row; the last one: {why}"
        )

    def _start(self) -> connection.Connection:
        context = multiprocessing.get_context("spawn")  # a fork of a process with threads may hang
        ours, theirs = context.Pipe()
        arguments = theirs, self._guarded.start, self._guarded.arguments, self._guarded.limits.seconds
        self._process = context.Process(target=work, args=arguments, daemon=True)
        with _interrupts_kept_from_children():
            try:
                self._process.start()
            except AssertionError as error:  # what multiprocessing says of a process that may have no children
                raise BatchError(
                    "a worker of the cluster may not begin processes: "
                    "start it with --no-nanny, or with DASK_DISTRIBUTED__WORKER__DAEMON=False"
                ) from error
        theirs.close()
        self._pipe = ours
        if self._is_closed:
            self._process.kill()
        return ours

    def _result(self, pipe: connection.Connection, seconds: float) -> Result:
        """What the process says in the end; it is killed where it takes longer or too much memory."""
        overstepped = ""
        at: int | None = None
        warnings: list[str] = []
        end = time.monotonic() + seconds
        while True:
            if pipe.poll(_LOOK_S):
                try:
                    kind, said = pipe.recv()
                except (EOFError, OSError):
                    exit_code = self._bury()
                    if self._is_closed:
                        raise BatchError("the batch was ended") from None
                    return Result(None, overstepped or f"its process died ({_how(exit_code)})", at, tuple(warnings))
                if kind == WARNING:
                    warnings.append(said)
                elif kind == AT:
                    at, parts = said
                    seconds = self._guarded.limits.seconds * parts
                    end = time.monotonic() + seconds
                elif kind == UNFIT:
                    raise BatchError(said)
                else:
                    if overstepped:  # killed as it was done
                        self._bury()
                    value, failure = (None, said) if kind == FAILED else (said, "")
                    return Result(value, failure, at, tuple(warnings))
            elif not overstepped:
                overstepped = self._overstepped(end, seconds)
                if overstepped:
                    self._process.kill()

    def _overstepped(self, end: float, seconds: float) -> str:
        if time.monotonic() > end:
            return f"it took longer than {seconds:g} s"
        try:
            resident = psutil.Process(self._process.pid).memory_info().rss
        except psutil.Error:
            return ""  # it has just died; its pipe will tell
        memory = self._guarded.limits.memory
        return f"it took more than {memory >> 20:,} MB of memory" if resident > memory else ""

    def _bury(self) -> int:
        """The exit code of the process, which is ended if it still goes on."""
        self._process.kill()
        self._process.join()
        code = self._process.exitcode
        if self._pipe is not None:
            self._pipe.close()
        self._process = self._pipe = None
        return int(code or 0)


def _how(code: int) -> str:
    try:
        return signal.Signals(-code).name
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
