"""The nearest as pairs in no order against the search that keeps them in order."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from aligner.alignment import nearest_pairs as tested
from aligner.alignment.nearest_pairs import nearest_pairs
from aligner.alignment.search import nearest_targets

Vectors = NDArray[np.float32]


@st.composite
def vectors(draw: st.DrawFn) -> Vectors:
    """Of few values, so that many cosines are equal, or of any."""
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    shape = draw(st.integers(0, 40)), 3
    drawn = random.integers(-1, 3, shape) if draw(st.booleans()) else random.normal(0.3, 1, shape)
    lengths = np.linalg.norm(drawn, axis=1, keepdims=True)
    return (drawn / np.maximum(lengths, 1e-6)).astype(np.float32)


def in_order(source: Vectors, target: Vectors, k: int, least: float) -> list[tuple[int, int, float]]:
    near = nearest_targets(source, target, k, least=least)
    row, slot = np.nonzero(near.indices >= 0)
    return sorted(zip(row.tolist(), near.indices[row, slot].tolist(), near.similarities[row, slot].tolist(), strict=True))


@settings(deadline=None, max_examples=200)
@given(vectors(), vectors(), st.sampled_from([1, 2, 5, 24]), st.sampled_from([0.0, 0.35, 0.9]))
def test_they_are_those_of_the_search_in_order(source: Vectors, target: Vectors, k: int, least: float) -> None:
    rows, columns, cosines = nearest_pairs(source, target, k, least)
    assert (np.diff(rows) >= 0).all()
    assert sorted(zip(rows.tolist(), columns.tolist(), cosines.tolist(), strict=True)) == in_order(source, target, k, least)


def test_they_are_the_same_block_by_block(monkeypatch: pytest.MonkeyPatch) -> None:
    random = np.random.default_rng(0)
    source, target = (random.integers(-1, 3, (n, 3)).astype(np.float32) for n in (30, 20))
    whole = nearest_pairs(source, target, 5, 0.35)
    monkeypatch.setattr(tested, "BLOCK", 10)
    for parts, once in zip(nearest_pairs(source, target, 5, 0.35), whole, strict=True):
        np.testing.assert_array_equal(parts, once)
