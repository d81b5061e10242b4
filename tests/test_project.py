"""The project's own files agree with each other."""

import configparser
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def setup() -> configparser.ConfigParser:
    parser = configparser.ConfigParser(interpolation=None)
    parser.read(ROOT / "setup.cfg", encoding="utf-8")
    return parser


def required(setup: configparser.ConfigParser) -> dict[str, str]:
    """Name and version specifier of every requirement in setup.cfg, extras included."""
    lists = [setup["options"]["install_requires"], *setup["options.extras_require"].values()]
    lines = [line.strip() for text in lists for line in text.splitlines() if line.strip() and not line.strip().startswith("#")]
    parts = [re.fullmatch(r"([\w-]+)(?:\[[\w,]+\])?\s*([^;]*?)\s*(?:;.*)?", line) for line in lines]
    return {part[1].lower(): part[2] for part in parts if part and part[1] != "aligner"}


def test_every_requirement_has_a_lower_bound_and_a_tested_version(setup: configparser.ConfigParser) -> None:
    constraints = (ROOT / "constraints.txt").read_text(encoding="utf-8")
    tested = {line.partition("==")[0].lower() for line in constraints.splitlines() if "==" in line}
    requirements = required(setup)
    assert [name for name, bound in requirements.items() if not bound.startswith(">=")] == []
    assert sorted(set(requirements) - tested) == []


def test_the_version_stands_in_setup_cfg_and_is_the_newest_of_the_changelog(setup: configparser.ConfigParser) -> None:
    versions = re.findall(r"^## \[?(\d+\.\d+\.\d+)", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert versions[0] == setup["metadata"]["version"]


def test_pyproject_holds_the_build_system_alone() -> None:
    lines = (ROOT / "pyproject.toml").read_text(encoding="utf-8").splitlines()
    assert lines[0] == "[build-system]"
    assert len(lines) == 3


def test_every_target_of_the_makefile_is_explained_by_make_help() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    phony = re.search(r"^\.PHONY: (.*)", makefile, re.MULTILINE)
    assert phony
    shown = subprocess.run(["make", "-C", str(ROOT), "help"], capture_output=True, text=True, check=True).stdout
    assert re.findall(r"make (\w+) +\w", shown) == phony[1].split()


def test_the_ci_script_is_valid_bash() -> None:
    subprocess.run(["bash", "-n", str(ROOT / ".ci" / "run")], check=True)
