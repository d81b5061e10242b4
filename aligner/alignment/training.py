"""Learning the weights: the conditional likelihood of gold alignments, with L-BFGS.

The gradient is the difference between expected features under all paths and under those that agree with gold
(Sarawagi & Cohen 2004). Crossing gold links fit no monotone path, and some lie outside the band: the longest chain of
the others is kept and what remains is free to align among itself.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from aligner.alignment.agreement import agreeing, place
from aligner.alignment.damage import damaged, passages_of
from aligner.alignment.documents import posterior_of, second_look
from aligner.alignment.evidence import Evidence, Segments, gather, with_first_pass
from aligner.alignment.features import NAMES
from aligner.alignment.lattice import Paths
from aligner.alignment.weights import OPENINGS, WEIGHT_NAMES, Weights
from aligner.types import Bead, Embed

N_WEIGHTS = len(WEIGHT_NAMES)
L2 = 5.0
"""Strength of the pull towards zero."""
NEAR = 600.0
"""Strength of the pull towards weights that were learnt before, where there are any."""
LEVELS = ("is_source_null", "is_target_null", "size", *OPENINGS)
LIGHT = 0.02
"""Those weights set how common nulls are; like any intercept they are hardly pulled, to zero or to what they were: this is what
differs most between genres."""
ITERATIONS = 150
DRAFT_NODES = 250_000
"""Lattice nodes of the documents, drawn at random, that the draft learns from: a gigabyte of features at most."""
COPY_WEIGHT = 0.3
"""How much a damaged copy counts beside its original."""
MOST_NULLS = 0.05
"""Share of nulls up to which a document is whole enough to be damaged."""
Report = Callable[[str, int, float], None]
"""(stage, step, loss)"""


@dataclass(frozen=True, slots=True, eq=False)
class Example:
    """A pair of documents with its gold, ready to learn from."""

    paths: Paths
    rows: NDArray[np.float32]
    """(n_beads, n_features)"""
    agreed: NDArray[np.bool_]
    """(n_beads,): those that agree with gold"""
    weight: float = 1.0

    @classmethod
    def of(cls, evidence: Evidence, agreed: NDArray[np.bool_], weight: float = 1.0) -> Example:
        """The example of two documents' evidence and the beads that agree with gold, bool (n_moves, n_nodes)."""
        paths = Paths.of(evidence.band, evidence.allowed)
        number = np.cumsum(evidence.allowed) - 1  # feature rows are ordered by move, then node
        rows = evidence.feature_rows()[number.reshape(evidence.allowed.shape)[paths.move, paths.node]]
        return cls(paths, rows, agreed[paths.move, paths.node], weight)


@dataclass(frozen=True, slots=True, eq=False)
class GoldPair:
    """Two segmented documents and the beads that are right."""

    source: Segments
    target: Segments
    gold: Sequence[Bead]
    weight: float = 1.0
    partial: bool = False
    """Whether segments that gold does not name are undecided, rather than nulls."""
    wrong: Sequence[Bead] = ()
    """Links that are known not to be right, where gold is partial."""
    embed: Embed | None = None
    """What embeds their words and spans, where each pair has its own."""

    def agreeing(self, evidence: Evidence) -> NDArray[np.bool_]:
        """bool (n_moves, n_nodes): the beads that a path agreeing with what is known may take."""
        band, allowed = evidence.band, evidence.allowed
        if not self.partial:
            return agreeing(band, allowed, self.gold)
        open_segments = [set(range(len(side.texts))) for side in (self.source, self.target)]
        for bead in self.gold:
            open_segments[0] -= set(bead.source)
            open_segments[1] -= set(bead.target)
        out = agreeing(band, allowed, self.gold, free=(sorted(open_segments[0]), sorted(open_segments[1])))
        for bead in self.wrong:
            if (at := place(band, bead)) is not None:
                out[at] = False
        return out


