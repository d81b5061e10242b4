"""Aligning segmented documents with word vectors in the encoder's place: what must hold for any text."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import pytest
from hashed import Asking, embed, sentences
from hypothesis import given, settings
from hypothesis import strategies as st

from aligner.alignment import band as bands
from aligner.alignment.clauses import clauses_of
from aligner.alignment.documents import align_segments, second_look
from aligner.alignment.evidence import Segments, gather
from aligner.alignment.weights import Weights, load_weights
from aligner.scoring import coverage_fault
from aligner.types import Bead

TEXTS = st.lists(
    st.sampled_from(["", " \u00a0", "Oui.", "Non.", "Le roi est mort.", "« Oui ! »", "12", "...", "le chat, la reine"]), max_size=9
)


@pytest.fixture(scope="module")
def weights() -> Weights:
    return load_weights()


def aligned(source: Sequence[str], target: Sequence[str], weights: Weights) -> list[Bead]:
    return align_segments(Segments.embedded(source, embed), Segments.embedded(target, embed), embed, weights)


def check(beads: Sequence[Bead], source: Sequence[str], target: Sequence[str]) -> None:
    """Every segment once, the source's in order, blank ones alone; probabilities and cosines in their ranges."""
    assert not coverage_fault(beads, range(len(source)), range(len(target)))
    assert [i for bead in beads for i in bead.source] == list(range(len(source)))
    for bead in beads:
        assert 0 <= bead.probability <= 1
        assert (bead.cosine is None) == bead.is_null
        assert bead.cosine is None or -1.001 <= bead.cosine <= 1.001
        texts = [source[i] for i in bead.source] + [target[j] for j in bead.target]
        assert all(text.strip() for text in texts) or (bead.is_null and len(texts) == 1)
        assert len(texts) == 1 or not bead.is_null


@settings(max_examples=60)
@given(TEXTS, TEXTS)
def test_beads_cover_every_segment_of_both_sides_once_and_in_order(source: list[str], target: list[str]) -> None:
    check(aligned(source, target, load_weights()), source, target)


@settings(max_examples=25)
@given(TEXTS, TEXTS, st.integers(0, 2**32 - 1))
def test_beads_cover_every_segment_whatever_the_weights(source: list[str], target: list[str], seed: int) -> None:
    shipped = load_weights()
    draft, final = np.random.default_rng(seed).normal(0, 5, (2, len(shipped.draft)))
    check(aligned(source, target, Weights("drawn", draft, final, shipped.pairs, shipped.weak, shipped.layout)), source, target)


@settings(max_examples=30)
@given(TEXTS, TEXTS)
def test_beads_cover_every_segment_in_a_narrow_band(source: list[str], target: list[str]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(bands, "FULL_LATTICE", 0)
        patch.setattr(bands, "LARGEST_GAP", 4)
        patch.setattr(bands, "SLACK", 0)
        check(aligned(source, target, load_weights()), source, target)


@settings(max_examples=30)
@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=1, max_size=4))
def test_no_bead_crosses_parts(sizes: list[tuple[int, int]]) -> None:
    sides = []
    for side in (0, 1):
        parts = [part for part, counts in enumerate(sizes) for _ in range(counts[side])]
        segments = Segments.embedded([f"mot autre{part}" for part in parts], embed, np.array(parts, np.int64))
        sides.append(segments)
    beads = align_segments(sides[0], sides[1], embed, load_weights())
    check(beads, sides[0].texts, sides[1].texts)
    for bead in beads:
        met = {int(sides[0].parts[i]) for i in bead.source} | {int(sides[1].parts[j]) for j in bead.target}  # type: ignore[index]
        assert len(met) == 1


def test_identical_documents_align_one_to_one(weights: Weights) -> None:
    texts = sentences(40)
    beads = aligned(texts, texts, weights)
    assert [(bead.source, bead.target) for bead in beads] == [((k,), (k,)) for k in range(40)]
    assert min(bead.probability for bead in beads) > 0.5
    assert [bead.cosine for bead in beads] == pytest.approx([1] * 40, abs=1e-3)


@pytest.mark.parametrize("side", [0, 1])
def test_what_one_side_leaves_out_is_alone(side: int, weights: Weights) -> None:
    whole = sentences(40)
    shortened = whole[:12] + whole[21:]
    beads = aligned(shortened, whole, weights) if side == 0 else aligned(whole, shortened, weights)
    alone = [bead.target if side == 0 else bead.source for bead in beads if bead.is_null]
    assert alone == [(k,) for k in range(12, 21)]
    assert len(beads) == 40


