"""Gold folders: for each document DOC the segments DOC.fr and DOC.en, one a line, and the reference beads DOC.gold."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from aligner.errors import InputError, OutputError
from aligner.formats.beads import read_beads, write_beads
from aligner.formats.characters import encodable
from aligner.formats.files import check_output, line_spans, open_output, read_text
from aligner.scoring import coverage_fault
from aligner.types import Bead, Document, normalised

SOURCE_COLUMNS = ("set", "document", "source_set", "source_document")
_UNSAFE = re.compile(r"[^\w. -]+")
_LONGEST_NAME = 100


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


def write_gold_folder(
    documents: Iterable[GoldDocument], folder: str | Path, *, source_lang: str = "fr", target_lang: str = "en", overwrite: bool = False
) -> list[str]:
    """Write gold documents as `read_gold_folder` reads them, and return the names they got, in their order.

    A name that no file can have loses what is in its way, and of equal ones the second gets a number. Nulls take a line a segment. DOC.gold
    is written last, so that a document is whole once it is there. Raises OutputError where a file is there already, or cannot be
    written; ValueError where beads do not cover a document's segments exactly once, before its files are written.
    """
    folder = Path(folder)
    names: list[str] = []
    for document in documents:
        sides = (document.source.segments, document.target.segments)
        if fault := coverage_fault(document.beads, *(range(len(side)) for side in sides)):
            raise ValueError(f"{document.name}: each segment exactly once was wanted, but {fault}")
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise OutputError(f"{folder}: cannot be made: {error.strerror}; name another folder.") from error
        name = _free_name(document.name, {taken.casefold() for taken in names})
        paths = [folder / f"{name}.{end}" for end in (source_lang, target_lang, "alt", "gold")]
        for path in paths:
            check_output(path, overwrite)
        for path, segments in zip(paths, sides, strict=False):
            with open_output(path, overwrite=overwrite) as stream:
                stream.writelines(f"{encodable(normalised(segment.text))}\n".encode() for segment in segments)
        if document.alternatives:
            write_beads(document.alternatives, paths[2], overwrite=overwrite)
        write_beads(document.beads, paths[3], overwrite=overwrite)
        names.append(name)
    return names


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


def _free_name(name: str, taken: set[str]) -> str:
    """A file's name, like this one and not taken; capitals make no difference where files are kept."""
    plain = _UNSAFE.sub("-", name).strip("-. ")[:_LONGEST_NAME] or "document"
    numbered = (plain if number == 1 else f"{plain}-{number}" for number in count(1))
    return next(free for free in numbered if free.casefold() not in taken)
