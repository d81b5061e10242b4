"""MinHash signatures, which tell how much two texts share without the texts, and bands, by which those that share much are found.

Broder 1997; bands after Leskovec, Rajaraman & Ullman, Mining of Massive Datasets, 3.4.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from aligner.repeats.shingles import Shingles, hash64, scattered

BANDS, ROWS = 20, 6
"""Texts that share .8 have a band in common in 99.8 % of cases, those that share .5 in 27 %, .3 in 1.4 %."""
HASHES = BANDS * ROWS

Signature = NDArray[np.uint16]

# Multiply and add modulo 2^64 (Dietzfelbinger et al. 1997), by numbers that must stay as they are: signatures are kept.
_FACTORS = scattered(np.arange(1, HASHES + 1, dtype=np.uint64)) | np.uint64(1)
_TERMS = scattered(np.arange(HASHES + 1, 2 * HASHES + 1, dtype=np.uint64))
_AT_ONCE = 1024
"""Shingles that are hashed at a time: a megabyte, which the processor's cache holds."""


def signature(of: Shingles) -> Signature:
    """The signature of a text's shingles, uint16 (HASHES,); of no shingles all zeros.

    It keeps 16 bits of each minimum: different ones look alike once in 65,536 times (Li & König 2010).
    """
    if not of.size:
        return np.zeros(HASHES, np.uint16)
    least = np.full(HASHES, np.iinfo(np.uint64).max, np.uint64)
    for start in range(0, of.size, _AT_ONCE):
        part = of[start : start + _AT_ONCE]
        np.minimum(least, (_FACTORS[:, None] * part + _TERMS[:, None]).min(axis=1), out=least)
    # The upper bits of a minimum are mostly zeros and the lowest ones poor: mixed, all tell.
    return (scattered(least) >> np.uint64(48)).astype(np.uint16)


def similarity(one: Signature, other: Signature) -> float:
    """An estimate of `jaccard` of the texts, 0..1; its standard error is .037 at .8 and .046 at most."""
    return float((one == other).mean())


def bands(of: Signature, salt: str) -> tuple[int, ...]:
    """BANDS numbers of 64 bits with sign. Texts that share one, with the same `salt`, may be near copies."""
    held = np.arange(BANDS, dtype=np.uint64) + np.uint64(hash64(salt))
    for row in of.reshape(BANDS, ROWS).T.astype(np.uint64):
        held = scattered(held) + row
    return tuple(scattered(held).view(np.int64).tolist())
