"""What becomes one alignment, and how its documents are read."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

from aligner.dumps import read_columns, read_document
from aligner.errors import InputError
from aligner.formats.files import display_name
from aligner.types import Document

_UNNAMEABLE = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
"""Control characters, line breaks and bytes that are no text: terminals obey them, databases refuse them."""
_LONGEST_NAME = 500
"""Code points."""


class Content(NamedTuple):
    """What a file held when it was unpacked."""

    size: int
    """Bytes."""
    digest: str
    """SHA-256 of them, in hexadecimal digits."""


@dataclass(frozen=True, slots=True)
class Item:
    """What becomes one alignment: two documents, two columns of a table, or a page."""

    names: tuple[str, ...]
    """Of its documents, for people and in the corpus: the address of a web page, else the file's place in its dump."""
    paths: tuple[Path, ...]
    """Of its documents; a table's once."""
    dump: str = ""
    """The dump that it was found in (its first document, where two dumps hold a pair), as that was given."""
    columns: tuple[str, ...] = ()
    """Which columns of a table hold the texts, source and target."""
    contents: tuple[Content, ...] = ()
    """Of the files, where these are an archive's, which need not be unpacked yet."""

    @property
    def name(self) -> str:
        """What it is called."""
        return " – ".join(self.names)

    def digest(self) -> str:
        """SHA-256 of the bytes of its files, in hexadecimal digits. Raises OSError where one cannot be read."""
        return self._digest(map(file_digest, self.paths))

    def known_digest(self) -> str:
        """The digest, for which files of an archive are not read, and need not be there. Raises OSError as digest does."""
        return self._digest(content.digest for content in self.contents) if self.contents else self.digest()

    def _digest(self, files: Iterable[str]) -> str:
        whole = hashlib.sha256()
        for digest in files:
            whole.update(bytes.fromhex(digest))
        if self.columns:
            whole.update("\0".join(self.columns).encode("utf-8", "surrogateescape"))
        return whole.hexdigest()

    def documents(self) -> tuple[Document, ...]:
        """Its documents, under the names that they have in the dump, which errors tell too. Raises InputError as read_document does."""
        if self.columns:
            (path,), (source, target) = self.paths, self.columns
            try:
                found = read_columns(path, source, target)
            except InputError as error:
                raise InputError(str(error).replace(display_name(path), self.names[0].rpartition("#")[0])) from error
            return tuple(replace(document, name=name) for document, name in zip(found, self.names, strict=True))
        return tuple(_read(path, name) for path, name in zip(self.paths, self.names, strict=True))


def safe_name(name: str) -> str:
    """The name with what no terminal and no database should be given as `%XX`; where it is longer than any name, its start and its hash."""
    name = _UNNAMEABLE.sub(_escaped, name)
    if len(name) <= _LONGEST_NAME:
        return name
    return f"{name[:_LONGEST_NAME]}…{hashlib.sha256(name.encode()).hexdigest()[:16]}"


def file_digest(path: Path) -> str:
    """SHA-256 of a file's bytes, in hexadecimal digits. Raises OSError where it cannot be read."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def total_bytes(item: Item) -> int:
    """Of its files; of one that cannot be seen 0, for reading it says what is wrong."""
    return sum(content.size for content in item.contents) if item.contents else sum(map(_size, item.paths))


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


def _escaped(match: re.Match[str]) -> str:
    return "".join(f"%{byte:02X}" for byte in match[0].encode("utf-8", "surrogatepass"))


def _read(path: Path, name: str) -> Document:
    try:
        return replace(read_document(path), name=name)
    except InputError as error:
        raise InputError(str(error).replace(display_name(path), name)) from error
