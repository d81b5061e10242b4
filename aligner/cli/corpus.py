"""`aligner corpus`: a corpus as a whole: take dumps out of it again."""

from __future__ import annotations

import dataclasses

import click

from aligner.cli import console, options


@click.group("corpus")
def command() -> None:
    """Look after a corpus: forget dumps."""


@command.command("forget")
@click.argument("url", metavar="URL")
@click.argument("names", metavar="DUMP|DOCUMENT...", nargs=-1, required=True)
@click.option("--dry-run", is_flag=True, help="Say what would go, and do nothing.")
@options.as_json
def forget(url: str, names: tuple[str, ...], *, dry_run: bool, as_json: bool) -> None:
    """Take dumps or documents out of a corpus again.

    A DUMP is named as it was to 'aligner batch', a DOCUMENT as the corpus names it. What stands in another dump too stays; what stood in
    the dump in an earlier version goes with it. What reviewers decided stays on record, and holds again when the text comes back: the
    next batch over the dump aligns it anew. Cut off, the same command finishes what it began.
    """
    from aligner.corpus import Corpus  # SQLAlchemy takes a quarter of a second

    with Corpus(url, create=False) as store:
        gone = store.forget(names, dry=dry_run)
    counts = f"{gone.inputs:,} places in dumps, {gone.alignments:,} alignments, {gone.beads:,} beads, {gone.units:,} units"
    lines = [f"{'Would go' if dry_run else 'Gone'}: {counts}"]
    if gone.kept_units:
        lines.append(f"  kept         {gone.kept_units:,} units that reviewers had to do with, on record")
    if gone.current_again:
        lines.append(f"  seen again   {gone.current_again:,} earlier versions, of other dumps or added by hand")
    console.report(lines, dataclasses.asdict(gone), as_json=as_json)
