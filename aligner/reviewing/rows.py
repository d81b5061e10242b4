"""One bead as a reviewer sees it: its texts and their sentences, what was said of it, where it stands."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection

from aligner.corpus import Corpus, listing
from aligner.corpus.actions import Seen
from aligner.corpus.adding import texts_of
from aligner.corpus.annotating import annotated
from aligner.corpus.beads import Span, StoredBead, TextPair, parts_of, text_of
from aligner.corpus.placing import Place
from aligner.errors import ReviewError
from aligner.reviewing.filters import EDITED, RESTRUCTURED
from aligner.reviewing.keys import is_of_unit, place_of
from aligner.reviewing.order import Order
from aligner.reviewing.restructuring import Held

_CHARACTERS_HELD = 20_000_000
"""Of documents' texts, how much stays in memory: rows in the order of doubt come from documents all over the corpus."""


@dataclass(frozen=True, slots=True)
class Comment:
    """What somebody said of a unit."""

    reviewer: str
    at: str
    text: str


@dataclass(frozen=True, slots=True)
class Row:
    """A bead as a reviewer sees it."""

    key: str
    """Names the bead as long as it stands (`keys.py`)."""
    unit: str
    source: str
    target: str
    original: tuple[str, str] | None
    """What the documents say, where somebody edited it."""
    status: str
    reviewer: str
    """Of the decision that counts; empty where there is none."""
    at: str
    reason: str
    others: dict[str, str]
    """What every other reviewer says of it."""
    probability: float | None
    cosine: float | None
    shape: str
    flags: tuple[str, ...]
    annotations: dict[str, str]
    """What may be wrong with its texts (`aligner.annotations`): reasons by kind."""
    alignment: int
    document: str
    place: int
    """Number of the bead in its document, from 1."""
    of: int
    source_parts: tuple[Span, ...]
    """Where in `source` each of its sentences stands."""
    target_parts: tuple[Span, ...]
    comments: tuple[Comment, ...]


@dataclass(frozen=True, slots=True)
class Found:
    """A bead as the corpus holds it, for what is to be done with it."""

    alignment: int
    held: Held
    status: str
    documents: tuple[int, int]

    @property
    def seen(self) -> Seen:
        """For a decision."""
        return Seen(*self.documents, self.held.bead.source_spans, self.held.bead.target_spans)


@dataclass(frozen=True, slots=True)
class _Said:
    """What reviewers, and rules, said of some units."""

    by: Mapping[str, Mapping[str, str]]
    """The status that each gives, by unit and reviewer."""
    comments: Mapping[str, Sequence[Any]]
    torn: set[str]
    """Those that they disagree on."""
    annotations: Mapping[str, dict[str, str]]
    """What rules found in them."""


class Rows:
    """Reads rows of a corpus."""

    def __init__(self, corpus: Corpus, reviewer: str) -> None:
        self._corpus, self._reviewer = corpus, reviewer
        self._texts: dict[int, TextPair] = {}

    def read(self, keys: Sequence[str], order: Order) -> list[Row]:
        """The rows of these beads; of those that are not there any more, none."""
        with self._corpus.reading() as connection:
            found = self._details(connection, keys)
            units = {row.unit for row in found.values()}
            said = _Said(
                listing.decided_by(connection, units),
                listing.comments_on(connection, units),
                listing.conflicts(connection, units),
                annotated(connection, units),
            )
        return [self._row(key, found[key], order.positions(found[key].alignment), said) for key in keys if key in found]

    def find(self, connection: Connection, keys: Iterable[str]) -> list[Found]:
        """The beads with these keys. Raises ReviewError where one is not there any more."""
        keys = list(keys)
        rows = self._details(connection, keys)
        if len(rows) < len(set(keys)):
            raise ReviewError("somebody has changed these rows since: look at them again")
        return [
            Found(row.alignment, Held(StoredBead.of(row), (row.source, row.target)), row.status, (row.source_document, row.target_document))
            for row in (rows[key] for key in keys)
        ]

    def edited(self, connection: Connection, places: Iterable[Place]) -> set[Place]:
        """Those of these beads that say something else than the documents."""
        found = listing.details(connection, places).items()
        return {place for place, row in found if (row.source, row.target) != self._original(row.alignment, StoredBead.of(row), connection)}

    def _details(self, connection: Connection, keys: Sequence[str]) -> dict[str, Any]:
        """The beads that are there, by key."""
        places = {key: place_of(key) for key in keys}
        rows = listing.details(connection, dict.fromkeys(places.values()))
        return {key: rows[place] for key, place in places.items() if place in rows and is_of_unit(key, rows[place].unit)}

    def _row(self, key: str, row: Any, positions: NDArray[np.float64], said: _Said) -> Row:
        documents = self.texts(row.alignment)
        bead = StoredBead.of(row)
        original = self._original(row.alignment, bead)
        shown = row.source, row.target
        parts = [
            parts_of(document, spans) if text == own else ((0, len(text)),)
            for document, spans, text, own in zip(
                (documents.source, documents.target), (bead.source_spans, bead.target_spans), shown, original, strict=True
            )
        ]
        comments = said.comments.get(row.unit, ())
        flags = {
            "null": bead.is_null,
            EDITED: shown != original,
            RESTRUCTURED: bead.action is not None and shown == original,
            "changed": bead.was is not None,
            "conflict": row.unit in said.torn,
            "commented": bool(comments),
        }
        return Row(
            key=key,
            unit=row.unit,
            source=row.source,
            target=row.target,
            original=None if shown == original else original,
            status=row.status,
            reviewer=row.reviewer or "",
            at=row.at or "",
            reason=row.reason or "",
            others={who: what for who, what in said.by.get(row.unit, {}).items() if who != self._reviewer},
            probability=row.probability,
            cosine=row.cosine,
            shape=f"{len(bead.source_spans)}-{len(bead.target_spans)}",
            flags=tuple(name for name, there in flags.items() if there),
            annotations=said.annotations.get(row.unit, {}),
            alignment=row.alignment,
            document=document_name(row.source_name, row.target_name),
            place=int(np.searchsorted(positions, row.position)) + 1,
            of=len(positions),
            source_parts=parts[0],
            target_parts=parts[1],
            comments=tuple(Comment(comment.reviewer, comment.at, comment.text) for comment in comments),
        )

    def _original(self, alignment: int, bead: StoredBead, within: Connection | None = None) -> tuple[str, str]:
        """What the documents say where a bead stands."""
        documents = self.texts(alignment, within)
        return text_of(documents.source, bead.source_spans), text_of(documents.target, bead.target_spans)

    def texts(self, alignment: int, within: Connection | None = None) -> TextPair:
        """The texts of an alignment's documents, read `within` a transaction that is open, if one is. They never change, so they are
        kept, those used last.
        """
        pair = self._texts.pop(alignment, None)
        if pair is None:
            with nullcontext(within) if within else self._corpus.reading() as connection:
                pair = texts_of(connection, alignment)
            held = sum(len(text.source) + len(text.target) for text in self._texts.values())
            while self._texts and held > _CHARACTERS_HELD:
                dropped = self._texts.pop(next(iter(self._texts)))
                held -= len(dropped.source) + len(dropped.target)
        self._texts[alignment] = pair
        return pair


def document_name(source: str, target: str) -> str:
    """What a pair of documents, or a page, is called."""
    return source if source == target else f"{source} – {target}"
