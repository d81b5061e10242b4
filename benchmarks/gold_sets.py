"""The gold sets, and weights learnt from all but one: what the benchmarks of quality share.

Nothing that weights are learnt from shares a source with the set that is left out; sources.tsv in the gold folder says which
documents were made from which. Learns as `aligner train` does, from a part of each set (AT_MOST documents, drawn with a fixed
seed), with the emphasis of the weights that come with the package.
"""

from __future__ import annotations

import hashlib
import os
import random
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np

import aligner.alignment
from aligner.alignment.documents import align_segments
from aligner.alignment.evidence import Evidence, Segments, gather
from aligner.alignment.judging import AS_THE_LATTICE
from aligner.alignment.layout import LAYOUT_FEATURES
from aligner.alignment.page_training import train_layout
from aligner.alignment.pair_training import train_pairs
from aligner.alignment.training import GoldPair, damaged_copies, train_gathered
from aligner.alignment.weak_training import train_weak
from aligner.alignment.weights import Weights, load_weights
from aligner.embedding import Embedder, VectorCache, default_cache_folder
from aligner.encoders import load_encoder
from aligner.evaluation import Compared
from aligner.formats.files import open_output
from aligner.formats.gold import GoldDocument, read_gold_folder, read_sources
from aligner.types import Bead

GOLD = Path(os.environ["ALIGNER_GOLD"])
NOISE = ("omit", "insert", "resplit", "reorder", "repeat", "boilerplate", "ocr", "encoding", "all")
SETS = (
    *("novels", "tales", "tico19", "theses_abstracts", "bible_genesis", "laws", "laws_reordered", "debian_handbook", "udhr"),
    *(f"noisy_{kind}" for kind in NOISE),
)
AT_MOST = {"theses_abstracts": 40, "bible_genesis": 20, "laws": 12, "laws_reordered": 8, "debian_handbook": 16}
EMPHASIS = {"novels": 4.0, "tales": 4.0} | {f"noisy_{kind}": 0.6 for kind in NOISE}


@cache
def documents(name: str) -> tuple[GoldDocument, ...]:
    """All documents of a set."""
    return tuple(read_gold_folder(GOLD / name))


@cache
def sources() -> dict[tuple[str, str], tuple[str, str]]:
    """(set, document) → the (set, document) that a constructed one was made from."""
    folders = (folder for folder in GOLD.iterdir() if folder.is_dir())
    return {(folder.name, name): source for folder in folders for name, source in read_sources(folder).items()}


def drawn(name: str) -> tuple[GoldDocument, ...]:
    """The documents of a set, or as many as are learnt from, drawn with a fixed seed."""
    some = documents(name)
    return tuple(random.Random(7).sample(some, AT_MOST[name])) if len(some) > AT_MOST.get(name, len(some)) else some


def to_learn_from(*without: str) -> Iterator[tuple[str, GoldDocument]]:
    """The training documents, with their sets, that share no source with the sets `without`, which may be of pages."""
    source_of = sources()
    excluded = {source_of.get((name, path.stem), (name, path.stem)) for name in without for path in (GOLD / name).glob("*.gold")}
    for name in SETS:
        for document in drawn(name):
            if name not in without and source_of.get((name, document.name), (name, document.name)) not in excluded:
                yield name, document


class GoldSets:
    """The sets' documents embedded, and the evidence of those that are learnt from gathered, each once."""

    def __init__(self) -> None:
        self.embedder = Embedder(load_encoder(threads=1), VectorCache(default_cache_folder()))
        self._gathered: dict[tuple[str, str], tuple[GoldPair, Evidence]] = {}
        self._copied: dict[tuple[str, str], list[tuple[GoldPair, Evidence]]] = {}

    def segments(self, document: GoldDocument) -> tuple[Segments, Segments]:
        """Source and target of a document with their vectors."""
        source, target = ([segment.text for segment in side.segments] for side in (document.source, document.target))
        return Segments.embedded(source, self.embedder.embed), Segments.embedded(target, self.embedder.embed)

    def align(self, document: GoldDocument, weights: Weights) -> list[Bead]:
        """The document's beads, as `aligner align --segmented` finds them."""
        return align_segments(*self.segments(document), self.embedder.embed, weights)

    def compared(self, name: str, weights: Weights) -> list[Compared]:
        """A set's documents aligned with the weights, beside their gold."""
        return [
            Compared(document.name, document.beads, self.align(document, weights), document.alternatives) for document in documents(name)
        ]

    def weights_without(self, *names: str) -> Weights:
        """Weights learnt from gold that shares no source with these sets.

        Kept in the cache of vectors' folder for the next benchmark, as long as model, gold and encoder stay what they are. They
        go by the encoder's name, as those of the package do.
        """
        path = default_cache_folder() / "left_out" / f"{'+'.join(names)}-{self._key(*names)}.json"
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            with open_output(path, overwrite=True) as stream:  # whole or not at all: another benchmark may be looking
                stream.write(self._learnt_without(*names).to_json().encode())
        return load_weights(path)

    def _learnt_without(self, *without: str) -> Weights:
        learnt_from = list(to_learn_from(*without))
        gathered = [self.evidence(kind, document) for kind, document in learnt_from]
        pairs = [pair for pair, _ in gathered]
        names = {(kind, document.name) for kind, document in learnt_from}
        copies = [copy for kind, document in learnt_from for copy in self.copies(kind, document, names)]
        draft, final = train_gathered(gathered, self.embedder.embed, copies=copies)
        note = f"without {', '.join(without)}; {len(pairs)} documents"
        embed, layout = self.embedder.embed, np.zeros(len(LAYOUT_FEATURES))
        alone = Weights(self.embedder.identity.name, draft, final, train_pairs(pairs, embed), AS_THE_LATTICE, layout, note)
        return replace(alone, weak=train_weak(pairs, embed, alone), layout=train_layout(pairs, embed, alone))

    def evidence(self, kind: str, document: GoldDocument) -> tuple[GoldPair, Evidence]:
        """A document of a set to learn from, with its evidence."""
        key = (kind, document.name)
        if key not in self._gathered:
            source, target = self.segments(document)
            pair = GoldPair(source, target, document.beads, EMPHASIS.get(kind, 1.0))
            self._gathered[key] = pair, gather(source, target, self.embedder.embed)
        return self._gathered[key]

    def copies(self, kind: str, document: GoldDocument, learnt_from: set[tuple[str, str]]) -> list[tuple[GoldPair, Evidence]]:
        """The damaged copies of a document, and their evidence; none where the document whose passages they hold is not learnt from."""
        some = drawn(kind)
        other = some[(some.index(document) + 1) % len(some)]
        if (kind, other.name) not in learnt_from:
            return []
        key = (kind, document.name)
        if key not in self._copied:
            pairs = damaged_copies(self.evidence(kind, document)[0], self.evidence(kind, other)[0], self.embedder.embed)
            self._copied[key] = [(pair, gather(pair.source, pair.target, self.embedder.embed)) for pair in pairs]
        return self._copied[key]

    def _key(self, *without: str) -> str:
        """Sixteen hexadecimal digits that are others when anything is that the weights depend on."""
        digest = hashlib.sha256(self.embedder.identity.revision.encode())
        for path in sorted(Path(next(iter(aligner.alignment.__path__))).glob("*.py")):
            digest.update(path.read_bytes())
        for kind, document in to_learn_from(*without):
            digest.update(repr((EMPHASIS.get(kind), document.source.text, document.target.text, document.beads)).encode())
        return digest.hexdigest()[:16]
