"""Boilerplate: texts that recur over the documents of a site, such as menus, cookie notices and disclaimers.

A long sentence that recurs is boilerplate. A short one need not be: “Thank you.” and “Article 2” recur in the midst of what people say.
What recurs of boilerplate is its surroundings too, so a short text is looked at together with the text before or after it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from aligner.repeats.shingles import hash64, scattered, words

LEAST = 10
"""Documents in which boilerplate recurs, at least: fewer may be copies, or a series."""
LONG = 8
"""Words from which on a text that recurs says enough by itself."""

_OF_LONG, _WITH_NEIGHBOUR, _ALONE = range(3)
_SHARES = (0.01, 0.2, 0.5)
"""Of a site's documents, in which a trace of each kind stands, at least."""
_KINDS = 4  # the two lowest bits of a trace say of which kind it is
_DIGITS = re.compile(r"\d\d*")  # looked for four times as fast as with "+"
_ZEROS = re.compile(r"\b0( 0)+\b")  # 1 234 is one number
_EDGE = ""
"""The neighbour of the first and the last text of a document. No text that is traced looks like it."""

Trace = int
"""What a text leaves, by which it is found in other documents, those of its site where it is `of_site`: 64 bits with sign."""


def recognisable(text: str) -> str:
    """A text without what differs in the same boilerplate: case, punctuation, white space, and all numbers are 0; empty without letters."""
    plain = " ".join(words(text))
    if _DIGITS.search(plain):
        plain = _ZEROS.sub("0", _DIGITS.sub("0", plain))
    return "" if plain == "0" else plain


def traces(texts: Sequence[str], lang: str) -> list[tuple[Trace, ...]]:
    """The traces of each of a document's texts, in order; none of a text without letters.

    A text is boilerplate where one of its traces is found in enough documents of the site: see `recurs`.
    """
    plain = [recognisable(text) for text in texts]
    found: list[tuple[Trace, ...]] = []
    for number, text in enumerate(plain):
        if not text:
            found.append(())
        elif text.count(" ") + 1 >= LONG:
            found.append((_trace(lang, _OF_LONG, text),))
        else:
            before = plain[number - 1] if number else _EDGE
            after = plain[number + 1] if number + 1 < len(plain) else _EDGE
            some = [
                _trace(lang, _WITH_NEIGHBOUR if before else _ALONE, before, text),
                _trace(lang, _WITH_NEIGHBOUR if after else _ALONE, text, after),
            ]
            if _is_numbered(text):
                some.append(_trace(lang, _ALONE, text))
            found.append(tuple(some))
    return found


def of_site(some: NDArray[np.int64], site: str) -> NDArray[np.int64]:
    """The same traces as those of a site, which has none in common with others."""
    plain = some.astype(np.int64).view(np.uint64)
    kinds = np.uint64(_KINDS)
    own = scattered(plain // kinds + np.uint64(hash64(site)))
    return (own // kinds * kinds + plain % kinds).view(np.int64)


def recurs(trace: Trace, held_by: int, documents: int) -> bool:
    """Whether a trace that so many of a site's documents hold is one of boilerplate."""
    return held_by >= max(LEAST, _SHARES[trace % _KINDS] * documents)


def boilerplate(documents: Iterable[Sequence[str]], lang: str = "") -> list[tuple[bool, ...]]:
    """Which texts of each document of one site are boilerplate; those of documents that are near copies of others too."""
    found = [traces(texts, lang) for texts in documents]
    count = Counter(trace for document in found for trace in {trace for some in document for trace in some})
    return [tuple(any(recurs(trace, count[trace], len(found)) for trace in some) for some in document) for document in found]


def _trace(lang: str, kind: int, *texts: str) -> Trace:
    value = hash64("\0".join((lang, *texts))) // _KINDS * _KINDS + kind
    return value - (1 << 64) if value >> 63 else value


def _is_numbered(text: str) -> bool:
    """Whether it is a number with two words or more, such as “page 3 of 7”, and not “Article 2”."""
    plain = text.split()
    return any("0" in word for word in plain) and sum(word != "0" for word in plain) > 1
