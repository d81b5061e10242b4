"""Fields of a unit as text: scores as `0.973`, spans as `12-40 41-60` (start and end in code points)."""

from __future__ import annotations

import re

Spans = tuple[tuple[int, int], ...]

_SPANS = re.compile(r"(?:\d+-\d+(?: \d+-\d+)*)?")


def format_number(value: float | None) -> str:
    """The shortest digits that read back as the same number; empty for None."""
    return "" if value is None else repr(float(value))  # float: NumPy's own write their type


def format_spans(spans: Spans) -> str:
    """Start and end of each span, the pairs separated by a space; empty for none."""
    return " ".join(f"{start}-{end}" for start, end in spans)


def parse_spans(text: str) -> Spans:
    """The spans that format_spans wrote; raises ValueError for anything else."""
    if not _SPANS.fullmatch(text):
        raise ValueError(f"spans as in '12-40 41-60' were wanted, not {text[:40]!r}")
    return tuple((int(start), int(end)) for start, _, end in (pair.partition("-") for pair in text.split()))
