"""A link's place on a page: what the links around it say for it, and that nothing speaks for a link by itself."""

from __future__ import annotations

import numpy as np
import pytest
from hashed import embed
from numpy.typing import NDArray

from aligner.alignment.evidence import Segments
from aligner.alignment.layout import LAYOUT_FEATURES, Example, Placed, fit_layout, layout_features, layout_probabilities
from aligner.alignment.page_training import train_layout
from aligner.alignment.training import GoldPair
from aligner.alignment.weights import Weights, load_weights
from aligner.types import Bead

SURE, DOUBTFUL = 0.98, 0.3


def placed(*links: tuple[int, int, float], beside: bool = False, on_path: float = 0.0) -> Placed:
    """Links of one source with one target each, and how probable each is by itself."""
    beads = [Bead((source,), (target,), alone) for source, target, alone in links]
    return Placed.of(beads, [on_path] * len(beads), [beside] * len(beads))


def features(page: Placed) -> dict[str, NDArray[np.float64]]:
    return dict(zip(LAYOUT_FEATURES, layout_features(page, page.alone).T, strict=True))


def believed(page: Placed) -> NDArray[np.float64]:
    return layout_probabilities(page, load_weights().layout)


IN_ORDER = [(k, k, SURE) for k in range(3)] + [(3, 3, DOUBTFUL)] + [(k, k, SURE) for k in range(4, 7)]
ELSEWHERE = [(k, k + 1, SURE) for k in range(3)] + [(3, 0, DOUBTFUL)] + [(k, k, SURE) for k in range(4, 7)]


def test_a_doubtful_link_gains_by_sure_ones_before_and_after_it() -> None:
    assert believed(placed(*IN_ORDER))[3] > 2 * believed(placed(*ELSEWHERE))[3]
    assert believed(placed(*IN_ORDER))[3] > 2 * believed(placed((3, 3, DOUBTFUL)))[0]


def test_a_link_is_no_evidence_for_itself() -> None:
    for alone in (DOUBTFUL, SURE):
        (only,) = layout_features(placed((0, 0, alone), beside=True, on_path=1.0), np.array([alone]))
        assert not np.any(only[2:])


def test_links_that_nobody_believes_say_nothing() -> None:
    page = placed(*((k, k, 1e-9) for k in range(9)), beside=True, on_path=1.0)
    assert np.abs(layout_features(page, page.alone)[:, 2:]).max() < 1e-6


def test_only_links_that_keep_the_order_count_for_order_and_only_those_that_touch_for_neighbours() -> None:
    straight, crossed = features(placed(*IN_ORDER)), features(placed(*ELSEWHERE))
    assert straight["in_order"][3] == pytest.approx(6 * SURE / (6 * SURE + 3))
    assert crossed["in_order"][3] == pytest.approx(3 * SURE / (6 * SURE + 3))
    assert straight["between"][3] == pytest.approx(SURE**2)
    assert crossed["between"][3] == 0


def test_rivals_for_a_segment_do_not_keep_its_order_and_what_leaves_one_out_does_not_touch() -> None:
    rivals = features(placed((0, 0, SURE), (0, 1, SURE), (1, 1, SURE)))
    assert rivals["in_order"].tolist() == pytest.approx([SURE / (2 * SURE + 3), 0, SURE / (2 * SURE + 3)])
    gap = features(placed((0, 0, SURE), (1, 1, SURE), (2, 3, SURE)))
    assert gap["enclosed"][1] == pytest.approx((SURE / (SURE + 1.5)) ** 2)
    assert gap["between"][1] == 0


def test_the_path_through_all_texts_counts_where_links_around_keep_the_order() -> None:
    off, on = placed(*IN_ORDER), placed(*IN_ORDER, on_path=0.9)
    assert not features(off)["on_path"].any() and features(on)["on_path"][3] > 0.5
    assert features(placed(*IN_ORDER, on_path=0.1))["on_path"][3] < 0
    assert features(placed((3, 3, DOUBTFUL), on_path=0.9))["on_path"] == 0
    assert believed(on)[3] > believed(off)[3]


def test_standing_apart_counts_against_a_link_where_the_others_stand_beside_their_sources() -> None:
    beads = [Bead((k,), (k,), SURE) for k in range(6)]
    page = Placed.of(beads, [1.0] * 6, [True] * 5 + [False])
    table = features(page)
    assert table["beside"][5] == 0 and table["apart"][5] > 0.5
    assert table["beside"][0] > 0.4 and table["apart"][0] == 0
    assert believed(page)[5] < believed(Placed.of(beads, [1.0] * 6, [True] * 6))[5]


def test_links_far_away_on_the_page_say_nothing() -> None:
    near = [(k, k, SURE) for k in range(30)]
    far = [(k, 100 - k, SURE) for k in range(40, 70)]
    np.testing.assert_allclose(
        layout_features(placed(*near), np.full(30, SURE))[0], layout_features(placed(*near, *far), np.full(60, SURE))[0]
    )


def test_what_the_examples_show_is_learnt() -> None:
    """Of links that are as doubtful by themselves, those between neighbours are right here."""
    right = np.array([1, 1, 1, 1, 1, 1, 1], np.int8)
    wrong = np.array([1, 1, 1, 0, 1, 1, 1], np.int8)
    weights = fit_layout([Example(placed(*IN_ORDER), right)] * 9 + [Example(placed(*ELSEWHERE), wrong)] * 9)
    assert layout_probabilities(placed(*IN_ORDER), weights)[3] > 0.8
    assert layout_probabilities(placed(*ELSEWHERE), weights)[3] < 0.2


def toy_pair(seed: int) -> GoldPair:
    """A document and its copy; one word in two of the copy is another."""
    random = np.random.default_rng(seed)
    source = [[f"w{number}" for number in random.integers(0, 10_000, 6)] for _ in range(60)]
    target = [[word if k % 2 else f"v{seed}" for k, word in enumerate(words)] for words in source]
    sides = [Segments.embedded([" ".join(words) for words in side], embed) for side in (source, target)]
    return GoldPair(*sides, [Bead((k,), (k,), 1.0) for k in range(60)])


def test_pages_made_of_documents_teach_that_order_speaks_for_a_link() -> None:
    shipped = load_weights()
    alone = Weights("toy", shipped.draft, shipped.final, shipped.pairs, shipped.weak, np.zeros(len(LAYOUT_FEATURES)))
    weights = train_layout([toy_pair(seed) for seed in range(4)], embed, alone)
    assert layout_probabilities(placed(*IN_ORDER), weights)[3] > 0.5
    assert layout_probabilities(placed(*ELSEWHERE), weights)[3] < layout_probabilities(placed(*IN_ORDER), weights)[3]
    again = train_layout([toy_pair(seed) for seed in range(4)], embed, alone)
    assert weights.tolist() == again.tolist()
