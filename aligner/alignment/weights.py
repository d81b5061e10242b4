"""The weights of the model, as data: what was learnt, from what, and the settings it was learnt for."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from aligner.alignment.features import NAMES
from aligner.alignment.judging import WEAK_FEATURES
from aligner.alignment.layout import LAYOUT_FEATURES
from aligner.alignment.pairs import PAIR_WEIGHTS
from aligner.errors import InputError

OPENINGS = ("open_source_nulls", "open_target_nulls")
"""Scores for each run of nulls; they follow the features in every vector of weights."""
WEIGHT_NAMES = NAMES + OPENINGS
SHIPPED = "use-multilingual-v3"
DIGITS = 4
"""Decimals that a file of weights keeps."""


@dataclass(frozen=True, slots=True, eq=False)
class Weights:
    """What was learnt: to judge beads (in a draft, and after it), single pairs, weak links, and links by their place on a page."""

    name: str
    draft: NDArray[np.float64]
    """(n_features + 2,)"""
    final: NDArray[np.float64]
    """(n_features + 2,)"""
    pairs: NDArray[np.float64]
    """(len(PAIR_WEIGHTS),), of the model that judges a pair by itself"""
    weak: NDArray[np.float64]
    """(len(WEAK_FEATURES),), of the logistic model that judges a link of low cosine where it stands"""
    layout: NDArray[np.float64]
    """(len(LAYOUT_FEATURES),), of the logistic model that judges a link by its place among those of its page"""
    note: str = ""
    """what they were trained on, and how"""

    @property
    def identity(self) -> str:
        """The name with eight hexadecimal digits of the values as a file keeps them: what provenance records."""
        values = json.dumps([_rounded(each) for each in (self.draft, self.final, self.pairs, self.weak, self.layout)])
        return f"{self.name}-{hashlib.sha256(values.encode()).hexdigest()[:8]}"

    def to_json(self) -> str:
        """The weights as JSON, a line for each of those of beads: [draft, final]."""
        table = zip(WEIGHT_NAMES, _rounded(self.draft), _rounded(self.final), strict=True)
        lines = ",\n".join(f"  {json.dumps(name)}: {json.dumps(pair)}" for name, *pair in table)
        head = f' "name": {json.dumps(self.name)},\n "note": {json.dumps(self.note)}'
        pairs = json.dumps(dict(zip(PAIR_WEIGHTS, _rounded(self.pairs), strict=True)), indent=2)
        weak = json.dumps(dict(zip(WEAK_FEATURES, _rounded(self.weak), strict=True)), indent=2)
        layout = json.dumps(dict(zip(LAYOUT_FEATURES, _rounded(self.layout), strict=True)), indent=2)
        return f'{{\n{head},\n "weights": {{\n{lines}\n }},\n "pairs": {pairs},\n "weak": {weak},\n "layout": {layout}\n}}\n'


def load_weights(path: str | Path | None = None) -> Weights:
    """The weights in a file, or those that come with the package. InputError where the file does not hold this model's weights."""
    source = files("aligner.alignment") / "weights" / f"{SHIPPED}.json" if path is None else Path(path)
    try:
        content: dict[str, Any] = json.loads(source.read_text(encoding="utf-8"))
        if surplus := content["weights"].keys() - set(WEIGHT_NAMES):
            raise ValueError(f"not weights of this version, which knows no {', '.join(sorted(surplus))}; train them again")
        draft, final = np.array([content["weights"][name] for name in WEIGHT_NAMES], np.float64).T
        pairs = np.array([content["pairs"][name] for name in PAIR_WEIGHTS], np.float64)
        weak = np.array([content["weak"][name] for name in WEAK_FEATURES], np.float64)
        layout = np.array([content["layout"][name] for name in LAYOUT_FEATURES], np.float64)
        if not np.isfinite(np.concatenate([draft, final, pairs, weak, layout])).all():
            raise ValueError("a weight is no finite number")
    except FileNotFoundError as error:
        raise InputError(f"{source}: no such weights file; `aligner train GOLD_FOLDER -o WEIGHTS.json` makes one.") from error
    except KeyError as error:
        raise InputError(f"{source}: not weights of this version: {error} is missing; train them again with `aligner train`.") from error
    except (OSError, ValueError, TypeError, AttributeError) as error:
        raise InputError(f"{source}: cannot be read as weights (JSON made by `aligner train`): {error}") from error
    return Weights(str(content.get("name", SHIPPED)), draft, final, pairs, weak, layout, str(content.get("note", "")))


def _rounded(values: NDArray[np.float64]) -> list[float]:
    return [round(float(value), DIGITS) + 0.0 for value in values]  # adding 0 makes -0 a 0
