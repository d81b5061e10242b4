"""Translations on a page that holds both languages: precision first, for most pages hold few or none.

Each language's segments, in page order and without exact repeats, are two documents. Where passages follow their
translations in order (one language after the other, paragraph by paragraph, line by line) the lattice finds them, beads
of several segments included; others are mined. The lattice takes for granted that the documents correspond, so every link
is judged as a pair by itself, and then by its place among the links that are sure.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from aligner.alignment.documents import most_likely_beads
from aligner.alignment.evidence import NEIGHBOURS, Segments
from aligner.alignment.judging import judged_alone
from aligner.alignment.layout import Placed, layout_probabilities
from aligner.alignment.mining import weighed_candidates
from aligner.alignment.search import nearest
from aligner.alignment.weights import Weights
from aligner.types import Bead, Document, Embed, normalised

_Places = tuple[list[list[int]], list[list[int]]]

LEAST_PROBABILITY = 0.05
"""Less probable links are no doubts to be reviewed, but what is left when a page holds no translation."""


def align_page_segments(page: Document, languages: tuple[str, str], embed: Embed, weights: Weights) -> list[Bead]:
    """Links between the page's segments in the first language and those in the second, by first source segment.

    Both sides of a bead number the page's segments; a segment that repeats another's text shares its link, each
    occurrence with the nearest counterpart. `embed` is asked for segments, words and clauses.
    """
    possible = possible_links(page, languages, embed, weights)
    if not possible.links:
        return []
    probabilities = layout_probabilities(possible.placed, weights.layout)
    links = [replace(link, probability=p) for link, p in zip(possible.links, probabilities.tolist(), strict=True) if p >= LEAST_PROBABILITY]
    beads = [bead for link in _compatible(links) for bead in _occurrences(link, possible.places)]
    return sorted(beads, key=lambda bead: (bead.source, bead.target))


class PossibleLinks(NamedTuple):
    """The links that a page might hold, in order."""

    links: list[Bead]
    """numbering the distinct texts of each language; a link's probability is that of being a translation by itself"""
    placed: Placed
    places: _Places
    """for each distinct text of each language the segments that hold it, in page order"""


def possible_links(page: Document, languages: tuple[str, str], embed: Embed, weights: Weights) -> PossibleLinks:
    """What the order of both languages' texts suggests, and the pairs that are each other's best."""
    grouped = [_places(page, lang) for lang in languages]
    places = (list(grouped[0].values()), list(grouped[1].values()))
    if not all(places):
        return PossibleLinks([], Placed.of([], [], []), places)
    source, target = (Segments.embedded(list(texts), embed) for texts in grouped)
    order = {(bead.source, bead.target): bead.probability for bead in most_likely_beads(source, target, embed, weights) if not bead.is_null}
    vectors = (source.vectors, target.vectors)
    best = weighed_candidates(nearest(*vectors, NEIGHBOURS), (source.texts, target.texts), vectors)
    mined = {((i,), (j,)) for i, j in zip(best.source.tolist(), best.target.tolist(), strict=True)}
    links = judged_alone([Bead(i, j, 1.0) for i, j in sorted(order.keys() | mined)], (source, target), embed, weights.pairs)
    paragraph = _paragraphs(page)
    placed = Placed.of(
        links,
        [order.get((link.source, link.target), 0.0) for link in links],
        [_stand_beside(link, places, paragraph) for link in links],
    )
    return PossibleLinks(links, placed, places)


def _paragraphs(page: Document) -> list[int]:
    """The number of each segment's paragraph among those that are not blank."""
    numbers = [segment.block for segment in page.segments if segment.text.strip()]
    rank = {number: place for place, number in enumerate(dict.fromkeys(numbers))}
    return [rank.get(segment.block, -1) for segment in page.segments]


def _stand_beside(link: Bead, places: _Places, paragraph: Sequence[int]) -> bool:
    """Whether source and target stand in one paragraph, or in two that follow each other, anywhere on the page."""
    source, target = (
        {paragraph[number] for k in members for number in side[k]} for side, members in zip(places, (link.source, link.target), strict=True)
    )
    return not source.isdisjoint({near for number in target for near in (number - 1, number, number + 1)})


def _places(page: Document, lang: str) -> dict[str, list[int]]:
    """Each distinct text of the language with the segments that hold it, in page order."""
    places: dict[str, list[int]] = defaultdict(list)
    for number, segment in enumerate(page.segments):
        if segment.lang == lang and segment.text.strip():
            places[normalised(segment.text)].append(number)
    return places


def _compatible(links: Sequence[Bead]) -> list[Bead]:
    """The most probable links of which no two share a segment."""
    kept: list[Bead] = []
    taken: tuple[set[int], set[int]] = (set(), set())
    for link in sorted(links, key=lambda each: -each.probability):
        if taken[0].isdisjoint(link.source) and taken[1].isdisjoint(link.target):
            kept.append(link)
            taken[0].update(link.source)
            taken[1].update(link.target)
    return kept


def _occurrences(link: Bead, places: _Places) -> list[Bead]:
    """The link at every place of the page where its side that occurs more often stands, with the nearest of the other side.

    Where both occur equally often, each occurrence has one of its own, in order.
    """
    source, target = (_runs([side[k] for k in members]) for side, members in zip(places, (link.source, link.target), strict=True))
    if len(source) == len(target):
        return [replace(link, source=span, target=other) for span, other in zip(source, target, strict=True)]
    if len(source) > len(target):
        return [replace(link, source=span, target=min(target, key=lambda other: abs(other[0] - span[0]))) for span in source]
    return [replace(link, source=min(source, key=lambda other: abs(other[0] - span[0])), target=span) for span in target]


def _runs(occurrences: Sequence[list[int]]) -> list[tuple[int, ...]]:
    """Every occurrence of the first member, each followed by the nearest later occurrences of the others."""
    runs = []
    for first in occurrences[0]:
        run = [first]
        for places in occurrences[1:]:
            run.append(next((place for place in places if place > run[-1]), places[-1]))
        if run == sorted(set(run)):
            runs.append(tuple(run))
    return runs or [tuple(sorted({places[0] for places in occurrences}))]
