"""Aligns every dump in examples/ with the commands that anyone would type, and shows what came of it: `make demo`."""

from __future__ import annotations

import contextlib
import io
import json
import sys
import textwrap
from pathlib import Path
from typing import Any

from aligner import Corpus
from aligner.cli import main as aligner_command
from aligner.reviewing import wording
from aligner.types import TranslationUnit

CORPUS = "demo/corpus.db"
DUMPS = {
    "Two press articles, in a folder": "examples/press -o demo/press.tmx",
    "Municipal notices, in a folder for each language": "examples/notices -o demo/notices.tmx",
    "A museum's leaflet in HTML": "examples/museum/leaflet.fr.html examples/museum/leaflet.en.html -o demo/leaflet.tmx",
    "A recipe in a table": "examples/recipe.tsv --source-column français --target-column anglais -o demo/recipe.tmx",
    "A web page that holds both languages": "examples/page.txt -o demo/page.tmx",
    "A web page with no translation in it": "examples/no_translation.txt -o demo/no_translation.tmx",
}
DOUBTFUL = 6
WIDTH = 54


def main() -> int:
    """Align, then show the most doubtful units and where everything is."""
    Path("demo").mkdir(exist_ok=True)
    written = 0
    print("The first alignment on a machine takes longest, for what runs often is compiled, once.")
    for title, arguments in DUMPS.items():
        typed = ["align", *arguments.split(), "--corpus", CORPUS, "--overwrite"]
        print(f"\n{title}\n  $ aligner {' '.join(typed)}")
        figures = run([*typed, "--json"])
        written += figures["written"]
        print(textwrap.indent("\n".join(outcome(figures)), "  "))

    with Corpus(CORPUS) as corpus:
        units = sorted(corpus.units(), key=lambda unit: unit.probability or 0.0)
        stats = corpus.stats()
    print(f"\nTo be looked at first: the {min(DOUBTFUL, len(units))} most doubtful of {len(units)} different units\n")
    for unit in units[:DOUBTFUL]:
        print("\n".join(side_by_side(unit)))
    print(f"\n{written} units are in demo/*.tmx, for OmegaT and every other translation tool.")
    print(f"{CORPUS} holds each once, those left out too, and {stats.nulls} segments without counterpart, which are reviewed with them:")
    print(f"{stats.occurrences + stats.nulls} rows in all. What to do next:")
    print(f"  .venv/bin/aligner stats --corpus {CORPUS}")
    print(f"  .venv/bin/aligner review open --corpus {CORPUS} --notebook demo/review.ipynb")
    print(f"  .venv/bin/aligner export sure.tsv --corpus {CORPUS} --min-probability 0.95")
    print("  .venv/bin/aligner align YOURS.fr.txt YOURS.en.txt -o yours.tmx")
    print("  .venv/bin/jupyter lab notebooks/01_align.ipynb")
    return 0


def run(arguments: list[str]) -> Any:
    """What the command's --json says."""
    with contextlib.redirect_stdout(io.StringIO()) as printed:
        try:
            aligner_command(arguments)
        except SystemExit as ended:
            if ended.code:
                raise
    return json.loads(printed.getvalue())


def outcome(figures: dict[str, Any]) -> list[str]:
    """A few lines on one command's result."""
    segments, nulls, shapes = figures["segments"], figures["nulls"], figures["beads"]
    size = " + ".join(str(count) for count in segments.values())
    left_out = f"{figures['left_out']} below {figures['min_probability']} left out"
    lines = [f"{size} segments: {figures['written']} units written, {left_out} ({figures['seconds']:.1f} s)"]
    if shapes:
        unlinked = f"; without counterpart {nulls['source']} fr, {nulls['target']} en" if nulls else ""
        lines.append(", ".join(f"{count} × {shape}" for shape, count in shapes.items()) + unlinked)
    lines += (f"no partner for {path}" for path in figures["unpaired"])
    return lines + [line for remark in figures["remarks"] for line in textwrap.wrap(remark, 2 * WIDTH)]


def side_by_side(unit: TranslationUnit) -> list[str]:
    """Probability, source and target in three columns."""
    left, right = textwrap.wrap(unit.source, WIDTH), textwrap.wrap(unit.target, WIDTH)
    height = max(len(left), len(right))
    left, right = left + [""] * (height - len(left)), right + [""] * (height - len(right))
    first = wording.probability(unit.probability or 0.0)
    return [f"  {first if k == 0 else '':5}  {left[k]:{WIDTH}}  {right[k]}".rstrip() for k in range(height)]


if __name__ == "__main__":
    sys.exit(main())
