"""A side that is much longer than the other, so that something stands there alone."""

from __future__ import annotations

from aligner.annotations.pair import Pair

_RELATIVE = {"fr": 1.1}
"""Code points that a language takes for what English says in one: French, in the pairs of gold. Others count as English."""
_UNCOUNTED = frozenset(("zh", "ja", "ko", "th"))
"""Of these a few code points say what takes ten in English: they are not judged."""
_ALLOWANCE = 20
"""Added to both lengths, so that a few words more or an abbreviation do not matter in short texts."""
_MOST = 2.2
"""How many times as long a side may be."""


def find(pair: Pair) -> str | None:
    """That one side is more than 2.2 times as long as the other says, both lengths in code points of English and 20 added to each."""
    if pair.source.lang in _UNCOUNTED or pair.target.lang in _UNCOUNTED:
        return None
    source, target = (len(side.text) / _RELATIVE.get(side.lang, 1.0) + _ALLOWANCE for side in pair.sides)
    if max(source, target) <= _MOST * min(source, target):
        return None
    longer, shorter = pair.both_ways[0] if source > target else pair.both_ways[1]
    return f"{longer.name} has {len(longer.text):,} characters, {shorter.name} {len(shorter.text):,}"
