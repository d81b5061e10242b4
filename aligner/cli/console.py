"""What a command tells the person who runs it: errors, warnings, progress and results, with the exit code that goes with them."""

from __future__ import annotations

import json
import logging
import os
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from typing import TYPE_CHECKING, Any

import click

from aligner.cli.heartbeat import every
from aligner.cli.interrupts import heed_interrupts, interrupts_remembered
from aligner.errors import AlignerError
from aligner.formats.files import STDIO

if TYPE_CHECKING:
    from tqdm import tqdm

FAILED, FINDINGS, INTERRUPTED = 1, 3, 130

_BAR = "{desc} {bar} {n_fmt}/{total_fmt}, {elapsed}, {remaining} left"
_WAIT = "{desc} … {elapsed}"
_TICK_S = 1.0
"""Between two drawings of what is on the screen, so that its clock goes on."""
_SCREEN = 80, 24
"""Columns and rows of a terminal that does not say how many it has, as those that other programs make often do not."""


class InOrder(click.Group):
    """A group that lists its commands in the order in which they were added, which is that in which one needs them."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names of the commands."""
        return list(self.commands)


class Commands(InOrder):
    """The main group, whose commands end with a message and an exit code where the library raises, and where Ctrl-C is pressed."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command that was asked for."""
        try:
            with _warnings_on_stderr(), interrupts_remembered():
                return super().invoke(ctx)
        except AlignerError as error:
            raise click.ClickException(str(error)) from error
        except KeyboardInterrupt:
            raise Interrupted("nothing half written was left.") from None


class Interrupted(click.ClickException):
    """Ctrl-C was pressed, which is no error; the message says what that leaves behind."""

    exit_code = INTERRUPTED

    def show(self, _file: object = None) -> None:
        """Say so."""
        say(f"Interrupted; {self.message}")


class Bar:
    """Draws the progress of one stage after the other on stderr, and nothing where stderr is no terminal.

    rest: what is done between the stages that tell how far they have come.
    """

    def __init__(self, rest: str = "") -> None:
        self.prefix = ""
        self.reached: tuple[str, int, int] | None = None
        """The stage that told last how far it had come, how much of it was done then, and how much there was."""
        self._rest = rest
        self._began = time.time()
        self._stage = ""
        self._bar: tqdm[Any] | None = None
        self._drawing = threading.RLock()

    def __call__(self, stage: str, done: int, total: int) -> None:
        """Show that `done` of `total` are done in `stage`. Raises KeyboardInterrupt where Ctrl-C was pressed and something swallowed it."""
        heed_interrupts()
        self.reached = stage, done, total
        if self._bar is None or stage != self._stage:
            self._bar = self._drawn(stage, _BAR, total)
        self._bar.update(done - self._bar.n)
        if done >= total:
            self.rest()

    def wait(self, doing: str) -> None:
        """Show what is being done, where nothing tells how far it has come, until the next stage."""
        self.close()
        if doing:
            self._bar = self._drawn(doing, _WAIT)

    def rest(self) -> None:
        """Show what is done between the stages, and for how long the whole has been going on."""
        self.wait(self._rest)
        if self._bar is not None:
            self._bar.start_t = self._began
            self.tick()

    def tick(self) -> None:
        """Let the clock go on, where nothing tells how far a stage has come."""
        with self._drawing:
            if self._bar is not None:
                self._bar.refresh()

    def close(self) -> None:
        """Take the bar off the screen."""
        with self._drawing:
            if self._bar is not None:
                self._bar.close()
                self._bar = None

    def _drawn(self, stage: str, form: str, total: int | None = None) -> tqdm[Any]:
        from tqdm import tqdm  # --help has no use for it

        self.close()
        self._stage = stage
        columns, rows = _SCREEN if _is_without_size() else (None, None)  # where there are 0 columns, tqdm draws nothing
        return tqdm(
            desc=self.prefix + stage,
            total=total,
            leave=False,
            bar_format=form,
            ncols=columns,
            nrows=rows,
            disable=not sys.stderr.isatty(),
        )


@contextmanager
def progress(rest: str = "") -> Iterator[Bar]:
    """A bar that is off the screen again when the block ends, however it ends; `rest` is shown between its stages."""
    bar = Bar(rest)
    try:
        with every(_TICK_S, bar.tick) if sys.stderr.isatty() else nullcontext():
            yield bar
    finally:
        bar.close()


def _is_without_size() -> bool:
    try:
        return os.get_terminal_size(sys.stderr.fileno()).columns == 0
    except (OSError, ValueError):  # it is no terminal
        return False


def say(text: str) -> None:
    """Tell a person something: on stderr, above the progress bar."""
    from tqdm import tqdm  # --help has no use for it

    with tqdm.external_write_mode(file=sys.stderr):
        click.echo(text, err=True)


def counted(count: int, noun: str) -> str:
    """`1 row`, `2 rows`."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def counts(kinds: Counter[str]) -> str:
    """`2 numbers, 1 length`."""
    return ", ".join(f"{count:,} {kind}" for kind, count in kinds.most_common())


def destination(path: str) -> str:
    """What a summary calls the output: its path, or standard output."""
    return "standard output" if path == STDIO else path


def report(lines: list[str], figures: dict[str, Any], *, as_json: bool, stdout_taken: bool = False) -> None:
    """Print the summary: for a person on stderr, or as one line of JSON on stdout (on stderr where stdout holds the output)."""
    if as_json:
        click.echo(json.dumps(figures, ensure_ascii=False), err=stdout_taken)
    else:
        for line in lines:
            say(line)


class _StderrHandler(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        say(f"{record.levelname.capitalize()}: {record.getMessage()}")


@contextmanager
def _warnings_on_stderr() -> Iterator[None]:
    logger, handler = logging.getLogger("aligner"), _StderrHandler(logging.WARNING)
    logger.addHandler(handler)
    pool, silence = logging.getLogger("sqlalchemy.pool"), logging.NullHandler()
    pool.addHandler(silence)  # that a connection died, our errors say; without it Python prints a traceback of its closing
    try:
        yield
    finally:
        logger.removeHandler(handler)
        pool.removeHandler(silence)
