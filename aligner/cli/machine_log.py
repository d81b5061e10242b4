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
from aligner.cli.interrupts import heed_interrupts
from aligner.errors import AlignerError

_PROGRESS_S = 10.0
"""Between two lines that say how far a stage is."""

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
    everything, lines = logging.getLogger(), _Lines(logging.INFO)  # warnings of other packages would be lines of no JSON
    everything.addHandler(lines)
    _log.handlers = []
    _log.setLevel(logging.INFO)
    try:
        yield Progress()
    except AlignerError as error:
        _tell(logging.ERROR, "failed", reason=str(error))
        raise click.exceptions.Exit(console.FAILED) from error
    except KeyboardInterrupt:
        _tell(logging.ERROR, "interrupted")
        raise click.exceptions.Exit(console.INTERRUPTED) from None
    finally:
        everything.removeHandler(lines)
        _log.handlers = before
        _log.setLevel(level)


class Progress:
    """Logs how far a stage is, now and then and at its end."""

    def __init__(self) -> None:
        self._told_at = time.monotonic()

    def __call__(self, stage: str, done: int, total: int) -> None:
        """`done` of `total` are done in `stage`. Raises KeyboardInterrupt where Ctrl-C was pressed and something swallowed it."""
        heed_interrupts()
        now = time.monotonic()
        if now - self._told_at >= _PROGRESS_S or done >= total:
            self._told_at = now
            _tell(logging.INFO, "progress", stage=stage, done=done, total=total)


class _Lines(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        event = getattr(record, "event", None)
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": "warning" if event in _WRONG else record.levelname.lower(),
            "event": event or "message",
            **(getattr(record, "facts", {}) if event else {"message": record.getMessage()}),
        }
        click.echo(json.dumps(line), err=True)  # ASCII alone: names of files may hold what is no UTF-8


def _tell(level: int, event: str, **facts: object) -> None:
    _log.log(level, "%s", event, extra={"event": event, "facts": facts})
