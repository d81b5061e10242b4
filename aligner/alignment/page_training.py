"""Learning how much a page's layout says: from gold documents laid out as pages, of which parts are hidden.

Languages stand in turns or one after the other, few of the texts are translated or all, and lines of other documents
stand around and between them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from random import Random
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from aligner.alignment.layout import Example, fit_layout
from aligner.alignment.pages import PossibleLinks, possible_links
from aligner.alignment.training import GoldPair
from aligner.alignment.weights import Weights
from aligner.types import Bead, Document, Embed, normalised

SHARES = (0.0, 0.0, 0.1, 0.5, 0.9, 1.0)
"""Shares of the paragraphs that stand in both languages: most real pages hold no translation, the others few or nothing else."""
GOLD_BEADS = 30
"""Gold beads a page."""
STRETCHES = 4
"""Stretches of a document, of GOLD_BEADS each, that pages are made of, two of each."""
LONGEST_PARAGRAPH = 3
"""Beads."""
GROUPS = (1, 1, 1, 3, GOLD_BEADS)
"""Paragraphs of one language that follow each other before those of the other: in turns, or one language after the other."""
STRANGERS, MOST_AROUND = 0.07, 5
"""Lines of other documents, like menus, dates and advertisements: for each paragraph, and at head and foot of the page."""
IN_LINES = 0.6
"""Share of the pages whose segments are whole paragraphs; those of the others are sentences."""

LOOK_ALIKE, LOOKED_THROUGH = 0.25, 6
"""How often two of them, one in each language, are the most alike of so many that were drawn: menus of web sites are all of one subject."""

_LANGUAGES = ("source", "target")
_Texts = tuple[tuple[str, ...], tuple[str, ...]]
"""Source and target texts that translate each other; one side may be empty."""
_Line = tuple[int, list[str]]
"""A paragraph: the number of its language, and its texts."""
_Strangers = Sequence[list[tuple[str, NDArray[np.float32]]]]
"""For each language the lines of all documents with their vectors."""


class _Page(NamedTuple):
    document: Document
    translations: set[_Texts]


def train_layout(pairs: Sequence[GoldPair], embed: Embed, weights: Weights, *, seed: int = 0) -> NDArray[np.float64]:
    """float64 (len(LAYOUT_FEATURES),): weights of the model that judges a page's links together; those of `weights` judge them alone."""
    recurring = {_texts(pair, bead) for pair in pairs for bead in pair.gold if len(bead.source) == len(bead.target) == 1}
    examples = []
    for page in _pages(pairs, Random(seed)):
        possible = possible_links(page.document, _LANGUAGES, embed, weights)
        if possible.links:
            examples.append(Example(possible.placed, _rightness(possible, page, recurring)))
    return fit_layout(examples)


def _pages(pairs: Sequence[GoldPair], random: Random) -> Iterator[_Page]:
    strangers = [
        [
            line
            for pair in pairs
            for line in zip((pair.source, pair.target)[side].texts, (pair.source, pair.target)[side].vectors, strict=True)
        ]
        for side in (0, 1)
    ]
    for pair in pairs:
        for first in range(0, min(len(pair.gold), STRETCHES * GOLD_BEADS), GOLD_BEADS):
            for _ in range(2):
                paragraphs = _paragraphs([_texts(pair, bead) for bead in pair.gold[first : first + GOLD_BEADS]], random)
                translations = {texts for paragraph in paragraphs for texts in paragraph if all(texts)}
                lines = _laid_out(_hidden(paragraphs, random), strangers, random)
                yield _Page(_document(lines), translations)


def _texts(pair: GoldPair, bead: Bead) -> _Texts:
    """The bead's texts as pages show them: without blank ones."""
    sides = ((pair.source, bead.source), (pair.target, bead.target))
    source, target = (tuple(normalised(side.texts[k]) for k in members if side.texts[k].strip()) for side, members in sides)
    return source, target


