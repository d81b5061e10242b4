"""Decisions over a new alignment: what reviewers made or accepted stays, and what they decided on otherwise is shown as changed.

The texts may be the same, aligned by other weights, or a later version of them. Whatever happens to the text around it, a decided
bead stays with the words that it was decided on: segments correspond where their texts are the same.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from aligner.corpus.beads import SIDES, Piece, Span, Spans, StoredBead, TextPair, text_of
from aligner.corpus.tables import ACCEPTED, REJECTED
from aligner.types import TranslationUnit

LATER_VERSION = 0.5
"""Share of an older text's segments that a later version of it must hold; below, it is another text of the same name."""


@dataclass(frozen=True, slots=True)
class Version:
    """An alignment as it stands: its beads, in order, and the texts that they are made of."""

    beads: Sequence[StoredBead]
    texts: TextPair


@dataclass(frozen=True, slots=True)
class Decided:
    """What was decided in an alignment, by the spans of the text that it is carried to."""

    kept: tuple[StoredBead, ...]
    """Beads that stay as they are."""
    changed: tuple[tuple[str, Spans, Spans], ...]
    """Decided units and where they would stand, if they are not found there."""


def is_kept(bead: StoredBead, statuses: Mapping[str, str]) -> bool:
    """Whether a bead stays when the texts are aligned again: a reviewer accepted it, or made it and has not rejected it since."""
    status = statuses.get(bead.unit)
    return status == ACCEPTED or (bead.action is not None and status != REJECTED)


def decided_of(version: Version, statuses: Mapping[str, str]) -> Decided:
    """What was decided in these very texts; `statuses` are those of the units that are not unreviewed."""
    kept = tuple(bead for bead in version.beads if is_kept(bead, statuses))
    return Decided(kept, tuple(bead.content for bead in version.beads if bead.unit in statuses))


def decided_in_earlier(earlier: Version, statuses: Mapping[str, str], later: Version) -> Decided | None:
    """What was decided in an earlier version of the texts; None where too little of it is left for the same text."""
    sides = [_Revision.of(earlier, later, side) for side in SIDES]
    held, all_segments = (sum(counts) for counts in zip(*((len(side.same), side.size) for side in sides), strict=True))
    if held < LATER_VERSION * all_segments or not all_segments:
        return None
    kept, changed = [], []
    for bead in earlier.beads:
        source, target = sides[0].carried(bead), sides[1].carried(bead)
        if is_kept(bead, statuses) and source is not None and target is not None:
            there = StoredBead.made_of(source, target, bead.unit)
            kept.append(replace(there, probability=bead.probability, cosine=bead.cosine, action=bead.action, was=bead.was))
        elif bead.unit in statuses:
            changed.append((bead.unit, sides[0].near(bead), sides[1].near(bead)))
    return Decided(tuple(kept), tuple(changed))


def carried(version: Version, decided: Decided) -> tuple[list[StoredBead], list[TranslationUnit]]:
    """The aligner's beads with the decided ones in the place of those that they overlap, and the units that this makes.

    Every piece of text stands in one bead, as before: what a decided bead leaves over of another becomes null, unscored.
    """
    claimed = [_Claimed(decided.kept, side) for side in SIDES]
    waiting = dict(enumerate(decided.kept))
    beads: list[StoredBead] = []
    units: list[TranslationUnit] = []
    for bead in version.beads:
        over = sorted(claimed[0].touching(bead.source_spans) | claimed[1].touching(bead.target_spans))
        for number in over:
            if number in waiting:
                kept = waiting.pop(number)
                same = kept.content == bead.content and kept.action is None
                beads.append(replace(kept, probability=bead.probability, cosine=bead.cosine) if same else kept)
        if not over:
            beads.append(bead)
            continue
        for rest in _left_over(bead, claimed):
            unit = version.texts.unit(rest.source_spans, rest.target_spans)
            if unit.source or unit.target:  # and not the space between a segment's pieces
                units.append(unit)
                beads.append(replace(rest, unit=unit.id))
    for kept in waiting.values():  # a page's beads do not cover it
        beads.insert(_place(beads, kept), kept)
    return _marked(beads, decided), units


class _Claimed:
    """The pieces of one side that decided beads hold."""

    def __init__(self, beads: Sequence[StoredBead], side: str) -> None:
        self.pieces = sorted((span, number) for number, bead in enumerate(beads) for _, span in bead.pieces(side))
        self._starts = [span[0] for span, _ in self.pieces]

    def touching(self, spans: Iterable[Span]) -> set[int]:
        """The beads that hold some of these spans."""
        return {number for span in spans for _, number in self._over(span)}

    def rest_of(self, span: Span) -> list[Span]:
        """What no bead holds of a span."""
        over = self._over(span)
        if not over:
            return [span]
        start, rest = span[0], []
        for (begin, end), _ in over:
            if start < begin:
                rest.append((start, begin))
            start = max(start, end)
        return [*rest, (start, span[1])] if start < span[1] else rest

    def _over(self, span: Span) -> list[tuple[Span, int]]:
        first = max(0, bisect_right(self._starts, span[0]) - 1)
        last = bisect_left(self._starts, max(span[1], span[0] + 1))
        return [(piece, number) for piece, number in self.pieces[first:last] if _overlap(piece, span)]


