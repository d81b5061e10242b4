"""What is marked as repeating itself in generated sites, of what does and does not; and what it costs.

    python benchmarks/repeats.py [--documents 300] [--url postgresql+pg8000://…] [SCENE ...]

Without --url the corpus is a SQLite file in a new folder. A line a scene: of the units that are boilerplate, the share that is marked; of
those that are not, the share that is marked all the same; the same of documents that are near copies; the units that an export
leaves out though nothing else says what they say; milliseconds of our processor a document, and the same for those that come when
1 % more are added. Scenes:

    news       menus, section menus, a cookie notice, numbered footers around 3 to 15 sentences
    jitter     the same, with menu items missing (1 of 20) or aligned together with the next one (1 of 10), other ones on every page
    thin       a menu of 40 items around a single sentence
    laws       numbered articles and formulas around sentences of their own; long formulas count as boilerplate
    debates    courtesies between sentences, in most documents
    dialogues  short utterances alone, the frequent ones very frequent
    contracts  the same 40 sentences, 6 of them with names of their own
    prints     articles, of every tenth of which there are 12 versions with a few words changed
    plain      sentences that nothing repeats, 20 in a document, for the cost
"""

from __future__ import annotations

import argparse
import random
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import accumulate
from pathlib import Path

from sqlalchemy import select

from aligner.corpus import Corpus
from aligner.corpus.repeats.tables import boilerplate, copies
from aligner.types import Alignment, Bead, Document, Provenance, TranslationUnit

Link = tuple[str, str]


@dataclass(slots=True)
class Page:
    """A document with what is true of it."""

    links: list[Link]
    repeated: set[Link] = field(default_factory=set)
    """Those that are boilerplate."""
    is_copy: bool = False


