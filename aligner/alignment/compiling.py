"""How functions are compiled that run once for every bead."""

from __future__ import annotations

from numba import njit

leaf = njit(cache=True, _nrt=False)
"""`njit` for functions that allocate no array: without counting references to those they are handed, which took two thirds of the time.

Numba keeps a compiled function until the function's own file changes. After a change of a leaf, or of a constant that another module's
compiled function reads, remove every `__pycache__`, or the old code goes on running."""