def _overlap(one: Span, other: Span) -> bool:
    return one == other or (one[0] < other[1] and other[0] < one[1])


def _left_over(bead: StoredBead, claimed: Sequence[_Claimed]) -> list[StoredBead]:
    """Nulls of what a bead's segments have left."""
    source, target = (
        [(number, rest) for number, span in bead.pieces(side) for rest in pieces.rest_of(span)]
        for side, pieces in zip(SIDES, claimed, strict=True)
    )
    return [*(StoredBead.made_of([piece], ()) for piece in source), *(StoredBead.made_of((), [piece]) for piece in target)]


def _place(beads: Sequence[StoredBead], bead: StoredBead) -> int:
    """Where a bead belongs by its source, or for want of that by its target."""
    side = "source" if bead.source_spans else "target"
    start = bead.pieces(side)[0][1]
    return next((k for k, other in enumerate(beads) if other.pieces(side) and other.pieces(side)[0][1] > start), len(beads))


def _marked(beads: Sequence[StoredBead], decided: Decided) -> list[StoredBead]:
    """The beads, with the decided unit that they took the place of."""
    there = {bead.content for bead in beads}
    lost = [content for content in decided.changed if content not in there]
    places = [StoredBead.made_of([(0, span) for span in source], [(0, span) for span in target], unit) for unit, source, target in lost]
    claimed = [_Claimed(places, side) for side in SIDES]
    marked = []
    for bead in beads:
        over = sorted(claimed[0].touching(bead.source_spans) | claimed[1].touching(bead.target_spans))
        was = next((places[k].unit for k in over if places[k].unit != bead.unit), None)
        marked.append(bead if was is None or bead.action is not None else replace(bead, was=was))
    return marked


@dataclass(frozen=True, slots=True)
class _Revision:
    """Which segments of the later text are those of the earlier, on one side."""

    side: str
    size: int
    """Segments of the earlier text."""
    earlier: Mapping[int, Span]
    later: Mapping[int, Span]
    texts: tuple[str, str]
    same: Mapping[int, int]
    """Segments with the same words."""
    instead: Mapping[int, int]
    """Segments that stand where others stood."""

    @classmethod
    def of(cls, earlier: Version, later: Version, side: str) -> _Revision:
        """Compare the segments of two versions."""
        before, after = (_segments(version.beads, side) for version in (earlier, later))
        texts = getattr(earlier.texts, side), getattr(later.texts, side)
        words = [
            {number: text_of(text, [span]) for number, span in some.items()} for text, some in zip(texts, (before, after), strict=True)
        ]
        same = _same(*words)
        return cls(side, len(before), before, after, texts, same, _instead(same, sorted(before), sorted(after)))

    def carried(self, bead: StoredBead) -> tuple[Piece, ...] | None:
        """A bead's pieces in the later text; None where one is not there any more."""
        found: list[Piece] = []
        for number, span in bead.pieces(self.side):
            if number not in self.same:
                return None
            before, after = self.earlier[number], self.later[self.same[number]]
            if span == before:
                found.append((self.same[number], after))
            elif self.texts[0][slice(*before)] == self.texts[1][slice(*after)]:
                found.append((self.same[number], (after[0] + span[0] - before[0], after[0] + span[1] - before[0])))
            else:
                return None
        return tuple(found)

    def near(self, bead: StoredBead) -> Spans:
        """Where a bead would stand in the later text, as far as that can be told."""
        there = (self.same.get(number, self.instead.get(number)) for number in dict(bead.pieces(self.side)))
        return tuple(self.later[number] for number in there if number is not None)


def _segments(beads: Iterable[StoredBead], side: str) -> dict[int, Span]:
    """The span of each segment; of one that a reviewer cut, from the first of its pieces to the last."""
    found: dict[int, Span] = {}
    for bead in beads:
        for number, (start, end) in bead.pieces(side):
            known = found.get(number, (start, end))
            found[number] = (min(start, known[0]), max(end, known[1]))
    return found


def _same(before: Mapping[int, str], after: Mapping[int, str]) -> dict[int, int]:
    """Segments with the same words: those that stand once in both texts, and then, from them outwards, their equal neighbours."""
    counts = [Counter(words.values()) for words in (before, after)]
    once = {text: number for number, text in after.items() if counts[1][text] == 1}
    same = {number: once[text] for number, text in before.items() if counts[0][text] == 1 and text in once}
    taken = set(same.values())
    ends = {-1: -1, max(before, default=-1) + 1: max(after, default=-1) + 1}
    for step in (1, -1):
        for number in sorted(before, reverse=step < 0):
            neighbour = same.get(number - step, ends.get(number - step))
            if number not in same and neighbour is not None:
                guess = neighbour + step
                if guess not in taken and before[number] == after.get(guess):
                    same[number] = guess
                    taken.add(guess)
    return same


def _instead(same: Mapping[int, int], before: Sequence[int], after: Sequence[int]) -> dict[int, int]:
    """For segments that are gone the one that stands as far from the last common one, if it is new."""
    free, instead = set(after) - set(same.values()), {}
    known = {-1: -1, **same}
    for previous, number in pairwise([-1, *before]):
        if number not in same and previous in known and known[previous] + 1 in free:
            known[number] = instead[number] = known[previous] + 1
    return instead
