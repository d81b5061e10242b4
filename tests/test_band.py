"""Anchors and the band around them, against sets of nodes and chains found by trying them all."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from aligner.alignment import band as bands
from aligner.alignment.band import Band, anchors, band_around, band_of_parts, full_band
from aligner.alignment.moves import LONGEST, MOVES
from aligner.alignment.search import Neighbours

Nodes = set[tuple[int, int]]


def nodes(band: Band) -> Nodes:
    return {(i, j) for i in range(len(band.low)) for j in range(band.low[i], band.high[i] + 1)}


def reachable(band: Band) -> bool:
    """Whether nulls and 1-1 beads lead from the first node to the last one."""
    inside, found = nodes(band), {(0, 0)}
    for i, j in sorted(inside):
        if {(i - 1, j), (i, j - 1), (i - 1, j - 1)} & found:
            found.add((i, j))
    return (len(band.low) - 1, int(band.high[-1])) in found


@st.composite
def drawn_bands(draw: st.DrawFn) -> tuple[Band, int]:
    """A band of which both bounds never decrease, and how many target segments there are."""
    n, m = draw(st.integers(0, 9)), draw(st.integers(0, 9))
    bounds = [sorted(draw(st.lists(st.integers(0, m), min_size=n, max_size=n))) for _ in range(2)]
    high = np.array([*bounds[0], m], np.int64)
    return Band.of_bounds(np.minimum(np.array([0, *bounds[1]], np.int64), high), high), m


@st.composite
def chains(draw: st.DrawFn) -> tuple[NDArray[np.int64], int, int]:
    """Anchors that increase on both sides, and the lengths of the documents."""
    n, m = draw(st.integers(1, 60)), draw(st.integers(1, 60))
    count = draw(st.integers(0, min(n, m)))
    rows = sorted(draw(st.sets(st.integers(0, n - 1), min_size=count, max_size=count)))
    columns = sorted(draw(st.sets(st.integers(0, m - 1), min_size=count, max_size=count)))
    return np.array(list(zip(rows, columns, strict=True)), np.int64).reshape(-1, 2), n, m


@given(drawn_bands(), st.integers(0, 4))
def test_a_widened_band_reaches_as_many_nodes_further_on_all_sides(drawn: tuple[Band, int], reach: int) -> None:
    band, m = drawn
    n = len(band.low) - 1
    wide = {
        (i + up, j + right)
        for i, j in nodes(band)
        for up in range(-reach, reach + 1)
        for right in range(-reach, reach + 1)
        if 0 <= i + up <= n and 0 <= j + right <= m
    }
    # Where the band is broken off between two rows, its widening bridges the columns between them.
    for row in range(n + 1):
        columns = [j for i, j in wide if i == row]
        wide |= {(row, j) for j in range(min(columns), max(columns) + 1)}
    assert nodes(band.widened(reach, m)) == wide


@given(drawn_bands())
def test_a_transposed_band_holds_the_same_nodes(drawn: tuple[Band, int]) -> None:
    band, m = drawn
    transposed = band.transposed(m)
    assert nodes(transposed) == {(j, i) for i, j in nodes(band)}
    assert transposed.size == band.size


@given(drawn_bands())
def test_nodes_are_numbered_without_gaps(drawn: tuple[Band, int]) -> None:
    band, _ = drawn
    assert [band.start[i] + j - band.low[i] for i, j in sorted(nodes(band))] == list(range(band.size))


@settings(max_examples=60)
@given(chains(), st.sampled_from([1, 40, 40_000]), st.integers(0, 3))
def test_a_band_holds_its_anchors_and_a_way_through(chain: tuple[NDArray[np.int64], int, int], gap: int, slack: int) -> None:
    pairs, n, m = chain
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(bands, "FULL_LATTICE", 0)
        patch.setattr(bands, "LARGEST_GAP", gap)
        patch.setattr(bands, "SLACK", slack)
        band = band_around(pairs, n, m)
    inside = nodes(band)
    assert {(0, 0), (n, m)} <= inside
    for i, j in pairs.tolist():
        assert {(i, j), (i + 1, j + 1)} <= inside
    assert (np.diff(band.low) >= 0).all() and (np.diff(band.high) >= 0).all()
    assert (band.low >= 0).all() and (band.high <= m).all() and (band.low <= band.high).all()
    assert reachable(band)


def test_small_documents_need_no_band() -> None:
    assert nodes(band_around(np.zeros((0, 2), np.int64), 12, 7)) == nodes(full_band(12, 7))


def nodes_a_segment(chain: NDArray[np.int64], n: int, m: int) -> float:
    return band_around(chain, n, m).size / (n + m)


def test_nodes_grow_with_the_length_of_documents_that_run_in_parallel() -> None:
    def parallel(length: int) -> float:
        every_third = np.arange(0, length, 3, dtype=np.int64)
        return nodes_a_segment(np.stack([every_third, every_third], axis=1), length, length)

    assert parallel(20_000) == pytest.approx(parallel(2_000), rel=0.02)
    assert parallel(20_000) < 50


def test_nodes_do_not_grow_with_the_square_of_a_gap() -> None:
    """Half of the source is missing in the target, and nothing in the target's second half has a counterpart."""

    def with_gap(length: int) -> float:
        first = np.arange(length // 2, dtype=np.int64)
        return nodes_a_segment(np.stack([first, first], axis=1), length, length)

    assert with_gap(40_000) == pytest.approx(with_gap(4_000), rel=0.05)
    assert with_gap(40_000) < 50
    assert nodes_a_segment(np.zeros((0, 2), np.int64), 30_000, 30_000) < 50


def test_no_chain_makes_a_band_of_more_nodes_a_segment_than_the_largest_gap_allows() -> None:
    """The worst case: gaps that lie in the band whole, and are as large and as square as that allows."""
    side = int(bands.LARGEST_GAP**0.5)
    corners = np.arange(side - 1, 100 * side, side, dtype=np.int64)
    square = nodes_a_segment(np.stack([corners, corners], axis=1), 100 * side, 100 * side)
    assert square < side / 2 + 4 * bands.SLACK


@given(st.lists(st.integers(0, 5), max_size=8), st.lists(st.integers(0, 5), max_size=8))
def test_a_band_of_parts_holds_the_nodes_at_which_a_bead_within_a_part_may_stand(source: list[int], target: list[int]) -> None:
    source, target = sorted(source), sorted(target)
    band = band_of_parts(np.array(source, np.int64), np.array(target, np.int64))
    wanted = {(0, 0), (len(source), len(target))}
    for part in range(6):
        first, end = sum(p < part for p in source), sum(p <= part for p in source)
        target_first, target_end = sum(p < part for p in target), sum(p <= part for p in target)
        wanted |= {(i, j) for i in range(first, end + 1) for j in range(target_first, target_end + 1)}
    assert nodes(band) == wanted
    assert reachable(band)


def neighbours_of(cosines: NDArray[np.float32]) -> tuple[Neighbours, Neighbours]:
    """Every segment of the other side as a neighbour, nearest first."""

    def of(table: NDArray[np.float32]) -> Neighbours:
        order = np.argsort(-table, axis=1, kind="stable")
        return Neighbours(order.astype(np.int32), np.take_along_axis(table, order, axis=1))

    return of(cosines), of(cosines.T)


@settings(max_examples=60)
@given(st.integers(1, 9), st.integers(1, 9), st.integers(0, 2**32 - 1))
def test_anchors_are_the_heaviest_chain_of_mutual_best_pairs(n: int, m: int, seed: int) -> None:
    cosines = np.random.default_rng(seed).uniform(-0.2, 1, (n, m)).astype(np.float32)
    margins = cosines - (cosines.mean(axis=1, keepdims=True) + cosines.mean(axis=0, keepdims=True)) / 2
    best = [
        (i, j, float(margins[i, j]))
        for i in range(n)
        for j in range(m)
        if margins[i].argmax() == j and margins[:, j].argmax() == i
        and margins[i, j] >= bands.MIN_ANCHOR_MARGIN and cosines[i, j] >= bands.MIN_ANCHOR_COSINE
    ]  # fmt: skip
    heaviest = 0.0
    for chosen in range(2 ** len(best)):
        chain = [pair for k, pair in enumerate(best) if chosen >> k & 1]
        if all(a[0] < b[0] and a[1] < b[1] for a, b in pairwise(chain)):
            heaviest = max(heaviest, sum(weight for _, _, weight in chain))
    found = anchors(*neighbours_of(cosines)).tolist()
    assert all(a[0] < b[0] and a[1] < b[1] for a, b in pairwise(found))
    weights = {(i, j): weight for i, j, weight in best}
    assert sum(weights[i, j] for i, j in found) == pytest.approx(heaviest, abs=1e-4)


@given(st.permutations(range(8)), st.lists(st.sampled_from([0.5, 0.6, 0.9]), min_size=8, max_size=8))
def test_of_crossing_anchors_the_heaviest_chain_is_kept(order: list[int], strengths: list[float]) -> None:
    """As above, with enough crossing pairs to choose from: each segment has one counterpart, at a place of its own."""
    cosines = np.zeros((8, 8), np.float32)
    cosines[np.arange(8), order] = strengths
    weight = {(i, j): strengths[i] * (1 - 1 / 8) for i, j in enumerate(order)}
    heaviest = 0.0
    for chosen in range(2**8):
        chain = [(i, j) for i, j in enumerate(order) if chosen >> i & 1]
        if all(a[1] < b[1] for a, b in pairwise(chain)):
            heaviest = max(heaviest, sum(weight[pair] for pair in chain))
    found = [(i, j) for i, j in anchors(*neighbours_of(cosines)).tolist()]
    assert all(a[0] < b[0] and a[1] < b[1] for a, b in pairwise(found))
    assert sum(weight[pair] for pair in found) == pytest.approx(heaviest, abs=1e-4)


def test_the_slack_is_more_than_the_longest_bead() -> None:
    assert MOVES.max() == LONGEST
    assert bands.SLACK > LONGEST


def test_documents_without_neighbours_have_no_anchors() -> None:
    none = Neighbours(np.full((3, 4), -1, np.int32), np.zeros((3, 4), np.float32))
    assert anchors(none, none).shape == (0, 2)
    empty = Neighbours(np.zeros((0, 4), np.int32), np.zeros((0, 4), np.float32))
    assert anchors(empty, none).shape == (0, 2)
