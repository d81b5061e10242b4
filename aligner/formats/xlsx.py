"""Translation units as workbooks of Excel: a sheet with the columns of the tables, made to be read, sorted and filtered.

Every text is a text, also one that begins with `=`. What is written reads back, but for what the format cannot hold: texts become
those of `xml_text`, scores have 16 significant digits, and a unit with a text of more than 32,767 characters is left out, for cut
texts would be taken for whole ones.
"""

from __future__ import annotations

import logging
import math
from collections.abc import Iterable, Iterator
from typing import Any, BinaryIO

from aligner.formats.characters import xml_text
from aligner.formats.rows import Faults
from aligner.formats.tables import COLUMNS, REQUIRED, cells_of, unit_of
from aligner.formats.workbook_reading import read_rows
from aligner.formats.workbooks import CELL, MAX_CELL, MAX_ROWS, fits, height_of, new_sheet, new_workbook, write_text
from aligner.types import Provenance, TranslationUnit

_log = logging.getLogger(__name__)
_NAME = "units"
_WIDTHS = {
    column: {"source": 60, "target": 60, "source_document": 24, "target_document": 24, "id": 36}.get(column, 12) for column in COLUMNS
}
_SCORES = frozenset(("probability", "cosine"))


def write(units: Iterable[TranslationUnit], stream: BinaryIO, provenance: Provenance | None = None) -> int:
    """Write the units as they come, in bounded memory, and return how many; further sheets take what is too much for one.

    A warning counts the units that were left out, and says why.
    """
    written = too_long = 0
    with new_workbook(stream) as book:
        sheet = new_sheet(book, _NAME, _WIDTHS)
        styles = {column: book.add_format(_style(column)) for column in COLUMNS}
        row = 1
        for unit in units:
            cells = [xml_text(cell) for cell in cells_of(unit)]
            if not fits(*cells):
                too_long += 1
                continue
            if row == MAX_ROWS:
                sheet.autofilter(0, 0, row - 1, len(COLUMNS) - 1)
                sheet, row = new_sheet(book, f"{_NAME} {len(book.worksheets()) + 1}", _WIDTHS), 1
            sheet.set_row(row, height_of((cells[0], _WIDTHS["source"]), (cells[1], _WIDTHS["target"])))
            for place, (column, cell) in enumerate(zip(COLUMNS, cells, strict=True)):
                if column in _SCORES and cell and math.isfinite(float(cell)):
                    sheet.write_number(row, place, float(cell), styles[column])
                else:
                    write_text(sheet, row, place, cell, styles[column])
            row += 1
            written += 1
        sheet.autofilter(0, 0, row - 1, len(COLUMNS) - 1)
    if too_long:
        _log.warning(
            "%d of %d units have a text of more than %s characters, the most that a cell holds; they were left out: write TMX or TSV "
            "to have them",
            too_long,
            written + too_long,
            f"{MAX_CELL:,}",
        )
    return written


def _style(column: str) -> dict[str, Any]:
    """How the cells of a column look."""
    return {**CELL, "text_wrap": column in ("source", "target")} | ({"align": "center"} if column in _SCORES else {})


def read(stream: BinaryIO, name: str) -> Iterator[TranslationUnit]:
    """The units of every sheet that has the columns, which may stand in any order; other columns may be missing or added.

    Raises InputError where there is no such sheet or the file is no workbook, and, once the good units have been read, for all bad
    rows.
    """
    faults = Faults(name, "row")
    for number, row in read_rows(stream, name, REQUIRED):
        try:
            yield unit_of(row)
        except (ValueError, TypeError) as error:
            faults.add(number, str(error))
    faults.raise_any()
