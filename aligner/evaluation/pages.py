"""Links found on pages that hold both languages, by line, beside gold."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from aligner.evaluation.files import Paths, paired_files
from aligner.evaluation.links import LinkReport, evaluate_links
from aligner.formats.beads import read_beads
from aligner.formats.page_gold import PageGold, read_page_gold
from aligner.scoring import Judgement, Link, Links
from aligner.types import Bead


@dataclass(frozen=True, slots=True)
class PageLinks:
    """What was found on one page beside what is right."""

    between: Links
    """Between two lines of one language each."""
    within: Links
    """Of lines that hold both languages, with themselves."""

    @classmethod
    def of(cls, gold: PageGold, beads: Iterable[Bead]) -> PageLinks:
        """From beads whose numbers are those of the page's lines. Links of a line that holds both languages with another do not count."""
        found: dict[Link, float] = {}
        for bead in beads:
            for link in ((i, j) for i in bead.source for j in bead.target):
                found[link] = max(bead.probability, found.get(link, 0.0))
        between = {(i, j): p for (i, j), p in found.items() if i != j and not {i, j} & gold.both}
        within = {(i, j): p for (i, j), p in found.items() if i == j}
        wanted_within = frozenset((i, i) for i in gold.both)
        return cls(Links(between, gold.links).excusing(gold.alternatives), Links(within, wanted_within))


@dataclass(frozen=True, slots=True)
class PageReport:
    """How links between lines fared and, apart, lines that hold both languages."""

    pages: int
    between: LinkReport
    within: LinkReport

    @property
    def judgements(self) -> tuple[Judgement, ...]:
        """(probability, whether the link is right) of the links between lines."""
        return self.between.judgements

    def __str__(self) -> str:
        return self.to_text()

    def to_text(self) -> str:
        """Tables for a terminal, without a final line break."""
        text = f"{self.pages:,} page{'' if self.pages == 1 else 's'}\n\nLinks between lines, {self.between}"
        if self.within.likely.wanted or self.within.judgements:
            text += f"\n\nLines that hold both languages, {self.within}"
        return text

    def to_dict(self) -> dict[str, Any]:
        """The same as plain values for JSON."""
        return {"pages": self.pages, "between_lines": self.between.to_dict(), "within_lines": self.within.to_dict()}


def evaluate_pages(pages: Iterable[PageLinks]) -> PageReport:
    """Score pages; intervals are over pages."""
    pages = list(pages)
    return PageReport(len(pages), evaluate_links(page.between for page in pages), evaluate_links(page.within for page in pages))


def evaluate_page_files(golds: Paths, tests: Paths, *, source_lang: str = "fr", target_lang: str = "en") -> PageReport:
    """Score files of beads by line, or a folder of them, paired as `paired_files` does; DOC.map stands beside DOC.gold.

    The beads are those that `aligner align PAGE --segmented --format beads` prints. Raises InputError as readers of the files do.
    """
    return evaluate_pages(
        PageLinks.of(read_page_gold(gold, source_lang=source_lang, target_lang=target_lang), read_beads(test))
        for gold, test in paired_files(golds, tests)
    )
