"""One reviewer at work on one corpus: what is shown, where the cursor stands, and what the reviewer does.

Everything that is done is one action in one transaction, and on disk when the call returns; undo and redo have no limit, and
go on where an earlier session stopped. Nothing here draws: the notebook widget, spreadsheets and tests all use this.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import chain
from typing import Any

from sqlalchemy import Connection

from aligner.annotations import KINDS
from aligner.corpus import UNREVIEWED, actions, listing
from aligner.corpus.actions import Verdict
from aligner.corpus.annotating import annotated_with
from aligner.corpus.store import check_status
from aligner.corpus.tables import ACCEPTED, FLAGGED, REJECTED
from aligner.errors import ReviewError
from aligner.reviewing import restructuring, wording
from aligner.reviewing.acting import Done
from aligner.reviewing.filters import DOCUMENT, Filter
from aligner.reviewing.mending import Mending
from aligner.reviewing.progress import ONE_BY_ONE, Progress, agreements, pace
from aligner.reviewing.rows import Found
from aligner.reviewing.sampling import LEAST_CHECKED, SAMPLE, Bulk, Links, Sample, bulk, draw, drawn_from

REASONS = {
    "unrelated": "the two have nothing to do with each other",
    "misaligned": "the boundaries are wrong",
    "partial": "one side says more than the other",
    "mistranslation": "the translation is wrong",
    "wrong_language": "a side is in another language",
    "untranslated": "a side is a copy of the other",
    "nonsense": "no text worth keeping",
    "duplicate": "it is there already",
    "other": "something else",
}
"""Why a unit is rejected: codes and what they mean."""


class ReviewSession(Mending):
    """A reviewer's view of a corpus, and their hands: what they decide, beside what they mend, undo and look at.

    reviewer: a name, the same each time. tool: from where (notebook, spreadsheet, …). Raises CorpusError as Corpus does.
    """

    # What is decided

    def decide(self, keys: str | Iterable[str], status: str, reason: str = "") -> Done:
        """Say of these beads that they are accepted, rejected, flagged or unreviewed, as one action.

        A null bead is accepted where its segment has no counterpart indeed. Raises ReviewError for an unknown reason.
        """
        check_status(status)
        if reason and reason not in REASONS:
            raise ReviewError(f"there is no reason {reason!r}: it is one of {', '.join(REASONS)}")
        keys = [keys] if isinstance(keys, str) else list(keys)
        if not keys:
            raise ReviewError("no row was given to decide on")
        return self._act("decide", lambda connection: self._verdicts(connection, keys, status, reason), wording.decided(status, len(keys)))

    def mark_null(self, key: str) -> Done:
        """Say that a bead's segments have no counterpart: take it apart, and accept what that gives."""
        if "null" in self.row(key).flags:
            return replace(self.decide(key, ACCEPTED), message=wording.NO_COUNTERPART)
        return self._change("null", [key], lambda held, texts: restructuring.unlinked(held[0], texts), wording.NO_COUNTERPART, accept=True)

    def assign(self, alignment: int, reviewer: str) -> None:
        """Let a document be a reviewer's, who sees theirs first; nobody's where the name is empty."""
        with self.corpus.writing() as connection:
            actions.assign(connection, alignment, reviewer)

    def comment(self, key: str, text: str) -> Done:
        """Say something of a unit, for whoever looks at it next."""
        said = text.strip()
        if not said:
            raise ReviewError("an empty comment says nothing")
        return self._act("comment", lambda connection: {"comments": [(self._found(connection, key).held.bead.unit, said)]}, "commented")

    # Many at once

    def bulk(self, probability: float, *, annotated: bool = True) -> Bulk:
        """What accepting every undecided link of this probability or more would mean, and what the samples say of it.

        Links that were made in review are left out: who made them did not say that they are right, and the samples say nothing of them.
        So are, unless `annotated`, those in whose texts something may be wrong.
        """
        with self.corpus.reading() as connection:
            marked = _marked(connection)
            drawn = drawn_from(self._samples, probability, None if annotated else marked.keys())
            standing = listing.statuses_of(connection, drawn)
        found, made = (self._order.undecided_links(probability, made=made) for made in (False, True))
        doubtful = [marked[unit] for _, unit, _ in found if unit in marked]
        kinds = dict(Counter(chain.from_iterable(doubtful)).most_common())
        count = len(found) if annotated else len(found) - len(doubtful)
        return bulk(probability, Links(count, len(made), len(doubtful), kinds, not annotated), drawn, standing)

    def draw(self, probability: float, size: int = SAMPLE, *, annotated: bool = True, seed: int | None = None) -> int:
        """Draw a random sample of those links, show it, in random order, and say how many it has."""
        links = [(unit, at) for _, unit, at in self._undecided(probability, annotated=annotated)]
        if size < 1:
            raise ReviewError(f"one row or more was wanted to draw at random, not {size}")
        if not links:
            raise ReviewError(f"there is no undecided row of two sides with a probability of {probability:g} or more")
        drawn = draw(links, size, seed=seed)
        self._samples = (*self._samples, Sample(probability, drawn, annotated))
        self.view(Filter(sampled=True, status=frozenset({UNREVIEWED, FLAGGED})), DOCUMENT)  # a flagged one waits for a decision too
        self.cursor = 0
        self.keep_place()
        return len(drawn)

    def accept_above(self, probability: float, *, annotated: bool = True, unchecked: bool = False) -> Done:
        """Accept every undecided link of this probability or more that the aligner made, as one action; `annotated` as in `bulk`.

        Raises ReviewError where no random sample of them has been checked, unless `unchecked`.
        """
        state = self.bulk(probability, annotated=annotated)
        if not (unchecked or state.is_checked):
            raise ReviewError(
                f"a random sample of the {state.links.count} rows is to be checked first: {state.checked} are, and {state.pending} drawn "
                f"ones wait, {state.passed_over} of them passed over; at least {LEAST_CHECKED} are wanted, and none passed over"
            )
        keys = [key for key, _, _ in self._undecided(probability, annotated=annotated)]
        return self._decide_many(keys, ACCEPTED, "")

    def decide_shown(self, status: str, reason: str = "") -> Done:
        """Say the same of every bead that the view shows, such as all of one document or source."""
        check_status(status)
        return self._decide_many(self.keys, status, reason)

    # How far it is

    def stats(self) -> Progress:
        """How far the corpus is reviewed, how fast this reviewer is, and how reviewers agree."""
        with self.corpus.reading() as connection:
            work = listing.work_done(connection)
            judged, torn = listing.judged_by_several(connection), listing.conflicts(connection)
        counts = self.counts
        mine = [row for row in work if row.reviewer == self.reviewer]
        times = dict.fromkeys(row.at for row in mine if row.kind in ONE_BY_ONE)
        said = {row.unit: row.status for row in mine}
        decided = {unit for unit, status in said.items() if status != UNREVIEWED}
        return Progress(
            beads=sum(counts.values()),
            nulls=self._order.nulls,
            by_status=counts,
            remaining=counts[UNREVIEWED],
            mine=len(self._order.places_of(decided)),
            per_hour=pace(list(times)),
            conflicts=len(self._order.places_of(torn)),
            agreement=agreements(judged, (ACCEPTED, REJECTED)),
        )

    # How it is done

    def _undecided(self, probability: float, *, annotated: bool) -> list[tuple[str, str, float]]:
        """Key, unit and probability of the links that would be accepted."""
        found = self._order.undecided_links(probability)
        if annotated:
            return found
        with self.corpus.reading() as connection:
            marked = _marked(connection)
        return [link for link in found if link[1] not in marked]

    def _decide_many(self, keys: Sequence[str], status: str, reason: str) -> Done:
        if not keys:
            raise ReviewError("there is nothing to decide on")
        return self._act("bulk", lambda connection: self._verdicts(connection, keys, status, reason), wording.decided(status, len(keys)))

    def _verdicts(self, connection: Connection, keys: Sequence[str], status: str, reason: str = "") -> dict[str, Any]:
        found = self._rows.find(connection, keys)
        torn = listing.conflicts(connection, {one.held.bead.unit for one in found})
        return {"verdicts": [_verdict(one, status, reason, settles=one.held.bead.unit in torn) for one in found]}

    def _found(self, connection: Connection, key: str) -> Found:
        return self._rows.find(connection, [key])[0]


def _marked(connection: Connection) -> dict[str, list[str]]:
    """The units in whose texts something may be wrong, with the kinds of their annotations."""
    marked = defaultdict[str, list[str]](list)
    for kind in KINDS:
        for unit in annotated_with(connection, kind):
            marked[unit].append(kind)
    return marked


def _verdict(found: Found, status: str, reason: str, *, settles: bool) -> Verdict:
    return Verdict(found.held.bead.unit, status, reason, found.seen, settles and status in (ACCEPTED, REJECTED))
