"""Aligning two segmented documents: a draft, a second look by clauses at what it left undecided, and what was moved."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from aligner.alignment import lattice
from aligner.alignment.clauses import Pieces, pieces_of
from aligner.alignment.decided import NOTHING, Decided
from aligner.alignment.evidence import Evidence, Segments, gather, with_clauses, with_first_pass
from aligner.alignment.judging import WEAK, judged_alone, judged_in_place
from aligner.alignment.moved import with_moved
from aligner.alignment.moves import MOVES, SOURCE_NULL, TARGET_NULL
from aligner.alignment.outskirts import FIRM
from aligner.alignment.weights import Weights
from aligner.types import Bead, Embed

POSSIBLE = 1e-6
"""Draft probability under which a bead is out of the question."""
UNDECIDED = 0.05
"""A bead whose draft probability lies between this and its complement is undecided, and its segments are divided into clauses: one segment
in ten, one in five of a novel."""
BEAD_COST = 0.6
"""Expected strict hits that a bead must promise to stand in the alignment, for every bead more adds to the denominator of precision."""


class _InOrder(NamedTuple):
    """A monotone alignment of two documents."""

    beads: list[Bead]
    alone: tuple[NDArray[np.float32], NDArray[np.float32]]
    """(n,) and (m,): the probability that each segment has no counterpart, whether or not the beads leave it alone"""


@dataclass(frozen=True, slots=True, eq=False)
class Draft:
    """Two documents that are taken to correspond, once a draft has said where to look again."""

    sides: tuple[Segments, Segments]
    decided: Decided
    evidence: Evidence | None
    """Without the beads that the draft rules out; None where a side has no segment."""
    pieces: tuple[Pieces, Pieces] = ({}, {})
    """The clauses of either side's undecided segments."""

    @property
    def clauses(self) -> list[str]:
        """The texts that a second look asks vectors of."""
        return [clause for pieces in self.pieces for clauses in pieces.values() for clause in clauses]


def align_segments(source: Segments, target: Segments, embed: Embed, weights: Weights, *, decided: Decided = NOTHING) -> list[Bead]:
    """Beads that cover every segment of both sides once, in the source's order but for target nulls, which stand where they are missed.

    Where the documents hardly correspond, a link's probability is also that of being a translation by itself; elsewhere weak links are
    judged once more where they stand. What a link loses by that is a probability of its segments' being alone, and they are where that
    promises more. `embed` is asked for words and clauses; the segments' own vectors come with them. What was decided stands, for certain.
    """
    return completed(drafted(source, target, embed, weights, decided=decided), embed, weights)


def drafted(source: Segments, target: Segments, embed: Embed, weights: Weights, *, decided: Decided = NOTHING) -> Draft:
    """The first half of `align_segments`, after which the clauses of many documents can be embedded together."""
    sides = source, target
    if not len(source.texts) or not len(target.texts):
        return Draft(sides, decided, None)
    evidence, pieces = _looked_over(decided.constrained(gather(source, target, embed, decided.beads)), sides, weights.draft)
    return Draft(sides, decided, evidence, pieces)


def completed(draft: Draft, embed: Embed, weights: Weights) -> list[Bead]:
    """The second half of `align_segments`."""
    (source, target), decided = draft.sides, draft.decided
    beads, alone = _in_order(draft, embed, weights)
    in_order = {(bead.source, bead.target) for bead in beads}
    if source.parts is None or target.parts is None:

        def align(rows: range, columns: range) -> list[Bead]:
            own, other = source.part(rows.start, rows.stop), target.part(columns.start, columns.stop)
            return most_likely_beads(own, other, embed, weights, decided=decided.within(rows, columns))

        beads = with_moved(beads, (source, target), embed, weights.pairs, align, decided=decided)
    links = [bead for bead in beads if not bead.is_null and (bead.source, bead.target) in in_order]  # moved ones have been judged
    sure = {bead for bead in links if decided.owner(bead)}
    firm = sum((bead.cosine or 0.0) >= FIRM or bead in sure for bead in links)
    doubted = [bead for bead in links if bead not in sure]
    if 2 * firm < len(links):
        judged = judged_alone(doubted, (source, target), embed, weights.pairs, sure=len(links) - len(doubted))
    else:
        doubted = [bead for bead in doubted if (bead.cosine or 0.0) < WEAK]
        judged = judged_in_place(doubted, (source, target), embed, weights.pairs, weights.weak)
    instead = {link: _kept_or_parted(link, after, alone) for link, after in zip(doubted, judged, strict=True)}
    return [one for bead in beads for one in instead.get(bead, [bead])]


def _kept_or_parted(link: Bead, judged: Bead, alone: tuple[NDArray[np.float32], NDArray[np.float32]]) -> list[Bead]:
    """The link as it was judged, or its segments alone where they promise more hits by what it lost."""
    lost = link.probability - judged.probability
    nulls = [Bead((i,), (), _bounded(float(alone[0][i]) + lost)) for i in link.source]
    nulls += [Bead((), (j,), _bounded(float(alone[1][j]) + lost)) for j in link.target]
    return nulls if sum(null.probability - BEAD_COST for null in nulls) > judged.probability - BEAD_COST else [judged]


