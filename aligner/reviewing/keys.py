"""What a page, a spreadsheet or a caller names a bead by: its alignment, its position, and the beginning of its unit's id.

With the unit in it, a key that somebody holds does not name another bead that has come to stand at the same place since.
"""

from __future__ import annotations

from aligner.corpus.placing import Place
from aligner.errors import ReviewError

_DIGITS = 8


def key_of(place: Place, unit: str) -> str:
    """The key of a bead, such as 12:3.0:5f2c9a1b."""
    return f"{place[0]}:{place[1]!r}:{unit[:_DIGITS]}"


def place_of(key: str) -> Place:
    """Alignment and position that a key names. Raises ReviewError for what is no key."""
    try:
        alignment, position, _ = key.split(":")
        return int(alignment), float(position)
    except ValueError:
        raise ReviewError(f"a key such as 12:3.0:5f2c9a1b was wanted, not {key!r}") from None


def is_of_unit(key: str, unit: str) -> bool:
    """Whether a key names a bead of this unit."""
    return unit.startswith(key.rpartition(":")[2])
