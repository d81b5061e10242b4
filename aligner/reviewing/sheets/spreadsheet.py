"""Review sheets, for those who live in a spreadsheet: the beads of a session as a workbook or TSV, and what comes back of them.

A workbook has lists to choose from, and what is not to be changed is locked, without a password. TSV is for programs that
leave texts alone: quoted as CSV is, with a byte order mark, for Excel takes it for another encoding without. What could be a formula,
number or date there gets an apostrophe in front, which comes off again on the way back.
"""

from __future__ import annotations

import csv
import io
import json
import logging
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, TextIO

from aligner.corpus import STATUSES
from aligner.errors import InputError, OutputError
from aligner.formats.encodings import decode
from aligner.formats.files import display_name, open_input, open_output, read_bytes, suffix
from aligner.formats.rows import Faults, csv_rows
from aligner.formats.workbook_reading import read_rows
from aligner.formats.workbooks import CELL, MAX_CELL, MAX_ROWS, fit_to_page, fits, height_of, new_sheet, new_workbook, write_text
from aligner.reviewing.session import REASONS, ReviewSession
from aligner.reviewing.sheets import FORMATS, TSV, XLSX
from aligner.reviewing.sheets.sheet_rows import COLUMNS, EDITABLE, HIDDEN, REQUIRED, SheetRow, cells_of, numbered, row_of

if TYPE_CHECKING:
    from xlsxwriter import Workbook
    from xlsxwriter.format import Format
    from xlsxwriter.worksheet import Worksheet

_log = logging.getLogger(__name__)
_PAGE = 500
_ADVICE = "Give what 'aligner review export' wrote; other tables cannot be taken back."
_RISKY = "=+-@\N{FULLWIDTH EQUALS SIGN}\N{FULLWIDTH PLUS SIGN}\N{FULLWIDTH HYPHEN-MINUS}\N{FULLWIDTH COMMERCIAL AT}'"
_WIDTHS = {
    **dict.fromkeys(COLUMNS, 12),
    **{"probability": 13, "source": 60, "target": 60, "status": 13, "reason": 15, "comment": 30, "remarks": 36, "document": 40},
}
_WRAPPED = ("source", "target", "comment", "remarks", "document")
# Lightness tells them apart too, whatever eyes or printer.
_COLOURS = {"accepted": ("#D5F0E6", "#00513C"), "rejected": ("#F9DCC8", "#7A2E05"), "flagged": ("#EADCF2", "#512862")}
_HELP = (
    "What to do",
    "Each row is a pair of texts that the aligner took for translations of each other, the doubtful ones first.",
    "Choose a status. Correct a text where it needs it. Write a comment for whoever looks next. Nothing else has to be filled in.",
    "A text that is grey and empty is not there: the sentence beside it has no counterpart.",
    "Rows may be filtered and left as they are; they are found again by hidden columns, not by their place.",
    "To sort or delete rows, lift the protection first (no password is asked). Save as .xlsx.",
    "",
    "Status",
    "accepted: the texts translate each other; or, where one is empty, the other has no translation here.",
    "rejected: they do not; a reason says why.",
    "flagged: somebody else should look.",
    "unreviewed: nobody has decided, or an earlier decision is taken back.",
    "",
    "Reasons for rejecting",
    *(f"{reason}: {meaning}" for reason, meaning in REASONS.items()),
)


def write_sheet(session: ReviewSession, path: str | Path, *, format: str, limit: int | None = None, overwrite: bool = False) -> int:  # noqa: A002 - as in aligner.formats
    """Write what the session's view shows, in its order, and return how many rows; `format` is one of FORMATS.

    Beads whose text is longer than a cell can hold are left out of a workbook, and a warning counts them. Raises OutputError as
    open_output does, and where a workbook would have more rows than a sheet can.
    """
    keys = session.keys[:limit]
    if format == XLSX and len(keys) >= MAX_ROWS:
        raise OutputError(f"{path}: a sheet has {MAX_ROWS:,} rows at most, and {len(keys):,} beads were to be written; narrow the choice.")
    with open_output(path, overwrite=overwrite) as stream, tempfile.TemporaryFile("w+", encoding="ascii") as kept:
        count = _keep(session, keys, kept, is_bounded=format == XLSX)
        rows = (numbered(json.loads(line), number, count) for number, line in enumerate(kept, 1))
        if format == TSV:
            _write_tsv(rows, stream)
        else:
            _write_xlsx(rows, stream)
    return count


def read_sheet(path: str | Path, *, format: str | None = None) -> list[SheetRow]:  # noqa: A002 - as above
    """The rows of a sheet that has come back, in its order; `-` is standard input.

    The format is `format`, or what the suffix says. Raises InputError for a file of neither format, a damaged or hostile one, and
    where columns are missing.
    """
    name = display_name(path)
    kind = format or suffix(path).removeprefix(".")
    if kind not in FORMATS:
        raise InputError(f"{name}: a review sheet was wanted, .xlsx or .tsv; save it as one of these, or name the format.")
    if kind == XLSX:
        with open_input(path) as stream:
            found = [row_of(number, row) for number, row in read_rows(stream, name, REQUIRED, advice=_ADVICE)]
    else:
        found = [row_of(number, {column: _bare(str(cell)) for column, cell in row.items()}) for number, row in _tsv_rows(path, name)]
    return [row for row in found if row is not None]


