"""A figure that a notebook shows. It stands alone because it needs matplotlib as soon as it is imported."""

from __future__ import annotations

import io
from typing import Any

from matplotlib.figure import Figure

_DOTS_PER_INCH = 192
"""Twice what a page has, for screens with fine dots."""


class Picture(Figure):
    """Drawn without pyplot, which would look for a screen and keep every figure; so the notebook has to be told how to show it."""

    def _repr_png_(self) -> tuple[bytes, dict[str, Any]]:
        stream = io.BytesIO()
        self.savefig(stream, format="png", dpi=_DOTS_PER_INCH)
        width, height = (round(inches * _DOTS_PER_INCH / 2) for inches in self.get_size_inches())
        return stream.getvalue(), {"width": width, "height": height}
