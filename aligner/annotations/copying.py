"""A side that was not translated: both hold the same words."""

from __future__ import annotations

import re
from collections import Counter

from aligner.annotations.function_words import FUNCTION_WORDS
from aligner.annotations.pair import Pair, Side, quoted

_SHARED = 0.8
"""Share of the words of the longer side that stand on the other one too, from which on one is a copy of the other."""
_LEAST_WORDS = 2
_MANY_WORDS = 4
"""Plain words from which on a copy is a sentence though no function word says so, as in a third language."""
_PLAIN = re.compile(r"(?<![\w/.@])[^\W\d_A-ZÀ-ÖØ-Þ][^\W\d_]+(?![\w]*[/@.:]\w)")
"""Words of two letters or more that do not begin with a capital letter and are no part of an address."""
_IN_NAMES = frozenset("de du des la le les et of the and in au aux sur en for on sans".split())
"""Function words that names and titles hold."""
_FUNCTION = frozenset(word for words in FUNCTION_WORDS.values() for word in words if len(word) > 1)


def find(pair: Pair) -> str | None:
    """That both sides are the same words, unless these may be names, titles, numbers, or words of both languages."""
    source, target = pair.source.words, pair.target.words
    most = max(len(source), len(target))
    if min(len(source), len(target)) < max(_LEAST_WORDS, _SHARED * most):
        return None
    shared = pair.source.vocabulary & pair.target.vocabulary
    if len(shared) < _SHARED * max(len(pair.source.vocabulary), len(pair.target.vocabulary)):
        return None
    if source != target and sum((Counter(source) & Counter(target)).values()) < _SHARED * most:
        return None
    plain = shared.intersection(*map(_plain_words, pair.sides)) - _IN_NAMES
    is_sentence = plain and not shared.isdisjoint(_FUNCTION)
    return f"both sides say {quoted(pair.source.text)}" if is_sentence or len(plain) >= _MANY_WORDS else None


def _plain_words(side: Side) -> list[str]:
    return _PLAIN.findall(side.text.lower() if side.text.isupper() else side.text)
