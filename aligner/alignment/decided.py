"""What people decided of two documents: it stands as it is, and the rest is aligned around it.

A decided link that the lattice can hold is the only way through it for its segments. Any other (one that crosses what is
sure, that is not contiguous, or too big) leaves its segments alone there, as what was moved is in any alignment, and is put
in their place afterwards; so are decided nulls of several segments.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

import numpy as np

from aligner.alignment.agreement import agreeing, place
from aligner.alignment.evidence import Evidence, Segments
from aligner.alignment.similarities import ABSENT
from aligner.errors import InputError
from aligner.types import Bead

Key = tuple[tuple[int, ...], tuple[int, ...]]
"""The segments of a bead, both sides increasing."""


@dataclass(frozen=True, slots=True, eq=False)
class Decided:
    """Beads that stand, and links that must not."""

    beads: tuple[Bead, ...] = ()
    """Links and nulls; no two share a segment."""
    refused: frozenset[Key] = frozenset()
    """Their segments may be nulls, or in any other bead."""
    owners: tuple[Mapping[int, Bead], Mapping[int, Bead]] = (MappingProxyType({}), MappingProxyType({}))
    """Of either side, each decided segment with its bead."""

    @classmethod
    def of(cls, beads: Sequence[Bead], rejected: Sequence[Bead], n: int, m: int) -> Decided:
        """What was decided of documents of n and m segments. A rejected null says nothing: a segment may always be alone.

        Raises InputError where a bead is empty or out of the documents, where two share a segment, and where one is rejected too.
        """
        faults: list[str] = []
        owners: tuple[dict[int, Bead], dict[int, Bead]] = ({}, {})
        refused = frozenset(_key(bead) for bead in rejected if not bead.is_null)
        ordered = [replace(bead, source=tuple(sorted(bead.source)), target=tuple(sorted(bead.target))) for bead in beads]
        for bead in ordered:
            if not bead.source and not bead.target:
                faults.append("one has no segment")
            if _key(bead) in refused:
                faults.append(f"{_shown(bead)} is rejected too")
            for own, name, numbers, count in zip(owners, ("source", "target"), _key(bead), (n, m), strict=True):
                for k in numbers:
                    if not 0 <= k < count:
                        faults.append(f"{name} segment {k} of {_shown(bead)} is not among the {count} there are")
                    elif k in own:
                        faults.append(f"{_shown(own[k])} and {_shown(bead)} share {name} segment {k}")
                    own[k] = bead
        if faults:
            raise InputError(f"decided beads were wanted that can all stand in one alignment, but {'; '.join(faults)}; correct them.")
        return cls(tuple(ordered), refused, owners)

    def owner(self, bead: Bead) -> Bead | None:
        """The decided bead that a bead's first segment belongs to."""
        return self.owners[0].get(bead.source[0]) if bead.source else self.owners[1].get(bead.target[0])

    def within(self, rows: range, columns: range) -> Decided:
        """What was refused of a passage without decided segments, numbered as a document of its own."""
        inside = (key for key in self.refused if all(i in rows for i in key[0]) and all(j in columns for j in key[1]))
        return Decided(refused=frozenset((_less(source, rows.start), _less(target, columns.start)) for source, target in inside))

    def constrained(self, evidence: Evidence) -> Evidence:
        """The evidence with those beads allowed that leave the decided ones standing."""
        if not self.beads and not self.refused:
            return evidence
        band, allowed = evidence.band, evidence.allowed.copy()
        by_anchor = {(bead.source[0], bead.target[0]): bead for bead in self.beads if not bead.is_null}
        held = []
        for i, j in evidence.anchors.tolist():
            bead = by_anchor.get((i, j))
            if bead is not None and (at := place(band, bead)) is not None and evidence.cosines[at] > ABSENT:
                allowed[at] = True  # though vectors and words may speak against it
                held.append(bead)
        sizes = len(evidence.source.lengths), len(evidence.target.lengths)
        free = [[k for k in range(size) if k not in own] for own, size in zip(self.owners, sizes, strict=True)]
        allowed = agreeing(band, allowed, held, free=(free[0], free[1]))
        for source, target in self.refused:
            if (at := place(band, Bead(source, target, 0.0))) is not None:
                allowed[at] = False
        return replace(evidence, allowed=allowed)

    def put_back(self, beads: Sequence[Bead], sides: tuple[Segments, Segments]) -> list[Bead]:
        """The beads of the constrained evidence with every decided one as it is, certain.

        One that the lattice does not hold stands where its first segment stood alone.
        """
        out = []
        for bead in beads:
            whole = self.owner(bead)
            if whole is None:
                out.append(bead)
            elif (whole.source[0] in bead.source) if whole.source else (whole.target[0] in bead.target):
                out.append(replace(whole, probability=1.0, cosine=None if whole.is_null else _cosine(whole, sides)))
        return out


NOTHING = Decided()
"""What most documents come with."""


def _key(bead: Bead) -> Key:
    return tuple(sorted(bead.source)), tuple(sorted(bead.target))


def _shown(bead: Bead) -> str:
    return ":".join(f"[{','.join(map(str, side))}]" for side in _key(bead))


def _less(numbers: tuple[int, ...], by: int) -> tuple[int, ...]:
    return tuple(number - by for number in numbers)


def _cosine(link: Bead, sides: tuple[Segments, Segments]) -> float:
    """Of the sums of either side's vectors, by the weights that spans are composed with."""
    spans = []
    for numbers, side in zip(_key(link), sides, strict=True):
        weights = np.sqrt([len(side.texts[k]) for k in numbers])
        spans.append(weights @ side.vectors[list(numbers)])
    return float(spans[0] @ spans[1]) / max(float(np.linalg.norm(spans[0]) * np.linalg.norm(spans[1])), 1e-6)
