"""What a review sheet that came back asks for: found out first, so that a person can read it, then done as one action.

A row is found by the bead and unit that it was written from, never by its place. Only what differs from what was written is a wish;
a wish that is fulfilled already is none, so that a sheet can be imported twice.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from aligner.corpus import STATUSES, Corpus
from aligner.corpus.actions import Act, record, take_turn
from aligner.corpus.beads import SIDES
from aligner.corpus.placing import Change
from aligner.formats.workbooks import MAX_ROWS
from aligner.reviewing.sheets.sheet_rows import SheetRow
from aligner.reviewing.sheets.sheet_wishes import PROBLEMS, Remark, Wish, Wishes, cells, wishes_of

__all__ = ["PROBLEMS", "Plan", "Remark", "carry_out_import", "plan_import"]

TOOL, KIND = "spreadsheet", "import"
_AROUND = 20
_HEADER = 1  # row


@dataclass(frozen=True, slots=True)
class Plan:
    """What an import does, or did."""

    rows: int
    decided: Mapping[str, tuple[Remark, ...]]
    """Rows whose bead gets another status, by status; one whose words alone change, and whose status stays, is `edited` only."""
    edited: tuple[Remark, ...]
    commented: tuple[Remark, ...]
    problems: Mapping[str, tuple[Remark, ...]]
    """Rows that are left alone, by the keys of PROBLEMS."""
    missing: tuple[int, ...]
    """Rows that the sheet had when it was written and has no more, by their numbers then; nothing is done for them."""
    unchanged: int
    """Rows in which nothing was changed."""
    fulfilled: int
    """Rows that ask for what is so already."""
    act: Act

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to do."""
        return not (self.act.verdicts or self.act.changes or self.act.comments)


def plan_import(corpus: Corpus, rows: Sequence[SheetRow], *, reviewer: str, overwrite_decisions: bool = False) -> Plan:
    """Find out what the rows ask for; nothing is changed.

    overwrite_decisions: decide also where somebody has decided since the sheet was written.
    """
    with corpus.reading() as connection:
        wishes = wishes_of(connection, rows, reviewer=reviewer, overwrite_decisions=overwrite_decisions)
        return _plan(rows, wishes, reviewer)


def carry_out_import(corpus: Corpus, rows: Sequence[SheetRow], *, reviewer: str, overwrite_decisions: bool = False) -> Plan:
    """Do what the rows ask for as one action, which one undo takes back; rows with problems are left alone.

    It is found out in the transaction that does it, so that nothing that others do meanwhile is overwritten.
    """
    with corpus.writing() as connection:
        take_turn(connection)
        plan = _plan(rows, wishes_of(connection, rows, reviewer=reviewer, overwrite_decisions=overwrite_decisions), reviewer)
        if not plan.is_empty:
            record(connection, plan.act)
    return plan


def _plan(rows: Sequence[SheetRow], wishes: Wishes, reviewer: str) -> Plan:
    decided: dict[str, list[Remark]] = {status: [] for status in STATUSES}
    edited, commented = [], []
    for wish in wishes.open:
        number, stays = wish.row.number, ""
        if wish.edit and wish.verdict and (wish.verdict.status, wish.verdict.reason) == (wish.status, ""):
            stays = f"; stays {wish.status}"  # the sheet asks for new words, and for no other decision
        elif wish.verdict:
            reason = f"{wish.verdict.reason}; " if wish.verdict.reason else ""
            decided[wish.verdict.status].append(Remark(number, f"{reason}was {wish.status}"))
        if wish.edit:
            edited.append(Remark(number, _difference(wish) + stays))
        if wish.comment:
            commented.append(Remark(number, wish.comment))
    left_alone = sum(map(len, wishes.problems.values()))
    return Plan(
        rows=len(rows),
        decided={status: tuple(remarks) for status, remarks in decided.items()},
        edited=tuple(edited),
        commented=tuple(commented),
        problems=wishes.problems,
        missing=_missing(rows),
        unchanged=wishes.unchanged,
        fulfilled=len(rows) - len(wishes.open) - left_alone - wishes.unchanged,
        act=Act(
            KIND,
            reviewer,
            TOOL,
            tuple({wish.unit: wish.verdict for wish in wishes.open if wish.verdict}.values()),
            tuple(
                Change(wish.alignment, (wish.bead,), wish.edit.beads, wish.edit.places) for wish in wishes.open if wish.edit and wish.bead
            ),
            tuple(unit for wish in wishes.open if wish.edit for unit in wish.edit.units),
            tuple((wish.unit, wish.comment) for wish in wishes.open if wish.comment),
        ),
    )


def _missing(rows: Sequence[SheetRow]) -> tuple[int, ...]:
    """Which rows of the sheet as it was written are not there."""
    written = [row.written for row in rows if row.written]
    counts = Counter(count for _, count in written if count <= MAX_ROWS)
    if not counts:
        return ()
    first, last = _HEADER + 1, _HEADER + counts.most_common(1)[0][0]
    return tuple(sorted(set(range(first, last + 1)) - {_HEADER + number for number, _ in written}))


def _difference(wish: Wish) -> str:
    """What an edit changes, in words."""
    sides = zip(SIDES, cells(wish.texts), (wish.row.source, wish.row.target), strict=True)
    return "; ".join(f"{side}: {_excerpt(before, after)}" for side, before, after in sides if before != after)


def _excerpt(before: str, after: str) -> str:
    """The part in which two texts differ, with some letters around it."""
    start = max(0, _common(before, after) - _AROUND)
    end = max(0, _common(before[start:][::-1], after[start:][::-1]) - _AROUND)
    parts = [f"{'…' if start else ''}{text[start : len(text) - end]}{'…' if end else ''}" for text in (before, after)]
    return f"“{parts[0]}” becomes “{parts[1]}”"


def _common(one: str, other: str) -> int:
    """How many letters two texts begin with alike."""
    shorter = min(len(one), len(other))
    return next((number for number in range(shorter) if one[number] != other[number]), shorter)
