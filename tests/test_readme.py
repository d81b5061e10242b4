"""The README's examples do what they say, all of them in one folder: that of the examples."""

import re
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner

import aligner
from aligner.cli import main

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", README, re.MULTILINE | re.DOTALL)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the folder that the README says to go to, with what Git keeps in it: others may have written there."""
    (named,) = re.findall(r"`cd (\S+)`", README)
    listed = subprocess.run(["git", "-C", str(ROOT), "ls-files", "-z", named], capture_output=True, text=True, check=True).stdout
    for name in listed.rstrip("\0").split("\0"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / name)
    monkeypatch.chdir(tmp_path / named)
    return tmp_path / named


def test_the_commands_run_and_write_what_they_name(folder: Path) -> None:
    commands = [line.removeprefix("$ aligner ") for block in blocks("console") for line in block.splitlines()]
    assert len(commands) >= 5
    for command in commands:
        result = CliRunner().invoke(main, shlex.split(command))
        assert result.exit_code == 0, f"{command}\n{result.output}"
    assert {"communique.tmx", "press.tmx", "page.tsv", "recipe.jsonl", "sure.tmx", "corpus.db"} <= {path.name for path in folder.iterdir()}


def test_the_notebook_code_runs_and_leaves_a_tmx(folder: Path) -> None:
    (code,) = blocks("python")
    exec(compile(code, "README.md", "exec"), {})
    assert len(list(aligner.read_units(folder / "corpus.tmx"))) > 15


def test_the_table_shows_what_the_aligner_finds() -> None:
    shown = re.findall(r"^\| \d\.\d\d \| (.*) \| (.*) \|$", README, re.MULTILINE)
    assert len(shown) >= 5
    press = ROOT / "examples" / "press"
    frame = aligner.align(press / "communique.fr.txt", press / "communique.en.txt").to_frame()
    found = {(source.replace("\xa0", " "), target) for source, target in zip(frame["source"], frame["target"], strict=True)}
    assert [row for row in shown if row not in found] == []
