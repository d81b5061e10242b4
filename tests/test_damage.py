"""Damaged copies: gold stays right whatever is done to a document."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aligner.alignment.damage import Damaged, Passage, damaged, passages_of, replaced
from aligner.scoring import coverage_fault
from aligner.types import Bead


@st.composite
def documents(draw: st.DrawFn, mark: str) -> list[Passage]:
    """Passages whose texts name the passage they belong to, so that any copy tells what corresponds."""
    sizes = draw(st.lists(st.sampled_from([(1, 1), (1, 1), (1, 1), (2, 1), (1, 2), (1, 0), (0, 1)]), min_size=6, max_size=40))

    def texts(k: int, word: str, count: int) -> tuple[str, ...]:
        return tuple(f"{mark}{k}, {word}{part} a{mark}{k}" for part in range(count))

    return [Passage(texts(k, "oui", a), texts(k, "yes", b)) for k, (a, b) in enumerate(sizes)]


def named(texts: Sequence[str]) -> set[str]:
    """The passages that texts are of."""
    return {word.removeprefix("a").rstrip(",") for text in texts for word in text.split() if word[:1] in "af" and word[-1].isdigit()}


@given(documents("p"), documents("f"), st.integers(0, 1000))
@settings(max_examples=200)
def test_gold_of_a_copy_covers_it_once_and_links_what_corresponds(own: list[Passage], foreign: list[Passage], seed: int) -> None:
    for copy in damaged(own, foreign, np.random.default_rng(seed)):
        assert not coverage_fault(copy.gold, range(len(copy.source)), range(len(copy.target)))
        for bead in copy.gold:
            if not bead.is_null:
                source, target = named([copy.source[i] for i in bead.source]), named([copy.target[j] for j in bead.target])
                assert source == target
                assert all(name.startswith("p") for name in source)


@given(documents("p"), documents("f"), st.integers(0, 1000))
def test_of_a_replaced_passage_both_texts_are_alone_and_all_else_is_as_it_was(
    own: list[Passage], foreign: list[Passage], seed: int
) -> None:
    copy = replaced(own, foreign, 0.5, np.random.default_rng(seed))
    assert not coverage_fault(copy.gold, range(len(copy.source)), range(len(copy.target)))
    assert copy.source == [text for passage in own for text in passage.source]
    links = [
        Passage(tuple(copy.source[i] for i in bead.source), tuple(copy.target[j] for j in bead.target))
        for bead in copy.gold
        if not bead.is_null
    ]
    assert set(links) <= set(own)
    missing = [passage for passage in own if all(passage) and passage not in links]
    assert len([text for text in copy.target if text.startswith("f")]) >= len(missing)


def long_document(length: int) -> list[Passage]:
    return [Passage((f"p{k}, oui ap{k}",), (f"p{k}, yes ap{k}",)) for k in range(length)]


def test_every_kind_of_damage_is_done() -> None:
    whole, foreign = long_document(60), [Passage((f"f{k}, non af{k}",), (f"f{k}, no af{k}",)) for k in range(60)]
    copies = [copy for seed in range(60) for copy in damaged(whole, foreign, np.random.default_rng(seed))]
    linked = [bead for copy in copies for bead in copy.gold if not bead.is_null]
    assert any(len(bead.source) > 1 for bead in linked) and any(len(bead.target) > 1 for bead in linked)
    assert any("f" in name for copy in copies for name in named(copy.source))
    assert any(len(set(copy.source)) < len(copy.source) for copy in copies)
    rates = [rate_of_nulls(copy) for copy in copies]
    assert min(rates) < 0.02 and max(rates) > 0.3


def rate_of_nulls(copy: Damaged) -> float:
    return sum(bead.is_null for bead in copy.gold) / (len(copy.source) + len(copy.target))


def test_a_long_document_gives_a_copy_of_each_of_its_pieces_and_a_short_one_none() -> None:
    assert len(list(damaged(long_document(250), [], np.random.default_rng(0)))) == 3
    assert not list(damaged(long_document(5), [], np.random.default_rng(0)))


@pytest.mark.parametrize(
    "gold",
    [
        [Bead((0,), (1,), 1.0), Bead((1,), (0,), 1.0)],
        [Bead((0, 2), (0,), 1.0), Bead((1,), (1,), 1.0)],
    ],
    ids=["crossing links", "segments apart"],
)
def test_a_document_without_one_order_has_no_passages(gold: list[Bead]) -> None:
    assert passages_of(["a", "b", "c"], ["x", "y"], gold) == []


def test_passages_are_links_and_nulls_in_order() -> None:
    gold = [Bead((0, 1), (0,), 1.0), Bead((3,), (2,), 1.0)]
    assert passages_of(["a", "b", "c", "d"], ["x", "y", "z"], gold) == [
        Passage(("a", "b"), ("x",)),
        Passage(("c",), ()),
        Passage((), ("y",)),
        Passage(("d",), ("z",)),
    ]
