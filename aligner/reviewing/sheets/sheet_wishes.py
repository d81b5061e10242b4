"""What each row of a review sheet asks for, against what the corpus says of its bead now."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from aligner.corpus import STATUSES, UNREVIEWED, listing
from aligner.corpus.actions import Seen, Verdict
from aligner.corpus.adding import texts_of
from aligner.corpus.beads import StoredBead, TextPair
from aligner.corpus.placing import Place
from aligner.corpus.tables import ACCEPTED, REJECTED
from aligner.errors import ReviewError
from aligner.formats.characters import xml_text
from aligner.reviewing import restructuring
from aligner.reviewing.keys import place_of
from aligner.reviewing.restructuring import Held, Restructured, Texts
from aligner.reviewing.session import REASONS
from aligner.reviewing.sheets.sheet_rows import SheetRow, revision, shown_in

PROBLEMS = {
    "unknown": "not of this corpus",
    "wrong": "not understood",
    "doubled": "more than once in the sheet, and not the same",
    "changed": "changed in the corpus since the sheet was written",
    "decided": "decided on since the sheet was written",
}
"""Why a row is left alone."""

_ERRORS = frozenset(("#DIV/0!", "#N/A", "#NAME?", "#NULL!", "#NUM!", "#REF!", "#VALUE!"))
"""What a cell says whose formula cannot be computed."""
_NAMED = 3
_NUMBERS = 1 << 31


@dataclass(frozen=True, slots=True)
class Remark:
    """Something about one row."""

    row: int
    """Its number in the sheet, from 1."""
    text: str


@dataclass(slots=True)
class Wish:
    """What one row asks for; where it is fulfilled, nothing."""

    row: SheetRow
    unit: str
    """What the decision and comment are about; after an edit the new one."""
    texts: Texts
    """Of the bead, as it is now."""
    status: str
    """Of the bead, as it is now."""
    verdict: Verdict | None = None
    edit: Restructured | None = None
    bead: StoredBead | None = None
    """That is edited."""
    alignment: int = 0
    comment: str = ""

    @property
    def is_fulfilled(self) -> bool:
        """Whether there is nothing left to do."""
        return not (self.verdict or self.edit or self.comment)


@dataclass(frozen=True, slots=True)
class Wishes:
    """What all rows ask for."""

    open: tuple[Wish, ...]
    unchanged: int
    """Rows in which nothing was changed."""
    problems: Mapping[str, tuple[Remark, ...]]
    """Rows that are left alone, by the keys of PROBLEMS."""


class _LeftAloneError(Exception):
    """A row is left alone, for one of PROBLEMS."""

    def __init__(self, problem: str, text: str) -> None:
        super().__init__(text)
        self.problem, self.text = problem, text


def wishes_of(connection: Connection, rows: Sequence[SheetRow], *, reviewer: str, overwrite_decisions: bool) -> Wishes:
    """What the rows ask for; each is either left alone, for one of PROBLEMS, or done whole."""
    reader = _Reader(connection, _known_of(connection, rows), reviewer, overwrite_decisions)
    problems: dict[str, list[Remark]] = {problem: [] for problem in PROBLEMS}
    wishes: list[Wish] = []
    unchanged = 0
    for same in _repeated(rows):
        if len({(row.source, row.target, row.status, row.reason, row.comment) for row in same}) > 1:
            problems["doubled"] += [Remark(row.number, f"as row {_others(row, same)}, with other contents") for row in same]
            continue
        try:
            wish = reader.wish(same[0])
        except _LeftAloneError as left:
            problems[left.problem] += [Remark(row.number, left.text) for row in same]
        else:
            unchanged += len(same) if wish is None else 0
            wishes += [wish] if wish else []
    agreeing, torn = _agreeing(wishes)
    problems["doubled"] += torn
    sorted_ = {problem: tuple(sorted(found, key=lambda remark: remark.row)) for problem, found in problems.items()}
    return Wishes(tuple(wish for wish in agreeing if not wish.is_fulfilled), unchanged, sorted_)


@dataclass(frozen=True, slots=True)
class _Known:
    """What the corpus says of the beads of a sheet."""

    texts: Mapping[str, Texts]
    """Of the rows' units."""
    at: Mapping[Place, Any]
    """All about the beads where the rows were, and about those of `elsewhere`."""
    elsewhere: Mapping[str, Sequence[Place]]
    """Where units stand that are not where their rows were."""
    comments: Mapping[str, Sequence[Any]]
    torn: frozenset[str]
    """Units that reviewers disagree on."""


