"""An aligner for tests of batches: it pairs sentence with sentence in no time, and does to its process what a text tells it to."""

from __future__ import annotations

import ctypes
import hashlib
import os
import re
import signal
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from aligner.alignment.mining import MinedPairs
from aligner.batch import items
from aligner.batch.leftovers import Sorting
from aligner.batch.stages import Reading
from aligner.formats import files
from aligner.types import Alignment, Bead, Document, Provenance, Segment


@dataclass(frozen=True, slots=True)
class ToySettings:
    """Stands in for `aligner.batch.Settings`."""

    weights: str = "w1"
    seconds: float = 0.0
    """How long an alignment takes."""
    source_lang: str = "fr"
    target_lang: str = "en"

    def aligner(self) -> ToyAligner:
        return ToyAligner(self)

    def configuration(self) -> str:
        return hashlib.sha256(self.weights.encode()).hexdigest()


class ToyAligner:
    def __init__(self, settings: ToySettings) -> None:
        if settings.weights == "broken":
            raise ValueError("the encoder cannot be loaded")
        if settings.weights == "deadly":
            os._exit(3)
        self._settings = settings

    def align_many(self, tasks: list[tuple[Document, ...]], *, keep: bool = True, remarks: bool = True) -> Iterator[Alignment]:
        for task in tasks:
            yield self.align(*task) if len(task) == 2 else self.align_page(*task)

    def align(self, source: Document, target: Document) -> Alignment:
        time.sleep(self._settings.seconds)
        sides = [segmented(document, lang) for document, lang in ((source, "fr"), (target, "en"))]
        beads = [Bead((number,), (number,), 0.9, 0.8) for number in range(min(len(side.segments) for side in sides))]
        for side, place in zip(sides, (0, 1), strict=True):
            spare = range(len(beads), len(side.segments))
            beads = [*beads, *(Bead(*(((number,), ()) if place == 0 else ((), (number,))), 0.5) for number in spare)]
        return Alignment(*sides, tuple(beads), "fr", "en", Provenance("0", "toy", "r", self._settings.weights))

    def align_page(self, page: Document) -> Alignment:
        for line in page.text.splitlines():
            suffer(line)
        page = segmented(page, "mul")
        count = len(page.segments) // 2
        beads = tuple(Bead((number,), (count + number,), 0.9, 0.8) for number in range(count))
        return Alignment(page, page, beads, "fr", "en", Provenance("0", "toy", "r", self._settings.weights))


@dataclass(frozen=True, slots=True)
class PairingSettings(ToySettings):
    """Of an aligner that takes two sentences with the same numbers for translations of each other, when it looks for pages that pair."""

    def aligner(self) -> PairingAligner:
        return PairingAligner(self)


class PairingAligner(ToyAligner):
    source_lang, target_lang = "fr", "en"

    def align_page(self, page: Document) -> Alignment:
        """Nothing in a page translates anything else in it."""
        page = segmented(page, "mul")
        sides = [segment.text.startswith("The ") for segment in page.segments]
        beads = tuple(Bead(*(((), (number,)) if is_target else ((number,), ())), 0.5) for number, is_target in enumerate(sides))
        return Alignment(page, page, beads, "fr", "en", Provenance("0", "toy", "r", self._settings.weights))

    def mined(self, source: list[str], target: list[str], *, memory: int) -> MinedPairs:
        places = {_numbers(text): place for place, text in enumerate(target)}
        links = [(place, places[_numbers(text)]) for place, text in enumerate(source) if _numbers(text) in places]
        lines, others = np.array(links, np.int64).reshape(-1, 2).T
        scores = np.full(len(links), 0.99)
        return MinedPairs(lines, others, scores, scores.astype(np.float32), scores.astype(np.float32))


def _numbers(text: str) -> tuple[str, ...]:
    return tuple(re.findall("[0-9]+", text))


FRENCH_PAGE, ENGLISH_PAGE = "Le bateau {} quitte le port avec {} marins.\n", "The boat {} leaves the harbour with {} sailors.\n"


def write_pages(folder: Path, page: str, numbers: range, rest: str = "") -> None:
    """Pages in one language, under names that pair with no other's; those of a number translate each other."""
    folder.mkdir(parents=True, exist_ok=True)
    for number in numbers:
        name = hashlib.sha256(f"{page}{number}".encode()).hexdigest()[:8]
        lines = [page.format(number, line) for line in range(3)]
        (folder / f"{name}.txt").write_text("".join([*lines, rest]), encoding="utf-8")


def suffer(order: str) -> None:
    """Do what the order says to this process, as bad documents make parsers do."""
    if order == "HANG":
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        while True:
            time.sleep(60)
    elif order == "LOOP":
        while True:
            pass
    elif order == "NATIVE":  # which keeps the interpreter, so that no handler of signals and no other thread has its turn
        re.match("(a+)+$", "a" * 60 + "b")
    elif order == "CRASH":
        ctypes.string_at(0)
    elif order == "HOG":
        hoard = []
        while True:
            hoard.append(b"x" * (64 << 20))
    elif order == "EXIT":
        os._exit(7)
    elif order == "RAISE":
        raise ValueError("a parser gave up")


MOST_READ = 1 << 25
"""Stands in for a gigabyte."""


class SufferingSorting(Sorting):
    """Stands in for `aligner.batch.leftovers.Sorting`, as SufferingReading for `Reading`."""

    def __init__(self, languages: tuple[str, str], room: Path) -> None:
        items.read_document = _read_and_suffer
        super().__init__(languages, room)


class SufferingReading(Reading):
    """Stands in for `aligner.batch.stages.Reading`: its process suffers what a text tells it to after `READER`, and it
    reads MOST_READ bytes of a file at most.
    """

    def __init__(self, room: Path) -> None:
        files.MAX_BYTES = MOST_READ
        items.read_document = _read_and_suffer
        super().__init__(room)


_read_document = items.read_document


def _read_and_suffer(path: Path) -> Document:
    document = _read_document(path)
    for line in document.text.splitlines():
        if line.startswith("READER "):
            suffer(line.removeprefix("READER "))
    return document


def segmented(document: Document, lang: str) -> Document:
    """A segment a line."""
    segments, end = [], 0
    for line in document.text.splitlines():
        start = document.text.index(line, end)
        end = start + len(line)
        if line:
            segments.append(Segment(line, start, end, lang))
    return Document(document.text, document.name, tuple(segments))


def write_pairs(folder: Path, names: list[str], lines: int = 3) -> None:
    """Pairs of small documents, NAME.fr.txt and NAME.en.txt."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in names:
        for lang, word in (("fr", "Phrase"), ("en", "Sentence")):
            (folder / f"{name}.{lang}.txt").write_text(
                "".join(f"{word} {number} of {name}.\n" for number in range(lines)), encoding="utf-8"
            )
