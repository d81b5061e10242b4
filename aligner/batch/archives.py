"""Archives and crawls of a batch: what they hold, which is remembered, and their files, once somebody needs them."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from importlib.metadata import version
from pathlib import Path

from aligner.batch.contents import Memory, Part, is_bad, read_list, write_list
from aligner.batch.executors import Pool, processes
from aligner.batch.guarded_process import At
from aligner.batch.guarding import Guarded, Limits, Result, tried
from aligner.batch.items import Content, file_digest, safe_name
from aligner.batch.unpacking import FULL, is_archive, unpack
from aligner.batch.web_dumps import spread
from aligner.errors import BatchError
from aligner.formats.files import suffix

UNPACKING_S = 3600.0
"""How long an archive, which may hold a million documents, may take to unpack, at least."""
_CHANGED = "it changed while it was unpacked; the next batch takes it as it is then."


@dataclass(frozen=True, slots=True)
class Packed:
    """An archive or crawl."""

    path: Path
    name: str
    dump: str
    """That it stands in, as that was given."""
    content: Content | None = None
    """Where it lies in an archive, which need not be unpacked yet."""


@dataclass(frozen=True, slots=True)
class Archive:
    """What became of an archive or crawl."""

    name: str
    dump: str
    digest: str
    failure: str = ""
    """Why it is not unpacked; empty where it is, or could be."""
    attempts: int = 0
    """How often it was tried now; 0 where what became of it was known."""


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A dump, or a part of one, that could not be looked into."""

    name: str
    reason: str
    dump: str = ""
    digest: str = ""
    """What it is known by, where it is a part of an archive that will be the same the next time; empty where it may be well then."""


@dataclass(frozen=True, slots=True)
class Looked:
    """What there is to see of an archive or crawl."""

    packed: Packed
    archive: Archive | Unreadable
    folder: Path
    """Where its files are, once it is opened."""
    contents: Sequence[Part]


@dataclass(frozen=True, slots=True)
class Opening:
    """How archives are opened."""

    languages: tuple[str, str]
    limits: Limits
    memory: Path
    """A folder for the lists of what they hold."""
    workers: int = 1
    """How many archives are unpacked at a time, each by a process under limits."""
    quarantined: Mapping[str, str] | None = None
    """By digest, why archives failed before: these are not tried again. None where they are, and so are those that hold something bad."""


@contextmanager
def archives(opening: Opening, room: Path) -> Iterator[Archives]:
    """Those of a batch, which are unpacked below this folder."""
    batch = secrets.token_hex(8)
    with processes(opening.workers, batch) as pool:
        opened = Archives(opening, room, pool, batch)
        yield opened
        opened.memory.forget_unused()


@dataclass(slots=True)
class _Place:
    """Where an archive is unpacked, or would be."""

    packed: Packed
    folder: Path
    archive: Archive | Unreadable
    contents: list[Part] | None = None
    """None where nobody has looked yet."""
    is_open: bool = False
    """Whether it was unpacked, or it was tried."""

    @property
    def is_lost(self) -> bool:
        return isinstance(self.archive, Unreadable) or bool(self.archive.failure)

    @property
    def kind(self) -> str:
        """How it is read, for which its name counts."""
        return "archive" if is_archive(self.packed.path) else suffix(self.packed.path)


