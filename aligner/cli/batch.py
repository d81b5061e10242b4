"""`aligner batch`: new dumps into a corpus, each document once."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import click

from aligner.cli import console, options

_LISTED = 20


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
    "--timeout", metavar="SECONDS", type=click.FloatRange(min=1), default=600.0, show_default=True, help="Time that one document may take."
)
@click.option(
    "--memory", metavar="MB", type=click.IntRange(min=512), default=4096, show_default=True, help="Memory that one process may take."
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
    timeout: float,
    memory: int,
    dry_run: bool,
    redo: bool,
    retry_quarantined: bool,
    as_json: bool,
) -> None:
    """Align what is new in dumps, and add it to a corpus.

    A DUMP is a folder, a zip or tar archive, or a file. Files of a folder whose names tell their languages are pairs, as for
    'aligner align'; every other one is a page that may hold both. What was done before is passed over, whatever it is called now; a
    changed document is aligned again, and what reviewers decided in it stays.

    A document that cannot be read, takes too long or too much memory, or crashes its process is tried twice and then quarantined: the
    rest goes on. Ctrl-C loses nothing: run the same again.

    Exit code: 0 done, 1 something was quarantined, 2 wrong usage.
    """
    from aligner.batch import Batch, Limits, Settings  # brings NumPy, which --help can do without
    from aligner.corpus import Corpus
    from aligner.encoders.threads import available_threads

    settings = Settings(source_lang, target_lang, encoder, weights)
    limits = Limits(timeout, memory << 20)
    with Corpus(corpus) as store, console.progress("looking through the dumps") as bar:
        bar.rest()
        job = Batch(
            store,
            settings,
            workers=workers or available_threads(),
            limits=limits,
            redo=redo,
            retry_quarantined=retry_quarantined,
            progress=bar,
        )
        outcome = job.run([Path(dump) for dump in dumps], dry=dry_run)
    lines = [
        f"{outcome.found:,} documents and pairs in {len(dumps)} dump{'s' if len(dumps) > 1 else ''}",
        f"  known        {outcome.done_before:,} done before",
        f"  {'to do' if dry_run else 'done'}         {outcome.to_do if dry_run else outcome.done:,}",
    ]
    if not dry_run:
        lines.append(f"  new units    {outcome.new_units:,}")
    if outcome.done_otherwise:
        lines.append(f"  left         {outcome.done_otherwise:,} done with another encoder, weights or version (--redo does them again)")
    if outcome.quarantined_before:
        lines.append(f"  quarantined  {outcome.quarantined_before:,} before (--retry-quarantined tries them again)")
    failed = list(outcome.quarantined.items())
    lines += [f"  quarantined  {name}: {reason}" for name, reason in failed[:_LISTED]]
    if len(failed) > _LISTED:
        lines.append(f"  quarantined  and {len(failed) - _LISTED:,} more")
    console.report(lines, dataclasses.asdict(outcome), as_json=as_json)
    if failed:
        raise click.exceptions.Exit(console.FAILED)
