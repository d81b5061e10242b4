"""How many links documents get that do not translate each other: at probability .5 and more there should be none.

    ALIGNER_GOLD=FOLDER OMP_NUM_THREADS=1 python benchmarks/unrelated.py [--weights FILE | --left-out] [--show]

A hundred pairs of one document's French with another's English of the same set, so that genre and subject are alike. Such
documents may hold the same sentence all the same (the heading “Definitions” of two acts, two articles with one passage in
common). So a link is counted apart where what it links says what the right counterpart says, which gold knows: most of the words
of both are the same.
"""

from __future__ import annotations

import argparse
import itertools
import random
import re
from collections import Counter
from collections.abc import Iterable, Iterator

from gold_sets import GoldSets, documents

from aligner.alignment.documents import align_segments
from aligner.alignment.weights import load_weights
from aligner.formats.gold import GoldDocument
from aligner.types import Bead, Document

PAIRS = 100
CLEAN = ("novels", "tales", "tico19", "theses_abstracts", "bible_genesis", "laws", "debian_handbook")
"""Sets of documents that no other one was made from."""
LEAST = 10
"""Segments of either side under which there is no document to speak of."""
LIKELY = (0.5, 0.9)
ALIKE = 0.6
"""Share of the words of two texts in common from which on they are taken to say the same."""
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


def says_the_same(one: GoldDocument, other: GoldDocument, bead: Bead) -> bool:
    """Whether a side of a link from `one` to `other` has the words of the other side's right counterpart."""
    right_target = [j for gold in one.beads if set(gold.source) & set(bead.source) for j in gold.target]
    right_source = [i for gold in other.beads if set(gold.target) & set(bead.target) for i in gold.source]
    return (
        max(
            _words_in_common(_text(one.target, right_target), _text(other.target, bead.target)),
            _words_in_common(_text(other.source, right_source), _text(one.source, bead.source)),
        )
        >= ALIKE
    )


def main() -> None:
    """Print a line for each set, then the total."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0] if __doc__ else None)
    which = parser.add_mutually_exclusive_group()
    which.add_argument("--weights", metavar="FILE", help="weights to align with  [default: those of the package]")
    which.add_argument("--left-out", action="store_true", help="weights learnt from what shares no source with the set")
    parser.add_argument("--show", action="store_true", help="print the links")
    options = parser.parse_args()
    sets, given = GoldSets(), load_weights(options.weights)
    pairs = unrelated_pairs()
    print(f"{'set':17} {'pairs':>5} {'segments':>9} {'links':>6}  {'of .5 and more':>14}  {'of .9 and more':>14}  {'the same in both':>17}")
    totals = [0] * 6
    for name, some in itertools.groupby(sorted(pairs, key=lambda pair: CLEAN.index(pair[0])), key=lambda pair: pair[0]):
        counts, weights = [0] * 6, sets.weights_without(name) if options.left_out else given
        for _, one, other in some:
            source, target = sets.segments(one)[0], sets.segments(other)[1]
            links = [bead for bead in align_segments(source, target, sets.embedder.embed, weights) if not bead.is_null]
            likely = [bead for bead in links if bead.probability >= LIKELY[0]]
            true = [bead for bead in likely if says_the_same(one, other, bead)]
            wrong = [bead for bead in likely if bead not in true]
            sure = sum(bead.probability >= LIKELY[1] for bead in wrong)
            figures = (1, len(source.texts) + len(target.texts), len(links), len(wrong), sure, len(true))
            counts = [a + b for a, b in zip(counts, figures, strict=True)]
            for bead in likely if options.show else ():
                texts = f"{_text(one.source, bead.source)} | {_text(other.target, bead.target)}"
                print(f"  {bead.probability:.2f} {'same ' if bead in true else ''}{one.name} {other.name}: {texts}")
        totals = [a + b for a, b in zip(totals, counts, strict=True)]
        print(_row(name, counts), flush=True)
    print(_row("together", totals))


def _text(document: Document, segments: Iterable[int]) -> str:
    return " ".join(document.segments[i].text for i in segments)


def _words_in_common(text: str, other: str) -> float:
    """Dice's coefficient of the words, 0..1."""
    words, others = (Counter(re.findall(r"\w+", side.lower())) for side in (text, other))
    return 2 * (words & others).total() / max(1, words.total() + others.total())


def _row(name: str, counts: list[int]) -> str:
    pairs, segments, links, likely, sure, true = counts
    return f"{name:17} {pairs:5} {segments:9,} {links:6,}  {likely:14}  {sure:14}  {true:17}"


if __name__ == "__main__":
    main()
