"""Embedding: each text once, in order, of unit length; the cache helps and never hurts."""

from __future__ import annotations

import logging
import sqlite3
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from counting import DIMENSION, CountingEncoder
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aligner.embedding import Embedder, VectorCache, default_cache_folder
from aligner.encoders.combined import CombinedEncoder
from aligner.encoders.scale import COMMON
from aligner.vector_memory import VectorMemory

LIMIT = 1 << 20
TEXTS = ["Le chat dort.", "The cat sleeps.", "Il pleut.", "Le chat dort.", "It rains."]


def test_vectors_stand_in_the_order_of_the_texts_and_have_unit_length(counting_encoder):
    vectors = Embedder(counting_encoder).embed(TEXTS)
    assert vectors.dtype == np.float32 and vectors.shape == (5, DIMENSION)
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-6)
    for text, vector in zip(TEXTS, vectors, strict=True):
        expected = counting_encoder.encode(text, normalize_embeddings=True, show_progress_bar=False)
        assert vector @ expected > 0.9999


def test_each_distinct_text_is_encoded_once(counting_encoder):
    Embedder(counting_encoder).embed(TEXTS * 3)
    assert sorted(counting_encoder.encoded) == sorted(set(TEXTS))


def test_no_texts_give_no_vectors(counting_encoder):
    assert Embedder(counting_encoder).embed([]).shape == (0, DIMENSION)


def test_an_empty_text_is_refused_with_its_number(counting_encoder):
    with pytest.raises(ValueError, match="text 1 is empty"):
        Embedder(counting_encoder).embed(["a", ""])


def test_the_progress_counts_up_to_all_distinct_texts(counting_encoder, tmp_path):
    seen = []
    embedder = Embedder(counting_encoder, VectorCache(tmp_path, max_bytes=LIMIT), progress=lambda *step: seen.append(step))
    embedder.embed(TEXTS)
    embedder.embed([*TEXTS, "new"])
    assert seen == [("embed", 0, 4), ("embed", 4, 4), ("embed", 4, 5), ("embed", 5, 5)]


@given(room=st.integers(1, 5), calls=st.lists(st.lists(st.integers(0, 9), unique=True, max_size=8), max_size=12))
def test_memory_gives_the_vectors_of_the_last_texts_and_holds_no_more_than_it_has_room_for(room, calls):
    memory = VectorMemory(1, most_bytes=4 * room)
    last: list[int] = []
    for numbers in calls:
        texts, vectors = [str(number) for number in numbers], np.array(numbers, np.float32).reshape(-1, 1)
        known, found = memory.find(texts)
        whole = memory.all_of(texts)
        assert (whole is None) == (not known.all()) and (whole is None or (whole == vectors).all())
        assert known.tolist() == [number in last for number in numbers]
        assert (found[known] == vectors[known]).all()
        memory.keep([text for text, there in zip(texts, known, strict=True) if not there], vectors[~known])
        last = (last + [number for number, there in zip(numbers, known, strict=True) if not there])[-room:]


def test_what_was_just_embedded_is_fetched_from_memory(counting_encoder, tmp_path):
    embedder = Embedder(counting_encoder, VectorCache(tmp_path, max_bytes=LIMIT))
    first = embedder.embed(TEXTS)
    embedder.cache = None
    assert (embedder.embed(TEXTS[::-1]) == first[::-1]).all() and sorted(counting_encoder.encoded) == sorted(set(TEXTS))


def test_prepared_texts_are_at_hand_until_others_are_prepared_and_pass_by_the_cache_where_they_are_not_kept(counting_encoder, tmp_path):
    embedder, expected = Embedder(counting_encoder, VectorCache(tmp_path, max_bytes=LIMIT)), Embedder(CountingEncoder()).embed(TEXTS)
    embedder.prepare(TEXTS, keep=False)
    embedder.remember(["word"])
    counting_encoder.encoded.clear()
    assert (embedder.embed(TEXTS) == expected).all()
    assert (embedder.embed(["word", *TEXTS, "new"])[1:-1] == expected).all()
    assert counting_encoder.encoded == ["new"]
    embedder.prepare(TEXTS[:1])
    embedder.embed(TEXTS)
    assert sorted(counting_encoder.encoded) == sorted(["new", *set(TEXTS)])
    counting_encoder.encoded.clear()
    Embedder(counting_encoder, VectorCache(tmp_path, max_bytes=LIMIT)).prepare([*TEXTS, "word"])
    assert counting_encoder.encoded == []


def test_preparing_refuses_an_empty_text(counting_encoder):
    with pytest.raises(ValueError, match="text 1 is empty"):
        Embedder(counting_encoder).prepare(["a", ""])


