"""Alignments compared with gold, by the conventions of `aligner.scoring.alignments`."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import astuple, dataclass
from typing import Any

from aligner.errors import InputError
from aligner.evaluation.calibration import Calibration, calibration_line
from aligner.evaluation.files import Paths, paired_files
from aligner.formats.beads import read_beads
from aligner.scoring import (
    Interval,
    Judgement,
    Scores,
    ShapeScores,
    central,
    coverage_fault,
    judged,
    pooled,
    resampled,
    score_by_shape,
    score_by_stretch,
)
from aligner.types import Bead


@dataclass(frozen=True, slots=True)
class Compared:
    """An alignment beside gold for the same two documents."""

    name: str
    gold: Sequence[Bead]
    test: Sequence[Bead]
    alternatives: Sequence[Bead] = ()
    """Further links that are right too."""


@dataclass(frozen=True, slots=True)
class Intervals:
    """Where 95 % of the figures lie when the parts of what was measured are drawn again and again; None for what there is none of."""

    strict_f1: Interval | None
    null_recall: Interval | None
    null_precision: Interval | None

    @classmethod
    def over(cls, parts: Sequence[Scores]) -> Intervals | None:
        """Over parts that do not depend on each other, whose counts add up; None for fewer than two."""
        if len(parts) < 2:
            return None
        sums = [Scores(*row) for row in resampled([astuple(part) for part in parts]).tolist()]
        return cls(
            central([scores.strict_f1 for scores in sums]),
            central([scores.null_recall if scores.nulls else math.nan for scores in sums]),
            central([scores.null_precision if scores.test_nulls else math.nan for scores in sums]),
        )


@dataclass(frozen=True, slots=True)
class DocumentScores:
    """How one alignment fared."""

    name: str
    scores: Scores
    intervals: Intervals | None
    """Over the stretches between points where gold and test agree: they depend on each other, so take them for the least."""


@dataclass(frozen=True, slots=True)
class Report:
    """How alignments fared against gold, pooled over documents and for each."""

    scores: Scores
    by_shape: dict[tuple[int, int], ShapeScores]
    """(source segments, target segments) of a bead → how beads of this shape fared."""
    judgements: tuple[Judgement, ...]
    """(probability, whether gold has the bead) of every bead, nulls included."""
    calibration: Calibration | None
    """None where the alignments came without probabilities, which are then all 1."""
    intervals: Intervals | None
    """Over documents; where there is one, over its stretches."""
    documents: tuple[DocumentScores, ...]

    def __str__(self) -> str:
        return self.to_text()

    def to_text(self) -> str:
        """Tables for a terminal, without a final line break."""
        return "\n\n".join("\n".join(part) for part in (self._overall(), self._shapes(), self._each_document()) if part)

    def to_dict(self) -> dict[str, Any]:
        """The same as plain values for JSON; shapes are written 2-1."""
        return {
            **_as_dict(self.scores, self.intervals),
            "calibration": self.calibration and self.calibration.to_dict(),
            "by_shape": {
                f"{source}-{target}": {
                    "gold": shape.gold,
                    "test": shape.test,
                    "hits": shape.hits,
                    "promised": shape.promised,
                    "precision": shape.precision,
                    "recall": shape.recall,
                    "f1": shape.f1,
                }
                for (source, target), shape in self.by_shape.items()
            },
            "documents": [{"name": document.name, **_as_dict(document.scores, document.intervals)} for document in self.documents],
        }

    def _overall(self) -> Iterator[str]:
        scores, spread = self.scores, self.intervals or Intervals(None, None, None)
        number = len(self.documents)
        yield f"{_counted(number, 'document')}, {_counted(scores.gold_links, 'gold link')}, {_counted(scores.test, 'bead')} to judge"
        yield ""
        yield f"{'':<18}{'precision':>10}{'recall':>10}{'F1':>10}"
        over = "documents" if number > 1 else "stretches of it"
        strict = _figures("strict", scores.strict_precision, scores.strict_recall, scores.strict_f1)
        yield strict + (f"    95 %: {_range(spread.strict_f1)}, over {over}" if spread.strict_f1 else "")
        yield _figures("lax", scores.lax_precision, scores.lax_recall, scores.lax_f1)
        yield _figures("strict, links only", scores.non_null_precision, scores.strict_recall, scores.non_null_f1)
        yield ""
        right = scores.nulls_found
        yield f"nulls: {right} of {scores.nulls} in gold found" + _rate(scores.null_recall, spread.null_recall)
        yield f"nulls: {right} of {scores.test_nulls} claimed are right" + _rate(scores.null_precision, spread.null_precision)
        yield calibration_line(self.calibration)

    def _shapes(self) -> list[str]:
        promises = f"{'promised':>10}" if self.calibration else ""
        lines = [f"{'bead':<6}{'gold':>8}{'test':>8}{'right':>8}{promises}{'precision':>11}{'recall':>9}{'F1':>8}"]
        for (source, target), shape in self.by_shape.items():
            counts = f"{shape.gold:>8}{shape.test:>8}{shape.hits:>8}" + (f"{shape.promised:>10.1f}" if promises else "")
            lines.append(f"{f'{source}-{target}':<6}{counts}{shape.precision:>11.3f}{shape.recall:>9.3f}{shape.f1:>8.3f}")
        return lines

    def _each_document(self) -> list[str]:
        if len(self.documents) < 2:
            return []
        width = max(len("document"), *(len(document.name) for document in self.documents)) + 2
        lines = [f"{'document':<{width}}{'links':>7}{'strict F1':>11}{'95 %':>15}{'lax F1':>8}{'nulls found':>13}{'claimed':>9}"]
        for document in self.documents:
            scores, interval = document.scores, document.intervals and document.intervals.strict_f1
            figures = f"{scores.strict_f1:>11.3f}{_range(interval) if interval else '':>15}{scores.lax_f1:>8.3f}"
            nulls = f"{f'{scores.nulls_found}/{scores.nulls}':>13}{scores.test_nulls:>9}"
            lines.append(f"{document.name:<{width}}{scores.gold_links:>7}{figures}{nulls}")
        return lines


def evaluate(documents: Iterable[Compared]) -> Report:
    """Score alignments; whether they cover their documents is the caller's to know."""
    documents = list(documents)
    scored: list[DocumentScores] = []
    by_shape: dict[tuple[int, int], ShapeScores] = {}
    judgements: list[Judgement] = []
    for document in documents:
        compared = document.gold, document.test, document.alternatives
        stretches = score_by_stretch(*compared)
        scored.append(DocumentScores(document.name, pooled(stretches), Intervals.over(stretches)))
        judgements += judged(*compared)
        for shape, scores in score_by_shape(*compared).items():
            by_shape[shape] = by_shape[shape] + scores if shape in by_shape else scores
    return Report(
        scores=pooled(document.scores for document in scored),
        by_shape=dict(sorted(by_shape.items())),
        judgements=tuple(judgements),
        calibration=Calibration.of(judgements),
        intervals=scored[0].intervals if len(scored) == 1 else Intervals.over([document.scores for document in scored]),
        documents=tuple(scored),
    )


