"""Dumps as they came: files that become documents, and folders whose files pair by their names."""

from __future__ import annotations

import io
import os
import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from aligner.errors import InputError
from aligner.formats.characters import encodable
from aligner.formats.files import PACKED, display_name, line_spans, read_text, suffix
from aligner.formats.html import read_html
from aligner.formats.rows import READERS, Faults
from aligner.naming import pair_names
from aligner.types import Document, Segment

_HTML = (".html", ".htm", ".xhtml")
_KINDS = (".txt", ".text", ".md", *_HTML)
_SHOWN = 60  # characters of a text that came in the place of a path
_ALIGNED = (".tmx", ".xlf", ".xliff")
_INSTEAD = {
    **dict.fromkeys((".doc", ".docx", ".odt", ".rtf", ".pdf", ".ppt", ".pptx", ".odp", ".epub"), "save it as plain text or HTML"),
    **dict.fromkeys((".xls", ".xlsx", ".ods"), "save it as .csv, and name the columns that hold the texts"),
    **dict.fromkeys(_ALIGNED, "what it holds is aligned already"),
}
"""What to do with files that are no texts though people take them for such."""
_TABLES = {".tsv": "tsv", ".tab": "tsv", ".csv": "csv", ".jsonl": "jsonl", ".ndjson": "jsonl"}


@dataclass(frozen=True, slots=True)
class FoundPairs:
    """What a folder holds: documents with their translations, by name, and the files that have none."""

    pairs: tuple[tuple[Path, Path], ...]
    """Source and target."""
    unpaired: tuple[Path, ...]
    """Files whose name tells no language, whose counterpart is missing, or that have several."""


def read_document(path: str | Path, *, segmented: bool = False) -> Document:
    """The document in a text or HTML file (`-`: text from standard input), which may be packed.

    With `segmented` every line is a segment, taken as it is; empty lines keep their number. Raises InputError as read_text and
    read_html do, for what is no text by its name, and for HTML with `segmented`.
    """
    if isinstance(path, str) and _may_be_text(path):
        shown = textwrap.shorten(path, _SHOWN)
        raise InputError(f"{shown!r}: there is no such file; if this is the text itself, give a list of its sentences, or a Document.")
    kind, name = suffix(path), display_name(path)
    if kind in _TABLES:
        raise InputError(
            f"{name}: a text was wanted, but its name says a table; name the columns that hold the texts "
            "(--source-column and --target-column; in Python, align_table)."
        )
    if kind in _INSTEAD:
        raise InputError(f"{name}: a text or HTML was wanted, but its name says {kind}; {_INSTEAD[kind]}.")
    if kind in _HTML:
        if segmented:
            raise InputError(f"{name}: one segment a line was wanted, which HTML does not have; give plain text, or let it be split.")
        return Document(read_html(path), name)
    text = read_text(path)
    if not segmented:
        return Document(text, name)
    segments = tuple(Segment(text[start:end], start, end, block=number) for number, (start, end) in enumerate(line_spans(text)))
    return Document(text, name, segments, segmented=True)


def read_columns(path: str | Path, source_column: str, target_column: str) -> tuple[Document, Document]:
    """Two columns of a TSV, CSV or JSON Lines file as documents whose `rows` are the cells: those of one row are counterparts.

    A column is named as in the header (JSON Lines: as the objects' keys) or, where none is called so, by its number from 1. Raises
    InputError for a column that is not there, naming those that are, and for all bad rows at once.
    """
    source, target = _columns(path, (source_column, target_column))
    name = display_name(path)
    return _of_cells(source, f"{name}#{source_column}"), _of_cells(target, f"{name}#{target_column}")


def read_column(path: str | Path, column: str) -> Document:
    """One column of a TSV, CSV or JSON Lines file as a document whose segments are the cells, taken as they are; as read_columns."""
    (cells,) = _columns(path, (column,))
    return Document.of_segments(cells, f"{display_name(path)}#{column}")


def find_pairs(folder: str | Path, source_lang: str, target_lang: str) -> FoundPairs:
    """The documents of a folder, at any depth, whose paths differ in the language code alone, sorted by source.

    What is a language in a name is told by pair_names: doc.fr.txt, doc_FR.html.gz, fr/doc.txt, fr/doc.fr.txt, doc-francais.txt. Files of
    the same kind pair first; what is left pairs over kinds and packings. A file that could pair with several is left unpaired, not
    guessed. Hidden files and folders are passed over, and so are links to folders and to anything outside. Raises InputError where
    `folder` is none or cannot be read.
    """
    return pair_files(Path(folder), _files(Path(folder)), source_lang, target_lang)


def pair_files(folder: Path, files: Sequence[Path], source_lang: str, target_lang: str) -> FoundPairs:
    """As find_pairs, of these files of the folder, which need not be there."""
    pairs = _paired(files, folder, source_lang, target_lang)
    taken = {path for pair in pairs for path in pair}
    return FoundPairs(tuple(sorted(pairs)), tuple(path for path in files if path not in taken))


