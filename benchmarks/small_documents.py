"""What aligning many small documents costs beside encoding their segments: what a nightly batch does, without its corpus.

    ALIGNER_GOLD=FOLDER OMP_NUM_THREADS=1 python benchmarks/small_documents.py [ROUNDS [PAIRS]]

Twenty rows of a table of sentences make a pair of documents, a sentence a line. In processor seconds of one thread, in turns: encoding
every distinct segment once, in full batches; aligning all pairs with nothing cached; with their words cached, which in a large batch
documents share; with everything in the cache on disk; and once more, one by one, with everything in memory. Loading and compiling are
done before.
"""

from __future__ import annotations

import os
import statistics
import sys
import tempfile
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path

from sentence_pairs import sentence_pairs
from sentence_transformers import SentenceTransformer
from timing import cpu_seconds

from aligner.alignment.lexicon import Tokens, words_to_embed
from aligner.embedding import Embedder
from aligner.encoders import load_encoder
from aligner.pipeline import Aligner
from aligner.segmentation import split
from aligner.types import Document

SETS = ("tatoeba_opus.tsv.gz", "multi30k_test.tsv", "news_2008_2012.tsv.gz")
SEGMENTS = 20
GROUP = 64
"""Pairs that are embedded together: some 2,500 segments."""
_Pair = tuple[Document, Document]


def main(rounds: int, count: int) -> None:
    """Print a line for each set: segments a CPU second, and what each way of aligning takes beside encoding."""
    encoder = load_encoder(threads=1)
    print(f"{'set':24}{'segments/s':>11}{'cold':>8}{'words':>8}{'warm':>8}{'memory':>8}  times encoding; ms a pair in memory")
    for name in SETS:
        pairs = list(islice(pairs_of(Path(os.environ["ALIGNER_GOLD"]) / name), count))
        times = [measured(encoder, pairs) for _ in range(rounds + 1)][1:]  # the first round compiles
        encoding, *ways = (statistics.median(each) for each in zip(*times, strict=True))
        ratios = "".join(f"{way / encoding:8.2f}" for way in ways)
        print(f"{name:24}{len(distinct(pairs)) / encoding:11,.0f}{ratios}  {1000 * ways[-1] / len(pairs):.1f}")


def measured(encoder: SentenceTransformer, pairs: Sequence[_Pair]) -> tuple[float, ...]:
    """Processor seconds of encoding the segments, and of aligning with nothing cached, with the words, with everything, from memory."""
    texts = distinct(pairs)
    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryDirectory() as other:
        cold, warm = (Aligner(encoder, cache=Path(folder)) for _ in range(2))
        seasoned = Aligner(encoder, cache=Path(other))
        seasoned.embedder.remember(words_to_embed(Tokens.of(texts), Tokens.of([])))
        return (
            cpu_seconds(lambda: Embedder(encoder).embed(texts)),
            cpu_seconds(lambda: together(cold, pairs)),
            cpu_seconds(lambda: together(seasoned, pairs)),
            cpu_seconds(lambda: together(warm, pairs)),
            cpu_seconds(lambda: [warm.align(*pair) for pair in pairs]),
        )


def distinct(pairs: Sequence[_Pair]) -> list[str]:
    """The texts of all segments, each once."""
    sides = [(document, lang) for pair in pairs for document, lang in zip(pair, ("fr", "en"), strict=True)]
    return list(dict.fromkeys(segment.text for document, lang in sides for segment in split(document.text, lang)))


def pairs_of(path: Path) -> Iterator[_Pair]:
    """The table's rows, SEGMENTS a document, without those of a text that came before."""
    seen: set[str] = set()
    rows = []
    for row in sentence_pairs(path):
        if seen.isdisjoint(row):
            rows.append(row)
        seen.update(row)
    for first in range(0, len(rows), SEGMENTS):
        part = rows[first : first + SEGMENTS]
        yield Document("\n".join(row[0] for row in part)), Document("\n".join(row[1] for row in part))


def together(aligner: Aligner, pairs: Sequence[_Pair]) -> None:
    """Align the pairs, GROUP at a time."""
    for first in range(0, len(pairs), GROUP):
        for _ in aligner.align_many(pairs[first : first + GROUP]):
            pass


if __name__ == "__main__":
    arguments = [int(argument) for argument in sys.argv[1:]]
    main(*arguments, *(3, 128)[len(arguments) :])
