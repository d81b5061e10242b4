"""Takes the pictures in docs/pictures anew, in JupyterLab and headless Chromium: `PYTHONPATH=tests python docs/take_pictures.py`."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

import nbformat
from browser import JupyterLab, Screen, chromium
from selenium.webdriver.common.keys import Keys

import aligner

PICTURES = Path(__file__).with_name("pictures")
EXAMPLES = Path(__file__).parents[1] / "examples"
TEXTS = ("museum/leaflet.{}.html", "press/communique.{}.txt", "press/entretien.{}.txt")
SPLIT = "Les éleveurs"
"""A row of two sentences on one side."""


def main() -> None:
    """One picture of a doubtful row in the light theme, one of a row that is being split in the dark one."""
    for theme, shoot in (("Light", _doubtful), ("Dark", _splitting)):
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            _fill(folder)
            with (
                JupyterLab(folder, "review.ipynb", theme=theme) as server,
                chromium(_program("chromium"), _program("chromedriver")) as screen,
            ):
                server.open(screen)
                _begin(screen)
                shoot(screen)
                screen.picture(PICTURES / f"review-{theme.lower()}.png")


def _program(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        raise SystemExit(f"{name} was wanted, the browser or its driver, and is not on PATH; install it.")
    return found


def _fill(folder: Path) -> None:
    """A corpus of the examples, and a notebook that reviews it."""
    shutil.copytree(EXAMPLES, folder, dirs_exist_ok=True)
    os.chdir(folder)  # so that documents have short names
    with aligner.Corpus("corpus.db") as corpus:
        for text in TEXTS:
            corpus.add(aligner.align(*(text.format(language) for language in ("fr", "en"))))
    cell = nbformat.v4.new_code_cell("import aligner\n\naligner.review('corpus.db')")
    python = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    nbformat.write(nbformat.v4.new_notebook(cells=[cell], metadata=python), "review.ipynb")


def _begin(screen: Screen) -> None:
    """Room for the review, and a name for who reviews."""
    screen.find(".al-panel input")
    screen.click(".jp-SideBar [data-id='filebrowser']")  # which takes the list of files away
    screen.wait_gone(".jp-FileBrowser")
    screen.click(".al-panel input")
    screen.press(*"Ada", Keys.ENTER)
    screen.wait_gone(".al-panel")


def _doubtful(screen: Screen) -> None:
    screen.press(Keys.HOME)
    screen.find(".al-current mark.al-alone")


def _splitting(screen: Screen) -> None:
    screen.press("/")
    screen.find(".al-panel input")
    screen.press(*SPLIT, Keys.ENTER)
    screen.wait_gone(".al-panel")
    screen.wait_text(".al-current .al-main .al-text", SPLIT)
    screen.press("s")
    screen.find(".al-current button", "Split here")


if __name__ == "__main__":
    main()
