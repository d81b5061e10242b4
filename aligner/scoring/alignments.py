"""Strict and lax scores of an alignment against gold.

The conventions are vecalign's (Thompson & Koehn 2019), made stricter:

- A null bead of several segments counts as as many nulls of one segment, in gold and in the test.
- Strict: the identical bead is in the other side. Lax: some source and some target segment of the bead are linked there.
- Precision is over all test beads, nulls included; recall is over the gold beads that are no nulls.
- Alternatives are further links that are right too. A test bead that is an alternative and not gold leaves the account, with every
  gold bead that it displaces and the test nulls that follow from it.

Scores of documents add up: `pooled` sums the counts, so that long documents weigh more than short ones.
"""

from __future__ import annotations

import operator
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, fields
from functools import reduce

from aligner.scoring.calibration import Judgement
from aligner.scoring.rates import harmonic_mean, share
from aligner.types import Bead

_Key = tuple[tuple[int, ...], tuple[int, ...]]


@dataclass(frozen=True, slots=True)
class Scores:
    """Counts of beads, from which precision, recall and F1 follow: 0..1, more is better, 0 where there is nothing to count."""

    test: int = 0
    """Test beads, nulls included: what precision is over."""
    strict_hits: int = 0
    lax_hits: int = 0
    gold_links: int = 0
    """Gold beads that are no nulls: what recall is over."""
    strict_found: int = 0
    lax_found: int = 0
    test_links: int = 0
    """Test beads that are no nulls: what non-null precision is over."""
    strict_link_hits: int = 0
    nulls: int = 0
    """Gold segments that have no counterpart."""
    nulls_found: int = 0
    test_nulls: int = 0

    def __add__(self, other: Scores) -> Scores:
        return Scores(*(getattr(self, field.name) + getattr(other, field.name) for field in fields(self)))

    @property
    def strict_precision(self) -> float:
        """Share of the test beads that are gold beads."""
        return share(self.strict_hits, self.test)

    @property
    def strict_recall(self) -> float:
        """Share of the gold links that are test beads."""
        return share(self.strict_found, self.gold_links)

    @property
    def strict_f1(self) -> float:
        """Harmonic mean of strict precision and recall."""
        return harmonic_mean(self.strict_precision, self.strict_recall)

    @property
    def lax_precision(self) -> float:
        """Share of the test beads that gold links at least in part."""
        return share(self.lax_hits, self.test)

    @property
    def lax_recall(self) -> float:
        """Share of the gold links that the test links at least in part."""
        return share(self.lax_found, self.gold_links)

    @property
    def lax_f1(self) -> float:
        """Harmonic mean of lax precision and recall."""
        return harmonic_mean(self.lax_precision, self.lax_recall)

    @property
    def non_null_precision(self) -> float:
        """Strict precision over the test beads that are no nulls."""
        return share(self.strict_link_hits, self.test_links)

    @property
    def non_null_f1(self) -> float:
        """Harmonic mean of non-null precision and strict recall."""
        return harmonic_mean(self.non_null_precision, self.strict_recall)

    @property
    def null_recall(self) -> float:
        """Share of gold's null segments that the test leaves null."""
        return share(self.nulls_found, self.nulls)

    @property
    def null_precision(self) -> float:
        """Share of the test's null segments that gold leaves null."""
        return share(self.nulls_found, self.test_nulls)


