"""Packed files of many members, each of which stands alone: gzip's members and zstd's frames; a damaged one spoils only itself."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable
from typing import Any, BinaryIO, NoReturn, Protocol

from aligner.formats.files import GZIP, ZSTD

_GZIP_MEMBER = GZIP + b"\x08"
"""With the one way of packing that there is, for what is looked for in the midst of other bytes must be told from chance."""
_SKIPPABLE = frozenset(struct.pack("<I", 0x184D2A50 + number) for number in range(16))  # RFC 8878, section 3.1.2
_DICTIONARY = struct.pack("<I", 0x184D2A5D)  # in the first frame: http://iipc.github.io/warc-specifications/specifications/warc-zstd/
_MOST_DICTIONARY = 1 << 24
_READ = 1 << 16
_GZIP_STEP, _ZSTD_STEP = 1 << 14, 1 << 10
"""Packed bytes that are unpacked at a time, for a hostile byte of gzip may become 1 KiB, and one of zstd 32 KiB."""
_KEPT = 1 << 20
"""Packed bytes of a member that are kept, to look in them for where the next one begins: one that was cut takes others for its own."""


class DamagedError(Exception):
    """A member does not unpack, or its end is missing; reading goes on with the next one."""

    def __init__(self, message: str, began: int) -> None:
        super().__init__(message)
        self.began = began
        """How many bytes had been unpacked before this member."""


class Blocks(Protocol):
    """The bytes of a file, unpacked."""

    def read(self) -> bytes:
        """Some bytes; none at the end. Raises DamagedError, after which it may be called again."""


def unpacked_blocks(file: BinaryIO, start: bytes) -> Blocks:
    """The bytes of the file, unpacked where it begins as gzip or zstd do. start: how every member's contents begin."""
    first = file.read(len(ZSTD))
    file.seek(0)
    if first.startswith(_GZIP_MEMBER):
        return _Members(file, _GZIP_MEMBER, lambda: zlib.decompressobj(31), start)
    if first == ZSTD or first in _SKIPPABLE:
        return _Frames(file, start)
    return _Plain(file)


class _Plain:
    def __init__(self, file: BinaryIO) -> None:
        self._file = file

    def read(self) -> bytes:
        return self._file.read(_READ)


class _Members:
    """Unpacks one member after the other."""

    _step = _GZIP_STEP

    def __init__(self, file: BinaryIO, magic: bytes, new: Callable[[], Any], start: bytes) -> None:
        self._file, self._magic, self._new, self._start = file, magic, new, start
        self._raw = bytearray()
        """Packed bytes from the beginning of the member, or the last of them."""
        self._fed = 0
        self._member: Any = None
        self._began = self._unpacked = 0

    def read(self) -> bytes:
        while True:
            if self._member is None and not self._begin():
                return b""
            if self._fed == len(self._raw) and not self._fill(_READ):
                self._abandon("it ends too early")
            step = self._raw[self._fed : self._fed + self._step]
            try:
                data: bytes = self._member.decompress(step)
            except self._errors() as error:
                self._abandon(str(error))
            self._fed += len(step)
            if self._member.eof:
                del self._raw[: self._fed - len(self._member.unused_data)]
                self._fed, self._member = 0, None
            elif self._fed > 2 * _KEPT:
                del self._raw[: self._fed - _KEPT]
                self._fed = _KEPT
            self._unpacked += len(data)
            if data:
                return data

    def _errors(self) -> tuple[type[Exception], ...]:
        return (zlib.error,)

    def _begin(self) -> bool:
        """Begin the next member; False at the end of the file."""
        while len(self._raw) < len(ZSTD) and self._fill(_READ):
            pass
        if not self._raw:
            return False
        self._began = self._unpacked
        if not self._raw.startswith(self._magic):
            if not any(self._raw) and not self._fill(_READ):
                return False  # padding
            self._abandon("there is no packed member where one should begin")
        self._member = self._new()
        return True

    def _abandon(self, message: str) -> NoReturn:
        """Go on to where the next member begins, and raise DamagedError, which says what was wrong with this one."""
        self._member, place = None, 1
        while True:
            place = self._raw.find(self._magic, place)
            if place < 0:
                del self._raw[: max(0, len(self._raw) - len(self._magic) + 1)]
                place = 0
                if not self._fill(_READ):
                    self._raw.clear()
                    break
            elif len(self._raw) - place < self._step and self._fill(_READ):
                continue
            elif self._may_begin(bytes(self._raw[place : place + self._step])):
                del self._raw[:place]
                break
            else:
                place += 1
        self._fed = 0
        raise DamagedError(message, self._began)

    def _may_begin(self, packed: bytes) -> bool:
        """Whether these are the first bytes of a member, and not its magic number by chance; some unpack to nothing yet."""
        try:
            data = self._new().decompress(packed)[: len(self._start)]
        except self._errors():
            return False
        return bool(self._start.startswith(data) if len(packed) == self._step else self._start == data)

    def _fill(self, count: int) -> bool:
        block = self._file.read(count)
        self._raw += block
        return bool(block)


class _Frames(_Members):
    """Frames of zstd; the first may hold the dictionary that the others need."""

    _step = _ZSTD_STEP

    def __init__(self, file: BinaryIO, start: bytes) -> None:
        import zstandard  # a compiled library that few files need

        self._library = zstandard
        self._dictionary: zstandard.ZstdCompressionDict | None = None
        super().__init__(file, ZSTD, self._decompressor, start)

    def _decompressor(self) -> Any:
        return self._library.ZstdDecompressor(dict_data=self._dictionary).decompressobj()

    def _errors(self) -> tuple[type[Exception], ...]:
        return (self._library.ZstdError,)

    def _begin(self) -> bool:
        while True:
            while len(self._raw) < 8 and self._fill(_READ):
                pass
            if bytes(self._raw[:4]) not in _SKIPPABLE:
                return super()._begin()
            size = 8 + int.from_bytes(self._raw[4:8], "little")
            is_dictionary = bytes(self._raw[:4]) == _DICTIONARY and not self._unpacked and size <= _MOST_DICTIONARY
            while len(self._raw) < size and self._fill(_READ):
                if not is_dictionary and len(self._raw) < size:
                    size -= len(self._raw)
                    self._raw.clear()
            if is_dictionary:
                self._dictionary = self._library.ZstdCompressionDict(self._plain(bytes(self._raw[8:size])))
            del self._raw[:size]

    def _plain(self, dictionary: bytes) -> bytes:
        """The dictionary, which may be packed itself."""
        if not dictionary.startswith(ZSTD):
            return dictionary
        try:
            return bytes(self._library.ZstdDecompressor().decompress(dictionary, max_output_size=_MOST_DICTIONARY))
        except self._library.ZstdError:
            return b""  # the frames that need it will tell
