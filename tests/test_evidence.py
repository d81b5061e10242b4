"""What is known of every bead, against slow twins on single beads."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence

import numpy as np
import pytest
from hashed import DIMENSION, Asking, embed
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from aligner.alignment import band as bands
from aligner.alignment.evidence import Evidence, Segments, gather
from aligner.alignment.features import NAMES
from aligner.alignment.lexicon import SYNONYMOUS, UNRELATED
from aligner.alignment.moves import MOVES
from aligner.alignment.similarities import ABSENT, LEAST_COVERAGE, LEAST_MARGIN

WORDS = ["roi", "reine", "chat", "Chat", "12", "1 200", "maison", "!", "est"]
Place = tuple[int, int, int]
"""move, i, j"""


@st.composite
def sides(draw: st.DrawFn, longest: int = 7) -> tuple[Segments, Segments]:
    """Two documents of few words, blank segments among them, with parts or without."""
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    with_parts = draw(st.booleans())

    def one() -> Segments:
        texts = draw(st.lists(st.lists(st.sampled_from(WORDS), max_size=4).map(" ".join), min_size=1, max_size=longest))
        vectors = random.standard_normal((len(texts), DIMENSION)).astype(np.float32)
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
        vectors[[not text.strip() for text in texts]] = 0
        parts = np.array(sorted(draw(st.lists(st.integers(0, 2), min_size=len(texts), max_size=len(texts)))), np.int64)
        return Segments(texts, vectors, parts if with_parts else None)

    return one(), one()


@st.composite
def gathered(draw: st.DrawFn) -> tuple[Evidence, Segments, Segments]:
    """Evidence over the whole lattice or over a narrow band."""
    source, target = draw(sides())
    with pytest.MonkeyPatch.context() as patch:
        if draw(st.booleans()):
            patch.setattr(bands, "FULL_LATTICE", 0)
            patch.setattr(bands, "SLACK", 1)
            patch.setattr(bands, "LARGEST_GAP", 8)
        return gather(source, target, embed), source, target


def places(evidence: Evidence) -> Iterator[tuple[Place, int]]:
    """Every bead there could be, with the number of its node."""
    band = evidence.band
    for i in range(len(band.low)):
        for j in range(int(band.low[i]), int(band.high[i]) + 1):
            for q in range(len(MOVES)):
                yield (q, i, j), int(band.start[i] + j - band.low[i])


def span_vector(side: Segments, first: int, count: int) -> NDArray[np.float64]:
    total = sum(
        (np.sqrt(len(side.texts[k])) * side.vectors[k].astype(np.float64) for k in range(first, first + count)), np.zeros(DIMENSION)
    )
    return total / np.linalg.norm(total)


@settings(max_examples=60)
@given(gathered())
def test_beads_stay_in_the_band_and_in_their_part_and_blank_segments_are_alone(known: tuple[Evidence, Segments, Segments]) -> None:
    evidence, source, target = known
    band = evidence.band
    for (q, i, j), node in places(evidence):
        a, b = MOVES[q]
        allowed = i + a <= len(source.texts) and j + b <= len(target.texts) and band.low[i + a] <= j + b <= band.high[i + a]
        if not (a and b):
            assert evidence.allowed[q, node] == allowed
            continue
        if allowed:
            texts = [*source.texts[i : i + a], *target.texts[j : j + b]]
            allowed = all(text.strip() for text in texts)
            if source.parts is not None and target.parts is not None:
                allowed = allowed and len({*source.parts[i : i + a], *target.parts[j : j + b]}) == 1
        assert (evidence.cosines[q, node] != ABSENT) == allowed
        assert allowed or not evidence.allowed[q, node]


@settings(max_examples=60)
@given(gathered())
def test_links_of_several_that_neither_vectors_nor_words_speak_for_are_not_weighed(known: tuple[Evidence, Segments, Segments]) -> None:
    evidence, *_ = known
    for (q, i, j), node in places(evidence):
        a, b = MOVES[q]
        if a and b and evidence.cosines[q, node] != ABSENT:
            margin = evidence.cosines[q, node] - (evidence.source.hubness[a - 1, i] + evidence.target.hubness[b - 1, j]) / 2
            covered = evidence.coverage[:, q, node].mean()
            assert evidence.allowed[q, node] == (a == b == 1 or margin >= LEAST_MARGIN or covered >= LEAST_COVERAGE)


@settings(max_examples=60)
@given(gathered())
def test_a_composed_cosine_is_that_of_the_spans_weighted_sums(known: tuple[Evidence, Segments, Segments]) -> None:
    evidence, source, target = known
    for (q, i, j), node in places(evidence):
        a, b = MOVES[q]
        if evidence.cosines[q, node] != ABSENT:
            expected = span_vector(source, i, a) @ span_vector(target, j, b)
            assert evidence.cosines[q, node] == pytest.approx(expected, abs=1e-4)


def tokens(text: str) -> list[str]:
    """Words, in lower case, and numbers without their separators."""
    return [re.sub(r"\D", "", word) if word[0].isdigit() else word.lower() for word in re.findall(r"\d+(?:[.,\u00a0\u202f]\d+)*|\w+", text)]


def similarity(word: str, other: str) -> float:
    if word == other:
        return 1.0
    if word[0].isdigit() or other[0].isdigit():
        return 0.0
    one, two = embed([word, other]).astype(np.float64)
    return float(np.clip((one @ two - UNRELATED) / (SYNONYMOUS - UNRELATED), 0, 1))


def covered(span: Sequence[str], other_span: Sequence[str], document: Sequence[str]) -> float:
    """Share of the span's word weight that the best counterparts in the other span cover."""
    counts = Counter(word for text in document for word in tokens(text))
    weights = {word: -np.log(count / counts.total()) + 1e-3 for word, count in counts.items()}
    others = [word for text in other_span for word in tokens(text)]
    words = [word for text in span for word in tokens(text)]
    found = sum(weights[word] * max((similarity(word, other) for other in others), default=0.0) for word in words)
    return found / (sum(weights[word] for word in words) + 1e-6)


