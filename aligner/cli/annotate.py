"""`aligner annotate`: look again at the units of a corpus, by rules that have changed."""

from __future__ import annotations

import click

from aligner.cli import console, options


@click.command("annotate")
@options.corpus_to_read
@options.as_json
def command(*, corpus: str, as_json: bool) -> None:
    """Look at the units of a corpus that earlier rules annotated.

    \b
    aligner annotate --corpus corpus.db

    Units are annotated when they are added: with the kinds of what may be wrong with them (language, copy, length, numbers, mojibake,
    repetition, addresses), each with its reason. Where a newer aligner has better rules, or the corpus is older than the rules, this
    looks at all units by those that have changed. Texts, decisions and everything else stay as they are, and others may go on working.
    """
    from aligner.corpus import Corpus  # SQLAlchemy takes a quarter of a second

    with Corpus(corpus, create=False) as store, console.progress() as progress:
        name, done = store.name, store.annotate(progress=progress)
    if done.kinds:
        lines = [f"Looked at {done.looked_at:,} units of {name}", *(f"  {kind:<10}  {count:,}" for kind, count in done.marked.items())]
    else:
        lines = [f"Nothing to do: the present rules have looked at all units of {name}"]
    console.report(lines, {"looked_at": done.looked_at, "marked": done.marked}, as_json=as_json)
