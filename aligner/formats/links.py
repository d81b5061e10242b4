"""Tables of links between the lines of two texts: what `aligner mine` writes, and gold for it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from aligner.errors import InputError
from aligner.formats.files import display_name, line_spans, read_text
from aligner.formats.rows import Faults, tsv_rows
from aligner.scoring import Link

_COLUMNS = ("probability", "source_line", "target_line")


def read_mined_links(path: str | Path) -> dict[Link, float]:
    """Link → probability of a TSV with at least the columns probability, source_line and target_line; of doubles the most probable.

    Raises InputError for a file without these columns, and for all rows in which one is no number.
    """
    faults = Faults(display_name(path))
    links: dict[Link, float] = {}
    for line, row in tsv_rows(_lines(path), faults):
        if missing := [column for column in _COLUMNS if column not in row]:
            raise InputError(
                f"{faults.name}: the columns {', '.join(missing)} were wanted, as `aligner mine` writes them; there are {', '.join(row)}. "
                "Name them so."
            )
        try:
            probability, link = float(str(row["probability"])), (int(str(row["source_line"])), int(str(row["target_line"])))
            if not 0 <= probability <= 1:
                raise ValueError(f"a probability was wanted, not {probability:g}")
        except ValueError as error:
            faults.add(line, str(error))
        else:
            links[link] = max(probability, links.get(link, 0.0))
    faults.raise_any()
    return links


def read_gold_links(path: str | Path) -> frozenset[Link]:
    """The links of a file that has a line source_line<TAB>target_line for each; a first line of other words is a header.

    Raises InputError for all other lines that are no two numbers.
    """
    faults = Faults(display_name(path))
    links = set()
    for number, line in enumerate(_lines(path), 1):
        cells = line.split("\t")
        if len(cells) == 2 and cells[0].isdecimal() and cells[1].isdecimal():
            links.add((int(cells[0]), int(cells[1])))
        elif line.strip() and number > 1:
            faults.add(number, f"two line numbers were wanted, not {line[:40]!r}")
    faults.raise_any()
    if not links:
        raise InputError(f"{faults.name}: lines of the form 12<TAB>7 were wanted, and there are none; check the file.")
    return frozenset(links)


def _lines(path: str | Path) -> Iterator[str]:
    text = read_text(path)
    return (text[start:end] for start, end in line_spans(text))