def test_a_second_run_reads_the_same_vectors_from_the_cache(counting_encoder, tmp_path):
    first = Embedder(counting_encoder, VectorCache(tmp_path, max_bytes=LIMIT)).embed(TEXTS)
    counting_encoder.encoded.clear()
    second = Embedder(counting_encoder, VectorCache(tmp_path, max_bytes=LIMIT)).embed(TEXTS)
    assert counting_encoder.encoded == []
    assert (first == second).all()
    assert (first == Embedder(counting_encoder).embed(TEXTS)).all()


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(calls=st.lists(st.lists(st.text(min_size=1, max_size=8), max_size=6), max_size=4))
def test_the_cache_never_changes_a_vector(calls, tmp_path_factory):
    folder = tmp_path_factory.mktemp("cache")
    plain, cached = Embedder(CountingEncoder()), Embedder(CountingEncoder(), VectorCache(folder, max_bytes=LIMIT))
    for texts in calls:
        assert (plain.embed(texts) == cached.embed(texts)).all()
    assert len(set(cached.encoder.encoded)) == len(cached.encoder.encoded)


def test_vectors_of_another_revision_are_not_taken(tmp_path):
    cache = VectorCache(tmp_path, max_bytes=LIMIT)
    cache.put("one", ["a"], _unit_vectors(1))
    assert cache.get("one", ["a"], DIMENSION)[0].tolist() == [True]
    assert cache.get("two", ["a"], DIMENSION)[0].tolist() == [False]


def test_a_full_cache_loses_its_oldest_vectors_and_stays_under_its_limit(tmp_path):
    cache = VectorCache(tmp_path, max_bytes=LIMIT)
    texts = [str(number) for number in range(12_000)]
    for start in range(0, len(texts), 1_000):
        cache.put("one", texts[start : start + 1_000], _unit_vectors(1_000))
    known, _ = cache.get("one", texts, DIMENSION)
    assert not known[0] and known[-1]
    assert 1_000 < known.sum() < 12_000
    assert (np.diff(known.astype(int)) >= 0).all(), "a newer vector went before an older one"
    cache.close()
    assert cache.path.stat().st_size <= LIMIT


def test_a_damaged_cache_is_set_aside_with_a_warning(counting_encoder, tmp_path, caplog):
    cache = VectorCache(tmp_path, max_bytes=LIMIT)
    cache.path.write_bytes(b"no database " * 1_000)
    with caplog.at_level(logging.WARNING):
        vectors = Embedder(counting_encoder, cache).embed(TEXTS)
    assert "set aside" in caplog.text and (tmp_path / "vectors.sqlite3.damaged").exists()
    assert (cache.get(Embedder(counting_encoder).identity.revision, TEXTS[:1], DIMENSION)[1].astype(np.float32) @ vectors[0]) > 0.999


def test_a_cache_damaged_in_the_middle_is_set_aside_when_that_is_found(tmp_path, caplog):
    cache = VectorCache(tmp_path, max_bytes=LIMIT)
    texts = [str(number) for number in range(500)]
    cache.put("one", texts, _unit_vectors(500))
    cache.close()
    damaged = bytearray(cache.path.read_bytes())
    damaged[4_096:] = b"\xa5" * (len(damaged) - 4_096)
    cache.path.write_bytes(damaged)
    with caplog.at_level(logging.WARNING):
        known, _ = cache.get("one", texts, DIMENSION)
        cache.put("one", texts, _unit_vectors(500))
    assert not known.any() and "set aside" in caplog.text
    assert cache.get("one", texts, DIMENSION)[0].all()


def test_a_vector_that_is_none_counts_as_missing_and_is_replaced(tmp_path):
    cache = VectorCache(tmp_path, max_bytes=LIMIT)
    cache.put("one", ["zero", "short"], np.zeros((2, DIMENSION), np.float16))
    cache.put("one", ["short"], _unit_vectors(1)[:, :7])
    assert not cache.get("one", ["zero", "short"], DIMENSION)[0].any()
    cache.put("one", ["zero", "short"], _unit_vectors(2))
    assert cache.get("one", ["zero", "short"], DIMENSION)[0].all()


def test_a_cache_that_cannot_be_opened_is_done_without(counting_encoder, tmp_path, caplog):
    (tmp_path / "file").write_text("in the way")
    embedder = Embedder(counting_encoder, VectorCache(tmp_path / "file", max_bytes=LIMIT))
    with caplog.at_level(logging.WARNING):
        embedder.embed(TEXTS)
        embedder.embed(TEXTS)
    assert caplog.text.count("going on without it") == 1


