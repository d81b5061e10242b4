"""How a batch went: how many documents a minute, how probable its links are, how many a document has."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from aligner.plots.drawing import BLUE, INK, count_units, new_figure, tone

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_WIDTH, _HEIGHT = 7.2, 2.6
"""Inches."""
_STEPS = 60
"""Of time, at most."""


def plot_throughput(course: Sequence[tuple[float, int]]) -> Figure:
    """Draw documents a minute over time, of how many were done after how many seconds.

    Raises OutputError where matplotlib is missing.
    """
    figure = new_figure(_WIDTH, _HEIGHT, "")
    axes = figure.subplots()
    times, done = np.array([0.0, *(time for time, _ in course)]), np.array([0, *(count for _, count in course)])
    edges = np.linspace(0, max(times[-1], 1e-3), min(_STEPS, max(1, len(course) // 2)) + 1)
    counts, _ = np.histogram(times[1:], edges, weights=np.diff(done))
    unit, divisor = ("hours", 3600) if times[-1] > 7200 else ("minutes", 60) if times[-1] > 120 else ("seconds", 1)
    axes.stairs(counts / np.diff(edges) * 60, edges / divisor, fill=True, color=BLUE)
    axes.set(xlabel=f"{unit} since it began", ylabel="documents a minute", ylim=(0, None), xlim=(0, edges[-1] / divisor))
    axes.grid(axis="y", color=INK, alpha=0.25, linewidth=0.6)
    tone(axes)
    return figure


def plot_counts(names: Sequence[str], counts: Sequence[int], labels: tuple[str, str]) -> Figure:
    """Draw how many there are of each kind, the kinds having an order; labels: of the kinds, and of what is counted.

    Raises OutputError where matplotlib is missing.
    """
    figure = new_figure(_WIDTH, _HEIGHT, "")
    axes = figure.subplots()
    axes.bar(range(len(names)), counts, width=0.9, color=BLUE)
    axes.set(xticks=range(len(names)), xticklabels=names, xlabel=labels[0], ylabel=labels[1])
    count_units(axes)
    tone(axes)
    return figure
