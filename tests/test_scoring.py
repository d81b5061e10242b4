"""Scores against gold: the published conventions, by small examples and beside an independent scorer."""

import importlib.util
import math
import os
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aligner.scoring import (
    Scores,
    ShapeScores,
    coverage_fault,
    expected_calibration_error,
    judged,
    log_loss,
    pooled,
    reliability,
    resampled,
    score,
    score_by_shape,
    score_by_stretch,
)
from aligner.types import Bead


def beads(*pairs, probability=1.0):
    return [Bead(tuple(source), tuple(target), probability) for source, target in pairs]


GOLD = beads(([0], [0]), ([1, 2], [1]), ([3], []), ([4], [2]))


def test_gold_against_itself_is_perfect():
    scores = score(GOLD, GOLD)
    assert scores.strict_f1 == scores.lax_f1 == scores.non_null_f1 == scores.null_recall == scores.null_precision == 1.0


def test_a_boundary_off_by_one_is_a_lax_hit_and_no_strict_one():
    scores = score(GOLD, beads(([0], [0]), ([1], [1]), ([2], []), ([3], []), ([4], [2])))
    assert scores.strict_precision == 3 / 5
    assert scores.lax_precision == 4 / 5
    assert scores.strict_recall == 2 / 3
    assert scores.lax_recall == 1.0
    assert scores.non_null_precision == 2 / 3
    assert (scores.nulls, scores.nulls_found, scores.test_nulls) == (1, 1, 2)


def test_recall_counts_no_gold_null_and_precision_counts_test_nulls():
    scores = score(GOLD, beads(([0], [0]), ([1, 2], [1]), ([3, 4], [2])))
    assert scores.strict_recall == 2 / 3
    assert scores.strict_precision == 2 / 3
    assert scores.null_recall == 0.0
    assert score(GOLD, beads(*(([i], []) for i in range(5)), *(([], [j]) for j in range(3)))).strict_precision == 1 / 8


def test_a_null_of_several_segments_counts_as_several_nulls():
    gold = beads(([0], [0]), ([1], []), ([2], []))
    assert score(gold, beads(([0], [0]), ([1, 2], []))) == score(gold, gold)


def test_the_order_of_beads_and_of_the_numbers_in_them_does_not_matter():
    assert score(GOLD, beads(([4], [2]), ([2, 1], [1]), ([3], []), ([0], [0]))).strict_f1 == 1.0


def test_a_chosen_alternative_is_not_punished_nor_the_nulls_that_follow():
    gold = beads(([0], [0]), ([1], []), ([2], [1]))
    test = beads(([0], []), ([1], [0]), ([2], [1]))
    assert score(gold, test).strict_f1 < 1.0
    scores = score(gold, test, beads(([1], [0])))
    assert scores.strict_f1 == 1.0
    assert scores.test == 1


def test_pooling_adds_counts_rather_than_averaging_rates():
    long = score(GOLD, GOLD)
    short = score(beads(([0], [0])), beads(([0], []), ([], [0])))
    both = pooled([long, short])
    assert both.strict_recall == 3 / 4
    assert both.strict_precision == 4 / 6
    assert pooled([]) == Scores()
    assert Scores().strict_f1 == 0.0


def test_scores_by_shape_say_what_each_kind_of_bead_fared():
    assert score_by_shape(GOLD, beads(([0], [0]), ([1], [1]), ([2], []), ([3], []), ([4], [2]), probability=0.75)) == {
        (1, 0): ShapeScores(gold=1, test=2, hits=1, promised=1.5),
        (1, 1): ShapeScores(gold=2, test=3, hits=2, promised=2.25),
        (2, 1): ShapeScores(gold=1, test=0, hits=0, promised=0.0),
    }


def test_stretches_are_cut_where_gold_and_test_agree_and_keep_what_one_mistake_costs_together():
    test = beads(([0], [0]), ([1], [1]), ([2], []), ([3], []), ([4], [2]))
    assert [(part.gold_links, part.test, part.strict_hits) for part in score_by_stretch(GOLD, test)] == [
        (1, 1, 1),
        (1, 2, 0),
        (0, 1, 1),
        (1, 1, 1),
    ]
    (whole,) = score_by_stretch(GOLD, beads((range(5), range(3))))
    assert (whole.gold_links, whole.test, whole.strict_hits) == (3, 1, 0)


