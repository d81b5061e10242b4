"""The model that judges a pair by itself: what words say, and how probable a score is among the scores of its pool."""

from __future__ import annotations

import numpy as np
import pytest
from hashed import embed
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from aligner.alignment import wording as wording_module
from aligner.alignment.lexicon import SYNONYMOUS, UNRELATED, words_of
from aligner.alignment.pairs import PAIR_FEATURES, PAIR_WEIGHTS, fit_pairs, pair_probabilities
from aligner.alignment.wording import Wording, WordSurprise, wording

WEIGHTS = np.zeros(len(PAIR_WEIGHTS))
WEIGHTS[PAIR_FEATURES.index("cosine")] = 1
WEIGHTS[-3:] = 3, -3, 2
"""Of a model whose score is the cosine."""


def scored(scores: NDArray[np.float64], *, sure: int = 0) -> NDArray[np.float64]:
    features = np.zeros((len(scores), len(PAIR_FEATURES)))
    features[:, PAIR_FEATURES.index("cosine")] = scores
    return pair_probabilities(features, WEIGHTS, sure=sure)


def said(left: list[str], right: list[str]) -> Wording:
    return wording(left, right, (WordSurprise(left), WordSurprise(right)), embed)


texts = st.lists(st.sampled_from(["roi", "Rome", "mort", "le", "7", "1 000", "1,000", "", "?"]), max_size=5).map(" ".join)


@settings(max_examples=60)
@given(st.lists(st.tuples(texts, texts), min_size=1, max_size=6), st.sampled_from([1, 2, 4096]))
def test_coverage_is_that_of_each_words_best_counterpart(pairs: list[tuple[str, str]], block: int) -> None:
    left, right = ([pair[side] for pair in pairs] for side in (0, 1))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(wording_module, "BLOCK", block)
        found = said(left, right)
    for k, both in enumerate(pairs):
        sides = [words_of(text.replace("1 000", "1000")) for text in both]
        coverages = []
        for own, other, all_texts in ((0, 1, left), (1, 0, right)):
            content = covered = 0.0
            for word in sides[own]:
                holding = sum(word in words_of(text.replace("1 000", "1000")) for text in all_texts)
                weight = np.log((len(all_texts) + 1) / holding) + 1e-3
                best = 0.0
                for counterpart in sides[other]:
                    cosine = float(embed([word])[0] @ embed([counterpart])[0])
                    if word[0].isdigit() and counterpart[0].isdigit():
                        cosine = 1.0 if word == counterpart else 0.0
                    best = max(best, min(max((cosine - UNRELATED) / (SYNONYMOUS - UNRELATED), 0), 1))
                content, covered = content + weight, covered + weight * best
            coverages.append(covered / max(content, 1e-6))
        assert found.least_coverage[k] == pytest.approx(min(coverages), abs=1e-4)


def test_a_number_is_missing_where_it_is_another_and_not_where_it_is_written_another_way() -> None:
    left = ["45 226 euros", "1 100 morts", "en 1914", "17 et 18", "sans"]
    right = ["45,226 euros", "11 deaths", "in 1918", "17", "without"]
    assert said(left, right).numbers_missing.tolist() == [0, 2, 2, 1, 0]


def test_nothing_is_said_of_no_pairs() -> None:
    assert all(len(column) == 0 for column in said([], []))
    assert len(scored(np.zeros(0))) == 0


@settings(max_examples=60)
@given(st.lists(st.floats(-40, 40), min_size=1, max_size=30), st.integers(0, 50))
def test_the_higher_score_is_never_the_less_probable(scores: list[float], sure: int) -> None:
    ordered = np.sort(np.array(scores))
    probabilities = scored(ordered, sure=sure)
    assert (np.diff(probabilities) >= 0).all() and (probabilities >= 0).all() and (probabilities <= 1).all()


@pytest.mark.parametrize("shift", [-1.5, 0.0, 1.5])
def test_probabilities_fit_a_pool_whose_scores_are_all_higher_or_lower_than_usual(shift: float) -> None:
    """A tenth is right, and a tenth is believed, wherever the pool's scores lie."""
    random = np.random.default_rng(0)
    right = np.arange(3_000) < 300
    scores = np.where(right, random.normal(3, 1.5, 3_000), random.normal(-3, 1.5, 3_000)) + shift
    probabilities = scored(scores)
    assert probabilities.sum() == pytest.approx(300, rel=0.2)
    assert ((probabilities >= 0.5) == right).mean() > 0.97


@pytest.mark.parametrize("count", [20, 200, 5_000])
def test_where_nothing_is_right_next_to_nothing_is_believed(count: int) -> None:
    scores = np.random.default_rng(1).normal(-3, 2, count)
    assert (scored(scores) >= 0.5).mean() <= 0.005


def test_a_score_far_beyond_doubt_changes_nothing_for_the_others() -> None:
    scores = np.random.default_rng(2).normal(-3, 2, 50)
    beside = [scored(np.append(scores, far))[:-1] for far in (-15.0, -500.0)]
    np.testing.assert_allclose(*beside)


def test_what_is_known_to_be_right_makes_the_doubtful_more_probable() -> None:
    doubtful = np.array([-0.5, 0.0, 0.5])
    assert (scored(doubtful, sure=100) > scored(doubtful)).all()


def test_learning_finds_what_tells_right_from_wrong_whatever_each_pools_share() -> None:
    """Two features are normal of deviation 1, 1 and 1.5 on the right side of 0: their log-likelihood ratio is twice that times each."""
    random = np.random.default_rng(3)
    features, labels = [], []
    for share in (0.05, 0.5, 0.9):
        right = random.random(4_000) < share
        rows = random.normal(0, 1, (len(right), len(PAIR_FEATURES)))
        rows[:, 0] = 1
        rows[:, 1:3] += np.where(right, 1, -1)[:, None] * [1.0, 1.5]
        features.append(rows)
        labels.append(right)
    learnt = fit_pairs(features, labels)
    assert learnt[1:3] == pytest.approx([2, 3], rel=0.15)
    assert np.abs(np.delete(learnt[: len(PAIR_FEATURES)], [1, 2])).max() < 0.3
    right_mean, wrong_mean, deviation = learnt[-3:]
    # The ratio's mean is half its variance, which is (2 · 1)² + (2 · 1.5)² (Peterson, Birdsall & Fox 1954).
    assert (right_mean, wrong_mean, deviation**2) == pytest.approx((6.5, -6.5, 13), rel=0.25)
    for rows, right in zip(features, labels, strict=True):
        assert pair_probabilities(rows, learnt).mean() == pytest.approx(right.mean(), abs=0.02)
