"""The notebook of a review is opened on the corpus that was named, wherever both lie."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from aligner import Corpus
from aligner.errors import CorpusError, OutputError, ReviewError
from aligner.reviewing.notebook import jupyter
from aligner.reviewing.notebook.jupyter import open_notebook

ROOT = Path(__file__).parents[1]


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A folder to work in that holds a corpus."""
    monkeypatch.chdir(tmp_path)
    Corpus("corpus.db").close()
    return tmp_path


@pytest.fixture
def started(monkeypatch):
    """What JupyterLab would have been started with, instead of starting it."""
    calls = []

    class Process:
        def __init__(self, command, cwd, env):
            calls.append((command, Path(cwd), env["ALIGNER_CORPUS"]))

        def wait(self):
            return 0

        def poll(self):
            return 0

    pytest.importorskip("jupyterlab")
    monkeypatch.setattr(jupyter, "_NEEDED", {"jupyterlab": "JupyterLab"})
    monkeypatch.setattr(subprocess, "Popen", Process)
    return calls


def code(notebook):
    cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    return "\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "code")


def test_the_package_holds_the_notebook_that_the_repository_shows():
    shown = (ROOT / "notebooks" / "02_review.ipynb").read_bytes()
    assert (ROOT / "aligner" / "reviewing" / "notebook" / "review.ipynb").read_bytes() == shown, "run `make docs`"


def test_a_copy_is_made_beside_the_users_work_and_shows_the_corpus(folder, started):
    assert open_notebook("corpus.db") == 0
    ((command, place, corpus),) = started
    assert place == folder
    assert "--LabApp.default_url=/lab/tree/review.ipynb" in command
    assert corpus == str(folder / "corpus.db")
    assert f'os.environ.get("ALIGNER_CORPUS", {corpus!r})' in code(folder / "review.ipynb")


def test_a_notebook_that_is_there_is_left_as_it_is(folder, started):
    (folder / "mine").mkdir()
    mine = folder / "mine" / "my own.ipynb"
    mine.write_text("{}", encoding="utf-8")
    open_notebook(folder / "corpus.db", "mine/my own.ipynb", browser=False)
    ((command, place, _),) = started
    assert mine.read_text(encoding="utf-8") == "{}"
    assert place == folder / "mine"
    assert command[-2:] == ["--LabApp.default_url=/lab/tree/my%20own.ipynb", "--no-browser"]


def test_a_relative_url_is_good_in_the_notebooks_folder_too(folder, started):
    (folder / "elsewhere").mkdir()
    open_notebook("sqlite:///corpus.db", "elsewhere/review.ipynb")
    assert started[0][2] == str(folder / "corpus.db")


def test_the_address_of_a_server_with_its_password_is_not_written_into_the_notebook():
    assert "secret" not in jupyter._copy("postgresql://ada:secret@example.org/corpus")


def test_a_missing_corpus_is_named_and_no_notebook_left(folder, started):
    with pytest.raises(CorpusError, match=r"there is no corpus at nowhere\.db"):
        open_notebook("nowhere.db")
    assert not (folder / "review.ipynb").exists()
    assert not started


def test_what_is_no_name_of_a_notebook_and_a_folder_that_is_not_there_are_refused(folder, started):
    with pytest.raises(ReviewError, match=r"end it in \.ipynb"):
        open_notebook("corpus.db", "review.txt")
    with pytest.raises(OutputError, match="nowhere"):
        open_notebook("corpus.db", "nowhere/review.ipynb")
    assert not started


def test_without_jupyterlab_it_says_what_to_install(folder, monkeypatch):
    monkeypatch.setattr(jupyter, "_NEEDED", {"no_such_package": "JupyterLab"})
    with pytest.raises(ReviewError, match=r"needs JupyterLab.*pip install 'aligner\[notebooks\]'"):
        open_notebook("corpus.db")


@pytest.fixture
def served(folder):
    """The port of a JupyterLab that `open_notebook` has started, and the process that waits for it; both are gone afterwards."""
    pytest.importorskip("jupyterlab")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    settings = folder / "settings"
    settings.mkdir()
    (settings / "jupyter_server_config.json").write_text('{"ServerApp": {"allow_root": true}}', encoding="utf-8")
    environment = {"JUPYTER_PORT": str(port), "JUPYTER_TOKEN": "key", "JUPYTER_CONFIG_DIR": str(settings)}
    code = "import sys; from aligner.reviewing.notebook.jupyter import open_notebook; sys.exit(open_notebook('corpus.db', browser=False))"
    with (folder / "log").open("wb") as log:
        opened = subprocess.Popen(
            [sys.executable, "-c", code], cwd=folder, env=os.environ | environment, stdout=log, stderr=log, start_new_session=True
        )
    yield port, opened
    if opened.poll() is None:
        os.killpg(opened.pid, signal.SIGKILL)
        opened.wait()


def test_jupyterlab_serves_the_notebook_on_this_machine_alone_until_it_is_stopped(folder, served):
    port, opened = served
    assert asked(port, "api/contents/review.ipynb", opened)["type"] == "notebook"
    assert f"http://127.0.0.1:{port}/lab/tree/review.ipynb" in (folder / "log").read_text(encoding="utf-8")
    asked(port, "api/shutdown", opened, method="POST")
    assert opened.wait(30) == 0


@pytest.mark.skipif(sys.platform == "win32", reason="there a process is ended without being told")
def test_it_ends_with_the_process_that_opened_it(served):
    port, opened = served
    asked(port, "api/status", opened)
    opened.terminate()
    opened.wait(30)
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", port)) != 0


def asked(port, what, process, method="GET"):
    """The server's answer, as soon as it gives one."""
    request = urllib.request.Request(f"http://127.0.0.1:{port}/{what}?token=key", method=method)
    for _ in range(300):
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                return json.loads(answer.read() or b"null")
        except urllib.error.URLError:
            assert process.poll() is None, "JupyterLab has ended"
            time.sleep(0.2)
    raise AssertionError("JupyterLab did not answer within a minute")
