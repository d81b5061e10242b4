"""What the model says of a pair of texts at once, while a person edits, merges and splits; and aligning around what was decided."""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from aligner.errors import EncoderError
from aligner.types import Alignment, Bead, Document, normalised

if TYPE_CHECKING:
    from aligner.alignment.counterparts import Spans
    from aligner.pipeline import Aligner

Pair = tuple[str, str]
"""Source and target text of a row; "" on the empty side of a null."""
_Result = TypeVar("_Result")


@dataclass(frozen=True, slots=True)
class Score:
    """What the model says of a pair of texts; None where a side is empty."""

    cosine: float | None
    """-1..1, of the texts' vectors"""
    probability: float | None
    """0..1: that they correspond, both wholly"""


class Scorer:
    """An aligner for a review: loaded when it is first asked, and asked from any thread.

    aligner: one that is loaded, or what makes one. Everything is done by one thread of its own, as the cache of vectors wants it;
    each call waits for those before it.
    """

    def __init__(self, aligner: Aligner | Callable[[], Aligner]) -> None:
        self._given = aligner
        self._loaded: Aligner | None = None
        self._worker = ThreadPoolExecutor(1, thread_name_prefix="scorer")

    def close(self) -> None:
        """Let what is under way end, and take no more."""
        self._worker.shutdown(cancel_futures=True)

    def score(self, source: str, target: str, *, before: Sequence[Pair] = (), after: Sequence[Pair] = ()) -> Score:
        """Cosine and probability of a pair of texts where it stands: between the rows before and after it, in the documents' order.

        Five rows on either side are enough. The probability is calibrated for pairs among their neighbours; without any it is too high.
        """
        return self._asked(partial(_score, (source, target), before, after))

    def unmatched(self, source: str, target: str) -> tuple[Spans, Spans]:
        """The ranges of either text's characters that lack a counterpart in the other: numbers, and words that nothing resembles."""
        return self._asked(partial(_unmatched, source, target))

    def realign(
        self, source: Document, target: Document, *, decided: Sequence[Bead], rejected: Sequence[Bead], languages: Pair | None = None
    ) -> Alignment:
        """The alignment of two documents with the segments they have, around beads that stand and links that must not.

        languages: ISO 639-1 codes of source and target, those of the aligner where not given.
        Raises InputError where the decided beads do not all fit in one alignment.
        """
        return self._asked(partial(_realigned, (source, target), decided, rejected, languages))

    def _asked(self, question: Callable[[Aligner], _Result]) -> _Result:
        try:
            return self._worker.submit(lambda: question(self._aligner())).result()
        except (RuntimeError, ValueError) as error:  # what PyTorch and NumPy raise, of memory for instance
            raise EncoderError(f"the model could not answer ({error})") from error

    def _aligner(self) -> Aligner:
        if self._loaded is None:
            from aligner.embedding import Embedder, VectorCache  # numba comes with the model; opening a review need not wait for it
            from aligner.pipeline import Aligner

            given = self._given if isinstance(self._given, Aligner) else self._given()
            # A cache belongs to the thread that opened it, which may be another.
            cache = VectorCache(given.embedder.cache.path.parent) if given.embedder.cache else None
            self._loaded = copy.copy(given)
            self._loaded.embedder = Embedder(given.embedder.encoder, cache)
        return self._loaded


def _score(pair: Pair, before: Sequence[Pair], after: Sequence[Pair], aligner: Aligner) -> Score:
    from aligner.alignment.evidence import Segments  # as above
    from aligner.alignment.neighbourhood import judged_in_place

    own = [normalised(text) for text in pair]
    if not all(own):
        return Score(None, None)
    above, below = ([[text for row in rows if (text := normalised(row[side]))] for side in (0, 1)] for rows in (before, after))
    texts = [[*above[side], own[side], *below[side]] for side in (0, 1)]
    embed = aligner.embedder.comparable(*texts)
    sides = Segments.embedded(texts[0], embed), Segments.embedded(texts[1], embed)
    link = judged_in_place((len(above[0]), len(above[1])), sides, embed, aligner.weights)
    return Score(link.cosine, link.probability)


def _unmatched(source: str, target: str, aligner: Aligner) -> tuple[Spans, Spans]:
    from aligner.alignment.counterparts import without_counterpart  # as above
    from aligner.embedding import Embedder

    words = aligner.embedder.comparable([source], [target])
    # Phrases hardly come again: a day of review would fill the cache with them.
    phrases = Embedder(aligner.embedder.encoder).comparable([source], [target])
    return without_counterpart(source, target, words, phrases)


def _realigned(
    documents: tuple[Document, Document], decided: Sequence[Bead], rejected: Sequence[Bead], languages: Pair | None, aligner: Aligner
) -> Alignment:
    source, target = (replace(document, segmented=True) for document in documents)
    if languages is not None:
        aligner = copy.copy(aligner)
        aligner.source_lang, aligner.target_lang = languages
    return aligner.align(source, target, decided=decided, rejected=rejected)