def test_probabilities_that_tell_the_truth_have_no_calibration_error():
    honest = [(0.5, True), (0.5, False)] * 30 + [(1.0, True)] * 60 + [(0.0, False)] * 60
    assert expected_calibration_error(honest) == 0.0


def test_overconfidence_is_the_distance_between_probability_and_hits():
    assert expected_calibration_error([(0.9, True)] * 6 + [(0.9, False)] * 4) == pytest.approx(0.3)
    assert expected_calibration_error([]) == 0.0


@given(st.lists(st.tuples(st.sampled_from([0.0, 0.1, 0.5, 0.9, 1.0]), st.booleans()), min_size=1), st.randoms())
def test_the_calibration_error_does_not_depend_on_the_order_of_beads(judgements, random):
    shuffled = judgements.copy()
    random.shuffle(shuffled)
    error = expected_calibration_error(judgements)
    assert 0.0 <= error <= 1.0
    assert expected_calibration_error(shuffled) == pytest.approx(error)


def test_calibration_bins_hold_equal_mass():
    # Each bin holds two neighbours, one hit and one miss, however far apart the probabilities are.
    probabilities = [(k / 30) ** 2 for k in range(30)]
    judgements = [(probability, k % 2 == 1) for k, probability in enumerate(probabilities)]
    bins = [abs((low + high) / 2 - 0.5) for low, high in zip(probabilities[::2], probabilities[1::2], strict=True)]
    assert expected_calibration_error(judgements) == pytest.approx(sum(bins) / 15)


def test_reliability_bins_say_how_often_neighbouring_probabilities_are_right():
    low, high = reliability([(0.2, False)] * 4 + [(0.2, True)] + [(0.9, True)] * 5)
    assert (low.count, low.right, low.probability, low.share_right) == (5, 1, pytest.approx(0.2), 0.2)
    assert (high.count, high.right, high.probability, high.share_right) == (5, 5, pytest.approx(0.9), 1.0)
    # Wilson's intervals of 1 of 5 and 5 of 5, from the formula in Brown, Cai & DasGupta (2001).
    assert low.interval == pytest.approx((0.0362, 0.6245), abs=1e-4)
    assert high.interval == pytest.approx((0.5655, 1.0), abs=1e-4)
    assert reliability([]) == []


def test_resampled_sums_spread_as_those_of_rows_drawn_one_by_one():
    chance = np.random.default_rng(1)
    rows = chance.integers(0, 3, (40, 2))
    one_by_one = rows[chance.integers(0, len(rows), (4000, len(rows)))].sum(axis=1)
    sums = resampled(rows)
    assert sums.mean(axis=0) == pytest.approx(one_by_one.mean(axis=0), rel=0.03)
    assert np.cov(sums.T) == pytest.approx(np.cov(one_by_one.T), rel=0.25, abs=4)
    assert (resampled([[1, 2]] * 7) == [7, 14]).all()


def test_log_loss_is_in_nats_and_stays_finite_for_a_certain_mistake():
    assert log_loss([(0.5, True), (0.5, False)]) == pytest.approx(math.log(2))
    assert log_loss([(1.0, False)]) == pytest.approx(-math.log(5e-4))
    assert log_loss([]) == 0.0


def test_judgements_leave_alternatives_out_and_keep_nulls():
    gold = beads(([0], [0]), ([1], []), ([2], [1]))
    test = [Bead((0,), (), 0.4), Bead((1,), (0,), 0.6), Bead((2,), (1,), 0.9)]
    assert judged(gold, test) == [(0.4, False), (0.6, False), (0.9, True)]
    assert judged(gold, test, beads(([1], [0]))) == [(0.9, True)]
    assert judged(gold, [Bead((1,), (), 0.7)]) == [(0.7, True)]


