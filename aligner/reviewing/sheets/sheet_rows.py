"""What a row of a review sheet says: where it came from, what the corpus said of it then, and what the reviewer says now."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass

from aligner.corpus import STATUSES, UNREVIEWED
from aligner.formats.characters import xml_text
from aligner.reviewing import wording
from aligner.reviewing.filters import CHANGED, CONFLICT, RESTRUCTURED
from aligner.reviewing.rows import Row

COLUMNS = (
    "probability",
    "source",
    "target",
    "status",
    "reason",
    "comment",
    "remarks",
    "document",
    "place",
    "decided by",
    "row",
    "bead",
    "unit",
    "revision",
)
EDITABLE = frozenset(("source", "target", "status", "reason", "comment"))
HIDDEN = ("row", "bead", "unit", "revision")
"""By which an import finds the bead again, sees what was changed here and there, and which rows are missing."""
REQUIRED = ("source", "target", "status", "reason", "comment", *HIDDEN)

_FLAGS = {"null": "no counterpart", RESTRUCTURED: "boundaries changed", CHANGED: "changed since review", CONFLICT: "reviewers disagree"}
"""How flags that say something of a row are called there, as in the widget."""
_ROW = re.compile("([0-9]+) of ([0-9]+)")
_UNIT = re.compile("u[0-9a-f]{32}")


@dataclass(frozen=True, slots=True)
class SheetRow:
    """A row as it came back."""

    number: int
    """In the sheet as it is now, from 1: what a person looks for."""
    source: str
    target: str
    status: str
    """Lower case; empty where somebody emptied the cell."""
    reason: str
    comment: str
    key: str
    unit: str
    revision: str
    written: tuple[int, int] | None
    """Which row of how many it was when the sheet was written; None where somebody changed that."""


def cells_of(row: Row) -> dict[str, str]:
    """The cells of a bead, by column, as one-line texts without control characters; `row` is still empty (`numbered`).

    Identifiers begin with a letter, and counts are in words, for of a TSV file spreadsheet programs make numbers and dates of
    whatever could be one.
    """
    cells = {
        "probability": "" if row.probability is None else wording.probability(row.probability),
        "source": row.source,
        "target": row.target,
        "status": row.status,
        "reason": row.reason,
        "comment": "",
        "remarks": _remarks(row),
        "document": row.document,
        "place": f"{row.place} of {row.of}",
        "decided by": row.reviewer,
        "row": "",
        "bead": f"b{row.key}",
        "unit": f"u{row.unit}",
        "revision": revision(row.status, row.reason, row.reviewer, row.at),
    }
    return {column: xml_text(cells[column]) for column in COLUMNS}


def numbered(cells: dict[str, str], number: int, count: int) -> dict[str, str]:
    """The cells of a row of which it is known where among how many it is written."""
    return {**cells, "row": f"{number} of {count}"}


def row_of(number: int, cells: Mapping[str, object]) -> SheetRow | None:
    """What a row says; None where nothing in it says which bead it is: a line that somebody added."""
    texts = {column: xml_text(str(cells.get(column, ""))) for column in REQUIRED}
    if not any(texts[column] for column in ("bead", "unit", "revision")):
        return None
    written = _ROW.fullmatch(texts["row"])
    return SheetRow(
        number,
        texts["source"],
        texts["target"],
        texts["status"].casefold(),
        texts["reason"].casefold(),
        texts["comment"],
        texts["bead"].removeprefix("b"),
        texts["unit"].removeprefix("u") if _UNIT.fullmatch(texts["unit"]) else "",
        texts["revision"],
        (int(written[1]), int(written[2])) if written else None,
    )


def revision(status: str, reason: str, reviewer: str, at: str) -> str:
    """The decision that a row shows, in short: `rejected/misaligned/r` and a digest of who made it, and when."""
    digest = hashlib.sha256(f"{reviewer}\0{at}".encode()).hexdigest()[:12]
    return f"{status}/{reason}/r{digest}"


def shown_in(revision_: str) -> tuple[str, str]:
    """The status and reason that a row with this revision showed; unreviewed where it is no revision."""
    status, _, rest = revision_.partition("/")
    return (status, rest.partition("/")[0]) if status in STATUSES else (UNREVIEWED, "")


def _remarks(row: Row) -> str:
    """What else is known of a bead."""
    said = [f"{who}: {what}" for who, what in row.others.items() if who != row.reviewer]
    originals = zip((row.source, row.target), row.original or (row.source, row.target), strict=True)
    parts = [
        *(_FLAGS[flag] for flag in row.flags if flag in _FLAGS),
        *(f"edited, before: “{before}”" for now, before in originals if before != now),
        ", ".join(said),
        *row.annotations.values(),
        *(f"{comment.reviewer}: {comment.text}" for comment in row.comments),
    ]
    return "; ".join(filter(None, parts))
