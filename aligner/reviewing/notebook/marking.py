"""What the model says of the rows on screen, found while the reviewer reads: scores of new beads, words without counterpart.

The model takes seconds to load and milliseconds a row, and has a thread of its own; the session stays in the kernel's. So rows
are handed over when the page shows them, and what was found of them is fetched when the page asks again.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Protocol, TypeVar

from aligner.errors import AlignerError
from aligner.reviewing.rows import Row
from aligner.reviewing.scorer import Score
from aligner.reviewing.session import ReviewSession
from aligner.types import Alignment, Bead, Document

Ranges = Sequence[tuple[int, int]]
Marks = tuple[Ranges, Ranges]
"""Of source and target, the ranges of characters that have no counterpart."""
Pair = tuple[str, str]
_Found = TypeVar("_Found")

_NEIGHBOURS = 5
"""Rows on either side by which the probability of a new bead is judged."""
_WAITING = 16
"""Rows that wait for their marks at most: what was scrolled past needs none."""

_log = logging.getLogger(__name__)


class Judge(Protocol):
    """What asks the model, from any thread: `aligner.reviewing.scorer.Scorer`."""

    def score(self, source: str, target: str, *, before: Sequence[Pair] = (), after: Sequence[Pair] = ()) -> Score:
        """Of a pair between its neighbours."""

    def unmatched(self, source: str, target: str) -> Marks:
        """The words of either text that have no counterpart in the other."""

    def realign(
        self, source: Document, target: Document, *, decided: Sequence[Bead], rejected: Sequence[Bead], languages: Pair | None = None
    ) -> Alignment:
        """Two documents around decided beads."""

    def close(self) -> None:
        """No more questions."""


class Marking:
    """Asks the model about rows without waiting for it; where it cannot be had, rows go without, and `failure` says why."""

    def __init__(self, judge: Judge) -> None:
        self.failure: AlignerError | None = None
        self._judge = judge
        self._worker = ThreadPoolExecutor(1, thread_name_prefix="marking")
        self._scorer = ThreadPoolExecutor(1, thread_name_prefix="scoring")  # a score does not wait for the marks of other rows
        self._marks: dict[Pair, Future[Marks]] = {}
        self._scores: dict[str, Future[Score]] = {}

    def close(self) -> None:
        """Forget what was asked and not answered."""
        for worker in (self._worker, self._scorer):
            worker.shutdown(wait=False, cancel_futures=True)
        self._judge.close()

    def marks(self, row: Row) -> Marks | None:
        """What is known of a row; None where that is nothing yet."""
        found = self._marks.get((row.source, row.target))
        return self._result(found) if found is not None and found.done() else None

    def look_at(self, session: ReviewSession, rows: Sequence[Row]) -> None:
        """Let the model look at these rows, the first ones first; of a segment without counterpart it has nothing to say."""
        waiting = sum(not future.done() for future in self._marks.values())
        for row in rows:
            if "null" in row.flags or self.failure:
                continue
            texts = row.source, row.target
            if row.probability is None and row.key not in self._scores:
                above, below = (_texts(near) for near in session.context(row.key, _NEIGHBOURS, _NEIGHBOURS))
                self._scores[row.key] = self._scorer.submit(self._judge.score, *texts, before=above, after=below)
            if texts not in self._marks and waiting < _WAITING:
                self._marks[texts] = self._worker.submit(self._judge.unmatched, *texts)
                waiting += 1

    def is_waiting_for(self, rows: Sequence[Row]) -> bool:
        """Whether something of these rows is not known yet, but will be; or a score is found and not stored yet."""
        asked = [self._marks.get((row.source, row.target)) for row in rows]
        return bool(self._scores) or any(future is not None and not future.done() for future in asked)

    def store_scores(self, session: ReviewSession) -> list[Row]:
        """Give the beads their scores that have been found since, and return their rows."""
        found = {key: future for key, future in self._scores.items() if future.done()}
        rows = []
        for key, future in found.items():
            del self._scores[key]
            if (score := self._result(future)) is not None:
                rows += session.rescore(key, score)
        return rows

    def align(self, source: Document, target: Document, *, decided: Sequence[Bead], rejected: Sequence[Bead]) -> Alignment:
        """Align two documents, in the languages of their segments, around what is decided."""
        languages = source.segments[0].lang, target.segments[0].lang
        return self._judge.realign(source, target, decided=decided, rejected=rejected, languages=languages)

    def _result(self, future: Future[_Found]) -> _Found | None:
        try:
            return future.result()
        except AlignerError as error:
            if self.failure is None:
                self.failure = error
                _log.warning("rows are shown without what the model says: %s", error)
            return None


def _texts(rows: Sequence[Row]) -> list[Pair]:
    return [(row.source, row.target) for row in rows]