def test_two_processes_share_a_cache(tmp_path):
    program = (
        "import sys, numpy as np; from pathlib import Path; from aligner.vector_cache import VectorCache\n"
        "cache = VectorCache(Path(sys.argv[1]), max_bytes=1 << 24); vectors = np.full((50, 64), 0.125, np.float16)\n"
        "for n in range(20): cache.put('one', [f'{sys.argv[2]} {n} {i}' for i in range(50)], vectors)\n"
    )
    workers = [subprocess.Popen([sys.executable, "-W", "error", "-c", program, str(tmp_path), name]) for name in "ab"]
    assert [worker.wait(timeout=60) for worker in workers] == [0, 0]
    texts = [f"{name} {n} {i}" for name in "ab" for n in range(20) for i in range(50)]
    assert VectorCache(tmp_path, max_bytes=1 << 24).get("one", texts, 64)[0].all()
    with sqlite3.connect(tmp_path / "vectors.sqlite3") as database:
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_the_cache_folder_can_be_chosen(monkeypatch, tmp_path):
    monkeypatch.setenv("ALIGNER_CACHE", str(tmp_path))
    assert default_cache_folder() == tmp_path
    monkeypatch.delenv("ALIGNER_CACHE")
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    assert "aligner" in default_cache_folder().parts and default_cache_folder().is_relative_to(Path.home())


def test_half_precision_changes_no_cosine_by_a_ten_thousandth(encoder):
    texts = ["Le chat dort.", "The cat sleeps.", "Il pleut beaucoup.", "Numbers 12 and 13."]
    exact = encoder.encode(texts, normalize_embeddings=True, show_progress_bar=False)
    vectors = Embedder(encoder).embed(texts)
    assert np.abs(exact @ exact.T - vectors @ vectors.T).max() < 1e-4


class LeaningEncoder(CountingEncoder):
    """Adds to every vector a direction in common, and to those of texts with `the` one of their language, as many encoders do."""

    def encode(self, texts, **options):
        vectors = super().encode(texts, **options) / 8
        vectors[:, 0] += 3
        vectors[:, 1] += [2 * ("the" in text.lower().split()) for text in texts]
        return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def test_what_all_texts_and_those_of_a_language_share_is_taken_out():
    pairs = [
        (f"le {word} dort {word}", f"the {word} dort {word}") for word in ("chat", "chien", "roi", "singe", "coq", "loup", "rat", "cerf")
    ]
    source, target = (list(side) for side in zip(*pairs, strict=True))
    embedder = Embedder(LeaningEncoder())
    raw = embedder.embed(source) @ embedder.embed(target).T
    embed = embedder.comparable(source, [*target, " "])
    vectors = embed(source), embed(target)
    np.testing.assert_allclose(np.linalg.norm(vectors[0], axis=1), 1, atol=1e-5)
    scaled = vectors[0] @ vectors[1].T
    same = np.eye(len(pairs), dtype=bool)
    assert scaled[same].mean() - scaled[~same].mean() > 4 * (raw[same].mean() - raw[~same].mean())
    assert embed([]).shape == (0, vectors[0].shape[1])


def test_vectors_of_unrelated_texts_have_the_cosine_that_is_put_in(counting_encoder):
    texts = [f"mot{k} autre{k} suite{k}" for k in range(200)]
    embed = Embedder(counting_encoder).comparable(texts[:100], texts[100:])
    cosines = embed(texts[:100]) @ embed(texts[100:]).T
    assert cosines.mean() == pytest.approx(COMMON, abs=0.03)


def test_the_default_encoders_vectors_are_the_scale(encoder):
    embedder = Embedder(encoder)
    assert (embedder.comparable(TEXTS, TEXTS)(TEXTS) == embedder.embed(TEXTS)).all()


def test_a_combination_is_cached_by_its_parts_and_says_what_they_say_in_the_mean(encoder, counting_encoder, tmp_path):
    cache = VectorCache(tmp_path, max_bytes=LIMIT)
    embed = Embedder(CombinedEncoder([encoder, counting_encoder]), cache).comparable(TEXTS[:1], TEXTS[1:2])
    vectors = embed(TEXTS)
    counting_encoder.encoded.clear()
    parts = [Embedder(part, cache).comparable(TEXTS[:1], TEXTS[1:2])(TEXTS) for part in (encoder, counting_encoder)]
    assert counting_encoder.encoded == []
    np.testing.assert_allclose(vectors @ vectors.T, (parts[0] @ parts[0].T + parts[1] @ parts[1].T) / 2, atol=1e-5)


def _unit_vectors(count: int) -> np.ndarray:
    vectors = np.random.default_rng(count).standard_normal((count, DIMENSION))
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float16)
