"""What the surface of a segment tells of the boundaries between beads: how it opens and how it ends."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

OPENS_LOWER, OPENS_NUMBER = 0, 1
ENDS_UNFINISHED, ENDS_QUESTION, ENDS_COLON, ENDS_COMMA = 2, 3, 4, 5
QUESTIONS, EXCLAMATIONS = 6, 7
MARKS = 8
"""Columns of `marks`."""

_LOWER_OPENS = re.compile(r"""[\W\d_]*[^\W\d_]""")
_NUMBER_OPENS = re.compile(r"""[\W_]*(?:\d|[ivxIVX]+[.)])""")
_CLOSERS = "»”\"’')]} \u00a0\u202f"


def marks(segments: Sequence[str]) -> NDArray[np.float32]:
    """float32 (n_segments, MARKS): 0 or 1 for what opens and ends each segment, counts for ? and !."""
    out = np.zeros((len(segments), MARKS), np.float32)
    for row, text in zip(out, segments, strict=True):
        core = text.rstrip(_CLOSERS)
        end = core[-1:]
        first = _LOWER_OPENS.match(text)
        row[OPENS_LOWER] = first is not None and first.group()[-1].islower()
        row[OPENS_NUMBER] = _NUMBER_OPENS.match(text) is not None
        row[ENDS_UNFINISHED] = end not in ".!?…:;。！？" or not end
        row[ENDS_QUESTION] = end in "?？" and bool(end)
        row[ENDS_COLON] = end in ":;" and bool(end)
        row[ENDS_COMMA] = end == ","
        row[QUESTIONS] = text.count("?")
        row[EXCLAMATIONS] = text.count("!")
    return out
