"""What all pictures have in common: colours, axes that can be read on light and on dark, the scale of probabilities, files."""

from __future__ import annotations

import io
import math
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from aligner.errors import OutputError
from aligner.formats import files

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

PICTURES = (".png", ".svg", ".pdf")

# Okabe & Ito (2008): told apart with every kind of colour vision. No colour stands alone: marks, places or words say the same.
BLUE, VERMILLION, GREEN = "#0072b2", "#d55e00", "#009e73"
INK = "#7a7a7a"
"""Of text and axes: on white and on a dark notebook's #111 its contrast is the same, 4.3 to 1."""

EDGE = 1e-3
"""Nearer to 0 and 1 than this, probabilities are drawn here: the precision of bead files."""
_TICKS = (EDGE, 0.01, 0.1, 0.5, 0.9, 0.99, 1 - EDGE)
_TICK_NAMES = ("≤ .001", ".01", ".1", ".5", ".9", ".99", "≥ .999")


def new_figure(width: float, height: float, title: str) -> Figure:
    """An empty figure of so many inches, transparent, that a notebook shows; raises OutputError where matplotlib is missing."""
    check_matplotlib()
    from matplotlib.layout_engine import ConstrainedLayoutEngine

    from aligner.plots.picture import Picture

    narrow = ConstrainedLayoutEngine(w_pad=0.03, h_pad=0.03, wspace=0.01, hspace=0.01)
    figure = Picture(figsize=(width, height), layout=narrow, facecolor="none")
    if title:
        figure.suptitle(title, x=0.01, ha="left", color=INK, fontsize=11, fontweight="bold")
    return figure


def tone(axes: Axes, *, spines: tuple[str, ...] = ("left", "bottom")) -> None:
    """Give axes the ink, and only these of their four sides; what the user set for other pictures does not show through."""
    axes.set_facecolor("none")
    axes.tick_params(colors=INK, labelcolor=INK, labelsize=9)
    for name, spine in axes.spines.items():
        spine.set(visible=name in spines, color=INK, linewidth=0.8)
    for label in (axes.xaxis.label, axes.yaxis.label):
        label.set(color=INK, fontsize=10)
    axes.set_axisbelow(True)


def count_units(axes: Axes) -> None:
    """Few whole numbers up the side of axes, with lines across."""
    from matplotlib.ticker import MaxNLocator

    axes.yaxis.set_major_locator(MaxNLocator(4, integer=True, min_n_ticks=1))
    axes.grid(axis="y", color=INK, alpha=0.25, linewidth=0.6)


def heading(axes: Axes, text: str, *, at: Literal["left", "right"] = "left") -> None:
    """Write above axes what they show."""
    axes.set_title(text, loc=at, fontsize=10, color=INK)


def legend(holder: Axes | Figure, **settings: Any) -> None:
    """A legend without a frame, in ink."""
    holder.legend(frameon=False, fontsize=9, labelcolor=INK, **settings)


def log_odds(probability: float) -> float:
    """Where a probability stands on the scale of log-odds, held EDGE away from 0 and 1."""
    bounded = min(max(probability, EDGE), 1 - EDGE)
    return math.log(bounded / (1 - bounded))


def scale_probabilities(axes: Axes, which: Literal["x", "y"]) -> None:
    """Make an axis of log-odds one of probabilities: most are near 1, and .99 is as far from .9 as .9 from .5."""
    ticks, ends = [log_odds(tick) for tick in _TICKS], (log_odds(EDGE) - 0.5, log_odds(1 - EDGE) + 0.5)
    if which == "x":
        axes.set(xticks=ticks, xticklabels=_TICK_NAMES, xlim=ends)
    else:
        axes.set(yticks=ticks, yticklabels=_TICK_NAMES, ylim=ends)


def write_picture(figure: Figure, path: str | Path, *, overwrite: bool = False) -> None:
    """Write a figure to a PNG, SVG or PDF file, the same bytes for the same figure.

    Raises OutputError for another suffix, and as open_output does.
    """
    check_picture(path)
    import matplotlib as mpl  # not everybody installs it

    with mpl.rc_context({"svg.hashsalt": "aligner"}), files.open_output(path, overwrite=overwrite) as stream:
        kind = files.suffix(path).removeprefix(".")
        dateless = {"png": {}, "svg": {"Date": None}, "pdf": {"CreationDate": None}}
        figure.savefig(stream, format=kind, dpi=150, metadata=dateless[kind])


def inline_svg(figure: Figure, name: str) -> str:
    """A figure as an element that a page of HTML may hold, with words as text; the name tells its parts from those of others there."""
    import matplotlib as mpl  # not everybody installs it

    stream = io.StringIO()
    with mpl.rc_context({"svg.hashsalt": name, "svg.fonttype": "none"}):
        figure.savefig(stream, format="svg", metadata={"Date": None, "Creator": None, "Format": None, "Type": None})
    svg = stream.getvalue()
    return svg[svg.index("<svg") :]


def check_picture(path: str | Path) -> None:
    """Raise OutputError where no picture can be drawn: matplotlib is missing, or the suffix names no kind of picture."""
    check_matplotlib()
    if files.suffix(path) not in PICTURES:
        raise OutputError(f"{path}: a picture was wanted; end its name in {', '.join(PICTURES)}.")


def check_matplotlib() -> None:
    """Raise OutputError where matplotlib is missing."""
    try:
        import matplotlib.figure  # noqa: F401
    except ImportError as error:
        raise OutputError(
            "a picture needs the package matplotlib, which is not installed. Install it: pip install 'aligner[plots]'"
        ) from error
