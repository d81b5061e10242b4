"""Files of translation units, one small module a format: what is read and written, told by the suffix or by name."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from aligner.errors import AlignerError, InputError, OutputError
from aligner.formats import tables, tmx, web_page, xlsx
from aligner.formats.files import STDIO, display_name, open_input, open_output, suffix
from aligner.types import Provenance, TranslationUnit

__all__ = ["FORMATS", "Format", "format_name", "read_units", "write_units"]


@dataclass(frozen=True, slots=True)
class Format:
    """How units are written and read back; a page for people is not read back."""

    write: Callable[[Iterable[TranslationUnit], BinaryIO, Provenance | None], int]
    read: Callable[[BinaryIO, str], Iterator[TranslationUnit]] | None


FORMATS: Mapping[str, Format] = {
    "tmx": Format(tmx.write, tmx.read),
    "tsv": Format(tables.write_tsv, tables.read_tsv),
    "csv": Format(tables.write_csv, tables.read_csv),
    "jsonl": Format(tables.write_jsonl, tables.read_jsonl),
    "xlsx": Format(xlsx.write, xlsx.read),
    "html": Format(web_page.write, None),
}


def write_units(
    units: Iterable[TranslationUnit],
    path: str | Path,
    *,
    format: str | None = None,  # noqa: A002 - the word that the command line has
    overwrite: bool = False,
    provenance: Provenance | None = None,
) -> int:
    """Write the units as they come and return how many were written; the suffix (before .gz or .zst) tells the format where none is named.

    `-` is standard output. Nothing half written is left when `units` or the disk fail. Raises OutputError for a format that is not
    known, before the first unit is asked for, and as open_output does.
    """
    chosen = FORMATS[format_name(path, format, error=OutputError)]
    with open_output(path, overwrite=overwrite) as stream:
        return chosen.write(units, stream, provenance)


def read_units(path: str | Path, *, format: str | None = None) -> Iterator[TranslationUnit]:  # noqa: A002 - as above
    """The units of a file as they are read; `-` is standard input. Raises InputError where the file is none of the format."""
    name = format_name(path, format, error=InputError)
    read = FORMATS[name].read
    if read is None:
        raise InputError(f"{display_name(path)}: .{name} is a page for people, from which units are not read back; give {_readable()}.")
    return _read(read, path)


def format_name(path: str | Path, format: str | None = None, *, error: type[AlignerError] = OutputError) -> str:  # noqa: A002 - as above
    """The format named, or else told by the suffix; raises `error` where that is none of FORMATS."""
    name = format or suffix(path).removeprefix(".")
    if name not in FORMATS:
        known = ", ".join(FORMATS)
        if format:
            raise error(f"{display_name(path)}: there is no format {format}; choose one of {known}.")
        if str(path) == STDIO:
            stream = "standard input" if error is InputError else "standard output"
            raise error(f"{stream} has no name that tells a format of units; name the format: {known}.")
        raise error(
            f"{display_name(path)}: its name does not tell a format of units; end it in .{known.replace(', ', ', .')}, or name the format."
        )
    return name


def _readable() -> str:
    return ", ".join(f".{name}" for name, format_ in FORMATS.items() if format_.read)


def _read(read: Callable[[BinaryIO, str], Iterator[TranslationUnit]], path: str | Path) -> Iterator[TranslationUnit]:
    with open_input(path) as stream:
        yield from read(stream, display_name(path))