def _bounded(probability: float) -> float:
    return min(1.0, max(0.0, probability))


def most_likely_beads(source: Segments, target: Segments, embed: Embed, weights: Weights, *, decided: Decided = NOTHING) -> list[Bead]:
    """The beads of documents that are taken to correspond, as `align_segments` gives them."""
    return _in_order(drafted(source, target, embed, weights, decided=decided), embed, weights).beads


def _in_order(draft: Draft, embed: Embed, weights: Weights) -> _InOrder:
    if draft.evidence is None:
        n, m = (len(side.texts) for side in draft.sides)
        nulls = [Bead((i,), (), 1.0) for i in range(n)] + [Bead((), (j,), 1.0) for j in range(m)]
        return _InOrder(draft.decided.put_back(nulls, draft.sides), (np.ones(n, np.float32), np.ones(m, np.float32)))
    evidence = with_clauses(draft.evidence, draft.pieces, embed)
    # Training finds the rates by weights of their own, which are not kept: with rates of 0 the final ones do as well (decision 014).
    evidence = with_first_pass(evidence, posterior_of(evidence, weights.final))
    posterior = posterior_of(evidence, weights.final)
    gains = lattice.expected_gains(evidence.band, posterior, BEAD_COST)
    alone = lattice.null_probabilities(evidence.band, posterior)
    beads = _beads(evidence, posterior, lattice.decode(evidence.band, gains, evidence.allowed), alone)
    return _InOrder(draft.decided.put_back(beads, draft.sides), alone)


def posterior_of(evidence: Evidence, weights: NDArray[np.float64]) -> NDArray[np.float32]:
    """float32 (n_moves, n_nodes): the probability of every bead, by these weights, float64 (n_features + 2,)."""
    scores = evidence.scores(weights[:-2].astype(np.float32))
    return lattice.posteriors(evidence.band, scores, weights[-2:], evidence.allowed)[1]


def second_look(
    evidence: Evidence, sides: tuple[Segments, Segments], embed: Embed, draft: NDArray[np.float64], keep: NDArray[np.bool_] | None = None
) -> Evidence:
    """The evidence after a draft: without the beads that it rules out (but for those in `keep`), and with clauses where it is undecided."""
    looked_over, pieces = _looked_over(evidence, sides, draft, keep)
    return with_clauses(looked_over, pieces, embed)


def _looked_over(
    evidence: Evidence, sides: tuple[Segments, Segments], draft: NDArray[np.float64], keep: NDArray[np.bool_] | None = None
) -> tuple[Evidence, tuple[Pieces, Pieces]]:
    """The evidence without the beads that a draft rules out, but for those in `keep`, and the clauses of what it leaves undecided."""
    posterior = posterior_of(evidence, draft)
    possible = posterior > POSSIBLE
    source, target = (pieces_of(side.texts, some) for side, some in zip(sides, _undecided_segments(evidence, posterior), strict=True))
    return replace(evidence, allowed=evidence.allowed & (possible if keep is None else possible | keep)), (source, target)


def _undecided_segments(evidence: Evidence, posterior: NDArray[np.float32]) -> tuple[list[int], list[int]]:
    """The segments of undecided beads, source and target."""
    found: tuple[set[int], set[int]] = (set(), set())
    band = evidence.band
    moves, nodes = np.nonzero((posterior > UNDECIDED) & (posterior < 1 - UNDECIDED))
    rows = np.searchsorted(band.start, nodes, side="right") - 1
    columns = nodes - band.start[rows] + band.low[rows]
    for (a, b), i, j in zip(MOVES[moves].tolist(), rows.tolist(), columns.tolist(), strict=True):
        found[0].update(range(i, i + a))
        found[1].update(range(j, j + b))
    return sorted(found[0]), sorted(found[1])


def _beads(
    evidence: Evidence,
    posterior: NDArray[np.float32],
    path: list[tuple[int, int, int]],
    alone: tuple[NDArray[np.float32], NDArray[np.float32]],
) -> list[Bead]:
    source_null, target_null = (side.tolist() for side in alone)
    firsts = (evidence.band.start[:-1] - evidence.band.low).tolist()  # of each row the number that its node at column 0 would have
    shapes = MOVES.tolist()
    beads = []
    for q, i, j in path:
        if q == SOURCE_NULL:
            beads.append(Bead((i,), (), source_null[i]))
        elif q == TARGET_NULL:
            beads.append(Bead((), (j,), target_null[j]))
        else:
            at = q, firsts[i] + j
            a, b = shapes[q]
            cosine, probability = float(evidence.cosines[at]), min(1.0, float(posterior[at]))
            beads.append(Bead(tuple(range(i, i + a)), tuple(range(j, j + b)), probability, cosine))
    return beads