class Archives:
    """The archives and crawls of one batch: looks into them, and unpacks those of which a file is needed. `archives` makes it."""

    def __init__(self, opening: Opening, room: Path, pool: Pool, batch: str) -> None:
        self._opening, self._room, self._pool = opening, room, pool
        self.memory = Memory(opening.memory, (*opening.languages, version("aligner")))
        limits = replace(opening.limits, seconds=max(opening.limits.seconds, UNPACKING_S))
        self._unpacking = Guarded(_unpacker, (opening.languages,), limits, batch)
        self._places: dict[Path, _Place] = {}

    def look_into(self, packed: Sequence[Packed]) -> Iterator[Looked]:
        """What became of each, and what it holds; one whose contents are remembered is not unpacked."""
        looked = []
        for each, archive in zip(packed, list(self._pool.reading.map(_digested, packed)), strict=True):
            place = _Place(each, self._room / f"unpacked{len(self._places)}", archive)
            self._places[place.folder] = place
            self._recall(place)
            looked.append(place)
        self._open([place for place in looked if not place.is_lost and place.contents is None])
        for place in looked:
            yield Looked(place.packed, place.archive, place.folder, place.contents or ())

    def open(self, paths: Iterable[Path]) -> list[Archive | Unreadable]:
        """Unpack the archives that these files lie in, unless that was done; gives those that could not be unpacked."""
        return self._open(self._holding(paths))

    def is_lost(self, path: Path) -> bool:
        """Whether the file lies in an archive that could not be unpacked."""
        return any(place.is_lost for place in self._around(path))

    def _recall(self, place: _Place) -> None:
        """What is known of it."""
        archive, known = place.archive, self._opening.quarantined
        if isinstance(archive, Unreadable):
            return
        if known is not None and archive.digest in known:
            place.archive = replace(archive, failure=known[archive.digest])
            return
        contents = self.memory.recall(archive.digest, place.kind, place.folder)
        if contents is not None and (known is not None or not any(map(is_bad, contents))):
            place.contents = contents

    def _open(self, places: list[_Place]) -> list[Archive | Unreadable]:
        lost: list[Archive | Unreadable] = []
        if outer := self._holding(place.packed.path for place in places):
            lost = self._open(outer)
            places = [place for place in places if not place.is_open]
        for place, (archive, contents) in zip(places, self._pool.reading.map(self._unpacked, places), strict=True):
            known, place.archive, place.contents, place.is_open = place.contents, archive, contents, True
            if not place.is_lost and known not in (None, contents):
                place.archive = Unreadable(archive.name, _CHANGED)
            if place.is_lost:
                lost.append(place.archive)
        return lost

    def _unpacked(self, place: _Place) -> tuple[Archive | Unreadable, list[Part]]:
        archive, path = place.archive, place.packed.path
        assert isinstance(archive, Archive)  # a bad one is lost, and not opened
        if self.is_lost(path):
            return Unreadable(archive.name, "the archive that holds it could not be unpacked."), []
        result: Result = tried(self._unpacking, (path, place.folder))
        if not result.failure:
            contents = read_list(result.value, place.folder)
            if contents != place.contents and _is_still(path, archive.digest):
                self.memory.keep(archive.digest, place.kind, result.value)
            return replace(archive, attempts=1), contents
        if not _is_still(path, archive.digest):
            return Unreadable(archive.name, _CHANGED), []
        failure = result.failure.removeprefix(f"{path.as_posix()}: ")
        return replace(archive, failure=failure, attempts=self._opening.limits.attempts), []

    def _holding(self, paths: Iterable[Path]) -> list[_Place]:
        """The archives that these files lie in and that are still to be unpacked."""
        places = {place.folder: place for path in paths for place in self._around(path)}
        return [place for place in places.values() if not (place.is_open or place.is_lost)]

    def _around(self, path: Path) -> list[_Place]:
        """The archive that the file lies in, if any."""
        if not path.is_relative_to(self._room):
            return []
        return [self._places[self._room / path.relative_to(self._room).parts[0]]]


def _digested(packed: Packed) -> Archive | Unreadable:
    name = safe_name(packed.name)
    try:
        # An item's digest is a hash of this one, and so another: a file that failed as a page may be an archive under a better name.
        digest = file_digest(packed.path) if packed.content is None else packed.content.digest
    except OSError as error:
        return Unreadable(name, f"cannot be read: {error.strerror}; check its permissions.")
    return Archive(name, packed.dump, digest)


def _is_still(path: Path, digest: str) -> bool:
    """Whether these are the file's bytes; one that has gone has changed too."""
    try:
        return file_digest(path) == digest
    except OSError:
        return False


def _unpacker(languages: tuple[str, str]) -> Callable[[tuple[Path, Path], At], Path]:
    return partial(_unpack, languages)


def _unpack(languages: tuple[str, str], places: tuple[Path, Path], _at: At) -> Path:
    """Unpack an archive or crawl below a folder, beside which the list of what it holds is. Raises BatchError where the disk is full."""
    path, folder = places
    listed = folder.with_name(f"{folder.name}.jsonl")
    try:
        write_list(unpack(path, folder) if is_archive(path) else spread(path, folder, languages), listed, folder)
    except OSError as error:
        if error.errno not in FULL:
            raise
        raise BatchError(f"{path} cannot be unpacked below {folder}: {error.strerror}; make room, or set ALIGNER_CACHE.") from error
    return listed
