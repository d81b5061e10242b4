"""The path of an alignment: which segments correspond, how doubtful it is, what stays alone, what was moved."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from aligner.plots.drawing import BLUE, GREEN, INK, VERMILLION, legend, new_figure, tone
from aligner.types import Alignment, Bead, Document

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

SURE, LIKELY = 0.9, 0.5
"""Links from SURE on need no look, and those under LIKELY are left out of files unless one says otherwise."""
_BARS = 200
"""Bars of a margin at most; up to here every segment has its own."""
_ROOM_FOR_BOXES = 120
"""Segments up to which one is wide enough to see which belong to a link."""
_LOWEST_TOP = 0.1
"""Where a bar stands for several segments, full height is the highest one, and this at least."""
_LANE = 1.15
"""From one lane of bars to the next, the first being 1 high."""
_APART = 100
"""Doubtful links up to which each is a mark of its own."""
_MANY = 2000
"""Marks from which a picture of lines, such as SVG, holds them as dots, or it would be slow to look at."""
_LEAST_RUN, _SHARE_OF_RUN = 3, 0.01
"""Neighbours without counterpart that make a passage: so many, and such a share of the document."""


@dataclass(frozen=True, slots=True)
class _Kind:
    """How links of one kind are drawn; the size is the width of the mark in points where there is room."""

    name: str
    marker: str
    colour: str
    filled: bool
    size: float


_SURE = _Kind("sure (.9 and more)", "o", BLUE, True, 5.0)
_DOUBTFUL = _Kind("doubtful (.5 to .9)", "o", VERMILLION, False, 8.0)
_UNLIKELY = _Kind("unlikely (under .5)", "x", VERMILLION, True, 8.0)
_MOVED = _Kind("moved, sure", "D", BLUE, True, 6.5)
_MOVED_DOUBTFUL = _Kind("moved, doubtful", "D", VERMILLION, False, 6.5)


def plot(alignment: Alignment, *, title: str = "") -> Figure:
    """Draw an alignment: source segments across, target segments down, numbered from 0, and a mark for each link.

    Colour and shape of a mark tell how doubtful the link is, and whether it was moved, which is to say that it crosses the others.
    In the margins every segment, in long documents every two-hundredth of them, has two bars: how doubtful its bead is (1 - probability)
    and, outside that, whether it has no counterpart. Passages without counterpart are bands. Of a page both sides number the same segments.

    Without a title it tells the counts. Raises OutputError where matplotlib is missing.
    """
    figure = new_figure(7.0, 7.4, title or _summary(alignment))
    from matplotlib.ticker import MaxNLocator

    (above, corner), (main, beside) = figure.subplots(2, 2, sharex="col", sharey="row", width_ratios=(14, 1), height_ratios=(1, 14))
    corner.set_axis_off()
    keys = _draw_links(main, alignment)
    keys += _draw_margins((above, beside), alignment)
    _draw_bands(main, alignment)
    counts = len(alignment.source.segments), len(alignment.target.segments)
    main.set_xlim(-0.5, max(1, counts[0]) - 0.5)
    main.set_ylim(max(1, counts[1]) - 0.5, -0.5)
    main.set_xlabel(_axis_label(alignment.source, "source", alignment.source_lang))
    main.set_ylabel(_axis_label(alignment.target, "target", alignment.target_lang))
    for axis in (main.xaxis, main.yaxis):
        axis.set_major_locator(MaxNLocator(7, steps=[1, 2, 5, 10], integer=True, min_n_ticks=1))
    main.grid(color=INK, alpha=0.15, linewidth=0.6)
    tone(main, spines=("left", "bottom", "top", "right"))
    legend(figure, handles=keys, loc="outside lower center", ncols=3, columnspacing=1.2, handlelength=1.4)
    return figure


def _summary(alignment: Alignment) -> str:
    links = alignment.links
    doubtful = sum(link.probability < SURE for link in links)
    alone = sum(len(bead.source) + len(bead.target) for bead in alignment.beads if bead.is_null)
    told = [f"{len(links):,} {'link' if len(links) == 1 else 'links'}", f"{f'{doubtful:,}' if doubtful else 'none'} of them doubtful"]
    if not alignment.is_page:
        told.append(f"{alone:,} {'segment' if alone == 1 else 'segments'} without counterpart")
    return ", ".join(told)


def _axis_label(document: Document, side: str, lang: str) -> str:
    name = document.name.replace("\\", "/").rpartition("/")[2]
    return f"{name or side} ({lang}): segment"


def _draw_links(axes: Axes, alignment: Alignment) -> list[Artist]:
    """Draw the path and a mark for each link; returns what a legend explains."""
    links = sorted(alignment.links, key=lambda link: (link.source, link.target))
    on_path = np.ones(len(links), bool) if alignment.is_page else _on_path(links, len(alignment.target.segments))
    longest = max(1, len(alignment.source.segments), len(alignment.target.segments))
    if alignment.is_page:
        axes.axline((0, 0), slope=1, color=INK, linewidth=0.8, linestyle=":")
    else:
        _draw_path(axes, [link for link, on in zip(links, on_path, strict=True) if on])
    kinds: dict[_Kind, list[Bead]] = {kind: [] for kind in (_SURE, _DOUBTFUL, _UNLIKELY, _MOVED, _MOVED_DOUBTFUL)}
    for link, on in zip(links, on_path, strict=True):
        kinds[_kind(link, moved=not on)].append(link)
    if longest <= _ROOM_FOR_BOXES:
        for kind, some in kinds.items():
            _draw_boxes(axes, some, kind.colour)
    return [_draw_marks(axes, some, kind, longest) for kind, some in kinds.items() if some]


def _on_path(links: Sequence[Bead], n_target: int) -> NDArray[np.bool_]:
    """Which links, given in source order, belong to the longest chain that does not cross, each counting by its segments."""
    from aligner.alignment.band import heaviest_chain  # brings the compiler

    first = np.array([link.target[0] for link in links], np.int64)
    weight = np.array([len(link.source) + len(link.target) for link in links], np.float64)
    on_path = np.zeros(len(links), bool)
    on_path[heaviest_chain(first, weight, n_target)] = True
    return on_path


def _kind(link: Bead, *, moved: bool) -> _Kind:
    if moved:
        return _MOVED if link.probability >= SURE else _MOVED_DOUBTFUL
    if link.probability >= SURE:
        return _SURE
    return _DOUBTFUL if link.probability >= LIKELY else _UNLIKELY


def _draw_path(axes: Axes, chain: Sequence[Bead]) -> None:
    """A line through the corners of the chain's links, so that a link of several segments is a longer piece of it."""
    corners = [(end[0] + shift, end[1] + shift) for link in chain for end, shift in ((_first(link), -0.5), (_last(link), 0.5))]
    if corners:
        axes.plot(*zip(*corners, strict=True), color=INK, alpha=0.6, linewidth=1, zorder=1)


