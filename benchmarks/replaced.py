"""What becomes of sentences in whose place one side has another text, with weights learnt without the set, and of how many that is told.

    ALIGNER_GOLD=FOLDER OMP_NUM_THREADS=1 python benchmarks/replaced.py [SET ...]

In each document one passage in twenty has a text of the set's next document, of a like length, in the place of its target. Links that
hold such a text, or what lost its counterpart, are wrong; they are counted by their probabilities, as they are and by the lattice alone.
"""

from __future__ import annotations

import argparse
from dataclasses import replace

import numpy as np
from gold_sets import SETS, GoldSets, documents

from aligner.alignment.damage import passages_of, replaced
from aligner.alignment.documents import align_segments
from aligner.alignment.evidence import Segments
from aligner.alignment.judging import AS_THE_LATTICE
from aligner.alignment.weights import Weights
from aligner.formats.gold import GoldDocument

SHARE = 0.05
PROBABILITIES = (0.5, 0.9, 0.99)


def main() -> None:
    """Print a line for each set."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0] if __doc__ else None)
    whole = [name for name in SETS if not name.startswith("noisy") and len(documents(name)) > 1]
    parser.add_argument("sets", nargs="*", metavar="SET", help="sets to measure  [default: all that are undamaged]")
    gold = GoldSets()
    print(f"{'set':17} {'replaced':>8}  links of {', '.join(map(str, PROBABILITIES))} and more  by the lattice alone")
    for name in parser.parse_args().sets or whole:
        weights = gold.weights_without(name)
        replacements, now = wrong_links(gold, name, weights)
        _, before = wrong_links(gold, name, replace(weights, weak=AS_THE_LATTICE))
        print(f"{name:17} {replacements:8}  {counted(now):30}  {counted(before)}", flush=True)


def wrong_links(gold: GoldSets, name: str, weights: Weights) -> tuple[int, list[float]]:
    """How many texts of the set were replaced, and the probabilities of the links that hold one or what lost it."""
    random, embed, some = np.random.default_rng(0), gold.embedder.embed, documents(name)
    replacements, probabilities = 0, list[float]()
    for document, other in zip(some, (*some[1:], some[0]), strict=True):
        own, foreign = (passages_of(*texts(each), each.beads) for each in (document, other))
        copy = replaced(own, foreign, SHARE, random)
        replacements += sum(all(passage) for passage in own) - sum(not bead.is_null for bead in copy.gold)
        alone = [{k for bead in copy.gold if bead.is_null for k in (bead.source, bead.target)[side]} for side in (0, 1)]
        beads = align_segments(Segments.embedded(copy.source, embed), Segments.embedded(copy.target, embed), embed, weights)
        probabilities += [
            bead.probability for bead in beads if not bead.is_null and (alone[0] & set(bead.source) or alone[1] & set(bead.target))
        ]
    return replacements, probabilities


def texts(document: GoldDocument) -> tuple[list[str], list[str]]:
    """The segments of both sides."""
    source, target = ([segment.text for segment in side.segments] for side in (document.source, document.target))
    return source, target


def counted(probabilities: list[float]) -> str:
    """How many are of each of the PROBABILITIES and more."""
    return ", ".join(str(sum(p >= least for p in probabilities)) for least in PROBABILITIES)


if __name__ == "__main__":
    main()
