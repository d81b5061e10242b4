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
    """Turn bilingual dumps into a reviewed parallel corpus: align them, mine them, keep and export what was found.

    \b
    aligner align a.fr.txt a.en.txt -o a.tmx     is where to begin
    """


for _module in (align, batch, mine, pair, review, export, stats, annotate, repeats, corpus, evaluate, train, encoders, validate):
    main.add_command(_module.command)
