"""Neighbours among more vectors than memory should hold: the same as at once, in bounded memory; nearly the same by an index."""

from __future__ import annotations

import logging
import tracemalloc
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from aligner.alignment import large_search
from aligner.alignment.blocks import StoredVectors, nearest_in_blocks
from aligner.alignment.evidence import NEIGHBOURS
from aligner.alignment.large_search import nearest_of_many
from aligner.alignment.search import BLOCK, nearest


def unit_vectors(count: int, seed: int, dimension: int = 16) -> NDArray[np.float32]:
    rows = np.random.default_rng(seed).standard_normal((count, dimension))
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


def clustered(count: int, seed: int, dimension: int = 16) -> NDArray[np.float32]:
    """Vectors that lie about as sentences do: around common subjects, the same for every seed."""
    subjects = unit_vectors(200, 99, dimension)
    rows = subjects[np.random.default_rng(seed).integers(0, 200, count)] + 0.7 * unit_vectors(count, seed + 1, dimension)
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


def stored(vectors: NDArray[np.float32]) -> StoredVectors:
    file = StoredVectors(*vectors.shape)
    for first in range(0, len(vectors), 1000):
        file.write(first, vectors[first : first + 1000])
    return file


@settings(max_examples=60)
@given(st.integers(0, 25), st.integers(0, 25), st.integers(1, 30), st.integers(0, 1000))
def test_blocks_find_what_a_search_at_once_finds(n: int, m: int, rows: int, seed: int) -> None:
    source, target = unit_vectors(n, seed), unit_vectors(m, seed + 1)
    target[::5] = 0  # blank texts
    for found, wanted in zip(nearest_in_blocks(source, target, rows), nearest(source, target, NEIGHBOURS), strict=True):
        np.testing.assert_array_equal(found.indices, wanted.indices)
        np.testing.assert_allclose(found.similarities, wanted.similarities, atol=1e-6)


@settings(max_examples=30)
@given(st.integers(1, 40), st.data())
def test_rows_come_back_from_the_file_as_they_were_written(count: int, data: st.DataObject) -> None:
    vectors = unit_vectors(count, 0)
    file = StoredVectors(*vectors.shape)
    first = data.draw(st.integers(0, count))
    file.write(0, vectors[:first])
    file.write(first, vectors[first:])
    rows = data.draw(st.lists(st.lists(st.integers(0, count - 1), min_size=2, max_size=2), min_size=1))
    np.testing.assert_array_equal(file[np.array(rows)], vectors[np.array(rows)])
    np.testing.assert_array_equal(file[first:], vectors[first:])
    assert len(file) == count


def test_the_file_is_gone_when_it_is_no_longer_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    file = stored(unit_vectors(10, 0))
    assert list(tmp_path.iterdir())
    del file
    assert not list(tmp_path.iterdir())


def test_no_more_vectors_are_in_memory_than_asked_for() -> None:
    """Sides of 20,000 vectors take 20 MB each; of blocks of 1,000 a few are in memory, beside four neighbours of eight bytes a vector."""
    dimension, rows = 256, 1_000
    sides = [stored(unit_vectors(20_000, seed, dimension)) for seed in (0, 1)]
    nearest_in_blocks(*(side[:10] for side in sides), rows)  # compiled before it is measured
    tracemalloc.start()
    nearest_in_blocks(*sides, rows)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 3 * rows * dimension * 4 + 2 * 20_000 * NEIGHBOURS * 8 + 2 * BLOCK * BLOCK * 4 + 2**20


def test_a_search_in_blocks_tells_how_far_it_is() -> None:
    told: list[tuple[int, int]] = []
    nearest_in_blocks(unit_vectors(10, 0), unit_vectors(7, 1), 4, lambda done, total: told.append((done, total)))
    assert told[-1] == (70, 70) and [done for done, _ in told] == sorted({done for done, _ in told})


@pytest.mark.parametrize("rows", [200, 10_000])
def test_an_index_finds_nearly_all_neighbours_with_exact_similarities(rows: int, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("faiss")
    monkeypatch.setattr(large_search, "EXACT", 100)
    source, target = clustered(3_000, 0), clustered(4_000, 10)
    told: list[tuple[int, int]] = []
    found = nearest_of_many(stored(source), stored(target), rows, lambda done, total: told.append((done, total)))
    for near, exact, own, other in zip(found, nearest(source, target, NEIGHBOURS), (source, target), (target, source), strict=True):
        common = [len(set(a) & set(b)) for a, b in zip(near.indices.tolist(), exact.indices.tolist(), strict=True)]
        assert np.mean(common) / NEIGHBOURS > 0.97
        cosines = np.einsum("nd,nkd->nk", own, other[near.indices])
        np.testing.assert_allclose(near.similarities, cosines, atol=1e-5)
        assert (np.diff(near.similarities, axis=1) <= 1e-6).all()
    assert told[-1] == (7_000, 7_000) and [done for done, _ in told] == sorted(done for done, _ in told)


def test_blank_texts_have_no_neighbours_in_an_index(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("faiss")
    monkeypatch.setattr(large_search, "EXACT", 1)
    source, target = unit_vectors(100, 0), unit_vectors(100, 1)
    source[5] = target[7] = 0
    near_source, near_target = nearest_of_many(source, target, 1000)
    assert (near_source.indices[5] == -1).all() and (near_target.indices[7] == -1).all()
    assert not (near_source.indices == 7).any() and not (near_target.indices == 5).any()


def test_without_an_index_all_are_compared_and_that_is_said(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    monkeypatch.setattr(large_search, "EXACT", 10)
    monkeypatch.setattr(large_search, "find_spec", lambda name: None)
    source, target = unit_vectors(30, 0), unit_vectors(40, 1)
    with caplog.at_level(logging.WARNING, "aligner"):
        found = nearest_of_many(source, target, 8)
    assert "12 times" in caplog.text and "aligner[faiss]" in caplog.text
    for near, exact in zip(found, nearest(source, target, NEIGHBOURS), strict=True):
        np.testing.assert_array_equal(near.indices, exact.indices)
