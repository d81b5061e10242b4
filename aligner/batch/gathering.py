"""What dumps hold: pairs of documents whose names tell their languages, tables, and pages, from files, folders, archives and crawls."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from aligner.batch.addresses import latest, pair_pages
from aligner.batch.archives import Archive, Archives, Looked, Packed, Unreadable
from aligner.batch.items import Content, Item, safe_name
from aligner.batch.unpacking import Member, Refused, is_archive
from aligner.batch.web_dumps import Passed, WebPage, is_web_dump
from aligner.dumps import find_documents, is_document, is_table, pair_files
from aligner.errors import InputError
from aligner.formats.files import suffix
from aligner.formats.warc import BadRecord


@dataclass(frozen=True, slots=True)
class PassedOver:
    """A file of a dump, or a record of a crawl, that is no text."""

    kind: str
    """The file's suffix, or the record's media type."""


Gathered = Item | Unreadable | PassedOver | Archive
"""What becomes an alignment, what cannot be looked into, what is no text, and what became of an archive or crawl."""

Takes = Callable[[Path], bool]
"""Whether a file of a dump is taken now; where not, it is as if it were not there."""


def check(dumps: Sequence[Path]) -> None:
    """Raise InputError where one of the dumps is not there, or is no file or folder."""
    for dump in dumps:
        if not (dump.is_file() or dump.is_dir()):
            raise InputError(f"{dump}: there is no such file or folder; check the name.")


def gather(
    dumps: Sequence[Path], languages: tuple[str, str], archives: Archives, *, columns: tuple[str, ...] = (), takes: Takes | None = None
) -> Iterator[Gathered]:
    """The items of the dumps: first of folders and files, then of archives, then web pages, whose translations may be in any of the dumps.

    archives: looks into archives and crawls; the files of one that it remembers are not on disk until it opens it. columns: the two columns
    of tables whose cells correspond row by row; without them tables are passed over, but for JSON Lines, which then hold a page a line.
    takes: whether a file of the dumps is taken; None for all.
    """
    gathering = _Gathering(languages, columns, takes or _everything)
    for dump in dumps:
        yield from gathering.of_dump(dump)
    while packed := gathering.taken():  # archives and crawls, then crawls in archives
        for each in archives.look_into(packed):
            yield from gathering.of_archive(each)
    pairs, others = pair_pages(latest(gathering.pages), languages)
    for group in (*pairs, *((page,) for page in others)):
        names, contents = zip(*((safe_name(page.address or page.id), page.content) for page in group), strict=True)
        yield Item(names, tuple(page.path for page in group), gathering.pages[group[0]], contents=contents)


@dataclass(frozen=True, slots=True)
class _Folder:
    """A folder of a dump, or what an archive unpacks to."""

    path: Path
    name: str
    dump: str
    contents: Mapping[Path, Content] = field(default_factory=dict)
    """Of an archive's files, which need not be there."""
    archive: Archive | None = None

    def item(self, *paths: Path) -> Item:
        contents = tuple(self.contents[path] for path in paths) if self.archive else ()
        return Item(tuple(safe_name(self.name_of(path)) for path in paths), paths, self.dump, contents=contents)

    def name_of(self, path: Path) -> str:
        return f"{self.name}/{path.relative_to(self.path).as_posix()}"


@dataclass(slots=True)
class _Gathering:
    """How dumps are looked through, and what is still to be looked into of them."""

    languages: tuple[str, str]
    columns: tuple[str, ...]
    takes: Takes
    packed: list[Packed] = field(default_factory=list)
    pages: dict[WebPage, str] = field(default_factory=dict)
    """Those of crawls, and the dumps that hold them."""

    def of_dump(self, dump: Path) -> Iterator[Gathered]:
        name = dump.as_posix()
        if dump.is_dir():
            try:
                files = find_documents(dump)
            except InputError as error:
                yield Unreadable(safe_name(name), str(error))
            else:
                yield from self._of_folder(_Folder(dump, name, name), files, self.takes)
        elif not self.takes(dump):
            return
        elif is_archive(dump) or self._is_web_dump(dump):
            self.packed.append(Packed(dump, name, name))
        else:
            item = Item((safe_name(name),), (dump,), name)
            yield self._of_table(item, name) if self.columns and is_table(dump) else item

    def taken(self) -> list[Packed]:
        """What is to be looked into now."""
        packed, self.packed = self.packed, []
        return packed

    def of_archive(self, looked: Looked) -> Iterator[Gathered]:
        """What an archive holds; what is wrong with a crawl and what in it is no page, the pages being kept."""
        packed, archive = looked.packed, looked.archive
        yield archive
        if isinstance(archive, Unreadable) or archive.failure:
            return
        files: dict[Path, Content] = {}
        for each in looked.contents:
            if isinstance(each, Member):
                files[each.path] = each.content
            elif isinstance(each, WebPage):
                page = each if each.address else replace(each, id=f"{packed.name}#{each.id}")
                self.pages[page] = packed.dump
            elif isinstance(each, Refused):
                yield _unreadable_part(archive, packed.name, f"/{each.name}", each.reason)
            elif isinstance(each, BadRecord):
                yield _unreadable_part(archive, packed.name, f": {each.where}", each.reason)
            elif isinstance(each, Passed):
                yield from (PassedOver(safe_name(each.kind)) for _ in range(each.count))
        folder = _Folder(looked.folder, packed.name, packed.dump, files, archive)
        yield from self._of_folder(folder, list(files), _everything)

    def _of_folder(self, folder: _Folder, files: Sequence[Path], takes: Takes) -> Iterator[Gathered]:
        """A folder's pairs, then its other texts, each of which may hold both languages; its archives and crawls are to be looked into."""
        pairs = pair_files(folder.path, files, *self.languages)
        others = list(pairs.unpaired)
        for pair in pairs.pairs:
            if all(map(is_document, pair)):
                if all(map(takes, pair)):
                    yield folder.item(*pair)
            else:
                others += pair  # two archives, two pictures
        for path in sorted(filter(takes, others)):
            name = folder.name_of(path)
            if is_archive(path) and folder.archive is not None:
                part = name.removeprefix(folder.name)
                yield _unreadable_part(folder.archive, folder.name, part, "an archive in an archive is not unpacked; unpack the outer one.")
            elif is_archive(path) or self._is_web_dump(path):
                self.packed.append(Packed(path, name, folder.dump, folder.contents.get(path)))
            elif self.columns and is_table(path):
                yield self._of_table(folder.item(path), name)
            elif is_document(path):
                yield folder.item(path)
            else:
                yield PassedOver(safe_name(suffix(path)))

    def _is_web_dump(self, path: Path) -> bool:
        return is_web_dump(path) and not (self.columns and is_table(path))

    def _of_table(self, item: Item, name: str) -> Item:
        return replace(item, names=tuple(safe_name(f"{name}#{column}") for column in self.columns), columns=self.columns)


def _unreadable_part(archive: Archive, whole: str, part: str, reason: str) -> Unreadable:
    """A part of an archive that cannot be read: known by the bytes of that, whatever it is called, and by what the part is called."""
    digest = hashlib.sha256(f"{archive.digest}{safe_name(part)}".encode())
    return Unreadable(safe_name(f"{whole}{part}"), reason, archive.dump, digest.hexdigest())


def _everything(_path: Path) -> bool:
    return True
