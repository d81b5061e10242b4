"""Which words are encoded, and which count without."""

from __future__ import annotations

import re

import numpy as np
import pytest
from hashed import Asking, embed
from hypothesis import given
from hypothesis import strategies as st

from aligner.alignment import lexicon
from aligner.alignment.band import Band, full_band
from aligner.alignment.lexicon import Lexicon, Tokens, found_mass, lexicons, words_of
from aligner.alignment.moves import LONGEST

SOURCE = Tokens.of(["le roi dort", "le roi Arthur 12", "rare"])
TARGET = Tokens.of(["the king sleeps", "the king Arthur 12", "seldom"])


def asked_for(sparing: bool) -> list[str]:
    asking = Asking()
    lexicons(SOURCE, TARGET, asking, sparing=sparing)
    return asking.texts


def test_every_distinct_word_is_encoded_but_no_number() -> None:
    assert sorted(asked_for(sparing=False)) == sorted(["le", "roi", "dort", "arthur", "rare", "the", "king", "sleeps", "arthur", "seldom"])


def test_words_that_stand_once_are_not_encoded_in_a_long_text(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "dort" in asked_for(sparing=True)
    monkeypatch.setattr(lexicon, "LONG_TEXT", 6)
    assert sorted(asked_for(sparing=True)) == ["king", "le", "roi", "the"]


def test_what_both_long_texts_hold_counts_though_it_is_not_encoded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lexicon, "LONG_TEXT", 6)
    own, other = lexicons(SOURCE, TARGET, embed, sparing=True)
    band = full_band(3, 3)
    found = found_mass(own, other, band.low, band.high, band.start)[0].reshape(4, 4)[:3, :3]
    weight = -np.log(1 / 6) + 1e-3  # of six words that are left, each of these stands there once
    assert found[1, 1] - found[1, 0] == pytest.approx(2 * weight, rel=1e-4)  # Arthur and 12
    assert not found[2].any()


def similarity(own: Lexicon, other: Lexicon, word: int, segment: int) -> float:
    """Of a word with the nearest word of a segment of the other side, 0 without one that it may correspond to."""
    held = set(other.words[other.start[segment] : other.start[segment + 1]].tolist())
    places = range(own.counterpart_start[word], own.counterpart_start[word + 1])
    return max((float(own.similarity[c]) for c in places if int(own.counterpart[c]) in held), default=0.0)


SEGMENT = st.lists(st.sampled_from("le roi dort king sleeps the 12 king's".split()), max_size=5).map(" ".join)
SEGMENTS = st.lists(SEGMENT, min_size=1, max_size=5)


@given(SEGMENTS, SEGMENTS, st.booleans())
def test_what_is_found_of_a_segment_is_what_each_of_its_words_finds(source: list[str], target: list[str], narrow: bool) -> None:
    own, other = lexicons(Tokens.of(source), Tokens.of(target), embed)
    n, m = len(source), len(target)
    steps = np.arange(n + 1)
    low, high = np.clip(steps - 1, 0, m), np.clip(steps + 1, 0, m)
    high[-1] = m
    band = Band.of_bounds(low, high) if narrow else full_band(n, m)
    found = found_mass(own, other, band.low, band.high, band.start)
    for i in range(n):
        words = own.words[own.start[i] : own.start[i + 1]].tolist()
        last = min(int(band.high[i]), m - 1)
        for j in range(int(band.low[i]), last + 1):
            for k in range(LONGEST):
                span = range(j, min(j + k, last) + 1)
                expected = sum(own.weight[word] * max(similarity(own, other, word, r) for r in span) for word in words)
                assert found[k, band.start[i] + j - band.low[i]] == pytest.approx(expected, abs=1e-4)


@given(st.text(st.sampled_from("aÉ_129٣.,' \u00a0\u202f-")))
def test_words_are_what_one_pattern_finds_less_the_separators_in_numbers(text: str) -> None:
    found = re.findall(r"\d[\d.,\u00a0\u202f]*\d|\w+", text.lower())
    assert words_of(text) == tuple(re.sub(r"[.,\u00a0\u202f]", "", word) if word[0].isdigit() else word for word in found)


def test_texts_without_words_have_empty_lexicons() -> None:
    own, other = lexicons(Tokens.of(["", "!"]), Tokens.of(["?"]), embed)
    assert own.mass().tolist() == [0, 0] and other.mass().tolist() == [0]