def _draw_boxes(axes: Axes, links: Sequence[Bead], colour: str) -> None:
    """A box around the segments of each link that has several."""
    from matplotlib.collections import PatchCollection
    from matplotlib.patches import Rectangle

    boxes = []
    for link in links:
        (left, top), (right, bottom) = _first(link), _last(link)
        if (left, top) != (right, bottom):
            boxes.append(Rectangle((left - 0.5, top - 0.5), right - left + 1, bottom - top + 1))
    axes.add_collection(PatchCollection(boxes, facecolor=colour, edgecolor=colour, alpha=0.35, zorder=1))


def _draw_marks(axes: Axes, links: Sequence[Bead], kind: _Kind, longest: int) -> Artist:
    """A mark for each link; returns a single one for the legend."""
    from matplotlib.lines import Line2D

    centres = np.array([(_first(link), _last(link)) for link in links], float).mean(axis=1)
    size = kind.size * max(min(1.0, math.sqrt(_ROOM_FOR_BOXES / longest)), 0.3 if kind is _SURE else 0.5)
    look: dict[str, Any] = {"marker": kind.marker, "color": kind.colour, "linestyle": "none"}
    look["markerfacecolor"] = kind.colour if kind.filled else "none"
    # Where marks must lie on each other, they are veils, so that one sees where there are many.
    veil = 1.0 if kind is _SURE else min(1.0, _APART / len(links))
    axes.plot(*centres.T, **look, markersize=size, markeredgewidth=size / 5, alpha=veil, rasterized=len(links) > _MANY, zorder=3)
    return Line2D([], [], **look, markersize=max(size, 4.0), label=f"{kind.name}: {len(links):,}")


