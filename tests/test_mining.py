"""Exact search for nearest neighbours, and mining with it, against slow twins and on planted pairs."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest
from hashed import DIMENSION, embed
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from aligner.alignment import search
from aligner.alignment.evidence import NEIGHBOURS
from aligner.alignment.mining import LEAST_COSINE, Pool, mine_pools
from aligner.alignment.search import Neighbours, mutual_best, nearest
from aligner.alignment.weights import load_weights


@st.composite
def vectors(draw: st.DrawFn) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Unit vectors of two sides, with zeros for blank texts."""
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))

    def one() -> NDArray[np.float32]:
        rows = random.standard_normal((draw(st.integers(0, 12)), 5))
        rows /= np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9)
        rows[random.random(len(rows)) < 0.2] = 0
        return rows.astype(np.float32)

    return one(), one()


def check(found: Neighbours, own: NDArray[np.float32], other: NDArray[np.float32], k: int) -> None:
    """The neighbours of every row, as all cosines sorted say."""
    assert found.indices.shape == found.similarities.shape == (len(own), k)
    written = np.flatnonzero(other.any(axis=1))
    for row, indices, similarities in zip(own, found.indices, found.similarities, strict=True):
        cosines = other[written] @ row if row.any() else np.zeros(0)
        order = np.argsort(-cosines, kind="stable")[:k]
        count = len(order)
        np.testing.assert_allclose(similarities[:count], cosines[order], atol=1e-5)
        assert len(set(indices[:count].tolist())) == count
        np.testing.assert_allclose(other[indices[:count]] @ row, similarities[:count], atol=1e-5)
        assert (indices[count:] == -1).all() and (similarities[count:] == 0).all()


@settings(max_examples=80)
@given(vectors(), st.integers(1, 5), st.sampled_from([1, 3, 1024]))
def test_the_nearest_are_those_of_all_cosines_sorted_both_ways(sides: tuple[NDArray[np.float32], ...], k: int, block: int) -> None:
    source, target = sides
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(search, "BLOCK", block)
        near_source, near_target = nearest(source, target, k)
    check(near_source, source, target, k)
    check(near_target, target, source, k)


@settings(max_examples=80)
@given(vectors())
def test_mutual_best_pairs_are_each_others_best_by_margin(sides: tuple[NDArray[np.float32], ...]) -> None:
    source, target = sides
    k = 3
    near_source, near_target = nearest(source, target, k)
    cosines = source.astype(np.float64) @ target.T.astype(np.float64)
    written = np.outer(np.abs(source).sum(axis=1) > 0, np.abs(target).sum(axis=1) > 0)

    def hubness(table: NDArray[np.float64], real: NDArray[np.bool_]) -> NDArray[np.float64]:
        rows = [sorted(row[there], reverse=True)[:k] for row, there in zip(table, real, strict=True)]
        return np.array([np.mean(row) if row else 0.0 for row in rows])

    margins = cosines - (hubness(cosines, written)[:, None] + hubness(cosines.T, written.T)[None, :]) / 2
    expected = {}
    for i in range(len(source)):
        for j in range(len(target)):
            own = [margins[i, c] for c in near_source.indices[i] if c >= 0]
            others = [margins[r, j] for r in near_target.indices[j] if r >= 0]
            if j in near_source.indices[i] and i in near_target.indices[j] and margins[i, j] == max(own) == max(others):
                rivals = [cosines[i, c] for c in near_source.indices[i] if c not in (-1, j)]
                rivals += [cosines[r, j] for r in near_target.indices[j] if r not in (-1, i)]
                expected[i, j] = (cosines[i, j], margins[i, j], cosines[i, j] - max([0.0, *rivals]))
    found = mutual_best(near_source, near_target)
    assert list(zip(found.source.tolist(), found.target.tolist(), strict=True)) == sorted(expected)
    assert found.pool == (len(source), len(target))
    for k_pair, pair in enumerate(sorted(expected)):
        values = found.cosine[k_pair], found.margin[k_pair], found.gap[k_pair]
        assert values == pytest.approx(expected[pair], abs=1e-5)


def lines(count: int, seed: int) -> list[str]:
    random = np.random.default_rng(seed)
    return [" ".join(f"mot{number}" for number in random.integers(0, 50_000, 8)) for _ in range(count)]


class MinedPair(NamedTuple):
    source: int
    target: int
    probability: float
    cosine: float
    margin: float


def mined(source: list[str], target: list[str], *, rows: int = 2**31) -> list[MinedPair]:
    pools = [Pool.embedded(side, embed_all, rows=rows) for side in (source, target)]
    found = mine_pools(*pools, embed_all, load_weights().pairs, rows=rows)
    columns = (found.source, found.target, found.probability, found.cosine, found.margin)
    return [MinedPair(*row) for row in zip(*(column.tolist() for column in columns), strict=True)]


def embed_all(texts: Sequence[str]) -> NDArray[np.float32]:
    return embed(texts) if texts else np.zeros((0, DIMENSION), np.float32)


