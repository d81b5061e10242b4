"""Links found on pages that hold both languages, and pairs mined from unordered text.

    ALIGNER_GOLD=FOLDER OMP_NUM_THREADS=1 python benchmarks/pages_and_mining.py

Pages: links between lines of one language each, and lines that hold both languages, with weights learnt from gold that shares
no source with any of the pages; the pages of tests/data/pages, which hold no translation, with the shipped ones.
Mining: with the shipped weights, which have learnt from no news of its kind.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from gold_sets import GOLD, GoldSets

from aligner.alignment.weights import Weights
from aligner.evaluation.links import LIKELY, LinkReport, evaluate_mining
from aligner.evaluation.pages import PageLinks, PageReport, evaluate_pages
from aligner.formats.links import read_gold_links
from aligner.formats.page_gold import read_page_gold
from aligner.pipeline import Aligner

UNTRANSLATED = Path(__file__).parents[1] / "tests" / "data" / "pages"
LAYOUTS = ("alternate", "block", "quotes", "inline")


def found_links(layout: str, weights: Weights) -> Iterator[PageLinks]:
    """What is found on each page of a layout, beside what is right."""
    aligner = Aligner(threads=1, weights=weights)
    for page in sorted((GOLD / f"mixed_{layout}").glob("*.mix")):
        beads = aligner.align_page(page.read_text(encoding="utf-8").splitlines()).beads
        yield PageLinks.of(read_page_gold(page.with_suffix(".gold")), beads)


def figures(title: str, report: LinkReport) -> str:
    """A row of figures."""
    likely, calibration = report.likely, report.calibration
    error = f"  ECE {calibration.error:.3f}  log-loss {calibration.log_loss:.3f}" if calibration else ""
    return f"{title:10} precision {likely.precision:.3f}  recall {likely.recall:.3f}  F1 {likely.f1:.3f}{error}"


def show(title: str, report: PageReport) -> None:
    """Print a line."""
    within = report.within.likely
    print(figures(title, report.between) + (f"  lines of both {within.right}/{within.wanted}" if within.wanted else ""), flush=True)


def main() -> None:
    """Print a line for each layout, then for the untranslated pages and for mining."""
    weights = GoldSets().weights_without(*(f"mixed_{layout}" for layout in LAYOUTS))
    pages = []
    for layout in LAYOUTS:
        pages.append(list(found_links(layout, weights)))
        show(layout, evaluate_pages(pages[-1]))
    show("pooled", evaluate_pages(page for some in pages for page in some))

    aligner = Aligner(threads=1)
    untranslated = sorted(UNTRANSLATED.glob("not_translations_*.txt"))
    best = [bead.probability for page in untranslated for bead in aligner.align_page(page).beads]
    likely = sum(probability >= LIKELY for probability in best)
    print(f"{len(untranslated)} pages without a translation: {likely} links at {LIKELY}, the best {max(best, default=0):.2f}", flush=True)

    true = read_gold_links(GOLD / "mining" / "gold.tsv")
    frame = aligner.mine(GOLD / "mining" / "fr.txt", GOLD / "mining" / "en.txt")
    mined = evaluate_mining(
        dict(zip(zip(frame["source_line"], frame["target_line"], strict=True), frame["probability"], strict=True)), true
    )
    print(figures("mining", mined))


if __name__ == "__main__":
    main()
