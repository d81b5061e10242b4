"""Is this text a translation of that one? A calibrated answer for single pairs, where no order of the documents helps.

Candidates are each other's best by margin over the k nearest neighbours (Artetxe & Schwenk 2019). A margin alone accepts
junk in small pools and a cosine alone favours hubs, so a linear model weighs both with what the words say. What a score
means differs between pools, so the probability is read off how this pool's own scores are spread.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from aligner.alignment.logistic import fit_logistic, logistic
from aligner.alignment.search import Candidates
from aligner.alignment.wording import WordSurprise, wording
from aligner.types import Embed

PAIR_FEATURES = (
    "intercept",
    "cosine",
    "margin",
    "gap",
    "length_mismatch",
    "shortness",
    "least_coverage",
    "content_ratio",
    "numbers_missing",
    "margin*log_pool",
    "least_coverage*shortness",
)
SPREAD = ("mean_of_right", "mean_of_wrong", "deviation")
"""How right and wrong candidates score where the weights were learnt; they follow the features in the vector of weights."""
PAIR_WEIGHTS = PAIR_FEATURES + SPREAD

STEPS = 100
"""Of expectation-maximisation."""
FEW, FEW_RIGHT = 4.0, 0.3
"""Candidates' worth of belief, before any is seen, that this share of them is right: most pages hold no translation."""
FAR = 4.0
"""Deviations from the typical beyond which scores count alike."""
TYPICAL = 100.0
"""Candidates' worth of belief that right and wrong ones score as where the weights were learnt; twice that in the deviation."""


def pair_features(candidates: Candidates, source: Sequence[str], target: Sequence[str], embed: Embed) -> NDArray[np.float64]:
    """float64 (n_candidates, len(PAIR_FEATURES)); source and target are all the texts that the candidates number."""
    left, right = [source[i] for i in candidates.source], [target[j] for j in candidates.target]
    out = np.zeros((len(left), len(PAIR_FEATURES)))
    if not left:
        return out
    lengths = np.array([[len(text) for text in side] for side in (left, right)], np.float64)
    shortness = 1 / np.sqrt(lengths.min(axis=0) + 1)
    words = wording(left, right, (WordSurprise(source), WordSurprise(target)), embed)
    columns = {
        "intercept": 1.0,
        "cosine": candidates.cosine,
        "margin": candidates.margin,
        "gap": candidates.gap,
        "length_mismatch": np.abs(lengths[0] - lengths[1]) / np.sqrt(lengths.sum(axis=0) + 1),
        "shortness": shortness,
        **words._asdict(),
        "margin*log_pool": candidates.margin * np.log(1 + min(candidates.pool)),
        "least_coverage*shortness": words.least_coverage * shortness,
    }
    for place, name in enumerate(PAIR_FEATURES):
        out[:, place] = columns[name]
    return out


def pair_probabilities(features: NDArray[np.float64], weights: NDArray[np.float64], *, sure: int = 0) -> NDArray[np.float64]:
    """float64 (n_candidates,): how probable it is that each candidate is a translation, beside `sure` others that are.

    weights: float64 (len(PAIR_WEIGHTS),). How many candidates are right, and what right and wrong ones score in this pool,
    is estimated from their own scores as a mixture of two normal distributions of one deviation, by expectation-maximisation
    from what is typical (as Saerens, Latinne & Decaestecker 2002 do for the share alone): where all look doubtful, none is
    believed, and where the subject makes everything alike, more is asked. A normal distribution's tails are too sure, so half
    of what the pool's spread adds to the slope is taken back.
    """
    scores, (right, wrong, deviation) = _scores(features, weights), weights[-len(SPREAD) :]
    if not len(scores):
        return np.zeros(0)
    means, variance, share = np.array([right, wrong]), deviation**2, FEW_RIGHT
    for _ in range(STEPS):
        slope = (means[0] - means[1]) / variance
        even = means.mean() - np.log(share / (1 - share)) / slope
        belongs = np.stack([logistic(slope * (scores - even)), logistic(slope * (even - scores))])
        count = belongs.sum(axis=1)
        means = (belongs @ scores + TYPICAL * np.array([right, wrong])) / (count + TYPICAL)
        variance = ((belongs * (scores - means[:, None]) ** 2).sum() + 2 * TYPICAL * deviation**2) / (len(scores) + 2 * TYPICAL)
        share = (count[0] + sure + FEW * FEW_RIGHT) / (len(scores) + sure + FEW)
    return logistic(np.sqrt(slope) * (scores - even))


def pair_log_odds(features: NDArray[np.float64], weights: NDArray[np.float64]) -> NDArray[np.float64]:
    """float64 (n_candidates,): the log odds of each, were right and wrong ones as many and spread as where the weights were learnt."""
    right, wrong, deviation = weights[-len(SPREAD) :]
    return (_scores(features, weights) - (right + wrong) / 2) * (right - wrong) / deviation**2  # type: ignore[no-any-return]


def _scores(features: NDArray[np.float64], weights: NDArray[np.float64]) -> NDArray[np.float64]:
    """float64 (n_candidates,), within FAR deviations of what is typical."""
    right, wrong, deviation = weights[-len(SPREAD) :]
    # What is far beyond doubt (a heading beside a whole page) would stretch the deviation, and with it every other's doubt.
    return np.clip(features @ weights[: -len(SPREAD)], wrong - FAR * deviation, right + FAR * deviation)


def fit_pairs(features: Sequence[NDArray[np.float64]], labels: Sequence[NDArray[np.bool_]], *, l2: float = 1.0) -> NDArray[np.float64]:
    """float64 (len(PAIR_WEIGHTS),): the weights that make the labels likeliest, and the spread of the scores they give.

    features, labels: those of each pool's candidates. The share of right ones differs between pools and is estimated anew
    for each, so here it is given and not learnt.
    """
    shares = [(right.sum() + FEW * FEW_RIGHT) / (len(right) + FEW) for right in labels]
    offset = np.concatenate([np.full(len(right), np.log(share / (1 - share))) for right, share in zip(labels, shares, strict=True)])
    rows, right = np.concatenate(features), np.concatenate(labels)
    weights = fit_logistic(rows, right, offset=offset, l2=l2)
    scores = rows @ weights
    means = scores[right].mean(), scores[~right].mean()
    return np.append(weights, [*means, (scores - np.where(right, *means)).std()])
