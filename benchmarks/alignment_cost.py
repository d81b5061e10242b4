"""What aligning costs beside encoding the segments once: three gold novels as one pair of documents, cold cache, one thread.

    ALIGNER_GOLD=FOLDER OMP_NUM_THREADS=1 python benchmarks/alignment_cost.py [ROUNDS]

Both are timed in one process, in turns, in seconds of the processor; imports, loading the encoder and compiling are
done before. Word vectors are counted apart. Peak memory is that of the whole process.
"""

from __future__ import annotations

import os
import resource
import statistics
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from timing import cpu_seconds

from aligner.alignment.documents import align_segments
from aligner.alignment.evidence import Segments
from aligner.alignment.lexicon import words_of
from aligner.alignment.weights import load_weights
from aligner.embedding import Embedder
from aligner.encoders import load_encoder
from aligner.formats.gold import read_gold_folder
from aligner.types import Embed


class Stopwatch:
    """An `Embed` that keeps no vector and counts how long it took, words apart from segments and clauses."""

    def __init__(self, embed: Embed, words: frozenset[str]) -> None:
        self.embed, self.words, self.word_seconds, self.span_seconds = embed, words, 0.0, 0.0

    def __call__(self, texts: Sequence[str]) -> NDArray[np.float32]:
        began = time.process_time()
        vectors = self.embed(texts)
        seconds = time.process_time() - began
        if texts and texts[0] in self.words:
            self.word_seconds += seconds
        else:
            self.span_seconds += seconds
        return vectors


def main(rounds: int) -> None:
    """Print a line for each round, then the medians and the ratio."""
    documents = list(read_gold_folder(Path(os.environ["ALIGNER_GOLD"]) / "novels"))
    sides = [[segment.text for document in documents for segment in getattr(document, name).segments] for name in ("source", "target")]
    encoder = load_encoder(threads=1)
    weights = load_weights()
    embed = Embedder(encoder).embed
    few = [Segments.embedded(side[:50], embed) for side in sides]
    align_segments(few[0], few[1], embed, weights)  # compiles
    words = frozenset(word for side in sides for text in side for word in words_of(text))
    print(f"{len(sides[0])} + {len(sides[1])} segments, {len(words)} distinct words")
    ratios = []
    for number in range(1, rounds + 1):
        encoding = cpu_seconds(lambda: [Embedder(encoder).embed(side) for side in sides])
        watch = Stopwatch(Embedder(encoder).embed, words)  # a new one, which remembers nothing

        def whole(watch: Stopwatch = watch) -> None:
            source, target = (Segments.embedded(side, watch) for side in sides)
            watch.span_seconds = 0.0
            align_segments(source, target, watch, weights)

        total = cpu_seconds(whole)
        ratios.append((total - watch.word_seconds) / encoding)
        print(
            f"round {number}: encoding once {encoding:.2f} s; aligning in all {total:.2f} s, of which words {watch.word_seconds:.2f} s "
            f"and clauses {watch.span_seconds:.2f} s; ratio without words {ratios[-1]:.2f}, with words {total / encoding:.2f}"
        )
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2
    print(f"median ratio without words {statistics.median(ratios):.2f}; peak memory {peak:.2f} GB")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 3)