def _keep(session: ReviewSession, keys: list[str], kept: TextIO, *, is_bounded: bool) -> int:
    """Put the cells of each bead aside, a line of JSON each, and say how many there are.

    Which are written is known only then, for a bead may be gone meanwhile, or, where cells are bounded, too long; and a row's
    number, by which an import sees which rows are missing, must not count what never was in the sheet.
    """
    count = too_long = 0
    for start in range(0, len(keys), _PAGE):
        for row in session.rows_of(keys[start : start + _PAGE]):
            cells = cells_of(row)
            if is_bounded and not fits(*cells.values()):
                too_long += 1
                continue
            kept.write(json.dumps(cells) + "\n")
            count += 1
    kept.seek(0)
    if too_long:
        _log.warning("left out: beads with a text of more than %s characters, the most that a cell holds: %d", f"{MAX_CELL:,}", too_long)
    return count


def _write_tsv(rows: Iterator[dict[str, str]], stream: BinaryIO) -> None:
    out = io.TextIOWrapper(stream, "utf-8-sig", newline="")
    try:
        writer = csv.writer(out, "excel-tab")
        writer.writerow(COLUMNS)
        for cells in rows:
            writer.writerow([cells[column] if column == "probability" else _guarded(cells[column]) for column in COLUMNS])
    finally:
        out.detach()  # the stream is the caller's to close


def _tsv_rows(path: str | Path, name: str) -> Iterator[tuple[int, Mapping[str, object]]]:
    faults = Faults(name)
    first = True
    for number, row in csv_rows(io.StringIO(decode(read_bytes(path), name), newline=""), faults):
        missing = [column for column in REQUIRED if column not in row]
        if missing and first:
            raise InputError(f"{name}: the columns {', '.join(missing)} were wanted; there are {', '.join(row)}. {_ADVICE}")
        first = False
        yield number, row
    faults.raise_any()


def _guarded(text: str) -> str:
    """The text such that no spreadsheet program makes more of it than a text."""
    has_letter = any(letter.isalpha() for letter in text)
    return f"'{text}" if text and (text[0] in _RISKY or not has_letter) else text


def _bare(text: str) -> str:
    """The text that was guarded."""
    return text[1:] if text[:1] == "'" and _guarded(text[1:]) == text else text


def _write_xlsx(rows: Iterator[dict[str, str]], stream: BinaryIO) -> None:
    written = 0
    with new_workbook(stream) as book:
        sheet = new_sheet(book, "review", _WIDTHS, HIDDEN)
        styles = {column: _style(book, column) for column in COLUMNS}
        absent = book.add_format({**CELL, "bg_color": "#EEEEEE"})
        for written, cells in enumerate(rows, 1):
            sheet.set_row(written, height_of(*((cells[column], _WIDTHS[column]) for column in _WRAPPED)))
            for place, column in enumerate(COLUMNS):
                cell = cells[column]
                if column == "probability" and cell:
                    sheet.write_number(written, place, float(cell), styles[column])
                else:
                    write_text(sheet, written, place, cell, absent if column in ("source", "target") and not cell else styles[column])
        _finish(book, sheet, written)
        _write_help(book)


def _style(book: Workbook, column: str) -> Format:
    style: dict[str, Any] = {**CELL, "locked": column not in EDITABLE, "text_wrap": column in _WRAPPED}
    if column == "probability":
        style |= {"num_format": "0.000", "align": "center"}
    elif column in EDITABLE:
        style["num_format"] = "@"  # what a person types there is a text too, also where it begins with =
    else:
        style["font_color"] = "#5F5F5A"
    return book.add_format(style)


def _finish(book: Workbook, sheet: Worksheet, rows: int) -> None:
    """What holds for the whole sheet: filter, lists to choose from, colours, protection."""
    sheet.autofilter(0, 0, max(rows, 1), len(COLUMNS) - 1)
    status, reason = COLUMNS.index("status"), COLUMNS.index("reason")
    for place, choices in ((status, STATUSES), (reason, tuple(REASONS))):
        one_of = f"Choose one of: {', '.join(choices)}."
        sheet.data_validation(
            1,
            place,
            max(rows, 1),
            place,
            {"validate": "list", "source": list(choices), "error_title": "Not in the list", "error_message": one_of},
        )
    for choice, (background, text) in _COLOURS.items():
        look = book.add_format({"bg_color": background, "font_color": text, "bold": True})
        sheet.conditional_format(
            1, status, max(rows, 1), status, {"type": "cell", "criteria": "==", "value": f'"{choice}"', "format": look}
        )
    sheet.protect("", {"autofilter": True, "sort": True, "format_columns": True, "format_rows": True})


def _write_help(book: Workbook) -> None:
    sheet = book.add_worksheet("help")
    sheet.set_column(0, 0, 110)
    fit_to_page(sheet)
    heading, wrapped = book.add_format({"bold": True}), book.add_format({"text_wrap": True})
    for number, line in enumerate(_HELP):
        write_text(sheet, number, 0, line, heading if number == 0 or not _HELP[number - 1] else wrapped)
