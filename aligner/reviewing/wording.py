"""What a reviewer is told: what was done or taken back, what there is no more of, and what samples say."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from math import floor

from aligner.corpus import STATUSES, UNREVIEWED
from aligner.reviewing.filters import DOUBTFUL
from aligner.reviewing.sampling import LEAST_CHECKED, SAMPLE, Bulk, most_wrong

NO_COUNTERPART = "marked: no counterpart"
_VERBS = dict(zip(STATUSES, ("withdraw", "accept", "reject", "flag"), strict=True))
_NOUNS = {"accepted": "acceptance", "rejected": "rejection", "flagged": "flag"}
_A = {"accepted": "an", "rejected": "a", "flagged": "a"}
_ACTIONS = {
    "null": "no counterpart",
    "replace": "find and replace",
    "realign": "align document anew",
    "import": "import of a sheet",
}
"""Kinds of actions that are not called what they are; the others are: merge, split, edit, …"""
_NONE_LEFT = {
    "doubtful": f"no other doubtful row left in this view (under {DOUBTFUL:.1f}); T goes to the next to do, B accepts many at once",
    "unreviewed": "no other row to do left in this view; L shows others",
    "other": "no other row in this view that is not 1-1",
    "flagged": "no other flagged row in this view",
    "conflict": "no other row in this view on which reviewers disagree",
    "changed": "no other row in this view that changed since it was reviewed",
}
_ALL_DECIDED = "every row is decided: nothing is left to do; I shows the figures"


def decided(status: str, count: int) -> str:
    """That rows have a status now."""
    what = "open again" if status == UNREVIEWED else status
    return what if count == 1 else f"{count} {what}"


def probability(value: float) -> str:
    """A probability in three digits; never rounded up, for .9996 is not certain."""
    return f"{floor(value * 1000 + 1e-9) / 1000:.3f}"


def withdrawn(statuses: Iterable[str]) -> str:
    """That decisions of these statuses do not hold for what has taken the place of what they were about; empty where there are none."""
    counts = Counter(status for status in statuses if status in _NOUNS)
    said = [f"{_A[one]} {word}" if counts[one] == 1 else f"{counts[one]:,} {word}s" for one, word in _NOUNS.items() if one in counts]
    are, back = ("is", "it") if counts.total() == 1 else ("are", "them")
    return f"; {' and '.join(said)} {are} withdrawn: decide again, or Z brings {back} back" if said else ""


def action(kind: str, said: Mapping[str, int]) -> str:
    """An action that is taken back or brought back; `said`: to how many rows it gave each status."""
    if kind not in ("decide", "bulk"):
        return _ACTIONS.get(kind, kind)
    if kind == "bulk":
        return ", ".join(f"{count:,} {status}" for status, count in said.items()) + " at once"
    return ", ".join(_VERBS[status] if count == 1 else decided(status, count) for status, count in said.items())


def none_left(to: str, open_rows: int) -> str:
    """That there is nothing to go to; `to` as `View.go` takes it, `open_rows`: how many rows of the corpus nobody has decided on."""
    step, _, kind = to.partition("_")
    if step not in ("next", "previous"):
        return "this row is not in this view: L changes what is shown"
    return _ALL_DECIDED if kind in ("doubtful", "unreviewed") and not open_rows else _NONE_LEFT[kind]


def drawn(pairs: int, rows: int) -> str:
    """What a random sample holds: pairs of texts, and the rows where they stand."""
    where = "" if rows == pairs else f" (they stand in {rows} rows: some occur more than once, and are decided together)"
    return f"{_counted(pairs, 'pair')} drawn at random{where}: decide on one after the other, and stop when you like; B says what it tells"


def known_of(state: Bulk) -> list[str]:
    """What is known at a probability, a sentence each."""
    links = state.links
    have = "has" if links.count == 1 else "have"
    but = f", but for {links.annotated:,} in which something may be wrong" if links.are_left_out and links.annotated else ""
    said = [f"{_counted(links.count, 'undecided row')} with both sides {have} a probability of {state.probability:g} or more{but}."]
    if links.made:
        said.append(
            f"{links.made:,} more {_were(links.made)} merged, split, moved or edited in review, and nobody has decided on "
            f"{'it' if links.made == 1 else 'them'} since: not taken. L finds such rows (To do, mended)."
        )
    if state.rate is not None:
        low, high = state.interval
        said.append(
            f"Of {_counted(state.checked, 'pair')} drawn at random and checked, {state.wrong} {_were(state.wrong)} wrong: "
            f"{state.rate:.1%} (95 % interval {low:.1%} to {high:.1%})."
        )
    if state.passed_over:
        said.append(
            f"{_counted(state.passed_over, 'drawn pair')} {_were(state.passed_over)} passed over before the last that was decided: "
            f"decide on {'it' if state.passed_over == 1 else 'them'} too, for whoever leaves out the hard ones finds too few wrong."
        )
    if state.pending:
        said.append(f"{_counted(state.pending, 'drawn pair')} {'waits' if state.pending == 1 else 'wait'} to be checked.")
    if not state.is_checked and links.count:
        said.append(_to_check(state))
    return said


def _to_check(state: Bulk) -> str:
    """How many are to be checked, and what that can tell."""
    rows = state.links.count + state.checked
    if rows <= LEAST_CHECKED:
        return (
            f"{'They are' if state.checked else 'How many of them are wrong is not known, and they are'} too few to draw from: check all."
        )
    known = "" if state.checked else "How many of them are wrong is not known: check some that are drawn at random. "
    enough = " and ".join(f"{most_wrong(number):.0%} after {number}" for number in (LEAST_CHECKED, SAMPLE) if number <= rows)
    return (
        f"{known}They come in random order, so that you may stop after any, best after {LEAST_CHECKED} or more: "
        f"if none is wrong, the share of wrong ones is at most {enough}."
    )


def _were(count: int) -> str:
    return "was" if count == 1 else "were"


def _counted(count: int, word: str) -> str:
    return f"{count:,} {word}{'' if count == 1 else 's'}"
