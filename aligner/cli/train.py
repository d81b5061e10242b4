"""`aligner train`: weights of the aligner, learnt from gold."""

from __future__ import annotations

from pathlib import Path

import click

from aligner.cli import console, options
from aligner.formats import files


@click.command("train")
@click.argument("folders", metavar="GOLD_FOLDER...", nargs=-1, required=True)
@click.option("-o", "--output", "path", metavar="WEIGHTS.json", required=True, help="Weights to write, for 'aligner align --weights'.")
@click.option("--encoder", metavar="NAME|FOLDER", help="Encoder that the weights are for.  [default: that of 'aligner align']")
@click.option("--threads", metavar="N", type=click.IntRange(min=1), help="Threads to compute with.  [default: the cores that are free]")
@click.option(
    "--emphasis",
    metavar="FOLDER N",
    type=(str, click.FloatRange(min=0)),
    multiple=True,
    help="How much a document of the folder of that name counts; for each folder that is to count more or less.  [default: 1]",
)
@options.overwrite
def command(
    folders: tuple[str, ...],
    *,
    path: str,
    encoder: str | None,
    threads: int | None,
    emphasis: tuple[tuple[str, float], ...],
    overwrite: bool,
) -> None:
    """Learn the aligner's weights from gold.

    A gold document is three files: DOC.fr and DOC.en with a segment a line, and DOC.gold with a line [fr segments]:[en segments] for each
    bead, 0-based. Without --weights, 'aligner align' uses the weights it comes with.
    """
    if unknown := [name for name, _ in emphasis if name not in {Path(folder).name for folder in folders}]:
        raise click.UsageError(f"--emphasis names {', '.join(unknown)}, which is none of the folders; give the last part of one's path.")
    options.check_output(path, overwrite)
    from aligner.encoders import load_encoder  # brings torch
    from aligner.learning import train_from_gold

    with console.progress() as bar:
        weights = train_from_gold(folders, load_encoder(encoder, threads=threads), emphasis=dict(emphasis), progress=bar)
        with files.open_output(path, overwrite=overwrite) as stream:
            stream.write(weights.to_json().encode())
    console.say(f"Learnt from {len(folders)} folder{'s' if len(folders) != 1 else ''}; the weights are in {path}")
