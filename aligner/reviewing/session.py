"""One reviewer at work on one corpus: what is shown, where the cursor stands, and what the reviewer does.

Everything that is done is one action in one transaction, and on disk when the call returns; undo and redo have no limit, and
go on where an earlier session stopped. Nothing here draws: the notebook widget, spreadsheets and tests all use this.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from typing import Any

from sqlalchemy import Connection

from aligner.corpus import UNREVIEWED, Corpus, actions, listing
from aligner.corpus.actions import Act, Recorded, Seen, Verdict
from aligner.corpus.beads import SIDES, TextPair
from aligner.corpus.placing import Change
from aligner.corpus.store import check_status
from aligner.corpus.tables import ACCEPTED, REJECTED
from aligner.errors import ReviewError
from aligner.reviewing import restructuring
from aligner.reviewing.order import DOUBT, EVERYTHING, Filter, Order
from aligner.reviewing.restructuring import Held, Restructured
from aligner.reviewing.rows import Found, Row, Rows, key_of, place_of

REASONS = {
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


class ReviewSession:
    """A reviewer's view of a corpus, and their hands.

    reviewer: a name, the same each time. tool: from where (notebook, spreadsheet, …). Raises CorpusError as Corpus does.
    """

    def __init__(self, corpus: Corpus, *, reviewer: str, tool: str = "python") -> None:
        if not reviewer.strip():
            raise ReviewError("a reviewer's name was wanted: decisions are kept with the name of who made them")
        self.corpus, self.reviewer, self.tool = corpus, reviewer.strip(), tool
        self.cursor = 0
        self.filter, self.order = EVERYTHING, DOUBT
        self._rows = Rows(corpus, self.reviewer)
        self._seen = 0
        self._order = Order((), set(), set())
        self._load()
        self._take_up()

    # What is shown

    @property
    def total(self) -> int:
        """How many beads the view shows."""
        return len(self._order.shown)

    @property
    def keys(self) -> list[str]:
        """The beads of the view, in its order."""
        return [key_of(self._order.place(number)) for number in range(self.total)]

    def view(self, wanted: Filter = EVERYTHING, order: str = DOUBT) -> None:
        """Show the beads that the filter lets through; the cursor stays on its bead where that is among them.

        Doubtful first, those of documents assigned to this reviewer before all others; or as they stand in the documents.
        Raises ReviewError for an unknown order, flag or status.
        """
        for status in wanted.status:
            check_status(status)
        here = self._order.place(self.cursor) if self.total else None
        with self.corpus.reading() as connection:
            mine = [row.id for row in listing.alignments_listed(connection) if row.reviewer == self.reviewer]
            units = self._with_text(connection, wanted.text) if wanted.text else None
        self._order.arrange(self._order.matching(wanted, mine, units), order, mine)
        self.filter, self.order = wanted, order
        self.cursor = (self._order.number(here) if here else None) or 0

    def rows(self, start: int, count: int) -> list[Row]:
        """The rows of the view from `start` on."""
        numbers = range(max(0, start), min(self.total, start + count))
        return self._rows.read([key_of(self._order.place(number)) for number in numbers], self._order)

    def row(self, key: str) -> Row:
        """One bead, shown or not. Raises ReviewError where it is not there."""
        found = self._rows.read([key], self._order)
        if not found:
            raise ReviewError("this bead is not there any more: somebody has changed its segments")
        return found[0]

    def rows_of(self, keys: Sequence[str]) -> list[Row]:
        """Those of these beads that are there."""
        return self._rows.read(keys, self._order)

    def context(self, key: str, before: int = 2, after: int = 2) -> tuple[list[Row], list[Row]]:
        """The neighbours of a bead in its document, whatever the view shows."""
        above, below = self._neighbours(key, before, after)
        return self._rows.read(above, self._order), self._rows.read(below, self._order)

    def go(self, to: str | int) -> int | None:
        """Move the cursor, and say where it is; None, and it stays, where there is nothing to go to.

        to: a number from 0, a key, or next_ or previous_ with doubtful, unreviewed, other (not 1-1), flagged, conflict or changed.
        """
        number: int | None
        if isinstance(to, int):
            number = min(max(to, 0), self.total - 1) if self.total else None
        elif to.startswith(("next_", "previous_")):
            step, _, kind = to.partition("_")
            number = self._order.next(kind, self.cursor, back=step == "previous") if self.total else None
        else:
            number = self._order.number(place_of(to))
        if number is not None:
            self.cursor = number
        return number

    def keep_place(self) -> None:
        """Remember filter, order and cursor for the next session, as every action does too."""
        with self.corpus.writing() as connection:
            actions.keep_place(connection, self.reviewer, self._place())

    def changes(self) -> bool:
        """Whether others changed something since the last look; what they did is shown from now on."""
        with self.corpus.reading() as connection:
            last = listing.last_action(connection)
        if last == self._seen:
            return False
        here = key_of(self._order.place(self.cursor)) if self.total else ""
        self._load()
        self.view(self.filter, self.order)
        if here and (number := self._order.number(place_of(here))) is not None:
            self.cursor = number
        return True

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
            raise ReviewError("no bead was given to decide on")
        return self._act("decide", lambda connection: self._verdicts(connection, keys, status, reason), _said(status, len(keys)))

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
            raise ReviewError(f"there is no {with_} bead in this document to merge with")
        return self._change("merge", sorted([key, *other], key=place_of), restructuring.merged, "merged")

    def link(self, key: str, other: str) -> Done:
        """Make one bead of two, however far apart they stand in their document."""
        if place_of(key)[0] != place_of(other)[0]:
            raise ReviewError("beads of different documents cannot be linked")
        if key == other:
            raise ReviewError("a bead cannot be linked to itself: mark one, go to another, and link them")
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
            return self.decide(key, ACCEPTED)
        return self._change(
            "null", [key], lambda held, texts: restructuring.unlinked(held[0], texts), "marked as without counterpart", accept=True
        )

    # What is taken back

    def undo(self) -> Done:
        """Take back what this reviewer did last. Raises ReviewError where there is nothing, or others have built on it."""
        return self._reverse(actions.undo, "undone")

    def redo(self) -> Done:
        """Bring back what this reviewer undid last."""
        return self._reverse(actions.redo, "done again")

    # How it is done

    def _act(self, kind: str, prepare: Callable[[Connection], dict[str, Any]], message: str) -> Done:
        with self.corpus.writing() as connection:
            recorded = actions.record(connection, Act(kind, self.reviewer, self.tool, **prepare(connection)))
            return self._shown(connection, recorded, message)

    def _verdicts(self, connection: Connection, keys: Sequence[str], status: str, reason: str = "") -> dict[str, Any]:
        found = self._rows.find(connection, keys)
        torn = listing.conflicts(connection, {one.held.bead.unit for one in found})
        return {"verdicts": [_verdict(one, status, reason, settles=one.held.bead.unit in torn) for one in found]}

    def _change(
        self, kind: str, keys: Sequence[str], how: Callable[[Sequence[Held], TextPair], Restructured], message: str, *, accept: bool = False
    ) -> Done:
        def prepare(connection: Connection) -> dict[str, Any]:
            found = self._rows.find(connection, keys)
            held = [one.held for one in found]
            made = how(held, self._rows.texts(found[0].alignment))
            verdicts = [
                Verdict(bead.unit, ACCEPTED, "", Seen(*found[0].documents, bead.source_spans, bead.target_spans))
                for bead in made.beads
                if accept
            ]
            change = Change(found[0].alignment, tuple(one.bead for one in held), made.beads, made.places)
            return {"changes": [change], "units": made.units, "verdicts": verdicts}

        return self._act(kind, prepare, message)

    def _reverse(self, how: Callable[[Connection, str, str], Recorded], message: str) -> Done:
        with self.corpus.writing() as connection:
            recorded = how(connection, self.reviewer, self.tool)
            left = f"; {recorded.left} decided otherwise since, which stays" if recorded.left else ""
            return self._shown(connection, recorded, f"{recorded.kind} {message}{left}")

    def _shown(self, connection: Connection, recorded: Recorded, message: str) -> Done:
        """Bring what is shown up to date with an action, and the cursor to where it happened."""
        touched = [(row.alignment, row.position) for row in listing.places_of(connection, recorded.units)]
        torn, commented = listing.conflicts(connection, recorded.units), listing.commented(connection)
        if recorded.gone or recorded.beads:
            self._order.replace(recorded.gone, listing.entries_at(connection, recorded.beads), torn, commented)
        self._order.refresh(listing.entries_at(connection, touched), torn, commented)
        if self._seen == recorded.action - 1:
            self._seen = recorded.action
        first = next((number for place in (*recorded.beads, *touched) if (number := self._order.number(place)) is not None), None)
        self.cursor = max(0, min(self.cursor if first is None else first, self.total - 1))
        actions.keep_place(connection, self.reviewer, self._place())
        keys = tuple(dict.fromkeys(key_of(place) for place in (*recorded.beads, *touched)))
        return Done(message, keys, self.cursor)

    def _found(self, connection: Connection, key: str) -> Found:
        return self._rows.find(connection, [key])[0]

    def _neighbours(self, key: str, before: int, after: int) -> tuple[list[str], list[str]]:
        alignment, position = place_of(key)
        positions = self._order.positions(alignment)
        here = int(positions.searchsorted(position))
        if here == len(positions) or positions[here] != position:
            raise ReviewError("this bead is not there any more: somebody has changed its segments")
        above, below = positions[max(0, here - before) : here], positions[here + 1 : here + 1 + after]
        return [key_of((alignment, float(one))) for one in above], [key_of((alignment, float(one))) for one in below]

    def _with_text(self, connection: Connection, text: str) -> set[str]:
        wanted = text.casefold()
        units = listing.unit_texts(connection, self._order.units())
        return {unit for unit, texts in units.items() if any(wanted in side.casefold() for side in texts)}

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
            return
        kept = dict(place["filter"])
        for name in ("status", "flags", "shapes"):
            kept[name] = frozenset(kept[name])
        self.view(Filter(**kept), place["order"])
        if place["key"] and (number := self._order.number(place_of(place["key"]))) is not None:
            self.cursor = number

    def _place(self) -> dict[str, Any]:
        kept = {name: sorted(value) if isinstance(value, frozenset) else value for name, value in asdict(self.filter).items()}
        return {"filter": kept, "order": self.order, "key": key_of(self._order.place(self.cursor)) if self.total else ""}


def _verdict(found: Found, status: str, reason: str, *, settles: bool) -> Verdict:
    return Verdict(found.held.bead.unit, status, reason, found.seen, settles and status in (ACCEPTED, REJECTED))


def _said(status: str, count: int) -> str:
    what = "open again" if status == UNREVIEWED else status
    return what if count == 1 else f"{count} {what}"