def evaluate_files(golds: Paths, tests: Paths) -> Report:
    """Score files of beads, or two folders, paired as `paired_files` does; DOC.alt beside DOC.gold holds its alternatives.

    Raises InputError for files that cannot be read, a gold without its test, and every test that does not hold each segment
    of its gold exactly once.
    """
    documents, faults = [], []
    for gold, test in paired_files(golds, tests):
        alternatives = gold.with_suffix(".alt")
        has_alternatives = gold.suffix == ".gold" and alternatives.exists()
        document = Compared(gold.stem, read_beads(gold), read_beads(test), read_beads(alternatives) if has_alternatives else ())
        documents.append(document)
        if fault := _fault(document):
            faults.append(f"{test}: each segment of {gold} was wanted exactly once, but {fault}")
    if faults:
        raise InputError("\n".join(faults))
    return evaluate(documents)


def _fault(document: Compared) -> str:
    """What keeps the test from holding each segment that gold names exactly once; empty if nothing does."""
    source = {i for bead in document.gold for i in bead.source}
    target = {j for bead in document.gold for j in bead.target}
    return coverage_fault(document.test, source, target)


def _as_dict(scores: Scores, intervals: Intervals | None) -> dict[str, Any]:
    spread = intervals or Intervals(None, None, None)
    return {
        "strict": {"precision": scores.strict_precision, "recall": scores.strict_recall, "f1": scores.strict_f1},
        "strict_f1_interval": spread.strict_f1 and list(spread.strict_f1),
        "lax": {"precision": scores.lax_precision, "recall": scores.lax_recall, "f1": scores.lax_f1},
        "non_null": {"precision": scores.non_null_precision, "recall": scores.strict_recall, "f1": scores.non_null_f1},
        "nulls": {
            "gold": scores.nulls,
            "test": scores.test_nulls,
            "found": scores.nulls_found,
            "recall": scores.null_recall,
            "precision": scores.null_precision,
            "recall_interval": spread.null_recall and list(spread.null_recall),
            "precision_interval": spread.null_precision and list(spread.null_precision),
        },
        "gold_links": scores.gold_links,
        "test_beads": scores.test,
    }


def _figures(name: str, precision: float, recall: float, f1: float) -> str:
    return f"{name:<18}{precision:>10.3f}{recall:>10.3f}{f1:>10.3f}"


def _rate(rate: float, interval: Interval | None) -> str:
    return f" ({rate:.3f}; 95 %: {_range(interval)})" if interval else f" ({rate:.3f})"


def _range(interval: Interval) -> str:
    return f"{interval[0]:.3f}–{interval[1]:.3f}"


def _counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
