"""What two hundred decisions of a reviewer teach: alignments of the genre's other documents, before and after.

    ALIGNER_GOLD=FOLDER OMP_NUM_THREADS=1 python benchmarks/reviewed.py [--sets SET ...] [--order random]

Documents of a set, drawn by a seed, are aligned with weights learnt from gold that shares no source with the set. A reviewer whose answers
are gold's goes through their beads, the doubtful first: accepts what is right, and makes of what is wrong the beads of gold that hold its
segments, which counts as as many decisions. Weights learnt from that, near those before, align the documents that were not reviewed.
"""

from __future__ import annotations

import argparse
import random
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from gold_sets import SETS, GoldSets, documents

from aligner.corpus.reviewed import ReviewedDocument
from aligner.evaluation import Compared, evaluate
from aligner.formats.beads import single_nulls
from aligner.formats.gold import GoldDocument
from aligner.learning import Plan, train_from_reviewed
from aligner.types import Bead

DECISIONS, SEEDS = 200, 5
SPARE = 2
"""Beads that the documents to review hold for each decision: a reviewer has some choice, and does not see all of the genre."""
USUAL = ("laws", "tico19", "novels", "noisy_omit", "noisy_boilerplate")


@dataclass(slots=True)
class Review:
    """What the reviewer has said of a document so far."""

    document: GoldDocument
    accepted: list[Bead] = field(default_factory=list)
    rejected: list[Bead] = field(default_factory=list)

    def decide(self, bead: Bead) -> int:
        """Say what is right at the bead's place, and how many decisions that took: none where its segments are decided."""
        if any(_shares(bead, known) for known in self.accepted):
            return 0
        right = [single for gold in self.document.beads for single in single_nulls(gold) if _shares(single, bead)]
        if not bead.is_null and all((bead.source, bead.target) != (gold.source, gold.target) for gold in right):
            self.rejected.append(bead)
        new = [gold for gold in right if not any(_shares(gold, known) for known in self.accepted)]
        self.accepted += new
        return len(new)

    def reviewed(self) -> ReviewedDocument:
        """As a corpus would tell it."""
        source, target = (tuple(segment.text for segment in side.segments) for side in (self.document.source, self.document.target))
        return ReviewedDocument(self.document.name, source, target, tuple(sorted(self.accepted, key=_place)), tuple(self.rejected))


def review(some: Sequence[GoldDocument], beads: Sequence[Sequence[Bead]], order: str, seed: int) -> list[ReviewedDocument]:
    """What is decided of some documents with these beads, DECISIONS at most."""
    reviews = [Review(document) for document in some]
    queue = [(bead, each) for each, own in zip(reviews, beads, strict=True) for bead in own]
    if order == "doubt":
        queue.sort(key=lambda entry: entry[0].probability)
    else:
        random.Random(seed).shuffle(queue)
    decided = 0
    for bead, each in queue:
        if decided >= DECISIONS:
            break
        decided += each.decide(bead)
    return [each.reviewed() for each in reviews if each.accepted]


def drawn(some: Sequence[GoldDocument], seed: int) -> list[int]:
    """The documents to review, by number: as many as hold enough beads, half of the set at most; the seed says where to begin."""
    order = random.Random(0).sample(range(len(some)), len(some))
    first = seed * len(some) // SEEDS
    taken: list[int] = []
    beads = 0
    for number in [*order[first:], *order[:first]]:
        if taken and (beads >= SPARE * DECISIONS or len(taken) >= len(some) // 2):
            break
        taken.append(number)
        beads += len(some[number].beads)
    return taken


def main() -> None:
    """Print a line for each seed, then the set's mean with its interval."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0] if __doc__ else None)
    parser.add_argument(
        "--sets", nargs="+", choices=SETS, default=USUAL, metavar="SET", help=f"sets to review  [default: {' '.join(USUAL)}]"
    )
    parser.add_argument("--order", choices=("doubt", "random"), default="doubt", help="in which the reviewer sees beads  [default: doubt]")
    options = parser.parse_args()
    gold = GoldSets()
    for name in options.sets:
        before, some = gold.weights_without(name), documents(name)
        beads = [gold.align(document, before) for document in some]
        scores = []
        for seed in range(SEEDS):
            taken = drawn(some, seed)
            decided = review([some[k] for k in taken], [beads[k] for k in taken], options.order, seed)
            plan = Plan(near=before, hold_out=0)
            after = train_from_reviewed(decided, gold.embedder.encoder, name=name, plan=plan)
            rest = [k for k in range(len(some)) if k not in taken]
            pairs = [
                [Compared(some[k].name, some[k].beads, own, some[k].alternatives) for k, own in zip(rest, found, strict=True)]
                for found in ([beads[k] for k in rest], [gold.align(some[k], after) for k in rest])
            ]
            reports = [evaluate(compared) for compared in pairs]
            scores.append([report.scores.strict_f1 for report in reports])
            losses = [report.calibration.log_loss for report in reports if report.calibration]
            said = sum(len(document.accepted) for document in decided)
            print(
                f"{name} {seed}: {len(taken)} documents, {said} decisions, {sum(len(d.rejected) for d in decided)} links rejected; "
                f"strict F1 {scores[-1][0]:.4f} → {scores[-1][1]:.4f}, log-loss {losses[0]:.3f} → {losses[1]:.3f}",
                flush=True,
            )
        gains = np.diff(scores, axis=1)[:, 0]
        most = 2.776 * gains.std(ddof=1) / np.sqrt(SEEDS)  # Student's t with four degrees of freedom
        first, last = np.mean(scores, axis=0)
        print(f"{name}: {first:.4f} → {last:.4f}, gain {gains.mean():+.4f} ± {most:.4f} (95 %, {SEEDS} seeds)", flush=True)


def _shares(bead: Bead, other: Bead) -> bool:
    return bool(set(bead.source) & set(other.source) or set(bead.target) & set(other.target))


def _place(bead: Bead) -> tuple[tuple[int, ...], tuple[int, ...]]:
    return bead.source, bead.target


if __name__ == "__main__":
    main()
