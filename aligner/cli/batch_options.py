"""Options of `aligner batch`, in the four sets in which the command takes them: what aligns, what computes, what is done, who is told."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from aligner.cli import console, options
from aligner.cli.batch_summary import what_is_left
from aligner.cli.machine_log import machine_log

if TYPE_CHECKING:
    from aligner.batch import Limits, Outcome, Settings

_EXECUTORS = "serial", "processes", "dask"
TEXT, JSON = "text", "json"
_LOOK_S = 60.0
"""Between two looks of --watch, unless it says otherwise."""


@dataclass(frozen=True, slots=True)
class Aligning:
    """What aligns, which languages, and where tables hold them."""

    source_lang: str
    target_lang: str
    encoder: str | None
    weights: str | None
    source_column: str | None
    target_column: str | None

    def settings(self) -> Settings:
        """What `Aligner` is to be made of."""
        from aligner.batch import Settings  # brings NumPy, which --help can do without

        return Settings(self.source_lang, self.target_lang, self.encoder, self.weights)

    def columns(self) -> tuple[str, ...]:
        """The two columns of tables, or none; a usage error for one alone."""
        if self.source_column is None and self.target_column is None:
            return ()
        if self.source_column is None or self.target_column is None:
            raise click.UsageError("--source-column and --target-column go together: give both.")
        return self.source_column, self.target_column


@dataclass(frozen=True, slots=True)
class Computing:
    """What computes, where it hands over what it made, and within which limits."""

    workers: int | None
    executor: str
    scheduler: str | None
    gpus: bool
    room: Path | None
    timeout: float
    memory: int

    def limits(self) -> Limits:
        """What one document may take."""
        from aligner.batch import Limits  # as above

        return Limits(self.timeout, self.memory << 20)


@dataclass(frozen=True, slots=True)
class Doing:
    """What of the dumps is done, and how often."""

    watch: float | None
    """Seconds between two looks; None for one round."""
    dry_run: bool
    redo: bool
    retry_quarantined: bool

    def check(self) -> None:
        """Raise a usage error where the options do not fit together."""
        if self.watch is not None and self.dry_run:
            raise click.UsageError("--watch and --dry-run do not go together: give one of them.")


@dataclass(frozen=True, slots=True)
class Telling:
    """Who is told what a batch did, and how."""

    log_format: str
    report: Path | None
    overwrite: bool
    as_json: bool

    @property
    def is_text(self) -> bool:
        """Whether a person reads stderr, and not a machine."""
        return self.log_format == TEXT

    def check(self, dumps: tuple[str, ...]) -> None:
        """Complain before the work where the report cannot be written, or would replace a dump."""
        if self.report is not None:
            options.check_output(self.report, self.overwrite, dumps)

    @contextmanager
    def progress(self, first: str, rest: str) -> Iterator[Callable[[str, int, int], None]]:
        """What is told of the progress; `first` is what is done before its stages, `rest` between and after them."""
        if self.is_text:
            with console.progress(rest) as bar:
                bar.wait(first)
                try:
                    yield bar
                except KeyboardInterrupt:
                    raise console.Interrupted(what_is_left(bar.reached)) from None
        else:
            with machine_log() as progress:
                yield progress

    def tell(self, outcome: Outcome, lines: list[str], corpus: str) -> None:
        """Print the summary and write the report; machines that read stderr have been told."""
        if self.as_json or self.is_text:
            console.report(lines, outcome.figures(), as_json=self.as_json)
        if self.report is not None:
            from aligner.batch.report import write_report

            write_report(outcome, self.report, corpus=corpus, overwrite=True)  # that it may be replaced was asked before the work


class _Seconds(click.FloatRange):
    """Seconds, of an option that may stand without them: what follows it is taken for them, which a dump is not."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        try:
            return float(super().convert(value, param, ctx))
        except click.BadParameter as error:
            raise click.BadParameter(f"{error.message} Put --watch after the dumps, or write --watch=60.", ctx, param) from None


aligning = options.as_one(
    "aligning",
    Aligning,
    options.languages,
    click.option(
        "--encoder", metavar="NAME|FOLDER", help="Encoder of the sentences, as in 'aligner align'.  [default: use-multilingual-v3]"
    ),
    click.option(
        "--weights", metavar="FILE", help="Weights of the aligner, as 'aligner train' writes them.  [default: those it comes with]"
    ),
    click.option("--source-column", metavar="NAME", help="Column of tables that holds the source.  [default: tables are passed over]"),
    click.option("--target-column", metavar="NAME", help="Column of tables that holds the target."),
)

computing = options.as_one(
    "computing",
    Computing,
    click.option(
        "--workers", metavar="N", type=click.IntRange(min=1), help="Processes, of a thread each.  [default: the cores that are free to us]"
    ),
    click.option(
        "--executor",
        type=click.Choice(_EXECUTORS),
        default="processes",
        show_default=True,
        help="What computes: this process, for those who look for an error; processes of this machine; a Dask cluster.",
    ),
    click.option(
        "--scheduler", metavar="ADDRESS", help="Of a Dask cluster, such as tcp://host:8786; without it --executor dask starts one here."
    ),
    click.option("--gpus", is_flag=True, help="Align only on workers of the cluster that have a resource GPU."),
    click.option(
        "--room",
        metavar="FOLDER",
        type=click.Path(file_okay=False, path_type=Path),
        help="Where archives are unpacked and workers hand over what they made; all workers of a cluster must see it.  "
        "[default: in the cache]",
    ),
    click.option(
        "--timeout", metavar="SECONDS", type=click.FloatRange(min=1), default=600, show_default=True, help="Time for one document or pair."
    ),
    click.option(
        "--memory",
        metavar="MB",
        type=click.IntRange(min=1),
        default=4096,
        show_default=True,
        help="Memory for one process, of which the encoder takes half a gigabyte.",
    ),
)

doing = options.as_one(
    "doing",
    Doing,
    click.option(
        "--watch",
        metavar="[SECONDS]",
        type=_Seconds(min=0.1),
        is_flag=False,
        flag_value=_LOOK_S,
        help="Go on: look at the dumps every so many seconds (60), and take what two looks find alike. "
        "Ctrl-C finishes what is being aligned.",
    ),
    click.option("--dry-run", is_flag=True, help="Say what would be done, and do nothing."),
    click.option("--redo", is_flag=True, help="Do again what was done with another encoder, other weights or another version."),
    click.option("--retry-quarantined", is_flag=True, help="Try again what failed before."),
)

telling = options.as_one(
    "telling",
    Telling,
    click.option(
        "--log-format",
        type=click.Choice([TEXT, JSON]),
        default=TEXT,
        show_default=True,
        help="On stderr: progress and messages for a person, or an object of JSON a line for machines.",
    ),
    click.option(
        "--report",
        metavar="FILE",
        type=click.Path(dir_okay=False, path_type=Path),
        help="Write what was done as a page of HTML; with --watch, that of the last round.",
    ),
    options.overwrite,
    options.as_json,
)
