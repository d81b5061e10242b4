"""Merging, splitting, moving, linking and unlinking beads, as pure functions: beads and texts in, beads and units out.

Every piece of text that the beads held is held afterwards, once. Texts that a reviewer edited are kept as they are wherever
they can be: joined by a merge, cut by a split.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher

from aligner.corpus.beads import SIDES, Piece, Span, StoredBead, TextPair, parts_of, text_of
from aligner.errors import ReviewError
from aligner.types import TranslationUnit, normalised

Texts = tuple[str, str]
"""What a unit says, source and target."""


@dataclass(frozen=True, slots=True)
class Held:
    """A bead with what its unit says: what the documents say, unless a reviewer edited it."""

    bead: StoredBead
    texts: Texts


@dataclass(frozen=True, slots=True)
class Restructured:
    """What takes the place of some beads."""

    beads: tuple[StoredBead, ...]
    units: tuple[TranslationUnit, ...]
    """Those of the beads."""
    places: tuple[int, ...]
    """For each bead the number of the given one where it stands."""


def edited(held: Held, texts: Texts, documents: TextPair) -> Restructured:
    """The bead with other words. Raises ReviewError where a side would become empty, or nothing changes."""
    texts = normalised(texts[0]), normalised(texts[1])
    if texts == held.texts:
        raise ReviewError("nothing was changed")
    for side, before, after in zip(SIDES, held.texts, texts, strict=True):
        if before and not after:
            raise ReviewError(f"the {side} would be empty: reject the row, or unlink it, instead")
        if after and not before:
            raise ReviewError(f"there is no {side} here to edit: link the row to one that has a {side} first")
    return _finished([(0, held.bead, texts)], documents)


def merged(held: Sequence[Held], documents: TextPair) -> Restructured:
    """One bead of all that the given ones hold, at the place of the first.

    Raises ReviewError where that would be segments of one side alone.
    """
    source, target = (_joined([piece for one in held for piece in one.bead.pieces(side)]) for side in SIDES)
    bead = StoredBead.made_of(source, target)
    if bead.is_null:
        raise ReviewError("rows of one side alone cannot be merged: link them to a row that has the other side")
    texts = tuple(_joined_text(held, bead, side, documents) for side in SIDES)
    return _finished([(0, bead, (texts[0], texts[1]))], documents)


def split(held: Held, at: tuple[int, int], documents: TextPair) -> Restructured:
    """Two beads, cut where the texts shown are cut: `at` counts characters of source and target.

    Raises ReviewError where nothing would be cut off.
    """
    halves = [_cut(held, side, place, documents) for side, place in zip(SIDES, at, strict=True)]
    made = []
    for half in (0, 1):
        bead = StoredBead.made_of(halves[0][half][0], halves[1][half][0])
        if not (bead.source_spans or bead.target_spans):
            raise ReviewError("nothing would be cut off: put the cursor inside a text, on one side at least")
        made.append((0, bead, (halves[0][half][1], halves[1][half][1])))
    return _finished([one for number, bead, texts in made for one in _as_nulls(number, bead, texts, documents)], documents)


def moved(held: Held, neighbour: Held, side: str, *, up: bool, documents: TextPair) -> Restructured:
    """The bead without its first sentence on one side, which the bead above gets, or its last one, for the bead below.

    Raises ReviewError where there is none to move, where a text was edited, and where nothing would change.
    """
    pieces, other = held.bead.pieces(side), neighbour.bead.pieces(side)
    if not pieces:
        raise ReviewError(f"there is no {side} sentence here to move")
    for one in (held, neighbour):
        if one.texts[SIDES.index(side)] != _text(one.bead, side, documents):
            raise ReviewError(f"the {side} was edited: its sentences cannot be told apart any more; undo the edit, or merge")
    if held.bead.is_null and not neighbour.bead.pieces(_other(side)):
        raise ReviewError(f"the row {'above' if up else 'below'} has no {_other(side)} sentence: nothing would change")
    stays, moves = (pieces[1:], pieces[:1]) if up else (pieces[:-1], pieces[-1:])
    made = [(0, held, stays), (1, neighbour, _joined([*other, *moves]))]
    rows = []
    for number, one, mine in made:
        sides = {side: mine, _other(side): one.bead.pieces(_other(side))}
        bead = StoredBead.made_of(sides["source"], sides["target"])
        kept = one.texts[SIDES.index(_other(side))]
        own = text_of(_document(documents, side), [span for _, span in mine])
        rows += _as_nulls(number, bead, (own, kept) if side == "source" else (kept, own), documents)
    return _finished([row for row in rows if row[1].source_spans or row[1].target_spans], documents)


def unlinked(held: Held, documents: TextPair) -> Restructured:
    """A bead without counterpart for every piece. Raises ReviewError where the bead is one already."""
    if held.bead.is_null:
        raise ReviewError("this row has one side alone: there is nothing to take apart")
    nulls = [StoredBead.made_of([piece], ()) for piece in held.bead.pieces("source")]
    nulls += [StoredBead.made_of((), [piece]) for piece in held.bead.pieces("target")]
    return _finished([(0, bead, _texts(bead, documents)) for bead in nulls], documents)


def _finished(rows: Sequence[tuple[int, StoredBead, Texts]], documents: TextPair) -> Restructured:
    beads, units = [], []
    for _, bead, texts in rows:
        unit = documents.worded(*texts, (bead.source_spans, bead.target_spans))
        units.append(unit)
        beads.append(replace(bead, unit=unit.id, probability=None, cosine=None, was=None))
    return Restructured(tuple(beads), tuple(units), tuple(number for number, _, _ in rows))


def _as_nulls(number: int, bead: StoredBead, texts: Texts, documents: TextPair) -> list[tuple[int, StoredBead, Texts]]:
    """The bead, or, where one side is empty, one for each piece of the other; an empty bead is left out."""
    if not bead.is_null or len(bead.source_spans) + len(bead.target_spans) == 1:
        return [(number, bead, texts)]
    nulls = [StoredBead.made_of([piece], ()) for piece in bead.pieces("source")]
    nulls += [StoredBead.made_of((), [piece]) for piece in bead.pieces("target")]
    return [(number, null, _texts(null, documents)) for null in nulls]


def _joined(pieces: Sequence[Piece]) -> list[Piece]:
    """The pieces in the order of the text; those of one segment that follow each other are one again."""
    joined: list[Piece] = []
    for number, span in sorted(pieces, key=lambda piece: piece[1]):
        if joined and joined[-1][0] == number:
            joined[-1] = (number, (joined[-1][1][0], span[1]))
        else:
            joined.append((number, span))
    return joined


def _joined_text(held: Sequence[Held], bead: StoredBead, side: str, documents: TextPair) -> str:
    number = SIDES.index(side)
    if all(one.texts[number] == _text(one.bead, side, documents) for one in held):
        return _text(bead, side, documents)
    present = sorted((one for one in held if one.bead.pieces(side)), key=lambda one: one.bead.pieces(side)[0][1])
    return " ".join(one.texts[number] for one in present)


def _cut(held: Held, side: str, at: int, documents: TextPair) -> tuple[tuple[list[Piece], str], tuple[list[Piece], str]]:
    """What stands before and after the cut on one side: pieces and text."""
    pieces, shown = held.bead.pieces(side), held.texts[SIDES.index(side)]
    original, document = _text(held.bead, side, documents), _document(documents, side)
    place = at if shown == original else _in_original(shown, original, at)
    before: list[Piece] = []
    after: list[Piece] = []
    for (number, span), (start, end) in zip(pieces, parts_of(document, [span for _, span in pieces]), strict=True):
        if place <= start:
            after.append((number, span))
        elif place >= end:
            before.append((number, span))
        else:
            cut = _in_document(document, span, place - start)
            before.append((number, _trimmed(document, (span[0], cut))))
            after.append((number, _trimmed(document, (cut, span[1]))))
    if shown == original:
        texts = [text_of(document, [span for _, span in half]) for half in (before, after)]
    else:
        texts = [normalised(shown[:at]), normalised(shown[at:])]
        if any(bool(half) != bool(text) for half, text in zip((before, after), texts, strict=True)):
            raise ReviewError(f"the edited {side} cannot be cut there: there would be words without a place in the document")
    return (before, texts[0]), (after, texts[1])


def _in_original(shown: str, original: str, at: int) -> int:
    """The place in the original that corresponds to one in the edited text."""
    for a, b, size in SequenceMatcher(None, shown, original, autojunk=False).get_matching_blocks():
        if at <= a + size:
            return b + max(0, at - a)
    return len(original)


def _in_document(document: str, span: Span, at: int) -> int:
    """The place in the document of a place in a segment's normalised text, `at` > 0."""
    at = len(normalised(document[slice(*span)])[:at].rstrip(" "))  # what stands between two words belongs to neither
    low, high = span
    while low < high:  # the first place before which that much is written
        middle = (low + high) // 2
        if len(normalised(document[span[0] : middle])) < at:
            low = middle + 1
        else:
            high = middle
    return low


def _trimmed(document: str, span: Span) -> Span:
    text = document[slice(*span)]
    return span[0] + len(text) - len(text.lstrip()), span[1] - (len(text) - len(text.rstrip()))


def _texts(bead: StoredBead, documents: TextPair) -> Texts:
    return _text(bead, "source", documents), _text(bead, "target", documents)


def _text(bead: StoredBead, side: str, documents: TextPair) -> str:
    return text_of(_document(documents, side), [span for _, span in bead.pieces(side)])


def _document(documents: TextPair, side: str) -> str:
    return documents.source if side == "source" else documents.target


def _other(side: str) -> str:
    return "target" if side == "source" else "source"