@settings(max_examples=30)
@given(gathered())
def test_coverage_is_the_share_of_word_weight_found_in_the_other_span(known: tuple[Evidence, Segments, Segments]) -> None:
    evidence, source, target = known
    for (q, i, j), node in places(evidence):
        a, b = MOVES[q]
        if evidence.cosines[q, node] != ABSENT:
            spans = source.texts[i : i + a], target.texts[j : j + b]
            assert evidence.coverage[0, q, node] == pytest.approx(covered(*spans, source.texts), abs=1e-3)
            assert evidence.coverage[1, q, node] == pytest.approx(covered(*spans[::-1], target.texts), abs=1e-3)


def test_the_best_coverage_of_a_segment_is_that_by_any_single_one_of_the_other_side() -> None:
    source, target = [Segments.embedded(texts, embed) for texts in (["le roi dort", "une reine"], ["roi", "le chat dort", "rien"])]
    evidence = gather(source, target, embed)
    for side, other, best in zip((source, target), (target, source), evidence.best_coverage, strict=True):
        expected = [max(covered([text], [one], side.texts) for one in other.texts) for text in side.texts]
        assert best.tolist() == pytest.approx(expected, abs=1e-4)


@settings(max_examples=40)
@given(gathered(), st.integers(0, 2**32 - 1))
def test_a_score_is_the_weighted_sum_of_a_beads_features(known: tuple[Evidence, Segments, Segments], seed: int) -> None:
    evidence, *_ = known
    weights = np.random.default_rng(seed).standard_normal(len(NAMES)).astype(np.float32)
    rows, scores = evidence.feature_rows(), evidence.scores(weights)
    assert rows.shape == (evidence.allowed.sum(), len(NAMES)) and np.isfinite(rows).all()
    np.testing.assert_allclose(scores[evidence.allowed], rows @ weights, rtol=1e-4, atol=1e-3)
    assert (scores[~evidence.allowed] == -np.inf).all()


def test_texts_are_embedded_unless_blank() -> None:
    asking = Asking()
    segments = Segments.embedded(["un", "", " \u00a0", "deux"], asking)
    assert asking.texts == ["un", "deux"]
    assert np.linalg.norm(segments.vectors, axis=1).tolist() == pytest.approx([1, 0, 0, 1])
    assert Segments.embedded(["", " "], asking).vectors.shape == (2, DIMENSION)
