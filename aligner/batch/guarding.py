"""A process for what may harm its process: it does one task at a time, under limits, and whatever becomes of it its parent goes on.

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
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from multiprocessing import connection, resource_tracker
from typing import Any

import psutil

from aligner.errors import BatchError

At = Callable[[int | None, int], None]
"""Called by a task with the number of the part that it comes to, None for all of them together, and for how many parts' time."""

START_S = 600.0
"""How long a process may take to begin: loading an encoder takes seconds, from a slow disk minutes."""
IDLE_S = 900.0
"""How long a process waits for the next task: where nobody ends it, for its parent serves others too, it ends by itself."""
_LOOK_S = 0.2
"""How often memory and time are looked at."""
_GRACE_S = 60.0
"""How much longer than its limit a process waits before it ends itself, where nobody is left who would."""
_READY, _AT, _DONE, _FAILED, _UNFIT, _WARNING = "ready", "at", "done", "failed", "unfit", "warning"


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
    """What the function makes of the task, at the last of its attempts."""
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
        self._process = context.Process(target=_work, args=arguments, daemon=True)
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
                if kind == _WARNING:
                    warnings.append(said)
                elif kind == _AT:
                    at, parts = said
                    seconds = self._guarded.limits.seconds * parts
                    end = time.monotonic() + seconds
                elif kind == _UNFIT:
                    raise BatchError(said)
                else:
                    if overstepped:  # killed as it was done
                        self._bury()
                    value, failure = (None, said) if kind == _FAILED else (said, "")
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


class _Told(logging.Handler):
    """Warnings go to the parent, which knows where they are to be shown."""

    def __init__(self, pipe: connection.Connection) -> None:
        super().__init__(logging.WARNING)
        self._pipe = pipe

    def emit(self, record: logging.LogRecord) -> None:
        self._pipe.send((_WARNING, record.getMessage()))


def _work(pipe: connection.Connection, start: Callable[..., Callable[[Any, At], Any]], arguments: tuple[Any, ...], seconds: float) -> None:
    """What a process does: one task after the other, until its parent is gone, which alone decides when."""
    for name in (signal.SIGINT, signal.SIGTERM):  # systemd sends the latter to all at once
        signal.signal(name, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    logging.getLogger("aligner").addHandler(_Told(pipe))
    nowhere = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115, PTH123 - as long as the process lasts

    def at(part: int | None, parts: int) -> None:
        # Native code may keep the interpreter, and with it every thread of ours, from noticing that the parent is gone.
        faulthandler.dump_traceback_later(seconds * parts + _GRACE_S, exit=True, file=nowhere)
        pipe.send((_AT, (part, parts)))

    try:
        function = start(*arguments)
    except Exception as error:
        pipe.send((_UNFIT, reason_of(error)))
        return
    pipe.send((_READY, None))
    while pipe.poll(IDLE_S):
        try:
            task = pipe.recv()
        except (EOFError, OSError):
            return
        try:
            at(None, 1)
            answer = _DONE, function(task, at)
        except BatchError as error:
            answer = _UNFIT, reason_of(error)
        except Exception as error:  # whatever it is, it is this task's reason, and the next one gets its turn
            answer = _FAILED, reason_of(error)
        faulthandler.cancel_dump_traceback_later()
        pipe.send(answer)


def reason_of(error: Exception) -> str:
    """What an error says, or at least what it is called."""
    return str(error) or type(error).__name__


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    assert parent is not None
    parent.join()
    os._exit(1)
