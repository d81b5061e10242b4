"""Workbooks of Excel (Office Open XML, ECMA-376) as they are read: row by row, in bounded memory, whoever wrote them.

Other readers hold a sheet as a dense grid: of two cells in opposite corners, two kilobytes of file, they die and take the process
with them (docs/decisions/015-spreadsheets.md). Here a row is what stands in it, and a hostile file is refused.
"""

from __future__ import annotations

import contextlib
import posixpath
import re
import shutil
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import BinaryIO, cast
from xml.parsers import expat

from aligner.errors import InputError
from aligner.formats.characters import encodable
from aligner.formats.files import MAX_BYTES
from aligner.formats.rows import Row, columns_of

Cells = dict[int, str]
"""What stands in a row, by column from 0; empty cells are not there."""

_MAX_COLUMNS = 16_384
_MAX_STRINGS = 1 << 24
_BLOCK = 1 << 16
_IN_MEMORY = 1 << 25
_PACKINGS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)  # the others are no part of the standard, and one of them may take gigabytes
_COMPOUND_FILE = b"\xd0\xcf\x11\xe0"  # what .xls is, and every workbook that has a password
_ESCAPED = re.compile("_x([0-9A-Fa-f]{4})_")
_REFERENCE = re.compile("([A-Z]{1,3})[0-9]+")
_BOOLEANS = {"0": "FALSE", "1": "TRUE"}
_FAULTS = (zipfile.BadZipFile, zlib.error, expat.ExpatError, EOFError, LookupError, NotImplementedError, RuntimeError, OSError, ValueError)


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet of a workbook."""

    name: str
    rows: Iterator[tuple[int, Cells]]
    """Numbers of rows as a person sees them, from 1, and their cells; to be read before the next sheet is asked for."""


def read_sheets(stream: BinaryIO, name: str) -> Iterator[Sheet]:
    """The sheets of a workbook in their order. The value of a cell is its text, a number's digits or a formula's last result.

    Raises InputError, here or while rows are read, for what is no workbook (.xlsx), has a password or is damaged, and where it
    unpacks to more than files.MAX_BYTES.
    """
    with tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY) as file:
        shutil.copyfileobj(stream, file)  # the list of contents stands at the end, which a pipe or packed file does not give first
        file.seek(0)
        if file.read(len(_COMPOUND_FILE)) == _COMPOUND_FILE:
            raise InputError(f"{name}: has a password or is an old workbook (.xls); save it as .xlsx, without a password.")
        with _faults_explained(name):
            package = _Package(cast(BinaryIO, file), name)
            strings = [text for part in package.parts("sharedStrings") for text in _shared_strings(package, part)]
            for title, part in package.sheets():
                yield Sheet(title, _rows(package, part, strings, name))


def read_rows(stream: BinaryIO, name: str, required: Sequence[str], *, advice: str = "Name them so.") -> Iterator[Row]:
    """The rows below the header, on every sheet whose header names the required columns; other sheets are passed over.

    An empty cell is an empty text. Raises InputError as read_sheets does, for a header that names a column twice, and, naming what
    there is, where no sheet has the columns; `advice` is what to do then.
    """
    first: list[str] | None = None
    found = False
    for sheet in read_sheets(stream, name):
        _, header = next(sheet.rows, (0, {}))
        cells = [header.get(column, "") for column in range(max(header, default=-1) + 1)]
        first = cells if first is None else first
        if not set(required) <= {cell.strip() for cell in cells}:
            continue
        found = True
        columns = columns_of(cells, name)
        for number, row in sheet.rows:
            yield number, {column: row.get(place, "") for place, column in enumerate(columns) if column}
    if not found:
        there = ", ".join(filter(None, first or ())) or "none"
        raise InputError(f"{name}: a sheet with the columns {', '.join(required)} was wanted; there are {there}. {advice}")


@contextlib.contextmanager
def _faults_explained(name: str) -> Iterator[None]:
    """Whatever a damaged or hostile file brings about, as an InputError."""
    try:
        yield
    except _FAULTS as error:
        raise InputError(
            f"{name}: a workbook (.xlsx) was wanted, and this is none or is damaged: {error}; save it again as .xlsx."
        ) from error


class _Package:
    """The parts of a workbook and how they refer to each other."""

    def __init__(self, file: BinaryIO, name: str) -> None:
        self._archive, self._name = zipfile.ZipFile(file), name
        parts = self._archive.infolist()
        self._parts = {part.filename.lower(): part for part in parts}  # some programs spell references otherwise than names
        self._bytes_left = MAX_BYTES
        if sum(part.file_size for part in parts) > MAX_BYTES:  # zipfile lets no part be larger than it says, but one may be read often
            self._refuse_size()
        main = [path for kind, path in self._related("").values() if kind == "officeDocument"]
        if not main:
            raise ValueError("it holds no workbook")
        self._main, self._of_main = main[0], self._related(main[0])

    def parts(self, kind: str) -> list[str]:
        """The paths of the parts of a kind that belong to the workbook."""
        return [path for found, path in self._of_main.values() if found == kind]

    def sheets(self) -> list[tuple[str, str]]:
        """Name and path of every sheet that has cells, in order."""
        found: list[tuple[str, str]] = []

        def start(tag: str, attributes: dict[str, str]) -> None:
            if tag == "sheet":
                kind, path = self._of_main.get(attributes.get("id", ""), ("", ""))
                if kind == "worksheet":
                    found.append((encodable(attributes.get("name", "")), path))

        for _ in self.parse(self._main, start):
            pass
        return found

    def parse(
        self,
        path: str,
        start: Callable[[str, dict[str, str]], None],
        end: Callable[[str], None] | None = None,
        text: Callable[[str], None] | None = None,
    ) -> Iterator[None]:
        """Hand the elements of a part, named without prefix, to the functions; pause after a block, so that what they made is taken."""

        def refuse(*_: object) -> None:
            raise ValueError("it declares a document type, which no workbook has")

        parser = expat.ParserCreate()
        parser.buffer_text = True
        parser.StartDoctypeDeclHandler = refuse
        parser.StartElementHandler = lambda tag, given: start(_bare(tag), {_bare(name): value for name, value in given.items()})
        if end:
            parser.EndElementHandler = lambda tag: end(_bare(tag))
        if text:
            parser.CharacterDataHandler = text
        part = self._parts[path.lower()]
        if part.compress_type not in _PACKINGS:
            raise ValueError(f"{path} is packed in a way that no workbook is")
        with self._archive.open(part) as stream:
            while block := stream.read(_BLOCK):
                self._bytes_left -= len(block)
                if self._bytes_left < 0:
                    self._refuse_size()
                parser.Parse(block, False)
                yield
        parser.Parse(b"", True)
        yield

    def _related(self, path: str) -> dict[str, tuple[str, str]]:
        """What a part refers to: kind and path by the reference's id."""
        found: dict[str, tuple[str, str]] = {}
        folder, file = posixpath.split(path)

        def start(tag: str, attributes: dict[str, str]) -> None:
            if tag == "Relationship" and attributes.get("TargetMode") != "External":
                target = posixpath.normpath(posixpath.join("/", folder, attributes.get("Target", "")))
                found[attributes.get("Id", "")] = attributes.get("Type", "").rpartition("/")[2], target.lstrip("/")

        for _ in self.parse(posixpath.join(folder, "_rels", f"{file}.rels"), start):
            pass
        return found

    def _refuse_size(self) -> None:
        raise InputError(f"{self._name}: unpacks to more than {MAX_BYTES:,} bytes, the most that is read; split it into smaller ones.")


