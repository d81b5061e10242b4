"""Learning which weak links are right: from gold documents as they are, and with sentences replaced by others on one side.

Gold holds free translations, and headings that share no word, but hardly a sentence in whose place the other side has another one. Dumps
hold both. How common the latter are is not learnt but chosen.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from aligner.alignment.damage import passages_of, replaced
from aligner.alignment.documents import most_likely_beads
from aligner.alignment.evidence import Segments
from aligner.alignment.judging import AS_THE_LATTICE, WEAK, weak_features
from aligner.alignment.logistic import fit_logistic
from aligner.alignment.training import GoldPair, beside_another
from aligner.alignment.weights import Weights
from aligner.types import Bead, Embed

REPLACED = 0.005
"""The share of passages in whose place one side has another text: what is taken for usual."""
REPLACED_TO_LEARN = 0.05
"""That share in the copies that are learnt from, where each counts so much less."""


def train_weak(pairs: Sequence[GoldPair], embed: Embed, weights: Weights) -> NDArray[np.float64]:
    """float64 (len(WEAK_FEATURES),): weights of the model that judges weak links where they stand; those of `weights` align the rest.

    Where gold has none to learn from, they leave links as probable as the lattice has them.
    """
    rows, right, counts = list[NDArray[np.float64]](), list[bool](), list[float]()
    for pair, is_copy in _as_they_are_and_with_others(pairs, embed):
        links = _weak_links(pair, embed, weights)
        if is_copy:  # all else in it is as it was
            source, target = _alone(pair.gold)
            links = [link for link in links if source & set(link.source) or target & set(link.target)]
        if links:
            gold = {(bead.source, bead.target) for bead in pair.gold}
            rows.append(weak_features(links, (pair.source, pair.target), pair.embed or embed, weights.pairs))
            right += [(link.source, link.target) in gold for link in links]
            counts += [pair.weight * (REPLACED / REPLACED_TO_LEARN if is_copy else 1.0)] * len(links)
    if not rows:
        return AS_THE_LATTICE
    return fit_logistic(np.concatenate(rows), np.array(right, bool), counts=np.array(counts))


def _as_they_are_and_with_others(pairs: Sequence[GoldPair], embed: Embed) -> Iterator[tuple[GoldPair, bool]]:
    """Every pair, as it is and, which is told, with texts of the next one in the place of some."""
    for pair, other in beside_another([pair for pair in pairs if not pair.partial]):
        yield pair, False
        own, foreign = (passages_of(each.source.texts, each.target.texts, each.gold) for each in (pair, other))
        # of the texts themselves, so that a pair's copy is the same whatever it is learnt with
        random = np.random.default_rng(zlib.crc32("\n".join(pair.source.texts).encode("utf-8", "surrogatepass")))
        copy = replaced(own, [] if other is pair else foreign, REPLACED_TO_LEARN, random)
        source, target = (Segments.embedded(side, pair.embed or embed) for side in (copy.source, copy.target))
        yield GoldPair(source, target, copy.gold, pair.weight, embed=pair.embed), True


def _weak_links(pair: GoldPair, embed: Embed, weights: Weights) -> list[Bead]:
    beads = most_likely_beads(pair.source, pair.target, pair.embed or embed, weights)
    return [bead for bead in beads if bead.cosine is not None and bead.cosine < WEAK]


def _alone(gold: Sequence[Bead]) -> tuple[set[int], set[int]]:
    """The segments of either side that have no counterpart."""
    nulls = [bead for bead in gold if bead.is_null]
    return {i for bead in nulls for i in bead.source}, {j for bead in nulls for j in bead.target}
