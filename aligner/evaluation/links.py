"""Links with probabilities beside the links that are right: pairs mined from unordered text, lines of a page."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import astuple, dataclass
from pathlib import Path
from typing import Any

from aligner.evaluation.calibration import Calibration, calibration_line
from aligner.formats.links import read_gold_links, read_mined_links
from aligner.scoring import Interval, Judgement, Link, LinkCounts, Links, best_threshold, central, resampled

LIKELY = 0.5
"""The threshold that figures without one are at."""
THRESHOLDS = (0.1, 0.3, LIKELY, 0.7, 0.9)


@dataclass(frozen=True, slots=True)
class LinkReport:
    """How links fared at several thresholds."""

    at: dict[float, LinkCounts]
    """Threshold → counts of the links that are at least as probable."""
    best: float
    """The threshold of the greatest F1, chosen on these very links, so that its figures flatter."""
    at_best: LinkCounts
    interval: Interval | None
    """Where 95 % of F1 at .5 lie when parts are drawn again and again; None for fewer than two parts."""
    judgements: tuple[Judgement, ...]
    """(probability, whether the link is right) of every link found."""
    calibration: Calibration | None
    """None where the links came without probabilities."""

    @property
    def likely(self) -> LinkCounts:
        """The counts at .5."""
        return self.at[LIKELY]

    def __str__(self) -> str:
        return self.to_text()

    def to_text(self) -> str:
        """A table for a terminal, without a final line break."""
        return "\n".join(self._lines())

    def to_dict(self) -> dict[str, Any]:
        """The same as plain values for JSON."""
        return {
            "thresholds": [_as_dict(threshold, counts) for threshold, counts in self.at.items()],
            "best": _as_dict(self.best, self.at_best),
            "f1_interval": self.interval and list(self.interval),
            "calibration": self.calibration and self.calibration.to_dict(),
        }

    def _lines(self) -> Iterator[str]:
        yield f"wanted: {self.likely.wanted:,}"
        yield ""
        yield f"{'at least':<10}{'found':>8}{'right':>8}{'precision':>11}{'recall':>9}{'F1':>8}"
        for threshold, counts in self.at.items():
            spread = f"    95 %: {self.interval[0]:.3f}–{self.interval[1]:.3f}" if threshold == LIKELY and self.interval else ""
            yield f"{threshold:<10g}" + _figures(counts) + spread
        yield f"{self.best:<10.3f}" + _figures(self.at_best) + "    the best, chosen on these links"
        yield ""
        yield calibration_line(self.calibration)


def evaluate_links(parts: Iterable[Links]) -> LinkReport:
    """Score links; the parts, pages or lines, are what is drawn again for the interval."""
    parts = list(parts)

    def counts(threshold: float) -> LinkCounts:
        return LinkCounts(*map(sum, zip(*(astuple(part.counts(threshold)) for part in parts), strict=True)))

    judgements = tuple(judgement for part in parts for judgement in part.judged())
    best = best_threshold(parts)
    return LinkReport(
        at={threshold: counts(threshold) for threshold in THRESHOLDS},
        best=best,
        at_best=counts(best),
        interval=_interval([part.counts(LIKELY) for part in parts]),
        judgements=judgements,
        calibration=Calibration.of(judgements),
    )


def evaluate_mining(found: Mapping[Link, float], wanted: Set[Link]) -> LinkReport:
    """Score pairs mined from unordered texts, (source line, target line) → probability; the interval is over source lines."""
    by_line: dict[int, tuple[dict[Link, float], set[Link]]] = {line: ({}, set()) for line, _ in (*found, *wanted)}
    for link, probability in found.items():
        by_line[link[0]][0][link] = probability
    for link in wanted:
        by_line[link[0]][1].add(link)
    return evaluate_links(Links(*part) for part in by_line.values())


def evaluate_mined_file(gold: str | Path, test: str | Path) -> LinkReport:
    """Score a table that `aligner mine` wrote beside lines source_line<TAB>target_line of gold. Raises InputError as their readers do."""
    wanted = read_gold_links(gold)
    return evaluate_mining(read_mined_links(test), wanted)


def _interval(parts: Sequence[LinkCounts]) -> Interval | None:
    if len(parts) < 2:
        return None
    return central([LinkCounts(*row).f1 for row in resampled([astuple(part) for part in parts]).tolist()])


def _figures(counts: LinkCounts) -> str:
    return f"{counts.found:>8,}{counts.right:>8,}{counts.precision:>11.3f}{counts.recall:>9.3f}{counts.f1:>8.3f}"


def _as_dict(threshold: float, counts: LinkCounts) -> dict[str, Any]:
    rates = {"precision": counts.precision, "recall": counts.recall, "f1": counts.f1}
    return {"threshold": threshold, "found": counts.found, "right": counts.right, "wanted": counts.wanted, **rates}
