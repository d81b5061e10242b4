"""Dumps of many web pages (WARC, WET, JSON Lines with a page a line): a file for each page.

Files, a thousand in a folder, and not one great file with places in it: what reads, hashes and aligns a document knows files, and
writing and hashing them takes a hundredth of a millisecond, where encoding a page takes a hundred.
"""

from __future__ import annotations

import hashlib
import shutil
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from aligner.batch.items import Content
from aligner.batch.unpacking import MOST_BYTES, MOST_FILES, MOST_TIMES_PACKED
from aligner.formats.captures import Capture, NoPage, captured, read_page_lines
from aligner.formats.files import suffix
from aligner.formats.warc import BadRecord, read_warc
from aligner.naming import code_of

_WARC, _LINES = (".warc", ".wet"), (".jsonl", ".ndjson")
_IN_A_FOLDER = 1000
_MOST_TOLD = 100
"""Bad records of one dump that are named one by one; the others are counted."""


@dataclass(frozen=True, slots=True)
class WebPage:
    """A page of a dump, in a file of its own."""

    address: str
    """Where it was; empty where the dump does not tell."""
    id: str
    """What it is known by where it has no address."""
    path: Path
    date: str
    lang: str
    """ISO 639-1 code of the language that the page, or the dump, says it is in; empty where neither does."""
    alternates: tuple[tuple[str, str], ...]
    """Code and address of its versions in the languages that are wanted, as the page names them; it may name itself."""
    content: Content


@dataclass(frozen=True, slots=True)
class Passed:
    """Records that are no pages."""

    kind: str
    """Their media type, or what else they are."""
    count: int


def is_web_dump(path: Path) -> bool:
    """Whether its name says that it holds many pages."""
    return suffix(path) in (*_WARC, *_LINES)


def spread(dump: Path, folder: Path, languages: tuple[str, str]) -> Iterator[WebPage | BadRecord | Passed]:
    """The pages of the dump, each of which has been written to a file below a new folder when it comes, and what is no page.

    Where they are more than one archive may hold, the rest is one bad record. Raises InputError for what is no such dump, or is damaged
    as a whole.
    """
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return _Spreading(folder, languages, dump.stat().st_size).found(_read(dump))


def _read(dump: Path) -> Iterator[Capture | BadRecord | NoPage]:
    if suffix(dump) in _LINES:
        yield from read_page_lines(dump)
        return
    for record in read_warc(dump):
        page = record if isinstance(record, BadRecord) else captured(record)
        if page is not None:
            yield page


@dataclass(slots=True)
class _Spreading:
    """How far the pages of a dump are written to files."""

    folder: Path
    languages: tuple[str, str]
    packed_bytes: int
    """Of the dump as it lies on disk, which bounds what it may unpack to."""
    pages: int = 0
    written: int = 0
    """Bytes of the pages until now."""
    bad: int = 0
    """Records that could not be read."""
    passed: Counter[str] = field(default_factory=Counter)
    """Records that are no pages, by kind."""

    def found(self, read: Iterable[Capture | BadRecord | NoPage]) -> Iterator[WebPage | BadRecord | Passed]:
        """Everything that was read, the pages as files: each has been written when it comes."""
        most = min(MOST_BYTES, (1 << 20) + MOST_TIMES_PACKED * self.packed_bytes)
        for each in read:
            if isinstance(each, NoPage):
                self.passed[each.kind] += 1
            elif isinstance(each, BadRecord):
                self.bad += 1
                if self.bad <= _MOST_TOLD:
                    yield each
            elif self.pages == MOST_FILES or self.written + len(each.data) > most:
                reason = f"it and what follows is not read: {MOST_FILES:,} pages and {most:,} bytes at most; split it."
                yield BadRecord(each.address or each.id, reason)
                break
            else:
                yield self._write(each)
        if self.bad > _MOST_TOLD:
            yield BadRecord("others", f"{self.bad - _MOST_TOLD:,} more bad records or lines, which are not told one by one.")
        yield from (Passed(kind, count) for kind, count in sorted(self.passed.items()))

    def _write(self, page: Capture) -> WebPage:
        folder, number = divmod(self.pages, _IN_A_FOLDER)
        path = self.folder / f"{folder:04}" / f"{number:03}{page.kind}"
        if not number:
            path.parent.mkdir()
        path.write_bytes(page.data)
        self.pages += 1
        self.written += len(page.data)
        alternates = tuple((code, to) for lang, to in page.alternates if (code := code_of(lang)) in self.languages)
        content = Content(len(page.data), hashlib.sha256(page.data).hexdigest())
        return WebPage(page.address, page.id, path, page.date, code_of(page.lang), alternates, content)
