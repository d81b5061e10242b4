"""How many links documents get that do not translate each other: at probability .5 and more there should be none.

    ALIGNER_GOLD=FOLDER OMP_NUM_THREADS=1 python benchmarks/unrelated.py [--weights FILE] [--show]

A hundred pairs of one document's French with another's English of the same set, so that genre and subject are alike. What is a
translation all the same, for both documents hold it (the heading “Definitions” of two acts), is counted apart: its texts
are a link of some gold document.
"""

from __future__ import annotations

import argparse
import itertools
import random
from collections.abc import Iterator

from gold_sets import GoldSets, documents

from aligner.alignment.documents import align_segments
from aligner.alignment.weights import load_weights
from aligner.formats.gold import GoldDocument

PAIRS = 100
CLEAN = ("novels", "tales", "tico19", "theses_abstracts", "bible_genesis", "laws", "debian_handbook")
"""Sets of documents that no other one was made from."""
LEAST = 10
"""Segments of either side under which there is no document to speak of."""
LIKELY = (0.5, 0.9)
SEED = 0


def unrelated_pairs() -> list[tuple[str, GoldDocument, GoldDocument]]:
    """(set, the document whose source, and the one whose target is taken), from all sets in turn as far as they go."""
    chance = random.Random(SEED)

    def drawn(name: str) -> Iterator[tuple[str, GoldDocument, GoldDocument]]:
        pairs = [
            (one, other)
            for one, other in itertools.permutations(documents(name), 2)
            if len(one.source.segments) >= LEAST and len(other.target.segments) >= LEAST
        ]
        return ((name, *pair) for pair in chance.sample(pairs, min(PAIRS, len(pairs))))

    turns = itertools.chain.from_iterable(itertools.zip_longest(*map(drawn, CLEAN)))
    return list(itertools.islice(filter(None, turns), PAIRS))


def known_translations() -> set[tuple[str, str]]:
    """Source and target texts that gold links somewhere."""
    known = set()
    for document in itertools.chain.from_iterable(map(documents, CLEAN)):
        for bead in document.beads:
            known.add(_texts(document, document, bead.source, bead.target))
    return known


def main() -> None:
    """Print a line for each set, then the total."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0] if __doc__ else None)
    parser.add_argument("--weights", metavar="FILE", help="weights to align with  [default: those of the package]")
    parser.add_argument("--show", action="store_true", help="print the links")
    options = parser.parse_args()
    sets, weights, known = GoldSets(), load_weights(options.weights), known_translations()
    pairs = unrelated_pairs()
    print(
        f"{'set':17} {'pairs':>5} {'segments':>9} {'links':>6}  {'of .5 and more':>14}  {'of .9 and more':>14}  {'true all the same':>17}"
    )
    totals = [0] * 6
    for name, some in itertools.groupby(sorted(pairs, key=lambda pair: CLEAN.index(pair[0])), key=lambda pair: pair[0]):
        counts = [0] * 6
        for _, one, other in some:
            source, target = sets.segments(one)[0], sets.segments(other)[1]
            links = [bead for bead in align_segments(source, target, sets.embedder.embed, weights) if not bead.is_null]
            likely = [bead for bead in links if bead.probability >= LIKELY[0]]
            true = [bead for bead in likely if _texts(one, other, bead.source, bead.target) in known]
            wrong = [bead for bead in likely if bead not in true]
            sure = sum(bead.probability >= LIKELY[1] for bead in wrong)
            figures = (1, len(source.texts) + len(target.texts), len(links), len(wrong), sure, len(true))
            counts = [a + b for a, b in zip(counts, figures, strict=True)]
            for bead in likely if options.show else ():
                texts = " | ".join(_texts(one, other, bead.source, bead.target))
                print(f"  {bead.probability:.2f} {'true ' if bead in true else ''}{one.name} {other.name}: {texts}")
        totals = [a + b for a, b in zip(totals, counts, strict=True)]
        print(_row(name, counts), flush=True)
    print(_row("together", totals))


def _texts(one: GoldDocument, other: GoldDocument, source: tuple[int, ...], target: tuple[int, ...]) -> tuple[str, str]:
    return " ".join(one.source.segments[i].text for i in source), " ".join(other.target.segments[j].text for j in target)


def _row(name: str, counts: list[int]) -> str:
    pairs, segments, links, likely, sure, true = counts
    return f"{name:17} {pairs:5} {segments:9,} {links:6,}  {likely:14}  {sure:14}  {true:17}"


if __name__ == "__main__":
    main()
