"""The command `aligner`: a module for every command, each with the `command` that the main group holds."""

from __future__ import annotations

import click

from aligner.cli import (
    align,
    annotate,
    batch,
    console,
    corpus,
    encoders,
    evaluate,
    export,
    mine,
    pair,
    repeats,
    review,
    stats,
    train,
    validate,
)


@click.group(cls=console.Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 140})
@click.version_option(package_name="aligner")
def main() -> None:
    """Turn bilingual dumps into a reviewed parallel corpus.

    \b
    aligner align a.fr.txt a.en.txt -o a.tmx             what corresponds in two documents
    aligner align a.fr.txt a.en.txt --corpus corpus.db   the same, kept in a corpus
    aligner batch dumps/ --corpus corpus.db              all that is new in folders, archives and crawls
    aligner review open --corpus corpus.db               look through it, the doubtful first
    aligner export all.tmx --corpus corpus.db            take it to translation tools
    """


for _module in (align, batch, mine, pair, review, export, stats, annotate, repeats, corpus, evaluate, train, encoders, validate):
    main.add_command(_module.command)
