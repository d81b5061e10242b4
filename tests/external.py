"""Programs and modules that some tests run and a machine may lack: skipped there, but failed where ALIGNER_REQUIRE_EXTERNAL is 1."""

import importlib
import os
import shutil
import sys
from pathlib import Path
from types import ModuleType
from typing import NoReturn

import pytest

HOW_TO_GET = {
    "chromedriver": "Debian package chromium-driver",
    "chromium": "Debian package chromium",
    "initdb": "Debian package postgresql",
    "omegat": "Debian package omegat",
    "soffice": "Debian package libreoffice-calc",
    "tmxutil": "pip install tmxutil",
}


def requires(program: str) -> str:
    """The program's path; without the program the test that asks is skipped, or failed, with a reason that says where it comes from."""
    beside_python = Path(sys.executable).with_name(program)
    found = str(beside_python) if beside_python.exists() else shutil.which(program)
    if not found:
        _skip(f"missing: {program} ({HOW_TO_GET[program]})")
    return found


def requires_module(name: str, how_to_get: str) -> ModuleType:
    """A module that the package itself can do without; as `requires`."""
    try:
        return importlib.import_module(name)
    except ImportError:
        return _skip(f"missing: {name} ({how_to_get})")


def _skip(reason: str) -> NoReturn:
    if os.environ.get("ALIGNER_REQUIRE_EXTERNAL") == "1":
        pytest.fail(reason)
    pytest.skip(reason)
