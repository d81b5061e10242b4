"""What a command tells machines while it works: an object of JSON a line, on stderr, in place of progress and messages."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import click

from aligner.cli import console
from aligner.cli.heartbeat import every
from aligner.cli.interrupts import heed_interrupts
from aligner.errors import AlignerError

_PROGRESS_S = 10.0
"""Between two lines that say how far a stage is."""
_LOOK_S = 1.0
_ENDS = "ended", "trouble"
"""Events after which no stage goes on."""

_WRONG = "quarantined", "unreadable", "trouble"
"""Events that say that something went wrong, which warns machines as the summary does people."""

_log = logging.getLogger("aligner")


@contextmanager
def machine_log() -> Iterator[Progress]:
    """Log the package's events and warnings, and how the command fails, as lines of JSON; yields what logs progress.

    Each line has `time` (UTC, ISO 8601), `level`, `event`, and what belongs to the event. A warning is the event `message`, with its
    `message`.
    """
    before, level = _log.handlers[:], _log.level
    progress = Progress()
    everything, lines = logging.getLogger(), _Lines(progress)  # warnings of other packages would be lines of no JSON
    everything.addHandler(lines)
    _log.handlers = []
    _log.setLevel(logging.INFO)
    try:
        with every(_LOOK_S, progress.again):
            yield progress
    except AlignerError as error:
        _tell(logging.ERROR, "failed", reason=str(error))
        raise click.exceptions.Exit(console.FAILED) from error
    except KeyboardInterrupt:
        _tell(logging.ERROR, "interrupted", **progress.facts())
        raise click.exceptions.Exit(console.INTERRUPTED) from None
    finally:
        everything.removeHandler(lines)
        _log.handlers = before
        _log.setLevel(level)


class Progress:
    """Logs how far a stage is: at its beginning, every _PROGRESS_S seconds, and at its end."""

    def __init__(self) -> None:
        self._told_at = 0.0
        self._at: dict[str, object] = {}

    def __call__(self, stage: str, done: int, total: int) -> None:
        """`done` of `total` are done in `stage`. Raises KeyboardInterrupt where Ctrl-C was pressed and something swallowed it."""
        heed_interrupts()
        begins = self._at.get("stage") != stage
        self._at = {"stage": stage, "done": done, "total": total}
        if begins or done >= total:
            self._tell(self._at)
        else:
            self.again()
        if done >= total:
            self.over()

    def again(self) -> None:
        """Log where the stage is, if that was not done for a while, so that who listens knows that it goes on."""
        at = self._at
        if at and time.monotonic() - self._told_at >= _PROGRESS_S:
            self._tell(at)

    def over(self) -> None:
        """No stage goes on."""
        self._at = {}

    def facts(self) -> dict[str, object]:
        """Where the stage is that goes on; nothing where there is none."""
        return self._at

    def _tell(self, at: dict[str, object]) -> None:
        self._told_at = time.monotonic()
        _tell(logging.INFO, "progress", **at)


class _Lines(logging.Handler):
    def __init__(self, progress: Progress) -> None:
        super().__init__(logging.INFO)
        self._progress = progress

    def emit(self, record: logging.LogRecord) -> None:
        event = getattr(record, "event", None)
        if event in _ENDS:
            self._progress.over()
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": "warning" if event in _WRONG else record.levelname.lower(),
            "event": event or "message",
            **(getattr(record, "facts", {}) if event else {"message": record.getMessage()}),
        }
        click.echo(json.dumps(line), err=True)  # ASCII alone: names of files may hold what is no UTF-8


def _tell(level: int, event: str, **facts: object) -> None:
    _log.log(level, "%s", event, extra={"event": event, "facts": facts})
