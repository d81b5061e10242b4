"""The beads of a corpus in memory: one array of what they are chosen and sorted by, and finding one in it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from aligner.corpus import STATUSES
from aligner.corpus.placing import Place
from aligner.reviewing.keys import key_of

ENTRY = np.dtype(
    [
        ("alignment", np.int64),
        ("position", np.float64),
        ("probability", np.float64),
        ("source_size", np.int16),
        ("target_size", np.int16),
        ("status", np.int8),
        ("reviewer", np.int32),
        ("made", np.bool_),
        ("changed", np.bool_),
        ("conflict", np.bool_),
        ("commented", np.bool_),
        ("unit", "S32"),
    ]
)
Entries = NDArray[np.void]
"""Of ENTRY, (n_beads,)."""
_MOST_SEGMENTS = np.iinfo(np.int16).max
_FEW = 30
"""More beads than these are looked up in an index of all, made for the purpose, instead of one by one."""


class EntryMaker:
    """Makes entries of rows; reviewers are numbers in them."""

    def __init__(self) -> None:
        self._reviewers = {"": 0}

    def entries(self, rows: Iterable[Any], conflicts: set[str], commented: set[str]) -> Entries:
        """Of rows of `corpus.listing.entries`, and of the units on which reviewers disagree or commented."""
        return np.array(
            [
                (
                    row.alignment,
                    row.position,
                    row.probability or 0.0,
                    min(row.source_size, _MOST_SEGMENTS),
                    min(row.target_size, _MOST_SEGMENTS),
                    STATUSES.index(row.status),
                    self._reviewers.setdefault(row.reviewer or "", len(self._reviewers)),
                    row.made,
                    row.changed,
                    row.unit in conflicts,
                    row.unit in commented,
                    row.unit.encode(),
                )
                for row in rows
            ],
            ENTRY,
        )

    def reviewer(self, name: str) -> int:
        """The number of a reviewer; -1 for who has decided nothing."""
        return self._reviewers.get(name, -1)


def places_in(entries: Entries) -> list[Place]:
    """Where the beads stand, in the order of the entries."""
    return list(zip(entries["alignment"].tolist(), entries["position"].tolist(), strict=True))


def numbers_in(entries: Entries, places: Sequence[Place]) -> list[int | None]:
    """Where the beads of these places stand among the entries; None for one that is not there."""
    if len(places) <= _FEW:
        return [number_in(entries, place) for place in places]
    number_of = {place: number for number, place in enumerate(places_in(entries))}
    return [number_of.get(place) for place in places]


def number_in(entries: Entries, place: Place) -> int | None:
    """Where the bead of a place stands among the entries; None where it is not there."""
    at = np.flatnonzero(entries["position"] == place[1])  # some in every document
    found = at[entries["alignment"][at] == place[0]]
    return int(found[0]) if len(found) else None


def coded(units: Iterable[str]) -> NDArray[np.bytes_]:
    """Ids of units as entries hold them."""
    return np.array(list(units), ENTRY["unit"])


def entry_key(entry: np.void) -> str:
    """The key of an entry's bead."""
    return key_of((int(entry["alignment"]), float(entry["position"])), entry["unit"].decode())


def is_null(entries: Entries) -> NDArray[np.bool_]:
    """bool (n_beads,): which beads have one side alone."""
    null: NDArray[np.bool_] = (entries["source_size"] == 0) | (entries["target_size"] == 0)
    return null


def is_plain(entries: Entries) -> NDArray[np.bool_]:
    """bool (n_beads,): which beads are 1-1."""
    plain: NDArray[np.bool_] = (entries["source_size"] == 1) & (entries["target_size"] == 1)
    return plain
