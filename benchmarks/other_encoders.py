"""Strict F1 of other encoders, with the default one's weights and with their own, each learnt from gold of other sources.

    ALIGNER_GOLD=FOLDER OMP_NUM_THREADS=1 python benchmarks/other_encoders.py [ENCODER ...]

Documents and beginnings of documents, of some 100 segments each, in two halves: novels, health and theses, and what was made
from them; and all others. What is measured on one half was learnt from the other. A transformer takes minutes to embed them.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from gold_sets import EMPHASIS, SETS, drawn, sources

from aligner.alignment.documents import align_segments
from aligner.alignment.evidence import Segments
from aligner.alignment.training import GoldPair, train
from aligner.alignment.weights import Weights, load_weights
from aligner.embedding import Embedder, VectorCache, default_cache_folder
from aligner.encoders import load_encoder
from aligner.evaluation import Compared, evaluate
from aligner.formats.gold import GoldDocument
from aligner.types import Bead

FIRST_HALF = {"novels", "tico19", "theses_abstracts"}
PARTS = {
    "novels": (3, 2, 150),
    "tales": (5, 1, 1000),
    "tico19": (10, 1, 1000),
    "theses_abstracts": (20, 1, 1000),
    "bible_genesis": (8, 1, 1000),
    "laws": (4, 1, 120),
    "laws_reordered": (4, 1, 120),
    "debian_handbook": (7, 1, 100),
    "udhr": (1, 1, 100),
}
"""Documents of each clean set, pieces of each, and source segments of a piece; of a noisy set the first document of either half, whole."""
ENCODERS = ("multilingual-e5-small", "use-multilingual-v3+multilingual-e5-small")


@dataclass(frozen=True, slots=True)
class Piece:
    """Texts of both sides with their gold."""

    of: str
    half: bool
    source: list[str]
    target: list[str]
    gold: list[Bead]
    alternatives: list[Bead]


def pieces() -> Iterator[Piece]:
    """All that is learnt from and measured."""
    source_of = sources()
    for name in SETS:
        documents = drawn(name)
        if name in PARTS:
            count, most, size = PARTS[name]
            for document in documents[:count]:
                yield from cut(document, name, name in FIRST_HALF, most, size)
        else:
            halves = [source_of[name, document.name][0] in FIRST_HALF for document in documents]
            for half in (True, False):
                if half in halves:
                    yield from cut(documents[halves.index(half)], name, half, 1, 1000)


def cut(document: GoldDocument, name: str, half: bool, most: int, size: int) -> Iterator[Piece]:
    """The first pieces of at least `size` source segments, cut where no bead crosses; a shorter document whole."""
    source, target = ([segment.text for segment in side.segments] for side in (document.source, document.target))
    if len(source) <= size:
        yield Piece(name, half, source, target, list(document.beads), list(document.alternatives))
        return
    i = j = made = 0
    for end, other_end in closed(document.beads, len(source)):
        if end - i >= size and made < most:
            inside = [b for b in document.beads if (i <= b.source[0] < end if b.source else j <= b.target[0] < other_end)]
            beads = [Bead(tuple(x - i for x in b.source), tuple(y - j for y in b.target), 1.0) for b in inside]
            yield Piece(name, half, source[i:end], target[j:other_end], beads, [])
            i, j, made = end, other_end, made + 1


def closed(beads: Iterable[Bead], n_source: int) -> Iterator[tuple[int, int]]:
    """Source and target segments before which no bead stands on both sides of the cut."""
    beads = list(beads)
    for end in range(1, n_source + 1):
        before = [bead for bead in beads if bead.source and bead.source[0] < end]
        other_end = max((max(bead.target) + 1 for bead in before if bead.target), default=0)
        reaching = [bead for bead in beads if bead.source and bead.target and min(bead.target) < other_end]
        if all(max(bead.source) < end for bead in (*before, *reaching)):
            yield end, other_end


def learnt(given: Iterable[Piece], embedder: Embedder) -> Weights:
    """Weights for this encoder."""
    pairs = []
    for piece in given:
        embed = embedder.comparable(piece.source, piece.target)
        pairs.append(GoldPair(*segments(piece, embedder), piece.gold, EMPHASIS.get(piece.of, 1.0), embed=embed))
    draft, final = train(pairs, embedder.embed)
    shipped = load_weights()
    return Weights(embedder.identity.name, draft, final, shipped.pairs, shipped.weak, shipped.layout)


def segments(piece: Piece, embedder: Embedder) -> tuple[Segments, Segments]:
    """Both sides, embedded for the model."""
    embed = embedder.comparable(piece.source, piece.target)
    return Segments.embedded(piece.source, embed), Segments.embedded(piece.target, embed)


def show(title: str, given: Iterable[Piece], embedder: Embedder, weights: dict[bool, Weights]) -> None:
    """Print a line."""
    compared = []
    for piece in given:
        embed = embedder.comparable(piece.source, piece.target)
        beads = align_segments(*segments(piece, embedder), embed, weights[not piece.half])
        compared.append(Compared(piece.of, piece.gold, beads, piece.alternatives))
    report = evaluate(compared)
    error = report.calibration.error if report.calibration else float("nan")
    print(f"{title:80} strict F1 {report.scores.strict_f1:.4f}  calibration error {error:.3f}", flush=True)


def main(names: Iterable[str]) -> None:
    """Learn for the default encoder and each other one, and measure."""
    given = list(pieces())
    print(f"{len(given)} pieces, {sum(len(piece.source) for piece in given)} source segments")

    def both_halves(embedder: Embedder) -> dict[bool, Weights]:
        return {half: learnt([piece for piece in given if piece.half == half], embedder) for half in (True, False)}

    default = Embedder(load_encoder(threads=1), VectorCache(default_cache_folder()))
    defaults = both_halves(default)
    show(f"{default.identity.name}, own weights", given, default, defaults)
    for name in names:
        other = Embedder(load_encoder(name, threads=1), VectorCache(default_cache_folder()))
        show(f"{name}, the default's weights", given, other, defaults)
        own = both_halves(other)
        show(f"{name}, own weights", given, other, own)
        show(f"{default.identity.name}, the weights of {name}", given, default, own)


if __name__ == "__main__":
    main(sys.argv[1:] or ENCODERS)
