"""What dumps hold: pairs of documents whose names tell their languages, and pages, from files, folders and archives."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from aligner.batch.guarding import At, Limits, tried
from aligner.batch.unpacking import is_archive, unpack
from aligner.dumps import find_pairs, is_document
from aligner.errors import InputError
from aligner.formats.files import suffix

UNPACKING_S = 3600.0
"""How long an archive, which may hold a million documents, may take to unpack, at least."""


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
        """SHA-256 of the bytes of its files, in hexadecimal digits. Raises OSError where one cannot be read."""
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


@dataclass(frozen=True, slots=True)
class Other:
    """A file in a dump whose name does not say that it is a text."""

    kind: str
    """Its suffix."""


def check(dumps: Sequence[Path]) -> None:
    """Raise InputError where one of the dumps is not there, or is no file or folder."""
    for dump in dumps:
        if not (dump.is_file() or dump.is_dir()):
            raise InputError(f"{dump}: there is no such file or folder; check the name.")


def gather(dump: Path, languages: tuple[str, str], room: Path, limits: Limits) -> Iterator[Item | Bad | Other]:
    """The items of a dump.

    room: a folder below which archives are unpacked, each in a process under limits of its own.
    """
    if dump.is_dir():
        yield from _of_folder(dump, languages, dump.as_posix(), room, limits)
    elif is_archive(dump):
        yield from _of_archive(dump, languages, dump.as_posix(), room, limits)
    else:
        yield Item((dump.as_posix(),), (dump,))


def _of_folder(folder: Path, languages: tuple[str, str], name: str, room: Path | None, limits: Limits) -> Iterator[Item | Bad | Other]:
    """A folder's pairs, then its other texts, each of which may hold both languages, and what its archives hold.

    room: where these are unpacked; None where the folder comes from an archive.
    """
    try:
        found = find_pairs(folder, *languages)
    except InputError as error:
        yield Bad(name, str(error))
        return
    for pair in found.pairs:
        yield Item(tuple(_name(name, folder, path) for path in pair), pair)
    for number, path in enumerate(found.unpaired):
        inner = _name(name, folder, path)
        if is_archive(path):
            if room is None:
                yield Bad(inner, "an archive in an archive is not unpacked; unpack the outer one.")
            else:
                yield from _of_archive(path, languages, inner, room / str(number), limits)
        elif is_document(path):
            yield Item((inner,), (path,))
        else:
            yield Other(suffix(path))


def _of_archive(archive: Path, languages: tuple[str, str], name: str, folder: Path, limits: Limits) -> Iterator[Item | Bad | Other]:
    limits = replace(limits, seconds=max(limits.seconds, UNPACKING_S))
    unpacked = tried(_unpacked, (archive, folder), limits)
    if unpacked.failure:
        yield Bad(name, unpacked.failure)
    else:
        yield from _of_folder(folder, languages, name, None, limits)


def _unpacked(task: tuple[Path, Path], _at: At) -> None:
    unpack(*task)


def _name(name: str, folder: Path, path: Path) -> str:
    return f"{name}/{path.relative_to(folder).as_posix()}"
