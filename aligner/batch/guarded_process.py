"""What a guarded process does: one task after the other, and it tells its parent how it fares."""

from __future__ import annotations

import faulthandler
import logging
import multiprocessing
import os
import signal
import threading
from collections.abc import Callable
from multiprocessing import connection
from typing import Any

from aligner.errors import BatchError

At = Callable[[int | None, int], None]
"""Called by a task with the number of the part that it comes to, None for all of them together, and for how many parts' time."""

IDLE_S = 900.0
"""How long a process waits for the next task: where nobody ends it, for its parent serves others too, it ends by itself."""
_GRACE_S = 60.0
"""How much longer than its limit a process waits before it ends itself, where nobody is left who would."""
READY, AT, DONE, FAILED, UNFIT, WARNING = "ready", "at", "done", "failed", "unfit", "warning"
"""What a process says: that it is ready; what part it comes to; what it made; why it could not; why it can do nothing; a warning."""


class _Told(logging.Handler):
    """Warnings go to the parent, which knows where they are to be shown."""

    def __init__(self, pipe: connection.Connection) -> None:
        super().__init__(logging.WARNING)
        self._pipe = pipe

    def emit(self, record: logging.LogRecord) -> None:
        self._pipe.send((WARNING, record.getMessage()))


def work(pipe: connection.Connection, start: Callable[..., Callable[[Any, At], Any]], arguments: tuple[Any, ...], seconds: float) -> None:
    """What a process does: one task after the other, until its parent is gone, which alone decides when."""
    for name in (signal.SIGINT, signal.SIGTERM):  # systemd sends the latter to all at once
        signal.signal(name, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    logging.getLogger("aligner").addHandler(_Told(pipe))
    nowhere = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115, PTH123 - as long as the process lasts

    def at(part: int | None, parts: int) -> None:
        # Native code may keep the interpreter, and with it every thread of ours, from noticing that the parent is gone.
        faulthandler.dump_traceback_later(seconds * parts + _GRACE_S, exit=True, file=nowhere)
        pipe.send((AT, (part, parts)))

    try:
        function = start(*arguments)
    except Exception as error:
        pipe.send((UNFIT, reason_of(error)))
        return
    pipe.send((READY, None))
    while pipe.poll(IDLE_S):
        try:
            task = pipe.recv()
        except (EOFError, OSError):
            return
        try:
            at(None, 1)
            answer = DONE, function(task, at)
        except BatchError as error:
            answer = UNFIT, reason_of(error)
        except Exception as error:  # whatever it is, it is this task's reason, and the next one gets its turn
            answer = FAILED, reason_of(error)
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
