"""Links found on pages that hold both languages, and pairs mined from unordered text, with the shipped weights.

    ALIGNER_GOLD=FOLDER OMP_NUM_THREADS=1 python benchmarks/pages_and_mining.py

Pages: links between lines at probability .5 and more; lines that hold both languages are left apart. The shipped weights
have learnt from documents that some of these pages were made from. Also the pages of tests/data/pages, which hold none.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from aligner.formats.beads import read_beads
from aligner.pipeline import Aligner

GOLD = Path(os.environ["ALIGNER_GOLD"])
UNTRANSLATED = Path(__file__).parents[1] / "tests" / "data" / "pages"
LIKELY = 0.5


def figures(found: int, right: int, wanted: int) -> str:
    """Precision, recall and F1 as text."""
    return f"precision {right / max(1, found):.3f}  recall {right / max(1, wanted):.3f}  F1 {2 * right / max(1, found + wanted):.3f}"


def wanted_links(page: Path) -> tuple[set[tuple[int, int]], set[int]]:
    """The links between the page's lines, and the lines that hold both languages."""
    line_of: tuple[dict[int, int], dict[int, int]] = ({}, {})
    both = set()
    for row in page.with_suffix(".map").read_text(encoding="utf-8").splitlines():
        number, kind, segments = [*row.split("\t"), ""][:3]
        if kind == "fr+en":
            both.add(int(number))
        elif kind in ("fr", "en"):
            line_of[kind == "en"].update((int(segment), int(number)) for segment in segments.split(",") if segment)
    links = {
        (line_of[0][i], line_of[1][j])
        for bead in read_beads(page.with_suffix(".gold"))
        for i in bead.source
        for j in bead.target
        if i in line_of[0] and j in line_of[1]
    }
    return links, both


def counts(aligner: Aligner, kind: str) -> Iterator[tuple[int, int, int]]:
    """For each page of a kind: links found, right, wanted."""
    for page in sorted((GOLD / f"mixed_{kind}").glob("*.mix")):
        wanted, both = wanted_links(page)
        beads = aligner.align_page(page.read_text(encoding="utf-8").splitlines()).beads
        found = {(i, j) for bead in beads if bead.probability >= LIKELY for i in bead.source for j in bead.target}
        found = {(i, j) for i, j in found if i != j and i not in both and j not in both}
        yield len(found), len(found & wanted), len(wanted)


def main() -> None:
    """Print a line for each kind of page, then for the untranslated pages and for mining."""
    aligner = Aligner(threads=1)
    pooled = [0, 0, 0]
    for kind in ("alternate", "block", "quotes", "inline"):
        totals = [sum(column) for column in zip(*counts(aligner, kind), strict=True)]
        pooled = [a + b for a, b in zip(pooled, totals, strict=True)]
        print(f"{kind:10} {figures(*totals)}", flush=True)
    print(f"{'pooled':10} {figures(*pooled)}", flush=True)

    pages = sorted(UNTRANSLATED.glob("not_translations_*.txt"))
    best = [bead.probability for page in pages for bead in aligner.align_page(page).beads]
    likely = sum(probability >= LIKELY for probability in best)
    print(f"{len(pages)} pages without a translation: {likely} links at {LIKELY}, the best {max(best, default=0):.2f}", flush=True)

    rows = [line.split("\t") for line in (GOLD / "mining" / "gold.tsv").read_text(encoding="utf-8").splitlines()]
    true = {(int(source), int(target)) for source, target in rows if source.isdigit()}
    frame = aligner.mine(GOLD / "mining" / "fr.txt", GOLD / "mining" / "en.txt")
    mined = frame[frame["probability"] >= LIKELY]
    found = set(zip(mined["source_line"], mined["target_line"], strict=True))
    print(f"mining     {figures(len(found), len(found & true), len(true))}")


if __name__ == "__main__":
    main()
