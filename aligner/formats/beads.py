"""Alignments as lines of segment numbers, `[0,1]:[0]:0.973`: the format of vecalign and its scorer, with probabilities."""

from __future__ import annotations

import bisect
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from aligner.formats.fields import format_number
from aligner.formats.files import display_name, open_output, read_text
from aligner.formats.rows import Faults
from aligner.types import Bead

_BEAD = re.compile(r"\s*\[([\d,\s]*)\]\s*:\s*\[([\d,\s]*)\]\s*(?::\s*(\S+))?")

_DECIMALS = 3
"""Of probabilities, which people read here beside numbers of segments."""


def write_beads(beads: Iterable[Bead], path: str | Path, *, overwrite: bool = False) -> int:
    """Write a line a bead and return how many: 0-based source numbers, target numbers, probability.

    Lines are ordered by first source, then first target segment; nulls take one line a segment. A target segment without source has no
    number to be ordered by: it stands after the line that holds the target segment before it, at the top where there is none, so that
    of a monotone alignment both sides read in order. Raises OutputError as open_output does.
    """
    singles = [single for bead in beads for single in single_nulls(bead)]
    linked = sorted((target, bead.source[0]) for bead in singles if bead.source for target in bead.target)

    def order(bead: Bead) -> tuple[int, bool, int]:
        if bead.source:
            return bead.source[0], False, bead.target[0] if bead.target else -1
        before = bisect.bisect_left(linked, (bead.target[0],))
        return linked[before - 1][1] if before else -1, True, bead.target[0]

    with open_output(path, overwrite=overwrite) as stream:
        for bead in sorted(singles, key=order):
            stream.write(f"{_numbers(bead.source)}:{_numbers(bead.target)}:{format_number(bead.probability, _DECIMALS)}\n".encode())
    return len(singles)


def read_beads(path: str | Path) -> list[Bead]:
    """The beads of a file in the order of its lines, of probability 1 where a line tells none (or something else, as vecalign's cost).

    Lines that do not begin with `[` are comments. Raises InputError that names every line which begins so and is no bead.
    """
    text = read_text(path)
    beads, faults = [], Faults(display_name(path))
    for number, line in enumerate(text.split("\n"), 1):
        if not line.lstrip().startswith("["):
            continue
        match = _BEAD.match(line)
        if match is None:
            faults.add(number, f"a bead like [0,1]:[0] was wanted, not {line.strip()[:60]!r}")
            continue
        source, target = (tuple(int(i) for i in re.findall(r"\d+", half)) for half in match.group(1, 2))
        if source or target:
            beads.append(Bead(source, target, _probability(match[3])))
    faults.raise_any()
    return beads


def single_nulls(bead: Bead) -> Iterator[Bead]:
    """The bead itself where it links, else one bead for each of its segments."""
    if not bead.is_null:
        yield bead
    for i in bead.source if bead.is_null else ():
        yield Bead((i,), (), bead.probability)
    for j in bead.target if bead.is_null else ():
        yield Bead((), (j,), bead.probability)


def _numbers(segments: tuple[int, ...]) -> str:
    return "[" + ",".join(str(i) for i in segments) + "]"


def _probability(field: str | None) -> float:
    try:
        value = float(field or 1.0)
    except ValueError:
        return 1.0
    return value if 0.0 <= value <= 1.0 else 1.0