def test_true_pairs_are_found_among_distractors() -> None:
    """Thirty lines of either side share seven of their eight words; two hundred share none."""
    true = lines(30, seed=1)
    source = lines(200, seed=2) + true
    target = [" ".join([*line.split()[::-1][:7], "autre"]) for line in true] + lines(200, seed=3)
    pairs = mined(source, target)
    found = {(pair.source, pair.target) for pair in pairs if pair.probability >= 0.5}
    wanted = {(200 + k, k) for k in range(30)}
    assert found == wanted
    assert [pair.probability for pair in pairs] == sorted((pair.probability for pair in pairs), reverse=True)
    for pair in pairs:
        assert pair.cosine == pytest.approx(float(embed([source[pair.source]])[0] @ embed([target[pair.target]])[0]), abs=1e-5)
        assert pair.cosine >= LEAST_COSINE


def test_nothing_is_found_among_unrelated_lines() -> None:
    assert not [pair for pair in mined(lines(150, seed=4), lines(150, seed=5)) if pair.probability >= 0.5]


def test_repeats_of_a_text_pair_in_order_and_do_not_hide_each_other() -> None:
    true = lines(30, seed=1)
    translations = [" ".join([*line.split()[::-1][:7], "autre"]) for line in true]
    source = [*true, *lines(100, seed=2), *[true[0]] * 6]
    target = [*translations, *lines(100, seed=3), *[translations[0]] * 4]
    found = {(pair.source, pair.target) for pair in mined(source, target) if pair.probability >= 0.5}
    assert found == {(k, k) for k in range(30)} | {(130 + k, 130 + k) for k in range(4)}


def test_near_copies_of_a_translation_are_no_rivals_of_it() -> None:
    true = lines(30, seed=1)
    translations = [" ".join([*line.split()[::-1][:7], "autre"]) for line in true]
    near_copies = [f"{translations[0]}{' ' * k}{translations[0]}" for k in range(1, 6)]  # of the same vector, not the same text
    pairs = mined(true + lines(100, seed=2), translations + lines(100, seed=3) + near_copies)
    assert {pair.source for pair in pairs if pair.probability >= 0.5} == set(range(30))


def test_an_untranslated_text_is_no_translation_of_itself_and_does_not_hide_the_one_there_is() -> None:
    true = lines(30, seed=1)
    translations = [" ".join([*line.split()[::-1][:7], "autre"]) for line in true]
    pairs = mined([*true, *translations[:10], *lines(100, seed=2)], [*translations, *true[20:], *lines(100, seed=3)])
    assert {(pair.source, pair.target) for pair in pairs if pair.probability >= 0.5} == {(k, k) for k in range(30)}


def test_names_and_codes_that_are_the_same_on_both_sides_may_correspond() -> None:
    copies = ["Python 3.8", "GENÈVE", "ISO 639"]
    assert {(pair.source, pair.target) for pair in mined(copies, copies)} == {(0, 0), (1, 1), (2, 2)}


def test_vectors_in_a_file_a_few_at_a_time_give_the_same_pairs() -> None:
    true = lines(30, seed=1)
    source, target = true + lines(50, seed=2), [" ".join(line.split()[:7]) for line in true] + lines(50, seed=3)
    whole, parts = mined(source, target), mined(source, target, rows=7)
    assert [pair[:2] for pair in parts] == [pair[:2] for pair in whole]
    np.testing.assert_allclose([pair[2:] for pair in parts], [pair[2:] for pair in whole], atol=1e-4)


@settings(max_examples=25)
@given(*[st.lists(st.sampled_from(["", " ", "oui", "non", "le roi", "le roi est mort", "7"]), max_size=8)] * 2)
def test_a_line_stands_in_one_pair_at_most_and_a_blank_one_in_none(source: list[str], target: list[str]) -> None:
    pairs = mined(source, target)
    for side, texts in ((0, source), (1, target)):
        numbers = [(pair.source, pair.target)[side] for pair in pairs]
        assert len(set(numbers)) == len(numbers)
        assert all(texts[number].strip() for number in numbers)
    assert all(0 <= pair.probability <= 1 for pair in pairs)


def test_the_memory_of_a_search_does_not_grow_with_the_product_of_the_sides() -> None:
    import tracemalloc

    random = np.random.default_rng(0)
    source, target = (random.standard_normal((6_000, 8)).astype(np.float32) for _ in range(2))
    nearest(source[:10], target[:10], NEIGHBOURS)  # compiled before it is measured
    tracemalloc.start()
    nearest(source, target, NEIGHBOURS)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 6_000 * 6_000  # bytes: a fourth of one product in float32


def test_gold_pairs_are_mined_from_ten_thousand_lines(gold: Path, encoder) -> None:  # type: ignore[no-untyped-def]
    from aligner.pipeline import Aligner

    texts = {lang: (gold / "mining" / f"{lang}.txt").read_text(encoding="utf-8").splitlines() for lang in ("fr", "en")}
    with (gold / "mining" / "gold.tsv").open(encoding="utf-8") as table:
        wanted = {(int(row[0]), int(row[1])) for row in csv.reader(table, delimiter="\t")}
    frame = Aligner(encoder).mine(texts["fr"], texts["en"])
    likely = frame[frame["probability"] >= 0.5]
    found = set(zip(likely["source_line"], likely["target_line"], strict=True))
    f1 = 2 * len(found & wanted) / (len(found) + len(wanted))
    assert f1 >= 0.92, f"F1 {f1:.3f}: {len(found & wanted)} of {len(wanted)} found, {len(found - wanted)} too many"
