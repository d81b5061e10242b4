"""Mending what the aligner made: other words, other boundaries, other links. Each change makes new units, to be decided on."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from sqlalchemy import Connection

from aligner.corpus import actions
from aligner.corpus.actions import Seen, Verdict
from aligner.corpus.adding import beads_in
from aligner.corpus.beads import SIDES, TextPair
from aligner.corpus.carrying import Version
from aligner.corpus.placing import Change
from aligner.corpus.queries import statuses_in
from aligner.corpus.tables import ACCEPTED
from aligner.errors import ReviewError
from aligner.reviewing import restructuring, wording
from aligner.reviewing.acting import Acting, Done
from aligner.reviewing.keys import place_of
from aligner.reviewing.realigning import Realigner, realigned
from aligner.reviewing.replacing import Pattern
from aligner.reviewing.restructuring import Held, Restructured
from aligner.reviewing.rows import Found, Row
from aligner.reviewing.scorer import Score


class Mending(Acting):
    """What a reviewer does to beads and their words."""

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

    def rescore(self, key: str, score: Score) -> list[Row]:
        """Store the score that was found for a bead that a reviewer made, and give its row; none where it is gone meanwhile."""
        for row in self.rows_of([key]):
            with self.corpus.writing() as connection:
                actions.score(connection, [(*place_of(key), row.unit, score.probability, score.cosine)])
            with self.corpus.reading() as connection:
                self._refresh(connection, [place_of(key)], [row.unit])
        return self.rows_of([key])

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
