"""Which test belongs to which gold."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from pathlib import Path

from aligner.errors import InputError

TEST_SUFFIXES = (".beads", ".test")

Paths = Sequence[str | Path]

_log = logging.getLogger(__name__)


def paired_files(golds: Paths, tests: Paths) -> list[tuple[Path, Path]]:
    """The first test with the first gold and so on; of two folders DOC.beads or DOC.test of one with DOC.gold of the other.

    Raises InputError for a gold without its test and a folder without gold; tests of a folder that have no gold are logged as not
    counted.
    """
    if len(golds) != len(tests):
        raise InputError(f"a test for each gold was wanted, and {len(golds)} gold, {len(tests)} test came: give them in pairs")
    if len(golds) == 1 and Path(golds[0]).is_dir() and Path(tests[0]).is_dir():
        return _of_folders(Path(golds[0]), Path(tests[0]))
    return [(Path(gold), Path(test)) for gold, test in zip(golds, tests, strict=True)]


def _of_folders(gold_folder: Path, test_folder: Path) -> list[tuple[Path, Path]]:
    golds = {path.stem: path for path in sorted(gold_folder.glob("*.gold"))}
    if not golds:
        raise InputError(f"{gold_folder}: a folder with files DOC.gold was wanted, and there are none; check the name")
    tests = {path.stem: path for suffix in reversed(TEST_SUFFIXES) for path in sorted(test_folder.glob(f"*{suffix}"))}
    if missing := [name for name in golds if name not in tests]:
        wanted = " or ".join(f"{missing[0]}{suffix}" for suffix in TEST_SUFFIXES)
        more = f", nor any for {len(missing) - 1} more" if len(missing) > 1 else ""
        raise InputError(f"{test_folder}: a test for each {gold_folder}/DOC.gold was wanted, and there is no {wanted}{more}")
    if spare := sorted(tests.keys() - golds.keys()):
        _log.warning("%s: not counted, for there is no gold: %s", test_folder, ", ".join(spare))
    return [(path, tests[name]) for name, path in golds.items()]
