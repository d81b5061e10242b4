"""Which document translates which: translations among all their segments vote for pairs of documents.

A text that stands in many documents (a template, a menu) says little of which; votes count by the surprise of their texts over documents,
and not at all where it stands in more than a few, whatever its numbers ("page 3 of 7"). How many of a pair's segments vote for it is set
against how many do in pairs that are right, and in pairs that are not.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from aligner.alignment.band import heaviest_chain
from aligner.alignment.mining import MinedPairs

RIGHT_VOTES, WRONG_VOTES = (3.0, 2.0), (0.3, 10.0)
"""The share of segments that vote for their pair of documents, as beta distributions: of documents that translate each other three
fifths, more or less; of others three in a hundred, most of them none."""
MOST_DOCUMENTS = 10
"""Documents of either side that a text may stand in for its vote to be counted at all."""
LEAST_VOTE = 0.5
"""Probability under which a pair of segments is no vote: there are many such pairs, and they add up."""

_NUMBER = re.compile(r"\d+")


class DocumentPair(NamedTuple):
    """A source and a target document that translate each other, by number."""

    source: int
    target: int
    probability: float
    """0..1"""
    votes: float
    """How many segments of either document have their translation in the other, by probability and surprise."""
    share: float
    """0..1: the votes, of the segments that a document of the two has in the mean"""
    order: float
    """0..1: the part of the votes that come in the same order in both documents"""


class _Vote(NamedTuple):
    source: int
    target: int
    weight: float


def pair_by_votes(
    found: MinedPairs, source: tuple[Sequence[str], Sequence[int]], target: tuple[Sequence[str], Sequence[int]]
) -> list[DocumentPair]:
    """The likeliest one-to-one pairs of documents, the most probable first; one without any vote stands in none.

    found: pairs of segments. source, target: the texts of all documents'
    segments in order, and for each the number of its document.
    """
    sides = [_Side(*side) for side in (source, target)]
    seen: set[tuple[str, str]] = set()
    votes: dict[tuple[int, int], list[_Vote]] = defaultdict(list)
    for i, j, probability in zip(found.source.tolist(), found.target.tolist(), found.probability.tolist(), strict=True):
        if probability < LEAST_VOTE:
            break
        texts = sides[0].texts[i], sides[1].texts[j]
        holders = [side.places[text] for side, text in zip(sides, texts, strict=True)]
        if texts in seen or any(map(_Side.is_boilerplate, sides, texts)):
            continue
        seen.add(texts)
        weight = probability * np.sqrt(sides[0].surprise(i) * sides[1].surprise(j))
        for document, place in holders[0].items():
            for other, other_place in holders[1].items():
                votes[document, other].append(_Vote(place, other_place, weight))
    return list(_one_to_one(_judged(votes, sides)))


class _Side:
    """The texts of one side's documents."""

    def __init__(self, texts: Sequence[str], documents: Sequence[int]) -> None:
        self.texts = texts
        self.count = max(documents, default=-1) + 1
        self.places: dict[str, dict[int, int]] = defaultdict(dict)
        """For each text, the documents that hold it and where it first stands."""
        self.holders: dict[str, set[int]] = defaultdict(set)
        """For each text, its numbers apart, the documents that hold it."""
        for number, (text, document) in enumerate(zip(texts, documents, strict=True)):
            self.places[text].setdefault(document, number)
            self.holders[_masked(text)].add(document)
        self.content = np.zeros(self.count)
        """The summed surprise of each document's distinct texts."""
        for text, holders in self.places.items():
            if text.strip():
                for document, number in holders.items():
                    self.content[document] += self.surprise(number)

    def is_boilerplate(self, text: str) -> bool:
        """Whether so many documents hold it, whatever its numbers, that its vote is not counted."""
        return len(self.holders[_masked(text)]) > MOST_DOCUMENTS

    def surprise(self, number: int) -> float:
        """0..1: how far a segment's text tells one document from the others; 1 where only its own has it."""
        return float(np.log((self.count + 1) / len(self.places[self.texts[number]])) / np.log(self.count + 1))


def _masked(text: str) -> str:
    return _NUMBER.sub("0", text)


def _judged(votes: dict[tuple[int, int], list[_Vote]], sides: Sequence[_Side]) -> list[DocumentPair]:
    """Every pair of documents with a vote, its probability shared with its rivals."""
    keys = list(votes)
    rows = []
    for source, target in keys:
        total, ordered = sum(vote.weight for vote in votes[source, target]), _in_order(votes[source, target])
        segments = max((sides[0].content[source] + sides[1].content[target]) / 2, total)
        # What is out of order may be a document that is arranged anew, or a likeness of vocabulary: it counts half.
        rows.append((total, segments, ordered / total, _evidence((total + ordered) / 2, segments)))
    odds = np.exp(np.clip([row[3] for row in rows], -30, 30))
    ends = np.array(keys, np.int64).reshape(-1, 2)
    all_odds = [np.bincount(ends[:, k], odds) for k in (0, 1)]
    probabilities = odds / (1 + all_odds[0][ends[:, 0]] + all_odds[1][ends[:, 1]] - odds)
    return [
        DocumentPair(*key, probability, total, total / segments, order)
        for key, probability, (total, segments, order, _) in zip(keys, probabilities.tolist(), rows, strict=True)
    ]


def _in_order(votes: Sequence[_Vote]) -> float:
    """The weight of the votes of the heaviest chain that increases on both sides."""
    increasing = sorted(votes)
    column = np.array([vote.target for vote in increasing], np.int64)
    column -= column.min()
    weight = np.array([vote.weight for vote in increasing])
    return float(weight[heaviest_chain(column, weight, int(column.max()) + 1)].sum())


def _evidence(votes: float, segments: float) -> float:
    """How much likelier so many votes of so many segments are where documents translate each other, as a logarithm (beta-binomial)."""
    return _log_beta_binomial(votes, segments, *RIGHT_VOTES) - _log_beta_binomial(votes, segments, *WRONG_VOTES)


def _log_beta_binomial(votes: float, segments: float, a: float, b: float) -> float:
    from scipy.special import betaln  # a tenth of a second that aligning need not spend

    return float(betaln(votes + a, segments - votes + b) - betaln(a, b))


def _one_to_one(pairs: Sequence[DocumentPair]) -> Iterator[DocumentPair]:
    """The most probable pairs of which no two share a document."""
    taken: tuple[set[int], set[int]] = (set(), set())
    for pair in sorted(pairs, key=lambda each: (-each.probability, -each.votes)):
        if pair.source not in taken[0] and pair.target not in taken[1]:
            taken[0].add(pair.source)
            taken[1].add(pair.target)
            yield pair
