"""Copies of gold documents with the damage that dumps have: passages left out, foreign or repeated ones, other sentence boundaries.

How common nulls are differs from dump to dump far more than from genre to genre. Gold is mostly whole, so a model that has seen
nothing else takes nulls for rare; from copies with much damage and with little it learns to go by the rates of the document.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

import numpy as np

from aligner.types import Bead

PIECE = 100
"""Passages of a copy at most, so that a long document gives copies of several kinds."""
LEAST = 6
"""Passages under which a piece is too short to be damaged."""
RATES = (0.03, 0.08, 0.15, 0.3)
"""About what share of a piece each kind of damage takes."""
RUNS = (0.3, 1.5, 5.0)
"""Passages that follow the first one of a run of damage, on average."""
_LIKE = 2.0
"""How many times longer one text may be than another of a like length."""
_CUT = re.compile(r"(?<=[,;:])\s+(?=\w)")


class Passage(NamedTuple):
    """What corresponds: texts of both sides, one side empty for nulls."""

    source: tuple[str, ...]
    target: tuple[str, ...]


class Damaged(NamedTuple):
    """A damaged copy: both sides' segments with gold."""

    source: list[str]
    target: list[str]
    gold: list[Bead]


_Damage = Callable[[list[Passage], np.random.Generator, Sequence[Passage]], list[Passage]]


def damaged(passages: Sequence[Passage], foreign: Sequence[Passage], random: np.random.Generator) -> Iterator[Damaged]:
    """Copies of a document's pieces, each with one kind of damage or with all; foreign passages come from another document."""
    for first in range(0, len(passages), PIECE):
        piece = list(passages[first : first + PIECE])
        if len(piece) < LEAST:
            continue
        kind = int(random.integers(len(_KINDS) + 2))
        for damage in _KINDS if kind >= len(_KINDS) else (_KINDS[kind],):
            piece = damage(piece, random, foreign)
        yield _document(piece)


def replaced(passages: Sequence[Passage], foreign: Sequence[Passage], share: float, random: np.random.Generator) -> Damaged:
    """A copy in which about that share of the passages have a foreign text of a like length in the place of their target."""
    out: list[Passage] = []
    for passage in passages:
        if all(passage) and foreign and random.random() < share:
            strange = foreign[int(random.integers(len(foreign)))]
            length, other = (len(" ".join(each.target)) for each in (passage, strange))
            if length <= _LIKE * other and other <= _LIKE * length:
                out += [passage._replace(target=()), strange._replace(source=())]
                continue
        out.append(passage)
    return _document(out)


def passages_of(source: Sequence[str], target: Sequence[str], gold: Sequence[Bead]) -> list[Passage]:
    """The document as passages in order; empty where its links cross or hold segments apart, so that it has no one order."""
    links = sorted((bead for bead in gold if not bead.is_null), key=lambda bead: bead.source)
    passages: list[Passage] = []
    i = j = 0
    for link in links:
        if link.source[0] < i or link.target[0] < j or not all(side[-1] - side[0] + 1 == len(side) for side in (link.source, link.target)):
            return []
        passages += _nulls(source[i : link.source[0]], target[j : link.target[0]])
        passages.append(Passage(tuple(source[k] for k in link.source), tuple(target[k] for k in link.target)))
        i, j = link.source[-1] + 1, link.target[-1] + 1
    return passages + _nulls(source[i:], target[j:])


def _nulls(source: Sequence[str], target: Sequence[str]) -> list[Passage]:
    return [Passage((text,), ()) for text in source] + [Passage((), (text,)) for text in target]


def _document(passages: Sequence[Passage]) -> Damaged:
    copy = Damaged([], [], [])
    for passage in passages:
        source = tuple(range(len(copy.source), len(copy.source) + len(passage.source)))
        target = tuple(range(len(copy.target), len(copy.target) + len(passage.target)))
        if source and target:
            copy.gold.append(Bead(source, target, 1.0))
        else:
            copy.gold.extend([Bead((i,), (), 1.0) for i in source] + [Bead((), (j,), 1.0) for j in target])
        copy.source.extend(passage.source)
        copy.target.extend(passage.target)
    return copy


