"""Learning the aligner's weights: from gold folders, or from what reviewers decided in a corpus.

What is learnt stays near the weights that come with the package, the nearer the fewer links are decided; and what it is
worth is measured on documents that are left out, before the weights are learnt from all.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from aligner.alignment.documents import align_segments
from aligner.alignment.evidence import Segments
from aligner.alignment.judging import AS_THE_LATTICE
from aligner.alignment.layout import LAYOUT_FEATURES
from aligner.alignment.page_training import train_layout
from aligner.alignment.pair_training import train_pairs
from aligner.alignment.training import ITERATIONS, GoldPair, Report, train
from aligner.alignment.weak_training import train_weak
from aligner.alignment.weights import Weights, load_weights
from aligner.embedding import Embedder, VectorCache, default_cache_folder
from aligner.errors import InputError
from aligner.evaluation import Compared, evaluate
from aligner.formats.gold import read_gold_folder, read_sources
from aligner.types import Bead, Embed, Progress

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

    from aligner.corpus import Corpus
    from aligner.corpus.reviewed import ReviewedDocument

LEAST_BEADS = 100
"""Decided beads under which weights would say more of chance than of the genre."""
HOLD_OUT = 0.2
"""Share of the links that are left out at first, to measure by."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How to learn: from nothing or near weights that were learnt before; and the share of the links to measure by, 0 for no measure."""

    afresh: bool = False
    near: Weights | None = None
    """Those to stay near, unless afresh; the package's where there are none."""
    hold_out: float = HOLD_OUT
    emphasis: Mapping[str, float] | None = None
    """How much a document of a gold folder of that name counts, 1 where it does not say."""


@dataclass(frozen=True, slots=True)
class Lesson:
    """A document to learn from."""

    name: str
    source: tuple[str, str]
    """Set and name, or text, of what it was made from; documents that share it are left out together."""
    pair: GoldPair
    alternatives: Sequence[Bead] = ()
    """Further links that are right too, by which the document is measured."""

    @property
    def decided(self) -> int:
        """How many beads a person, or a construction, decided."""
        return len(self.pair.gold) + len(self.pair.wrong)


def train_from_gold(
    folders: Sequence[str | Path],
    encoder: SentenceTransformer,
    *,
    languages: tuple[str, str] = ("fr", "en"),
    plan: Plan = Plan(),
    progress: Progress | None = None,
) -> Weights:
    """Weights learnt from the gold documents of the folders, for this encoder.

    Where sources.tsv beside a folder says what its documents were made from, those that share it are left out together.
    Raises InputError where the folders hold no gold or too little.
    """
    embedder = Embedder(encoder, VectorCache(default_cache_folder()), progress=progress)
    emphasis = plan.emphasis or {}
    lessons = []
    for folder in map(Path, folders):
        made_from = read_sources(folder)
        for document in read_gold_folder(folder, source_lang=languages[0], target_lang=languages[1]):
            texts = [[segment.text for segment in side.segments] for side in (document.source, document.target)]
            embed = embedder.comparable(*texts)
            source, target = (Segments.embedded(side, embed) for side in texts)
            pair = GoldPair(source, target, document.beads, emphasis.get(folder.name, 1.0), embed=embed)
            origin = made_from.get(document.name, (folder.name, document.name))
            lessons.append(Lesson(document.name, origin, pair, document.alternatives))
    names = [
        f"{Path(folder).name} x{emphasis[Path(folder).name]:g}" if Path(folder).name in emphasis else Path(folder).name
        for folder in folders
    ]
    return _learnt(lessons, embedder, plan, ", ".join(names))


def train_from_corpus(
    corpus: Corpus,
    encoder: SentenceTransformer,
    *,
    languages: tuple[str, str] = ("fr", "en"),
    plan: Plan = Plan(),
    progress: Progress | None = None,
) -> Weights:
    """Weights learnt from the corpus's beads that reviewers accepted or rejected, for this encoder; what is undecided stays open.

    Raises InputError where too little is decided, CorpusError where the corpus cannot be read.
    """
    documents = corpus.reviewed(source_lang=languages[0], target_lang=languages[1])
    return train_from_reviewed(documents, encoder, name=corpus.name, plan=plan, progress=progress)


