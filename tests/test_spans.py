"""Spans as weighted sums, against slow twins that write the sums down."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aligner.alignment.moves import LONGEST
from aligner.alignment.spans import span_hubness, span_norms

K = 3


@settings(max_examples=60)
@given(st.integers(1, 9), st.integers(1, 9), st.integers(0, 2**32 - 1))
def test_lengths_and_hubness_of_spans_are_those_of_their_sums(n: int, m: int, seed: int) -> None:
    random = np.random.default_rng(seed)
    vectors, others = (random.standard_normal((count, 5)).astype(np.float32) for count in (n, m))
    weights = random.uniform(0.5, 10, n).astype(np.float32)
    near = np.array([[*random.permutation(m)[: random.integers(0, K + 1)], -1, -1, -1][:K] for _ in range(n)], np.int32)
    norms = span_norms(vectors, weights)
    hubness = span_hubness(vectors, weights, norms, near, others)
    assert norms.shape == hubness.shape == (LONGEST, n)
    for i in range(n):
        for k in range(LONGEST):
            if i + k >= n:
                assert norms[k, i] == 1 and hubness[k, i] == 0
                continue
            total = sum(weights[p] * vectors[p].astype(np.float64) for p in range(i, i + k + 1))
            length = np.linalg.norm(total)
            assert norms[k, i] == pytest.approx(length, rel=1e-3, abs=1e-3)
            candidates = sorted({int(c) for c in near[i : i + k + 1].ravel() if c >= 0})
            best = np.sort(others[candidates] @ (total / length))[-K:] if candidates else np.zeros(1)
            assert hubness[k, i] == pytest.approx(best.mean(), abs=1e-2)
