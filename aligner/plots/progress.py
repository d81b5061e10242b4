"""How a review goes: what was decided when and by whom, how fast, and what is left."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from aligner.plots.drawing import BLUE, GREEN, INK, VERMILLION, count_units, heading, legend, new_figure, tone

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from aligner.corpus import Corpus

PAUSE = timedelta(minutes=5)
"""Who decides nothing for so long is not at work."""
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


@dataclass(frozen=True, slots=True)
class Act:
    """What a reviewer did at once, in the time of the reader's place."""

    reviewer: str
    at: datetime
    decided: int
    """Units that it decided and that are not undone; one key press can decide many."""


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast a reviewer was from one time to another."""

    start: datetime
    per_hour: float
    """Key presses that decided or changed something in an hour at work; pauses do not count."""


def plot_progress(corpus: Corpus, *, title: str = "") -> Figure:
    """Draw how the review of a corpus goes: units decided over time, pace, and what is left in each tenth of probability.

    Each reviewer has a line. What was undone does not count, and a unit that was decided twice counts twice. Pace counts what was done,
    not how many units it decided, for one key press can accept thousands.
    Raises OutputError where matplotlib is missing, and CorpusError where the corpus cannot be read.
    """
    figure = new_figure(9.0, 5.4, title)
    axes = figure.subplot_mosaic([["decided", "left"], ["pace", "left"]], width_ratios=(3, 2), height_ratios=(3, 2))
    by_reviewer: defaultdict[str, list[Act]] = defaultdict(list)
    done = acts(corpus)
    for act in done:
        by_reviewer[act.reviewer].append(act)
    axes["pace"].sharex(axes["decided"])
    _draw_decided(axes["decided"], by_reviewer)
    _draw_pace(axes["pace"], by_reviewer, _step(done))
    for both in (axes["decided"], axes["pace"]):
        count_units(both)
        _scale_time(both, empty=not done)
        tone(both)
    _draw_left(axes["left"], remaining(corpus))
    return figure


def acts(corpus: Corpus) -> list[Act]:
    """What reviewers did, in order, but for what they took back."""
    from sqlalchemy import and_, func, select

    from aligner.corpus.actions import REDO, UNDO
    from aligner.corpus.tables import UNREVIEWED, actions, decisions

    says = and_(decisions.c.action == actions.c.id, decisions.c.status != UNREVIEWED)
    query = (
        select(actions.c.reviewer, actions.c.at, func.count(decisions.c.id).label("decided"))
        .select_from(actions.outerjoin(decisions, says))
        .where(~actions.c.undone, actions.c.kind.not_in((UNDO, REDO)), actions.c.reviewer != "")
        .group_by(actions.c.id)
        .order_by(actions.c.id)
    )
    with corpus.reading() as connection:
        return [Act(row.reviewer, _local(row.at), row.decided) for row in connection.execute(query)]


def remaining(corpus: Corpus) -> list[tuple[int, int]]:
    """For each tenth of probability, from 0–.1 to .9–1, how many linked units there are and how many of them nobody has decided."""
    counts = [[0, 0] for _ in range(_TENTHS)]
    for unit in corpus.units():
        if unit.probability is not None:
            tenth = counts[min(int(unit.probability * _TENTHS), _TENTHS - 1)]
            tenth[0] += 1
            tenth[1] += unit.status == "unreviewed"
    return [(units, left) for units, left in counts]


def paces(done: Sequence[Act], step: timedelta) -> list[Pace]:
    """The pace of one reviewer in each step of time in which it can be told: where two acts follow each other without a pause."""
    counts: defaultdict[datetime, list[timedelta]] = defaultdict(list)
    for before, act in pairwise(done):
        if act.at - before.at <= PAUSE:
            counts[_floor(act.at, step)].append(act.at - before.at)
    hour = timedelta(hours=1)
    return [Pace(start, len(gaps) * (hour / sum(gaps, timedelta()))) for start, gaps in counts.items() if any(gaps)]


def _local(at: str) -> datetime:
    """UTC as the corpus writes it, in the time of this machine, as matplotlib wants it: without a zone."""
    return datetime.fromisoformat(at).astimezone().replace(tzinfo=None)


def _floor(at: datetime, step: timedelta) -> datetime:
    monday = datetime(2001, 1, 1)  # so that weeks begin on one
    return monday + (at - monday) // step * step


def _step(done: Sequence[Act]) -> timedelta:
    """The least step of time of which not too many cover the review."""
    span = done[-1].at - done[0].at if done else timedelta()
    return next((step for step in _STEPS if span / step <= _MOST_STEPS), _STEPS[-1])


def _draw_decided(axes: Axes, by_reviewer: dict[str, list[Act]]) -> None:
    heading(axes, "units decided")
    for number, (reviewer, done) in enumerate(by_reviewer.items()):
        look = dict(_LOOKS[number % len(_LOOKS)])
        mark = look.pop("marker")
        total, up = 0, [0]
        for act in done:
            up.append(total := total + act.decided)
        across = _dates([done[0].at, *(act.at for act in done)])
        label = f"{reviewer}: {total:,}"
        axes.plot(across, up, drawstyle="steps-post", marker=mark, markersize=5, markevery=[-1], label=label, linewidth=1.5, **look)
    if by_reviewer:
        legend(axes, loc="upper left")


def _draw_pace(axes: Axes, by_reviewer: dict[str, list[Act]], step: timedelta) -> None:
    heading(axes, "done per hour at work")
    for number, done in enumerate(by_reviewer.values()):
        found = paces(done, step)
        middles, up = _dates([pace.start + step / 2 for pace in found]), [pace.per_hour for pace in found]
        axes.plot(middles, up, markersize=4, linewidth=1, **_LOOKS[number % len(_LOOKS)])
    axes.set_ylim(bottom=0)


def _draw_left(axes: Axes, tenths: Sequence[tuple[int, int]]) -> None:
    """The share of each tenth that is decided as a full bar in an open one of all, and what is left in figures."""
    heading(axes, "still to be decided, by probability")
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
