"""Tables of found pairs as TSV: what `aligner mine` and `aligner pair` write."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING, BinaryIO

import click

from aligner.formats import files
from aligner.formats.fields import format_number
from aligner.types import normalised

if TYPE_CHECKING:
    import pandas


def check_name(path: str) -> None:
    """A usage error where the name says another format than TSV; one without a suffix, like /dev/stdout, says none."""
    if files.suffix(path) not in (".tsv", ""):
        raise click.UsageError(f"{path}: a table is written, as TSV: end its name in .tsv, .tsv.gz or .tsv.zst, or give - for stdout.")


def write(frame: pandas.DataFrame, stream: BinaryIO, *, header: bool = True) -> None:
    """Write the rows, with `source` and `target` on one line each, for the aligner's TSV has no quoting."""
    table = frame.assign(**{side: frame[side].map(normalised) for side in ("source", "target")})
    table.to_csv(stream, sep="\t", index=False, header=header, float_format=format_number, lineterminator="\n", quoting=csv.QUOTE_NONE)