def train_from_reviewed(
    documents: Iterable[ReviewedDocument], encoder: SentenceTransformer, *, name: str, plan: Plan = Plan(), progress: Progress | None = None
) -> Weights:
    """As `train_from_corpus`, from what it read; name: of the corpus, for the weights' note."""
    embedder = Embedder(encoder, VectorCache(default_cache_folder()), progress=progress)
    lessons = []
    for document in documents:
        embed = embedder.comparable(document.source, document.target)
        source, target = (Segments.embedded(texts, embed) for texts in (document.source, document.target))
        pair = GoldPair(source, target, document.accepted, partial=True, wrong=document.rejected, embed=embed)
        # by its text: names may be lacking, and be the same in several folders
        lessons.append(Lesson(document.name, (name, "\n".join(document.source)), pair))
    return _learnt(lessons, embedder, plan, f"reviewed in {Path(name).name}")


def _learnt(lessons: Sequence[Lesson], embedder: Embedder, plan: Plan, origin: str) -> Weights:
    """Weights for the embedder's encoder; their note says what they were learnt from and how documents left out fared."""
    beads = sum(lesson.decided for lesson in lessons)
    if beads < LEAST_BEADS:
        raise InputError(f"{origin}: {beads} decided beads are too few to learn from; at least {LEAST_BEADS} are needed.")
    learning, measuring = _split(lessons, plan.hold_out)
    if plan.hold_out and not learning:
        raise InputError(
            f"{origin}: all {beads} decided beads are of one document, so that none can be left out to measure by; "
            "give at least two documents of different sources, or go without the measure (--hold-out 0)."
        )
    before = None if plan.afresh else plan.near or load_weights()
    note = f"{embedder.identity.name} {embedder.identity.revision}; {len(lessons)} documents, {beads} beads: {origin}"
    if before is not None:
        note += f"; near {before.identity}"
    if measuring:
        embed = embedder.comparable((), ())
        after = _fitted(learning, embedder, before, "left out: ")
        figures = [
            f"{_strict_f1(measuring, embed, weights):.4f} {when}" for weights, when in ((before, "before"), (after, "after")) if weights
        ]
        note += f"; strict F1 on {len(measuring)} documents left out: {', '.join(figures)}"
    weights = _fitted(lessons, embedder, before)
    return replace(weights, note=note)


def _fitted(lessons: Sequence[Lesson], embedder: Embedder, before: Weights | None, stage: str = "") -> Weights:
    pairs, embed = [lesson.pair for lesson in lessons], embedder.comparable((), ())
    draft, final = train(pairs, embed, towards=before, report=_steps(embedder.progress, stage))
    # Judging a pair by itself, or on a page, is learnt of what is no translation too, of which reviewers decide little.
    if before is not None:
        return Weights(embedder.identity.name, draft, final, before.pairs, before.weak, before.layout)
    name, layout = embedder.identity.name, np.zeros(len(LAYOUT_FEATURES))
    alone = Weights(name, draft, final, train_pairs(pairs, embed), AS_THE_LATTICE, layout)
    return replace(alone, weak=train_weak(pairs, embed, alone), layout=train_layout(pairs, embed, alone))


def _split(lessons: Sequence[Lesson], share: float) -> tuple[list[Lesson], list[Lesson]]:
    """Those to learn from and those to measure by, no source in both; at least one source to measure by unless the share is 0."""
    sources = sorted({lesson.source for lesson in lessons})
    room = share * sum(lesson.decided for lesson in lessons)
    left_out: set[tuple[str, str]] = set()
    for number in np.random.default_rng(0).permutation(len(sources)) if share else ():
        decided = sum(lesson.decided for lesson in lessons if lesson.source == sources[number])
        if decided <= room or not left_out:
            left_out.add(sources[number])
            room -= decided
    return [lesson for lesson in lessons if lesson.source not in left_out], [lesson for lesson in lessons if lesson.source in left_out]


def _strict_f1(lessons: Iterable[Lesson], embed: Embed, weights: Weights) -> float:
    return evaluate([_compared(lesson, embed, weights) for lesson in lessons]).scores.strict_f1


def _compared(lesson: Lesson, embed: Embed, weights: Weights) -> Compared:
    """The alignment beside what is decided; where gold is partial, only beads that it speaks of."""
    pair = lesson.pair
    beads = align_segments(pair.source, pair.target, pair.embed or embed, weights)
    if pair.partial:
        source = {i for bead in pair.gold for i in bead.source}
        target = {j for bead in pair.gold for j in bead.target}
        wrong = {(bead.source, bead.target) for bead in pair.wrong}
        beads = [bead for bead in beads if source & set(bead.source) or target & set(bead.target) or (bead.source, bead.target) in wrong]
    return Compared(lesson.name, pair.gold, beads, lesson.alternatives)


def _steps(progress: Progress | None, stage: str) -> Report | None:
    if progress is None:
        return None
    return lambda name, step, loss: progress(f"{stage}train {name}", min(step, ITERATIONS), ITERATIONS)
