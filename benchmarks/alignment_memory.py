"""Peak memory and time of aligning 5,000 and 20,000 segments a side, their vectors and those of their words given.

    ALIGNER_GOLD=FOLDER OMP_NUM_THREADS=1 python benchmarks/alignment_memory.py

The documents are gold documents one after the other, of every set but the constructed ones, repeated where they are too
few. Each size runs in a process of its own; its memory is what aligning added to the encoder and the vectors.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import time
from pathlib import Path

from aligner.alignment.documents import align_segments
from aligner.alignment.evidence import Segments
from aligner.alignment.lexicon import words_of
from aligner.alignment.weights import load_weights
from aligner.embedding import Embedder, VectorCache, default_cache_folder
from aligner.encoders import load_encoder
from aligner.formats.gold import read_gold_folder

SETS = ("novels", "tales", "tico19", "theses_abstracts", "bible_genesis", "laws", "debian_handbook", "laws_reordered")
SIZES = (5_000, 20_000)


def sides(size: int) -> tuple[list[str], list[str]]:
    """About `size` segments a side."""
    source: list[str] = []
    target: list[str] = []
    while True:
        for name in SETS:
            for document in read_gold_folder(Path(os.environ["ALIGNER_GOLD"]) / name):
                if len(source) >= size:
                    return source, target
                source += [segment.text for segment in document.source.segments]
                target += [segment.text for segment in document.target.segments]


def peak() -> float:
    """The process's peak memory so far, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def measure(size: int) -> None:
    """Print what one size takes."""
    embedder = Embedder(load_encoder(threads=1), VectorCache(default_cache_folder()))
    weights = load_weights()
    source, target = (Segments.embedded(side, embedder.embed) for side in sides(size))
    embedder.embed(sorted({word for side in (source, target) for text in side.texts for word in words_of(text)}))
    before, began = peak(), time.process_time()
    beads = align_segments(source, target, embedder.embed, weights)
    print(
        f"{len(source.texts)} + {len(target.texts)} segments: {len(beads)} beads in {time.process_time() - began:.1f} CPU s; "
        f"peak {peak():.0f} MB, of which aligning added {peak() - before:.0f} MB",
        flush=True,
    )


if __name__ == "__main__":
    if len(sys.argv) > 1:
        measure(int(sys.argv[1]))
    else:
        for size in SIZES:
            subprocess.run([sys.executable, __file__, str(size)], check=True)
