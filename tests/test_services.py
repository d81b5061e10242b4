"""The examples of docs/services: what systemd and cron read, with the command lines of `aligner batch`."""

import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from aligner.cli import main

SERVICES = Path(__file__).parents[1] / "docs" / "services"
PROGRAM = "/srv/aligner/.venv/bin/aligner"


def command_lines():
    found = []
    for path in sorted(SERVICES.iterdir()):
        for line in path.read_text(encoding="utf-8").splitlines():
            if PROGRAM in line:
                found.append(pytest.param(shlex.split(line.partition(PROGRAM)[2]), id=path.name))
    return found


@pytest.mark.parametrize("arguments", command_lines())
def test_the_command_knows_the_options_of_a_service(arguments):
    name, *rest = arguments
    command = main.commands[name]
    assert command.make_context(name, rest).params["dumps"] == ("/srv/dumps",)


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd is not installed")
def test_systemd_takes_the_units(tmp_path):
    for path in SERVICES.glob("aligner-*.[st]*"):
        text = path.read_text(encoding="utf-8").replace(PROGRAM, sys.executable)
        text = re.sub("(?m)^User=.*$", "User=root", text)
        (tmp_path / path.name).write_text(text, encoding="utf-8")
    units = sorted(map(str, tmp_path.iterdir()))
    assert len(units) == 3
    done = subprocess.run(["systemd-analyze", "verify", "--man=no", *units], capture_output=True, text=True, check=False)
    told = [line for line in done.stderr.splitlines() if "aligner-" in line]
    assert told == [], done.stderr