def _draw_margins(margins: Sequence[Axes], alignment: Alignment) -> list[Artist]:
    """Two lanes of bars for the segments of each side: how doubtful their beads are, and outside it whether they have no counterpart."""
    from matplotlib.patches import Patch

    lanes = [_lanes(alignment, side) for side in (0, 1)]
    keys: list[Artist] = []
    for lane, (colour, name) in enumerate(((VERMILLION, "doubt"), (GREEN, "no counterpart"))):
        if alignment.is_page and lane:
            continue  # most of a page has no counterpart, and nothing says so of a segment
        binned = any(len(edges) - 1 < edges[-1] for edges, _ in lanes)
        top = max(_LOWEST_TOP, *(float(values[lane].max()) for _, values in lanes)) if binned else 1.0
        base = lane * _LANE
        look: dict[str, Any] = {"baseline": base, "fill": True, "color": colour, "linewidth": 0}
        for axes, (edges, values), across in zip(margins, lanes, (True, False), strict=True):
            axes.stairs(base + values[lane] / top, edges - 0.5, orientation="vertical" if across else "horizontal", **look)
        keys.append(Patch(color=colour, label=f"margin: {name}" + (f", up to {100 * top:.0f} %" if binned else "")))
    margins[0].set_ylim(0, 2 * _LANE)
    margins[1].set_xlim(0, 2 * _LANE)
    for axes in margins:
        axes.set_axis_off()
    return keys


def _lanes(alignment: Alignment, side: int) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Edges of one side's bars in segments, and (2, n_bars): mean doubt of the beads, share of the segments without counterpart."""
    count = max(1, len((alignment.source, alignment.target)[side].segments))
    values = np.zeros((2, count))
    for bead in alignment.beads:
        for number in (bead.source, bead.target)[side]:
            values[:, number] = 1 - bead.probability, bead.is_null
    edges = np.linspace(0, count, min(count, _BARS) + 1).round().astype(np.int64)
    return edges, np.add.reduceat(values, edges[:-1], axis=1) / np.diff(edges)


def _draw_bands(axes: Axes, alignment: Alignment) -> None:
    """Mark the passages that have no counterpart: bands across the source's, down the target's."""
    if alignment.is_page:
        return
    for side in (0, 1):
        alone = sorted(number for bead in alignment.beads if bead.is_null for number in (bead.source, bead.target)[side])
        least = max(_LEAST_RUN, _SHARE_OF_RUN * len((alignment.source, alignment.target)[side].segments))
        for first, last in _runs(alone):
            if last - first + 1 >= least:
                ends = first - 0.5, last + 0.5
                (axes.axhspan if side else axes.axvspan)(*ends, color=GREEN, alpha=0.2, linewidth=0, zorder=0)


def _runs(numbers: Sequence[int]) -> list[tuple[int, int]]:
    """First and last of each run of neighbours in increasing numbers."""
    breaks = [k for k in range(1, len(numbers)) if numbers[k] != numbers[k - 1] + 1]
    return [(numbers[a], numbers[b - 1]) for a, b in zip([0, *breaks], [*breaks, len(numbers)], strict=True) if numbers]


def _first(link: Bead) -> tuple[int, int]:
    return min(link.source), min(link.target)


def _last(link: Bead) -> tuple[int, int]:
    return max(link.source), max(link.target)
