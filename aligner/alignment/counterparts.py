"""What in a pair of texts lacks a counterpart in the other: numbers, and words that nothing over there resembles.

A number must be there in digits: its vector hardly tells it from another. A word lacks its counterpart where no word or phrase
of the other text is near it, nor near it together with the words beside it: one word alone is too often put freely.
Measured on decision 015's pairs into which a foreign clause was put.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from aligner.types import Embed

Spans = tuple[tuple[int, int], ...]
"""Ranges of a text's characters, in order and apart."""

FAR, FAR_TOGETHER = 0.55, 0.46
"""Cosines under which a word, and it with its neighbours, is near no phrase of the other text."""
CONTENT = 4
"""Letters of a word from which it is looked at; most shorter ones are function words. They are marked between words that are."""
MOST_BETWEEN = 2
LONG = 300
"""Words of a text in which numbers alone are looked at: it is no sentence, and takes a second."""
_GROUPED = re.compile(r"(\d{1,3}(?:[ .,'’\u00a0\u202f]\d{3})+)(?!\d)([.,]\d+)?")
_TOKEN = re.compile(rf"(?P<number>{_GROUPED.pattern}|\d+(?:[.,]\d+)*)|[^\W\d]+")


class _Token(NamedTuple):
    start: int
    end: int
    word: str
    """lower-cased; of a number its digits"""
    is_number: bool


def without_counterpart(source: str, target: str, words: Embed, phrases: Embed) -> tuple[Spans, Spans]:
    """The ranges of either text's characters that lack a counterpart in the other; none where a text has no word.

    words, phrases: embed single words, and phrases of up to three, which hardly come again; they may be one.
    """
    sides = (_tokens(source), _tokens(target))
    if not all(sides):
        return (), ()
    lacking = [_lacking_numbers(sides[0], sides[1]), _lacking_numbers(sides[1], sides[0])]
    places = [[k for k, token in enumerate(side) if not token.is_number] for side in sides]
    if all(places) and max(map(len, places)) <= LONG:
        vectors = [_phrase_vectors([side[k].word for k in own], words, phrases) for side, own in zip(sides, places, strict=True)]
        cosines = vectors[0] @ vectors[1].T
        for k in (0, 1):
            near = _near(cosines.max(axis=1 - k), len(places[k]))
            lacking[k] |= {
                place for place, found in zip(places[k], near, strict=True) if not found and len(sides[k][place].word) >= CONTENT
            }
    return _ranges(sides[0], lacking[0]), _ranges(sides[1], lacking[1])


def _tokens(text: str) -> list[_Token]:
    found = []
    for match in _TOKEN.finditer(text):
        number = match.group("number")
        found.append(_Token(*match.span(), match.group().lower() if number is None else _spelt_alike(number), number is not None))
    return found


def _spelt_alike(number: str) -> str:
    """One spelling for 1,000 and 1 000, for 2,5 and 2.5, for 06 and 6, for ٣ and 3."""
    grouped = _GROUPED.fullmatch(number)
    number = re.sub(r"\D", "", grouped[1]) + (grouped[2] or "") if grouped else number
    digits = "".join(str(unicodedata.decimal(character)) if character.isdecimal() else "." for character in number)
    return digits.lstrip("0") or "0" if digits.isdecimal() else digits


def _lacking_numbers(own: Sequence[_Token], other: Sequence[_Token]) -> set[int]:
    there = {token.word for token in other if token.is_number}
    return {k for k, token in enumerate(own) if token.is_number and token.word not in there}


def _phrase_vectors(words: Sequence[str], embed_words: Embed, embed_phrases: Embed) -> NDArray[np.float32]:
    """float32 (n_phrases, dim): of the words, of the phrases of two words, of those of three."""
    longer = [" ".join(words[k : k + length]) for length in (2, 3) for k in range(len(words) - length + 1)]
    return np.concatenate([embed_words(words), embed_phrases(longer)]) if longer else embed_words(words)


def _near(best: NDArray[np.float32], n: int) -> NDArray[np.bool_]:
    """bool (n,): whether each of n words, or it with its neighbours, is near anything; best: cosines, float32 (n_phrases,)."""
    alone = best[:n]
    pairs, threes = best[n : 2 * n - 1], best[2 * n - 1 :]
    together = np.concatenate([pairs[:1], threes, pairs[-1:]]) if n > 1 else alone
    return (alone >= FAR) | (together >= FAR_TOGETHER)


def _ranges(tokens: Sequence[_Token], lacking: set[int]) -> Spans:
    """The tokens' ranges, with the short words between two of them."""
    spans: list[tuple[int, int]] = []
    last = -1
    for k in sorted(lacking):
        between = tokens[last + 1 : k]
        if spans and len(between) <= MOST_BETWEEN and all(len(token.word) < CONTENT and not token.is_number for token in between):
            spans[-1] = (spans[-1][0], tokens[k].end)
        else:
            spans.append((tokens[k].start, tokens[k].end))
        last = k
    return tuple(spans)
