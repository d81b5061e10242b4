"""The part of every report that is about probabilities."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from aligner.scoring import Judgement, ReliabilityBin, expected_calibration_error, log_loss, reliability


@dataclass(frozen=True, slots=True)
class Calibration:
    """Whether probabilities say how often what has them is right; both figures are the better the smaller."""

    judged: int
    error: float
    """Expected calibration error over 15 bins of equal mass, 0..1."""
    log_loss: float
    """In nats, from 0."""
    bins: tuple[ReliabilityBin, ...]

    @classmethod
    def of(cls, judgements: Sequence[Judgement]) -> Calibration | None:
        """Of these judgements; None where all probabilities are 1, as in files that give none."""
        if all(probability == 1.0 for probability, _ in judgements):
            return None
        return cls(len(judgements), expected_calibration_error(judgements), log_loss(judgements), tuple(reliability(judgements)))

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        bins = [{"count": one.count, "probability": one.probability, "right": one.share_right} for one in self.bins]
        return {"judged": self.judged, "error": self.error, "log_loss": self.log_loss, "bins": bins}


def calibration_line(calibration: Calibration | None) -> str:
    """The figures for a person to read."""
    if calibration is None:
        return "probabilities: none given"
    return f"probabilities: off by {calibration.error:.3f} on average (15 bins), log-loss {calibration.log_loss:.3f}"