class Words:
    """Makes sentences of invented words, of which a few are frequent, as in a language."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        letters = "aeioubcdlmnprstv"
        made = {"".join(self.random.choices(letters, k=self.random.randint(2, 9))) for _ in range(30_000)}
        self._words = sorted(made)
        self.random.shuffle(self._words)
        self._weights = list(accumulate(1 / (rank + 5) for rank in range(len(self._words))))

    def link(self, least: int = 6, most: int = 25) -> Link:
        """A sentence and its translation."""
        size = self.random.randint(least, most)
        one, other = (" ".join(self.random.choices(self._words, cum_weights=self._weights, k=size)) for _ in range(2))
        return f"{one.capitalize()}.", f"{other.capitalize()}."

    def changed(self, link: Link) -> Link:
        """The same with a word changed on either side."""
        sides = []
        for text in link:
            words = text.split()
            words[self.random.randrange(len(words))] = self.random.choice(self._words)
            sides.append(" ".join(words))
        return sides[0], sides[1]


def news(words: Words, documents: int) -> Iterator[Page]:
    menu, notice = [words.link(1, 3) for _ in range(12)], [words.link(10, 20) for _ in range(2)]
    sections = [[words.link(1, 3) for _ in range(5)] for _ in range(3)]
    for number in range(documents):
        year, page, pages = 2015 + number % 9, number % 7 + 1, number % 3 + 7
        footer = [
            (f"© {year} Ville de Lyon", f"© {year} City of Lyon"),
            (f"Page {page} sur {pages}", f"Page {page} of {pages}"),
        ]
        head = [*menu, *sections[number % 3]]
        body = [words.link() for _ in range(words.random.randint(3, 15))]
        yield Page([*notice, *head, *body, *footer], {*notice, *head, *footer})


def jitter(words: Words, documents: int) -> Iterator[Page]:
    for page in news(words, documents):
        links: list[Link] = []
        repeated: set[Link] = set()
        waiting: list[Link] = []
        for link in page.links:
            is_repeated = link in page.repeated
            if is_repeated and words.random.random() < 0.05:
                continue
            if waiting and not is_repeated:
                links.append(waiting[0])
                waiting = []
            waiting.append(link)
            if is_repeated and words.random.random() < 0.1:
                continue
            made = " ".join(source for source, _ in waiting), " ".join(target for _, target in waiting)
            links.append(made)
            if is_repeated:
                repeated.add(made)
            waiting = []
        yield Page(links, repeated)


def thin(words: Words, documents: int) -> Iterator[Page]:
    menu = [words.link(1, 3) for _ in range(40)]
    for _ in range(documents):
        yield Page([*menu, words.link()], set(menu))


def laws(words: Words, documents: int) -> Iterator[Page]:
    formula = words.link(12, 20)
    for _ in range(documents):
        links = [words.link(), ("Considérant ce qui suit :", "Whereas:"), words.link()]
        for article in range(1, words.random.randint(3, 12)):
            links += [(f"Article {article}", f"Article {article}"), *(words.link() for _ in range(words.random.randint(1, 4)))]
        yield Page([*links, formula], {formula})


def debates(words: Words, documents: int) -> Iterator[Page]:
    said = [
        ("Merci.", "Thank you."),
        ("Merci, Monsieur le Président.", "Thank you, Mr President."),
        ("Je vous remercie.", "Thank you very much."),
        ("Vous avez la parole.", "You have the floor."),
        ("Le débat est clos.", "The debate is closed."),
    ]
    for _ in range(documents):
        links: list[Link] = []
        for _ in range(words.random.randint(5, 12)):
            links += [words.random.choice(said), *(words.link() for _ in range(words.random.randint(1, 4)))]
        yield Page([*links, said[-1]])


def dialogues(words: Words, documents: int) -> Iterator[Page]:
    said = [words.link(1, 5) for _ in range(500)]
    weights = [1 / (rank + 1) for rank in range(500)]
    for _ in range(documents):
        links: list[Link] = []
        for link in words.random.choices(said, weights, k=15):
            links += [link, words.link(2, 9)]
        yield Page(links)


def contracts(words: Words, documents: int) -> Iterator[Page]:
    text = [words.link(15, 25) for _ in range(40)]
    for number in range(documents):
        filled = [words.changed(link) if place % 7 == 0 else link for place, link in enumerate(text)]
        yield Page(filled, is_copy=number > 0)


def prints(words: Words, documents: int) -> Iterator[Page]:
    original: list[Link] = []
    for number in range(documents):
        if number % 20 in range(1, 12):
            links = [words.changed(link) if words.random.random() < 0.1 else link for link in original]
            yield Page(links, is_copy=True)
        else:
            original = [words.link() for _ in range(20)]
            yield Page(original)


def plain(words: Words, documents: int) -> Iterator[Page]:
    for _ in range(documents):
        yield Page([words.link() for _ in range(20)])


SCENES: dict[str, Callable[[Words, int], Iterator[Page]]] = {
    scene.__name__: scene for scene in (news, jitter, thin, laws, debates, dialogues, contracts, prints, plain)
}


def alignment(links: list[Link], name: str) -> Alignment:
    """A page as it comes out of the aligner."""
    source, target = (Document.of_segments([link[side] for link in links], f"{name}.{lang}") for side, lang in enumerate(("fr", "en")))
    beads = tuple(Bead((k,), (k,), 0.9, 0.8) for k in range(len(links)))
    return Alignment(source, target, beads, "fr", "en", Provenance("1", "encoder", "r", "w"))


def unit_ids(links: set[Link]) -> set[str]:
    return {TranslationUnit("fr", "en", *link).id for link in links}


def share(some: int, of: int) -> str:
    return f"{some / of:7.3f}" if of else "      –"


def measure(name: str, documents: int, url: str | Path) -> str:
    """The line of a scene."""
    more = max(1, documents // 100)
    pages = list(SCENES[name](Words(len(name)), documents + more))
    numbers: dict[int, Page] = {}
    with Corpus(url) as corpus:
        costs = []
        for some in (pages[:documents], pages[documents:]):
            for page in some:
                added = corpus.add(alignment(page.links, f"https://{name}.example/{len(numbers)}"))
                numbers.setdefault(added.alignment, page)  # a version without a change is the same document
            began = time.process_time()
            corpus.mark_repeats()
            costs.append((time.process_time() - began) * 1000 / len(some))
        with corpus.reading() as connection:
            marked = set(connection.scalars(select(boilerplate.c.unit)))
            found = set(connection.scalars(select(copies.c.alignment)))
        left_out = corpus.repeated_units()
    is_boilerplate = unit_ids({link for page in pages for link in page.repeated})
    others = unit_ids({link for page in pages for link in page.links}) - is_boilerplate
    is_copy = {number for number, page in numbers.items() if page.is_copy}
    own = unit_ids({link for page in pages if not page.is_copy for link in page.links}) - is_boilerplate
    cells = [
        share(len(marked & is_boilerplate), len(is_boilerplate)),
        share(len(marked & others), len(others)),
        share(len(found & is_copy), len(is_copy)),
        share(len(found - is_copy), len(numbers) - len(is_copy)),
        f"{len(left_out.keys() & own):4}/{len(own)}",
    ]
    return f"{name:10} {' '.join(cells):46} {costs[0]:6.1f} {costs[1]:6.1f}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("scenes", nargs="*", default=list(SCENES))
    parser.add_argument("--documents", type=int, default=300)
    parser.add_argument("--url")
    arguments = parser.parse_args()
    print("scene      boiler-   other    near   other lost            ms a   of 1 %")
    print("             plate   units  copies    docs                 doc     more")
    for name in arguments.scenes:
        with tempfile.TemporaryDirectory() as folder:
            print(measure(name, arguments.documents, arguments.url or Path(folder, "corpus.db")), flush=True)


if __name__ == "__main__":
    main()
