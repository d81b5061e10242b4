"""How much a text resembles each language: eldc, or py3langid where eldc has no wheel (Linux on ARM).

Both are libraries; what is measured of them stands in docs/decisions/003-segmentation.md.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from functools import cache

_MOST_SCORES = 20
"""Languages scored for a text; one that is missing scores 0."""
_LEAST_PROBABILITY = 0.02
"""Below this for the likeliest of py3langid's 97 languages, a text has nothing that it knows."""

Scorer = Callable[[str], dict[str, float]]


@cache
def scorer() -> Scorer:
    """The function that gives a text's scores, ISO 639-1 code to 0..1, highest for the likeliest; empty where nothing is known.

    Texts must hold neither NUL nor lone surrogates.
    """
    return eldc_scorer() if importlib.util.find_spec("eldc") else py3langid_scorer()


def eldc_scorer() -> Scorer:
    """Scores by n-grams, compiled: some 400,000 texts a second."""
    import eldc  # reads 20 MB of tables, which only segmentation needs

    eldc.init()
    detector = eldc.instance()
    detector.set_scores(_MOST_SCORES)

    def scores(text: str) -> dict[str, float]:
        found: dict[str, float] = detector.detect_details(text).scores
        return found

    return scores


def py3langid_scorer() -> Scorer:
    """Probabilities as shares of the likeliest one's, which have about the spread of eldc's scores; some 10,000 texts a second."""
    from py3langid.langid import MODEL_FILE, LanguageIdentifier  # reads a model that only segmentation needs

    identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)

    def scores(text: str) -> dict[str, float]:
        ranked = identifier.rank(text)[:_MOST_SCORES]
        likeliest = ranked[0][1]
        return {code: score / likeliest for code, score in ranked} if likeliest >= _LEAST_PROBABILITY else {}

    return scores