def test_documents_that_share_nothing_are_all_nulls(weights: Weights) -> None:
    beads = aligned(sentences(15, seed=1), sentences(15, seed=2), weights)
    assert all(bead.is_null for bead in beads)


@pytest.mark.parametrize("seed", range(4))
def test_sentences_that_are_unlike_are_left_alone_though_they_stand_at_the_same_place(seed: int, weights: Weights) -> None:
    texts, others = sentences(30), sentences(60, seed=seed + 1)
    other = others[int(np.argmin(embed(others) @ embed([texts[12]])[0]))]
    beads = aligned(texts, [*texts[:12], other, *texts[13:]], weights)
    alone = [(bead.source, bead.target) for bead in beads if bead.is_null]
    assert alone == [((12,), ()), ((), (12,))]
    assert min(bead.probability for bead in beads) > 0.5


def test_an_empty_side_leaves_the_other_alone(weights: Weights) -> None:
    assert aligned([], [], weights) == []
    assert aligned(["Oui.", ""], [], weights) == [Bead((0,), (), 1.0), Bead((1,), (), 1.0)]
    assert aligned([], ["Yes."], weights) == [Bead((), (0,), 1.0)]


def test_blank_segments_are_alone_with_certainty(weights: Weights) -> None:
    texts = sentences(6)
    beads = aligned([*texts[:3], "", *texts[3:]], [*texts[:5], "", texts[5], " "], weights)
    certain = [bead for bead in beads if bead.is_null]
    assert [(bead.source, bead.target) for bead in certain] == [((3,), ()), ((), (5,)), ((), (7,))]
    assert [bead.probability for bead in certain] == pytest.approx([1, 1, 1], abs=1e-4)
    assert aligned(["", ""], [""], weights) == [Bead((0,), (), 1.0), Bead((1,), (), 1.0), Bead((), (0,), 1.0)]


def test_a_long_gap_is_bridged(weights: Weights) -> None:
    """Long documents, of which the middle third of either has no counterpart: found through the anchors on both sides."""
    texts, other = sentences(600), sentences(300, seed=5)
    target = texts[:150] + other + texts[450:]
    beads = aligned(texts, target, weights)
    check(beads, texts, target)
    linked = {(bead.source, bead.target) for bead in beads if not bead.is_null}
    wanted = {((k,), (k,)) for k in [*range(150), *range(450, 600)]}
    assert len(linked & wanted) >= 0.98 * len(wanted)


def test_results_repeat_themselves(weights: Weights) -> None:
    source, target = sentences(30), sentences(30)[5:]
    assert aligned(source, target, weights) == aligned(source, target, weights)


def test_clauses_of_undecided_segments_alone_are_embedded(weights: Weights) -> None:
    asking = Asking()
    # two sentences of which each half could belong to either neighbour, among others that are plain
    texts = [f"{text[:-1]}, {other}" for text, other in zip(sentences(24), sentences(24, seed=1), strict=True)]
    target = [*texts[:5], texts[5][:40], f"{texts[5][40:]} {texts[6][:40]}", texts[6][40:], *texts[7:]]
    align_segments(Segments.embedded(texts, embed), Segments.embedded(target, embed), asking, weights)
    clauses = [clause for side in (texts, target) for text in side for clause in clauses_of(text)]
    asked_for = {text for text in asking.texts if " " in text}
    assert asked_for
    assert asked_for <= set(clauses)
    assert len(asked_for) < len(set(clauses)) / 2


def test_beads_that_gold_asks_for_survive_the_second_look(weights: Weights) -> None:
    texts = sentences(8)
    sides = Segments.embedded(texts, embed), Segments.embedded(texts[::-1], embed)
    evidence = gather(*sides, embed)
    without = second_look(evidence, sides, embed, weights.draft)
    kept = second_look(evidence, sides, embed, weights.draft, evidence.allowed)
    assert (kept.allowed == evidence.allowed).all()
    assert without.allowed.sum() < evidence.allowed.sum()
    assert not (without.allowed & ~evidence.allowed).any()


def test_segments_come_in_the_order_of_the_documents(weights: Weights) -> None:
    """A bead never stands before one that its source or target segments follow."""
    source, target = sentences(20), sentences(20)[10:]
    beads = aligned(source, target, weights)
    for side in ("source", "target"):
        firsts = [getattr(bead, side)[0] for bead in beads if getattr(bead, side)]
        assert all(a < b for a, b in pairwise(firsts))
