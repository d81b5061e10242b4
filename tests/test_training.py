"""Learning: its gradient, what agrees with gold, and that a planted preference is found again."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations, pairwise

import numpy as np
import pytest
from hashed import embed
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from aligner.alignment import lattice
from aligner.alignment.agreement import agreeing, monotone_chain
from aligner.alignment.band import full_band
from aligner.alignment.documents import align_segments
from aligner.alignment.evidence import Evidence, Segments, gather
from aligner.alignment.features import NAMES
from aligner.alignment.moves import MOVES
from aligner.alignment.training import LEVELS, LIGHT, N_WEIGHTS, Example, GoldPair, fit, train
from aligner.alignment.weights import WEIGHT_NAMES, Weights
from aligner.types import Bead

Link = tuple[tuple[int, ...], tuple[int, ...]]


def beads(*pairs: tuple[tuple[int, ...], tuple[int, ...]]) -> list[Bead]:
    return [Bead(source, target, 1.0) for source, target in pairs]


def agreeing_paths(n: int, m: int, gold: list[Bead]) -> set[tuple[Link, ...]]:
    """Every path that the beads agreeing with gold allow, as links without its nulls."""
    band = full_band(n, m)
    inside = np.zeros((len(MOVES), band.size), bool)
    for q, (a, b) in enumerate(MOVES):
        for i in range(n + 1 - a):
            for j in range(m + 1 - b):
                inside[q, band.start[i] + j] = True
    agreed = agreeing(band, inside, gold)
    assert not (agreed & ~inside).any()

    def paths(i: int, j: int) -> Iterator[tuple[Link, ...]]:
        if (i, j) == (n, m):
            yield ()
        for q in np.flatnonzero(agreed[:, band.start[i] + j]).tolist():
            a, b = MOVES[q].tolist()
            link = ((tuple(range(i, i + a)), tuple(range(j, j + b))),) if a and b else ()
            for rest in paths(i + a, j + b):
                yield link + rest

    return set(paths(0, 0))


def test_with_gold_in_order_the_gold_path_alone_agrees() -> None:
    gold = beads(((0,), (0, 1)), ((1,), ()), ((2, 3), (2,)), ((), (3,)), ((4,), (4,)))
    assert agreeing_paths(5, 5, gold) == {(((0,), (0, 1)), ((2, 3), (2,)), ((4,), (4,)))}


def test_segments_that_gold_leaves_out_are_nulls() -> None:
    assert agreeing_paths(3, 2, beads(((1,), (0,)))) == {(((1,), (0,)),)}


def test_a_link_that_crosses_the_chain_leaves_its_segments_alone() -> None:
    gold = beads(((0,), (1,)), ((1,), (2,)), ((2,), (0,)), ((3,), (3,)))
    assert agreeing_paths(4, 4, gold) == {(((0,), (1,)), ((1,), (2,)), ((3,), (3,)))}


def test_segments_of_a_link_that_fits_no_bead_are_free_among_themselves() -> None:
    gold = beads(((0, 1, 2), (0, 1, 2)), ((3,), (3,)))
    paths = agreeing_paths(4, 4, gold)
    assert (((0,), (0,)), ((1,), (1,)), ((2,), (2,)), ((3,), (3,))) in paths
    assert (((3,), (3,)),) in paths
    assert all(path[-1] == ((3,), (3,)) for path in paths)


@given(st.permutations(range(6)), st.sets(st.integers(0, 5)))
def test_the_chain_is_the_longest_of_links_that_do_not_cross(order: list[int], left_out: set[int]) -> None:
    gold = beads(*(((i,), (j,)) for i, j in enumerate(order) if i not in left_out))
    longest = max(
        size
        for size in range(len(gold) + 1)
        if any(all(a.target < b.target for a, b in pairwise(chosen)) for chosen in combinations(gold, size))
    )
    chain = monotone_chain(gold)
    assert len(chain) == longest
    assert all(a.source < b.source and a.target < b.target for a, b in pairwise(chain))
    assert set(chain) <= set(gold)


def test_the_chain_takes_neither_nulls_nor_broken_spans() -> None:
    good = beads(((0,), (0,)), ((3, 4), (3,)))
    assert monotone_chain([*good, *beads(((1, 5), (1,)), ((2,), ()), ((6,), tuple(range(4, 11))))]) == good


def small_evidence(seed: int = 0) -> Evidence:
    random = np.random.default_rng(seed)
    words = [f"mot{k}" for k in range(12)]
    source, target = ([" ".join(random.choice(words, 3)) for _ in range(4)] for _ in range(2))
    return gather(Segments.embedded(source, embed), Segments.embedded(target, embed), embed)


def agreed_of(evidence: Evidence, gold: list[Bead]) -> NDArray[np.bool_]:
    return agreeing(evidence.band, evidence.allowed, gold)


GOLD = beads(((0,), (0,)), ((1,), ()), ((2,), (1, 2)), ((3,), (3,)))


def small_example(seed: int = 0) -> Example:
    evidence = small_evidence(seed)
    return Example.of(evidence, agreed_of(evidence, GOLD))


def loss_of(evidence: Evidence, weights: NDArray[np.float64]) -> float:
    """Minus the log probability of the gold path, by the lattice."""
    features = weights[:-2].astype(np.float32)
    log_z, *_ = lattice.posteriors(evidence.band, evidence.scores(features), weights[-2:], evidence.allowed)
    log_gold, *_ = lattice.posteriors(evidence.band, evidence.scores(features), weights[-2:], agreed_of(evidence, GOLD))
    return log_z - log_gold


def test_fitted_weights_are_where_the_loss_is_least() -> None:
    """The gradient that fitting follows is right, or else it would stop elsewhere: by finite differences it is 0 there."""
    examples, evidences, l2 = [small_example(seed) for seed in range(3)], [small_evidence(seed) for seed in range(3)], 0.3
    rows = np.concatenate([example.rows for example in examples]).astype(np.float64)
    scale = np.append(np.sqrt(np.square(rows).mean(axis=0) + 1e-3), [1.0, 1.0])
    pull = np.array([l2 * LIGHT if name in LEVELS else l2 for name in WEIGHT_NAMES])

    def penalised(scaled: NDArray[np.float64]) -> float:
        return sum(loss_of(evidence, scaled / scale) for evidence in evidences) + float(pull @ np.square(scaled))

    best = fit(examples, l2=l2) * scale
    least, step = penalised(best), 0.05
    for k in range(N_WEIGHTS):
        shift = np.zeros(N_WEIGHTS)
        shift[k] = step
        slope = (penalised(best + shift) - penalised(best - shift)) / (2 * step)
        assert abs(slope) < 0.05, (k, slope)
        assert min(penalised(best + shift), penalised(best - shift)) > least - 1e-3
    assert least < penalised(np.zeros(N_WEIGHTS))


def test_an_example_counts_as_often_as_its_weight() -> None:
    one, other = small_example(1), small_example(2)
    twice = Example(one.paths, one.rows, one.agreed, 2.0)
    # The scale of the features is that of the rows given, which are twice the same here.
    np.testing.assert_allclose(fit([twice, twice]), fit([one, one, one, one]), atol=5e-3)
    assert np.abs(fit([twice, other]) - fit([one, other])).max() > 0.01


def test_an_example_that_no_path_agrees_with_is_left_out() -> None:
    one = small_example(1)
    impossible = Example(one.paths, one.rows, np.zeros_like(one.agreed))
    np.testing.assert_allclose(fit([one, impossible]), fit([one]), atol=1e-6)


def test_a_planted_preference_is_learnt() -> None:
    """Gold drawn from weights of our own: a preference for 1-1 beads of a high cosine is found again, its opposite when it is turned."""
    evidences = [small_evidence(seed) for seed in range(40)]
    for sign in (1, -1):
        planted = np.zeros(N_WEIGHTS)
        planted[NAMES.index("size*cosine")] = 6 * sign
        planted[NAMES.index("is_1_1")] = 2
        examples = [Example.of(evidence, agreed_of(evidence, likeliest(evidence, planted))) for evidence in evidences]
        learnt = fit(examples, l2=0.01)
        cosines = ("size*cosine", "size*margin", "longer_by_cosine", "shorter_by_cosine")
        assert sign * sum(learnt[NAMES.index(name)] for name in cosines) > 0
        found = {(k, bead) for k, evidence in enumerate(evidences) for bead in likeliest(evidence, learnt) if not bead.is_null}
        wanted = {(k, bead) for k, evidence in enumerate(evidences) for bead in likeliest(evidence, planted) if not bead.is_null}
        assert len(found & wanted) >= 0.9 * len(found | wanted)


def likeliest(evidence: Evidence, weights: NDArray[np.float64]) -> list[Bead]:
    scores = evidence.scores(weights[:-2].astype(np.float32))
    path = lattice.decode(evidence.band, scores, evidence.allowed)
    return [Bead(tuple(range(i, i + MOVES[q, 0])), tuple(range(j, j + MOVES[q, 1])), 1.0) for q, i, j in path]


def toy_pair(seed: int, length: int) -> GoldPair:
    """A document and its copy, in which every fifth segment is left out and every fourth is cut in two."""
    random = np.random.default_rng(seed)
    source: list[str] = []
    target: list[str] = []
    gold = []
    for i in range(length):
        words = [f"w{number}" for number in random.integers(0, 10_000, 6)]
        source.append(" ".join(words) + ".")
        first = len(target)
        if i % 5 != 4:
            target += [" ".join(words[:3]), " ".join(words[3:]) + "."] if i % 4 == 3 else [source[-1]]
        gold.append(Bead((i,), tuple(range(first, len(target))), 1.0))
    return GoldPair(Segments.embedded(source, embed), Segments.embedded(target, embed), gold)


def test_what_was_learnt_from_some_documents_aligns_another() -> None:
    draft, final = train([toy_pair(seed, 20) for seed in range(4)], embed)
    other = toy_pair(9, 30)
    weights = Weights("toy", draft, final, np.zeros(0), np.zeros(0), np.zeros(0))
    found = {(bead.source, bead.target) for bead in align_segments(other.source, other.target, embed, weights)}
    wanted = {(bead.source, bead.target) for bead in other.gold}
    assert len(found & wanted) >= 0.95 * len(wanted)


def test_one_long_document_is_enough_to_learn_from(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("aligner.alignment.training.DRAFT_NODES", 10)
    draft, final = train([toy_pair(0, 20)], embed)
    assert np.isfinite(draft).all() and np.isfinite(final).all()
    assert draft.any()


def test_training_reports_its_steps_and_twice_gives_the_same() -> None:
    steps: list[tuple[str, int, float]] = []
    pairs = [toy_pair(seed, 12) for seed in range(2)]
    learnt = train(pairs, embed, report=lambda stage, step, loss: steps.append((stage, step, loss)))
    again = train(pairs, embed)
    for one, other in zip(learnt, again, strict=True):
        assert (one == other).all()
    stages = ("draft", "rates", "final")
    assert [stage for stage, *_ in steps] == sorted((stage for stage, *_ in steps), key=stages.index)
    assert {stage for stage, *_ in steps} == set(stages)
    for stage in stages:
        losses = [loss for name, _, loss in steps if name == stage]
        assert losses[-1] < losses[0]
