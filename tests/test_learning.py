"""Learning from gold and from reviewed corpora: what is decided is kept, what is not is left open, few data move little."""

from __future__ import annotations

import numpy as np
from hashed import embed

from aligner.alignment.band import full_band
from aligner.alignment.evidence import Evidence, Segments, gather
from aligner.alignment.moves import MOVE_NUMBER
from aligner.alignment.training import NEAR, Example, GoldPair, fit
from aligner.types import Bead


def four_words() -> tuple[Segments, Segments, Evidence]:
    """Two documents of four one-word segments each, with every bead allowed."""
    texts = ["un", "deux", "trois", "quatre"]
    sides = Segments.embedded(texts, embed), Segments.embedded(texts, embed)
    evidence = gather(*sides, embed)
    assert evidence.band.size == full_band(4, 4).size
    return *sides, evidence


def test_undecided_segments_are_free_and_decided_links_are_not() -> None:
    source, target, evidence = four_words()
    pair = GoldPair(source, target, [Bead((1,), (1,), 1.0)], partial=True, wrong=[Bead((2,), (2,), 1.0)])
    agreed = pair.agreeing(evidence) & evidence.allowed

    def may(bead: tuple[int, int], i: int, j: int) -> bool:
        q = MOVE_NUMBER[bead]
        node = evidence.band.start[i] + j - evidence.band.low[i]
        assert evidence.allowed[q, node], "the test needs a bead that the lattice has"
        return bool(agreed[q, node])

    assert may((1, 1), 1, 1), "an accepted link stays"
    assert not may((1, 0), 1, 1) and not may((0, 1), 1, 1), "its segments are no nulls"
    assert may((1, 1), 0, 0) and may((1, 0), 0, 0), "what is undecided may be linked and may be a null"
    assert not may((1, 1), 2, 2), "a rejected link is out"
    assert may((1, 0), 2, 2) and may((1, 1), 3, 3), "its segments are free"


def test_a_named_null_is_decided() -> None:
    source, target, evidence = four_words()
    pair = GoldPair(source, target, [Bead((0,), (), 1.0)], partial=True)
    agreed = pair.agreeing(evidence)
    node = evidence.band.start[0] - evidence.band.low[0]
    assert agreed[MOVE_NUMBER[1, 0], node]
    assert not agreed[2:, node].any()


def test_few_data_move_weights_little_from_what_was_learnt_before() -> None:
    _, _, evidence = four_words()
    gold = [Bead((k,), (k,), 1.0) for k in range(4)]
    example = Example.of(evidence, gold)
    before = np.random.default_rng(3).normal(0, 2, len(fit([example])))
    scale = np.sqrt(np.square(example.rows, dtype=np.float64).mean(axis=0) + 1e-3)
    moved = (fit([example], towards=before) - before)[:-2] * scale
    from_nothing = (fit([example]) - before)[:-2] * scale
    assert 0 < np.linalg.norm(moved) < 0.1 * np.linalg.norm(from_nothing)
    # The log likelihood of one example is never better than 0, which bounds how far the prior lets the weights go.
    assert NEAR * np.square(moved).sum() < 100
