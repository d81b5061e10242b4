"""How often what has a probability is right."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from aligner.evaluation.calibration import Calibration
from aligner.plots.drawing import BLUE, EDGE, INK, VERMILLION, heading, legend, log_odds, new_figure, scale_probabilities, tone
from aligner.scoring import Judgement, ReliabilityBin

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_BARS = 28


def plot_reliability(judgements: Sequence[Judgement], *, title: str = "") -> Figure:
    """Draw how often what has a probability is right, over the distribution of probabilities.

    Both axes are log-odds, for most beads have probabilities near 1, and whether .99 keeps its promise is what a user of
    thresholds wants to see. Raises OutputError where matplotlib is missing.
    """
    figure = new_figure(6.4, 6.8, title)
    upper, lower = figure.subplots(2, 1, sharex=True, height_ratios=(3, 1))
    calibration = Calibration.of(judgements)
    if calibration is None:
        upper.text(0.5, 0.5, "no probabilities", transform=upper.transAxes, ha="center", color=INK)
    else:
        _draw_bins(upper, calibration.bins)
        heading(upper, f"error {calibration.error:.3f}, log-loss {calibration.log_loss:.3f}", at="right")
    upper.set_ylabel("share that is right")
    scale_probabilities(upper, "y")
    upper.grid(color=INK, alpha=0.25, linewidth=0.6)
    _draw_distribution(lower, judgements)
    scale_probabilities(lower, "x")
    lower.set_xlabel("probability")
    for axes in (upper, lower):
        tone(axes)
    return figure


def _draw_bins(axes: Axes, bins: Sequence[ReliabilityBin]) -> None:
    ends = [log_odds(EDGE), log_odds(1 - EDGE)]
    axes.plot(ends, ends, color=INK, linewidth=1, linestyle="--", label="as promised", zorder=1)
    across = [log_odds(one.probability) for one in bins]
    up = [log_odds(one.share_right) for one in bins]
    low, high = ([log_odds(one.interval[end]) for one in bins] for end in (0, 1))
    axes.vlines(across, low, high, color=BLUE, linewidth=1.2, alpha=0.6, label="95 % interval", zorder=2)
    counts = sorted(one.count for one in bins)
    sizes = f"{counts[0]:,}" if counts[0] == counts[-1] else f"{counts[0]:,}–{counts[-1]:,}"
    axes.plot(across, up, "o", color=BLUE, markersize=5, label=f"bins of {sizes}", zorder=3)
    legend(axes, loc="upper left")


def _draw_distribution(axes: Axes, judgements: Sequence[Judgement]) -> None:
    edges = np.linspace(log_odds(EDGE), log_odds(1 - EDGE), _BARS + 1)
    settings: dict[str, Any] = {"bins": edges, "rwidth": 0.92}
    axes.hist([log_odds(probability) for probability, _ in judgements], color=BLUE, alpha=0.45, label="all", **settings)
    axes.hist([log_odds(probability) for probability, right in judgements if not right], color=VERMILLION, label="wrong", **settings)
    axes.set_yscale("symlog", linthresh=1)
    axes.set_ylabel("how many")
    legend(axes, loc="upper left")
