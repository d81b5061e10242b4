"""What `aligner batch` tells a person of what it did."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aligner.cli import console

if TYPE_CHECKING:
    from aligner.batch import Outcome

_LISTED = 20
"""Failures that are shown one by one."""
_KINDS = 5
"""Suffixes that are shown one by one."""


def lines_of(outcome: Outcome, dumps: tuple[str, ...], dry_run: bool) -> list[str]:
    """The summary for a person."""
    lines = [f"{outcome.found:,} document{' or pair' if outcome.found == 1 else 's and pairs'} in {console.counted(len(dumps), 'dump')}"]
    if outcome.passed_over:
        counts = sorted(outcome.passed_over.items(), key=lambda kind: -kind[1])
        kinds = ", ".join(f"{kind} {count:,}" for kind, count in counts[:_KINDS]) + (", …" if len(counts) > _KINDS else "")
        lines.append(f"  passed over  {sum(outcome.passed_over.values()):,} files and records that are no texts ({kinds})")
    lines.append(f"  known        {outcome.done_before:,} done before")
    if dry_run:
        compared = f", of which {outcome.to_compare:,} pages may become pairs by what they say" if outcome.to_compare else ""
        lines.append(f"  to do        {outcome.to_do:,}{compared}")
    else:
        lines.append(f"  done         {outcome.done:,}, {outcome.new_units:,} new units")
    if outcome.empty:
        lines.append(f"  empty        {outcome.empty:,} of these, which hold no text")
    if outcome.paired:
        lines.append(f"  paired       {outcome.paired:,} of these by what two pages say")
    if outcome.done_otherwise:
        lines.append(f"  left         {outcome.done_otherwise:,} done with another encoder, weights or version (--redo does them again)")
    if outcome.quarantined_before:
        before = len(outcome.quarantined_before)
        lines.append(f"  quarantined  {before:,} before, and left alone (--retry-quarantined tries them again):")
    for what, failed in (
        ("before", outcome.quarantined_before),
        ("quarantined", outcome.quarantined),
        ("unreadable", outcome.unreadable),
    ):
        lines += [f"  {what:11}  {name}: {reason.removeprefix(f'{name}: ')}" for name, reason in list(failed.items())[:_LISTED]]
        if len(failed) > _LISTED:
            lines.append(f"  {what:11}  and {len(failed) - _LISTED:,} more, which --json names")
    return lines


def what_is_left(reached: tuple[str, int, int] | None) -> str:
    """What Ctrl-C leaves of a batch, by the stage that was at work, what of it was done, and how much there was."""
    if reached is None or reached[0] != "align":
        return "nothing was aligned yet. The same command begins again."
    return f"{reached[1]:,} of {reached[2]:,} are done and in the corpus. The same command goes on with the rest."
