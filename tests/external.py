"""Programs that some tests run and a machine may lack: skipped there, but failed where ALIGNER_REQUIRE_EXTERNAL is 1."""

import os
import shutil
import sys
from pathlib import Path

import pytest

HOW_TO_GET = {
    "initdb": "Debian package postgresql",
    "omegat": "Debian package omegat",
    "unzip": "Debian package unzip",
    "tmxutil": "pip install tmxutil",
}


def requires(program: str) -> str:
    """The program's path; without the program the test that asks is skipped, or failed, with a reason that says where it comes from."""
    beside_python = Path(sys.executable).with_name(program)
    found = str(beside_python) if beside_python.exists() else shutil.which(program)
    if found:
        return found
    reason = f"missing: {program} ({HOW_TO_GET[program]})"
    if os.environ.get("ALIGNER_REQUIRE_EXTERNAL") == "1":
        pytest.fail(reason)
    pytest.skip(reason)
