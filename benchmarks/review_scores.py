"""How probable the model finds pairs that a reviewer edits, merges and splits: right ones and wrong ones, made from gold.

    ALIGNER_GOLD=FOLDER OMP_NUM_THREADS=1 python benchmarks/review_scores.py [SET ...]

Each pair stands between the five gold beads before and after it, and what it leaves out of them stands alone beside it. Weights are
learnt from gold that shares no source with the set. Prints the mean probability of each kind, and the log-loss of all but what was cut.
"""

from __future__ import annotations

import argparse
import random
import time
from collections import defaultdict
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from gold_sets import GoldSets, documents

from aligner.formats.gold import GoldDocument
from aligner.pipeline import Aligner
from aligner.reviewing.scorer import Pair, Scorer
from aligner.types import span_text

AROUND = 5
AT_MOST = 300
"""Pairs of a document, drawn at random."""
KINDS = {
    "as it is": True,
    "right merge": True,
    "word exchanged": True,
    "merged on one side": False,
    "split on one side": False,
    "wrong partner": False,
    "cut in half": False,
}


class Case(NamedTuple):
    """A pair where it stands."""

    kind: str
    pair: Pair
    before: list[Pair]
    after: list[Pair]


def cases(document: GoldDocument, drawn: random.Random) -> Iterator[Case]:
    """What a reviewer might make of each gold link."""

    def text(source: tuple[int, ...], target: tuple[int, ...]) -> Pair:
        return span_text(document.source, source), span_text(document.target, target)

    rows = [text(bead.source, bead.target) for bead in document.beads]
    for k, bead in enumerate(document.beads):
        if bead.is_null:
            continue
        source, target = bead.source, bead.target
        before, after = rows[max(0, k - AROUND) : k], rows[k + 1 : k + 1 + AROUND]
        yield Case("as it is", rows[k], before, after)
        words = rows[k][0].split()
        if len(words) > 3:
            words[drawn.randrange(len(words))] = "très"
            yield Case("word exchanged", (" ".join(words), rows[k][1]), before, after)
        words = rows[k][1].split()
        if len(words) >= 8:
            yield Case("cut in half", (rows[k][0], " ".join(words[: len(words) // 2])), before, after)
        if len(source) > 1:
            yield Case("split on one side", text(source[:1], target), before, [text(source[1:], ()), *after])
        if len(target) > 1:
            yield Case("split on one side", text(source, target[:1]), before, [text((), target[1:]), *after])
        following = document.beads[k + 1] if k + 1 < len(rows) else bead
        if following.is_null or source[-1] + 1 != following.source[0] or target[-1] + 1 != following.target[0]:
            continue
        after = rows[k + 2 : k + 2 + AROUND]
        yield Case("right merge", text(source + following.source, target + following.target), before, after)
        yield Case("merged on one side", text(source + following.source, target), before, [text((), following.target), *after])
        yield Case("merged on one side", text(source, target + following.target), before, [text(following.source, ()), *after])
        yield Case("wrong partner", text(source, following.target), [*before, text((), target)], [text(following.source, ()), *after])


def main() -> None:
    """Print a block for each set."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0] if __doc__ else None)
    parser.add_argument("sets", nargs="*", metavar="SET", help="sets to measure  [default: novels noisy_resplit]")
    gold = GoldSets()
    for name in parser.parse_args().sets or ["novels", "noisy_resplit"]:
        scorer = Scorer(Aligner(gold.embedder.encoder, weights=gold.weights_without(name)))
        scorer.score("Oui.", "Yes.")  # loads what there is to load, which no case is to be charged with
        drawn, found, losses, spent = random.Random(3), defaultdict[str, list[float]](list), list[float](), list[float]()
        for document in documents(name):
            made = list(cases(document, drawn))
            for case in drawn.sample(made, min(AT_MOST, len(made))):
                began = time.perf_counter()
                probability = scorer.score(*case.pair, before=case.before, after=case.after).probability
                spent.append(time.perf_counter() - began)
                assert probability is not None
                found[case.kind].append(probability)
                if case.kind != "cut in half":
                    losses.append(-np.log(max(probability if KINDS[case.kind] else 1 - probability, 1e-4)))
        print(
            f"{name}: log-loss {np.mean(losses):.3f}; {1000 * np.median(spent):.0f} ms, 95 % under {1000 * np.quantile(spent, 0.95):.0f} ms"
        )
        for kind, right in KINDS.items():
            print(f"  {kind:18} {'right' if right else 'wrong'}  {len(found[kind]):4}  {np.mean(found[kind]):.3f}", flush=True)


if __name__ == "__main__":
    main()