def test_coverage_names_what_is_missing_doubled_and_unknown():
    assert coverage_fault(GOLD, range(5), range(3)) == ""
    assert coverage_fault(GOLD, range(6), range(3)) == "source segments missing: 5"
    fault = coverage_fault(beads(([0, 1], [0]), ([1], [7])), range(4), range(1))
    assert fault == "source segments missing: 2, 3; source segments doubled: 1; target segments unknown: 7"
    assert coverage_fault([], range(8), range(0)) == "source segments missing: 0, 1, 2, 3, 4 and 3 more"


@st.composite
def alignments(draw, n_source, n_target):
    """Any partition of both sides into beads, crossing and discontinuous ones too."""
    n_beads = draw(st.integers(1, 6))
    home = st.integers(0, n_beads - 1)
    sources = [draw(home) for _ in range(n_source)]
    targets = [draw(home) for _ in range(n_target)]
    found = [([i for i, k in enumerate(sources) if k == bead], [j for j, k in enumerate(targets) if k == bead]) for bead in range(n_beads)]
    return beads(*(pair for pair in found if any(pair)))


@st.composite
def compared(draw):
    n_source, n_target = draw(st.integers(1, 6)), draw(st.integers(1, 6))
    gold, test, other = (draw(alignments(n_source, n_target)) for _ in range(3))
    return gold, test, [bead for bead in [*draw(st.sampled_from([other, test, []]))] if not bead.is_null]


@pytest.fixture(scope="module")
def reference_scorer():
    """The project's reference scorer, beside the gold data."""
    if "ALIGNER_GOLD" not in os.environ:
        pytest.skip("ALIGNER_GOLD is not set")
    path = Path(os.environ["ALIGNER_GOLD"]).parent / "score.py"
    if not path.exists():
        pytest.skip(f"no reference scorer at {path}")
    spec = importlib.util.spec_from_file_location("reference_scorer", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def figures(scores):
    """Our figures under the reference scorer's names."""
    return {
        "strict_p": scores.strict_precision,
        "strict_r": scores.strict_recall,
        "strict_f1": scores.strict_f1,
        "lax_p": scores.lax_precision,
        "lax_r": scores.lax_recall,
        "lax_f1": scores.lax_f1,
        "nn_strict_f1": scores.non_null_f1,
        "nulls_found": scores.nulls_found,
        "nulls": scores.nulls,
        "null_recall": scores.null_recall,
        "null_precision": scores.null_precision,
    }


def keys(some_beads):
    return [(bead.source, bead.target) for bead in some_beads]


@settings(max_examples=500)
@given(documents=st.lists(compared(), min_size=1, max_size=4))
def test_any_alignments_score_as_the_reference_scorer_scores_them(reference_scorer, documents):
    expected = reference_scorer.score([tuple(keys(side) for side in document) for document in documents])
    assert figures(pooled(score(*document) for document in documents)) == pytest.approx(expected, abs=1e-12)


def test_gold_documents_score_as_the_reference_scorer_scores_them(reference_scorer):
    """Each gold document against a worse copy of itself: beads merged, a null torn off, alternatives chosen."""
    documents = []
    for path in sorted(Path(os.environ["ALIGNER_GOLD"]).glob("*/*.gold")):
        gold = reference_scorer.read(path)
        alternatives = reference_scorer.read(path.with_suffix(".alt")) if path.with_suffix(".alt").exists() else []
        test = list(gold)
        for place in range(0, len(test) - 1, 7):
            (first_source, first_target), (source, target) = test[place], test[place + 1]
            test[place : place + 2] = [(first_source + source, first_target + target), ((), ())]
        taken = {i for s, _ in alternatives for i in s}, {j for _, t in alternatives for j in t}
        torn = [(tuple(i for i in s if i not in taken[0]), tuple(j for j in t if j not in taken[1])) for s, t in test]
        documents.append((gold, [bead for bead in torn + alternatives if any(bead)], alternatives))
    expected = reference_scorer.score(documents)
    ours = pooled(score(*(beads(*side) for side in document)) for document in documents)
    assert any(alternatives for *_, alternatives in documents)
    assert 0.5 < expected["strict_f1"] < 0.99
    assert figures(ours) == pytest.approx(expected, abs=1e-12)
