"""How good alignments and links are, beside gold: pure functions of beads, links and probabilities."""

from aligner.scoring.alignments import (
    Scores,
    ShapeScores,
    coverage_fault,
    judged,
    pooled,
    score,
    score_by_shape,
    score_by_stretch,
)
from aligner.scoring.calibration import Judgement, ReliabilityBin, expected_calibration_error, log_loss, reliability
from aligner.scoring.links import Link, LinkCounts, Links, best_threshold
from aligner.scoring.rates import Interval, central, resampled, wilson_interval

__all__ = [
    "Interval",
    "Judgement",
    "Link",
    "LinkCounts",
    "Links",
    "ReliabilityBin",
    "Scores",
    "ShapeScores",
    "best_threshold",
    "central",
    "coverage_fault",
    "expected_calibration_error",
    "judged",
    "log_loss",
    "pooled",
    "reliability",
    "resampled",
    "score",
    "score_by_shape",
    "score_by_stretch",
    "wilson_interval",
]
