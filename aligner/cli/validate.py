"""`aligner validate`: what is wrong with a TMX file."""

from __future__ import annotations

import click

from aligner.cli import console
from aligner.formats import files, tmx


@click.command("validate")
@click.argument("path", metavar="FILE.tmx")
def command(path: str) -> None:
    """Check a TMX file.

    \b
    aligner validate a.tmx

    It may be packed. Checked are the rules of TMX 1.4 and what translation tools refuse beyond them; a line FILE:LINE: MESSAGE is printed
    for everything that is wrong. Exit code: 0 nothing found, 3 something found, 1 not readable.
    """
    findings = tmx.validate(path)
    for finding in findings:
        click.echo(f"{files.display_name(path)}:{finding.line}: {finding.message}")
    if findings:
        raise click.exceptions.Exit(console.FINDINGS)
    console.say(f"{files.display_name(path)}: nothing wrong")
