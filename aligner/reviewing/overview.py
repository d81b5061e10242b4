"""How far the review of a corpus is: as a whole, by reviewer and by document."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
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
    """Units by what this reviewer says of them now; what they took back is left out."""
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
    """Units that one reviewer accepted and another rejected, and that nobody has settled."""
    reviewers: tuple[ReviewerWork, ...]
    documents: tuple[Listed, ...]
    agreement: tuple[Agreement, ...]


def overview(corpus: Corpus) -> Overview:
    """How far the review of the corpus is now."""
    with corpus.reading() as connection:
        work, judged, conflicts = listing.work_done(connection), listing.judged_by_several(connection), listing.conflicts(connection)
        statuses = Counter(entry.status for entry in listing.entries(connection))
    return Overview(
        statuses.total(),
        {status: statuses[status] for status in STATUSES},
        len(conflicts),
        _reviewers(work),
        tuple(documents(corpus)),
        agreements(judged, (ACCEPTED, REJECTED)),
    )


def _reviewers(work: Sequence[Any]) -> tuple[ReviewerWork, ...]:
    """Everybody who decided on something, in the order of their names."""
    said: dict[str, dict[str, str]] = defaultdict(dict)
    times: dict[str, dict[str, bool]] = defaultdict(dict)
    for decision in work:
        said[decision.reviewer][decision.unit] = decision.status
        times[decision.reviewer][decision.at] = decision.kind in ONE_BY_ONE
    return tuple(
        ReviewerWork(
            name,
            dict(Counter(status for status in said[name].values() if status != UNREVIEWED)),
            pace([at for at, one_by_one in times[name].items() if one_by_one]),
            max(times[name]),
        )
        for name in sorted(said)
    )