@dataclass(frozen=True, slots=True)
class ShapeScores:
    """How beads of one shape fared, such as 2-1."""

    gold: int
    test: int
    hits: int
    """Beads in both gold and test."""
    promised: float
    """The sum of the test beads' probabilities: how many hits they promise."""

    def __add__(self, other: ShapeScores) -> ShapeScores:
        return ShapeScores(self.gold + other.gold, self.test + other.test, self.hits + other.hits, self.promised + other.promised)

    @property
    def precision(self) -> float:
        """Share of the test beads of this shape that are gold beads, 0..1."""
        return share(self.hits, self.test)

    @property
    def recall(self) -> float:
        """Share of the gold beads of this shape that are test beads, 0..1."""
        return share(self.hits, self.gold)

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall, 0..1."""
        return harmonic_mean(self.precision, self.recall)


def score(gold: Iterable[Bead], test: Iterable[Bead], alternatives: Iterable[Bead] = ()) -> Scores:
    """The counts of one document pair; probabilities do not matter."""
    return pooled(score_by_stretch(gold, test, alternatives))


def score_by_stretch(gold: Iterable[Bead], test: Iterable[Bead], alternatives: Iterable[Bead] = ()) -> list[Scores]:
    """The counts of one document pair, for each stretch of it apart; they add up to those of `score`.

    A stretch is what is cut at every point where gold and test agree: the beads of both sides that are connected by common
    segments. So what one mistake costs, both sides of a boundary, stays together.
    """
    gold_keys, settled = _settle(gold, test, alternatives)
    return [_scores(some_gold, some_test) for some_gold, some_test in _stretches(gold_keys, list(settled))]


def _scores(gold_keys: list[_Key], test_keys: list[_Key]) -> Scores:
    gold_links, gold_nulls = _links(gold_keys), set(gold_keys) - set(_links(gold_keys))
    test_links, test_nulls = _links(test_keys), set(test_keys) - set(_links(test_keys))
    strict_hits, lax_hits = _hits(gold_keys, test_keys)
    strict_found, lax_found = _hits(test_links, gold_links)
    return Scores(
        test=len(test_keys),
        strict_hits=strict_hits,
        lax_hits=lax_hits,
        gold_links=len(gold_links),
        strict_found=strict_found,
        lax_found=lax_found,
        test_links=len(test_links),
        strict_link_hits=_hits(gold_links, test_links)[0],
        nulls=len(gold_nulls),
        nulls_found=len(gold_nulls & test_nulls),
        test_nulls=len(test_nulls),
    )


def pooled(scores: Iterable[Scores]) -> Scores:
    """The scores of all documents as of one."""
    return reduce(operator.add, scores, Scores())


def score_by_shape(gold: Iterable[Bead], test: Iterable[Bead], alternatives: Iterable[Bead] = ()) -> dict[tuple[int, int], ShapeScores]:
    """(source segments, target segments) of a bead → how beads of this shape fared in one document pair, by growing shape."""
    gold_keys, settled = _settle(gold, test, alternatives)
    in_gold, in_test = Counter(map(_shape, gold_keys)), Counter(map(_shape, settled))
    in_both = Counter(_shape(key) for key in gold_keys if key in settled)
    promised: defaultdict[tuple[int, int], float] = defaultdict(float)
    for key, probability in settled.items():
        promised[_shape(key)] += probability
    return {shape: ShapeScores(in_gold[shape], in_test[shape], in_both[shape], promised[shape]) for shape in sorted(in_gold | in_test)}


def judged(gold: Iterable[Bead], test: Iterable[Bead], alternatives: Iterable[Bead] = ()) -> list[Judgement]:
    """(probability, whether the bead is in gold) of each test bead, nulls included: what calibration is measured on."""
    gold_keys, settled = _settle(gold, test, alternatives)
    right = set(gold_keys)
    return [(probability, key in right) for key, probability in settled.items()]


def coverage_fault(beads: Iterable[Bead], source: Collection[int], target: Collection[int]) -> str:
    """What keeps the beads from holding each of the source and target segments once, the first few by number; empty if nothing does."""
    beads = list(beads)
    faults = []
    for side, wanted, sides in (("source", source, [bead.source for bead in beads]), ("target", target, [bead.target for bead in beads])):
        counts = Counter(number for numbers in sides for number in numbers)
        for fault, numbers in (
            ("missing", [number for number in wanted if number not in counts]),
            ("doubled", [number for number, count in counts.items() if count > 1]),
            ("unknown", [number for number in counts if number not in wanted]),
        ):
            if numbers:
                faults.append(f"{side} segments {fault}: {_first_few(numbers)}")
    return "; ".join(faults)


def _first_few(numbers: list[int], few: int = 5) -> str:
    shown = ", ".join(str(number) for number in sorted(numbers)[:few])
    return f"{shown} and {len(numbers) - few} more" if len(numbers) > few else shown


def _settle(gold: Iterable[Bead], test: Iterable[Bead], alternatives: Iterable[Bead]) -> tuple[list[_Key], dict[_Key, float]]:
    """Gold, and test with its probabilities, each bead once, with single nulls; where an alternative was chosen, both leave it out."""
    gold_keys = list(dict.fromkeys(key for bead in gold for key in _keys(bead)))
    settled: dict[_Key, float] = {}
    for bead in test:
        for key in _keys(bead):
            settled.setdefault(key, bead.probability)
    also_right = {key for bead in alternatives for key in _keys(bead)} - set(gold_keys)
    chosen = also_right & settled.keys()
    if not chosen:
        return gold_keys, settled
    touched = _segments(chosen)
    displaced = {key for key in gold_keys if _segments([key]) & touched}
    excused = touched | _segments(displaced)
    for key in list(settled):
        if key in chosen or (not (key[0] and key[1]) and _segments([key]) <= excused):
            del settled[key]
    return [key for key in gold_keys if key not in displaced], settled


def _stretches(gold_keys: list[_Key], test_keys: list[_Key]) -> Iterator[tuple[list[_Key], list[_Key]]]:
    """The beads of gold and test in connected groups, by union-find over their segments."""
    parent: dict[tuple[str, int], tuple[str, int]] = {}

    def root(segment: tuple[str, int]) -> tuple[str, int]:
        parent.setdefault(segment, segment)
        while parent[segment] != segment:
            parent[segment] = segment = parent[parent[segment]]
        return segment

    for key in (*gold_keys, *test_keys):
        first, *others = _segments([key])
        for other in others:
            parent[root(other)] = root(first)
    groups: defaultdict[tuple[str, int], tuple[list[_Key], list[_Key]]] = defaultdict(lambda: ([], []))
    for side, keys in enumerate((gold_keys, test_keys)):
        for key in keys:
            groups[root(next(iter(_segments([key]))))][side].append(key)
    yield from groups.values()


def _keys(bead: Bead) -> list[_Key]:
    """The bead as a link, or as nulls of one segment each."""
    if not bead.is_null:
        return [(tuple(sorted(bead.source)), tuple(sorted(bead.target)))]
    return [((i,), ()) for i in bead.source] + [((), (j,)) for j in bead.target]


def _segments(keys: Iterable[_Key]) -> set[tuple[str, int]]:
    return {segment for source, target in keys for segment in [*(("source", i) for i in source), *(("target", j) for j in target)]}


def _links(keys: Iterable[_Key]) -> list[_Key]:
    return [key for key in keys if key[0] and key[1]]


def _shape(key: _Key) -> tuple[int, int]:
    return len(key[0]), len(key[1])


def _hits(reference: Iterable[_Key], keys: Iterable[_Key]) -> tuple[int, int]:
    """How many of `keys` are in the reference: strictly, laxly."""
    exact = set(reference)
    linked: defaultdict[int, set[int]] = defaultdict(set)
    for source, target in exact:
        for number in source:
            linked[number].update(target)
    strict = lax = 0
    for key in keys:
        strict += key in exact
        lax += key in exact or any(not linked[number].isdisjoint(key[1]) for number in key[0])
    return strict, lax
