"""Pictures of results, with matplotlib (the extra `plots`)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from aligner.errors import OutputError
from aligner.evaluation.calibration import Calibration
from aligner.formats import files
from aligner.scoring import Judgement, ReliabilityBin

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

PICTURES = (".png", ".svg", ".pdf")

# Okabe & Ito (2008): told apart with every kind of colour vision, and in grey by their lightness.
_BLUE, _ORANGE, _GREY = "#0072b2", "#d55e00", "#767676"
_EDGE = 1e-3
"""Nearer to 0 and 1 than this, probabilities are drawn here: the precision of bead files."""
_TICKS = (_EDGE, 0.01, 0.1, 0.5, 0.9, 0.99, 1 - _EDGE)
_TICK_NAMES = ("≤ .001", ".01", ".1", ".5", ".9", ".99", "≥ .999")
_BARS = 28


def plot_reliability(judgements: Sequence[Judgement], path: str | Path, *, title: str = "", overwrite: bool = False) -> None:
    """Draw how often what has a probability is right, over the distribution of probabilities, to a PNG, SVG or PDF file.

    Both axes are log-odds, for most beads have probabilities near 1, and whether .99 keeps its promise is what a user of
    thresholds wants to see. Raises OutputError where matplotlib is missing, for another suffix, and as open_output does.
    """
    check_picture(path)
    import matplotlib as mpl  # not everybody installs it

    with mpl.rc_context({"svg.hashsalt": "aligner"}):  # else the same figures never give the same file
        figure = _reliability(judgements, title)
        with files.open_output(path, overwrite=overwrite) as stream:
            kind = files.suffix(path).removeprefix(".")
            dateless = {"png": {}, "svg": {"Date": None}, "pdf": {"CreationDate": None}}
            figure.savefig(stream, format=kind, dpi=150, metadata=dateless[kind])


def check_picture(path: str | Path) -> None:
    """Raise OutputError where no picture can be drawn: matplotlib is missing, or the suffix names no kind of picture."""
    try:
        import matplotlib.figure  # noqa: F401
    except ImportError as error:
        raise OutputError(
            "a picture needs the package matplotlib, which is not installed. Install it: pip install 'aligner[plots]'"
        ) from error
    if files.suffix(path) not in PICTURES:
        raise OutputError(f"{path}: a picture was wanted; end its name in {', '.join(PICTURES)}.")


def _reliability(judgements: Sequence[Judgement], title: str) -> Figure:
    from matplotlib.figure import Figure  # pyplot would look for a screen

    figure = Figure(figsize=(6.4, 6.8), layout="constrained")
    upper, lower = figure.subplots(2, 1, sharex=True, height_ratios=(3, 1))
    calibration = Calibration.of(judgements)
    if calibration is None:
        upper.text(0.5, 0.5, "no probabilities", transform=upper.transAxes, ha="center", color=_GREY)
    else:
        _draw_bins(upper, calibration.bins)
        upper.set_title(f"error {calibration.error:.3f}, log-loss {calibration.log_loss:.3f}", loc="right", fontsize=9, color=_GREY)
    upper.set_title(title, loc="left")
    upper.set_ylabel("share that is right")
    upper.set_ylim(_log_odds(_EDGE) - 0.5, _log_odds(1 - _EDGE) + 0.5)
    upper.set_yticks(list(map(_log_odds, _TICKS)), _TICK_NAMES)
    upper.grid(color=_GREY, alpha=0.2, linewidth=0.6)
    _draw_distribution(lower, judgements)
    lower.set_xlim(_log_odds(_EDGE) - 0.5, _log_odds(1 - _EDGE) + 0.5)
    lower.set_xticks(list(map(_log_odds, _TICKS)), _TICK_NAMES)
    lower.set_xlabel("probability")
    for axes in (upper, lower):
        axes.spines[["top", "right"]].set_visible(False)
    return figure


def _draw_bins(axes: Axes, bins: Sequence[ReliabilityBin]) -> None:
    ends = [_log_odds(_EDGE), _log_odds(1 - _EDGE)]
    axes.plot(ends, ends, color=_GREY, linewidth=1, linestyle="--", label="as promised", zorder=1)
    across = [_log_odds(one.probability) for one in bins]
    up = [_log_odds(one.share_right) for one in bins]
    low, high = ([_log_odds(one.interval[end]) for one in bins] for end in (0, 1))
    axes.vlines(across, low, high, color=_BLUE, linewidth=1.2, alpha=0.6, label="95 % interval", zorder=2)
    counts = sorted(one.count for one in bins)
    sizes = f"{counts[0]:,}" if counts[0] == counts[-1] else f"{counts[0]:,}–{counts[-1]:,}"
    axes.plot(across, up, "o", color=_BLUE, markersize=5, label=f"bins of {sizes}", zorder=3)
    axes.legend(loc="upper left", frameon=False, fontsize=9)


def _draw_distribution(axes: Axes, judgements: Sequence[Judgement]) -> None:
    edges = np.linspace(_log_odds(_EDGE), _log_odds(1 - _EDGE), _BARS + 1)
    settings: dict[str, Any] = {"bins": edges, "rwidth": 0.92}
    axes.hist([_log_odds(probability) for probability, _ in judgements], color=_BLUE, alpha=0.45, label="all", **settings)
    axes.hist([_log_odds(probability) for probability, right in judgements if not right], color=_ORANGE, label="wrong", **settings)
    axes.set_yscale("symlog", linthresh=1)
    axes.set_ylabel("how many")
    axes.legend(loc="upper left", frameon=False, fontsize=9)


def _log_odds(probability: float) -> float:
    bounded = min(max(probability, _EDGE), 1 - _EDGE)
    return math.log(bounded / (1 - bounded))
