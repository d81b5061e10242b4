"""Strict F1 on gold sets, each with weights learnt from gold that shares no source with it.

    ALIGNER_GOLD=FOLDER OMP_NUM_THREADS=1 python benchmarks/left_out.py [SET ...]

Learns as `aligner train` does, from a part of each set (`AT_MOST` documents, drawn with a fixed seed) and with the
emphasis of the weights that come with the package. sources.tsv in the gold folder says which documents share a source.
"""

from __future__ import annotations

import os
import random
import sys
import time
from collections.abc import Iterable
from pathlib import Path

from aligner.alignment.documents import align_segments
from aligner.alignment.evidence import Segments
from aligner.alignment.training import GoldPair, train
from aligner.alignment.weights import Weights, load_weights
from aligner.embedding import Embedder, VectorCache, default_cache_folder
from aligner.encoders import load_encoder
from aligner.evaluation import Compared, evaluate
from aligner.formats.gold import GoldDocument, read_gold_folder

GOLD = Path(os.environ["ALIGNER_GOLD"])
NOISE = ("omit", "insert", "resplit", "reorder", "repeat", "boilerplate", "ocr", "encoding", "all")
SETS = (
    *("novels", "tales", "tico19", "theses_abstracts", "bible_genesis", "laws", "laws_reordered", "debian_handbook", "udhr"),
    *(f"noisy_{kind}" for kind in NOISE),
)
AT_MOST = {"theses_abstracts": 40, "bible_genesis": 20, "laws": 12, "laws_reordered": 8, "debian_handbook": 16}
EMPHASIS = {"novels": 4.0, "tales": 4.0} | {f"noisy_{kind}": 0.6 for kind in NOISE}
SHOWN = ("novels", "tales", "tico19", "noisy_omit", "noisy_insert")


def sources() -> dict[tuple[str, str], tuple[str, str]]:
    """The document that each constructed one was made from."""
    rows = [line.split("\t") for line in (GOLD / "sources.tsv").read_text(encoding="utf-8").splitlines()[1:]]
    return {(row[0], row[1]): (row[2], row[3]) for row in rows}


def to_learn_from(without: str) -> Iterable[tuple[str, GoldDocument]]:
    """The training documents, with their sets, that share no source with the set `without`."""
    source_of = sources()
    excluded = {source_of.get((without, path.stem), (without, path.stem)) for path in (GOLD / without).glob("*.gold")}
    for name in SETS:
        documents = list(read_gold_folder(GOLD / name))
        if len(documents) > AT_MOST.get(name, len(documents)):
            documents = random.Random(7).sample(documents, AT_MOST[name])
        for document in documents:
            if name != without and source_of.get((name, document.name), (name, document.name)) not in excluded:
                yield name, document


def main(sets: Iterable[str]) -> None:
    """Print a line for each set as soon as it is done."""
    embedder = Embedder(load_encoder(threads=1), VectorCache(default_cache_folder()))

    def segments(document: GoldDocument) -> tuple[Segments, Segments]:
        source, target = ([segment.text for segment in side.segments] for side in (document.source, document.target))
        return Segments.embedded(source, embedder.embed), Segments.embedded(target, embedder.embed)

    for name in sets:
        began = time.monotonic()
        pairs = [GoldPair(*segments(document), document.beads, EMPHASIS.get(kind, 1.0)) for kind, document in to_learn_from(name)]
        draft, final = train(pairs, embedder.embed)
        shipped = load_weights()
        weights = Weights(f"without {name}", draft, final, shipped.pairs, shipped.layout)
        compared = [
            Compared(document.name, document.beads, align_segments(*segments(document), embedder.embed, weights), document.alternatives)
            for document in read_gold_folder(GOLD / name)
        ]
        report = evaluate(compared)
        scores = report.scores
        low, high = report.interval or (float("nan"), float("nan"))
        print(
            f"{name:18} strict F1 {scores.strict_f1:.4f} [{low:.3f}, {high:.3f}]  lax {scores.lax_f1:.4f}  "
            f"nulls {scores.nulls_found}/{scores.nulls}, precision {scores.null_precision:.2f}  "
            f"calibration error {report.calibration.error if report.calibration else float('nan'):.3f}  "
            f"({len(pairs)} training documents, {time.monotonic() - began:.0f} s)",
            flush=True,
        )


if __name__ == "__main__":
    main(sys.argv[1:] or SHOWN)
