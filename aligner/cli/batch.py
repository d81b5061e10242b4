"""`aligner batch`: new dumps into a corpus, each document once."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from aligner.cli import console, options
from aligner.cli.batch_summary import lines_of
from aligner.cli.interrupts import ended_by_signals
from aligner.cli.machine_log import machine_log
from aligner.errors import OutputError

if TYPE_CHECKING:
    from aligner.batch import Batch, Outcome
    from aligner.corpus import Corpus

_EXECUTORS = "serial", "processes", "dask"
_log = logging.getLogger(__name__)

_TEXT, _JSON = "text", "json"
_LOOK_S = 60.0
"""Between two looks of --watch, unless it says otherwise."""


class _Seconds(click.FloatRange):
    """Seconds, of an option that may stand without them: what follows it is taken for them, which a dump is not."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        try:
            return float(super().convert(value, param, ctx))
        except click.BadParameter as error:
            raise click.BadParameter(f"{error.message} Put --watch after the dumps, or write --watch=60.", ctx, param) from None


@click.command("batch")
@click.argument("dumps", metavar="DUMP...", nargs=-1, required=True)
@click.option("--corpus", metavar="URL", required=True, help="The corpus to fill: a file of SQLite, or a database's URL.")
@options.languages
@click.option("--encoder", metavar="NAME|FOLDER", help="Encoder of the sentences, as in 'aligner align'.  [default: use-multilingual-v3]")
@click.option("--weights", metavar="FILE", help="Weights of the aligner, as 'aligner train' writes them.  [default: those it comes with]")
@click.option(
    "--workers", metavar="N", type=click.IntRange(min=1), help="Processes, of a thread each.  [default: the cores that are free to us]"
)
@click.option(
    "--executor",
    type=click.Choice(_EXECUTORS),
    default="processes",
    show_default=True,
    help="What computes: this process, for those who look for an error; processes of this machine; a Dask cluster.",
)
@click.option(
    "--scheduler", metavar="ADDRESS", help="Of a Dask cluster, such as tcp://host:8786; without it --executor dask starts one here."
)
@click.option("--gpus", is_flag=True, help="Align only on workers of the cluster that have a resource GPU.")
@click.option(
    "--room",
    metavar="FOLDER",
    type=click.Path(file_okay=False, path_type=Path),
    help="Where archives are unpacked and workers hand over what they made; all workers of a cluster must see it.  [default: in the cache]",
)
@click.option("--source-column", metavar="NAME", help="Column of tables that holds the source.  [default: tables are passed over]")
@click.option("--target-column", metavar="NAME", help="Column of tables that holds the target.")
@click.option(
    "--timeout", metavar="SECONDS", type=click.FloatRange(min=1), default=600, show_default=True, help="Time for one document or pair."
)
@click.option(
    "--memory",
    metavar="MB",
    type=click.IntRange(min=1),
    default=4096,
    show_default=True,
    help="Memory for one process, of which the encoder takes half a gigabyte.",
)
@click.option(
    "--watch",
    metavar="[SECONDS]",
    type=_Seconds(min=0.1),
    is_flag=False,
    flag_value=_LOOK_S,
    help="Go on: look at the dumps every so many seconds (60), and take what two looks find alike. Ctrl-C finishes what is being aligned.",
)
@click.option(
    "--log-format",
    type=click.Choice([_TEXT, _JSON]),
    default=_TEXT,
    show_default=True,
    help="On stderr: progress and messages for a person, or an object of JSON a line for machines.",
)
@click.option(
    "--report",
    metavar="FILE",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write what was done as a page of HTML; with --watch, that of the last round.",
)
@options.overwrite
@click.option("--dry-run", is_flag=True, help="Say what would be done, and do nothing.")
@click.option("--redo", is_flag=True, help="Do again what was done with another encoder, other weights or another version.")
@click.option("--retry-quarantined", is_flag=True, help="Try again what failed before.")
@options.as_json
def command(
    dumps: tuple[str, ...],
    *,
    corpus: str,
    source_lang: str,
    target_lang: str,
    encoder: str | None,
    weights: str | None,
    workers: int | None,
    executor: str,
    scheduler: str | None,
    gpus: bool,
    room: Path | None,
    source_column: str | None,
    target_column: str | None,
    timeout: float,
    memory: int,
    watch: float | None,
    log_format: str,
    report: Path | None,
    overwrite: bool,
    dry_run: bool,
    redo: bool,
    retry_quarantined: bool,
    as_json: bool,
) -> None:
    """Align what is new in dumps, and add it to a corpus.

    \b
    aligner batch dumps/ --corpus corpus.db --dry-run       what would be done
    aligner batch dumps/ crawl.warc.gz --corpus corpus.db   do it; the next night, only what is new by then
    aligner batch dumps/ --corpus corpus.db --watch         go on, and take files as they come

    A DUMP is a folder, a zip or tar archive, a crawl (WARC, WET, JSON Lines with a page a line), or a file; a folder may hold any of these.
    Files whose names tell their languages are pairs, as for 'aligner align', and so are web pages whose links or addresses do; every
    other text or HTML file or page may hold both. Files of other kinds are passed over and counted.
    What was done before is passed over, whatever it is called now; a changed document is aligned again, and what reviewers decided in it
    stays.

    A document that cannot be read, takes too long or too much memory, or crashes its process is tried twice and then quarantined: the
    rest goes on. Ctrl-C, or a crash, loses nothing: run the same again. One batch at a time works on a corpus.

    Exit code: 0 done, 1 something was quarantined or could not be read, 2 wrong usage.
    """
    from aligner.batch import DASK, Batch, Limits, Settings  # brings NumPy, which --help can do without
    from aligner.encoders.threads import available_threads

    if (source_column is None) != (target_column is None):
        raise click.UsageError("--source-column and --target-column go together: give both.")
    if scheduler is not None:
        executor = DASK
    settings = Settings(source_lang, target_lang, encoder, weights)
    limits = Limits(timeout, memory << 20)
    if watch is not None and dry_run:
        raise click.UsageError("--watch and --dry-run do not go together: give one of them.")
    if report is not None:
        options.check_output(report, overwrite, dumps)
    with (
        _telling(log_format, "looking through the dumps" if watch is None else "watching") as progress,
        _opened(corpus, dry_run, dumps if watch is None else ()) as store,
    ):
        job = Batch(
            store,
            settings,
            workers=workers or available_threads(),
            executor=executor,
            columns=() if source_column is None or target_column is None else (source_column, target_column),
            scheduler=scheduler,
            gpus=gpus,
            room=room,
            limits=limits,
            redo=redo,
            retry_quarantined=retry_quarantined,
            progress=progress,
        )
        telling = _Telling(dumps, dry_run, log_format, as_json, report)
        if watch is not None:
            _watch(job, watch, telling)
        else:
            outcome = job.run([Path(dump) for dump in dumps], dry=dry_run)
            telling.tell(outcome, store.name)
            if outcome.quarantined or outcome.unreadable:
                raise click.exceptions.Exit(console.FAILED)