def _bare(name: str) -> str:
    return name.rpartition(":")[2]


class _Text:
    """Gathers the text of `t` and `v` elements; what `rPh` holds says how the text is pronounced, and is none of it."""

    def __init__(self) -> None:
        self._pieces, self._piece = list[str](), list[str]()
        self._open = self._aside = False

    def start(self, tag: str) -> None:
        if tag == "rPh":
            self._aside = True
        self._open = tag in ("t", "v") and not self._aside

    def add(self, text: str) -> None:
        if self._open:
            self._piece.append(text)

    def end(self, tag: str) -> None:
        if self._open:
            self._pieces.append(_unescaped("".join(self._piece)))
            self._piece.clear()
        self._open = False
        if tag == "rPh":
            self._aside = False

    def take(self) -> str:
        """The text so far, after which there is none."""
        text = "".join(self._pieces)
        self._pieces.clear()
        return text


def _shared_strings(package: _Package, path: str) -> Iterator[str]:
    text, ready, count = _Text(), list[str](), 0

    def end(tag: str) -> None:
        text.end(tag)
        if tag == "si":
            ready.append(text.take())

    for _ in package.parse(path, lambda tag, _: text.start(tag), end, text.add):
        count += len(ready)
        if count > _MAX_STRINGS:
            raise ValueError(f"it holds more than {_MAX_STRINGS:,} different texts")
        yield from ready
        ready.clear()


def _rows(package: _Package, path: str, strings: list[str], name: str) -> Iterator[tuple[int, Cells]]:
    sheet = _SheetHandler(strings)
    with _faults_explained(name):
        for _ in package.parse(path, sheet.start, sheet.end, sheet.text.add):
            yield from sheet.ready
            sheet.ready.clear()


class _SheetHandler:
    """Makes rows of the elements of a sheet."""

    def __init__(self, strings: list[str]) -> None:
        self.text, self.ready = _Text(), list[tuple[int, Cells]]()
        self._strings = strings
        self._row, self._column, self._kind = 0, -1, ""
        self._cells: Cells = {}

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        self.text.start(tag)
        if tag == "row":
            self._row = int(attributes.get("r", self._row + 1))
            self._column, self._cells = -1, {}
        elif tag == "c":
            reference = _REFERENCE.fullmatch(attributes.get("r", ""))
            self._column = _column(reference[1]) if reference else self._column + 1
            if self._column >= _MAX_COLUMNS:
                raise ValueError(f"row {self._row} has more than {_MAX_COLUMNS:,} columns")
            self._kind = attributes.get("t", "n")

    def end(self, tag: str) -> None:
        self.text.end(tag)
        if tag == "c":
            if value := self._value(self.text.take()):
                self._cells[self._column] = value
        elif tag == "row" and self._cells:
            self.ready.append((self._row, self._cells))

    def _value(self, text: str) -> str:
        if self._kind == "s" and text:
            number = int(text)
            if not 0 <= number < len(self._strings):
                raise ValueError(f"row {self._row} refers to a text that is not there")
            return self._strings[number]
        if self._kind == "b":
            return _BOOLEANS.get(text, text)
        return text


def _column(letters: str) -> int:
    """The number of a column, from 0: 0 for A, 26 for AA."""
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number - 1


def _unescaped(text: str) -> str:
    """The text with characters that XML cannot hold, written as in `_x0007_`, in their places."""
    return encodable(_ESCAPED.sub(lambda match: chr(int(match[1], 16)), text)) if "_x" in text else encodable(text)
