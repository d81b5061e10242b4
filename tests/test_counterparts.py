"""Words and numbers without a counterpart: what is marked, and what is left alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hashed import embed
from hypothesis import given
from hypothesis import strategies as st

from aligner.alignment.counterparts import Spans, without_counterpart
from aligner.embedding import Embedder

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer


def marked(text: str, spans: Spans) -> list[str]:
    return [text[start:end] for start, end in spans]


def numbers(source: str, target: str) -> tuple[list[str], list[str]]:
    """What is marked among words that both sides share."""
    left, right = without_counterpart(source, target, embed, embed)
    return marked(source, left), marked(target, right)


@pytest.mark.parametrize(
    ("source", "target"),
    [
        ("1 200 ans", "1,200 ans"),
        ("1\u202f200,50 ans", "1,200.50 ans"),
        ("12.345.678 ans", "12 345 678 ans"),
        ("06 ans", "6 ans"),
        ("٣ ans", "3 ans"),
        ("art. 47(3)a", "47 art. 3 a"),
        ("2,5 et 25", "25 et 2.5"),
    ],
)
def test_a_number_is_found_however_it_is_written(source: str, target: str) -> None:
    assert numbers(source, target) == ([], [])


@pytest.mark.parametrize(
    ("source", "target", "found"),
    [
        ("300 ans", "500 ans", (["300"], ["500"])),
        ("2,5 ans", "25 ans", (["2,5"], ["25"])),
        ("0,5 ans", "5 ans", (["0,5"], ["5"])),
        ("1 200 ans", "1 201 ans", (["1 200"], ["1 201"])),
        ("en 2012 300 ans", "300 ans en 2013", (["2012"], ["2013"])),
        ("17", "rien", (["17"], [])),
        ("3", "4", (["3"], ["4"])),
    ],
)
def test_a_number_that_the_other_text_lacks_is_marked(source: str, target: str, found: tuple[list[str], list[str]]) -> None:
    assert numbers(source, target) == found


TEXT = st.lists(
    st.sampled_from(["le", "chat", "mange", "12", "1 200", "—", "souris", "3,5", "İstanbul", "😀", "\u202eabcd"]), max_size=12
).map(" ".join)


@given(TEXT, TEXT)
def test_ranges_are_in_order_apart_and_of_words_that_the_other_text_lacks(source: str, target: str) -> None:
    for text, other, spans in zip((source, target), (target, source), without_counterpart(source, target, embed, embed), strict=True):
        ends = [0, *(place for span in spans for place in span)]
        assert ends == sorted(ends) and ends[-1] <= len(text)
        for piece in marked(text, spans):
            assert piece == piece.strip() != ""
            assert piece.split()[0] not in other.split()
    assert without_counterpart(source, source, embed, embed) == ((), ())


def test_a_text_without_words_marks_nothing() -> None:
    assert without_counterpart("", "le chat 12", embed, embed) == ((), ())
    assert without_counterpart("…", "le chat 12", embed, embed) == ((), ())


@pytest.fixture(scope="module")
def embedder(encoder: SentenceTransformer) -> Embedder:
    return Embedder(encoder)


@pytest.mark.parametrize(
    ("source", "target"),
    [
        ("Le plan repose sur trois piliers.", "The plan rests on three pillars."),
        ("La route était inondée, il n’y avait que le bac.", "The road was flooded, there was only the ferry."),
        ("Entretien avec la capitaine du bac de Port-Lys", "An interview with the captain of the Port-Lys ferry"),
        ("Les provinces et les communes se partageront le reste.", "The provinces and municipalities will share the remainder."),
    ],
)
def test_a_good_translation_has_no_marks(embedder: Embedder, source: str, target: str) -> None:
    assert without_counterpart(source, target, embedder.embed, embedder.embed) == ((), ())


@pytest.mark.parametrize(
    ("source", "target", "missing"),
    [
        ("Le plan a trois piliers.", "The plan has three pillars, said the chemistry teacher.", "chemistry teacher"),
        ("Les habitués, éléphants et girafes compris, paient le vendredi.", "Regulars pay on Fridays.", "éléphants et girafes"),
        ("Il partit.", "He left without his elephant, at 7.", "elephant"),
    ],
)
def test_what_was_added_is_marked(embedder: Embedder, source: str, target: str, missing: str) -> None:
    spans = without_counterpart(source, target, embedder.embed, embedder.embed)
    found = " ".join(marked(source, spans[0]) + marked(target, spans[1]))
    assert missing in found
    assert "plan" not in found and "pay" not in found


def test_of_a_long_text_numbers_alone_are_looked_at() -> None:
    source = " ".join(f"mot{'x' * (k % 7)}" for k in range(400))
    assert numbers(f"{source} 12", "rien 13") == (["12"], ["13"])
