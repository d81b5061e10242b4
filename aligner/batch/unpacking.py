"""Archives to folders, without trust: what they unpack to is bounded while it is unpacked, and stays in the folder."""

from __future__ import annotations

import errno
import hashlib
import lzma
import shutil
import stat
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path, PurePosixPath
from typing import IO, cast

from aligner.batch.items import Content
from aligner.errors import InputError
from aligner.formats.files import open_input

ARCHIVES = (".zip", ".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tbz2", ".tar.xz", ".txz", ".tar.zst", ".tzst")
MOST_BYTES = 1 << 34
"""The most that an archive may unpack to."""
MOST_FILES = 1_000_000
MOST_TIMES_PACKED = 200
"""How many times its own size an archive may unpack to, beyond a MiB: text packs to a tenth, a bomb to a millionth."""
FULL = errno.ENOSPC, errno.EDQUOT
"""Errors that are not the archive's fault: there is no room."""
_ZSTD = (".tar.zst", ".tzst")
_BLOCK = 1 << 20
_DAMAGES = (
    zipfile.BadZipFile,
    tarfile.TarError,
    zlib.error,
    lzma.LZMAError,
    struct.error,
    EOFError,
    OSError,
    ValueError,
    NotImplementedError,  # a packing that Python lacks
    RuntimeError,  # encrypted
)

_Member = tuple[str, int, Callable[[], IO[bytes]] | None]
"""Name, size as the archive says, and what opens it; None for what is no file."""


def is_archive(path: Path) -> bool:
    """Whether its name says that it is an archive that `unpack` takes."""
    return path.name.lower().endswith(ARCHIVES)


@dataclass(frozen=True, slots=True)
class Member:
    """A file of an archive that was unpacked."""

    path: Path
    content: Content


@dataclass(frozen=True, slots=True)
class Refused:
    """A file of an archive that this disk cannot hold under its name."""

    name: str
    reason: str


def unpack(archive: Path, folder: Path) -> list[Member | Refused]:
    """Unpack the files of a zip or tar archive below a new folder; where one of that name is left of an earlier attempt, it goes first.

    Links, devices, hidden files and names that lead out of the folder are passed over. Raises InputError for a damaged archive and for one
    that unpacks to more than it may, OSError where the disk is full.
    """
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    written = _Written(archive.stat().st_size, folder)
    try:
        if archive.name.lower().endswith(".zip"):
            with zipfile.ZipFile(archive) as packed:
                written.add_all(_of_zip(packed))
        else:
            with _tar(archive) as packed_tar:
                written.add_all(_of_tar(packed_tar))
                written.check_end(packed_tar)
    except _DAMAGES as error:
        if isinstance(error, OSError) and error.errno in FULL:
            raise
        raise InputError(
            f"the archive is damaged, or packed in a way that is not read ({' '.join(str(error).split())}); get it again."
        ) from error
    return [*(Member(path, content) for path, content in sorted(written.members.items())), *written.refused]


@contextmanager
def _tar(archive: Path) -> Iterator[tarfile.TarFile]:
    if not archive.name.lower().endswith(_ZSTD):
        with tarfile.open(archive) as packed:
            yield packed
        return
    with open_input(archive) as stream, tarfile.open(fileobj=cast(IO[bytes], _Forwards(stream)), mode="r:") as packed:
        yield packed


