"""Alignments compared with gold: a report to read in a terminal or to keep as JSON.

The conventions are those of `aligner.scoring`.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import astuple, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from aligner.errors import InputError
from aligner.formats.beads import read_beads
from aligner.scoring import (
    Scores,
    ShapeScores,
    coverage_fault,
    expected_calibration_error,
    judged,
    log_loss,
    pooled,
    score,
    score_by_shape,
)
from aligner.types import Bead

TEST_SUFFIXES = (".beads", ".test")

_RESAMPLES = 1000
_INTERVAL_PERCENT = (2.5, 97.5)
_SEED = 0  # so that the same files always give the same interval

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Compared:
    """An alignment beside gold for the same two documents."""

    name: str
    gold: Sequence[Bead]
    test: Sequence[Bead]
    alternatives: Sequence[Bead] = ()
    """Further links that are right too."""


@dataclass(frozen=True, slots=True)
class Calibration:
    """Whether probabilities say how often beads are right; both figures are the better the smaller."""

    beads: int
    error: float
    """Expected calibration error over 15 bins of equal mass, 0..1."""
    log_loss: float
    """In nats, from 0."""


@dataclass(frozen=True, slots=True)
class Report:
    """How alignments fared against gold, pooled over documents and for each."""

    scores: Scores
    by_shape: dict[tuple[int, int], ShapeScores]
    """(source segments, target segments) of a bead → how beads of this shape fared."""
    calibration: Calibration | None
    """None where the alignments came without probabilities, which are then all 1."""
    interval: tuple[float, float] | None
    """95 % bootstrap interval of strict F1 over documents; None for fewer than two documents."""
    documents: tuple[tuple[str, Scores], ...]

    def __str__(self) -> str:
        return self.to_text()

    def to_text(self) -> str:
        """Tables for a terminal, without a final line break."""
        return "\n\n".join("\n".join(part) for part in (self._overall(), self._shapes(), self._each_document()) if part)

    def to_dict(self) -> dict[str, Any]:
        """The same as plain values for JSON; shapes are written 2-1."""
        return {
            **_as_dict(self.scores),
            "strict_f1_interval": self.interval and list(self.interval),
            "calibration": self.calibration
            and {"beads": self.calibration.beads, "error": self.calibration.error, "log_loss": self.calibration.log_loss},
            "by_shape": {
                f"{source}-{target}": {
                    "gold": shape.gold,
                    "test": shape.test,
                    "hits": shape.hits,
                    "precision": shape.precision,
                    "recall": shape.recall,
                    "f1": shape.f1,
                }
                for (source, target), shape in self.by_shape.items()
            },
            "documents": [{"name": name, **_as_dict(scores)} for name, scores in self.documents],
        }

    def _overall(self) -> Iterator[str]:
        scores = self.scores
        number = len(self.documents)
        yield f"{_counted(number, 'document')}, {_counted(scores.gold_links, 'gold link')}, {_counted(scores.test, 'bead')} to judge"
        yield ""
        yield f"{'':<18}{'precision':>10}{'recall':>10}{'F1':>10}"
        spread = f"    95 % of resamples: {self.interval[0]:.3f}–{self.interval[1]:.3f}" if self.interval else ""
        yield _figures("strict", scores.strict_precision, scores.strict_recall, scores.strict_f1) + spread
        yield _figures("lax", scores.lax_precision, scores.lax_recall, scores.lax_f1)
        yield _figures("strict, links only", scores.non_null_precision, scores.strict_recall, scores.non_null_f1)
        yield ""
        yield (
            f"nulls: {scores.nulls_found} of {scores.nulls} in gold found; "
            f"{scores.nulls_found} of {scores.test_nulls} in the test are right ({scores.null_precision:.3f})"
        )
        if self.calibration:
            yield f"probabilities: off by {self.calibration.error:.3f} on average (15 bins), log-loss {self.calibration.log_loss:.3f}"
        else:
            yield "probabilities: none given"

    def _shapes(self) -> list[str]:
        lines = [f"{'bead':<6}{'gold':>8}{'test':>8}{'right':>8}{'precision':>11}{'recall':>9}{'F1':>8}"]
        for (source, target), shape in self.by_shape.items():
            counts = f"{shape.gold:>8}{shape.test:>8}{shape.hits:>8}"
            lines.append(f"{f'{source}-{target}':<6}{counts}{shape.precision:>11.3f}{shape.recall:>9.3f}{shape.f1:>8.3f}")
        return lines

    def _each_document(self) -> list[str]:
        if len(self.documents) < 2:
            return []
        width = max(len("document"), *(len(name) for name, _ in self.documents)) + 2
        lines = [f"{'document':<{width}}{'links':>7}{'strict F1':>11}{'lax F1':>8}{'nulls found':>13}"]
        for name, scores in self.documents:
            nulls = f"{scores.nulls_found}/{scores.nulls}"
            lines.append(f"{name:<{width}}{scores.gold_links:>7}{scores.strict_f1:>11.3f}{scores.lax_f1:>8.3f}{nulls:>13}")
        return lines


def evaluate(documents: Iterable[Compared]) -> Report:
    """Score alignments; whether they cover their documents is the caller's to know."""
    documents = list(documents)
    each = [score(document.gold, document.test, document.alternatives) for document in documents]
    by_shape: dict[tuple[int, int], ShapeScores] = {}
    for document in documents:
        for shape, scores in score_by_shape(document.gold, document.test, document.alternatives).items():
            by_shape[shape] = by_shape.get(shape, ShapeScores(0, 0, 0)) + scores
    return Report(
        scores=pooled(each),
        by_shape=dict(sorted(by_shape.items())),
        calibration=_calibration(documents),
        interval=_bootstrap_interval(each),
        documents=tuple((document.name, scores) for document, scores in zip(documents, each, strict=True)),
    )


