"""Passages that stand elsewhere on the other side: looked for among what a monotone alignment left alone.

Where paragraphs were moved, or definitions follow each language's own alphabet, links cross. The lattice links the longest
chain and leaves the rest null on both sides; what is null on both sides and translates each other was moved.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from aligner.alignment.decided import NOTHING, Decided
from aligner.alignment.evidence import NEIGHBOURS, Segments
from aligner.alignment.judging import judged_alone
from aligner.alignment.search import is_large, mutual_best, nearest
from aligner.types import Bead, Embed

LIKELY = 0.5
"""Probability of being a translation by itself that a moved link must have."""
MARGIN = 2
"""Segments around the pairs found that may belong to the moved passage too."""

_Align = Callable[[range, range], list[Bead]]


def with_moved(
    beads: Sequence[Bead],
    sides: tuple[Segments, Segments],
    embed: Embed,
    pair_weights: NDArray[np.float64],
    align: _Align,
    *,
    decided: Decided = NOTHING,
) -> list[Bead]:
    """The beads with nulls of both sides linked where they translate each other, unless that is decided.

    `align` aligns a passage with its counterpart, as documents of their own. A moved link stands where its first source segment stood;
    its probability is also that of being a translation by itself.
    """
    alone = [bead for bead in beads if bead.is_null and not decided.owner(bead)]
    nulls = (sorted(i for bead in alone for i in bead.source), sorted(j for bead in alone for j in bead.target))
    found = [pair for pair in _translations(nulls, sides, embed, pair_weights) if (pair.source, pair.target) not in decided.refused]
    links: dict[int, Bead] = {}
    taken: tuple[set[int], set[int]] = (set(), set())
    for pairs in _by_passage(found, nulls):
        for link in _aligned(pairs, nulls, align):
            if taken[0].isdisjoint(link.source) and taken[1].isdisjoint(link.target):
                links[link.source[0]] = link
                taken[0].update(link.source)
                taken[1].update(link.target)
    judged = judged_alone(list(links.values()), sides, embed, pair_weights, sure=sum(not bead.is_null for bead in beads))
    moved = {link.source[0]: link for link in judged if link.probability >= LIKELY}
    gone = ({i for link in moved.values() for i in link.source}, {j for link in moved.values() for j in link.target})
    out = []
    for bead in beads:
        if bead.source and bead.source[0] in moved:
            out.append(moved[bead.source[0]])
        elif not (bead.is_null and (gone[0] & set(bead.source) or gone[1] & set(bead.target))):
            out.append(bead)
    return out


def _translations(
    nulls: tuple[list[int], list[int]], sides: tuple[Segments, Segments], embed: Embed, pair_weights: NDArray[np.float64]
) -> list[Bead]:
    """Nulls that are each other's best and likely translations."""
    if not all(nulls):
        return []
    source, target = (side.vectors[numbers] for side, numbers in zip(sides, nulls, strict=True))
    best = mutual_best(*nearest(source, target, NEIGHBOURS, clustered=is_large(source, target)))
    pairs = [Bead((nulls[0][i],), (nulls[1][j],), 1.0) for i, j in zip(best.source.tolist(), best.target.tolist(), strict=True)]
    return [pair for pair in judged_alone(pairs, sides, embed, pair_weights) if pair.probability >= LIKELY]


def _by_passage(pairs: Sequence[Bead], nulls: tuple[list[int], list[int]]) -> list[list[Bead]]:
    """The pairs by the runs of nulls that they connect, those with the most pairs first."""
    run = [_runs(side) for side in nulls]
    passages: dict[tuple[int, int], list[Bead]] = defaultdict(list)
    for pair in pairs:
        passages[run[0][pair.source[0]], run[1][pair.target[0]]].append(pair)
    return sorted(passages.values(), key=lambda passage: (-len(passage), passage[0].source))


def _runs(numbers: Sequence[int]) -> dict[int, int]:
    """Each number with the first one of its run of neighbours."""
    first: dict[int, int] = {}
    for number in numbers:
        first[number] = first.get(number - 1, number)
    return first


def _aligned(pairs: Sequence[Bead], nulls: tuple[list[int], list[int]], align: _Align) -> list[Bead]:
    """The links between the passages around the pairs."""
    spans = []
    for side, ends in enumerate(([pair.source[0] for pair in pairs], [pair.target[0] for pair in pairs])):
        run = _runs(nulls[side])
        inside = [number for number in nulls[side] if run[number] == run[ends[0]]]
        spans.append([number for number in inside if min(ends) - MARGIN <= number <= max(ends) + MARGIN])
    if len(spans[0]) == len(spans[1]) == 1:
        return [replace(pair, probability=1.0) for pair in pairs]  # of one with one the lattice has nothing to say
    rows, columns = (range(span[0], span[-1] + 1) for span in spans)
    return [
        replace(bead, source=tuple(i + rows.start for i in bead.source), target=tuple(j + columns.start for j in bead.target))
        for bead in align(rows, columns)
        if not bead.is_null
    ]