@dataclass(frozen=True, slots=True)
class _Telling:
    """Who is told what a batch did, and how."""

    dumps: tuple[str, ...]
    dry_run: bool
    log_format: str
    as_json: bool
    report: Path | None

    def tell(self, outcome: Outcome, corpus: str, when: str = "") -> None:
        """Print the summary, under a time where there is one, and write the report; machines that read stderr have been told."""
        if self.as_json or self.log_format == _TEXT:
            console.report(
                [*([when] if when else []), *lines_of(outcome, self.dumps, self.dry_run)], outcome.figures(), as_json=self.as_json
            )
        if self.report is not None:
            from aligner.batch.report import write_report

            write_report(outcome, self.report, corpus=corpus, overwrite=True)  # that it may be replaced was asked before the work


def _watch(job: Batch, seconds: float, telling: _Telling) -> None:
    """Do rounds until somebody ends them; what was wrong in one has been told, so that the end is a good one."""
    from aligner.batch.watching import Trouble, watch

    is_text = telling.log_format == _TEXT
    with ended_by_signals() as ending:
        if is_text:
            console.say(f"Watching, with a look every {seconds:g} s; Ctrl-C ends it.")
        for round_ in watch(job, [Path(dump) for dump in telling.dumps], seconds, ending):
            now = f"{datetime.now().astimezone():%Y-%m-%d %H:%M:%S}"
            if not isinstance(round_, Trouble):
                try:
                    telling.tell(round_, job.corpus.name, now)
                except OutputError as error:
                    _log.warning("%s", error)
            elif is_text:
                console.say(f"{now}\nError: {round_.error}; trying again in {round_.wait:g} s")
        if is_text:
            console.say("Ended, as asked; nothing half done was left.")


@contextmanager
def _telling(log_format: str, rest: str) -> Iterator[Callable[[str, int, int], None]]:
    """What is told of the progress; `rest` is what is done between its stages."""
    if log_format == _JSON:
        with machine_log() as progress:
            yield progress
    else:
        with console.progress(rest) as bar:
            bar.rest()
            yield bar


def _opened(url: str, dry_run: bool, dumps: tuple[str, ...]) -> Corpus:
    """The corpus, once the dumps are known to be there: a mistyped name makes no corpus.

    For a dry run it is one that knows nothing where there is no file yet, so that none is made.
    """
    from aligner.batch.gathering import check
    from aligner.corpus import Corpus  # SQLAlchemy takes as long as all of --help

    check([Path(dump) for dump in dumps])
    if dry_run and "://" not in url and not Path(url).exists():
        return Corpus(":memory:")
    return Corpus(url, create=not dry_run)
