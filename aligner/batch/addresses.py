"""Which web page is the translation of which: by the links between them, by their addresses, and by what they say of their language."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from urllib.parse import unquote, urlsplit

from aligner.batch.web_dumps import WebPage
from aligner.naming import only_pairs, pair_names

Pair = tuple[WebPage, WebPage]


def latest(pages: Iterable[WebPage]) -> list[WebPage]:
    """The pages, of each address the one that was captured last; of the same date the one that comes last."""
    found: dict[str, WebPage] = {}
    for page in pages:
        name = _plain(page)
        if (known := found.get(name)) is None or page.date >= known.date:
            found[name] = page
    return list(found.values())


def pair_pages(pages: Sequence[WebPage], languages: tuple[str, str]) -> tuple[list[Pair], list[WebPage]]:
    """Pairs of pages, source and target, and the pages that are left.

    First those that name each other as their version in the other language (hreflang); then those whose addresses differ in the
    language alone (https://example.org/fr/notice with …/en/notice, ?lang=fr, fr.example.org); then those of which one address says its
    language and the other, which is the same without, does not, but its page does (/fr/notice with /notice). A page that could pair
    with several is left.
    """
    names = {number: _plain(page) for number, page in enumerate(pages)}
    pairs: list[tuple[int, int]] = []
    for way in (_by_links, _by_names, _by_missing_marks):
        found = way(pages, names, languages)
        pairs += found
        for pair in found:
            for number in pair:
                del names[number]
    return [(pages[source], pages[target]) for source, target in sorted(pairs)], [pages[number] for number in names]


def _plain(page: WebPage) -> str:
    return _plain_address(page.address) if page.address else page.id


def _plain_address(address: str) -> str:
    """The address without what may differ between two of one page."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return address
    query = f"?{parts.query}" if parts.query else ""
    return unquote(f"{parts.netloc.lower().removeprefix('www.')}{parts.path.rstrip('/')}{query}")


def _by_links(pages: Sequence[WebPage], names: Mapping[int, str], languages: tuple[str, str]) -> list[tuple[int, int]]:
    """Pages of which at least one names the other as its version in the other language."""
    numbers = {name: number for number, name in names.items()}
    candidates = []
    for number, name in names.items():
        alternates = {_plain_address(address): lang for lang, address in pages[number].alternates}
        own = alternates.pop(name, "") or pages[number].lang
        for address, lang in alternates.items():
            if (other := numbers.get(address)) is not None:
                if (own, lang) == languages:
                    candidates.append((number, other))
                elif (lang, own) == languages:
                    candidates.append((other, number))
    return only_pairs(candidates)


def _by_names(_pages: Sequence[WebPage], names: Mapping[int, str], languages: tuple[str, str]) -> list[tuple[int, int]]:
    return pair_names(names, *languages)


def _by_missing_marks(pages: Sequence[WebPage], names: Mapping[int, str], languages: tuple[str, str]) -> list[tuple[int, int]]:
    by_name = defaultdict(list)
    for number, name in names.items():
        by_name[name].append(number)
    candidates = []
    for marked, unmarked in (languages, languages[::-1]):
        for number, name in names.items():
            for bare in _without_mark(name, marked):
                for other in by_name.get(bare, ()):
                    if pages[other].lang == unmarked:
                        candidates.append((number, other) if marked == languages[0] else (other, number))
    return only_pairs(candidates)


def _without_mark(name: str, lang: str) -> Iterator[str]:
    """The address without its language: a folder, a domain, the end of a file's name, or a field of the query."""
    code = rf"{re.escape(lang)}(?:[-_][a-z][a-z])?"
    for mark in (rf"/{code}(?=[/?]|$)", rf"^{code}\.", rf"[-_.]{code}(?=\.[a-z]+$|$)", rf"\?\w+={code}$|\?\w+={code}&|&\w+={code}(?=&|$)"):
        bare = re.sub(mark, lambda match: "?" if match[0].endswith("&") else "", name, count=1, flags=re.IGNORECASE)
        if bare != name:
            yield bare.rstrip("/")
