"""How far reviewers have come, how fast they are, and how well they agree."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import combinations, pairwise

ONE_BY_ONE = frozenset(("decide", "null"))
"""Kinds of actions by which a reviewer decides on what is on the screen; others decide on many at a time, and tell no pace."""
PAUSE_S = 300
"""A longer wait between two decisions is no work."""


@dataclass(frozen=True, slots=True)
class Agreement:
    """How two reviewers agree on the units that both accepted or rejected."""

    reviewers: tuple[str, str]
    units: int
    agreed: int
    kappa: float | None
    """Agreement beyond chance (Cohen 1960): 1 for full, 0 for none; None where both gave all units one and the same status."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a corpus is reviewed, in beads: a unit counts at each of its places, as rows do."""

    beads: int
    nulls: int
    """Those of them that have no counterpart."""
    by_status: dict[str, int]
    remaining: int
    """Beads that nobody has decided on."""
    mine: int
    """Beads on which this reviewer has decided, and not taken it back."""
    per_hour: float | None
    """What this reviewer decides in an hour of work; None before the second decision."""
    conflicts: int
    """Beads on which reviewers disagree."""
    agreement: tuple[Agreement, ...]


def agreements(judged: Iterable[dict[str, str]], categories: Sequence[str]) -> tuple[Agreement, ...]:
    """Of every two reviewers that decided on the same units; `judged` holds for each unit what every reviewer says."""
    pairs: dict[tuple[str, str], Counter[tuple[str, str]]] = defaultdict(Counter)
    for said in judged:
        decided = sorted((who, what) for who, what in said.items() if what in categories)
        for (one, first), (other, second) in combinations(decided, 2):
            pairs[one, other][first, second] += 1
    return tuple(Agreement(pair, table.total(), _agreed(table), _kappa(table)) for pair, table in sorted(pairs.items()))


def pace(times: Sequence[str]) -> float | None:
    """Decisions an hour of work, from their times (ISO 8601, first to last); None where fewer than two follow each other."""
    seconds = [datetime.fromisoformat(time).timestamp() for time in times]
    steps = [later - earlier for earlier, later in pairwise(seconds) if later - earlier <= PAUSE_S]
    worked = sum(steps)
    return 3600 * len(steps) / worked if worked > 0 else None


def _agreed(table: Counter[tuple[str, str]]) -> int:
    return sum(count for (first, second), count in table.items() if first == second)


def _kappa(table: Counter[tuple[str, str]]) -> float | None:
    total = table.total()
    rows, columns = Counter[str](), Counter[str]()
    for (first, second), count in table.items():
        rows[first] += count
        columns[second] += count
    expected = sum(rows[status] * columns[status] for status in rows) / total**2
    return None if expected == 1 else (_agreed(table) / total - expected) / (1 - expected)
