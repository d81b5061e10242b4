"""The summary of an `aligner align`: what came, what was found, what was left out, where it went."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from aligner.cli import console, options
from aligner.formats.files import STDIO
from aligner.types import Alignment


@dataclass
class Summary:
    """Counts over the alignments of one run; filled as they come."""

    source_lang: str
    target_lang: str
    pairs: int = 0
    pages: int = 0
    segments: Counter[str] = field(default_factory=Counter)
    """Segments of `source` and `target`, or of pages: `page`."""
    beads: Counter[str] = field(default_factory=Counter)
    """Linked beads by type, such as 2-1."""
    nulls: Counter[str] = field(default_factory=Counter)
    """Segments of document pairs without counterpart, of `source` and `target`."""
    left_out: int = 0
    """Linked beads below `min_probability`, which the output does not hold."""
    min_probability: float = 0.0
    written: int | None = None
    """Units, or lines of beads; None where only a corpus is filled."""
    annotated: int = 0
    """Of the units that were written, those of which something may be wrong."""
    annotations: Counter[str] = field(default_factory=Counter)
    """How many of them bear each kind."""
    output: str | None = None
    corpus: dict[str, Any] | None = None
    remarks: list[str] = field(default_factory=list)
    unpaired: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    _began: float = field(default_factory=time.monotonic)

    def count(self, alignment: Alignment, min_probability: float) -> None:
        """Take one more alignment into account, whose less probable links are left out."""
        if alignment.is_page:
            self.pages += 1
            self.segments["page"] += len(alignment.source.segments)
        else:
            self.pairs += 1
            self.segments["source"] += len(alignment.source.segments)
            self.segments["target"] += len(alignment.target.segments)
        for bead in alignment.beads:
            if bead.is_null:
                self.nulls["source"] += len(bead.source)
                self.nulls["target"] += len(bead.target)
            else:
                self.beads[f"{len(bead.source)}-{len(bead.target)}"] += 1
                self.left_out += bead.probability < min_probability
        name = f"{alignment.source.name}: " if alignment.is_page else ""  # of a pair, each remark names the document
        self.remarks += (name + remark for remark in alignment.remarks)

    def figures(self) -> dict[str, Any]:
        """Everything, for --json."""
        return {
            "languages": [self.source_lang, self.target_lang],
            "pairs": self.pairs,
            "pages": self.pages,
            "segments": dict(self.segments),
            "beads": dict(self.beads.most_common()),
            "nulls": dict(self.nulls),
            "written": self.written,
            "left_out": self.left_out,
            "min_probability": self.min_probability,
            "annotations": dict(self.annotations.most_common()),
            "output": self.output,
            "corpus": self.corpus,
            "remarks": self.remarks,
            "unpaired": self.unpaired,
            "failed": self.failed,
            "seconds": round(time.monotonic() - self._began, 2),
        }

    def lines(self) -> list[str]:
        """The same for a person to read."""
        documents = [f"{console.counted(count, kind)}" for count, kind in ((self.pairs, "document pair"), (self.pages, "page")) if count]
        found = ", ".join(f"{count:,} × {shape}" for shape, count in self.beads.most_common())
        lines = [
            f"Aligned {' and '.join(documents) or 'nothing'} in {time.monotonic() - self._began:.1f} s",
            f"  segments  {', '.join(f'{count:,} {self._side(side)}' for side, count in self.segments.items()) or 'none'}",
            f"  linked    {found or 'nothing'}",
        ]
        if self.pairs:
            lines.append(f"  unlinked  {self.nulls['source']:,} {self.source_lang}, {self.nulls['target']:,} {self.target_lang}")
        if self.written is not None and self.output is not None:
            empty = "" if self.written or self.output == STDIO else ", which is there but empty"
            lines.append(f"  written   {self.written:,} to {console.destination(self.output)}{empty}")
            if self.left_out:
                lines.append(f"  left out  {self.left_out:,} {options.too_improbable(self.min_probability)}")
        if self.annotations:
            lines.append(f"  annotated {self.annotated:,} of those written: {console.counts(self.annotations)}")
        if self.corpus is not None:
            new, url = console.counted(self.corpus["units"], "new unit"), self.corpus["url"]
            lines.append(f"  corpus    {new} in {url}, {self.corpus['known']:,} known before")
        lines += (f"  note      {remark}" for remark in self.remarks)
        lines += (f"  unpaired  {path}" for path in self.unpaired)
        lines += (f"  failed    {failure}" for failure in self.failed)
        return lines

    def _side(self, side: str) -> str:
        return {"source": self.source_lang, "target": self.target_lang, "page": "on pages"}[side]
