"""The demo aligns all examples, and other programs read the memories that it leaves."""

from __future__ import annotations

import contextlib
import importlib.util
import io
import re
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner
from lxml import etree
from tmx_readers import read_by_tmxutil, read_by_translate_toolkit, tmx_dtd, translated_by_omegat

from aligner import Corpus, read_units
from aligner.cli import main

EXAMPLES = Path(__file__).parents[1] / "examples"


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """The folder that the demo fills, and what it prints."""
    folder = tmp_path_factory.mktemp("demo")
    shutil.copytree(EXAMPLES, folder / "examples")
    spec = importlib.util.spec_from_file_location("demo", EXAMPLES / "demo.py")
    assert spec
    assert spec.loader
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        with contextlib.redirect_stdout(io.StringIO()) as printed:
            assert script.main() == 0
    return folder / "demo", printed.getvalue()


def test_the_demo_prints_counts_the_doubtful_units_and_where_everything_is(demo: tuple[Path, str]) -> None:
    folder, printed = demo
    assert len(re.findall(r"\d+ units written, \d+ below 0.5 left out", printed)) == 6
    doubtful = [float(found) for found in re.findall(r"^  (\d\.\d\d\d)  \S", printed, re.MULTILINE)]
    assert len(doubtful) == 6
    assert doubtful == sorted(doubtful)
    assert "demo/corpus.db" in printed
    with Corpus(folder / "corpus.db") as corpus:
        assert corpus.stats().units > 90


def test_what_was_not_translated_stays_out(demo: tuple[Path, str]) -> None:
    folder, printed = demo
    assert list(read_units(folder / "no_translation.tmx")) == []
    assert "no partner for examples/notices/fr/bibliotheque.txt" in printed
    texts = " ".join(unit.source + unit.target for unit in read_units(folder / "press.tmx"))
    assert "Aucune hausse du prix de l’eau" not in texts
    assert "a country of four million people" not in texts


def test_memories_of_the_demo_are_valid_and_other_programs_read_them(demo: tuple[Path, str]) -> None:
    dtd = tmx_dtd()
    for path in sorted(demo[0].glob("*.tmx")):
        assert dtd.validate(etree.parse(path)), dtd.error_log
        assert CliRunner().invoke(main, ["validate", str(path)]).exit_code == 0
        units = [(unit.source, unit.target) for unit in read_units(path)]
        assert read_by_translate_toolkit(path) == units
        assert read_by_tmxutil(path) == units


def test_omegat_translates_a_text_by_them(demo: tuple[Path, str], tmp_path: Path) -> None:
    text = "Denoyautez-les.\n\nDénoyautez les prunes et coupez-les en deux.\n\nLe jeudi.\n"
    translated = translated_by_omegat(text, [demo[0] / "recipe.tmx", demo[0] / "press.tmx"], tmp_path)
    assert "Stone the plums and cut them in half." in translated
