"""Which words are encoded, and which count without."""

from __future__ import annotations

import re

import numpy as np
import pytest
from hashed import Asking, embed
from hypothesis import given
from hypothesis import strategies as st

from aligner.alignment import lexicon
from aligner.alignment.band import full_band
from aligner.alignment.lexicon import Tokens, found_mass, lexicons, words_of

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


@given(st.text(st.sampled_from("aÉ_129٣.,' \u00a0\u202f-")))
def test_words_are_what_one_pattern_finds_less_the_separators_in_numbers(text: str) -> None:
    found = re.findall(r"\d[\d.,\u00a0\u202f]*\d|\w+", text.lower())
    assert words_of(text) == tuple(re.sub(r"[.,\u00a0\u202f]", "", word) if word[0].isdigit() else word for word in found)


def test_texts_without_words_have_empty_lexicons() -> None:
    own, other = lexicons(Tokens.of(["", "!"]), Tokens.of(["?"]), embed)
    assert own.mass().tolist() == [0, 0] and other.mass().tolist() == [0]
