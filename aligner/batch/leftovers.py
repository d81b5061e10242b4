"""Pages that nothing pairs but what they say: those of a site that are in one language each, put together by their contents.

Which languages they are in is told where they are read. Only where a site has pages in both are these encoded, which aligning them would
have done anyway, and segments that translate each other vote for pairs of documents. Of every site a thousand pages at most are
compared with each other, for that costs the product of both sides.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from concurrent.futures import Future
from itertools import islice
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from aligner.batch.executors import Pool
from aligner.batch.guarding import At, Guarded, Result
from aligner.batch.items import Item, total_bytes
from aligner.batch.stages import Leftovers, hand_over
from aligner.naming import without_marks
from aligner.segmentation import language_shares

MOST_DOCUMENTS, MOST_BYTES = 1000, 1 << 24
"""Of a site that are compared with each other; what is more is compared among itself."""
MONOLINGUAL = 0.9
"""The share of a language from which on a page is in it alone."""

_log = logging.getLogger(__name__)


def pair_by_contents(
    pages: Mapping[str, Item], new: Collection[str], pool: Pool, guarded: tuple[Guarded, Guarded]
) -> Iterator[tuple[str, str]]:
    """Pairs of pages by digest, source and target, of which at least one is new.

    pages: by digest. guarded: `Sorting`, and what aligns. Raises BatchError where the machine is at fault, or a cluster.
    """
    sorting, pairing = guarded
    groups = _groups(pages, new)
    while some := list(islice(groups, pool.capacity)):
        read = [pool.reading.submit(sorting, [pages[digest] for digest in group]) for group in some]
        sorted_ = [_value(future) for future in read]
        asked = [pool.aligning.submit(pairing, each) if each is not None else None for each in sorted_]
        for group, future in zip(some, asked, strict=True):
            for source, target in _value(future) or () if future is not None else ():
                if group[source] in new or group[target] in new:
                    yield group[source], group[target]


class Sorting:
    """Reads pages and tells those apart that are in one language or the other."""

    def __init__(self, languages: tuple[str, str], room: Path) -> None:
        self._languages, self._room = languages, room

    def __call__(self, items: Sequence[Item], at: At) -> Leftovers | None:
        """The pages in either language, with their numbers; None where one of the languages has none. Bad ones are in neither."""
        sides: list[list[tuple[int, Any]]] = [[], []]
        for number, item in enumerate(items):
            at(number, 1)
            try:
                (document,) = item.documents()
            except Exception:  # whatever a parser raises: it stays a page, and reading it for aligning says what is wrong
                continue
            shares = language_shares(document)
            for side, language in zip(sides, self._languages, strict=True):
                if shares.get(language, 0.0) >= MONOLINGUAL:
                    side.append((number, document))
        return Leftovers(hand_over(sides, self._room), sum(map(len, sides))) if all(sides) else None


def _groups(pages: Mapping[str, Item], new: Collection[str]) -> Iterator[list[str]]:
    """The pages of each site, by name, in as many groups as it takes, of which those with something new in them."""
    sites: dict[str, list[str]] = defaultdict(list)
    for digest, item in pages.items():
        sites[_site(item)].append(digest)
    for site in sorted(sites):
        group: list[str] = []
        size = 0
        for digest in sorted(sites[site], key=lambda each: without_marks(pages[each].name)):
            bytes_ = total_bytes(pages[digest])
            if len(group) == MOST_DOCUMENTS or size + bytes_ > MOST_BYTES:
                yield from _worth_it(group, new)
                group, size = [], 0
            group.append(digest)
            size += bytes_
        yield from _worth_it(group, new)


def _worth_it(group: list[str], new: Collection[str]) -> Iterator[list[str]]:
    if len(group) > 1 and any(digest in new for digest in group):
        yield group


def _site(item: Item) -> str:
    """Where partners are looked for: in the site of a web page, whatever the language in its host's name; else in the dump."""
    host = urlsplit(item.name).hostname if "://" in item.name else None
    return item.dump if host is None else without_marks(host)


def _value(future: Future[Any]) -> Any:
    """What a stage made; nothing, and a warning, where it failed: these pages stay alone."""
    result: Result = future.result()
    if result.failure:
        _log.warning("pages were not paired by their contents: %s", result.failure)
    return result.value
