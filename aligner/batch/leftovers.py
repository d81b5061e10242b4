"""Pages that nothing pairs but what they say: those of a site that are in one language each, put together by their contents.

Which languages they are in is told where they are read. Only where a site has pages in both are these encoded, which aligning them would
have done anyway, and segments that translate each other vote for pairs of documents. Of every site a thousand pages at most are
compared with each other, for that costs the product of both sides.
"""

from __future__ import annotations

import logging
from collections import Counter, defaultdict, deque
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import replace
from operator import itemgetter
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from aligner.batch.executors import Pool, settled
from aligner.batch.guarded_process import At
from aligner.batch.guarding import Guarded, Result
from aligner.batch.items import Item, total_bytes
from aligner.batch.stages import Leftovers, hand_over
from aligner.naming import without_marks
from aligner.segmentation import language_shares
from aligner.types import Document

MOST_DOCUMENTS, MOST_BYTES = 1000, 1 << 24
"""Of a site that are compared with each other; what is more is compared among itself."""
MONOLINGUAL = 0.9
"""The share of a language from which on a page is in it alone."""

Group = tuple[str, ...]
"""Digests of pages."""

_log = logging.getLogger(__name__)


def groups_of(pages: Mapping[str, Item], new: Collection[str]) -> list[list[str]]:
    """The pages of each site, by digest, in as many groups as it takes, of which those with something new in them."""
    sites: dict[str, list[str]] = defaultdict(list)
    for digest, item in pages.items():
        sites[_site(item)].append(digest)
    groups: list[list[str]] = []
    for site in sorted(sites):
        group: list[str] = []
        size = 0
        for digest in sorted(sites[site], key=lambda each: without_marks(pages[each].name)):
            bytes_ = total_bytes(pages[digest])
            if len(group) == MOST_DOCUMENTS or size + bytes_ > MOST_BYTES:
                groups.append(group)
                group, size = [], 0
            group.append(digest)
            size += bytes_
        groups.append(group)
    return [group for group in groups if len(group) > 1 and any(digest in new for digest in group)]


def pair_by_contents(
    pages: Mapping[str, Item], groups: Iterable[Sequence[str]], new: Collection[str], pool: Pool, guarded: tuple[Guarded, Guarded]
) -> Iterator[tuple[str, str]]:
    """Pairs of pages of a group, by digest, source and target. Where nothing of it is `new`, it was compared before.

    guarded: `Sorting`, and what aligns. What fails is tried again, as documents are, for a process may have been killed by chance. Then a
    page that harms the process that reads it is left out: aligning it will say what is wrong. Of a group that cannot be compared the
    halves are. Raises BatchError where the machine is at fault, or a cluster.
    """
    sorting, pairing = guarded
    left = _Left(groups, new, sorting.limits.attempts)
    while some := left.taken(pool.capacity):
        read = [pool.reading.submit(sorting, [(pages[digest], digest in new) for digest in group]) for group in some]
        asked: list[tuple[Group, Future[Any]]] = []
        for group, future in zip(some, read, strict=True):
            result = settled(future)
            if result.failure:
                left.failed(group, result)
            elif result.value is not None:
                asked.append((group, pool.aligning.submit(pairing, result.value)))
        for group, future in asked:
            result = settled(future)
            if result.failure:
                left.failed(group, replace(result, at=None))
            for source, target in result.value or ():
                yield group[source], group[target]


class _Left:
    """Groups that are still to be compared."""

    def __init__(self, groups: Iterable[Sequence[str]], new: Collection[str], attempts: int) -> None:
        self._groups = deque(map(tuple, groups))
        self._new = new
        self._attempts = attempts
        self._failures: Counter[Group] = Counter()

    def taken(self, most: int) -> list[Group]:
        """The next ones."""
        return [self._groups.popleft() for _ in range(min(len(self._groups), most))]

    def failed(self, group: Group, result: Result) -> None:
        """Take back a group that failed, or, where it did so too often, the rest without the page that it was at, or else its halves."""
        at = result.at
        blamed = group if at is None else (group[at],)
        self._failures[blamed] += 1
        if self._failures[blamed] < self._attempts:
            parts = [group]
        elif at is not None:
            parts = [(*group[:at], *group[at + 1 :])]
        else:
            _log.warning("%d pages cannot be compared all at once, but by halves: %s", len(group), result.failure)
            middle = len(group) // 2
            parts = [group[:middle], group[middle:]]
        self._groups.extend(part for part in parts if len(part) > 1 and any(digest in self._new for digest in part))


class Sorting:
    """Reads pages and tells those apart that are in one language or the other."""

    def __init__(self, languages: tuple[str, str], room: Path) -> None:
        self._languages, self._room = languages, room

    def __call__(self, pages: Sequence[tuple[Item, bool]], at: At) -> Leftovers | None:
        """The pages in either language, with their numbers; None where one of the languages has none, and where none of those that are
        new, as the second values say, is in either: the others were compared before, and are not even read. Bad ones are in neither.
        """
        sides: list[list[tuple[int, Document]]] = [[], []]
        for are_new in (True, False):
            for number, (item, is_new) in enumerate(pages):
                if is_new is are_new:
                    at(number, 1)
                    self._sort(number, item, sides)
            if not any(sides):
                return None
        if not all(sides):
            return None
        in_order = [sorted(side, key=itemgetter(0)) for side in sides]
        return Leftovers(hand_over(in_order, self._room), sum(map(len, sides)))

    def _sort(self, number: int, item: Item, sides: Sequence[list[tuple[int, Document]]]) -> None:
        try:
            (document,) = item.documents()
        except Exception:  # whatever a parser raises: it stays a page, and reading it for aligning says what is wrong
            return
        shares = language_shares(document)
        for side, language in zip(sides, self._languages, strict=True):
            if shares.get(language, 0.0) >= MONOLINGUAL:
                side.append((number, document))


def _site(item: Item) -> str:
    """Where partners are looked for: in the site of a web page, whatever the language in its host's name; else in the dump."""
    host = urlsplit(item.name).hostname if "://" in item.name else None
    return item.dump if host is None else without_marks(host)
