"""Pictures of results, with matplotlib (the extra `plots`): the path of an alignment, its scores, how a review goes, reliability.

Each function returns a figure that a notebook shows, readable on light and on dark; `write_picture` makes a file of it.
"""

from aligner.plots.drawing import PICTURES, check_picture, write_picture
from aligner.plots.path import plot
from aligner.plots.progress import plot_progress
from aligner.plots.reliability import plot_reliability
from aligner.plots.scores import plot_scores

__all__ = ["PICTURES", "check_picture", "plot", "plot_progress", "plot_reliability", "plot_scores", "write_picture"]
