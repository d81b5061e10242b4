"""Learning the aligner's weights from gold folders."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from aligner.alignment.evidence import Segments
from aligner.alignment.layout import LAYOUT_FEATURES
from aligner.alignment.page_training import train_layout
from aligner.alignment.pair_training import train_pairs
from aligner.alignment.training import ITERATIONS, GoldPair, train
from aligner.alignment.weights import Weights
from aligner.embedding import Embedder, Progress
from aligner.errors import InputError
from aligner.formats.gold import read_gold_folder

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

LEAST_BEADS = 200
"""Gold links under which weights would say more of chance than of the genre."""


def train_from_gold(
    folders: Sequence[str | Path],
    encoder: SentenceTransformer,
    *,
    emphasis: Mapping[str, float] | None = None,
    progress: Progress | None = None,
) -> Weights:
    """Weights learnt from the gold documents of the folders, for this encoder.

    emphasis: how much a document of a folder of that name counts, 1 where it does not say. Raises InputError where the
    folders hold no gold or fewer than LEAST_BEADS links.
    """
    embedder = Embedder(encoder, progress=progress)
    pairs = []
    for folder in folders:
        weight = (emphasis or {}).get(Path(folder).name, 1.0)
        for document in read_gold_folder(folder):
            source, target = (
                Segments.embedded([segment.text for segment in side.segments], embedder.embed)
                for side in (document.source, document.target)
            )
            pairs.append(GoldPair(source, target, document.beads, weight))
    links = sum(not bead.is_null for pair in pairs for bead in pair.gold)
    if links < LEAST_BEADS:
        named = ", ".join(map(str, folders))
        raise InputError(f"{named}: {links} gold links are too few to learn from; give more gold, at least {LEAST_BEADS} links.")
    draft, final = train(pairs, embedder.embed, report=_steps(progress))
    learnt_from = ", ".join(
        f"{Path(folder).name} x{emphasis[Path(folder).name]:g}" if emphasis and Path(folder).name in emphasis else Path(folder).name
        for folder in folders
    )
    note = f"{embedder.identity.name} {embedder.identity.revision}; {len(pairs)} documents, {links} links: {learnt_from}"
    alone = Weights(embedder.identity.name, draft, final, train_pairs(pairs, embedder.embed), np.zeros(len(LAYOUT_FEATURES)), note)
    return replace(alone, layout=train_layout(pairs, embedder.embed, alone))


def _steps(progress: Progress | None) -> Callable[[str, int, float], None] | None:
    return None if progress is None else lambda stage, step, loss: progress(f"train {stage}", min(step, ITERATIONS), ITERATIONS)
