"""The project's own files agree with each other."""

import ast
import configparser
import re
import subprocess
import sys
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


def pages() -> list[Path]:
    """What people read of the project: pages in Markdown, and notebooks."""
    found = [*ROOT.glob("*.md"), *(path for folder in ("docs", "examples", "models", "notebooks") for path in (ROOT / folder).rglob("*"))]
    return sorted(path for path in found if path.suffix in (".md", ".ipynb"))


@pytest.fixture(scope="module")
def setup() -> configparser.ConfigParser:
    parser = configparser.ConfigParser(interpolation=None)
    parser.read(ROOT / "setup.cfg", encoding="utf-8")
    return parser


def canonical(name: str) -> str:
    """The name of a distribution as PEP 503 spells it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def required(setup: configparser.ConfigParser) -> dict[str, str]:
    """Name and version specifier of every requirement in setup.cfg, extras included."""
    lists = [setup["options"]["install_requires"], *setup["options.extras_require"].values()]
    lines = [line.strip() for text in lists for line in text.splitlines() if line.strip() and not line.strip().startswith("#")]
    parts = [re.fullmatch(r"([\w-]+)(?:\[[\w,]+\])?\s*([^;]*?)\s*(?:;.*)?", line) for line in lines]
    return {canonical(part[1]): part[2] for part in parts if part and part[1] != "aligner"}


def test_every_requirement_has_a_lower_bound_and_a_tested_version(setup: configparser.ConfigParser) -> None:
    constraints = (ROOT / "constraints.txt").read_text(encoding="utf-8")
    tested = {canonical(line.partition("==")[0]) for line in constraints.splitlines() if "==" in line}
    requirements = required(setup)
    assert [name for name, bound in requirements.items() if not bound.startswith(">=")] == []
    assert sorted(set(requirements) - tested) == []


def test_everything_that_the_package_imports_is_required(setup: configparser.ConfigParser) -> None:
    imported = set()
    for path in (ROOT / "aligner").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                imported |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom):
                imported.add(str(node.module).partition(".")[0])
    distributions = packages_distributions()
    wanted = {name: distributions.get(name, [name]) for name in imported - sys.stdlib_module_names - {"aligner"}}
    known = required(setup)
    assert {name for name, candidates in wanted.items() if not any(canonical(candidate) in known for candidate in candidates)} == set()


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


@pytest.mark.parametrize("page", pages(), ids=lambda page: page.relative_to(ROOT).as_posix())
def test_every_link_of_a_page_leads_somewhere(page: Path) -> None:
    links = re.findall(r"\]\((?!https?:|mailto:|#)([^)#\s]+)", page.read_text(encoding="utf-8"))
    assert [link for link in links if not (page.parent / link).exists()] == []


def test_the_ci_script_is_valid_bash() -> None:
    subprocess.run(["bash", "-n", str(ROOT / ".ci" / "run")], check=True)
