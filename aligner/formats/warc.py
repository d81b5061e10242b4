"""Records of WARC files (ISO 28500:2017), WET among them; a record that is damaged, or lies about its length, spoils only itself.

FastWARC and warcio end at the first damaged one, or take for its contents what follows (docs/decisions/024-web-dumps.md).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from aligner.errors import InputError
from aligner.formats.files import display_name
from aligner.formats.html import MAX_HTML_BYTES
from aligner.formats.members import Blocks, DamagedError, unpacked_blocks

MAX_RECORD_BYTES = MAX_HTML_BYTES + (1 << 20)
"""The most that is read of one record: a page, and the header that the server sent with it."""
_MAX_HEADER_BYTES = 1 << 16
_MAGIC = b"WARC/"
_HEADER_END = b"\r\n\r\n"
_NEXT = _HEADER_END + _MAGIC + b"1"
"""How a record ends where another follows."""
MAX_ADDRESS = 200
"""Characters of an address that a message repeats."""


@dataclass(frozen=True, slots=True)
class Record:
    """One record."""

    headers: Mapping[str, str]
    """By names in lower case."""
    body: bytes

    @property
    def address(self) -> str:
        """The address that it was fetched from, if any."""
        return self.headers.get("warc-target-uri", "").strip("<> ")


@dataclass(frozen=True, slots=True)
class BadRecord:
    """A record that cannot be read."""

    where: str
    reason: str


def read_warc(path: Path) -> Iterator[Record | BadRecord]:
    """The records of the file, which may be packed by gzip or zstd, in order, in memory for one record.

    Raises InputError where it cannot be read at all, or is no WARC file.
    """
    name = display_name(path)
    try:
        with path.open("rb") as file:
            records = _Records(unpacked_blocks(file, _MAGIC))
            if not records.is_warc():
                raise InputError(f"{name}: a WARC file was wanted, whose records begin with WARC/1; this one does not. Get it again.")
            yield from records
    except OSError as error:
        raise InputError(f"{name}: cannot be read: {error.strerror}; check its permissions.") from error


class _BadRecordError(Exception):
    """What is wrong with a record whose end is still to be found."""


class _Records:
    """Reads forwards only; where a record is bad, goes on at the next `WARC/1` that follows an empty line."""

    def __init__(self, blocks: Blocks) -> None:
        self._blocks = blocks
        self._buffer = bytearray()
        self._offset = 0
        """Of the buffer's first byte, unpacked."""
        self._damage: DamagedError | None = None
        """In what follows the buffer."""

    def is_warc(self) -> bool:
        return (self._has(len(_MAGIC)) and self._buffer.startswith(_MAGIC)) or self._damage is not None

    def __iter__(self) -> Iterator[Record | BadRecord]:
        while self._begins():
            where = f"the record at byte {self._offset:,}"
            try:
                headers, start = self._header()
                where = headers.get("warc-target-uri", where)[:MAX_ADDRESS]
                record = Record(headers, self._body(start, headers))
            except _BadRecordError as error:
                reason = str(error) if self._damage is None else f"its packed data are damaged ({self._damage})"
                self._to_next()
                yield BadRecord(where, reason)
            else:
                yield record

    def _begins(self) -> bool:
        """Drop the line ends between two records; False at the end of the file."""
        while self._has(1) and self._buffer[0] in _HEADER_END:
            self._drop(1)
        return bool(self._buffer) or self._damage is not None

    def _header(self) -> tuple[dict[str, str], int]:
        """The record's header, and where its body begins."""
        if not self._has(len(_MAGIC)) or not self._buffer.startswith(_MAGIC):
            raise _BadRecordError("no record begins where the one before it ends")
        while (end := self._buffer.find(_HEADER_END, 0, _MAX_HEADER_BYTES)) < 0:
            if len(self._buffer) >= _MAX_HEADER_BYTES:
                raise _BadRecordError(f"its header is longer than {_MAX_HEADER_BYTES:,} bytes")
            if not self._has(len(self._buffer) + 1):
                raise _BadRecordError("it ends within its header")
        return parsed_header(bytes(self._buffer[:end])), end + len(_HEADER_END)

    def _body(self, start: int, headers: Mapping[str, str]) -> bytes:
        """The record's body, which is taken out of the buffer with all before it."""
        try:
            length = int(headers.get("content-length", ""))
        except ValueError:
            length = -1
        if length < 0:
            raise _BadRecordError("it does not say how long it is")
        if length > MAX_RECORD_BYTES:
            raise _BadRecordError(f"it says that it holds {length:,} bytes, and {MAX_RECORD_BYTES:,} at most are read")
        end = start + length
        is_whole = self._has(end)
        self._has(end + len(_NEXT))
        after = bytes(self._buffer[end : end + len(_NEXT)]).lstrip(b"\r\n")
        if self._damage is not None and self._damage.began < self._offset + end:
            raise _BadRecordError("")
        if not is_whole:
            raise _BadRecordError(f"it says that it holds {length:,} bytes, but the file ends before")
        if after and not after.startswith(_MAGIC[: len(after)]):
            raise _BadRecordError(f"it says that it holds {length:,} bytes, but there it does not end")
        body = bytes(self._buffer[start:end])
        self._drop(end)
        return body

    def _to_next(self) -> None:
        """Drop what is left of a bad record, or of all that was unpacked of a damaged member."""
        while (place := self._buffer.find(_NEXT)) < 0:
            self._drop(max(0, len(self._buffer) - len(_NEXT) + 1))
            if not self._has(len(self._buffer) + 1):
                self._drop(len(self._buffer))
                self._damage = None
                return
        self._drop(place + len(_HEADER_END))

    def _drop(self, count: int) -> None:
        del self._buffer[:count]
        self._offset += count

    def _has(self, count: int) -> bool:
        """Whether the buffer holds so many bytes, if need be after reading on."""
        while len(self._buffer) < count and self._damage is None:
            try:
                block = self._blocks.read()
            except DamagedError as error:
                self._damage = error
                break
            if not block:
                break
            self._buffer += block
        return len(self._buffer) >= count


def parsed_header(header: bytes) -> dict[str, str]:
    """The fields below the first line of a WARC or HTTP header, by names in lower case; of one that stands twice the first."""
    fields: dict[str, str] = {}
    for line in header.decode("utf-8", "replace").splitlines()[1:]:
        name, colon, value = line.partition(":")
        if colon:
            fields.setdefault(name.strip().lower(), value.strip())
    return fields
