"""What a reviewer is shown: the beads that a filter lets through, in an order, and a cursor on one of them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Any

from sqlalchemy import Connection

from aligner.annotations import KINDS
from aligner.corpus import Corpus, actions, listing
from aligner.corpus.annotating import annotated_with
from aligner.corpus.listing import Touched
from aligner.corpus.placing import Place
from aligner.corpus.store import check_status
from aligner.errors import ReviewError
from aligner.reviewing.bookmarks import Bookmark
from aligner.reviewing.filters import DOUBT, EDITED, EVERYTHING, RESTRUCTURED, Filter
from aligner.reviewing.keys import place_of
from aligner.reviewing.order import Order
from aligner.reviewing.replacing import Pattern, Replacement
from aligner.reviewing.rows import Row, Rows, document_name
from aligner.reviewing.sampling import Sample
from aligner.reviewing.wordings import Wordings
from aligner.types import normalised


class View:
    """A reviewer's view of a corpus; it goes on where the reviewer's last one stopped."""

    def __init__(self, corpus: Corpus, reviewer: str) -> None:
        if not any(map(str.isalnum, reviewer)):
            raise ReviewError(f"a reviewer's name was wanted, not {reviewer!r}: decisions are kept with the name of who made them")
        self.corpus, self.reviewer = corpus, reviewer.strip()
        self.cursor = 0
        self.filter, self.order = EVERYTHING, DOUBT
        self._rows = Rows(corpus, self.reviewer)
        self._wordings = Wordings()
        self._samples: tuple[Sample, ...] = ()
        self._left = ""
        self._seen = 0
        self._order = Order((), set(), set())
        self._load()
        self._take_up()

    @property
    def total(self) -> int:
        """How many beads the view shows."""
        return len(self._order.shown)

    @property
    def keys(self) -> list[str]:
        """The beads of the view, in its order."""
        return [self._order.key(number) for number in range(self.total)]

    @property
    def counts(self) -> dict[str, int]:
        """How many of all beads have each status, as far as this view has looked; cheap enough to be asked at every key."""
        return self._order.counts()

    @property
    def is_sorted(self) -> bool:
        """Whether the view is in its order; what a reviewer changes stays where it is until the next doubtful bead is asked for."""
        return self._order.is_sorted

    def view(self, wanted: Filter = EVERYTHING, order: str = DOUBT, *, near: str = "") -> None:
        """Show the beads that the filter lets through; the cursor stays on its bead where that is among them, though nothing was shown
        meanwhile, or goes back to the one with the key `near`, or what follows it.

        Doubtful first, those of documents assigned to this reviewer before all others; or as they stand in the documents. What was drawn
        at random stands as it was drawn.
        Raises ReviewError for an unknown order, flag or status.
        """
        for status in wanted.status:
            check_status(status)
        self._left = self._here()
        with self.corpus.reading() as connection:
            listed = listing.alignments_listed(connection)
            units = self._chosen(connection, wanted)
            own = listing.decided_by_one(connection, self.reviewer) if wanted.open_to_me else set()
            flagged = self._flagged(connection, wanted)
        mine = [row.id for row in listed if row.reviewer == self.reviewer]
        documents = [row.id for row in listed if _is_named(row, wanted.document)]
        chosen = self._order.matching(wanted, documents, mine, units, flagged)
        drawn = self._drawn() if wanted.sampled else []
        self._order.arrange(self._order.without(chosen, own) if own else chosen, order, mine, drawn)
        self.filter, self.order = wanted, order
        self.cursor = self._order.near(near) if near else (self._order.find(self._left) if self._left else None) or 0

    def rows(self, start: int, count: int) -> list[Row]:
        """The rows of the view from `start` on."""
        numbers = range(max(0, start), min(self.total, start + count))
        return self._rows.read([self._order.key(number) for number in numbers], self._order)

    def row(self, key: str) -> Row:
        """One bead, shown or not. Raises ReviewError where it is not there."""
        found = self._rows.read([key], self._order)
        if not found:
            raise ReviewError("this row is not there any more: somebody has changed it")
        return found[0]

    def rows_of(self, keys: Sequence[str]) -> list[Row]:
        """Those of these beads that are there."""
        return self._rows.read(keys, self._order)

    def context(self, key: str, before: int = 2, after: int = 2) -> tuple[list[Row], list[Row]]:
        """The neighbours of a bead in its document, whatever the view shows."""
        return self.contexts([key], before, after)[key]

    def contexts(self, keys: Iterable[str], before: int = 2, after: int = 2) -> dict[str, tuple[list[Row], list[Row]]]:
        """The neighbours of several beads, read at once."""
        near = {key: self._neighbours(key, before, after) for key in keys}
        rows = {row.key: row for row in self.rows_of(list(dict.fromkeys(one for sides in near.values() for side in sides for one in side)))}
        return {key: ([rows[one] for one in above], [rows[one] for one in below]) for key, (above, below) in near.items()}

    def go(self, to: str | int) -> int | None:
        """Move the cursor, and say where it is; None, and it stays, where there is nothing to go to.

        to: a number from 0, a key, or next_ or previous_ with doubtful, unreviewed, other (not 1-1), flagged, conflict or changed.
        Whoever asks for the doubtful has what changed since the view was made put where it belongs first; the cursor stays on its bead.
        """
        number: int | None
        if isinstance(to, int):
            number = min(max(to, 0), self.total - 1) if self.total else None
        elif to.startswith(("next_", "previous_")):
            step, _, kind = to.partition("_")
            number = self._next(kind, back=step == "previous") if self.total else None
        else:
            number = self._order.find(to)
        if number is not None:
            self.cursor = number
        return number

    def _next(self, kind: str, *, back: bool) -> int | None:
        if kind != "doubtful" or self.is_sorted:
            return self._order.next(kind, self.cursor, back=back)
        self.cursor, number = self._order.next_doubtful(self.cursor, back=back)
        return number

    def keep_place(self) -> None:
        """Remember filter, order and cursor for the next session, as every action does too."""
        with self.corpus.writing() as connection:
            actions.keep_place(connection, self.reviewer, self._bookmark().as_json())

    def search(self, pattern: Pattern) -> list[str]:
        """The beads of the view that hold the pattern, in its order."""
        return [self._order.key(place) for place in self.places(pattern)]

    def places(self, pattern: Pattern) -> list[int]:
        """The same as numbers in the view."""
        is_in = pattern.finder()
        found = {unit for unit, sides in self._unit_texts().items() if is_in(sides)}
        return [place for place, unit in enumerate(self._order.shown_units()) if unit in found]

    def preview(self, pattern: Pattern, replacement: str, keys: Iterable[str] | None = None) -> list[Replacement]:
        """What replacing every find would do to the beads of the view, or to some of them."""
        wanted, texts = None if keys is None else set(keys), self._unit_texts()
        changes = []
        for key, unit in zip(self.keys, self._order.shown_units(), strict=True):
            if wanted is None or key in wanted:
                source, target = pattern.replaced(texts[unit], replacement)
                after = normalised(source), normalised(target)
                if after != texts[unit]:
                    changes.append(Replacement(key, texts[unit], after))
        return changes

    def changes(self) -> bool:
        """Whether others changed something since the last look; what they did is shown from now on."""
        with self.corpus.reading() as connection:
            last = listing.last_action(connection)
            if last == self._seen:
                return False
            touched = listing.touched_since(connection, self._seen)
            if not touched.at_large:
                self._catch_up(connection, touched)
        self._seen = last
        if touched.at_large:
            here = self._here()
            self._load()
            self.view(self.filter, self.order)
            self.cursor = self._order.near(here) if here else 0
        return True

    def _catch_up(self, connection: Connection, touched: Touched) -> None:
        """Bring what is shown up to date where it stands: nothing moves away from under the reviewer's eyes."""
        here = self._here()
        for alignment in sorted(touched.alignments):
            rows = listing.entries_in(connection, alignment)
            there = {(row.alignment, row.position): (row.unit, row.probability or 0.0) for row in rows}
            known = self._order.beads_in(alignment)
            gone = [place for place, bead in known.items() if there.get(place) != bead]
            come = [row for row in rows if known.get(place := (row.alignment, row.position)) != there[place]]
            units = [row.unit for row in come]
            self._order.replace(gone, come, listing.conflicts(connection, units), listing.commented(connection, units))
        self._refresh(connection, [(row.alignment, row.position) for row in listing.places_of(connection, touched.units)], touched.units)
        self.cursor = self._order.near(here) if here else 0

    def _refresh(self, connection: Connection, places: Iterable[Place], units: Iterable[str]) -> None:
        entries = listing.entries_at(connection, places)
        units = list(units)
        self._order.refresh(entries, listing.conflicts(connection, units), listing.commented(connection, units))

    def _neighbours(self, key: str, before: int, after: int) -> tuple[list[str], list[str]]:
        alignment, position = place_of(key)
        positions = self._order.positions(alignment)
        here = int(positions.searchsorted(position))
        if here == len(positions) or positions[here] != position:
            raise ReviewError("this row is not there any more: somebody has changed it")
        above, below = positions[max(0, here - before) : here], positions[here + 1 : here + 1 + after]
        sides = [self._order.keys_at((alignment, float(one)) for one in some) for some in (above, below)]
        return sides[0], sides[1]

    def _unit_texts(self) -> dict[str, tuple[str, str]]:
        with self.corpus.reading() as connection:
            return self._wordings.of(connection, set(self._order.shown_units()))

    def _chosen(self, connection: Connection, wanted: Filter) -> set[str] | None:
        """The units that the filter names by their texts, or as drawn; None where it does not."""
        chosen = None
        if wanted.sampled:
            chosen = set(self._drawn())
        if wanted.text:
            text = wanted.text.casefold()
            units = self._wordings.of(connection, self._order.units())
            holding = {unit for unit, texts in units.items() if any(text in side.casefold() for side in texts)}
            chosen = holding if chosen is None else chosen & holding
        return chosen

    def _drawn(self) -> list[str]:
        """All units that were drawn at random, in the order in which they were."""
        return list(dict.fromkeys(unit for sample in self._samples for unit, _ in sample.drawn))

    def _flagged(self, connection: Connection, wanted: Filter) -> dict[str, Collection[Place]]:
        """The beads with each flag that the filter names and that only the corpus knows."""
        flagged: dict[str, Collection[Place]] = {
            kind: self._order.places_of(annotated_with(connection, kind)) for kind in wanted.flags.intersection(KINDS)
        }
        if not wanted.flags.isdisjoint({EDITED, RESTRUCTURED}):
            made = set(self._order.made())
            edited = self._rows.edited(connection, made)
            flagged |= {EDITED: edited, RESTRUCTURED: made - edited}
        return flagged

    def _load(self) -> None:
        with self.corpus.reading() as connection:
            self._seen = listing.last_action(connection)
            self._order = Order(listing.entries(connection), listing.conflicts(connection), listing.commented(connection))

    def _take_up(self) -> None:
        """Go where the reviewer was last."""
        with self.corpus.reading() as connection:
            place = listing.bookmark(connection, self.reviewer)
        if place is None:
            self.view()
            self.cursor = 0
            return
        bookmark = Bookmark.of(place)
        self._samples = bookmark.samples
        self.view(bookmark.filter, bookmark.order)
        self._left = bookmark.key
        if bookmark.key:
            self.cursor = self._order.near(bookmark.key)

    def _bookmark(self) -> Bookmark:
        return Bookmark(self.filter, self.order, self._here(), self._samples)

    def _here(self) -> str:
        """The key of the bead under the cursor, or of that where the reviewer was before nothing was shown; empty at the beginning."""
        return self._order.key(self.cursor) if self.total else self._left


def _is_named(row: Any, document: int | str | None) -> bool:
    return row.id == document if isinstance(document, int) else (document or "") in document_name(row.source_name, row.target_name)
