"""Writes docs/cli.md, the reference of the command line, from the commands themselves: `make docs`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click

from aligner.cli import main as aligner_command

REFERENCE = Path(__file__).with_name("cli.md")
WIDTH = 100


def reference() -> str:
    """The whole page: what --help says of every command."""
    begin = "# The command line\n\nWritten by `make docs` from what `--help` says."
    return "\n\n".join([begin, *(part for name, command in commands("aligner", aligner_command) for part in section(name, command))]) + "\n"


def commands(name: str, command: click.Command) -> Iterator[tuple[str, click.Command]]:
    """The command and all below it, with their full names."""
    yield name, command
    if isinstance(command, click.Group):
        for child in command.commands.values():
            yield from commands(f"{name} {child.name}", child)


def section(name: str, command: click.Command) -> list[str]:
    """Heading and help of one command."""
    # info_name stands in the usage line, where the parents' names would be missing without it.
    context = click.Context(command, info_name=name, max_content_width=WIDTH, terminal_width=WIDTH, help_option_names=["-h", "--help"])
    return [f"## {name}", f"```text\n{command.get_help(context)}\n```"]


if __name__ == "__main__":
    REFERENCE.write_text(reference(), encoding="utf-8")
