"""Which document of one folder translates which of another, where names do not tell."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from aligner.alignment.pairing import DocumentPair, pair_by_votes
from aligner.dumps import find_documents, read_document
from aligner.pipeline import MEMORY, Aligner
from aligner.segmentation import segment_document
from aligner.types import Document, normalised

if TYPE_CHECKING:
    import pandas
    from sentence_transformers import SentenceTransformer

    from aligner.alignment.weights import Weights
    from aligner.types import Progress

Documents = str | Path | Sequence[Document]
"""The folder that holds documents, or they themselves."""


def pair_documents(
    source: Documents,
    target: Documents,
    *,
    encoder: SentenceTransformer | str | Path | None = None,
    source_lang: str = "fr",
    target_lang: str = "en",
    weights: Weights | str | Path | None = None,
    threads: int | None = None,
    memory: int = MEMORY,
    progress: Progress | None = None,
) -> pandas.DataFrame:
    """Find which document translates which: one-to-one pairs, the most probable first; a document without a partner stands in none.

    Columns: probability (0..1), votes (how many segments translate each other), share (of the segments of a document of the two, in the
    mean), order (the part of the votes that come in the same order), source and target (names, which are the paths of files).
    memory: MB for vectors, as for mine_blocks. Raises InputError where a file cannot be read.
    """
    import pandas  # half a second that --help need not spend

    sides = [_documents(given) for given in (source, target)]
    aligner = Aligner(encoder, source_lang=source_lang, target_lang=target_lang, weights=weights, threads=threads, progress=progress)
    pairs = paired(aligner, *sides, memory=memory)
    frame = pandas.DataFrame(pairs, columns=DocumentPair._fields)
    for k, name in enumerate(("source", "target")):
        frame[name] = [sides[k][number].name for number in frame[name]]
    return frame[["probability", "votes", "share", "order", "source", "target"]]


def paired(aligner: Aligner, source: Sequence[Document], target: Sequence[Document], *, memory: int = MEMORY) -> list[DocumentPair]:
    """Which documents translate each other, by number, the most probable pair first; memory: MB for vectors."""
    languages = aligner.source_lang, aligner.target_lang
    sides = [[segment_document(document, lang) for document in side] for side, lang in zip((source, target), languages, strict=True)]
    segments = [
        [(normalised(segment.text), number) for number, document in enumerate(side) for segment in document.segments] for side in sides
    ]
    texts = [[text for text, _ in side] for side in segments]
    found = aligner.mined(*texts, memory=memory)
    return pair_by_votes(found, *((side, [number for _, number in whole]) for side, whole in zip(texts, segments, strict=True)))


def _documents(given: Documents) -> Sequence[Document]:
    if isinstance(given, (str, Path)):
        return [read_document(path) for path in find_documents(given)]
    return given