def _known_of(connection: Connection, rows: Sequence[SheetRow]) -> _Known:
    places = {row: _place(row) for row in rows}
    at = listing.details(connection, {place for place in places.values() if place})
    strayed = {row.unit for row, place in places.items() if place not in at or at[place].unit != row.unit}
    elsewhere: dict[str, list[Place]] = defaultdict(list)
    for found in listing.places_of(connection, strayed):
        elsewhere[found.unit].append((found.alignment, found.position))
    at |= listing.details(connection, [place for found in elsewhere.values() for place in found])
    units = {row.unit for row in rows if row.unit}
    spoken_of = units | {found.unit for found in at.values()}
    comments, torn = listing.comments_on(connection, spoken_of), listing.conflicts(connection, spoken_of)
    return _Known(listing.unit_texts(connection, units), at, elsewhere, comments, frozenset(torn))


class _Reader:
    """Reads what rows ask for, with all that the corpus says of their beads at hand."""

    def __init__(self, connection: Connection, known: _Known, reviewer: str, overwrite_decisions: bool) -> None:
        self._connection, self._known = connection, known
        self._reviewer, self._overwrite = reviewer, overwrite_decisions
        self._documents: dict[int, TextPair] = {}

    def wish(self, row: SheetRow) -> Wish | None:
        """What the row asks for; None where nothing in it was changed. Raises _LeftAloneError."""
        if row.unit not in self._known.texts:
            raise _LeftAloneError("unknown", "the corpus never held this text: is it the right corpus?")
        shown = cells(self._known.texts[row.unit])
        was = shown_in(row.revision)
        wanted = _decision(row, was)
        is_edited = (row.source, row.target) != shown
        if wanted == was and not is_edited and not row.comment:
            return None
        found, is_done = self._bead(row, is_edited)
        now = found.status, found.reason or ""
        wish = Wish(row, found.unit, (found.source, found.target), found.status)
        if is_edited and not is_done:
            self._check_decision(row, found)
            wish.edit, wish.bead, wish.alignment = self._edit(row, found, shown), StoredBead.of(found), found.alignment
            wish.unit = wish.edit.units[0].id
            if wanted[0] != UNREVIEWED:
                wish.verdict = self._verdict(wish.unit, wanted, found)
        elif now != wanted and (is_done or wanted != was):
            self._check_decision(row, found)
            wish.verdict = self._verdict(wish.unit, wanted, found)
        said = (comment.text for comment in self._known.comments.get(found.unit, ()) if comment.reviewer == self._reviewer)
        if row.comment and row.comment not in map(xml_text, said):
            wish.comment = row.comment
        return wish

    def _bead(self, row: SheetRow, is_edited: bool) -> tuple[Any, bool]:
        """The row's bead, and whether it says what the row was edited to already."""
        place = _place(row)
        here = self._known.at.get(place) if place else None
        if here and here.unit == row.unit:
            return here, False
        if here and is_edited and cells((here.source, here.target)) == (row.source, row.target):
            return here, True
        elsewhere = sorted(self._known.elsewhere.get(row.unit, ()), key=lambda found: (not place or found[0] != place[0], found))
        if not elsewhere or (is_edited and len(elsewhere) > 1):
            raise _LeftAloneError("changed", "its segments were changed or aligned otherwise; write the sheet again")
        return self._known.at[elsewhere[0]], False

    def _check_decision(self, row: SheetRow, found: Any) -> None:
        """Raise _LeftAloneError where the bead was decided on after the sheet was written, unless that does not matter."""
        now = revision(found.status, found.reason or "", found.reviewer or "", found.at or "")
        is_open = found.unit != row.unit and found.status == UNREVIEWED
        if now != row.revision and not is_open and not self._overwrite:
            who = (
                f"{found.status} by {found.reviewer} on {found.at[:16].replace('T', ' at ')}" if found.at else "the decision was taken back"
            )
            raise _LeftAloneError("decided", who)

    def _edit(self, row: SheetRow, found: Any, shown: tuple[str, str]) -> Restructured:
        for side, cell in (("source", row.source), ("target", row.target)):
            if cell in _ERRORS and cell not in shown:
                raise _LeftAloneError("wrong", f"the {side} says {cell}, for a spreadsheet took it for a formula: type the text again")
        texts = [
            cell if cell != before else held
            for cell, before, held in zip((row.source, row.target), shown, (found.source, found.target), strict=True)
        ]
        if found.alignment not in self._documents:
            self._documents[found.alignment] = texts_of(self._connection, found.alignment)
        held = Held(StoredBead.of(found), (found.source, found.target))
        try:
            return restructuring.edited(held, (texts[0], texts[1]), self._documents[found.alignment])
        except ReviewError as error:
            raise _LeftAloneError("wrong", str(error)) from error

    def _verdict(self, unit: str, wanted: tuple[str, str], found: Any) -> Verdict:
        seen = Seen(found.source_document, found.target_document, found.source_spans, found.target_spans)
        return Verdict(unit, *wanted, seen, settles=found.unit in self._known.torn and wanted[0] in (ACCEPTED, REJECTED))


