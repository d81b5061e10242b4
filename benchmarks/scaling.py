"""How time, memory and strict F1 go from 5,000 to 50,000 segments a side; at 20,000 beside sentweave, where it is installed.

    ALIGNER_GOLD=FOLDER OMP_NUM_THREADS=1 python benchmarks/scaling.py [SIZE ... | lattice]

A document is real text: gold documents and runs of sentence pairs in a random order, one run in twenty twice. Of 15 % of
the links one side is left out, and of a fifth in one block the target. What is right is known by construction. Each size is
aligned in a process of its own that has the vectors of segments, words and spans in memory. The same text aligned in its
runs of 60 beads shows what length costs in accuracy, `lattice` what the band does. sentweave (vecalign in C) is given
vectors of its spans, and timed in the same process: compare processor seconds within one size.
"""

from __future__ import annotations

import os
import pickle
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from unittest.mock import patch

import numpy as np
from numpy.typing import NDArray
from sentence_pairs import sentence_pairs

from aligner.alignment.band import FULL_LATTICE
from aligner.alignment.documents import align_segments
from aligner.alignment.evidence import Segments
from aligner.alignment.weights import load_weights
from aligner.embedding import Embedder, VectorCache, default_cache_folder
from aligner.encoders import load_encoder
from aligner.evaluation import Compared, evaluate
from aligner.formats.gold import read_gold_folder
from aligner.types import Bead

GOLD = Path(os.environ["ALIGNER_GOLD"])
SETS = ("novels", "tales", "tico19", "theses_abstracts", "bible_genesis", "laws", "debian_handbook", "udhr")
PAIRS = ("europarl_sample.tsv", "news_2008_2012.tsv.gz", "ud_partut.tsv", "python_docs.tsv.gz", "tatoeba_opus.tsv.gz")
RUN = 60
TWICE, OMITTED, MISSING = 0.05, 0.15, (0.4, 0.6)
SIZES = (5_000, 20_000, 50_000)
SENTWEAVE_AT = 20_000
FULL = 1_500
"""Segments a side of the constructed document that is aligned in the whole lattice too."""
SPANS = 8
"""sentweave's default: most segments of a bead."""

Link = tuple[tuple[str, ...], tuple[str, ...]]
"""The texts of a bead's two sides."""


class Given:
    """An `Embed` that knows the vectors of the texts it was made of."""

    def __init__(self, vectors: dict[str, NDArray[np.float32]]) -> None:
        self.rows = {text: row for row, text in enumerate(vectors)}
        self.vectors = np.stack(list(vectors.values()))

    def __call__(self, texts: Sequence[str]) -> NDArray[np.float32]:
        return self.vectors[[self.rows[text] for text in texts]]


def runs() -> Iterator[list[Link]]:
    """Runs of links of every set, but of documents that cross."""
    for name in SETS:
        for document in read_gold_folder(GOLD / name):
            texts = [[segment.text for segment in side.segments] for side in (document.source, document.target)]
            links = [(tuple(texts[0][i] for i in bead.source), tuple(texts[1][j] for j in bead.target)) for bead in document.beads]
            if all([text for link in links for text in link[side]] == texts[side] for side in (0, 1)):
                yield from in_runs(links)
    for name in PAIRS:
        yield from in_runs([((source,), (target,)) for source, target in sentence_pairs(GOLD / name)])


def in_runs(links: Sequence[Link]) -> Iterator[list[Link]]:
    """The links, RUN at a time."""
    return (list(links[first : first + RUN]) for first in range(0, len(links), RUN))


def shortened(size: int) -> list[list[Link]]:
    """Runs of about `size` segments a side, with omissions, nulls one segment each."""
    chance = random.Random(0)
    drawn = list(runs())
    drawn += chance.sample(drawn, int(TWICE * len(drawn)))
    chance.shuffle(drawn)
    out, taken, wanted = [], 0, size / (1 - OMITTED / 2 - (MISSING[1] - MISSING[0]) / 2)
    for run in drawn:
        kept: list[Link] = []
        for source, target in run:
            taken += len(source)
            sides = [source, target]
            if source and target and chance.random() < OMITTED:
                sides[chance.randrange(2)] = ()
            if MISSING[0] <= taken / wanted < MISSING[1]:
                sides[1] = ()
            if all(sides):
                kept.append((sides[0], sides[1]))
            else:
                kept += [((text,), ()) for text in sides[0]] + [((), (text,)) for text in sides[1]]
        out.append(kept)
        if taken >= wanted:
            break
    return out


def document(links: Sequence[Link]) -> tuple[list[str], list[str], list[Bead]]:
    """The links as two sides and beads."""
    sides: tuple[list[str], list[str]] = ([], [])
    beads = []
    for link in links:
        numbers = []
        for side, texts in zip(sides, link, strict=True):
            numbers.append(tuple(range(len(side), len(side) + len(texts))))
            side.extend(texts)
        beads.append(Bead(numbers[0], numbers[1], 1.0))
    return *sides, beads


