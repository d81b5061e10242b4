"""The lattice against a slow twin that writes down every path."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from aligner.alignment import lattice
from aligner.alignment.band import Band, full_band
from aligner.alignment.moves import MOVE_NUMBER, MOVES, SOURCE_NULL, TARGET_NULL

Step = tuple[int, int, int]
"""move, i, j"""


@dataclass(frozen=True, eq=False)
class Problem:
    band: Band
    allowed: NDArray[np.bool_]
    scores: NDArray[np.float32]
    opening: NDArray[np.float64]

    @property
    def ends(self) -> tuple[int, int]:
        return len(self.band.low) - 1, int(self.band.high[-1])

    def posteriors(self) -> tuple[float, NDArray[np.float32], NDArray[np.float64]]:
        return lattice.posteriors(self.band, self.scores, self.opening, self.allowed)

    def steps(self, i: int, j: int) -> Iterator[Step]:
        """The allowed beads at a node."""
        return ((q, i, j) for q in range(len(MOVES)) if self.allowed[q, node(self.band, i, j)])

    def paths(self, i: int = 0, j: int = 0, before: int = -1) -> Iterator[list[Step]]:
        """Every path from (i, j) on; a source null follows a target null directly only where the other order leaves the band."""
        if (i, j) == self.ends:
            yield []
        for q, _, _ in self.steps(i, j):
            if not (q == SOURCE_NULL and before == TARGET_NULL and self.band.low[i + 1] <= j - 1):
                for rest in self.paths(i + MOVES[q, 0], j + MOVES[q, 1], q):
                    yield [(q, i, j), *rest]

    def score(self, path: list[Step]) -> float:
        """The beads' scores, and an opening for each run of nulls of one side."""
        moves = [q for q, _, _ in path]
        return sum(float(self.scores[q, node(self.band, i, j)]) for q, i, j in path) + sum(
            float(self.opening[q])
            for before, q in zip([-1, *moves], moves, strict=False)
            if q in (SOURCE_NULL, TARGET_NULL) and q != before
        )


def node(band: Band, i: int, j: int) -> int:
    return int(band.start[i] + j - band.low[i])


def runs(path: list[Step]) -> list[int]:
    """How many runs of source nulls and of target nulls a path has."""
    moves = [q for q, _, _ in path]
    return [sum(q == null != before for before, q in zip([-1, *moves], moves, strict=False)) for null in (SOURCE_NULL, TARGET_NULL)]


def beads_inside(band: Band) -> NDArray[np.bool_]:
    """Every bead that starts and ends in the band."""
    out = np.zeros((len(MOVES), band.size), bool)
    for i in range(len(band.low)):
        for j in range(band.low[i], band.high[i] + 1):
            for q, (a, b) in enumerate(MOVES):
                out[q, node(band, i, j)] = i + a < len(band.low) and band.low[i + a] <= j + b <= band.high[i + a]
    return out


@st.composite
def bands(draw: st.DrawFn, longest: int = 4) -> Band:
    n, m = draw(st.integers(0, longest)), draw(st.integers(0, longest))
    if draw(st.booleans()):
        return full_band(n, m)
    bounds = [sorted(draw(st.lists(st.integers(0, m), min_size=n, max_size=n))) for _ in range(2)]
    high = np.array([*bounds[0], m], np.int64)
    return Band.of_bounds(np.minimum(np.array([0, *bounds[1]], np.int64), high), high)


@st.composite
def problems(draw: st.DrawFn) -> Problem:
    band = draw(bands())
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    allowed = beads_inside(band)
    allowed &= random.random(allowed.shape) < draw(st.sampled_from([0.5, 0.9, 1.0]))
    return Problem(band, allowed, random.normal(0, 2, allowed.shape).astype(np.float32), random.normal(-1, 1, 2))


@settings(max_examples=80)
@given(problems())
def test_log_z_posteriors_and_runs_are_those_of_all_paths_written_down(problem: Problem) -> None:
    log_z, posterior, expected_runs = problem.posteriors()
    paths = list(problem.paths())
    if not paths:
        assert log_z == -np.inf
        assert not posterior.any() and not expected_runs.any()
        return
    scores = np.array([problem.score(path) for path in paths])
    top = scores.max()
    assert log_z == pytest.approx(top + np.log(np.exp(scores - top).sum()), abs=1e-4)
    probabilities = np.exp(scores - top) / np.exp(scores - top).sum()
    expected, mean_runs = np.zeros(posterior.shape), np.zeros(2)
    for path, probability in zip(paths, probabilities, strict=True):
        mean_runs += probability * np.array(runs(path))
        for q, i, j in path:
            expected[q, node(problem.band, i, j)] += probability
    np.testing.assert_allclose(posterior, expected, atol=1e-5)
    np.testing.assert_allclose(expected_runs, mean_runs, atol=1e-5)


@settings(max_examples=80)
@given(problems())
def test_a_segment_is_linked_or_alone_with_probability_one(problem: Problem) -> None:
    log_z, posterior, _ = problem.posteriors()
    alone = lattice.null_probabilities(problem.band, posterior)
    if log_z == -np.inf:
        return
    linked = np.zeros(problem.ends[0]), np.zeros(problem.ends[1])
    nulls = np.zeros(problem.ends[0]), np.zeros(problem.ends[1])
    for i in range(len(problem.band.low)):
        for j in range(problem.band.low[i], problem.band.high[i] + 1):
            for q, _, _ in problem.steps(i, j):
                a, b = MOVES[q]
                one_sided = not (a and b)
                (nulls if one_sided else linked)[0][i : i + a] += posterior[q, node(problem.band, i, j)]
                (nulls if one_sided else linked)[1][j : j + b] += posterior[q, node(problem.band, i, j)]
    for side in (0, 1):
        np.testing.assert_allclose(alone[side], nulls[side], atol=1e-5)
        np.testing.assert_allclose(alone[side] + linked[side], 1, atol=1e-5)


