"""Which beads a reviewer wants to see, and in which order."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from aligner.annotations import KINDS

DOUBT, DOCUMENT = "doubt", "document"
ORDERS = (DOUBT, DOCUMENT)
EDITED, RESTRUCTURED = "edited", "restructured"
"""Flags of beads that a reviewer made, by whether they say what the documents say."""
CHANGED, CONFLICT, COMMENTED = "changed", "conflict", "commented"
FLAGS = ("null", EDITED, RESTRUCTURED, CHANGED, CONFLICT, COMMENTED, *KINDS)
"""All that beads can be chosen by beside their status; the last ones are kinds of annotations."""
OTHER = "other"
"""Every shape but 1-1."""
DOUBTFUL = 0.9
"""Probability from which on a bead is not doubtful: of those above, one in a hundred is wrong."""


@dataclass(frozen=True, slots=True)
class Filter:
    """Which beads are shown; whatever is left as it is lets all through."""

    status: frozenset[str] = frozenset()
    probability: tuple[float, float] = (0.0, 1.0)
    """Least and most; beads that have not been scored count as 0."""
    flags: frozenset[str] = frozenset()
    """Of FLAGS; a bead needs one of these."""
    shapes: frozenset[str] = frozenset()
    """Such as 2-1; `other` stands for all but 1-1."""
    document: int | str | None = None
    """Number of the alignment, or a part of the documents' names."""
    reviewer: str | None = None
    """Who decided last."""
    mine: bool = False
    """Only documents that are assigned to whoever looks."""
    open_to_me: bool = False
    """Only what whoever looks has not decided, whatever others have."""
    text: str = ""
    """What stands in the source or in the target, whatever the case."""
    sampled: bool = False
    """Only what was drawn at random, to check before many are accepted at once."""

    @classmethod
    def of(cls, kept: Mapping[str, Any]) -> Filter:
        """From what `as_json` gave, as a page or a bookmark has it. Raises TypeError for what is none."""
        sets = {name: frozenset(kept[name]) for name in ("status", "flags", "shapes")}
        return cls(**{**kept, **sets, "probability": tuple(kept["probability"])})

    def as_json(self) -> dict[str, Any]:
        """What JSON can hold of it: all."""
        return {name: sorted(value) if isinstance(value, frozenset) else value for name, value in asdict(self).items()}


EVERYTHING = Filter()


def is_shape(shape: str) -> bool:
    """Whether beads can have it: 2-1 for instance, or OTHER."""
    return shape == OTHER or re.fullmatch(r"\d{1,4}-\d{1,4}", shape) is not None
