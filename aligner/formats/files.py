"""Files as bytes and text: opened and unpacked; packed, and written whole or not at all."""

from __future__ import annotations

import contextlib
import errno
import gzip
import io
import os
import re
import secrets
import stat
import sys
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO, cast

from aligner.errors import InputError, OutputError
from aligner.formats.encodings import decode

STDIO = "-"
MAX_BYTES = 1 << 30
"""The most that one file may hold, unpacked, to be read into memory: a larger one is a mistake or an attack."""

GZIP, ZSTD = b"\x1f\x8b", b"\x28\xb5\x2f\xfd"
"""How packed bytes begin (RFC 1952, RFC 8878)."""
PACKED = (".gz", ".zst")
_READ_BLOCK = 1 << 20
# One packed byte of zstd may unpack to 32 KiB (RFC 8878: a block of 128 KiB in four bytes), so little is fed at a time.
_ZSTD_BLOCK = 1 << 10
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.EROFS)
_LINE_END = re.compile(r"\r\n|\r|\n")


def suffix(path: str | Path) -> str:
    """The suffix that tells what the file holds, in lower case: `.tmx` for `a.tmx`, `A.TMX.gz` and `a.tmx.zst`."""
    path = Path(path)
    if path.suffix.lower() in PACKED:
        path = path.with_suffix("")
    return path.suffix.lower()


def display_name(path: str | Path) -> str:
    """What messages and documents call the file."""
    return "standard input" if str(path) == STDIO else Path(path).as_posix()


@contextlib.contextmanager
def open_input(path: str | Path) -> Iterator[BinaryIO]:
    """The file's bytes as a stream, unpacked where its first bytes are those of gzip or zstd; `-` is standard input.

    Raises InputError for a file that is missing, a folder or not readable, and, while it is read, for packed data that are damaged
    or cut short.
    """
    name = display_name(path)
    with contextlib.ExitStack() as stack:
        raw: io.BufferedReader[Any]
        if str(path) == STDIO:
            raw = io.BufferedReader(cast(io.RawIOBase, sys.stdin.buffer))
            stack.callback(raw.detach)  # closing it would close standard input
        else:
            raw = _open_file(Path(path))
            stack.callback(raw.close)
        first = raw.peek(len(ZSTD))
        try:
            if first.startswith(GZIP):
                yield cast(BinaryIO, stack.enter_context(gzip.GzipFile(fileobj=raw)))
            elif first.startswith(ZSTD):
                yield cast(BinaryIO, stack.enter_context(io.BufferedReader(_ZstdReader(raw))))
            else:
                yield raw
        except (EOFError, gzip.BadGzipFile, zlib.error, _DamagedZstdError) as error:
            raise InputError(f"{name}: the packed data are damaged or cut short ({error}); get the file again.") from error


def read_bytes(path: str | Path) -> bytes:
    """All bytes of the file, unpacked; raises InputError as open_input does, and where they are more than MAX_BYTES."""
    name, blocks, total = display_name(path), [], 0
    with open_input(path) as stream:
        while block := stream.read(_READ_BLOCK):
            total += len(block)
            if total > MAX_BYTES:
                raise InputError(
                    f"{name}: holds more than {MAX_BYTES:,} bytes unpacked, the most that is read; split it into smaller ones."
                )
            blocks.append(block)
    return b"".join(blocks)


def read_text(path: str | Path) -> str:
    """The file's text with its line ends as they stand; `-` is standard input, gzip and zstd are unpacked.

    The encoding is that of the byte order mark, else UTF-8 where the bytes are that, else what charset-normalizer takes for likely:
    a warning in the log says so. Raises InputError as read_bytes does, and for a file that holds no text.
    """
    data = read_bytes(path)
    with telling_of_packing(path):
        return decode(data, display_name(path))


@contextlib.contextmanager
def telling_of_packing(path: str | Path) -> Iterator[None]:
    """Let the error of a file that is refused say that it was unpacked first, or that it is not packed though its name says so."""
    try:
        yield
    except InputError as error:
        if str(path) != STDIO and _is_packed(Path(path)):
            raise InputError(f"{error} That is what it unpacks to.") from error
        if Path(path).suffix.lower() in PACKED:
            raise InputError(f"{error} Its name says that it is packed, but it does not begin as gzip or zstd does.") from error
        raise


def line_spans(text: str) -> list[tuple[int, int]]:
    """Start and end of every line, its line end (LF, CRLF or CR) left out; nothing after the last line end is no line."""
    spans, start = [], 0
    for end in _LINE_END.finditer(text):
        spans.append((start, end.start()))
        start = end.end()
    if start < len(text):
        spans.append((start, len(text)))
    return spans


def check_output(path: str | Path, overwrite: bool = False) -> None:
    """Raise OutputError where `path` cannot be written or exists and may not be overwritten: ask before the work is done."""
    if str(path) == STDIO:
        return
    path = Path(path)
    try:
        path.lstat()
        exists = True
    except (FileNotFoundError, NotADirectoryError):
        exists = False
    except (OSError, ValueError) as error:  # too long a name, a NUL in it, a folder that may not be entered
        raise OutputError(f"{path}: cannot be written: {_reason(error)}; choose another name or folder.") from error
    if stat.S_ISDIR(_mode(path)):
        raise OutputError(f"{path}: is a folder; name a file in it.")
    if _is_special(path):
        return
    if exists and not overwrite:
        raise OutputError(f"{path}: exists; name another file, or allow it to be overwritten.")
    folder = _final(path).parent
    if not stat.S_ISDIR(_mode(folder)):
        raise OutputError(f"{path}: there is no folder {folder}; make it first.")
    if not os.access(folder, os.W_OK | os.X_OK):
        raise OutputError(f"{path}: no permission to write in {folder}; choose another folder.")