def test_of_two_orders_of_a_run_of_nulls_one_counts() -> None:
    """One source and one target segment: linked, or the source null before the target null, but not the other way round."""
    band = full_band(1, 1)
    problem = Problem(band, beads_inside(band), np.zeros((len(MOVES), band.size), np.float32), np.array([0.0, 0.0]))
    log_z, posterior, expected_runs = problem.posteriors()
    assert log_z == pytest.approx(np.log(2))
    assert posterior[SOURCE_NULL, node(band, 0, 0)] == pytest.approx(0.5)
    assert posterior[TARGET_NULL, node(band, 0, 0)] == 0
    assert expected_runs.tolist() == pytest.approx([0.5, 0.5])


@settings(max_examples=60)
@given(bands())
def test_each_alignment_that_the_band_holds_is_one_path(band: Band) -> None:
    """Alignments that differ in the order of their nulls alone are the same."""
    allowed = beads_inside(band)
    problem = Problem(band, allowed, np.zeros(allowed.shape, np.float32), np.zeros(2))

    def any_paths(i: int = 0, j: int = 0) -> Iterator[list[Step]]:
        if (i, j) == problem.ends:
            yield []
        for q, _, _ in problem.steps(i, j):
            for rest in any_paths(i + MOVES[q, 0], j + MOVES[q, 1]):
                yield [(q, i, j), *rest]

    alignments = {tuple(step for step in path if step[0] > TARGET_NULL) for path in any_paths()}
    log_z, _, _ = problem.posteriors()
    assert np.exp(log_z) == pytest.approx(len(alignments))


def test_no_path_is_an_error_of_the_caller() -> None:
    band = full_band(2, 2)
    with pytest.raises(ValueError, match="no allowed beads"):
        lattice.decode(band, np.zeros((len(MOVES), band.size), np.float32), np.zeros((len(MOVES), band.size), bool))


def test_a_run_is_paid_for_once_however_long() -> None:
    band = full_band(3, 0)
    problem = Problem(band, beads_inside(band), np.full((len(MOVES), band.size), -1, np.float32), np.array([-10.0, -10.0]))
    log_z, _, expected_runs = problem.posteriors()
    assert log_z == pytest.approx(-13)
    assert expected_runs.tolist() == [1, 0]


@settings(max_examples=80)
@given(problems())
def test_decoding_finds_a_path_of_the_greatest_gain(problem: Problem) -> None:
    greatest: dict[tuple[int, int], float] = {problem.ends: 0.0}
    for i in range(problem.ends[0], -1, -1):
        for j in range(int(problem.band.high[i]), int(problem.band.low[i]) - 1, -1):
            ways = [
                float(problem.scores[q, node(problem.band, i, j)]) + greatest[i + MOVES[q, 0], j + MOVES[q, 1]]
                for q, _, _ in problem.steps(i, j)
                if (i + MOVES[q, 0], j + MOVES[q, 1]) in greatest
            ]
            if ways:
                greatest[i, j] = max(ways)
    if (0, 0) not in greatest:
        return
    path = lattice.decode(problem.band, problem.scores, problem.allowed)
    assert sum(float(problem.scores[q, node(problem.band, i, j)]) for q, i, j in path) == pytest.approx(greatest[0, 0], abs=1e-4)
    at = (0, 0)
    for q, i, j in path:
        assert (i, j) == at and problem.allowed[q, node(problem.band, i, j)]
        at = (i + int(MOVES[q, 0]), j + int(MOVES[q, 1]))
    assert at == problem.ends


@settings(max_examples=40)
@given(problems(), st.floats(0, 1))
def test_a_gain_is_the_probability_less_the_cost_of_a_bead(problem: Problem, cost: float) -> None:
    _, posterior, _ = problem.posteriors()
    gains = lattice.expected_gains(problem.band, posterior, cost)
    alone = lattice.null_probabilities(problem.band, posterior)
    for i in range(len(problem.band.low)):
        for j in range(problem.band.low[i], problem.band.high[i] + 1):
            for q, _, _ in problem.steps(i, j):
                here = alone[0][i] if q == SOURCE_NULL else alone[1][j] if q == TARGET_NULL else posterior[q, node(problem.band, i, j)]
                assert gains[q, node(problem.band, i, j)] == pytest.approx(here - cost, abs=1e-5)


def test_large_scores_do_not_overflow() -> None:
    band = full_band(30, 30)
    allowed = beads_inside(band)
    for scale in (1e4, -1e4):
        log_z, posterior, _ = lattice.posteriors(band, np.full(allowed.shape, scale, np.float32), np.zeros(2), allowed)
        assert np.isfinite(log_z) and np.isfinite(posterior).all()
        assert posterior.max() <= 1 + 1e-5


def test_the_moves_are_the_documented_ones_and_each_has_its_number() -> None:
    shapes = {tuple(move) for move in MOVES.tolist()}
    assert len(shapes) == len(MOVES)
    assert shapes == {(1, 0), (0, 1)} | {(a, b) for a in range(1, 7) for b in range(1, 7) if a + b <= 5 or (1 in (a, b) and a + b <= 7)}
    assert [MOVE_NUMBER[a, b] for a, b in MOVES] == list(range(len(MOVES)))
    assert (MOVE_NUMBER >= 0).sum() == len(MOVES)
