"""Is this text a translation of that one? A calibrated answer for single pairs, where no order of the documents helps.

Candidates are each other's best by margin over the k nearest neighbours (Artetxe & Schwenk 2019). A margin alone accepts
junk in small pools and a cosine alone favours hubs, so a logistic model weighs both with what the words say.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from aligner.alignment.band import Band
from aligner.alignment.evidence import Embed
from aligner.alignment.lexicon import found_mass, lexicons, words_of
from aligner.alignment.search import Candidates

PAIR_FEATURES = (
    "intercept",
    "cosine",
    "margin",
    "gap",
    "length_mismatch",
    "shortness",
    "coverage",
    "least_coverage",
    "numbers_differ",
    "log_pool",
    "margin*log_pool",
)

STEPS = 30
FEW, FEW_RIGHT = 8.0, 0.3
"""Candidates' worth of belief, before any is seen, that this share of them is right: most pages hold no translation."""


def pair_features(candidates: Candidates, source: Sequence[str], target: Sequence[str], embed: Embed) -> NDArray[np.float64]:
    """float64 (n_candidates, len(PAIR_FEATURES)); source and target are all the texts that the candidates number."""
    left, right = [source[i] for i in candidates.source], [target[j] for j in candidates.target]
    out = np.zeros((len(left), len(PAIR_FEATURES)))
    if not left:
        return out
    lengths = np.array([[len(text) for text in side] for side in (left, right)], np.float64)
    own, other = lexicons(left, right, embed)
    diagonal = np.arange(len(left), dtype=np.int64)
    band = Band.of_bounds(diagonal, diagonal)
    covered = found_mass(own, other, band.low, band.high, band.start)[0] / (own.mass() + 1e-6)
    covered_back = found_mass(other, own, band.low, band.high, band.start)[0] / (other.mass() + 1e-6)
    log_pool = np.log(1 + min(candidates.pool))
    columns = {
        "intercept": 1.0,
        "cosine": candidates.cosine,
        "margin": candidates.margin,
        "gap": candidates.gap,
        "length_mismatch": np.abs(lengths[0] - lengths[1]) / np.sqrt(lengths.sum(axis=0) + 1),
        "shortness": 1 / np.sqrt(lengths.min(axis=0) + 1),
        "coverage": (covered + covered_back) / 2,
        "least_coverage": np.minimum(covered, covered_back),
        "numbers_differ": [min(3, len(_numbers(a) ^ _numbers(b))) for a, b in zip(left, right, strict=True)],
        "log_pool": log_pool,
        "margin*log_pool": candidates.margin * log_pool,
    }
    for place, name in enumerate(PAIR_FEATURES):
        out[:, place] = columns[name]
    return out


def pair_probabilities(features: NDArray[np.float64], weights: NDArray[np.float64], *, sure: int = 0) -> NDArray[np.float64]:
    """float64 (n_candidates,): how probable it is that each candidate is a translation, beside `sure` others that are.

    The weights take half of all candidates for translations; how many of these are is estimated from themselves, by
    expectation-maximisation (Saerens, Latinne & Decaestecker 2002): where all look doubtful, none is believed.
    """
    odds = features @ weights
    share = 0.5
    for _ in range(STEPS):
        probabilities = 1 / (1 + np.exp(-np.clip(odds + np.log(share / (1 - share)), -30, 30)))
        share = (probabilities.sum() + sure + FEW * FEW_RIGHT) / (len(odds) + sure + FEW)
    return probabilities


def fit_pairs(features: NDArray[np.float64], labels: NDArray[np.bool_], *, l2: float = 1.0) -> NDArray[np.float64]:
    """float64 (len(PAIR_FEATURES),): the logistic weights that make the labels likeliest, both kinds counting alike."""
    from scipy.optimize import minimize  # half a second that aligning need not spend

    scale = 1 / (features.std(axis=0) + 1e-3)
    scale[0] = 1
    scaled, sign = features * scale, np.where(labels, 1.0, -1.0)
    count = np.where(labels, 0.5 / max(1, labels.sum()), 0.5 / max(1, (~labels).sum())) * len(labels)

    def loss(weights: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        score = sign * (scaled @ weights)
        wrong = 1 / (1 + np.exp(np.clip(score, -30, 30)))
        penalty = weights * np.append(0, np.ones(len(weights) - 1))
        return float(count @ np.logaddexp(0, -score) + l2 * penalty @ weights), -(scaled.T @ (sign * wrong * count)) + 2 * l2 * penalty

    return minimize(loss, np.zeros(len(PAIR_FEATURES)), jac=True, method="L-BFGS-B").x * scale  # type: ignore[no-any-return]


def _numbers(text: str) -> set[str]:
    return {word for word in words_of(text) if word[0].isdigit()}