def pair_beside(path: str | Path, source_lang: str, target_lang: str) -> tuple[Path, Path] | None:
    """The pair, source and target, that a file's name makes with one beside it, or with one in a folder `fr`, `en` beside its own folder.

    Both are relative to the current folder where `path` is relative. None where no file, or more than one, could be the other.
    """
    path = Path(path)
    whole = path.absolute()
    root = whole.parent.parent
    try:
        near = {each for folder in (whole.parent, root / source_lang, root / target_lang) if folder.is_dir() for each in folder.iterdir()}
        found = _paired(sorted(each for each in near if each.is_file()), root, source_lang, target_lang)
    except OSError:  # a folder that cannot be looked into has nothing to show
        return None
    for pair in found:
        if whole in pair:
            source, target = pair if path.is_absolute() else (Path(os.path.relpath(each)) for each in pair)
            return source, target
    return None


def find_documents(folder: str | Path) -> list[Path]:
    """The files of a folder, at any depth, that find_pairs would look at, sorted. Raises InputError as it does."""
    return _files(Path(folder))


def is_document(path: Path) -> bool:
    """Whether its name says that read_document reads it, or says nothing."""
    return suffix(path) in ("", *_KINDS)


def may_be_meant(path: Path) -> bool:
    """Whether its name says that it holds a text to be aligned, in a form that is read or not, or says nothing."""
    return is_document(path) or is_table(path) or suffix(path) in _INSTEAD.keys() - _ALIGNED


def is_table(path: Path) -> bool:
    """Whether its name says that read_columns reads it."""
    return suffix(path) in _TABLES


def _may_be_text(path: str) -> bool:
    """Whether a string names no file that there is, and does not look like the name of one."""
    if os.path.exists(path):  # noqa: PTH110 - Path.exists raises where the name is too long, as a text is
        return False
    return not path.strip() or (len(path.split()) > 1 and suffix(path) not in (*_KINDS, *_TABLES))


def _columns(path: str | Path, columns: Sequence[str]) -> tuple[list[str], ...]:
    """The cells of the columns, an item a row."""
    name, kind = display_name(path), suffix(path)
    if kind not in _TABLES:
        raise InputError(f"{name}: columns are read from {', '.join(_TABLES)} files, which its name does not say it is; rename it.")
    faults = Faults(name)
    lines = io.StringIO(read_text(path), newline="" if kind == ".csv" else "\n")
    keys: list[str] = []
    cells: tuple[list[str], ...] = tuple([] for _ in columns)
    for line, row in READERS[_TABLES[kind]](lines, faults):
        keys = keys or [_key(column, list(row), name) for column in columns]
        texts = [_text(row, key) for key in keys]
        wrong = [key for key, text in zip(keys, texts, strict=True) if text is None]
        if wrong:
            faults.add(line, f"a text was wanted in {', '.join(wrong)}")
            continue
        for column, text in zip(cells, texts, strict=True):
            column.append(text or "")
    faults.raise_any()
    return cells


def _key(column: str, there: list[str], name: str) -> str:
    """The name of the column that is called so, or has this number."""
    if column in there:
        return column
    if column.isdecimal() and 1 <= int(column) <= len(there):
        return there[int(column) - 1]
    raise InputError(f"{name}: there is no column {column}; there are {', '.join(there)}. Name one of them, or its number from 1.")


def _text(row: Mapping[str, object], key: str) -> str | None:
    """The text of a cell: null is an empty one; None where there is no cell, or a number or list."""
    value = row.get(key, 0)
    return "" if value is None else encodable(value) if isinstance(value, str) else None


def _of_cells(cells: Sequence[str], name: str) -> Document:
    rows, start = [], 0
    for cell in cells:
        rows.append((start, start + len(cell)))
        start += len(cell) + 1
    return Document("\n".join(cells), name, rows=tuple(rows))


def _files(folder: Path) -> list[Path]:
    """Every file that find_pairs looks at, sorted."""

    def refuse(error: OSError) -> None:
        raise InputError(
            f"{error.filename}: a folder that can be read was wanted: {error.strerror}; check its name and permissions."
        ) from error

    root, files = folder.resolve(), []
    for parent, folders, names in os.walk(folder, onerror=refuse):
        folders[:] = [name for name in folders if not name.startswith(".")]
        files += [Path(parent, name) for name in names if not name.startswith(".")]
    return sorted(path for path in files if path.is_file() and path.resolve().is_relative_to(root))


def _paired(files: Sequence[Path], root: Path, source_lang: str, target_lang: str) -> list[tuple[Path, Path]]:
    """The pairs among files below `root`: of the same kind first, then over kinds and packings."""
    pairs: list[tuple[Path, Path]] = []
    left = list(files)
    for with_kind in (True, False):
        names = {path: _name(path.relative_to(root), with_kind) for path in left}
        found = pair_names(names, source_lang, target_lang)
        taken = {path for pair in found for path in pair}
        left = [path for path in left if path not in taken]
        pairs += found
    return pairs


def _name(path: Path, with_kind: bool) -> str:
    """What must be the same in a pair but for the language."""
    if not with_kind:
        for kinds in (PACKED, _KINDS):
            if path.suffix.lower() in kinds:
                path = path.with_suffix("")
    return path.as_posix()
