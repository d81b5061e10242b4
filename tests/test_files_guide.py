"""docs/files.md explains what is in the files that are written."""

from __future__ import annotations

import io
import re
from pathlib import Path
from typing import TYPE_CHECKING

import aligner
from aligner.formats import FORMATS, tables, tmx
from aligner.reviewing.sheets.sheet_rows import COLUMNS, EDITABLE
from aligner.types import Document, Provenance, TranslationUnit

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

ROOT = Path(__file__).parents[1]
GUIDE = (ROOT / "docs" / "files.md").read_text(encoding="utf-8")


def rows(title: str) -> list[tuple[list[str], list[str]]]:
    """The names in the first cell of each row of the tables below a title, and its other cells."""
    (section,) = re.findall(rf"^## {re.escape(title)}.*?\n(.*?)(?=^## |\Z)", GUIDE, re.MULTILINE | re.DOTALL)
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in section.splitlines() if line.startswith("| `")]
    return [(re.findall("`([^`]+)`", first), rest) for first, *rest in cells]


def test_it_explains_every_column_of_a_table_of_units() -> None:
    explained = rows("Tables of units")
    assert [name for names, _ in explained for name in names] == list(tables.COLUMNS)
    assert all(cells[0] for _, cells in explained)
    assert {
        name for row in re.findall(r"^\| `.*", GUIDE[: GUIDE.index("## ")], re.MULTILINE) for name in re.findall(r"`\.(\w+)`", row)
    } == set(FORMATS)


def test_it_explains_every_property_of_a_unit_in_tmx() -> None:
    unit = TranslationUnit("fr", "en", "Un.", "One.", 0.9, 0.8, "accepted", "a", "b", ((0, 3),), ((0, 4),), annotations=("numbers",))
    stream = io.BytesIO()
    tmx.write([unit], stream, Provenance("1", "e", "r", "w"))
    header, body = stream.getvalue().decode().split("</header>")
    assert {name for names, _ in rows("TMX") for name in names} == set(re.findall('prop type="([^"]+)"', body))
    assert [name for name in re.findall('prop type="([^"]+)"', header) if f"`{name}`" not in GUIDE] == []


def test_it_says_which_columns_of_a_review_sheet_may_be_changed() -> None:
    explained = rows("Review sheets")
    assert [name for names, _ in explained for name in names] == list(COLUMNS)
    assert {name for names, cells in explained for name in names if cells[1].startswith("yes")} == EDITABLE


def test_it_explains_the_tables_of_pairs_that_are_mined_and_of_documents(encoder: SentenceTransformer) -> None:
    mined, paired = (
        aligner.mine(["Un."], ["One."], encoder=encoder),
        aligner.pair_documents([Document("")], [Document("")], encoder=encoder),
    )
    assert [name for names, _ in rows("Other tables") for name in names] == [*mined.columns, *paired.columns]
