"""`aligner repeats`: what repeats itself in a corpus, marked and shown."""

from __future__ import annotations

import dataclasses
import json
import textwrap
from typing import TYPE_CHECKING

import click

from aligner.cli import console, options

if TYPE_CHECKING:
    from aligner.corpus.repeats.telling import Repeats

_WIDTH = 60
"""Characters of an example."""


@click.command("repeats")
@options.corpus_to_read
@options.json_instead_of("text")
def command(corpus: str, *, as_json: bool) -> None:
    """Mark what repeats itself in a corpus, and show it.

    \b
    aligner repeats --corpus corpus.db

    Near copies of documents, and boilerplate: what recurs over a site, such as menus and notices. 'aligner batch' marks them by itself;
    what came otherwise is marked now. Nothing is deleted: 'aligner export' leaves out what is marked, unless told --with-repeats. Shown are
    the sites that repeat most, with their most frequent boilerplate. A site is a host, or the top folder of a dump.
    """
    from aligner.corpus import Corpus  # SQLAlchemy takes a quarter of a second

    with Corpus(corpus, create=False) as store:
        with store.alone(), console.progress("comparing documents") as bar:
            bar.rest()
            store.mark_repeats()
        name, repeats, sites = store.name, store.repeats(), store.repeating_sites()
    if as_json:
        click.echo(json.dumps(dataclasses.asdict(repeats) | {"sites": [dataclasses.asdict(site) for site in sites]}, ensure_ascii=False))
        return
    click.echo(f"{name}: units that are not exported by default: {in_words(repeats)}")
    for site in sites:
        click.echo(f"{site.name or '(no site)'}: documents {site.documents:,}, near copies {site.copies:,}, boilerplate {site.units:,}")
        for texts in site.examples:
            click.echo("    " + " | ".join(textwrap.shorten(text, _WIDTH, placeholder="…") or "–" for text in texts))


def in_words(repeats: Repeats) -> str:
    """How many units repeat themselves, of either kind, and how many documents are near copies."""
    return f"{repeats.units['boilerplate']:,} boilerplate, {repeats.units['copy']:,} in near copies (documents: {repeats.copies:,})"
