"""The words of a text, as several readers of it ask for them."""

from __future__ import annotations

import re
from functools import lru_cache

TEXTS_READ = 8_192
"""Texts whose words are remembered: they are asked for again soon, for one when what was aligned is annotated."""

_WORD = re.compile(r"\w+")


@lru_cache(maxsize=TEXTS_READ)
def words_in(text: str) -> tuple[str, ...]:
    """The words and numbers of a text in order and in lower case; an apostrophe parts two of them, as it does in « l'eau »."""
    return tuple(_WORD.findall(text.lower()))
