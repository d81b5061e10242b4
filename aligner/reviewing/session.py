"""One reviewer at work on one corpus: what is shown, where the cursor stands, and what the reviewer does.

Everything that is done is one action in one transaction, and on disk when the call returns; undo and redo have no limit, and
go on where an earlier session stopped. Nothing here draws: the notebook widget, spreadsheets and tests all use this.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from sqlalchemy import Connection

from aligner.corpus import UNREVIEWED, Corpus, actions, listing
from aligner.corpus.actions import Act, Recorded, Seen, Verdict
from aligner.corpus.adding import beads_in
from aligner.corpus.beads import SIDES, TextPair
from aligner.corpus.carrying import Version
from aligner.corpus.placing import Change
from aligner.corpus.queries import statuses_in
from aligner.corpus.store import check_status
from aligner.corpus.tables import ACCEPTED, FLAGGED, REJECTED
from aligner.errors import ReviewError
from aligner.reviewing import restructuring, wording
from aligner.reviewing.filters import DOCUMENT, Filter
from aligner.reviewing.keys import key_of, place_of
from aligner.reviewing.progress import ONE_BY_ONE, Progress, agreements, pace
from aligner.reviewing.realigning import Realigner, realigned
from aligner.reviewing.replacing import Pattern
from aligner.reviewing.restructuring import Held, Restructured
from aligner.reviewing.rows import Found, Row
from aligner.reviewing.sampling import LEAST_CHECKED, SAMPLE, Bulk, bulk, draw
from aligner.reviewing.scorer import Score
from aligner.reviewing.viewing import View

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


@dataclass(frozen=True, slots=True)
class Done:
    """What an action did."""

    message: str
    """In words."""
    keys: tuple[str, ...]
    """The beads that it made or touched."""
    cursor: int
    """Where the cursor is now."""
    exchanged: bool = False
    """Whether beads took the place of others, so that rows have other numbers than before."""


class ReviewSession(View):
    """A reviewer's view of a corpus, and their hands.

    reviewer: a name, the same each time. tool: from where (notebook, spreadsheet, …). Raises CorpusError as Corpus does.
    """

    def __init__(self, corpus: Corpus, *, reviewer: str, tool: str = "python") -> None:
        super().__init__(corpus, reviewer)
        self.tool = tool

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

    def rescore(self, key: str, score: Score) -> list[Row]:
        """Store the score that was found for a bead that a reviewer made, and give its row; none where it is gone meanwhile."""
        for row in self.rows_of([key]):
            with self.corpus.writing() as connection:
                actions.score(connection, [(*place_of(key), row.unit, score.probability, score.cosine)])
            with self.corpus.reading() as connection:
                self._refresh(connection, [place_of(key)], [row.unit])
        return self.rows_of([key])

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

    # What is changed

    def edit(self, key: str, source: str, target: str) -> Done:
        """Give a unit other words; what the documents say is kept, and undo brings it back."""
        return self._change("edit", [key], lambda held, texts: restructuring.edited(held[0], (source, target), texts), "edited")

    def merge(self, key: str, with_: str = "next") -> Done:
        """Make one bead of this one and the next, or the previous, of its document."""
        above, below = self._neighbours(key, 1, 1)
        other = {"next": below, "previous": above}.get(with_)
        if not other:
            raise ReviewError(f"there is no {with_} row in this document to merge with")
        return self._change("merge", sorted([key, *other], key=place_of), restructuring.merged, "merged")

    def link(self, key: str, other: str) -> Done:
        """Make one bead of two, however far apart they stand in their document."""
        if place_of(key)[0] != place_of(other)[0]:
            raise ReviewError("rows of different documents cannot be linked")
        if key == other:
            raise ReviewError("a row cannot be linked to itself: mark one, go to another, and link them")
        return self._change("link", sorted([key, other], key=place_of), restructuring.merged, "linked")

    def split(self, key: str, source_at: int, target_at: int) -> Done:
        """Cut a bead in two, at these places of the texts shown, in characters."""
        return self._change("split", [key], lambda held, texts: restructuring.split(held[0], (source_at, target_at), texts), "split")

    def move(self, key: str, side: str, direction: str) -> Done:
        """Give the first sentence of one side to the bead above (up), or the last one to the bead below (down)."""
        if side not in SIDES or direction not in ("up", "down"):
            raise ReviewError(f"a side, source or target, and a direction, up or down, were wanted, not {side!r} and {direction!r}")
        up = direction == "up"
        above, below = self._neighbours(key, 1, 1)
        neighbour = above if up else below
        if not neighbour:
            raise ReviewError(f"there is nothing {'above' if up else 'below'} in this document")
        change = partial(restructuring.moved, side=side, up=up)
        return self._change("move", [key, *neighbour], lambda held, texts: change(*held, documents=texts), f"moved {direction}")

    def unlink(self, key: str) -> Done:
        """Take a bead apart: each of its segments is without counterpart then."""
        return self._change("unlink", [key], lambda held, texts: restructuring.unlinked(held[0], texts), "unlinked")

    def mark_null(self, key: str) -> Done:
        """Say that a bead's segments have no counterpart: take it apart, and accept what that gives."""
        if "null" in self.row(key).flags:
            return replace(self.decide(key, ACCEPTED), message=wording.NO_COUNTERPART)
        return self._change("null", [key], lambda held, texts: restructuring.unlinked(held[0], texts), wording.NO_COUNTERPART, accept=True)

    def replace(self, pattern: Pattern, replacement: str, keys: Iterable[str] | None = None) -> Done:
        """Replace every find in the beads of the view, or in some of them, as `preview` shows it: one action."""
        found = {change.key: change for change in self.preview(pattern, replacement, keys)}
        if not found:
            raise ReviewError(f"nothing to replace: {pattern.text!r} was not found")

        statuses: list[str] = []

        def prepare(connection: Connection) -> dict[str, Any]:
            changed: dict[int, list[tuple[Found, Restructured]]] = defaultdict(list)
            for key, one in zip(found, self._rows.find(connection, found), strict=True):
                made = restructuring.edited(one.held, found[key].after, self._rows.texts(one.alignment))
                changed[one.alignment].append((one, made))
                statuses.append(one.status)
            changes = []
            for alignment, made_of in changed.items():
                beads = tuple(bead for _, made in made_of for bead in made.beads)
                changes.append(Change(alignment, tuple(one.held.bead for one, _ in made_of), beads, tuple(range(len(beads)))))
            return {"changes": changes, "units": [unit for made_of in changed.values() for _, made in made_of for unit in made.units]}

        done = self._act("replace", prepare, f"replaced in {len(found)}")
        return replace(done, message=done.message + wording.withdrawn(statuses))

    def realign(self, key: str, align: Realigner) -> Done:
        """Align a bead's document again, with what `aligner.Aligner.align` does, around what is decided in it."""
        alignment, _ = place_of(key)
        with self.corpus.reading() as connection:
            version = Version(beads_in(connection, alignment), self._rows.texts(alignment))
            statuses = statuses_in(connection, alignment)
        new = realigned(alignment, version, statuses, align)  # which takes its time

        def prepare(connection: Connection) -> dict[str, Any]:
            if (beads_in(connection, alignment), statuses_in(connection, alignment)) != (version.beads, statuses):
                raise ReviewError("somebody has changed this document meanwhile: align it again")
            actions.score(
                connection, [(alignment, old.position, old.unit, float(bead.probability), bead.cosine) for old, bead in new.scores]
            )
            return {"changes": [new.change], "units": new.units} if new.change else {}

        changed = len(new.change.before) if new.change else 0
        done = self._act("realign", prepare, f"aligned anew: {changed} undecided row{'' if changed == 1 else 's'} changed")
        self._load()
        self.view(self.filter, self.order)
        return replace(done, cursor=self.cursor)

    # Many at once

    def bulk(self, probability: float) -> Bulk:
        """What accepting every undecided link of this probability or more would mean, and what the samples say of it.

        Links that were made in review are left out: who made them did not say that they are right, and the samples say nothing of them.
        """
        with self.corpus.reading() as connection:
            drawn = {unit for sample in self._samples for unit, _ in sample.drawn}
            standing = listing.statuses_of(connection, drawn)
        links, made = (len(self._order.undecided_links(probability, made=made)) for made in (False, True))
        return bulk(probability, (links, made), self._samples, standing)

    def draw(self, probability: float, size: int = SAMPLE, *, seed: int | None = None) -> int:
        """Draw a random sample of those links, show it, in random order, and say how many it has."""
        links = [(unit, at) for _, unit, at in self._order.undecided_links(probability)]
        if not links:
            raise ReviewError(f"there is no undecided row of two sides with a probability of {probability:g} or more")
        sample = draw(links, probability, size, seed=seed)
        self._samples = (*self._samples, sample)
        self.view(Filter(sampled=True, status=frozenset({UNREVIEWED, FLAGGED})), DOCUMENT)  # a flagged one waits for a decision too
        self.cursor = 0
        self.keep_place()
        return len(sample.drawn)

    def accept_above(self, probability: float, *, unchecked: bool = False) -> Done:
        """Accept every undecided link of this probability or more that the aligner made, as one action.

        Raises ReviewError where no random sample of them has been checked, unless `unchecked`.
        """
        state = self.bulk(probability)
        if not (unchecked or state.is_checked):
            raise ReviewError(
                f"a random sample of the {state.count} rows is to be checked first: {state.checked} are, "
                f"and {state.pending} drawn ones wait; at least {LEAST_CHECKED} are wanted"
            )
        keys = [key for key, _, _ in self._order.undecided_links(probability)]
        return self._decide_many(keys, ACCEPTED, "")

    def decide_shown(self, status: str, reason: str = "") -> Done:
        """Say the same of every bead that the view shows, such as all of one document or source."""
        check_status(status)
        return self._decide_many(self.keys, status, reason)

    # What is taken back

    def undo(self) -> Done:
        """Take back what this reviewer did last. Raises ReviewError where there is nothing, or others have built on it."""
        return self._reverse(actions.undo, "undone")

    def redo(self) -> Done:
        """Bring back what this reviewer undid last."""
        return self._reverse(actions.redo, "done again")

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

    def _decide_many(self, keys: Sequence[str], status: str, reason: str) -> Done:
        if not keys:
            raise ReviewError("there is nothing to decide on")
        return self._act("bulk", lambda connection: self._verdicts(connection, keys, status, reason), wording.decided(status, len(keys)))

    def _act(self, kind: str, prepare: Callable[[Connection], dict[str, Any]], message: str) -> Done:
        with self.corpus.writing() as connection:
            actions.take_turn(connection)  # what is found out now must still be so when it is recorded
            recorded = actions.record(connection, Act(kind, self.reviewer, self.tool, **prepare(connection)))
            self._keep_place_of(connection, recorded)
        return self._shown(recorded, message)

    def _verdicts(self, connection: Connection, keys: Sequence[str], status: str, reason: str = "") -> dict[str, Any]:
        found = self._rows.find(connection, keys)
        torn = listing.conflicts(connection, {one.held.bead.unit for one in found})
        return {"verdicts": [_verdict(one, status, reason, settles=one.held.bead.unit in torn) for one in found]}

    def _change(
        self, kind: str, keys: Sequence[str], how: Callable[[Sequence[Held], TextPair], Restructured], message: str, *, accept: bool = False
    ) -> Done:
        found: list[Found] = []

        def prepare(connection: Connection) -> dict[str, Any]:
            found.extend(self._rows.find(connection, keys))
            held = [one.held for one in found]
            made = how(held, self._rows.texts(found[0].alignment))
            verdicts = [
                Verdict(bead.unit, ACCEPTED, "", Seen(*found[0].documents, bead.source_spans, bead.target_spans))
                for bead in made.beads
                if accept
            ]
            change = Change(found[0].alignment, tuple(one.bead for one in held), made.beads, made.places)
            return {"changes": [change], "units": made.units, "verdicts": verdicts}

        done = self._act(kind, prepare, message)
        return done if accept else replace(done, message=message + wording.withdrawn(one.status for one in found))

    def _reverse(self, how: Callable[[Connection, str, str], Recorded], message: str) -> Done:
        with self.corpus.writing() as connection:
            recorded = how(connection, self.reviewer, self.tool)
            self._keep_place_of(connection, recorded)
        left = f"; {recorded.left} decided otherwise since, which stays" if recorded.left else ""
        return self._shown(recorded, f"{message}: {wording.action(recorded.kind, recorded.said)}{left}")

    def _keep_place_of(self, connection: Connection, recorded: Recorded) -> None:
        """Let the next session begin where an action happened, if that is in view: in its own transaction, for it may be the last."""
        gone_or_touched = (*recorded.gone, *self._order.places_of(recorded.units))
        seen = next((place for place in gone_or_touched if self._order.number(place) is not None), None)
        bookmark = self._bookmark()
        if seen is not None:
            bookmark = replace(bookmark, key=key_of(recorded.beads[0] if recorded.beads else seen, ""))
        actions.keep_place(connection, self.reviewer, bookmark.as_json())

    def _shown(self, recorded: Recorded, message: str) -> Done:
        """Bring what is shown up to date with an action that is on disk, and the cursor to where it happened; others may write again."""
        touched = self._order.places_of(recorded.units)
        with self.corpus.reading() as connection:
            if recorded.gone or recorded.beads:
                entries = listing.entries_at(connection, recorded.beads)
                units = [entry.unit for entry in entries]
                self._order.replace(recorded.gone, entries, listing.conflicts(connection, units), listing.commented(connection, units))
            self._refresh(connection, touched, recorded.units)
        if self._seen == recorded.action - 1:
            self._seen = recorded.action
        first = next((number for place in (*recorded.beads, *touched) if (number := self._order.number(place)) is not None), None)
        self.cursor = max(0, min(self.cursor if first is None else first, self.total - 1))
        keys = tuple(dict.fromkeys(self._order.keys_at((*recorded.beads, *touched))))
        return Done(message, keys, self.cursor, bool(recorded.gone or recorded.beads))

    def _found(self, connection: Connection, key: str) -> Found:
        return self._rows.find(connection, [key])[0]


def _verdict(found: Found, status: str, reason: str, *, settles: bool) -> Verdict:
    return Verdict(found.held.bead.unit, status, reason, found.seen, settles and status in (ACCEPTED, REJECTED))
