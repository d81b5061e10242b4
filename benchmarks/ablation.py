"""What each part of the alignment model is worth: strict F1, nulls and log-loss on gold sets when the final weights learn without it.

    ALIGNER_GOLD=FOLDER OMP_NUM_THREADS=1 python benchmarks/ablation.py [SET ...]

Each set with weights learnt from gold that shares no source with it; the draft is the same throughout. Takes some four CPU minutes a set.
"""

from __future__ import annotations

import sys
from collections.abc import Collection, Sequence

import numpy as np
from gold_sets import GoldSets, documents, to_learn_from

from aligner.alignment.clauses import CLAUSE_NAMES
from aligner.alignment.documents import most_likely_beads, posterior_of, second_look
from aligner.alignment.evidence import Evidence, with_first_pass
from aligner.alignment.features import NAMES
from aligner.alignment.outskirts import OUTSKIRTS_NAMES
from aligner.alignment.training import Example, GoldPair, fit
from aligner.alignment.weights import Weights
from aligner.evaluation import Compared, evaluate

SHOWN = ("novels", "noisy_omit", "noisy_all")
LEXICAL = ("size*coverage", "size*least_coverage", "weakest_source", "weakest_target", "longer_by_coverage", "shorter_by_coverage")
PARTS: dict[str, Collection[str]] = {
    "clauses": CLAUSE_NAMES,
    "rates of each document": ("null_rate", "null_rate_opposite", "merged_rate"),
    "ends of documents": ("null_at_start", "null_at_end"),
    "outskirts": OUTSKIRTS_NAMES,
    "words": (*LEXICAL, "null_coverage", "size*typical_coverage"),
    "how segments open and end": tuple(name for name in NAMES if "start" in name or "end_" in name or "finish" in name),
}
"""Features by what they tell."""

Looked = Sequence[tuple[GoldPair, Evidence]]


def learnt(looked: Looked, without: Collection[str]) -> np.ndarray:
    """The final weights, as training finds them, without these features."""
    gone = [NAMES.index(name) for name in without]

    def example(pair: GoldPair, evidence: Evidence) -> Example:
        one = Example.of(evidence, pair.agreeing(evidence), pair.weight)
        one.rows[:, gone] = 0
        return one

    first = fit([example(pair, evidence) for pair, evidence in looked])
    return fit([example(pair, with_first_pass(evidence, posterior_of(evidence, first))) for pair, evidence in looked])


def main(sets: Sequence[str]) -> None:
    """Print a line for each part of each set."""
    gold = GoldSets()
    for name in sets:
        whole = gold.weights_without(name)
        learnt_from = list(to_learn_from(name))
        names = {(kind, document.name) for kind, document in learnt_from}
        pairs = [gold.evidence(kind, document) for kind, document in learnt_from]
        copies = [copy for kind, document in learnt_from for copy in gold.copies(kind, document, names)]
        embed = gold.embedder.embed

        looked, damaged = (
            [(pair, second_look(found, (pair.source, pair.target), embed, whole.draft, pair.agreeing(found))) for pair, found in some]
            for some in (pairs, copies)
        )
        variants = {"nothing": whole.final, "damaged copies": learnt(looked, ())}
        variants |= {part: learnt([*looked, *damaged], without) for part, without in PARTS.items()}
        for part, final in variants.items():
            show(name, part, gold.compared(name, Weights(whole.name, whole.draft, final, whole.pairs, whole.weak, whole.layout)))
        monotone = [
            Compared(document.name, document.beads, most_likely_beads(*gold.segments(document), embed, whole), document.alternatives)
            for document in documents(name)
        ]
        show(name, "moved passages, weak links", monotone)


def show(name: str, part: str, compared: Sequence[Compared]) -> None:
    """Print a line."""
    report = evaluate(compared)
    scores, calibration = report.scores, report.calibration
    loss = f"{calibration.log_loss:.3f}" if calibration else "–"
    print(
        f"{name:18} without {part:26} strict F1 {scores.strict_f1:.4f}  nulls {scores.nulls_found}/{scores.nulls}, "
        f"precision {scores.null_precision:.2f}  log-loss {loss}",
        flush=True,
    )


if __name__ == "__main__":
    main(sys.argv[1:] or SHOWN)