def _paragraphs(beads: Sequence[_Texts], random: Random) -> list[list[_Texts]]:
    """The beads in paragraphs of some, or, where the page's segments are lines, each paragraph's texts as one."""
    most = random.randint(1, LONGEST_PARAGRAPH)
    in_lines = random.random() < IN_LINES
    paragraphs = []
    first = 0
    while first < len(beads):
        some = list(beads[first : first + random.randint(1, most)])
        first += len(some)
        if in_lines:
            sides = [[text for bead in some for text in bead[side]] for side in (0, 1)]
            source, target = ((" ".join(side),) if side else () for side in sides)
            some = [(source, target)]
        paragraphs.append(some)
    return paragraphs


def _hidden(paragraphs: Sequence[list[_Texts]], random: Random) -> list[tuple[list[str], ...]]:
    """Each paragraph's source and target, one of them left out of most; on some pages always the same, as in quotations."""
    share = random.choice(SHARES)
    always = random.randrange(3)
    shown = []
    for paragraph in paragraphs:
        sides = tuple([text for bead in paragraph for text in bead[side]] for side in (0, 1))
        if random.random() >= share and all(sides):
            sides[always if always < 2 else random.randrange(2)].clear()
        shown.append(sides)
    return shown


def _laid_out(paragraphs: Sequence[tuple[list[str], ...]], strangers: _Strangers, random: Random) -> list[_Line]:
    """The page's paragraphs from top to bottom, with strangers between them and around."""
    group, first = random.choice(GROUPS), random.randrange(3)
    lines = _some(strangers, random, random.randint(0, MOST_AROUND))
    for start in range(0, len(paragraphs), group):
        lead = first if first < 2 else random.randrange(2)
        for side in (lead, 1 - lead):
            for paragraph in paragraphs[start : start + group]:
                lines.extend(_some(strangers, random, random.random() < STRANGERS))
                lines.append((side, paragraph[side]))
    return lines + _some(strangers, random, random.randint(0, MOST_AROUND))


def _some(strangers: _Strangers, random: Random, count: int) -> list[_Line]:
    """So many lines, short ones rather than long ones; sometimes with one in each language that look alike."""
    drawn = [[_short(lines, random) for _ in range(LOOKED_THROUGH)] for lines in strangers]
    lines = [(side, [drawn[side][k][0]]) for k, side in enumerate(random.choices((0, 1), k=count))]
    if count > 1 and random.random() < LOOK_ALIKE:
        cosines = np.stack([vector for _, vector in drawn[0]]) @ np.stack([vector for _, vector in drawn[1]]).T
        nearest = np.unravel_index(np.argmax(cosines), cosines.shape)
        lines[:2] = random.sample([(side, [drawn[side][nearest[side]][0]]) for side in (0, 1)], k=2)
    return lines


def _short(lines: list[tuple[str, NDArray[np.float32]]], random: Random) -> tuple[str, NDArray[np.float32]]:
    return min(random.choices(lines, k=3), key=lambda line: len(line[0]))


def _document(lines: Sequence[_Line]) -> Document:
    segments = [(text, side, block) for block, (side, texts) in enumerate(lines) for text in texts if text.strip()]
    document = Document.of_segments([text for text, _, _ in segments])
    labelled = (
        replace(segment, lang=_LANGUAGES[side], block=block) for segment, (_, side, block) in zip(document.segments, segments, strict=True)
    )
    return replace(document, segments=tuple(labelled))


def _rightness(possible: PossibleLinks, page: _Page, recurring: set[_Texts]) -> NDArray[np.int8]:
    """int8 (n_links,): 1 for a right link, 0 for a wrong one, -1 for a part of a right one, or one and more.

    Texts that translate each other anywhere in gold do so wherever they stand: headings and formulas recur.
    """
    rightness = []
    for link in possible.links:
        source, target = (
            tuple(normalised(page.document.segments[side[k][0]].text) for k in members)
            for side, members in zip(possible.places, (link.source, link.target), strict=True)
        )
        if (source, target) in page.translations or (source, target) in recurring:
            rightness.append(1)
        else:
            meets = any(not set(source).isdisjoint(one) and not set(target).isdisjoint(other) for one, other in page.translations)
            rightness.append(-1 if meets else 0)
    return np.array(rightness, np.int8)
