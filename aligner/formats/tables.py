"""Translation units as tables and lines: TSV, CSV and JSON Lines, with the same columns in the same order.

Data are not altered for the sake of spreadsheets (a text that begins with `=` stays as it is), so that what is written reads back
exactly, but for what the formats cannot hold: lone surrogates become U+FFFD, and in TSV runs of breaking white space become a space,
which they are in units made by the aligner anyway. What made the units is not told here, as it is in a TMX header.
"""

from __future__ import annotations

import contextlib
import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping
from typing import BinaryIO

from aligner.errors import InputError
from aligner.formats.characters import encodable
from aligner.formats.fields import Spans, format_number, format_spans, parse_spans
from aligner.formats.rows import READERS, Faults
from aligner.types import Provenance, TranslationUnit, normalised

COLUMNS = (
    "source",
    "target",
    "probability",
    "cosine",
    "status",
    "source_lang",
    "target_lang",
    "source_document",
    "target_document",
    "source_spans",
    "target_spans",
    "annotations",
    "id",
)
REQUIRED = ("source", "target", "source_lang", "target_lang")


def write_tsv(units: Iterable[TranslationUnit], stream: BinaryIO, provenance: Provenance | None = None) -> int:
    """Write a header and a line a unit and return how many units; no quoting: a tab or line break in a text becomes a space."""
    with _text(stream) as out:
        out.write("\t".join(COLUMNS) + "\n")
        count = 0
        for unit in units:
            count += 1
            out.write("\t".join(normalised(cell) for cell in cells_of(unit)) + "\n")
    return count


def write_csv(units: Iterable[TranslationUnit], stream: BinaryIO, provenance: Provenance | None = None) -> int:
    """Write a header and a record a unit as RFC 4180 has it (commas, CRLF), and return how many units."""
    with _text(stream) as out:
        writer = csv.writer(out)
        writer.writerow(COLUMNS)
        count = 0
        for unit in units:
            count += 1
            writer.writerow(cells_of(unit))
    return count


def write_jsonl(units: Iterable[TranslationUnit], stream: BinaryIO, provenance: Provenance | None = None) -> int:
    """Write an object a line and return how many units; numbers are numbers, spans lists of [start, end], nothing is null."""
    with _text(stream) as out:
        count = 0
        for unit in units:
            count += 1
            values = {
                **dict(zip(COLUMNS, cells_of(unit), strict=True)),
                "probability": _value(unit.probability),
                "cosine": _value(unit.cosine),
                "source_spans": unit.source_spans,
                "target_spans": unit.target_spans,
                "annotations": unit.annotations,
            }
            out.write(json.dumps({key: value for key, value in values.items() if value is not None}, ensure_ascii=False) + "\n")
    return count


def read_tsv(stream: BinaryIO, name: str) -> Iterator[TranslationUnit]:
    """The units of a TSV file as write_tsv writes it; see `_read`."""
    return _read(stream, name, "tsv")


def read_csv(stream: BinaryIO, name: str) -> Iterator[TranslationUnit]:
    """The units of a CSV file as write_csv writes it; see `_read`."""
    return _read(stream, name, "csv")


def read_jsonl(stream: BinaryIO, name: str) -> Iterator[TranslationUnit]:
    """The units of a JSON Lines file as write_jsonl writes it; see `_read`."""
    return _read(stream, name, "jsonl")


def _read(stream: BinaryIO, name: str, kind: str) -> Iterator[TranslationUnit]:
    """The units as they are read. Columns may stand in any order; source, target and their languages must be there, other columns
    may be missing or added. `id` is not read: it follows from the texts.

    Raises InputError for a file that is not UTF-8 or lacks a column, and, once the good units have been read, for all bad rows.
    """
    faults = Faults(name)
    lines = io.TextIOWrapper(stream, "utf-8-sig", newline="" if kind == "csv" else "\n")
    first = True
    try:
        for line, row in READERS[kind](lines, faults):
            missing = [column for column in REQUIRED if column not in row]
            if missing and first and kind != "jsonl":
                raise InputError(f"{name}: the columns {', '.join(missing)} were wanted; there are {', '.join(row)}. Name them so.")
            first = False
            if missing:
                faults.add(line, f"lacks {', '.join(missing)}")
                continue
            try:
                yield unit_of(row)
            except (ValueError, TypeError) as error:
                faults.add(line, str(error))
    except UnicodeDecodeError as error:
        raise InputError(f"{name}: units were wanted in UTF-8, which it is not ({error.reason}); save it as UTF-8.") from error
    finally:
        lines.detach()  # the stream is the caller's to close
    faults.raise_any()


@contextlib.contextmanager
def _text(stream: BinaryIO) -> Iterator[io.TextIOWrapper]:
    """Text to a stream that stays open: its owner has to pack, sync and rename it."""
    out = io.TextIOWrapper(stream, "utf-8", newline="")
    try:
        yield out
    finally:
        out.detach()


def cells_of(unit: TranslationUnit) -> list[str]:
    """What stands in the columns, as text."""
    return [
        encodable(cell)
        for cell in (
            unit.source,
            unit.target,
            format_number(unit.probability),
            format_number(unit.cosine),
            unit.status,
            unit.source_lang,
            unit.target_lang,
            unit.source_document,
            unit.target_document,
            format_spans(unit.source_spans),
            format_spans(unit.target_spans),
            " ".join(unit.annotations),
            unit.id,
        )
    ]


def unit_of(row: Mapping[str, object]) -> TranslationUnit:
    """The unit of a row that has the REQUIRED columns. Raises ValueError or TypeError, naming the column, for a value that cannot be."""
    return TranslationUnit(
        _string(row, "source_lang"),
        _string(row, "target_lang"),
        _string(row, "source"),
        _string(row, "target"),
        _number(row, "probability"),
        _number(row, "cosine"),
        _string(row, "status", "unreviewed"),
        _string(row, "source_document"),
        _string(row, "target_document"),
        _spans(row, "source_spans"),
        _spans(row, "target_spans"),
        annotations=_names(row, "annotations"),
    )


def _value(score: float | None) -> float | None:
    return None if score is None else float(format_number(score))


def _string(row: Mapping[str, object], column: str, default: str = "") -> str:
    value = row.get(column, default)
    if not isinstance(value, str):
        raise TypeError(f"{column}: a text was wanted, not {str(value)[:40]}")
    return encodable(value)


def _names(row: Mapping[str, object], column: str) -> tuple[str, ...]:
    value = row.get(column, "")
    names = value.split() if isinstance(value, str) else value
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise ValueError(f"{column}: kinds of annotation like ['numbers'] were wanted, not {str(value)[:40]}")
    return tuple(encodable(name) for name in names)


def _number(row: Mapping[str, object], column: str) -> float | None:
    value = row.get(column)
    if value is None or value == "":
        return None
    try:
        return float(value)  # type: ignore[arg-type]
    except (ValueError, TypeError):
        raise ValueError(f"{column}: a number was wanted, not {str(value)[:40]!r}") from None


def _spans(row: Mapping[str, object], column: str) -> Spans:
    value = row.get(column, "")
    if isinstance(value, str):
        return parse_spans(value)
    if isinstance(value, list) and all(isinstance(pair, list) and len(pair) == 2 and all(type(n) is int for n in pair) for pair in value):
        return tuple((start, end) for start, end in value)
    raise ValueError(f"{column}: spans like [[12, 40]] were wanted, not {str(value)[:40]}")
