"""A reviewer's action: one transaction, on disk when the call returns, and then shown; undo and redo have no limit."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection

from aligner.corpus import Corpus, actions, listing
from aligner.corpus.actions import Act, Recorded
from aligner.reviewing import wording
from aligner.reviewing.keys import key_of
from aligner.reviewing.viewing import View

_OF_MANY = frozenset(("bulk", "import"))
"""Kinds of actions on rows anywhere: the reviewer stays at the row where they are, when one is done or taken back."""


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


class Acting(View):
    """A reviewer's view of a corpus, and what all that is done there has in common.

    reviewer: a name, the same each time. tool: from where (notebook, spreadsheet, …). Raises CorpusError as Corpus does.
    """

    def __init__(self, corpus: Corpus, *, reviewer: str, tool: str = "python") -> None:
        super().__init__(corpus, reviewer)
        self.tool = tool

    def undo(self) -> Done:
        """Take back what this reviewer did last. Raises ReviewError where there is nothing, or others have built on it."""
        return self._reverse(actions.undo, "undone")

    def redo(self) -> Done:
        """Bring back what this reviewer undid last."""
        return self._reverse(actions.redo, "done again")

    def _act(self, kind: str, prepare: Callable[[Connection], dict[str, Any]], message: str) -> Done:
        with self.corpus.writing() as connection:
            actions.take_turn(connection)  # what is found out now must still be so when it is recorded
            recorded = actions.record(connection, Act(kind, self.reviewer, self.tool, **prepare(connection)))
            self._keep_place_of(connection, recorded)
        return self._shown(recorded, message)

    def _reverse(self, how: Callable[[Connection, str, str], Recorded], message: str) -> Done:
        with self.corpus.writing() as connection:
            recorded = how(connection, self.reviewer, self.tool)
            self._keep_place_of(connection, recorded)
        left = f"; {recorded.left} decided otherwise since, which stays" if recorded.left else ""
        return self._shown(recorded, f"{message}: {wording.action(recorded.kind, recorded.said)}{left}")

    def _keep_place_of(self, connection: Connection, recorded: Recorded) -> None:
        """Let the next session begin where an action happened, if that is in view: in its own transaction, for it may be the last."""
        gone_or_touched = (*recorded.gone, *self._order.places_of(recorded.units))
        shown = (place for place in gone_or_touched if self._order.number(place) is not None)
        seen = None if recorded.kind in _OF_MANY else next(shown, None)
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
        numbers = (number for place in (*recorded.beads, *touched) if (number := self._order.number(place)) is not None)
        first = None if recorded.kind in _OF_MANY else next(numbers, None)
        self.cursor = max(0, min(self.cursor if first is None else first, self.total - 1))
        keys = tuple(dict.fromkeys(self._order.keys_at((*recorded.beads, *touched))))
        return Done(message, keys, self.cursor, bool(recorded.gone or recorded.beads))
