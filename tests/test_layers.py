"""Imports run one way: core < model | storage < work < edge, and model and storage do not know each other."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "aligner"
LAYERS = {
    "core": {"errors", "types", "scoring", "languages"},
    "model": {"segmentation", "encoders", "embedding", "vector_cache", "vector_memory", "alignment"},
    "storage": {"formats", "naming", "dumps", "annotations", "repeats", "corpus"},
    "work": {"pipeline", "calls", "remarks", "pairing", "evaluation", "learning", "reviewing", "batch", "plots"},
    "edge": {"cli", "__init__", "__main__"},
}
MAY_IMPORT = {
    "core": {"core"},
    "model": {"core", "model"},
    "storage": {"core", "storage"},
    "work": {"core", "model", "storage", "work"},
    "edge": {"core", "model", "storage", "work", "edge"},
}
LAYER_OF = {module: layer for layer, modules in LAYERS.items() for module in modules}
HEAVY = set("torch sentence_transformers transformers pandas scipy numba sklearn lxml sqlalchemy matplotlib faiss".split())


def top_modules() -> list[Path]:
    found = [path for path in PACKAGE.iterdir() if path.suffix == ".py" or (path / "__init__.py").exists()]
    return sorted(found)


def imported_modules(path: Path) -> Iterator[tuple[str, int]]:
    """Names of the package's own top modules that a file imports anywhere, functions included, and the lines."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}:{node.lineno}: a relative import; write the whole name"
            names = [f"{node.module}.{alias.name}" for alias in node.names] if node.module == "aligner" else [str(node.module)]
        elif isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        else:
            continue
        for name in names:
            package, _, rest = name.partition(".")
            if package == "aligner":
                yield rest.partition(".")[0] or "__init__", node.lineno


@pytest.mark.parametrize("module", top_modules(), ids=lambda path: path.stem)
def test_a_module_imports_only_what_its_layer_may(module: Path) -> None:
    assert module.stem in LAYER_OF, f"{module.name} stands in no layer: say in which, here and in CONTRIBUTING.md"
    allowed = MAY_IMPORT[LAYER_OF[module.stem]]
    wrong = [
        f"{path.relative_to(PACKAGE)}:{line} imports {name} ({LAYER_OF.get(name, 'a constant of the package')})"
        for path in ([module] if module.is_file() else sorted(module.rglob("*.py")))
        for name, line in imported_modules(path)
        if LAYER_OF.get(name, "edge") not in allowed
    ]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("argument", ["import aligner", "from aligner.cli import main; main(['--help'], standalone_mode=False)"])
def test_importing_the_package_and_asking_for_help_import_nothing_heavy(argument: str) -> None:
    code = f"{argument}\nimport sys\nprint('loaded:', *sorted({HEAVY!r} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "loaded:"
