"""Pairs of French and English that people labelled for each kind of annotation, and how a rule does on them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from aligner.annotations import KINDS, RULES
from aligner.annotations.pair import Pair
from aligner.types import TranslationUnit

CASES = Path(__file__).parent / "data" / "annotations"
WRITTEN_FIRST, HELD_OUT = "written first", "held out"
"""Half of the pairs were written before the rules, the other half after them."""


@dataclass(frozen=True, slots=True)
class Case:
    """A labelled pair of French and English."""

    part: str
    is_wrong: bool
    unit: TranslationUnit


@dataclass(frozen=True, slots=True)
class Score:
    """How a rule did on cases."""

    wrong: int
    right: int
    found: int
    """Of those that are wrong."""
    alarms: int
    """Of those that are right."""

    @property
    def precision(self) -> float:
        """0..1: of what is marked, how much is wrong."""
        marked = self.found + self.alarms
        return self.found / marked if marked else 1.0

    @property
    def recall(self) -> float:
        """0..1: of what is wrong, how much is marked."""
        return self.found / self.wrong if self.wrong else 1.0


def cases(kind: str) -> list[Case]:
    """The labelled pairs of a kind."""
    lines = (CASES / f"{kind}.tsv").read_text(encoding="utf-8").rstrip("\n").split("\n")[1:]
    rows = (line.split("\t") for line in lines)
    return [Case(part, label == "wrong", TranslationUnit("fr", "en", source, target)) for part, label, source, target in rows]


def score(kind: str, part: str) -> Score:
    """How the rule of a kind does on its labelled pairs."""
    rule = RULES[KINDS.index(kind)]
    own = [case for case in cases(kind) if case.part == part]
    marked = [(case.is_wrong, rule.find(Pair.of(case.unit)) is not None) for case in own]
    wrong = sum(is_wrong for is_wrong, _ in marked)
    found = sum(is_wrong and is_marked for is_wrong, is_marked in marked)
    return Score(wrong, len(marked) - wrong, found, sum(is_marked for _, is_marked in marked) - found)
