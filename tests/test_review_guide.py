"""docs/review.md tells of review what is so."""

import importlib.util
import re
from pathlib import Path

import pytest

import aligner

ROOT = Path(__file__).parents[1]
GUIDE = (ROOT / "docs" / "review.md").read_text(encoding="utf-8")


def test_the_guides_tables_of_keys_are_those_of_the_widget() -> None:
    spec = importlib.util.spec_from_file_location("write_keys", ROOT / "docs" / "write_keys.py")
    assert spec
    assert spec.loader
    write_keys = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(write_keys)
    assert write_keys.guide() == GUIDE, "run `make docs`"
    commands = write_keys.COMMANDS.read_text(encoding="utf-8").count("keys: [")
    assert len(re.findall(r"^\| `", GUIDE, re.MULTILINE)) == commands > 30


def test_the_python_of_the_guide_runs_and_writes_what_it_names(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("anywidget")
    press = ROOT / "examples" / "press"
    monkeypatch.chdir(tmp_path)
    with aligner.Corpus("corpus.db") as corpus:
        corpus.add(aligner.align(press / "entretien.fr.txt", press / "entretien.en.txt"))
        corpus.decide(next(corpus.units()), "accepted", reviewer="Ada")
    blocks = re.findall(r"^```python\n(.*?)^```", GUIDE, re.MULTILINE | re.DOTALL)
    assert len(blocks) == 2
    for block in blocks:
        exec(compile(block, "docs/review.md", "exec"), {})
    assert len(list(aligner.read_units("accepted.tmx"))) == 1
    assert {path.name for path in tmp_path.iterdir()} >= {"progress.png", "scores.svg"}
