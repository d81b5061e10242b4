"""Which units of a corpus an export takes, and what it says of the others."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from aligner.cli import console
from aligner.cli.options import too_improbable
from aligner.types import TranslationUnit

_REASONS = ("status", "rejected", "improbable", "boilerplate", "copy", "annotated")


@dataclass
class Selection:
    """What is wanted of a corpus; it counts what comes, what goes on, and what is left out for which reason."""

    status: str | None
    """The one that is wanted; None for all but rejected."""
    min_probability: float
    without: Collection[str]
    """Kinds of annotations."""
    repeated: Mapping[str, str]
    """Units that repeat, with `boilerplate` or `copy`."""
    disputed: Collection[str]
    """Units that one reviewer accepted and another rejected."""
    mended: Collection[str]
    """Units that a reviewer made and that nobody has decided on."""
    units: int = 0
    """All of the corpus."""
    left_out: Counter[str] = field(default_factory=Counter)
    """By the first reason that held."""
    written_disputed: int = 0
    written_mended: int = 0
    mended_left_out: int = 0
    """For they are not probable enough."""
    written_annotated: int = 0
    annotations: Counter[str] = field(default_factory=Counter)
    """Kinds on what was written."""
    annotations_left_out: Counter[str] = field(default_factory=Counter)
    """Kinds for which units were left out."""

    def pass_over(self, others: Mapping[str, int]) -> None:
        """Count units, by status, that need not even be read, for another status is wanted."""
        count = sum(count for status, count in others.items() if status != self.status)
        self.units += count
        self.left_out["status"] += count

    def of(self, units: Iterable[TranslationUnit]) -> Iterator[TranslationUnit]:
        """Those that are wanted of the units, which have the status."""
        for unit in units:
            self.units += 1
            if reason := self._reason(unit):
                self.left_out[reason] += 1
                if reason == "annotated":
                    self.annotations_left_out.update(set(self.without).intersection(unit.annotations))
                self.mended_left_out += reason == "improbable" and unit.id in self.mended
                continue
            self.annotations.update(unit.annotations)
            self.written_annotated += bool(unit.annotations)
            self.written_disputed += unit.id in self.disputed
            self.written_mended += unit.id in self.mended
            yield unit

    def figures(self) -> dict[str, Any]:
        """The counts, for --json."""
        return {
            "units": self.units,
            "disputed": self.written_disputed,
            "mended": {"written": self.written_mended, "improbable": self.mended_left_out},
            "left_out": {reason: self.left_out[reason] for reason in _REASONS},
            "annotations": dict(self.annotations),
        }

    def lines(self) -> list[str]:
        """The same for a person: why units were left out, and what to know of the others."""
        said = {
            "status": f"not {self.status} (--status)",
            "rejected": "rejected",
            "improbable": too_improbable(self.min_probability),
            "boilerplate": "boilerplate of sites (--with-repeats writes them)",
            "copy": "in near copies of documents (--with-repeats writes them)",
            "annotated": f"annotated: {console.counts(self.annotations_left_out)} (--without)",
        }
        lines = [f"  left out  {self.left_out[reason]:,} {said[reason]}" for reason in _REASONS if self.left_out[reason]]
        if self.annotations:
            kinds = console.counts(self.annotations)
            lines.append(f"  annotated {self.written_annotated:,} of those written: {kinds} (--without KIND leaves them out)")
        if self.written_disputed:
            lines.append(
                f"  disputed  {self.written_disputed:,} that one reviewer accepted and another rejected: the latest decision counts"
            )
        if self.written_mended or self.mended_left_out:
            lines.append(f"  mended    {self._mended()} that a reviewer merged, split, moved or edited and nobody has decided on")
        return lines

    def _mended(self) -> str:
        """How many were written and how many were not."""
        counts = (self.written_mended, "of those written"), (self.mended_left_out, "of the less probable")
        return " and ".join(f"{count:,} {where}" for count, where in counts if count)

    def _reason(self, unit: TranslationUnit) -> str:
        """Why a unit is left out; empty where it is wanted."""
        is_accepted = unit.status == "accepted"
        if self.status is None and unit.status == "rejected":
            return "rejected"
        if not is_accepted and (unit.probability or 0) < self.min_probability:
            return "improbable"
        if unit.id in self.repeated:
            return self.repeated[unit.id]
        if not is_accepted and not set(self.without).isdisjoint(unit.annotations):
            return "annotated"
        return ""
