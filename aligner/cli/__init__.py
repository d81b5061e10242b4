"""The command `aligner`: a module for every group of commands, each with the `command` that stands here in the main group."""

from __future__ import annotations

import click


@click.group()
@click.version_option(package_name="aligner")
def main() -> None:
    """Turn bilingual dumps into a reviewed parallel corpus."""
