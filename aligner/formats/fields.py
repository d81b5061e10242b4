"""Fields of a unit as text: scores as `0.973124`, spans as `12-40 41-60` (start and end in code points)."""

from __future__ import annotations

import math
import re
from decimal import Decimal

DECIMALS = 6
"""Of probabilities and cosines in files that programs read."""

Spans = tuple[tuple[int, int], ...]

_SPANS = re.compile(r"(?:\d+-\d+(?: \d+-\d+)*)?")


def format_number(value: float | None, decimals: int = DECIMALS) -> str:
    """The number cut after so many decimals, so that .9999998 is not taken for certain; empty for None.

    What is written and read is written the same again.
    """
    if value is None:
        return ""
    if not math.isfinite(value):
        return str(float(value))
    # The digits that a reader would write, and not the binary number, which may lie a little below them.
    whole, _, fraction = f"{Decimal(repr(float(value))):f}".partition(".")
    return f"{whole}.{fraction[:decimals]:0<{decimals}}"


def format_spans(spans: Spans) -> str:
    """Start and end of each span, the pairs separated by a space; empty for none."""
    return " ".join(f"{start}-{end}" for start, end in spans)


def parse_spans(text: str) -> Spans:
    """The spans that format_spans wrote; raises ValueError for anything else."""
    if not _SPANS.fullmatch(text):
        raise ValueError(f"spans as in '12-40 41-60' were wanted, not {text[:40]!r}")
    return tuple((int(start), int(end)) for start, _, end in (pair.partition("-") for pair in text.split()))
