"""How far the review of a corpus is: as a whole, by reviewer and by document.

Figures are of beads, as in the widget: a unit counts at each of its places.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from aligner.corpus import STATUSES, UNREVIEWED, Corpus, listing
from aligner.corpus.tables import ACCEPTED, REJECTED
from aligner.reviewing.documents import Listed, documents
from aligner.reviewing.progress import ONE_BY_ONE, Agreement, agreements, pace


@dataclass(frozen=True, slots=True)
class ReviewerWork:
    """What one reviewer has decided."""

    name: str
    by_status: dict[str, int]
    """Beads by what this reviewer says of them now; what they took back is left out."""
    per_hour: float | None
    """Decisions in an hour of work; None before the second one."""
    last: str
    """When they decided last; UTC, ISO 8601."""


@dataclass(frozen=True, slots=True)
class Overview:
    """How far a corpus is reviewed."""

    beads: int
    by_status: dict[str, int]
    conflicts: int
    """Beads that one reviewer accepted and another rejected, and that nobody has settled."""
    reviewers: tuple[ReviewerWork, ...]
    documents: tuple[Listed, ...]
    agreement: tuple[Agreement, ...]


def overview(corpus: Corpus) -> Overview:
    """How far the review of the corpus is now."""
    with corpus.reading() as connection:
        work, judged, conflicts = listing.work_done(connection), listing.judged_by_several(connection), listing.conflicts(connection)
        entries = listing.entries(connection)
    statuses, places = Counter(entry.status for entry in entries), Counter(entry.unit for entry in entries)
    return Overview(
        statuses.total(),
        {status: statuses[status] for status in STATUSES},
        sum(places[unit] for unit in conflicts),
        _reviewers(work, places),
        tuple(documents(corpus)),
        agreements(judged, (ACCEPTED, REJECTED)),
    )


def _reviewers(work: Sequence[Any], places: Mapping[str, int]) -> tuple[ReviewerWork, ...]:
    """Everybody who decided on something, in the order of their names; `places`: how many beads are of each unit."""
    said: dict[str, dict[str, str]] = defaultdict(dict)
    times: dict[str, dict[str, bool]] = defaultdict(dict)
    for decision in work:
        said[decision.reviewer][decision.unit] = decision.status
        times[decision.reviewer][decision.at] = decision.kind in ONE_BY_ONE
    return tuple(
        ReviewerWork(
            name,
            _counted((status, places[unit]) for unit, status in said[name].items() if status != UNREVIEWED),
            pace([at for at, one_by_one in times[name].items() if one_by_one]),
            max(times[name]),
        )
        for name in sorted(said)
    )


def _counted(rows: Iterable[tuple[str, int]]) -> dict[str, int]:
    """How many rows have each status that some have."""
    counts = Counter[str]()
    for status, number in rows:
        counts[status] += number
    return {status: number for status, number in counts.items() if number}