def train(
    pairs: Sequence[GoldPair], embed: Embed, *, towards: Weights | None = None, report: Report | None = None
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Draft and final weights, float64 (N_WEIGHTS,) each, from gold alignments.

    The draft learns from every bead of the bands, but of a part of the documents, for there are many; the final weights from the
    beads that the draft leaves possible, of all documents and of damaged copies, first without the documents' rates of nulls, then with
    those that were found so. Near earlier weights, where gold is little, their draft is kept (it only rules out beads), the final
    weights are drawn `towards` theirs, and there are no copies.
    """
    copies = [] if towards is not None else [copy for pair, other in beside_another(pairs) for copy in damaged_copies(pair, other, embed)]
    gathered, copied = ([(pair, gather(pair.source, pair.target, pair.embed or embed)) for pair in some] for some in (pairs, copies))
    return train_gathered(gathered, embed, copies=copied, towards=towards, report=report)


def beside_another(pairs: Sequence[GoldPair]) -> Iterator[tuple[GoldPair, GoldPair]]:
    """Every pair with the next one, the last with the first: one to damage, and one for foreign text."""
    return zip(pairs, [*pairs[1:], *pairs[:1]], strict=True)


def damaged_copies(pair: GoldPair, other: GoldPair, embed: Embed) -> Iterator[GoldPair]:
    """Copies of a pair with the damage of dumps and passages of another pair; none where gold is partial, crosses or has gaps already."""
    nulls = sum(len(bead.source) + len(bead.target) for bead in pair.gold if bead.is_null)
    if pair.partial or nulls > MOST_NULLS * (len(pair.source.texts) + len(pair.target.texts)):
        return
    own, foreign = (passages_of(each.source.texts, each.target.texts, each.gold) for each in (pair, other))
    if other is pair:
        foreign = []  # its own text would be called foreign where its translation stands
    # of the texts themselves, so that a pair's copies are the same whatever it is learnt with
    random = np.random.default_rng(zlib.crc32("\n".join(pair.source.texts).encode("utf-8", "surrogatepass")))
    for copy in damaged(own, foreign, random):
        source, target = (Segments.embedded(side, pair.embed or embed) for side in (copy.source, copy.target))
        yield GoldPair(source, target, copy.gold, COPY_WEIGHT * pair.weight, embed=pair.embed)


def train_gathered(
    gathered: Sequence[tuple[GoldPair, Evidence]],
    embed: Embed,
    *,
    copies: Sequence[tuple[GoldPair, Evidence]] = (),
    towards: Weights | None = None,
    report: Report | None = None,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """As `train`, from pairs whose evidence has been gathered already: who leaves out one set after the other gathers once."""
    known = [*gathered, *copies]
    draft = _draft(known, report) if towards is None else towards.draft
    looked = [
        (pair, second_look(evidence, (pair.source, pair.target), pair.embed or embed, draft, _kept(pair, evidence)))
        for pair, evidence in known
    ]
    if towards is None:
        first = fit([_example(pair, evidence) for pair, evidence in looked], report=_named(report, "rates"))
    else:
        first = towards.final
    rated = [_example(pair, with_first_pass(evidence, posterior_of(evidence, first))) for pair, evidence in looked]
    return draft, fit(rated, towards=None if towards is None else towards.final, report=_named(report, "final"))


def _example(pair: GoldPair, evidence: Evidence) -> Example:
    return Example.of(evidence, pair.agreeing(evidence), pair.weight)


def _draft(gathered: Sequence[tuple[GoldPair, Evidence]], report: Report | None) -> NDArray[np.float64]:
    some: list[Example] = []
    nodes = 0
    for number in np.random.default_rng(0).permutation(len(gathered)):
        pair, evidence = gathered[number]
        if nodes + evidence.band.size <= DRAFT_NODES or not some:
            nodes += evidence.band.size
            some.append(_example(pair, evidence))
    return fit(some, report=_named(report, "draft"))


def _kept(pair: GoldPair, evidence: Evidence) -> NDArray[np.bool_]:
    """The beads that stay possible whatever the draft says of them: gold's own, but not all that undecided segments could make."""
    if not pair.partial:
        return pair.agreeing(evidence)
    return agreeing(evidence.band, evidence.allowed, pair.gold)


def _named(report: Report | None, stage: str) -> Callable[[int, float], None] | None:
    return None if report is None else lambda step, loss: report(stage, step, loss)


def fit(
    examples: Sequence[Example],
    *,
    l2: float = L2,
    towards: NDArray[np.float64] | None = None,
    report: Callable[[int, float], None] | None = None,
) -> NDArray[np.float64]:
    """float64 (N_WEIGHTS,): the weights that make gold likeliest, less l2 times their square when features have unit scale.

    With `towards`, float64 (N_WEIGHTS,), less NEAR times the square of their distance from it: a Gaussian prior around what was
    learnt before. An example that no path agrees with is left out.
    """
    from scipy.optimize import minimize  # half a second that aligning need not spend

    squares = sum((np.square(example.rows, dtype=np.float64).sum(axis=0) for example in examples), np.zeros(len(NAMES)))
    scale = np.append(1 / np.sqrt(squares / sum(len(example.rows) for example in examples) + 1e-3), [1.0, 1.0])
    strength = l2 if towards is None else NEAR
    pull = np.array([strength * LIGHT if name in LEVELS else strength for name in WEIGHT_NAMES])
    centre = np.zeros(N_WEIGHTS) if towards is None else towards / scale
    usable = [example for example in examples if np.isfinite(_log_z(example, np.zeros(N_WEIGHTS), example.agreed)[0])]
    calls = 0

    def loss(scaled: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        nonlocal calls
        away = scaled - centre
        total, gradient = float(pull @ (away * away)), 2 * pull * away
        for example in usable:
            log_z, expected = _log_z(example, scaled * scale)
            log_gold, agreed = _log_z(example, scaled * scale, example.agreed)
            total += example.weight * (log_z - log_gold)
            gradient += example.weight * (expected - agreed) * scale
        calls += 1
        if report:
            report(calls, total)
        return total, gradient

    options = {"maxiter": ITERATIONS, "ftol": 1e-6}
    return minimize(loss, centre, jac=True, method="L-BFGS-B", options=options).x * scale  # type: ignore[no-any-return]


def _log_z(example: Example, weights: NDArray[np.float64], mask: NDArray[np.bool_] | None = None) -> tuple[float, NDArray[np.float64]]:
    """log Z and the expected features, over all paths or those in `mask`."""
    scores = (example.rows @ weights[:-2].astype(np.float32)).astype(np.float64)
    log_z, posterior, runs = example.paths.posteriors(scores, weights[-2:], mask)
    return log_z, np.concatenate([posterior.astype(np.float32) @ example.rows, runs])
