"""What units say, for search, replacement and filters by text, which go through all of them."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import Connection

from aligner.corpus import listing
from aligner.reviewing.replacing import Texts

_CHARACTERS_HELD = 40_000_000
"""So much stays in memory between two searches: some 150,000 pairs of sentences."""


class Wordings:
    """Reads texts of units, once: a unit's words never change."""

    def __init__(self) -> None:
        self._held: dict[str, Texts] = {}
        self._characters = 0

    def of(self, connection: Connection, units: Collection[str]) -> dict[str, Texts]:
        """Source and target of these units, by their ids."""
        missing = sorted(unit for unit in units if unit not in self._held)  # in the order in which a database keeps them
        read = listing.unit_texts(connection, missing)
        characters = sum(len(source) + len(target) for source, target in read.values())
        texts = {unit: self._held[unit] for unit in units if unit in self._held} | read
        if self._characters + characters <= _CHARACTERS_HELD:
            self._held |= read
            self._characters += characters
        return texts
