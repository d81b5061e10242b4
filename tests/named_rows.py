"""The features of every bead of an evidence, by name."""

from __future__ import annotations

import numpy as np

from aligner.alignment.evidence import Evidence
from aligner.alignment.features import NAMES
from aligner.alignment.moves import MOVES

Bead = tuple[int, int, int, int]
"""i, j, a, b: the a-b bead that starts at source segment i and target segment j"""


def rows_of(evidence: Evidence) -> dict[Bead, dict[str, float]]:
    """The named features of every bead that is allowed."""
    rows = evidence.feature_rows()
    moves, nodes = np.nonzero(evidence.allowed)
    i = np.searchsorted(evidence.band.start, nodes, side="right") - 1
    j = nodes - evidence.band.start[i] + evidence.band.low[i]
    beads = np.column_stack([i, j, MOVES[moves]]).tolist()
    return {tuple(bead): dict(zip(NAMES, row.tolist(), strict=True)) for bead, row in zip(beads, rows, strict=True)}
