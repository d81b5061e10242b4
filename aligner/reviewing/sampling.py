"""How often would one be wrong who accepts everything above a probability? From random samples alone.

What reviewers have looked at, the doubtful first, says nothing of that: it was not drawn at random.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from aligner.corpus.tables import ACCEPTED, REJECTED
from aligner.scoring.rates import Interval, wilson_interval

SAMPLE = 50
"""Units that are drawn if nothing else is said: where all are right, the error rate is under 7 % (95 % interval)."""
LEAST_CHECKED = 30
"""So many do, where all are right for an error rate under 12 %."""


@dataclass(frozen=True, slots=True)
class Sample:
    """Units drawn at random from the undecided ones of a probability or more."""

    probability: float
    drawn: tuple[tuple[str, float], ...]
    """Units, and their probabilities when they were drawn; in random order, so that the first of them are a random sample too."""
    annotated: bool = True
    """Whether it was drawn from those too in whose texts something may be wrong."""


@dataclass(frozen=True, slots=True)
class Links:
    """The undecided links of a probability or more."""

    count: int
    """That would be accepted."""
    made: int
    """That would not be, for somebody made them in review: by merging, splitting, moving, editing."""
    annotated: int
    """In whose texts something may be wrong."""
    kinds: Mapping[str, int]
    """How many of these have each kind of annotation, the most frequent first; one may have several."""
    are_left_out: bool
    """Whether these do not count among `count`, for that was wished."""


@dataclass(frozen=True, slots=True)
class Bulk:
    """What accepting everything above a probability would mean."""

    probability: float
    links: Links
    checked: int
    """Of the samples' units at least that probable, those that are decided."""
    wrong: int
    """Of these, the rejected, and those of which a reviewer changed words or boundaries."""
    pending: int
    """Those that wait to be decided."""
    passed_over: int
    """Of these, those that were shown before one that is decided: who passes over the hard ones finds too few wrong."""
    interval: Interval
    """Where the error rate lies, 0..1, 95 %; (0, 1) before anything is checked."""

    @property
    def rate(self) -> float | None:
        """The error rate, 0..1; None before anything is checked."""
        return self.wrong / self.checked if self.checked else None

    @property
    def is_checked(self) -> bool:
        """Whether enough was checked to accept the rest: LEAST_CHECKED, or all that there is, and none was passed over."""
        return not self.passed_over and self.checked >= min(LEAST_CHECKED, self.links.count + self.checked)


def draw(units: Iterable[tuple[str, float]], size: int = SAMPLE, *, seed: int | None = None) -> tuple[tuple[str, float], ...]:
    """Draw units at random, with their probabilities, in random order; all of them where there are fewer.

    A unit that occurs often is drawn once.
    """
    known = sorted(dict(units).items())
    chosen = np.random.default_rng(seed).permutation(len(known))[:size]
    return tuple(known[number] for number in chosen.tolist())


def drawn_from(samples: Iterable[Sample], probability: float, left_out: Collection[str] | None = None) -> list[str]:
    """The units that were drawn at random from the links of this probability or more, as drawn, but for those that are `left_out`.

    What a sample from further down holds above is as random there; and what one of all holds of some, where others are `left_out`. None
    is for all: what was drawn where some were left out says nothing of these.
    """
    counting = (sample for sample in samples if sample.probability <= probability and (sample.annotated or left_out is not None))
    found = (unit for sample in counting for unit, at in sample.drawn if at >= probability and unit not in (left_out or ()))
    return list(dict.fromkeys(found))


def bulk(probability: float, links: Links, drawn: Sequence[str], standing: Mapping[str, str]) -> Bulk:
    """What is known at this probability.

    drawn: units that were drawn from the links, in the order in which they are shown; standing: statuses of those that still occur.
    """
    said = [standing.get(unit, REJECTED) for unit in drawn]  # one that occurs no longer was changed
    decided = [number for number, status in enumerate(said) if status in (ACCEPTED, REJECTED)]
    wrong, checked = said.count(REJECTED), len(decided)
    passed_over = decided[-1] + 1 - checked if decided else 0
    return Bulk(probability, links, checked, wrong, len(said) - checked, passed_over, wilson_interval(wrong, checked))


def most_wrong(checked: int) -> float:
    """The share, 0..1, under which the error rate lies (95 % interval) where none of so many was wrong."""
    return wilson_interval(0, checked)[1]
