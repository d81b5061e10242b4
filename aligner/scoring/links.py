"""Scores of links found among unordered texts, or between the lines of a page, at any threshold of probability."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass

import numpy as np

from aligner.scoring.calibration import Judgement
from aligner.scoring.rates import harmonic_mean, share

Link = tuple[int, int]
"""Numbers of a source and a target text that translate each other."""


@dataclass(frozen=True, slots=True)
class LinkCounts:
    """Counts of links, from which precision, recall and F1 follow: 0..1, more is better, 0 where there is nothing to count."""

    found: int = 0
    right: int = 0
    """Links that are both found and wanted."""
    wanted: int = 0

    @property
    def precision(self) -> float:
        """Share of the found links that are wanted."""
        return share(self.right, self.found)

    @property
    def recall(self) -> float:
        """Share of the wanted links that are found."""
        return share(self.right, self.wanted)

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall."""
        return harmonic_mean(self.precision, self.recall)


@dataclass(frozen=True, slots=True)
class Links:
    """What was found in one part of the material, a page or all that a line is linked with, beside what is wanted there."""

    found: Mapping[Link, float]
    """Link → probability, 0..1."""
    wanted: Set[Link]

    def excusing(self, alternatives: Set[Link]) -> Links:
        """The same without the found alternatives, which are right too though not wanted, and the wanted links that these displace."""
        chosen = (self.found.keys() & alternatives) - self.wanted
        sources, targets = {i for i, _ in chosen}, {j for _, j in chosen}
        displaced = {(i, j) for i, j in self.wanted - self.found.keys() if i in sources or j in targets}
        return Links({link: probability for link, probability in self.found.items() if link not in chosen}, self.wanted - displaced)

    def counts(self, threshold: float) -> LinkCounts:
        """The counts when links of less than this probability are left out."""
        likely = {link for link, probability in self.found.items() if probability >= threshold}
        return LinkCounts(len(likely), len(likely & self.wanted), len(self.wanted))

    def judged(self) -> list[Judgement]:
        """(probability, whether the link is wanted) of each found link."""
        return [(probability, link in self.wanted) for link, probability in self.found.items()]


def best_threshold(parts: Iterable[Links]) -> float:
    """The threshold, one of the probabilities, that gives the greatest F1 over all parts together; 0 where nothing was found.

    Chosen on what it is measured on, it flatters: what a threshold that was chosen elsewhere might at most reach.
    """
    parts = list(parts)
    judgements = sorted((judgement for part in parts for judgement in part.judged()), reverse=True)
    if not judgements:
        return 0.0
    probabilities, right = np.array(judgements, np.float64).T
    f1 = 2 * right.cumsum() / (np.arange(1, len(right) + 1) + sum(len(part.wanted) for part in parts))
    f1[:-1][probabilities[:-1] == probabilities[1:]] = 0.0  # a threshold takes equal probabilities together
    return float(probabilities[f1.argmax()])