def _recut(passages: list[Passage], random: np.random.Generator, foreign: Sequence[Passage]) -> list[Passage]:
    """Neighbours made one segment on one side, and segments cut at a comma."""
    rate = random.uniform(0.02, 0.25)
    out: list[Passage] = []
    for passage in passages:
        whole = passage.source and passage.target
        before = out[-1] if out else Passage((), ())
        chance = random.random()
        if whole and chance < rate / 2 and all(len(side) == 1 for side in (*before, *passage)):
            source, target = before.source + passage.source, before.target + passage.target
            out[-1] = Passage((" ".join(source),), target) if random.random() < 0.5 else Passage(source, (" ".join(target),))
        elif whole and chance > 1 - rate / 2 and len(passage.source) + len(passage.target) <= 3:
            side = int(random.integers(2))
            halves = _CUT.split(passage[side][-1], maxsplit=1)
            out.append(passage._replace(**{passage._fields[side]: passage[side][:-1] + tuple(halves)}))
        else:
            out.append(passage)
    return out


def _omit(passages: list[Passage], random: np.random.Generator, foreign: Sequence[Passage]) -> list[Passage]:
    """Runs of passages that one side lacks, all on one side or on either."""
    rate, mean, balance = random.choice(RATES), random.choice(RUNS), random.choice([0.0, 0.5, 0.5, 1.0])
    out = list(passages)
    left = rate * len(passages)
    while left > 0:
        first, count = int(random.integers(len(out))), _run(random, mean)
        lacking = "source" if random.random() < balance else "target"
        out[first : first + count] = [passage._replace(**{lacking: ()}) for passage in out[first : first + count]]
        left -= count
    return [passage for passage in out if any(passage)] if any(passage.source and passage.target for passage in out) else passages


def _insert(passages: list[Passage], random: np.random.Generator, foreign: Sequence[Passage]) -> list[Passage]:
    """Runs of foreign text on one side."""
    rate, mean = random.choice(RATES) * 0.7, random.choice(RUNS)
    out = list(passages)
    left = rate * len(passages)
    while left > 0 and foreign:
        count = _run(random, mean)
        first = int(random.integers(len(foreign)))
        place = int(random.integers(len(out) + 1))
        out[place:place] = _one_side(foreign[first : first + count], random)
        left -= count
    return out


def _frame(passages: list[Passage], random: np.random.Generator, foreign: Sequence[Passage]) -> list[Passage]:
    """What pages have above, below and between their text: a few lines on each side, most of them short, that do not correspond."""
    if not foreign:
        return passages
    between = [int(place) for place in random.integers(len(passages) + 1, size=int(random.integers(4)))]
    out = list(passages)
    for place in sorted([0, *between, len(passages)], reverse=True):
        for side in ("source", "target"):
            most = 5 if place in (0, len(passages)) else 2
            lines = [foreign[int(number)] for number in random.integers(len(foreign), size=int(random.integers(most)))]
            out[place:place] = [_begun(line, random) for line in _without(side, lines)]
    return out


def _begun(passage: Passage, random: np.random.Generator) -> Passage:
    """The passage, or three times in four its first few words, as long as a heading or a button has."""
    words = int(random.integers(1, 7)) if random.random() < 0.75 else None
    return Passage(*(tuple(" ".join(text.split()[:words]) for text in side) for side in passage))


def _repeat(passages: list[Passage], random: np.random.Generator, foreign: Sequence[Passage]) -> list[Passage]:
    """Passages that stand twice on one side, the second time at once or anywhere after."""
    out = list(passages)
    for _ in range(int(random.integers(1, 4))):
        first, count = int(random.integers(len(out))), _run(random, 2.0)
        place = first + count if random.random() < 0.5 else int(random.integers(first, len(out) + 1))
        out[place:place] = _one_side(out[first : first + count], random)
    return out


_KINDS: tuple[_Damage, ...] = (_recut, _omit, _insert, _frame, _repeat)


def _run(random: np.random.Generator, mean: float) -> int:
    return 1 + int(random.exponential(mean))


def _one_side(passages: Sequence[Passage], random: np.random.Generator) -> list[Passage]:
    """The same with nothing on one side, drawn for all of them."""
    return _without(("source", "target")[int(random.integers(2))], passages)


def _without(side: str, passages: Sequence[Passage]) -> list[Passage]:
    """The passages with nothing on this side; those that had nothing on the other are gone."""
    return [passage for passage in (each._replace(**{side: ()}) for each in passages) if any(passage)]