class _Forwards:
    """A stream that goes forwards only, as the file that tarfile wants, which in order to read on goes back by a block at most."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self._last = b""
        """What was read last, up to where the stream is."""
        self._end = self._place = 0

    def tell(self) -> int:
        return self._place

    def seek(self, place: int) -> int:
        while self._end < place and self._advance(min(place - self._end, _BLOCK)):
            pass
        if place < self._end - len(self._last):
            raise OSError("it goes back in itself")
        self._place = min(place, self._end)
        return self._place

    def read(self, size: int) -> bytes:
        again = self._last[len(self._last) - (self._end - self._place) :] if self._place < self._end else b""
        block = again[:size] + (self._advance(size - len(again)) if size > len(again) else b"")
        self._place += len(block)
        return block

    def _advance(self, size: int) -> bytes:
        block = self._stream.read(size)
        self._last = (self._last + block)[-tarfile.BLOCKSIZE :]
        self._end += len(block)
        return block


def _of_zip(packed: zipfile.ZipFile) -> Iterator[_Member]:
    for one in packed.infolist():
        is_link = stat.S_ISLNK(one.external_attr >> 16)
        yield one.filename, one.file_size, None if one.is_dir() or is_link else partial(packed.open, one)


def _of_tar(packed: tarfile.TarFile) -> Iterator[_Member]:
    for one in packed:
        yield one.name, one.size, partial(_opened, packed, one) if one.isfile() else None


def _opened(packed: tarfile.TarFile, member: tarfile.TarInfo) -> IO[bytes]:
    file = packed.extractfile(member)
    assert file is not None  # a regular file has contents
    return file


@dataclass(slots=True)
class _Written:
    """What has been unpacked of an archive, within its bounds."""

    packed_bytes: int
    """Of the archive."""
    folder: Path
    unpacked: int = 0
    """Bytes that it unpacked to until now."""
    members: dict[Path, Content] = field(default_factory=dict)
    names: dict[Path, str] = field(default_factory=dict)
    """What the archive calls what was written."""
    refused: list[Refused] = field(default_factory=list)

    def add_all(self, members: Iterator[_Member]) -> None:
        """Write the members that are files to where their names say."""
        for number, (name, size, opened) in enumerate(members):
            if number >= MOST_FILES:
                raise InputError(f"holds more than {MOST_FILES:,} files, the most that is read; split it.")
            path = _inside(self.folder, name)
            if opened is None or path is None or not self._fits(path, name):
                self._count(size)  # what is passed over is unpacked all the same where all is packed as one
                continue
            self._write(path, name, opened)

    def _fits(self, path: Path, name: str) -> bool:
        """Whether the disk can hold a file of this name; makes its folder."""
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.lstat()
        except FileNotFoundError:
            return True
        except (OSError, ValueError) as error:
            if isinstance(error, OSError) and error.errno in FULL:
                raise
            reason = f"cannot be written under this name ({getattr(error, 'strerror', '') or error}); rename it."
            self.refused.append(Refused(name, reason))
            return False
        return True

    def _write(self, path: Path, name: str, opened: Callable[[], IO[bytes]]) -> None:
        if self.names.get(path) != name and path.exists():
            raise InputError(f"holds {name} and another file whose name is the same on this disk; unpack it where names are told apart.")
        self.names[path] = name  # twice the same name is a newer version, of which the last counts
        digest, size = hashlib.sha256(), 0
        with opened() as source, path.open("wb") as target:
            while block := source.read(_BLOCK):
                self._count(len(block))
                target.write(block)
                digest.update(block)
                size += len(block)
        self.members[path] = Content(size, digest.hexdigest())

    def check_end(self, packed: tarfile.TarFile) -> None:
        """Python takes a tar file that is cut short, or damaged, between two files for a whole one, and does not read gzip's checksum."""
        assert packed.fileobj is not None
        packed.fileobj.seek(packed.offset)
        if packed.fileobj.read(tarfile.BLOCKSIZE) != bytes(tarfile.BLOCKSIZE):
            raise tarfile.ReadError("it ends without the mark of a tar file's end")
        while block := packed.fileobj.read(_BLOCK):
            self._count(len(block))

    def _count(self, size: int) -> None:
        most = min(MOST_BYTES, _BLOCK + MOST_TIMES_PACKED * self.packed_bytes)
        self.unpacked += size
        if self.unpacked > most:
            raise InputError(f"unpacks to more than {most:,} bytes, the most that is read of it; split it.")


def _inside(folder: Path, name: str) -> Path | None:
    """Where a member is written; None where its name leads elsewhere, or is hidden."""
    parts = PurePosixPath(name.replace("\\", "/")).parts
    if not parts or any(part in ("..", "/") or part.startswith(".") or ":" in part or "\0" in part for part in parts):
        return None
    return folder.joinpath(*parts)
