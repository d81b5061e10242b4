"""Workbooks of Excel (Office Open XML, ECMA-376) as they are written: texts stay texts, whatever they begin with, and memory is bounded."""

from __future__ import annotations

import contextlib
import math
import re
import tempfile
import unicodedata
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

if TYPE_CHECKING:
    from xlsxwriter import Workbook
    from xlsxwriter.format import Format
    from xlsxwriter.worksheet import Worksheet

MAX_CELL = 32_767
"""The most UTF-16 code units that a cell holds; Excel has no more."""
MAX_ROWS = 1_048_576
"""The rows of a sheet, its header included."""
CELL: Mapping[str, Any] = {"valign": "top", "bottom": 1, "bottom_color": "#D8D8D3"}
"""How a cell looks: a thin line tells rows apart on paper too."""

_A4 = 9
_LINE_HEIGHT, _MAX_HEIGHT = 15, 409
_FILLED = 1.1  # letters in the room of a digit: they are narrower, and words are not cut
_SETTINGS = {
    "constant_memory": True,
    "strings_to_formulas": False,
    "strings_to_numbers": False,
    "strings_to_urls": False,
    "use_zip64": True,
}
_OVERLAP = re.compile("_x[0-9A-Fa-f]{4}_x[0-9A-Fa-f]{4}_")
_IN_ESCAPE = re.compile("(?<=_x)(?=[0-9A-Fa-f]{4}_)")
_BEYOND_FIRST_PLANE = re.compile("[\U00010000-\U0010ffff]")


@contextlib.contextmanager
def new_workbook(stream: BinaryIO) -> Iterator[Workbook]:
    """A workbook whose bytes go to `stream` when the block ends, and not at all when it fails.

    Rows must be written from the first to the last, for what has been written lies in a temporary file until then. Raises OSError
    where a disk is full.
    """
    from xlsxwriter import Workbook  # a tenth of a second that only spreadsheets need
    from xlsxwriter.exceptions import FileCreateError

    out = _Onward(stream)
    with contextlib.ExitStack() as stack:
        stack.callback(out.close)
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="aligner-", ignore_cleanup_errors=True))
        book = Workbook(out, {**_SETTINGS, "tmpdir": folder})
        try:
            yield book
        except BaseException:
            # Nothing but close() closes its temporary files, so what it writes goes where it is thrown away.
            book.filename = str(Path(folder, "unfinished"))
            with contextlib.suppress(FileCreateError):
                book.close()
            raise
        try:
            book.close()
        except FileCreateError as error:
            raise error.args[0] from None


class _Onward:
    """A stream that takes bytes and no more: zipfile then never goes back in it, which one that packs does not allow.

    Once it is closed it drops what it is given: where something has failed, zipfile writes its last bytes only when it is thrown away.
    """

    def __init__(self, stream: BinaryIO) -> None:
        self._stream: BinaryIO | None = stream

    def write(self, data: bytes) -> int:
        return self._stream.write(data) if self._stream else len(data)

    def flush(self) -> None:
        """Nothing: whoever opened the stream sees to it."""

    def close(self) -> None:
        self._stream = None


def new_sheet(book: Workbook, name: str, columns: Mapping[str, int], hidden: Collection[str] = ()) -> Worksheet:
    """A sheet whose first row names the columns and stays in sight, `columns` with their widths in digits; printed, it is a page wide."""
    sheet = book.add_worksheet(name)
    header = book.add_format({"bold": True, "bottom": 1, "bg_color": "#F2F2EE"})
    for place, (column, width) in enumerate(columns.items()):
        sheet.set_column(place, place, width, None, {"hidden": column in hidden})
        write_text(sheet, 0, place, column, header)
    sheet.freeze_panes(1, 0)
    sheet.repeat_rows(0)
    fit_to_page(sheet)
    return sheet


def fit_to_page(sheet: Worksheet) -> None:
    """Printed, the sheet is a page wide, and pages are numbered."""
    sheet.set_landscape()
    sheet.set_paper(_A4)
    sheet.fit_to_pages(1, 0)
    sheet.set_footer("&C&P / &N")


def fits(*texts: str) -> bool:
    """Whether each text fits into a cell."""
    return all(
        len(text) <= MAX_CELL // 2 or (len(text) <= MAX_CELL and len(text) + len(_BEYOND_FIRST_PLANE.findall(text)) <= MAX_CELL)
        for text in texts
    )


def height_of(*wrapped: tuple[str, int]) -> float:
    """The height in points of a row with these texts, wrapped in columns of these widths (in digits), 15 to 409, which is Excel's most.

    Excel finds it by itself when it opens a file; LibreOffice does not, and lets rows overlap.
    """
    lines = max((math.ceil(_letters(text) / (width * _FILLED)) for text, width in wrapped), default=1)
    return float(min(max(lines, 1) * _LINE_HEIGHT, _MAX_HEIGHT))


def _letters(text: str) -> int:
    """How many places of a line a text takes; a Chinese letter takes two."""
    return len(text) if text.isascii() else sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)


def write_text(sheet: Worksheet, row: int, column: int, text: str, style: Format) -> None:
    """Write a text as a text, never as a formula, number or link; an empty one makes a blank cell that has the style.

    The text must be one that `xml_text` and `fits` let pass.
    """
    if not text:
        sheet.write_blank(row, column, None, style)
    elif len(pieces := _pieces(text)) > 1:
        sheet.write_rich_string(row, column, pieces[0], *(part for piece in pieces[1:] for part in (style, piece)), style)
    else:
        sheet.write_string(row, column, text, style)


def _pieces(text: str) -> list[str]:
    """The text, cut where xlsxwriter would write another one: what looks like its own markup of pieces, and escapes that overlap.

    No escape stays in a piece, for in pieces they are escaped twice.
    """
    if text.startswith("<r>") and text.endswith("</r>"):
        return [text[:1], *_IN_ESCAPE.split(text[1:])]
    return _IN_ESCAPE.split(text) if _OVERLAP.search(text) else [text]
