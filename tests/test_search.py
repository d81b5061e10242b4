"""Search that is kept to clusters: what it finds is exact, and it misses little."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from aligner.alignment import search
from aligner.alignment.search import nearest, nearest_targets, shared_clusters


@st.composite
def sides(draw: st.DrawFn) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Unit vectors in few dimensions, some of them blank and some twice."""
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))

    def one() -> NDArray[np.float32]:
        rows = random.standard_normal((draw(st.integers(0, 40)), 6))
        rows /= np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9)
        rows[random.random(len(rows)) < 0.2] = 0
        return np.concatenate([rows, rows[:3]]).astype(np.float32)

    return one(), one()


@settings(max_examples=60)
@given(sides(), st.integers(1, 5), st.sampled_from([-np.inf, 0.3]))
def test_neighbours_found_by_clusters_are_distinct_in_order_and_share_one(
    drawn: tuple[NDArray[np.float32], ...], k: int, least: float
) -> None:
    together = np.zeros((len(drawn[0]), len(drawn[1])), bool)
    for rows, columns in shared_clusters(*drawn):
        together[np.ix_(rows, columns)] = True
    for found, own, other, met in zip(
        nearest(*drawn, k, least=least, clustered=True), drawn, drawn[::-1], (together, together.T), strict=True
    ):
        for row, indices, similarities, candidates in zip(own, found.indices, found.similarities, met, strict=True):
            cosines = other @ row
            wanted = np.sort(cosines[candidates & (cosines > least) & other.any(axis=1)])[::-1][:k]
            count = len(wanted)
            np.testing.assert_allclose(similarities[:count], wanted, atol=1e-5)
            np.testing.assert_allclose(cosines[indices[:count]], wanted, atol=1e-5)
            assert len(set(indices[:count].tolist())) == count
            assert (indices[count:] == -1).all() and (similarities[count:] == 0).all()


@settings(max_examples=60)
@given(sides(), st.integers(1, 5), st.sampled_from([-np.inf, 0.3]), st.booleans())
def test_one_side_alone_finds_what_it_finds_beside_the_other(
    drawn: tuple[NDArray[np.float32], ...], k: int, least: float, clustered: bool
) -> None:
    alone, beside = (
        nearest_targets(*drawn, k, least=least, clustered=clustered),
        nearest(*drawn, k, least=least, clustered=clustered)[0],
    )
    assert (alone.indices == beside.indices).all() and (alone.similarities == beside.similarities).all()


@settings(max_examples=40)
@given(sides())
def test_every_vector_has_clusters_and_blank_ones_have_none(drawn: tuple[NDArray[np.float32], ...]) -> None:
    groups = list(shared_clusters(*drawn))
    for side, vectors in enumerate(drawn):
        members = np.array([number for group in groups for number in group[side]], np.int64)
        assert (np.bincount(members, minlength=len(vectors)) <= search.MEMBERSHIPS).all()
        assert set(members.tolist()) == set(np.flatnonzero(vectors.any(axis=1)).tolist())
        assert all((np.diff(group[side]) > 0).all() for group in groups)


def test_clusters_miss_few_neighbours_and_hardly_any_counterpart() -> None:
    """Each target is a source with noise, at a cosine of about .8; subjects make some sources alike."""
    random = np.random.default_rng(1)

    def unit(rows: NDArray[np.float64]) -> NDArray[np.float32]:
        return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)

    subjects = random.standard_normal((60, 64))
    source = unit(subjects[random.integers(0, 60, 4_000)] + random.standard_normal((4_000, 64)))
    target = unit(source + 0.75 * unit(random.standard_normal((4_000, 64))))
    exact, near = nearest(source, target, 4)[0], nearest(source, target, 4, clustered=True)[0]
    shared = np.mean([len({*a} & {*b}) / 4 for a, b in zip(exact.indices.tolist(), near.indices.tolist(), strict=True)])
    assert shared > 0.9
    assert (exact.indices[:, 0] == near.indices[:, 0]).mean() > 0.97
    assert abs(exact.hubness.mean() - near.hubness.mean()) < 0.01


def test_clusters_compare_a_share_of_all_pairs_that_falls_with_length() -> None:
    def share(count: int) -> float:
        vectors = np.random.default_rng(count).standard_normal((2, count, 16)).astype(np.float32)
        vectors /= np.linalg.norm(vectors, axis=2, keepdims=True)
        return sum(len(rows) * len(columns) for rows, columns in shared_clusters(*vectors)) / count**2

    assert share(16_000) == pytest.approx(share(4_000) / 2, rel=0.2)
