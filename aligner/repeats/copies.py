"""What a near copy of a document says once more: its units that are those of the original but for a few words."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from operator import itemgetter

from aligner.repeats.boilerplate import recognisable

NEAR = 0.8
"""Share of the shingles (`jaccard`) from which on one text is a near copy of the other."""
ALIKE = 0.5
"""Share of the words of two units' texts, on either side, from which on one takes the place of the other in a copy."""
_AROUND = 20
"""How far from its place in the original a unit is looked for, in units that the copy lacks."""

Text = tuple[str, str]
"""Source and target of a unit."""


def said_again(copy: Sequence[Text], original: Sequence[Text]) -> set[Text]:
    """The units of a near copy that the original has otherwise: another date, a word corrected. The rest is the copy's own, or the same."""
    there = {unit: place for place, unit in enumerate(original)}
    here = set(copy)
    lacking = [(place, _sides(unit)) for place, unit in enumerate(original) if unit not in here]
    again: set[Text] = set()
    expected = 0
    for unit in copy:
        expected = there.get(unit, expected)
        if unit not in there:
            first, last = (bisect_left(lacking, expected + way, key=itemgetter(0)) for way in (-_AROUND, _AROUND))
            sides = _sides(unit)
            if any(_are_alike(sides, other) for _, other in lacking[first:last]):
                again.add(unit)
        expected += 1
    return again


def _sides(unit: Text) -> tuple[frozenset[str], ...]:
    # of a text without letters, the text itself
    return tuple(frozenset(recognisable(text).split()) or frozenset((text,)) for text in unit)


def _are_alike(one: tuple[frozenset[str], ...], other: tuple[frozenset[str], ...]) -> bool:
    return all(len(a & b) >= ALIKE * len(a | b) for a, b in zip(one, other, strict=True))