def evaluate_files(gold_paths: Sequence[str | Path], test_paths: Sequence[str | Path]) -> Report:
    """Score files of beads, the first test against the first gold and so on; DOC.alt beside DOC.gold holds its alternatives.

    Raises InputError for files that cannot be read, a gold without its test, and every test that does not hold each segment
    of its gold exactly once.
    """
    if len(gold_paths) != len(test_paths):
        raise InputError(f"a test for each gold was wanted, and {len(gold_paths)} gold, {len(test_paths)} test came: give them in pairs")
    documents, faults = [], []
    for gold_path, test_path in zip(map(Path, gold_paths), test_paths, strict=True):
        alternatives = gold_path.with_suffix(".alt")
        has_alternatives = gold_path.suffix == ".gold" and alternatives.exists()
        document = Compared(
            gold_path.stem, read_beads(gold_path), read_beads(test_path), read_beads(alternatives) if has_alternatives else ()
        )
        documents.append(document)
        if fault := _fault(document):
            faults.append(f"{test_path}: each segment of {gold_path} was wanted exactly once, but {fault}")
    if faults:
        raise InputError("\n".join(faults))
    return evaluate(documents)


def evaluate_folders(gold_folder: str | Path, test_folder: str | Path) -> Report:
    """Score DOC.beads or DOC.test of one folder against DOC.gold of another, which may be the same.

    Raises InputError as evaluate_files does, and for golds that have no test; tests that have no gold are logged as not counted.
    """
    gold_folder, test_folder = Path(gold_folder), Path(test_folder)
    golds = sorted(gold_folder.glob("*.gold"))
    if not golds:
        raise InputError(f"{gold_folder}: a folder with files DOC.gold was wanted, and there are none; check the name")
    tests = {path.stem: path for suffix in reversed(TEST_SUFFIXES) for path in sorted(test_folder.glob(f"*{suffix}"))}
    names = [path.stem for path in golds]
    if missing := [name for name in names if name not in tests]:
        wanted = " or ".join(f"{missing[0]}{suffix}" for suffix in TEST_SUFFIXES)
        more = f", nor any for {len(missing) - 1} more" if len(missing) > 1 else ""
        raise InputError(f"{test_folder}: a test for each {gold_folder}/DOC.gold was wanted, and there is no {wanted}{more}")
    if spare := sorted(tests.keys() - set(names)):
        _log.warning("%s: not counted, for there is no gold: %s", test_folder, ", ".join(spare))
    return evaluate_files(golds, [tests[name] for name in names])


def _fault(document: Compared) -> str:
    """What keeps the test from holding each segment that gold names exactly once; empty if nothing does."""
    source = {i for bead in document.gold for i in bead.source}
    target = {j for bead in document.gold for j in bead.target}
    return coverage_fault(document.test, source, target)


def _calibration(documents: Iterable[Compared]) -> Calibration | None:
    judgements = [judgement for document in documents for judgement in judged(document.gold, document.test, document.alternatives)]
    if all(probability == 1.0 for probability, _ in judgements):
        return None
    return Calibration(len(judgements), expected_calibration_error(judgements), log_loss(judgements))


def _bootstrap_interval(each: Sequence[Scores]) -> tuple[float, float] | None:
    """Where 95 % of strict F1 lie when as many documents are drawn again and again, with replacement (Koehn 2004)."""
    if len(each) < 2:
        return None
    counts = np.array([astuple(scores) for scores in each])  # int (n_documents, n_counts)
    draws = np.random.default_rng(_SEED).multinomial(len(each), np.full(len(each), 1 / len(each)), size=_RESAMPLES)
    resampled = [Scores(*row).strict_f1 for row in (draws @ counts).tolist()]
    low, high = np.percentile(resampled, _INTERVAL_PERCENT)
    return float(low), float(high)


def _as_dict(scores: Scores) -> dict[str, Any]:
    return {
        "strict": {"precision": scores.strict_precision, "recall": scores.strict_recall, "f1": scores.strict_f1},
        "lax": {"precision": scores.lax_precision, "recall": scores.lax_recall, "f1": scores.lax_f1},
        "non_null": {"precision": scores.non_null_precision, "recall": scores.strict_recall, "f1": scores.non_null_f1},
        "nulls": {
            "gold": scores.nulls,
            "test": scores.test_nulls,
            "found": scores.nulls_found,
            "recall": scores.null_recall,
            "precision": scores.null_precision,
        },
        "gold_links": scores.gold_links,
        "test_beads": scores.test,
    }


def _figures(name: str, precision: float, recall: float, f1: float) -> str:
    return f"{name:<18}{precision:>10.3f}{recall:>10.3f}{f1:>10.3f}"


def _counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
