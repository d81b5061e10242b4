"""Weights as data: they come back as they were written, and what are no weights says so."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from aligner.alignment.judging import WEAK_FEATURES
from aligner.alignment.layout import LAYOUT_FEATURES
from aligner.alignment.pairs import PAIR_WEIGHTS
from aligner.alignment.weights import SHIPPED, WEIGHT_NAMES, Weights, load_weights
from aligner.errors import InputError


@pytest.fixture
def weights() -> Weights:
    random = np.random.default_rng(7)
    draft, final = random.normal(0, 3, (2, len(WEIGHT_NAMES)))
    return Weights(
        "drawn",
        draft,
        final,
        random.normal(0, 3, len(PAIR_WEIGHTS)),
        random.normal(0, 3, len(WEAK_FEATURES)),
        random.normal(0, 3, len(LAYOUT_FEATURES)),
        "drawn, not learnt: « rien »",
    )


def vectors(weights: Weights) -> tuple[NDArray[np.float64], ...]:
    return weights.draft, weights.final, weights.pairs, weights.weak, weights.layout


def test_weights_come_back_from_json_to_four_digits(weights: Weights, tmp_path: Path) -> None:
    path = tmp_path / "weights.json"
    path.write_text(weights.to_json(), encoding="utf-8")
    again = load_weights(path)
    assert (again.name, again.note) == (weights.name, weights.note)
    for read, written in zip(vectors(again), vectors(weights), strict=True):
        assert read.dtype == np.float64
        np.testing.assert_allclose(read, written, atol=5e-5)
    assert again.to_json() == weights.to_json()


def test_the_identity_is_that_of_the_values_and_outlives_a_file(weights: Weights, tmp_path: Path) -> None:
    path = tmp_path / "weights.json"
    path.write_text(weights.to_json(), encoding="utf-8")
    assert load_weights(path).identity == weights.identity
    assert replace(weights, note="").identity == weights.identity
    for changed in ("draft", "final", "pairs", "layout"):
        other = replace(weights, **{changed: getattr(weights, changed) + 1})
        assert other.identity != weights.identity
        assert other.identity.startswith("drawn-")


def test_the_package_comes_with_weights() -> None:
    shipped = load_weights()
    assert shipped.name == SHIPPED
    for values in vectors(shipped):
        assert np.isfinite(values).all() and values.any()
    assert len(shipped.draft) == len(shipped.final) == len(WEIGHT_NAMES)
    assert len(shipped.pairs) == len(PAIR_WEIGHTS)
    assert len(shipped.layout) == len(LAYOUT_FEATURES)


def without(content: str, group: str, name: str) -> str:
    table = json.loads(content)
    del table[group][name]
    return json.dumps(table)


def with_value(content: str, value: object) -> str:
    table = json.loads(content)
    table["weights"]["size"] = value
    return json.dumps(table)


@pytest.mark.parametrize(
    "content",
    ["", "no JSON", "[]", "7", "null", "{}", '{"weights": {}}', '{"weights": [], "pairs": {}}', "\ud800".encode("utf-8", "surrogatepass")],
)
def test_a_foreign_file_is_named_in_the_error(content: str | bytes, tmp_path: Path) -> None:
    path = tmp_path / "foreign.json"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(InputError, match=r"foreign\.json"):
        load_weights(path)


@pytest.mark.parametrize("value", [1.0, [1.0], [1.0, 2.0, 3.0], ["a", "b"], None, [float("nan"), 1.0], [1.0, float("inf")]])
def test_a_damaged_weight_is_refused(value: object, weights: Weights, tmp_path: Path) -> None:
    path = tmp_path / "damaged.json"
    path.write_text(with_value(weights.to_json(), value), encoding="utf-8")
    with pytest.raises(InputError, match=r"damaged\.json"):
        load_weights(path)


@pytest.mark.parametrize(("group", "name"), [("weights", "size"), ("weights", "open_source_nulls"), ("pairs", "cosine")])
def test_weights_of_another_version_say_which_one_is_missing(group: str, name: str, weights: Weights, tmp_path: Path) -> None:
    path = tmp_path / "older.json"
    path.write_text(without(weights.to_json(), group, name), encoding="utf-8")
    with pytest.raises(InputError, match=rf"older\.json.*{name}.*train"):
        load_weights(path)


def test_weights_with_more_than_this_version_knows_are_refused(weights: Weights, tmp_path: Path) -> None:
    table = json.loads(weights.to_json())
    table["weights"]["speech_opens_differ"] = [1.0, 2.0]
    path = tmp_path / "older.json"
    path.write_text(json.dumps(table), encoding="utf-8")
    with pytest.raises(InputError, match=r"older\.json.*speech_opens_differ.*train"):
        load_weights(path)


def test_a_missing_file_is_named_in_the_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"none\.json.*no such"):
        load_weights(tmp_path / "none.json")
    with pytest.raises(InputError, match=tmp_path.name):
        load_weights(tmp_path)


def test_a_fault_in_the_weights_of_the_package_names_their_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("aligner.alignment.weights.SHIPPED", "of-no-encoder")
    with pytest.raises(InputError, match=r"of-no-encoder\.json"):
        load_weights()
