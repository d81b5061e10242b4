"""Aligning a document again around what is decided in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from aligner.corpus.beads import SIDES, Piece, Span, StoredBead, TextPair
from aligner.corpus.carrying import Version, is_kept
from aligner.corpus.placing import Change
from aligner.corpus.tables import REJECTED
from aligner.errors import ReviewError
from aligner.types import Alignment, Bead, Document, Segment, TranslationUnit


class Realigner(Protocol):
    """What aligns two documents around decided beads: `aligner.pipeline.Aligner.align`."""

    def __call__(self, source: Document, target: Document, *, decided: Sequence[Bead], rejected: Sequence[Bead]) -> Alignment:
        """The alignment that holds the decided beads and none of the rejected ones."""


@dataclass(frozen=True, slots=True)
class Realigned:
    """What another alignment changes: beads that go and come, and new scores of those that stay."""

    change: Change | None
    units: tuple[TranslationUnit, ...]
    scores: tuple[tuple[StoredBead, Bead], ...]


def realigned(alignment: int, version: Version, statuses: dict[str, str], align: Realigner) -> Realigned:
    """Align the documents again; beads that a person made or accepted stay, rejected ones do not come back.

    Raises ReviewError for a page, whose segments its beads do not all hold.
    """
    if version.texts.source is version.texts.target:
        raise ReviewError("a page that holds both languages cannot be aligned again around decisions")
    pieces = {side: _pieces(version.beads, side) for side in SIDES}
    documents = [_document(version.texts, side, pieces[side]) for side in SIDES]
    if any(is_kept(bead, statuses) and bead.is_null and len(bead.source_spans) + len(bead.target_spans) > 1 for bead in version.beads):
        raise ReviewError("a null of several segments cannot stay: take it apart first")
    numbers = {side: {span: number for number, (_, span) in enumerate(pieces[side])} for side in SIDES}
    kept = [bead for bead in version.beads if is_kept(bead, statuses)]
    rejected = [bead for bead in version.beads if statuses.get(bead.unit) == REJECTED and not bead.is_null]
    made = align(*documents, decided=[_numbered(bead, numbers) for bead in kept], rejected=[_numbered(bead, numbers) for bead in rejected])
    free = {_place(bead): bead for bead in version.beads if not is_kept(bead, statuses)}
    decided = {_place(bead) for bead in kept}
    come: list[tuple[StoredBead, TranslationUnit]] = []
    scores = []
    for bead in made.beads:
        sides = [[pieces[side][number] for number in numbers_] for side, numbers_ in zip(SIDES, (bead.source, bead.target), strict=True)]
        place = tuple(span for _, span in sides[0]), tuple(span for _, span in sides[1])
        if place in free:
            scores.append((free.pop(place), bead))
        elif place not in decided:
            unit = version.texts.unit(*place)
            come.append((_scored(StoredBead.made_of(sides[0], sides[1], unit.id), bead), unit))
    gone = tuple(bead for bead in version.beads if _place(bead) in free)
    if not gone:
        return Realigned(None, (), tuple(scores))
    after, places = tuple(bead for bead, _ in come), tuple(_replaced(bead, gone) for bead, _ in come)
    change = Change(alignment, gone, after, places, by_hand=False)
    return Realigned(change, tuple(unit for _, unit in come), tuple(scores))


def _pieces(beads: Sequence[StoredBead], side: str) -> list[Piece]:
    """What the beads hold of a side, in the order of the text."""
    return sorted((piece for bead in beads for piece in bead.pieces(side)), key=lambda piece: (piece[1], piece[0]))


def _document(texts: TextPair, side: str, pieces: Sequence[Piece]) -> Document:
    text, lang = (texts.source, texts.source_lang) if side == "source" else (texts.target, texts.target_lang)
    name = texts.source_document if side == "source" else texts.target_document
    segments = tuple(Segment(text[start:end], start, end, lang) for _, (start, end) in pieces)
    return Document(text, name, segments, segmented=True)


def _numbered(bead: StoredBead, numbers: dict[str, dict[Span, int]]) -> Bead:
    source, target = (tuple(numbers[side][span] for _, span in bead.pieces(side)) for side in SIDES)
    return Bead(source, target, 1.0)


def _place(bead: StoredBead) -> tuple[tuple[Span, ...], tuple[Span, ...]]:
    return bead.source_spans, bead.target_spans


def _scored(stored: StoredBead, bead: Bead) -> StoredBead:
    values = {**stored.values(), "probability": float(bead.probability), "cosine": bead.cosine}
    return StoredBead.of(values)


def _replaced(bead: StoredBead, gone: Sequence[StoredBead]) -> int:
    """The number of the bead in whose place another comes: the first that shares a piece with it."""
    mine = {*bead.source_spans}, {*bead.target_spans}
    return next(k for k, old in enumerate(gone) if mine[0] & {*old.source_spans} or mine[1] & {*old.target_spans})
