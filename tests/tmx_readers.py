"""What other programs make of a TMX file: the DTD, OmegaT, translate-toolkit and tmxutil."""

from __future__ import annotations

import subprocess
import zipfile
from pathlib import Path
from typing import Any

from external import requires, requires_module
from lxml import etree

OMEGAT_PROJECT = (
    '<?xml version="1.0" encoding="UTF-8"?><omegat><project version="1.0"><source_dir>__DEFAULT__</source_dir>'
    "<target_dir>__DEFAULT__</target_dir><tm_dir>__DEFAULT__</tm_dir><glossary_dir>__DEFAULT__</glossary_dir>"
    "<dictionary_dir>__DEFAULT__</dictionary_dir><source_lang>FR</source_lang><target_lang>EN</target_lang>"
    "<sentence_seg>true</sentence_seg></project></omegat>"
)
TMXUTIL = ["-i", "tmx", "-o", "tab", "--output-languages", "fr", "en", "--output-columns", "fr.text", "en.text", "x-probability", "--"]


def tmx_dtd() -> Any:
    """The DTD of TMX 1.4, which OmegaT brings."""
    requires("omegat")
    with zipfile.ZipFile("/usr/share/omegat/OmegaT.jar") as packed, packed.open("schemas/tmx14.dtd") as file:
        return etree.DTD(file)


def translated_by_omegat(text: str, memories: list[Path], folder: Path) -> str:
    """The French text as OmegaT translates it into English where it finds a sentence in the memories; its exit code proves nothing."""
    omegat = requires("omegat")
    project = folder / "project"
    for name in ("source", "target", "tm/auto", "omegat", "glossary", "dictionary"):
        (project / name).mkdir(parents=True)
    (project / "omegat.project").write_text(OMEGAT_PROJECT, encoding="utf-8")
    (project / "source" / "a.txt").write_text(text, encoding="utf-8")
    for memory in memories:
        (project / "tm" / "auto" / memory.name).write_bytes(memory.read_bytes())
    command = [omegat, str(project), "--mode=console-translate", f"--config-dir={folder / 'config'}", "--no-team"]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    translated = project / "target" / "a.txt"
    assert translated.exists(), ran.stdout + ran.stderr
    return translated.read_text(encoding="utf-8")


def read_by_translate_toolkit(path: Path) -> list[tuple[str, str]]:
    """Source and target of every unit."""
    storage = requires_module("translate.storage.tmx", "pip install translate-toolkit")
    return [(unit.source, unit.target) for unit in storage.tmxfile.parsefile(str(path)).units]


def read_by_tmxutil(path: Path) -> list[tuple[str, str]]:
    """French and English of every unit."""
    command = [requires("tmxutil"), *TMXUTIL, str(path)]
    ran = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", timeout=60, check=True)
    return [(line.split("\t")[0], line.split("\t")[1]) for line in ran.stdout.splitlines()]
