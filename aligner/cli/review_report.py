"""What `aligner review` tells: what an import does or would do, and how far a review is."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from aligner.cli import console

if TYPE_CHECKING:
    from aligner.reviewing.documents import Listed
    from aligner.reviewing.overview import Overview
    from aligner.reviewing.sheets.importing import Plan, Remark

LISTED = 20
"""So many rows of each kind are listed; --json has all."""
DOCUMENTS_LISTED = 100


def figures_of_import(plan: Plan, is_applied: bool) -> dict[str, Any]:
    """A plan, for --json."""

    def listed(remarks: Mapping[str, Sequence[Remark]]) -> dict[str, list[dict[str, Any]]]:
        return {kind: [dataclasses.asdict(remark) for remark in found] for kind, found in remarks.items()}

    return {
        "applied": is_applied,
        "rows": plan.rows,
        "decided": listed(plan.decided),
        **listed({"edited": plan.edited, "commented": plan.commented}),
        "unchanged": plan.unchanged,
        "fulfilled": plan.fulfilled,
        "missing": plan.missing,
        "left_alone": listed(plan.problems),
    }


def lines_of_import(plan: Plan, what: str, is_applied: bool) -> list[str]:
    """A plan for a person to read."""
    from aligner.reviewing.sheets.importing import PROBLEMS  # brings SQLAlchemy, which --help can do without

    lines = [f"{'Import' if is_applied else 'Dry run'} of {what}: {console.counted(plan.rows, 'row')}"]
    asked: Mapping[str, Sequence[Remark]] = {**plan.decided, "edited": plan.edited, "commented": plan.commented}
    for heading, remarks in asked.items():
        lines += _listing(heading, remarks)
    lines += [f"  {heading:<11} {count:,}" for heading, count in (("unchanged", plan.unchanged), ("so already", plan.fulfilled)) if count]
    for problem, remarks in plan.problems.items():
        lines += _listing(f"left alone, for they are {PROBLEMS[problem]}:", remarks)
    if plan.missing:
        first = ", ".join(map(str, plan.missing[:LISTED])) + (" …" if len(plan.missing) > LISTED else "")
        lines.append(f"  {'missing':<11} {len(plan.missing):,} of the rows that were written, which stay as they are: {first}")
    if plan.is_empty:
        lines.append("Nothing was done." if is_applied else "There is nothing to do.")
    else:
        lines.append("Done, as one action of this reviewer." if is_applied else "Nothing was changed; --apply does it.")
    return lines


def lines_of_status(name: str, found: Overview) -> list[str]:
    """How far a review is, for a person to read."""
    decided = found.beads - found.by_status["unreviewed"]
    lines = [
        f"{name}: {decided:,} of {found.beads:,} rows reviewed ({decided / max(found.beads, 1):.0%}); a row is a pair at its place, "
        "or a segment without counterpart",
        "status     " + ", ".join(f"{count:,} {status}" for status, count in found.by_status.items()),
        f"conflicts  {console.counted(found.conflicts, 'row')}",
    ]
    lines += ["reviewers"] if found.reviewers else []
    for who in found.reviewers:
        counts = ", ".join(f"{count:,} {status}" for status, count in sorted(who.by_status.items())) or "nothing that holds"
        speed = f", {who.per_hour:,.0f} an hour" if who.per_hour else ""
        lines.append(f"  {who.name}: {counts}{speed}; last on {who.last[:16].replace('T', ' at ')} UTC")
    lines += ["agreement"] if found.agreement else []
    for pair in found.agreement:
        kappa = "no kappa, for all have one status" if pair.kappa is None else f"kappa {pair.kappa:.2f}"
        lines.append(f"  {' and '.join(pair.reviewers)}: {pair.agreed:,} of {console.counted(pair.units, 'different row')} alike, {kappa}")
    return lines + _lines_of_documents([one for one in found.documents if one.beads], len(found.documents))


def _lines_of_documents(documents: Sequence[Listed], count: int) -> list[str]:
    """How far the documents are in which something is to be reviewed, of so many; where they are too many, those that are not done."""
    shown = documents
    if len(documents) > DOCUMENTS_LISTED:
        shown = [one for one in documents if one.decided < one.beads][:DOCUMENTS_LISTED]
    width = max((len(one.document) for one in shown), default=0)
    lines = ["documents"]
    for one in shown:
        whose = f"  {one.reviewer}" if one.reviewer else ""
        lines.append(f"  {one.document:<{width}} {one.beads - one.decided:>7,} of {one.beads:,} open{whose}")
    if len(documents) > len(shown):
        lines.append(f"  and {len(documents) - len(shown):,} more, which --json names")
    if count > len(documents):
        lines.append(f"  in {count - len(documents):,} there is nothing to review")
    return lines


def _listing(heading: str, remarks: Sequence[Remark]) -> list[str]:
    """How many rows, and which."""
    if not remarks:
        return []
    lines = [f"  {heading:<11} {len(remarks):,}", *(f"    row {remark.row}: {remark.text}" for remark in remarks[:LISTED])]
    return lines + ([f"    and {len(remarks) - LISTED:,} more"] if len(remarks) > LISTED else [])
