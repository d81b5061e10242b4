"""Opening the notebook of a review: `aligner review open`."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import quote

from aligner.corpus import Corpus
from aligner.errors import ReviewError
from aligner.formats.files import open_output

NOTEBOOK = "review.ipynb"
CORPUS_VARIABLE = "ALIGNER_CORPUS"
"""Names the corpus for the notebook: a path or URL. Whatever the notebook holds, it shows this one."""
_ADDRESS = f'os.environ.get("{CORPUS_VARIABLE}", "")'
"""How the notebook asks for it."""
_ALONE = (
    "--ServerApp.ip=127.0.0.1",
    "--LabApp.news_url=None",
    "--LabApp.check_for_updates_class=jupyterlab.handlers.announcements.NeverCheckForUpdate",
)
"""Nobody else reaches JupyterLab, and it asks nobody for news."""
_SETTINGS = Path(__file__).with_name("settings")
"""Nor does it ask, over the last row, whether it should: for JupyterLab without news asks all the same."""
PROMPT = "--ServerApp.kernel_websocket_connection_class=aligner.reviewing.notebook.prompt.PromptConnection"
"""What lets a kernel's answers come at once."""
_NEEDED = {"jupyterlab": "JupyterLab", "anywidget": "anywidget", "matplotlib": "matplotlib"}


def open_notebook(corpus: str | Path, notebook: str | Path | None = None, *, browser: bool = True) -> int:
    """Start JupyterLab on the notebook of a corpus' review, on this machine alone, and wait until it ends; gives its exit status.

    notebook: where it lies, NOTEBOOK in the current folder unless said; a new copy of the package's where there is none, and one
    that is there is opened as it is. browser: whether to open one; else JupyterLab prints the address.
    Raises CorpusError where there is no such corpus, ReviewError where JupyterLab or what the notebook needs is not installed, and
    OutputError where the notebook cannot be written.
    """
    _check_installed()
    path = Path(notebook or NOTEBOOK).absolute()
    if path.suffix != ".ipynb":
        raise ReviewError(f"{path}: the name of a notebook was wanted; end it in .ipynb")
    settings = os.pathsep.join(filter(None, (str(_SETTINGS), os.environ.get("JUPYTER_CONFIG_PATH"))))
    environment = os.environ | {CORPUS_VARIABLE: _lasting_address(corpus), "JUPYTER_CONFIG_PATH": settings}
    if not path.exists():
        with open_output(path) as stream:
            stream.write(_copy(environment[CORPUS_VARIABLE]).encode())
    # The first page rather than an argument, so that the address which JupyterLab prints is the notebook's too.
    options = [*_ALONE, PROMPT, *_as_root(), f"--LabApp.default_url=/lab/tree/{quote(path.name)}", *([] if browser else ["--no-browser"])]
    return _run(subprocess.Popen([sys.executable, "-m", "jupyterlab", *options], cwd=path.parent, env=environment))


def _as_root() -> list[str]:
    """Who runs us as root, as containers do, means it; JupyterLab wants it said."""
    return ["--allow-root"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []


def _check_installed() -> None:
    missing = [name for module, name in _NEEDED.items() if find_spec(module) is None]
    if missing:
        raise ReviewError(
            f"the notebook needs {' and '.join(missing)}, not installed for {sys.executable}. Install it: pip install 'aligner[notebooks]'"
        )


def _copy(address: str) -> str:
    """The notebook of the package. It shows a corpus that is a file without being told, for it may be opened without us the next time."""
    text = (files("aligner.reviewing.notebook") / NOTEBOOK).read_text(encoding="utf-8")
    if "://" in address:
        return text  # an address may hold a password
    notebook = json.loads(text)
    for cell in notebook["cells"]:
        cell["source"] = [line.replace(_ADDRESS, f"{_ADDRESS[:-3]}{address!r})") for line in cell["source"]]
    return json.dumps(notebook, ensure_ascii=False, indent=1) + "\n"


def _lasting_address(corpus: str | Path) -> str:
    """The corpus, which must be there, by an address that is good in every folder."""
    with Corpus(corpus, create=False) as found:
        is_server = "://" in found.name
        return str(corpus) if is_server else str(Path(found.name).absolute())


def _run(process: subprocess.Popen[bytes]) -> int:
    """Wait for JupyterLab. Ctrl+C reaches it too: it asks whether to stop, so we wait on until it does. Who ends us ends it."""
    before = signal.signal(signal.SIGTERM, lambda *_: process.terminate())
    try:
        while True:
            try:
                return process.wait()
            except KeyboardInterrupt:
                continue
    finally:
        signal.signal(signal.SIGTERM, before)
