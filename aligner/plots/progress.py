"""How a review goes: what was decided when and by whom, how fast, and what is left."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from aligner.plots.drawing import BLUE, GREEN, INK, VERMILLION, count_units, heading, legend, new_figure, tone
from aligner.reviewing.progress import pace

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from aligner.corpus import Corpus

_STEPS = tuple(timedelta(**step) for step in ({"minutes": 5}, {"minutes": 15}, {"hours": 1}, {"hours": 6}, {"days": 1}, {"days": 7}))
_MOST_STEPS = 40
_TENTHS = 10
_LOOKS: tuple[dict[str, Any], ...] = (
    {"color": BLUE, "linestyle": "-", "marker": "o"},
    {"color": VERMILLION, "linestyle": "--", "marker": "s"},
    {"color": GREEN, "linestyle": "-.", "marker": "^"},
    {"color": INK, "linestyle": ":", "marker": "D"},
)
"""Of reviewers: told apart by line and mark too. The fifth looks as the first one does."""


def plot_progress(corpus: Corpus, *, title: str = "") -> Figure:
    """Draw how the review of a corpus goes: units decided over time, pace, and what is left in each tenth of probability.

    Each reviewer has a line. What was undone does not count, and a unit that was decided twice counts twice. Pauses do not count in
    the pace, nor what is accepted in bulk. Raises OutputError where matplotlib is missing, and CorpusError where the corpus cannot be read.
    """
    figure = new_figure(9.0, 5.4, title)
    axes = figure.subplot_mosaic([["decided", "left"], ["pace", "left"]], width_ratios=(3, 2), height_ratios=(3, 2))
    by_reviewer: defaultdict[str, list[Decided]] = defaultdict(list)
    done = decided(corpus)
    for one in done:
        by_reviewer[one.reviewer].append(one)
    axes["pace"].sharex(axes["decided"])
    _draw_decided(axes["decided"], by_reviewer)
    _draw_pace(axes["pace"], by_reviewer, _step(done))
    for both in (axes["decided"], axes["pace"]):
        count_units(both)
        _scale_time(both, empty=not done)
        tone(both)
    _draw_left(axes["left"], remaining(corpus))
    return figure


class Decided(NamedTuple):
    """That a reviewer decided on a unit."""

    reviewer: str
    at: str
    """UTC, ISO 8601."""
    in_bulk: bool = False

    @property
    def here(self) -> datetime:
        """When, in the time of this machine, without a zone as matplotlib wants it."""
        return datetime.fromisoformat(self.at).astimezone().replace(tzinfo=None)


def decided(corpus: Corpus) -> list[Decided]:
    """What reviewers decided, first to last, but for what they took back."""
    from aligner.corpus import listing  # brings SQLAlchemy

    with corpus.reading() as connection:
        work = listing.work_done(connection)
    return [Decided(row.reviewer, row.at, row.kind == "bulk") for row in work if row.reviewer and row.status != "unreviewed"]


def remaining(corpus: Corpus) -> list[tuple[int, int]]:
    """For each tenth of probability, from 0–.1 to .9–1, how many linked units there are and how many of them nobody has decided."""
    counts = [[0, 0] for _ in range(_TENTHS)]
    for unit in corpus.units():
        if unit.probability is not None:
            tenth = counts[min(int(unit.probability * _TENTHS), _TENTHS - 1)]
            tenth[0] += 1
            tenth[1] += unit.status == "unreviewed"
    return [(units, left) for units, left in counts]


def paces(done: Sequence[Decided], step: timedelta) -> list[tuple[datetime, float]]:
    """One reviewer's pace in each step of time that tells it: the time halfway through the work, and units in an hour at work."""
    steps: defaultdict[datetime, list[Decided]] = defaultdict(list)
    for one in done:
        if not one.in_bulk:
            steps[_floor(one.here, step)].append(one)
    told = ((some[0].here + (some[-1].here - some[0].here) / 2, pace([one.at for one in some])) for some in steps.values())
    return [(halfway, per_hour) for halfway, per_hour in told if per_hour is not None]


def _floor(at: datetime, step: timedelta) -> datetime:
    monday = datetime(2001, 1, 1)  # so that weeks begin on one
    return monday + (at - monday) // step * step


def _step(done: Sequence[Decided]) -> timedelta:
    """The least step of time of which not too many cover the review."""
    span = done[-1].here - done[0].here if done else timedelta()
    return next((step for step in _STEPS if span / step <= _MOST_STEPS), _STEPS[-1])


def _draw_decided(axes: Axes, by_reviewer: dict[str, list[Decided]]) -> None:
    heading(axes, "units decided")
    for number, (reviewer, done) in enumerate(by_reviewer.items()):
        look = _LOOKS[number % len(_LOOKS)] | {"drawstyle": "steps-post", "linewidth": 1.5, "markersize": 5, "markevery": [-1]}
        across = _dates([done[0].here, *(one.here for one in done)])
        axes.plot(across, range(len(done) + 1), label=f"{reviewer}: {len(done):,}", **look)
    if by_reviewer:
        legend(axes, loc="upper left")


def _draw_pace(axes: Axes, by_reviewer: dict[str, list[Decided]], step: timedelta) -> None:
    heading(axes, "units in an hour at work")
    for number, done in enumerate(by_reviewer.values()):
        found = paces(done, step)
        look = _LOOKS[number % len(_LOOKS)] | {"linewidth": 1, "markersize": 4}
        axes.plot(_dates([halfway for halfway, _ in found]), [per_hour for _, per_hour in found], **look)
    axes.set_ylim(bottom=0)


def _draw_left(axes: Axes, tenths: Sequence[tuple[int, int]]) -> None:
    """The share of each tenth that is decided as a full bar in an open one of all, and what is left in figures."""
    heading(axes, "decided, and what is left, by probability")
    for place, (units, left) in enumerate(tenths):
        if units:
            axes.barh(place, 1, height=0.7, facecolor="none", edgecolor=INK, linewidth=0.8)
            axes.barh(place, 1 - left / units, height=0.7, color=BLUE)
        axes.text(1.03, place, f"{left:,} of {units:,}" if units else "none", va="center", color=INK, fontsize=9)
    axes.set_yticks(range(_TENTHS), [f".{place}–.{place + 1}" if place < _TENTHS - 1 else ".9–1" for place in range(_TENTHS)])
    axes.set_xticks([])
    axes.set(xlim=(0, 1.5), ylim=(_TENTHS - 0.4, -0.6))
    tone(axes, spines=())


def _dates(times: Sequence[datetime]) -> NDArray[np.float64]:
    from matplotlib.dates import date2num

    return np.asarray(date2num(times), np.float64)


def _scale_time(axes: Axes, *, empty: bool) -> None:
    from matplotlib.dates import AutoDateLocator, ConciseDateFormatter

    if empty:
        axes.set(xticks=[], yticks=[])
        axes.text(0.5, 0.5, "nothing decided yet", transform=axes.transAxes, ha="center", color=INK)
        return
    locator = AutoDateLocator(minticks=3, maxticks=7)
    axes.xaxis.set_major_locator(locator)
    axes.xaxis.set_major_formatter(ConciseDateFormatter(locator))
