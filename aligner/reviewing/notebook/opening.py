"""Opening the review of a corpus in a notebook."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from aligner.corpus import Corpus
from aligner.errors import ReviewError
from aligner.reviewing.documents import alignment_of
from aligner.reviewing.filters import ORDERS
from aligner.reviewing.notebook.conversation import Conversation
from aligner.reviewing.notebook.marking import Marking
from aligner.reviewing.notebook.reviewer import remembered_reviewer

if TYPE_CHECKING:
    from aligner.pipeline import Aligner
    from aligner.reviewing.notebook.widget import Review
    from aligner.reviewing.scorer import Scorer


def review(
    corpus: Corpus | str | Path,
    *,
    reviewer: str | None = None,
    document: int | str | None = None,
    order: str | None = None,
    height: int = 600,
) -> Review:
    """A widget in which to review a corpus by keyboard: show it as the last line of a cell, click into it, and press ? for the keys.

    corpus: an open one, or its path or URL. reviewer: the name that stands with every decision; asked once, and then kept on this
    machine. document: show one alone, by the name of one of its files or the number of its alignment. order: doubt, the doubtful
    first, or document. Where neither is given, all is shown as this reviewer left it. height: in pixels.
    Raises ReviewError where the extra `notebooks` is not installed, for an unknown document or order, and CorpusError as Corpus does.
    """
    if find_spec("anywidget") is None:
        raise ReviewError("the review widget needs anywidget, which is not installed: pip install 'aligner[notebooks]'")
    if order is not None and order not in ORDERS:
        raise ReviewError(f"there is no order {order!r}: it is {' or '.join(ORDERS)}")
    from aligner.reviewing.notebook.widget import Review  # anywidget comes with the extra `notebooks` alone

    opened = corpus if isinstance(corpus, Corpus) else Corpus(corpus, create=False)
    alignment = None if document is None else alignment_of(opened, document)
    name = reviewer or remembered_reviewer()
    conversation = Conversation(opened, reviewer=name, document=alignment, order=order, marking=Marking(_scorer()))
    return Review(conversation, height=height)


def _scorer() -> Scorer:
    """The model, which loads in the background when the first rows are there: they can be read and decided meanwhile."""
    from aligner.reviewing.scorer import Scorer  # the model's code is not for who only imports the package

    return Scorer(_aligner)


def _aligner() -> Aligner:
    from aligner.pipeline import Aligner  # its imports alone take seconds

    return Aligner()
