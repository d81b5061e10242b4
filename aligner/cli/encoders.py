"""`aligner encoders`: which encoders there are, what they are, and fetching one."""

from __future__ import annotations

from pathlib import Path

import click

from aligner.cli import console
from aligner.errors import OutputError


@click.group("encoders", cls=console.InOrder)
def command() -> None:
    """List, fetch and describe encoders."""


@command.command("list")
def list_command() -> None:
    """List the encoders that are known by name.

    \b
    aligner encoders list

    Any other of sentence-transformers works too, by its name or folder.
    """
    from aligner.encoders import DEFAULT_ENCODER, list_encoders

    width = max(len(known.name) for known in list_encoders()) + 1
    for known in list_encoders():
        state = (
            "default"
            if known.name == DEFAULT_ENCODER
            else "installed"
            if known.installed
            else "downloaded when named"
            if known.origin == "hub"
            else known.how_to_get
        )
        click.echo(
            f"{known.name:<{width}}{known.dimension:>5} numbers {known.megabytes:>5} MB  {known.licence:<19}{known.description} [{state}]"
        )


@command.command("add")
@click.argument("name", metavar="NAME|FOLDER")
@click.option("--to", "folder", metavar="FOLDER", help="Save it to a folder too, which --encoder takes where there is no network.")
def add_command(name: str, folder: str | None) -> None:
    """Fetch an encoder, so that it is there from now on, and try it.

    \b
    aligner encoders add LaBSE --to labse
    aligner align a.fr.txt a.en.txt -o a.tmx --encoder labse
    """
    from aligner.encoders import encoder_identity, load_encoder
    from aligner.formats import files

    if folder is not None:
        if Path(folder).is_dir():
            raise OutputError(f"{folder}: exists; name a folder that is to be made.")
        files.check_output(folder)
    encoder = load_encoder(name)
    identity = encoder_identity(encoder)
    dimension = encoder.encode("Essai.").shape[0]
    if folder is not None:
        encoder.save_pretrained(folder)
        console.say(f"saved to {folder}")
    click.echo(f"{identity.name}: revision {identity.revision}, {dimension} numbers a vector; use it with --encoder {folder or name}")


@command.command("show")
@click.argument("name", metavar="NAME|FOLDER")
def show_command(name: str) -> None:
    """Describe an encoder: its revision, vectors, prompt and licence.

    \b
    aligner encoders show use-multilingual-v3
    """
    from aligner.encoders import encoder_identity, list_encoders, load_encoder

    encoder = load_encoder(name)
    identity = encoder_identity(encoder)
    click.echo(f"name       {identity.name}")
    click.echo(f"revision   {identity.revision}")
    click.echo(f"dimension  {encoder.get_embedding_dimension()}")
    click.echo(f"device     {encoder.device}")
    click.echo(f"prompt     {encoder.prompts.get(encoder.default_prompt_name or '', '') or 'none'}")
    for known in list_encoders():
        if known.name == identity.name:
            click.echo(f"licence    {known.licence}")
            click.echo(f"about      {known.description}")
