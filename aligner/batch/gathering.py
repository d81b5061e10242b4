"""What dumps hold: pairs of documents whose names tell their languages, tables, and pages, from files, folders, archives and crawls."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from types import MappingProxyType

from aligner.batch.addresses import latest, pair_pages
from aligner.batch.executors import processes
from aligner.batch.guarding import At, Guarded, Limits, Result, tried
from aligner.batch.items import Item, safe_name
from aligner.batch.unpacking import is_archive, unpack
from aligner.batch.web_dumps import WebPage, is_web_dump, spread, spread_pages
from aligner.dumps import find_pairs, is_document, is_table
from aligner.errors import InputError
from aligner.formats.files import suffix
from aligner.formats.warc import BadRecord

UNPACKING_S = 3600.0
"""How long an archive, which may hold a million documents, may take to unpack, at least."""


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


@dataclass(frozen=True, slots=True)
class Archive:
    """An archive or crawl that was to be unpacked."""

    name: str
    dump: str
    """That it stands in, as that was given."""
    digest: str
    failure: str = ""
    """Why it is not unpacked; empty where it is."""
    attempts: int = 0
    """How often it was tried now; 0 where it had failed before."""


Found = Item | Bad | Other | Archive

Takes = Callable[[Path], bool]
"""Whether a file of a dump is taken now; where not, it is as if it were not there."""


def check(dumps: Sequence[Path]) -> None:
    """Raise InputError where one of the dumps is not there, or is no file or folder."""
    for dump in dumps:
        if not (dump.is_file() or dump.is_dir()):
            raise InputError(f"{dump}: there is no such file or folder; check the name.")


def gather(
    dumps: Sequence[Path],
    languages: tuple[str, str],
    room: Path,
    limits: Limits,
    *,
    columns: tuple[str, ...] = (),
    workers: int = 1,
    takes: Takes | None = None,
    quarantined: Mapping[str, str] = MappingProxyType({}),
) -> Iterator[Found]:
    """The items of the dumps: first of folders and files, then of archives, then web pages, whose translations may be in any of the dumps.

    room: a folder below which archives and crawls are unpacked, by processes under limits of their own. columns: the two of tables that
    hold texts which correspond row by row; without, tables are passed over, but for JSON Lines, which then hold a page a line.
    takes: which files of the dumps are there; None for all.
    quarantined: digests of archives and crawls that are not unpacked, and why.
    """
    gathering = _Gathering(languages, columns, room, takes or _everything)
    for dump in dumps:
        yield from gathering.of_dump(dump)
    batch = secrets.token_hex(8)
    opening = Guarded(_opener, (), replace(limits, seconds=max(limits.seconds, UNPACKING_S)), batch)
    with processes(workers, batch) as pool:
        while packed := gathering.taken():  # archives and crawls, then crawls in archives
            for each, ended in zip(packed, pool.reading.map(partial(_unpacked, opening, quarantined), packed), strict=True):
                yield from gathering.opened(each, *ended)
    pairs, others = pair_pages(latest(gathering.pages), languages)
    for group in (*pairs, *((page,) for page in others)):
        names = tuple(safe_name(page.address or page.id) for page in group)
        yield Item(names, tuple(page.path for page in group), gathering.pages[group[0]])


@dataclass(frozen=True, slots=True)
class _Packed:
    """An archive or crawl that a process is to unpack."""

    path: Path
    name: str
    dump: str
    folder: Path
    languages: tuple[str, str]


@dataclass(slots=True)
class _Gathering:
    """How dumps are looked through, and what is still to be unpacked of them."""

    languages: tuple[str, str]
    columns: tuple[str, ...]
    room: Path
    takes: Takes
    packed: list[_Packed] = field(default_factory=list)
    count: int = 0
    """Of archives and crawls until now."""
    pages: dict[WebPage, str] = field(default_factory=dict)
    """Those of crawls, and the dumps that hold them."""

    def of_dump(self, dump: Path) -> Iterator[Found]:
        name = dump.as_posix()
        if dump.is_dir():
            yield from self._of_folder(dump, name, name)
        elif not self.takes(dump):
            return
        elif is_archive(dump) or self._is_web_dump(dump):
            self._unpack(dump, name, name)
        elif self.columns and is_table(dump):
            yield self._table(dump, name, name)
        else:
            yield Item((safe_name(name),), (dump,), name)

    def taken(self) -> list[_Packed]:
        """What is to be unpacked now."""
        packed, self.packed = self.packed, []
        return packed

    def opened(self, packed: _Packed, archive: Archive | Bad, result: Result) -> Iterator[Found]:
        """What an archive holds; what is wrong with a crawl and what in it is no page, the pages being kept."""
        yield archive
        if isinstance(archive, Bad) or archive.failure:
            return
        if is_archive(packed.path):
            for inner, reason in result.value:
                yield Bad(safe_name(f"{packed.name}/{inner}"), reason)
            yield from self._of_folder(packed.folder, packed.name, packed.dump, in_archive=True)
        else:
            for found in spread_pages(packed.folder):
                if isinstance(found, WebPage):
                    page = found if found.address else replace(found, id=f"{packed.name}#{found.id}")
                    self.pages[page] = packed.dump
                elif isinstance(found, BadRecord):
                    yield Bad(safe_name(f"{packed.name}: {found.where}"), found.reason)
                else:
                    yield Other(safe_name(found.kind))

    def _of_folder(self, folder: Path, name: str, dump: str, *, in_archive: bool = False) -> Iterator[Found]:
        """A folder's pairs, then its other texts, each of which may hold both languages; its archives and crawls are to be unpacked."""
        try:
            pairs = find_pairs(folder, *self.languages)
        except InputError as error:
            yield Bad(safe_name(name), str(error))
            return
        takes = _everything if in_archive else self.takes
        others = list(pairs.unpaired)
        for pair in pairs.pairs:
            if all(map(is_document, pair)):
                if all(map(takes, pair)):
                    yield Item(tuple(safe_name(_name(name, folder, path)) for path in pair), pair, dump)
            else:
                others += pair  # two archives, two pictures
        for path in sorted(filter(takes, others)):
            inner = _name(name, folder, path)
            if is_archive(path) and in_archive:
                yield Bad(safe_name(inner), "an archive in an archive is not unpacked; unpack the outer one.")
            elif is_archive(path) or self._is_web_dump(path):
                self._unpack(path, inner, dump)
            elif self.columns and is_table(path):
                yield self._table(path, inner, dump)
            elif is_document(path):
                yield Item((safe_name(inner),), (path,), dump)
            else:
                yield Other(safe_name(suffix(path)))

    def _is_web_dump(self, path: Path) -> bool:
        return is_web_dump(path) and not (self.columns and is_table(path))

    def _unpack(self, path: Path, name: str, dump: str) -> None:
        self.packed.append(_Packed(path, name, dump, self.room / f"unpacked{self.count}", self.languages))
        self.count += 1

    def _table(self, path: Path, name: str, dump: str) -> Item:
        return Item(tuple(safe_name(f"{name}#{column}") for column in self.columns), (path,), dump, self.columns)


