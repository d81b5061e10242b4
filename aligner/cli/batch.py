"""`aligner batch`: new dumps into a corpus, each document once."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING

import click

from aligner.cli import console, options

if TYPE_CHECKING:
    from aligner.batch import Outcome
    from aligner.corpus import Corpus

_EXECUTORS = "serial", "processes", "dask"
_LISTED = 20
"""Failures that are shown one by one."""
_KINDS = 5
"""Suffixes that are shown one by one."""


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
    dry_run: bool,
    redo: bool,
    retry_quarantined: bool,
    as_json: bool,
) -> None:
    """Align what is new in dumps, and add it to a corpus.

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
    with _opened(corpus, dry_run) as store, console.progress("looking through the dumps") as bar:
        bar.rest()
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
            progress=bar,
        )
        outcome = job.run([Path(dump) for dump in dumps], dry=dry_run)
    console.report(_lines(outcome, dumps, dry_run), dataclasses.asdict(outcome), as_json=as_json)
    if outcome.quarantined or outcome.unreadable:
        raise click.exceptions.Exit(console.FAILED)


def _opened(url: str, dry_run: bool) -> Corpus:
    """The corpus; for a dry run one that knows nothing where there is no file yet, so that none is made."""
    from aligner.corpus import Corpus  # SQLAlchemy takes as long as all of --help

    if dry_run and "://" not in url and not Path(url).exists():
        return Corpus(":memory:")
    return Corpus(url, create=not dry_run)


def _lines(outcome: Outcome, dumps: tuple[str, ...], dry_run: bool) -> list[str]:
    """The summary for a person."""
    lines = [f"{outcome.found:,} documents and pairs in {len(dumps)} dump{'s' if len(dumps) > 1 else ''}"]
    if outcome.passed_over:
        counts = sorted(outcome.passed_over.items(), key=lambda kind: -kind[1])
        kinds = ", ".join(f"{kind} {count:,}" for kind, count in counts[:_KINDS]) + (", …" if len(counts) > _KINDS else "")
        lines.append(f"  passed over  {sum(outcome.passed_over.values()):,} files and records that are no texts ({kinds})")
    lines.append(f"  known        {outcome.done_before:,} done before")
    lines.append(f"  to do        {outcome.to_do:,}" if dry_run else f"  done         {outcome.done:,}, {outcome.new_units:,} new units")
    if outcome.paired:
        lines.append(f"  paired       {outcome.paired:,} of these by what two pages say")
    if outcome.done_otherwise:
        lines.append(f"  left         {outcome.done_otherwise:,} done with another encoder, weights or version (--redo does them again)")
    if outcome.quarantined_before:
        before = len(outcome.quarantined_before)
        lines.append(f"  quarantined  {before:,} before (--retry-quarantined tries them again, --json names them)")
    for what, failed in (("quarantined", outcome.quarantined), ("unreadable", outcome.unreadable)):
        lines += [f"  {what:11}  {name}: {reason.removeprefix(f'{name}: ')}" for name, reason in list(failed.items())[:_LISTED]]
        if len(failed) > _LISTED:
            lines.append(f"  {what:11}  and {len(failed) - _LISTED:,} more, which --json names")
    return lines
