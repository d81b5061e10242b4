"""How functions are compiled that run once for every bead."""

from __future__ import annotations

from numba import njit

leaf = njit(cache=True, _nrt=False)
"""`njit` for functions that allocate no array: without counting references to those they are handed, which took two thirds of the time."""
