"""Translations on a page that holds both languages: precision first, for most pages hold few or none.

Each language's segments, in page order and without exact repeats, are two documents. Where passages follow their
translations in order (one language after the other, paragraph by paragraph, line by line) the lattice finds them, beads
of several segments included; what it leaves is mined. Every link is then judged as a pair by itself, since the lattice
takes for granted that the documents correspond.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

from aligner.alignment.documents import most_likely_beads
from aligner.alignment.evidence import NEIGHBOURS, Embed, Segments
from aligner.alignment.judging import judged_alone
from aligner.alignment.mining import LEAST_COSINE
from aligner.alignment.search import mutual_best, nearest
from aligner.alignment.weights import Weights
from aligner.types import Bead, Document, normalised

LEAST_PROBABILITY = 0.05
"""Less probable links are no doubts to be reviewed, but what is left when a page holds no translation."""


def align_page_segments(page: Document, languages: tuple[str, str], embed: Embed, weights: Weights) -> list[Bead]:
    """Links between the page's segments in the first language and those in the second, by first source segment.

    Both sides of a bead number the page's segments; a segment that repeats another's text shares its link, each
    occurrence with the nearest counterpart. `embed` is asked for segments, words and undecided spans.
    """
    places = [_places(page, lang) for lang in languages]
    if not all(places):
        return []
    source, target = (Segments.embedded(list(grouped), embed) for grouped in places)
    aligned = [bead for bead in most_likely_beads(source, target, embed, weights) if not bead.is_null]
    best = mutual_best(*nearest(source.vectors, target.vectors, NEIGHBOURS))
    mined = [
        Bead((i,), (j,), 1.0)
        for i, j, cosine in zip(best.source.tolist(), best.target.tolist(), best.cosine.tolist(), strict=True)
        if cosine >= LEAST_COSINE
    ]
    judged = judged_alone(aligned + mined, (source, target), embed, weights.pairs)
    links = _compatible([bead for bead in judged if bead.probability >= LEAST_PROBABILITY])
    beads = [bead for link in links for bead in _occurrences(link, (source, target), places)]
    return sorted(beads, key=lambda bead: (bead.source, bead.target))


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


def _occurrences(link: Bead, sides: tuple[Segments, Segments], places: Sequence[dict[str, list[int]]]) -> list[Bead]:
    """The link at every place of the page where its side that occurs more often stands, with the nearest of the other side.

    Where both occur equally often, each occurrence has one of its own, in order.
    """
    source, target = (
        _runs([grouped[side.texts[i]] for i in members])
        for side, grouped, members in zip(sides, places, (link.source, link.target), strict=True)
    )
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