def _unpacked(opening: Guarded, quarantined: Mapping[str, str], packed: _Packed) -> tuple[Archive | Bad, Result]:
    """What became of it, unless it is one of those that are quarantined, and what the process that unpacked it says."""
    name = safe_name(packed.name)
    try:
        digest = _digest(packed.path)
    except OSError as error:
        return Bad(name, f"cannot be read: {error.strerror}; check its permissions."), Result()
    if digest in quarantined:
        return Archive(name, packed.dump, digest, quarantined[digest]), Result()
    result = tried(opening, packed)
    if not result.failure:
        return Archive(name, packed.dump, digest, attempts=1), result
    with suppress(OSError):  # one that has gone has changed too
        if _digest(packed.path) == digest:
            failure = result.failure.removeprefix(f"{packed.path.as_posix()}: ")
            return Archive(name, packed.dump, digest, failure, opening.limits.attempts), result
    return Bad(name, "it changed while it was unpacked; the next batch takes it as it is then."), result


def _digest(path: Path) -> str:
    """SHA-256 of the bytes. No item has the same: a file that failed as a page may be an archive under a better name."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _opener() -> Callable[[_Packed, At], list[tuple[str, str]]]:
    return _open


def _open(packed: _Packed, _at: At) -> list[tuple[str, str]]:
    if is_archive(packed.path):
        return unpack(packed.path, packed.folder)
    spread(packed.path, packed.folder, packed.languages)
    return []


def _everything(_path: Path) -> bool:
    return True


def _name(name: str, folder: Path, path: Path) -> str:
    return f"{name}/{path.relative_to(folder).as_posix()}"
