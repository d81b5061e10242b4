"""Gold folders: for each document DOC the segments DOC.fr and DOC.en, one a line, and the reference beads DOC.gold."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from aligner.errors import InputError
from aligner.formats.beads import read_beads
from aligner.formats.files import line_spans, read_text
from aligner.scoring import coverage_fault
from aligner.types import Bead, Document

SOURCE_COLUMNS = ("set", "document", "source_set", "source_document")


@dataclass(frozen=True, slots=True)
class GoldDocument:
    """Two segmented documents and the beads that a person, or a construction, says are right."""

    name: str
    source: Document
    target: Document
    beads: tuple[Bead, ...]
    """Cover every segment of both sides exactly once; crossing links occur."""
    alternatives: tuple[Bead, ...] = ()
    """Further links that are right too, such as those of repeated passages: a scorer does not punish them."""


def read_gold_folder(folder: str | Path, *, source_lang: str = "fr", target_lang: str = "en") -> Iterator[GoldDocument]:
    """The gold documents of a folder, by name: DOC.gold with DOC.<source_lang>, DOC.<target_lang> and, where there is one, DOC.alt.

    Raises InputError where the folder or one of the three files is missing, and where gold does not cover every segment exactly once.
    """
    folder = Path(folder)
    golds = sorted(folder.glob("*.gold"))
    if not golds:
        raise InputError(f"{folder}: a folder with files DOC.gold was wanted, and there are none; check the name.")
    for gold in golds:
        name = gold.name.removesuffix(".gold")
        source = _segments(folder / f"{name}.{source_lang}", source_lang)
        target = _segments(folder / f"{name}.{target_lang}", target_lang)
        beads = tuple(read_beads(gold))
        if fault := coverage_fault(beads, range(len(source.segments)), range(len(target.segments))):
            wanted = f"each segment of {source.name} and {target.name} exactly once"
            raise InputError(f"{gold}: {wanted} was wanted, but {fault}; correct one of the three files.")
        alternatives = folder / f"{name}.alt"
        yield GoldDocument(name, source, target, beads, tuple(read_beads(alternatives)) if alternatives.exists() else ())


def read_sources(folder: str | Path) -> dict[str, tuple[str, str]]:
    """Of documents of a gold folder that were made from others, set and name of the other, where sources.tsv beside the folder says so.

    Its columns are set, document, source_set and source_document, under a line that names them. Raises InputError for another table.
    """
    folder = Path(folder).absolute()
    path = folder.parent / "sources.tsv"
    if not path.exists():
        return {}
    rows = [tuple(line.split("\t")) for line in read_text(path).splitlines()]
    if not rows or any(len(row) != len(SOURCE_COLUMNS) for row in rows) or rows[0] != SOURCE_COLUMNS:
        raise InputError(f"{path}: a table with the columns {', '.join(SOURCE_COLUMNS)} was wanted; correct it, or take it away.")
    return {document: (source_set, source) for name, document, source_set, source in rows[1:] if name == folder.name}


def _segments(path: Path, lang: str) -> Document:
    text = read_text(path)
    return Document.of_segments([text[start:end] for start, end in line_spans(text)], path.name, lang)
