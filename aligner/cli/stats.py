"""`aligner stats`: what a corpus holds."""

from __future__ import annotations

import dataclasses
import json

import click

from aligner.cli import options
from aligner.cli.repeats import in_words

_BAR = 40


@click.command("stats")
@options.corpus_to_read
@options.json_instead_of("text")
def command(corpus: str, *, as_json: bool) -> None:
    """Print what a corpus holds.

    \b
    aligner stats --corpus corpus.db

    Documents, units by status and languages, what repeats itself, what is annotated as possibly wrong, and how probable the units are.
    """
    from aligner.corpus import Corpus  # SQLAlchemy takes a quarter of a second

    with Corpus(corpus, create=False) as store:
        name, stats, repeats = store.name, store.stats(), store.repeats()
    if as_json:
        click.echo(json.dumps(dataclasses.asdict(stats) | {"repeats": dataclasses.asdict(repeats)}))
        return
    click.echo(f"{name}: {stats.documents:,} documents, {stats.alignments:,} alignments")
    click.echo(f"{stats.units:,} different units at {stats.occurrences:,} places; {stats.nulls:,} segments without counterpart")
    click.echo("status     " + ", ".join(f"{count:,} {status}" for status, count in stats.by_status.items()))
    click.echo("languages  " + (", ".join(f"{count:,} {pair}" for pair, count in stats.by_languages.items()) or "none"))
    click.echo(f"repeats    {in_words(repeats)}; not exported by default")
    annotations = ", ".join(f"{count:,} {kind}" for kind, count in stats.annotations.items() if count)
    if annotations or not stats.not_annotated:
        click.echo(f"annotated  {annotations or 'none'}")
    if stats.not_annotated:
        click.echo(f"  some units have not been looked at for {', '.join(stats.not_annotated)}: aligner annotate --corpus {name}")
    click.echo("probability, at all places")
    most = max(*stats.probabilities, 1)
    for tenth, count in reversed(list(enumerate(stats.probabilities))):
        click.echo(f"  {tenth / 10:.1f}–{(tenth + 1) / 10:.1f}  {count:>8,}  {'█' * round(_BAR * count / most)}".rstrip())