def _decision(row: SheetRow, was: tuple[str, str]) -> tuple[str, str]:
    """The status and reason that a row says. Raises _LeftAloneError where it says none."""
    status, reason = row.status or was[0], row.reason
    if status not in STATUSES:
        raise _LeftAloneError("wrong", f"the status {status!r} is none of {', '.join(STATUSES)}")
    if reason and reason not in REASONS:
        raise _LeftAloneError("wrong", f"the reason {reason!r} is none of {', '.join(REASONS)}")
    if status in (ACCEPTED, UNREVIEWED) and reason:
        if (status, reason) == was or (status != was[0] and reason == was[1]):
            return status, was[1] if status == was[0] else ""  # a reason left over from what the row said before
        raise _LeftAloneError("wrong", f"a reason, {reason}, but the status is {status}: choose rejected or flagged, or no reason")
    return status, reason


def _agreeing(wishes: Sequence[Wish]) -> tuple[list[Wish], list[Remark]]:
    """The wishes but those that contradict each other: one unit decided on in two ways, or one bead edited in two ways."""
    about: dict[object, list[tuple[Wish, object]]] = defaultdict(list)
    for wish in wishes:
        if wish.verdict:
            about[wish.unit].append((wish, (wish.verdict.status, wish.verdict.reason)))
        if wish.bead:
            about[wish.alignment, wish.bead.position].append((wish, wish.unit))
    torn: dict[int, Remark] = {}
    for said in about.values():
        if len({what for _, what in said}) > 1:
            rows = [wish.row for wish, _ in said]
            torn |= {
                row.number: Remark(row.number, f"the same texts as in row {_others(row, rows)}, with another decision") for row in rows
            }
    return [wish for wish in wishes if wish.row.number not in torn], list(torn.values())


def _repeated(rows: Sequence[SheetRow]) -> list[list[SheetRow]]:
    """The rows, those of one bead together."""
    same: dict[tuple[str, str], list[SheetRow]] = defaultdict(list)
    for row in rows:
        same[row.key, row.unit].append(row)
    return list(same.values())


def _others(row: SheetRow, same: Sequence[SheetRow]) -> str:
    """The numbers of the other rows, or of the first of them."""
    numbers = [str(other.number) for other in same[: _NAMED + 1] if other is not row][:_NAMED]
    return ", ".join(numbers) + (" …" if len(same) - 1 > _NAMED else "")


def _place(row: SheetRow) -> Place | None:
    """Where the row's bead stood; None where that is no place, or none that a database could look for."""
    try:
        alignment, position = place_of(row.key)
    except ReviewError:
        return None
    return (alignment, position) if 0 <= alignment < _NUMBERS and math.isfinite(position) else None


def cells(texts: tuple[str, str]) -> tuple[str, str]:
    """Texts as a sheet says them."""
    return xml_text(texts[0]), xml_text(texts[1])
