"""Rows of TSV, CSV and JSON Lines files with the names of their columns; every bad row is reported, with its line, at the end."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from aligner.errors import InputError

MAX_REPORTED = 20
"""Bad rows that an error lists; it counts the others."""
_MAX_CELL = 1 << 28
_CSV_DELIMITERS = ",;\t"

Row = tuple[int, dict[str, object]]
"""The line that the row begins on, or its number in a sheet, counted from 1, and its cells by column."""


class Faults:
    """The bad rows of one file, collected so that a person can mend all of them at once."""

    def __init__(self, name: str, row: str = "line") -> None:
        self.name = name
        self._row = row  # what its rows are called
        self._faults: list[str] = []
        self._unlisted = 0

    def add(self, line: int, message: str) -> None:
        """Note what is wrong with the row that begins on `line`."""
        if len(self._faults) < MAX_REPORTED:
            self._faults.append(f"{self._row} {line}: {message}")
        else:
            self._unlisted += 1

    def raise_any(self) -> None:
        """Raise InputError that lists the faults, if there are any."""
        if self._faults:
            count = len(self._faults) + self._unlisted
            listed = "".join(f"\n  {fault}" for fault in self._faults)
            more = f"\n  and {self._unlisted} more" if self._unlisted else ""
            raise InputError(f"{self.name}: {count} bad row{'s' if count > 1 else ''}; mend or delete:{listed}{more}")


def tsv_rows(lines: Iterable[str], faults: Faults) -> Iterator[Row]:
    """Rows of tab-separated lines below a header; quotation marks mean nothing there, and blank lines are passed over."""
    return _below_header(((number, line.rstrip("\r\n").split("\t")) for number, line in enumerate(lines, 1) if line.strip("\r\n")), faults)


def csv_rows(lines: Iterable[str], faults: Faults) -> Iterator[Row]:
    """Rows of RFC 4180 lines below a header; the delimiter is what stands most often in that: `,`, `;` (French Excel's) or tab."""
    return _below_header(_csv_records(iter(lines), faults), faults)


def json_rows(lines: Iterable[str], faults: Faults) -> Iterator[Row]:
    """Rows of JSON Lines: an object a line, whose keys are the columns."""
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            value = json.loads(line)
        except (ValueError, RecursionError) as error:
            faults.add(number, f"is no JSON ({str(error)[:80]})")
            continue
        if isinstance(value, dict):
            yield number, value
        else:
            faults.add(number, f'an object like {{"source": …}} was wanted, not {line.strip()[:40]}')


READERS: Mapping[str, Callable[[Iterable[str], Faults], Iterator[Row]]] = {"tsv": tsv_rows, "csv": csv_rows, "jsonl": json_rows}


def _csv_records(lines: Iterator[str], faults: Faults) -> Iterator[tuple[int, list[str]]]:
    # The module's limit of 128 KiB a cell is below the longest lines that dumps hold; it has no setting but this one, for the process.
    csv.field_size_limit(_MAX_CELL)
    header = next(lines, None)
    if header is None:
        return
    delimiter = max(_CSV_DELIMITERS, key=header.count)
    reader = csv.reader(_chained(header, lines), delimiter=delimiter, strict=True)
    start = 1
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            faults.add(start, f"is no CSV ({error})")
        else:
            if cells:
                yield start, cells
        start = reader.line_num + 1


def _chained(first: str, rest: Iterator[str]) -> Iterator[str]:
    yield first
    yield from rest


def columns_of(header: Sequence[str], name: str) -> list[str]:
    """The names in the cells of a header; raises InputError where two columns have one name."""
    columns = [cell.strip() for cell in header]
    doubled = sorted({column for column in columns if column and columns.count(column) > 1})
    if doubled:
        raise InputError(f"{name}: its header names {', '.join(doubled)} twice; give each column a name of its own.")
    return columns


def _below_header(records: Iterator[tuple[int, list[str]]], faults: Faults) -> Iterator[Row]:
    _, header = next(records, (0, []))
    if not header:
        raise InputError(f"{faults.name}: a header line that names the columns was wanted, but the file is empty; check it.")
    columns = columns_of(header, faults.name)
    for line, cells in records:
        if len(cells) == len(columns):
            yield line, dict(zip(columns, cells, strict=True))
        else:
            faults.add(line, f"{len(columns)} cells were wanted, as in the header, not {len(cells)}")
