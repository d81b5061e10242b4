"""What the page of the widget is told: rows, where they stand, and their neighbours in the documents."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, fields
from typing import Any

from aligner.reviewing.filters import DOCUMENT, Filter
from aligner.reviewing.notebook.marking import Marking, Marks
from aligner.reviewing.rows import Row
from aligner.reviewing.session import ReviewSession

Message = dict[str, Any]

_WINDOW = 32
"""Rows that go with an answer after which the page may hold none."""
_ABOVE = 12
"""So many of them stand before the cursor."""
_NEXT = 3
"""Rows from the cursor on whose neighbours go with it: what is done to a row whose neighbours the page has can be painted at once."""


class Telling:
    """Tells a page what a session shows, as JSON, with what the model has found so far."""

    def __init__(self, session: ReviewSession, marking: Marking | None) -> None:
        self._session, self._marking = session, marking

    def around_cursor(self, version: int) -> Message:
        """What stands around the cursor; version: of the order of the rows."""
        session = self._session
        view = self.window(max(0, session.cursor - _ABOVE), _WINDOW, version)
        here = session.cursor - view["first"]
        return {"view": view, **self.contexts([row["key"] for row in view["rows"][here : here + _NEXT]])}

    def window(self, first: int, count: int, version: int) -> Message:
        """So many rows from one on, and what view they are of."""
        session = self._session
        return {
            "version": version,
            "total": session.total,
            "cursor": session.cursor,
            "first": first,
            "rows": self.rows(session.rows(first, count)),
            "order": session.order,
            "context": self._shows_context(),
            "filter": session.filter.as_json(),
        }

    def contexts(self, keys: Sequence[str]) -> Message:
        """The neighbours in the document of each bead, by their keys, and the rows of all of them."""
        found = self._session.contexts(keys) if self._shows_context() else {}
        contexts = {key: [[row.key for row in side] for side in sides] for key, sides in found.items()}
        near = {row.key: row for sides in found.values() for side in sides for row in side}
        return {"contexts": contexts, "rows": self.rows(near.values())}

    def rows(self, rows: Iterable[Row]) -> list[Message]:
        """Rows as the page holds them."""
        return [as_json(row, self._marking.marks(row) if self._marking else None) for row in rows]

    def _shows_context(self) -> bool:
        """Whether the neighbours of a row in its document are not its neighbours in the view already."""
        session = self._session
        return session.order != DOCUMENT or session.filter != Filter(document=session.filter.document)


def as_json(row: Row, marks: Marks | None) -> Message:
    """A row as the page holds it; marks None where they are not known yet."""
    sent = {field.name: getattr(row, field.name) for field in fields(row)}
    return {**sent, "comments": [asdict(comment) for comment in row.comments], "marks": marks}
