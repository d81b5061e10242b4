"""What dumps hold: pairs of documents whose names tell their languages, and pages, from files, folders and archives."""

from __future__ import annotations

import hashlib
import tarfile
import zipfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path, PurePosixPath
from typing import IO

from aligner.dumps import find_pairs
from aligner.errors import InputError

MOST_UNPACKED = 1 << 34
"""Bytes that an archive may unpack to."""
MOST_MEMBERS = 1_000_000
MOST_TIMES_PACKED = 200
"""How many times its packed size an archive may unpack to, beyond a MiB: text packs to a tenth, bombs to a millionth."""
_BLOCK = 1 << 20
_ARCHIVES = (".zip", ".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tar.xz")


@dataclass(frozen=True, slots=True)
class Item:
    """What becomes one alignment: two documents, or a page."""

    names: tuple[str, ...]
    """Of its documents, for people and in the corpus: the files' places in their dump."""
    paths: tuple[Path, ...]

    @property
    def name(self) -> str:
        """What it is called."""
        return " – ".join(self.names)

    def digest(self) -> str:
        """SHA-256 of the bytes of its files, in hexadecimal digits."""
        whole = hashlib.sha256()
        for path in self.paths:
            with path.open("rb") as file:
                whole.update(hashlib.file_digest(file, "sha256").digest())
        return whole.hexdigest()


@dataclass(frozen=True, slots=True)
class Bad:
    """A dump, or a part of one, that could not be looked into."""

    name: str
    reason: str


def gather(dumps: Iterable[Path], languages: tuple[str, str], room: Path) -> Iterator[Item | Bad]:
    """The items of the dumps, in the order given; archives are unpacked below `room`, a folder that is to be removed afterwards."""
    for number, dump in enumerate(dumps):
        if not dump.exists():
            raise InputError(f"{dump}: there is no such dump; check the name.")
        if dump.is_dir():
            yield from _of_folder(dump, languages, dump.as_posix())
        elif dump.name.lower().endswith(_ARCHIVES):
            folder = room / str(number)
            try:
                unpack(dump, folder)
            except InputError as error:
                yield Bad(dump.as_posix(), str(error))
            else:
                yield from _of_folder(folder, languages, dump.as_posix())
        else:
            yield Item((dump.as_posix(),), (dump,))


def unpack(archive: Path, folder: Path) -> None:
    """Unpack the files of a zip or tar archive below a folder. Links, devices and names that lead out of it are passed over.

    Raises InputError for a damaged archive, and for one that unpacks to more than it may.
    """
    folder.mkdir(parents=True)
    try:
        if archive.name.lower().endswith(".zip"):
            with zipfile.ZipFile(archive) as packed:
                files = [one for one in packed.infolist() if not one.is_dir()]
                _write(archive, ((one.filename, partial(packed.open, one)) for one in files), folder)
        else:
            with tarfile.open(archive) as packed_tar:
                _write(archive, ((one.name, partial(_extracted, packed_tar, one)) for one in packed_tar if one.isfile()), folder)
    except (zipfile.BadZipFile, tarfile.TarError, EOFError, OSError, NotImplementedError, RuntimeError) as error:
        raise InputError(f"{archive}: the archive is damaged, or packed in a way that is not read ({error}); get it again.") from error


def _extracted(archive: tarfile.TarFile, member: tarfile.TarInfo) -> IO[bytes]:
    file = archive.extractfile(member)
    assert file is not None  # a regular file has contents
    return file


def _write(archive: Path, files: Iterable[tuple[str, Callable[[], IO[bytes]]]], folder: Path) -> None:
    most = min(MOST_UNPACKED, _BLOCK + MOST_TIMES_PACKED * archive.stat().st_size)
    written = 0
    for number, (name, opened) in enumerate(files):
        path = _inside(folder, name)
        if path is None:
            continue
        if number >= MOST_MEMBERS:
            raise InputError(f"{archive}: holds more than {MOST_MEMBERS:,} files, the most that is read; split it.")
        path.parent.mkdir(parents=True, exist_ok=True)
        with opened() as source, path.open("wb") as target:
            while block := source.read(_BLOCK):
                written += len(block)
                if written > most:
                    raise InputError(f"{archive}: unpacks to more than {most:,} bytes, the most that is read of it; split it.")
                target.write(block)


def _inside(folder: Path, name: str) -> Path | None:
    """Where a member is written; None where its name leads elsewhere, or is hidden."""
    parts = PurePosixPath(name.replace("\\", "/")).parts
    if not parts or any(part in ("..", "/") or part.startswith(".") or ":" in part or "\0" in part for part in parts):
        return None
    return folder.joinpath(*parts)


def _of_folder(folder: Path, languages: tuple[str, str], name: str) -> Iterator[Item]:
    """A folder's pairs and then its other files, each of which may hold both languages."""
    found = find_pairs(folder, *languages)
    for paths in (*found.pairs, *((path,) for path in found.unpaired)):
        yield Item(tuple(f"{name}/{path.relative_to(folder).as_posix()}" for path in paths), paths)