def prepare(size: int, path: Path) -> None:
    """Write the runs, and the vectors of all that aligning them whole and in runs asks for."""
    embedder, weights = Embedder(load_encoder(threads=1), VectorCache(default_cache_folder())), load_weights()
    known: dict[str, NDArray[np.float32]] = {}

    def embed(texts: Sequence[str]) -> NDArray[np.float32]:
        vectors = embedder.embed(texts)
        known.update((text, vector.copy()) for text, vector in zip(texts, vectors, strict=True) if text not in known)
        return vectors

    cut = shortened(size)
    for links in [*cut, [link for run in cut for link in run]]:
        source, target, _ = document(links)
        align_segments(Segments.embedded(source, embed), Segments.embedded(target, embed), embed, weights)
    with path.open("wb") as stream:
        pickle.dump((cut, Given(known)), stream, protocol=5)


def measure(path: Path) -> None:
    """Print what the document that `prepare` wrote takes, and how well it is aligned."""
    with path.open("rb") as stream:  # whole bytes of the file would raise the peak that memory is counted from
        cut, given = pickle.load(stream)
    weights = load_weights()

    def aligned(name: str, links: Sequence[Link]) -> tuple[Compared, tuple[Segments, Segments], float, float]:
        source, target, beads = document(links)
        sides = Segments.embedded(source, given), Segments.embedded(target, given)
        before, began = peak(), time.process_time()
        found = align_segments(*sides, given, weights)
        return Compared(name, beads, found), sides, time.process_time() - began, peak() - before

    aligned("compiles", cut[0])
    whole, sides, seconds, added = aligned("whole", [link for run in cut for link in run])
    in_runs = evaluate([aligned(str(number), run)[0] for number, run in enumerate(cut)]).scores.strict_f1
    print(
        f"{len(sides[0].texts)} + {len(sides[1].texts)} segments: {seconds:.2f} CPU s, {added:.0f} MB; "
        f"strict F1 {evaluate([whole]).scores.strict_f1:.4f}, in runs {in_runs:.4f}",
        flush=True,
    )
    if SENTWEAVE_AT * 0.8 < len(sides[0].texts) < SENTWEAVE_AT * 1.2:
        beside_sentweave(sides, seconds)


def beside_sentweave(sides: tuple[Segments, Segments], seconds: float) -> None:
    """Print the processor seconds of sentweave with its defaults, and ours, `seconds`, beside them."""
    try:
        from sentweave import align
    except ImportError:
        return
    waiting = [vectors for side in sides for vectors in span_vectors(side)]
    began = time.process_time()
    align(sides[0].texts, sides[1].texts, lambda _: waiting.pop(0), alignment_max_size=SPANS)
    theirs = time.process_time() - began
    print(f"sentweave {theirs:.2f} CPU s; ours is {seconds / theirs:.2f} of it", flush=True)


def beside_full_lattice() -> None:
    """Print strict F1 in the band and in the whole lattice, of gold and constructed documents that are small enough for it."""
    embedder, weights = Embedder(load_encoder(threads=1), VectorCache(default_cache_folder())), load_weights()
    documents = [document([link for run in shortened(FULL) for link in run])]
    for name in SETS:
        for gold in read_gold_folder(GOLD / name):
            texts = [[segment.text for segment in side.segments] for side in (gold.source, gold.target)]
            if len(texts[0]) * len(texts[1]) > FULL_LATTICE:
                documents.append((texts[0], texts[1], list(gold.beads)))
    compared: dict[int, list[Compared]] = {FULL_LATTICE: [], 2 * FULL**2: []}
    for number, (source, target, beads) in enumerate(documents):
        sides = Segments.embedded(source, embedder.embed), Segments.embedded(target, embedder.embed)
        for limit, results in compared.items():
            with patch("aligner.alignment.band.FULL_LATTICE", limit):
                results.append(Compared(str(number), beads, align_segments(*sides, embedder.embed, weights)))
    band, full = compared.values()
    pairs = [[{(bead.source, bead.target) for bead in one.test} for one in both] for both in zip(band, full, strict=True)]
    print(
        f"{len(documents)} documents, the longest of {max(len(source) for source, *_ in documents)} segments: "
        f"strict F1 {evaluate(band).scores.strict_f1:.4f} in the band, {evaluate(full).scores.strict_f1:.4f} in the whole lattice; "
        f"{sum(len(one - other) for one, other in pairs)} of {sum(len(one) for one, _ in pairs)} beads differ",
        flush=True,
    )


def span_vectors(side: Segments) -> list[NDArray[np.float32]]:
    """For 1 to SPANS segments: float32 (n, dim), of the spans that start at each segment; at the end they are shorter."""
    out, sums = [], np.zeros_like(side.vectors)
    for k in range(SPANS):
        sums[: len(sums) - k] += side.vectors[k:] * side.span_weights[k:, None]
        out.append(sums / np.maximum(np.linalg.norm(sums, axis=1, keepdims=True), 1e-6))
    return out


def peak() -> float:
    """The process's peak memory so far, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main(sizes: Sequence[int]) -> None:
    """Print the lines of every size."""
    with tempfile.TemporaryDirectory() as folder:
        for size in sizes:
            path = Path(folder) / f"{size}.pickle"
            for step in ("prepare", "measure"):
                subprocess.run([sys.executable, __file__, step, str(size), str(path)], check=True)
            path.unlink()


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["prepare", size, path]:
            prepare(int(size), Path(path))
        case ["measure", _, path]:
            measure(Path(path))
        case ["lattice"]:
            beside_full_lattice()
        case sizes:
            main([int(size) for size in sizes] or SIZES)
            if not sizes:
                beside_full_lattice()