@contextlib.contextmanager
def open_output(path: str | Path, *, overwrite: bool = False) -> Iterator[BinaryIO]:
    """A stream for the file's bytes, packed where the name ends in `.gz` or `.zst`; `-` is standard output.

    The bytes go to a temporary name in the same folder, which becomes `path` when the block ends and is removed when it fails or is
    interrupted: nothing half written ever bears the name. Raises OutputError as check_output does, and when the disk is full.
    """
    check_output(path, overwrite)
    if str(path) == STDIO:
        stream = cast(BinaryIO, sys.stdout.buffer)
        yield stream
        stream.flush()
        return
    path = Path(path)
    final = _final(path)
    temporary = final if _is_special(path) else final.with_name(f".aligner-{secrets.token_hex(8)}.part")
    try:
        with temporary.open("wb") as raw:
            with _packing(raw, path) as stream:
                yield stream
            if temporary is not final:
                raw.flush()
                os.fsync(raw.fileno())
        if temporary is not final:
            check_output(path, overwrite)  # the work may have taken hours: somebody may have written there since
            temporary.replace(final)
    except OSError as error:
        # The caller's block may raise an OSError of its own, about another file: that one is not ours to explain.
        if error.errno in _FULL or error.filename in (str(temporary), str(final)):
            raise OutputError(f"{path}: cannot be written: {error.strerror}; make room or choose another place.") from error
        raise
    finally:
        if temporary is not final:
            temporary.unlink(missing_ok=True)  # gone already where it was renamed


def _open_file(path: Path) -> io.BufferedReader:
    if stat.S_ISDIR(_mode(path)):
        raise InputError(f"{path}: is a folder where a file was wanted; name a file in it.")
    try:
        return path.open("rb")
    except FileNotFoundError as error:
        raise InputError(f"{path}: there is no such file; check the name and the folder.") from error
    except (OSError, ValueError) as error:  # ValueError: a NUL in the name
        raise InputError(f"{path}: cannot be read: {_reason(error)}; check its name and permissions.") from error


class _DamagedZstdError(Exception):
    """Zstd data that do not unpack, or end within a frame."""


class _ZstdReader(io.RawIOBase):
    """Unpacks one zstd frame after the other, never much at a time, and notices where the last one is cut short.

    zstandard's own stream reader takes data that are cut short for a proper end.
    """

    def __init__(self, raw: BinaryIO) -> None:
        import zstandard  # a compiled library that few files need

        self._raw, self._library = raw, zstandard
        self._frame = zstandard.ZstdDecompressor().decompressobj()
        self._packed = b""
        self._unpacked = memoryview(b"")  # parts of which are taken without copying the rest
        self._within = False

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        while not self._unpacked:
            self._packed = self._packed or self._raw.read(_ZSTD_BLOCK)
            if not self._packed:
                if self._within:
                    raise _DamagedZstdError("it ends within a frame")
                return 0
            if self._frame.eof:
                self._frame = self._library.ZstdDecompressor().decompressobj()
            try:
                self._unpacked = memoryview(self._frame.decompress(self._packed))
            except self._library.ZstdError as error:
                raise _DamagedZstdError(str(error)) from error
            self._within = not self._frame.eof
            self._packed = self._frame.unused_data if self._frame.eof else b""
        count = min(len(buffer), len(self._unpacked))
        buffer[:count] = self._unpacked[:count]
        self._unpacked = self._unpacked[count:]
        return count


def _is_packed(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(len(ZSTD)).startswith((GZIP, ZSTD))


def _reason(error: OSError | ValueError) -> str:
    return getattr(error, "strerror", None) or str(error)


def _is_special(path: Path) -> bool:
    """Whether it is a pipe or a device, such as /dev/null: it is written to as it stands, for it cannot be replaced."""
    mode = _mode(path)
    return mode != 0 and not stat.S_ISREG(mode)


def _mode(path: Path) -> int:
    """The kind of the file and its permissions; 0 where there is none, or none that may be looked at (Path.is_dir raises there)."""
    try:
        return path.stat().st_mode
    except (OSError, ValueError):
        return 0


def _final(path: Path) -> Path:
    """Where the bytes come to lie: a link stays a link, and what it points to is replaced."""
    return Path(os.path.realpath(path))


@contextlib.contextmanager
def _packing(raw: BinaryIO, path: Path) -> Iterator[BinaryIO]:
    packed = path.suffix.lower()
    if packed == ".gz":
        with gzip.GzipFile(filename="", mode="wb", fileobj=raw, mtime=0) as stream:  # the same text gives the same bytes
            yield cast(BinaryIO, stream)
    elif packed == ".zst":
        import zstandard  # a compiled library that few files need

        with zstandard.ZstdCompressor(write_checksum=True).stream_writer(raw, closefd=False) as stream:
            yield cast(BinaryIO, stream)
    else:
        yield raw
