"""The shapes a bead may have."""

from __future__ import annotations

import numpy as np

from aligner.types import Bead

LONGEST = 6
"""Segments on one side of a bead at most."""

MOVES = np.array(
    [(1, 0), (0, 1)]
    + [(a, b) for a in range(1, LONGEST + 1) for b in range(1, LONGEST + 1) if a + b <= 5 or (min(a, b) == 1 and a + b <= LONGEST + 1)],
    dtype=np.int64,
)
"""int64 (n_moves, 2): how many source and how many target segments; the two nulls come first."""

SOURCE_NULL, TARGET_NULL = 0, 1

MOVE_NUMBER = np.full((LONGEST + 2, LONGEST + 2), -1, dtype=np.int64)
"""The number of each move by its two sizes, -1 where no bead may have that shape."""
for _number, (_a, _b) in enumerate(MOVES):
    MOVE_NUMBER[_a, _b] = _number


def fits(bead: Bead) -> bool:
    """Whether a link is contiguous on both sides and of a shape that the lattice has."""
    contiguous = all(side[-1] - side[0] + 1 == len(side) for side in (bead.source, bead.target))
    a, b = len(bead.source), len(bead.target)
    return contiguous and a < len(MOVE_NUMBER) and b < len(MOVE_NUMBER) and MOVE_NUMBER[a, b] >= 0
