"""How probabilities and cosines of units are spread, by what reviewers said of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np

from aligner.plots.drawing import (
    BLUE,
    EDGE,
    GREEN,
    INK,
    VERMILLION,
    count_units,
    heading,
    log_odds,
    new_figure,
    scale_probabilities,
    tone,
)
from aligner.types import TranslationUnit

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from aligner.corpus import Corpus

STATUS_COLOURS = {"accepted": BLUE, "rejected": VERMILLION, "flagged": GREEN, "unreviewed": INK}
_BARS = 28


def plot_scores(units: Corpus | Iterable[TranslationUnit], *, title: str = "") -> Figure:
    """Draw histograms of probability and cosine, a row for each status that occurs: what was rejected should lie left of what was accepted.

    The axis of probabilities is log-odds, for most are near 1. Units without a score are counted in the heading alone.
    Raises OutputError where matplotlib is missing, and CorpusError where the corpus cannot be read.
    """
    from aligner.corpus import Corpus  # brings SQLAlchemy

    by_status: defaultdict[str, list[TranslationUnit]] = defaultdict(list)
    for unit in units.units() if isinstance(units, Corpus) else units:
        by_status[unit.status].append(unit)
    order = [*STATUS_COLOURS, *sorted(by_status.keys() - STATUS_COLOURS.keys())]
    shown = [status for status in order if status in by_status]
    figure = new_figure(8.4, 1.0 + 1.5 * max(1, len(shown)), title)
    if not shown:
        figure.text(0.5, 0.5, "no units", ha="center", color=INK)
        return figure
    rows = figure.subplots(len(shown), 2, sharex="col", squeeze=False)
    for status, (left, right) in zip(shown, rows, strict=True):
        some, colour = by_status[status], STATUS_COLOURS.get(status, INK)
        edges = np.linspace(log_odds(EDGE), log_odds(1 - EDGE), _BARS + 1)
        _draw(left, [log_odds(unit.probability) for unit in some if unit.probability is not None], edges, colour)
        _draw(right, [unit.cosine for unit in some if unit.cosine is not None], np.linspace(-0.2, 1, _BARS + 1), colour)
        heading(left, f"{status}: {len(some):,}")
    scale_probabilities(rows[-1][0], "x")
    rows[-1][0].set_xlabel("probability")
    rows[-1][1].set_xlabel("cosine of the two vectors")
    figure.supylabel("how many units", color=INK, fontsize=10)
    return figure


def _draw(axes: Axes, values: list[float], edges: np.ndarray, colour: str) -> None:
    axes.hist(np.clip(values, edges[0], edges[-1]), bins=list(edges), rwidth=0.92, color=colour)
    count_units(axes)
    tone(axes)
