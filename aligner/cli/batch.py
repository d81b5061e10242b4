"""`aligner batch`: new dumps into a corpus, each document once."""

from __future__ import annotations

import logging
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from aligner.cli import batch_options, console
from aligner.cli.batch_summary import lines_of
from aligner.cli.interrupts import ended_by_signals
from aligner.errors import OutputError

if TYPE_CHECKING:
    from aligner.batch import Batch
    from aligner.corpus import Corpus

_log = logging.getLogger(__name__)


@click.command("batch")
@click.argument("dumps", metavar="DUMP...", nargs=-1, required=True)
@click.option("--corpus", metavar="URL", required=True, help="The corpus to fill: a file of SQLite, or a database's URL.")
@batch_options.aligning
@batch_options.computing
@batch_options.doing
@batch_options.telling
def command(
    dumps: tuple[str, ...],
    *,
    corpus: str,
    aligning: batch_options.Aligning,
    computing: batch_options.Computing,
    doing: batch_options.Doing,
    telling: batch_options.Telling,
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
    from aligner.batch import DASK, Batch  # brings NumPy, which --help can do without
    from aligner.encoders.threads import available_threads

    columns = aligning.columns()
    doing.check()
    telling.check(dumps)
    with (
        telling.progress("looking through the dumps", "marking repeats" if doing.watch is None else "watching") as progress,
        _opened(corpus, doing.dry_run, dumps if doing.watch is None else ()) as store,
    ):
        job = Batch(
            store,
            aligning.settings(),
            workers=computing.workers or available_threads(),
            executor=computing.executor if computing.scheduler is None else DASK,
            columns=columns,
            scheduler=computing.scheduler,
            gpus=computing.gpus,
            room=computing.room,
            limits=computing.limits(),
            redo=doing.redo,
            retry_quarantined=doing.retry_quarantined,
            progress=progress,
        )
        if doing.watch is not None:
            _watch(job, dumps, doing.watch, telling)
        else:
            outcome = job.run([Path(dump) for dump in dumps], dry=doing.dry_run)
            telling.tell(outcome, lines_of(outcome, dumps, doing.dry_run), store.name)
            if outcome.quarantined or outcome.unreadable:
                raise click.exceptions.Exit(console.FAILED)


def _watch(job: Batch, dumps: tuple[str, ...], seconds: float, telling: batch_options.Telling) -> None:
    """Do rounds until somebody ends them; what was wrong in one has been told, so that the end is a good one."""
    from aligner.batch.watching import Trouble, watch

    with ended_by_signals() as ending:
        if telling.is_text:
            console.say(f"Watching, with a look every {seconds:g} s; Ctrl-C ends it.")
        for round_ in watch(job, [Path(dump) for dump in dumps], seconds, ending):
            now = f"{datetime.now().astimezone():%Y-%m-%d %H:%M:%S}"
            if not isinstance(round_, Trouble):
                try:
                    telling.tell(round_, [now, *lines_of(round_, dumps, dry_run=False)], job.corpus.name)
                except OutputError as error:
                    _log.warning("%s", error)
            elif telling.is_text:
                console.say(f"{now}\nError: {round_.error}; trying again in {round_.wait:g} s")
        if telling.is_text:
            console.say("Ended, as asked; nothing half done was left.")


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
