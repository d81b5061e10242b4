"""Gold for a page that holds both languages: which of its lines translate which.

Beside DOC.gold, the beads of the page's sentences, DOC.map has a line for each line of the page:
`line<TAB>fr|en|fr+en|-<TAB>sentence numbers`, those of a line that holds both languages as `0,1;0,1`, `-` for neither language.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from aligner.formats.beads import read_beads
from aligner.formats.files import line_spans, read_text
from aligner.formats.rows import Faults
from aligner.scoring import Link
from aligner.types import Bead


@dataclass(frozen=True, slots=True)
class PageGold:
    """What is right for a page, by line, 0-based."""

    links: frozenset[Link]
    """Source and target lines of which sentences translate each other."""
    alternatives: frozenset[Link]
    """Further links that are right too, such as those of repeated passages."""
    both: frozenset[int]
    """Lines that hold both languages."""


def read_page_gold(path: str | Path, *, source_lang: str = "fr", target_lang: str = "en") -> PageGold:
    """The gold of a page from DOC.gold, DOC.map and, where there is one, DOC.alt. Raises InputError for files that are missing or wrong."""
    path = Path(path)
    table = path.with_suffix(".map")
    text = read_text(table)
    faults = Faults(str(table))
    line_of: tuple[dict[int, int], dict[int, int]] = ({}, {})
    both = set()
    for row, (start, end) in enumerate(line_spans(text), 1):
        number, kind, sentences = [*text[start:end].split("\t"), "", ""][:3]
        try:
            if kind == f"{source_lang}+{target_lang}":
                both.add(int(number))
            elif kind in (source_lang, target_lang):
                line_of[kind == target_lang].update((int(sentence), int(number)) for sentence in sentences.split(",") if sentence)
            elif kind != "-":
                raise ValueError(f"{source_lang}, {target_lang}, {source_lang}+{target_lang} or - was wanted, not {kind[:20]!r}")
        except ValueError as error:
            faults.add(row, str(error))
    faults.raise_any()

    def between_lines(beads: list[Bead]) -> frozenset[Link]:
        return frozenset(
            (line_of[0][i], line_of[1][j])
            for bead in beads
            for i in bead.source
            for j in bead.target
            if i in line_of[0] and j in line_of[1]
        )

    alternatives = path.with_suffix(".alt")
    also_right = between_lines(read_beads(alternatives)) if alternatives.exists() else frozenset()
    return PageGold(between_lines(read_beads(path)), also_right, frozenset(both))
