"""Spans of neighbouring segments as the weighted sums of their vectors, without ever writing the sums down."""

from __future__ import annotations

import numpy as np
from numba import njit

from aligner.alignment.moves import LONGEST


@njit(cache=True, _nrt=False, fastmath=True)
def dot(left, i, right, j):  # type: ignore[no-untyped-def]
    """Product of row i of one table with row j of another; numba's own costs more in its call than in its work."""
    total = np.float32(0)
    for d in range(left.shape[1]):
        total += left[i, d] * right[j, d]
    return total


@njit(cache=True)
def span_norms(vectors, weights):  # type: ignore[no-untyped-def]
    """float32 (LONGEST, n): length of the weighted sum of the k+1 vectors that start at each segment; 1 past the end.

    The square of a sum is that of the sum without its last vector, and what that one adds to it.
    """
    n = len(vectors)
    out = np.ones((LONGEST, n), np.float32)
    products = np.zeros((n, LONGEST), np.float32)
    for i in range(n):
        for k in range(min(LONGEST, n - i)):
            products[i, k] = weights[i] * weights[i + k] * dot(vectors, i, vectors, i + k)
    for i in range(n):
        square = np.float32(0)
        for k in range(min(LONGEST, n - i)):
            square += products[i + k, 0]
            for p in range(i, i + k):
                square += 2 * products[p, i + k - p]
            out[k, i] = max(np.sqrt(max(square, np.float32(0))), np.float32(1e-6))
    return out


@njit(cache=True)
def span_hubness(vectors, weights, norms, near, others):  # type: ignore[no-untyped-def]
    """float32 (LONGEST, n): mean cosine of the nearest among its segments' own nearest to the span of k+1 that starts at each segment.

    near: int32 (n, k), each segment's nearest of `others`, -1 for none; as many count for a span. norms: of `span_norms`.
    """
    n, nearest = near.shape
    reach = LONGEST - 1
    products = np.zeros((n, nearest, 2 * LONGEST - 1), np.float32)  # of the segments around each one with its neighbours
    for p in range(n):
        for slot in range(nearest):
            if near[p, slot] >= 0:
                for around in range(max(0, p - reach), min(n, p + LONGEST)):
                    products[p, slot, around - p + reach] = weights[around] * dot(vectors, around, others, near[p, slot])
    out = np.zeros((LONGEST, n), np.float32)
    best = np.zeros(nearest, np.float32)
    tried = np.zeros(LONGEST * nearest, np.int64)
    for i in range(n):
        for k in range(min(LONGEST, n - i)):
            n_tried, n_best = 0, 0
            for p in range(i, i + k + 1):
                for slot in range(nearest):
                    candidate = near[p, slot]
                    new = candidate >= 0
                    for t in range(n_tried):
                        new = new and tried[t] != candidate
                    if not new:
                        continue
                    tried[n_tried] = candidate
                    n_tried += 1
                    cosine = np.float32(0)
                    for around in range(i, i + k + 1):
                        cosine += products[p, slot, around - p + reach]
                    cosine /= norms[k, i]
                    if n_best < nearest:
                        best[n_best] = cosine
                        n_best += 1
                    else:
                        least = np.argmin(best)
                        if cosine > best[least]:
                            best[least] = cosine
            if n_best:
                out[k, i] = best[:n_best].mean()
    return out
