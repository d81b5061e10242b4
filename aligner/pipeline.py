"""The main path: dump → documents → segments → embeddings → alignment.

Read `Aligner.align` and `Aligner.align_page` to see the whole of it; what each step does stands in its own package.
"""

from __future__ import annotations

import logging
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from aligner.alignment.decided import Decided
from aligner.alignment.documents import Draft, completed, drafted
from aligner.alignment.evidence import Segments
from aligner.alignment.lexicon import Tokens, words_to_embed
from aligner.alignment.mining import MinedPairs, Pool, mine_pools
from aligner.alignment.pages import align_page_segments
from aligner.alignment.weights import Weights, load_weights
from aligner.dumps import read_document
from aligner.embedding import Embedder, VectorCache, default_cache_folder
from aligner.encoders import load_encoder
from aligner.encoders.registry import known_encoder
from aligner.errors import AlignerError, InputError
from aligner.formats.files import line_spans
from aligner.remarks import page_remarks, pair_remarks
from aligner.segmentation import segment_document, segment_page
from aligner.types import Alignment, Bead, Document, Embed, Progress, Provenance, normalised

if TYPE_CHECKING:
    import pandas
    from sentence_transformers import SentenceTransformer

_log = logging.getLogger(__name__)

MEMORY = 1024
"""MB for the vectors of texts that are mined."""
VECTORS_HELD = 3
"""Times that a block's own room is counted: a block of either side is held, and what is computed from the two."""
SCALE_LINES = 20_000
"""Lines a side from which the scale of another encoder's vectors is found."""
MINED_ROWS = 10_000
"""Pairs in a frame of `mine_blocks`."""

_Made = TypeVar("_Made")
Text = Document | str | Path | Sequence[str]
"""A document; the path of one; or segments, taken as they are."""


@dataclass(frozen=True, slots=True, eq=False)
class _Read:
    """A pair of documents, or a page by itself, as the model reads them."""

    given: tuple[Document, ...]
    documents: tuple[Document, ...]
    """With their segments; those of a page are finer than what it came with."""
    texts: tuple[list[str], list[str]]
    """Of the segments of either language."""
    tokens: tuple[Tokens, Tokens]


@dataclass(frozen=True, slots=True, eq=False)
class _Drafted:
    """What was read, and a draft of its alignment, which says what clauses to embed next: those of many documents go together."""

    read: _Read
    embed: Embed
    draft: Draft | None = None
    """None for a page, which needs none."""


class Aligner:
    """A loaded encoder and weights, for as many documents as there are.

    encoder: a SentenceTransformer, a name or folder of one, or None for the one that comes with the package.
    source_lang, target_lang: ISO 639-1 codes of languages that the encoder knows.
    weights: a file that `aligner train` wrote, or None for those that come with the package.
    cache: a folder for vectors, or None for that of the user.
    threads: how many to compute with, None for all that are free. progress: is told how far each stage has come.
    """

    def __init__(
        self,
        encoder: SentenceTransformer | str | Path | None = None,
        *,
        source_lang: str = "fr",
        target_lang: str = "en",
        weights: Weights | str | Path | None = None,
        threads: int | None = None,
        cache: Path | None = None,
        progress: Progress | None = None,
    ) -> None:
        self.source_lang, self.target_lang = source_lang, target_lang
        self.weights = weights if isinstance(weights, Weights) else load_weights(weights)
        loaded = load_encoder(encoder, threads=threads) if encoder is None or isinstance(encoder, (str, Path)) else encoder
        self.embedder = Embedder(loaded, VectorCache(cache or default_cache_folder()), progress=progress)
        name = self.embedder.identity.name
        known = known_encoder(name)
        if self.weights.name != name and not (known and known.measured):
            _log.warning(
                "the weights were learnt with the encoder %s, and how they do with %s was not measured; `aligner train` makes others",
                self.weights.name,
                name,
            )

    def align(self, source: Text, target: Text, *, decided: Sequence[Bead] = (), rejected: Sequence[Bead] = ()) -> Alignment:
        """The alignment of two documents, each in one language: beads that cover every segment of both once, with probabilities.

        decided: links and nulls that stand as they are, with probability 1; rejected: links that must not stand. The rest is the likeliest
        around them. Their numbers are those of the documents' segments.
        Raises InputError where a file cannot be read, and where decided beads do not all fit in one alignment.
        """
        read = self._read((document_of(source), document_of(target)))
        drafted = self._drafted(read, decided, rejected)
        return self._completed(drafted)

    def align_page(self, page: Text) -> Alignment:
        """The translations on a page that holds both languages; a page without any gives no bead, and a remark that says why.

        A page that came segmented keeps its segments: a line that holds both languages may stand on both sides of a bead.
        Raises InputError where a file cannot be read, and where both languages are the same.
        """
        read = self._read((document_of(page),))
        drafted = self._drafted(read)
        return self._completed(drafted)

    def align_many(
        self, tasks: Sequence[tuple[Document, ...]], *, keep: bool = True, remarks: bool = True
    ) -> Iterator[Alignment | AlignerError]:
        """What `align` makes of each pair of documents, and `align_page` of each page, a tuple of one: in order, or its error instead.

        Words, segments and clauses of all are embedded before the first is aligned, in fuller batches than those of a short document.
        Give as many tasks at once as have a few thousand segments together; all stay in memory meanwhile. keep: whether the vectors of
        segments and clauses are kept in the cache, as those of words always are. remarks: whether the alignments are to have them.
        """
        read = [_or_error(self._read, task) for task in tasks]
        there = [one for one in read if isinstance(one, _Read)]
        self.embedder.remember([word for one in there for word in words_to_embed(*one.tokens, sparing=True)])
        self.embedder.prepare([text for one in there for side in one.texts for text in side if text.strip()], keep=keep)
        drafts = [_or_error(self._drafted, one) if isinstance(one, _Read) else one for one in read]
        clauses = [clause for one in drafts if isinstance(one, _Drafted) and one.draft for clause in one.draft.clauses]
        self.embedder.prepare(clauses, keep=keep, more=True)
        for one in drafts:
            yield _or_error(partial(self._completed, remarks=remarks), one) if isinstance(one, _Drafted) else one

    def mine(self, source: Text, target: Text) -> pandas.DataFrame:
        """The translations among unordered texts, one a line, the most probable first: all that `mine_blocks` yields."""
        import pandas  # half a second that aligning need not spend

        return pandas.concat(list(self.mine_blocks(source, target)), ignore_index=True)

    def mine_blocks(self, source: Text, target: Text, *, memory: int = MEMORY) -> Iterator[pandas.DataFrame]:
        """The translations among unordered texts, one a line, the most probable first, MINED_ROWS in a frame, and one frame at least.

        Columns: probability (0..1), cosine, margin (cosine less that of the neighbours), source_line and target_line
        (0-based), source and target. Blank lines are nobody's translation. memory: MB for vectors; what does not fit waits in a
        temporary file, four bytes for each of a vector's numbers. Every line is compared with every other before the first frame comes.
        Raises InputError where a file cannot be read.
        """
        import pandas  # as above

        lines = lines_of(source), lines_of(target)
        found = self.mined(*lines, memory=memory)
        for first in range(0, max(1, len(found.source)), MINED_ROWS):
            part = slice(first, first + MINED_ROWS)
            yield pandas.DataFrame(
                {
                    "probability": found.probability[part],
                    "cosine": found.cosine[part],
                    "margin": found.margin[part],
                    "source_line": found.source[part],
                    "target_line": found.target[part],
                    "source": [lines[0][i] for i in found.source[part]],
                    "target": [lines[1][j] for j in found.target[part]],
                }
            )

    def mined(self, source: Sequence[str], target: Sequence[str], *, memory: int = MEMORY) -> MinedPairs:
        """The translations among two lists of texts by number, as `mine_blocks` finds them; blank texts have none."""
        texts = [[normalised(text) for text in side] for side in (source, target)]
        embed = self.embedder.comparable(*(side[:SCALE_LINES] for side in texts))
        rows = max(1, memory * 2**20 // (VECTORS_HELD * 4 * self.embedder.dimension))
        left, right = (Pool.embedded(side, embed, rows=rows) for side in texts)
        progress = self.embedder.progress
        report = None if progress is None else partial(progress, "compare")
        return mine_pools(left, right, embed, self.weights.pairs, rows=rows, report=report)

    def _read(self, given: tuple[Document, ...]) -> _Read:
        """A pair of documents or a page, divided into segments. Raises InputError for a page in one language."""
        languages = (self.source_lang, self.target_lang)
        if len(given) > 1:
            documents = tuple(segment_document(document, lang) for document, lang in zip(given, languages, strict=True))
            texts = [_texts(document) for document in documents]
        else:
            [page] = given
            if self.source_lang == self.target_lang:
                raise InputError(
                    f"{page.name or 'the page'}: a page in two languages was wanted, but both are {self.source_lang}; name two."
                )
            documents = (segment_page(page, languages),)
            texts = [_texts(documents[0], lang) for lang in languages]
        return _Read(given, documents, (texts[0], texts[1]), (Tokens.of(texts[0]), Tokens.of(texts[1])))

    def _drafted(self, read: _Read, decided: Sequence[Bead] = (), rejected: Sequence[Bead] = ()) -> _Drafted:
        """Segments and words embedded, and a first alignment of them, which says where clauses are to be looked at."""
        embed = self.embedder.comparable(*read.texts)
        if len(read.documents) == 1:
            return _Drafted(read, embed)
        source, target = (
            Segments.embedded(texts, embed, _parts(document), tokens)
            for texts, document, tokens in zip(read.texts, read.documents, read.tokens, strict=True)
        )
        kept = Decided.of(decided, rejected, *map(len, read.texts))
        return _Drafted(read, embed, drafted(source, target, embed, self.weights, decided=kept))

    def _completed(self, drafted: _Drafted, *, remarks: bool = True) -> Alignment:
        """The alignment by a second look, or the translations on a page, with remarks where they are wanted."""
        languages, read = (self.source_lang, self.target_lang), drafted.read
        if drafted.draft is not None:
            source, target = read.documents
            beads = completed(drafted.draft, drafted.embed, self.weights)
            return self._alignment(source, target, beads, pair_remarks((source, target), languages) if remarks else ())
        [given], [page] = read.given, read.documents
        beads = align_page_segments(page, languages, drafted.embed, self.weights)
        found = page_remarks(page, languages, beads) if remarks else ()
        if given.segmented:
            beads, page = _by_line(page, given, beads), given
        return self._alignment(page, page, beads, found)

    def _alignment(self, source: Document, target: Document, beads: list[Bead], remarks: tuple[str, ...]) -> Alignment:
        return Alignment(source, target, tuple(beads), self.source_lang, self.target_lang, self._provenance, remarks)

    @cached_property
    def _provenance(self) -> Provenance:  # to look up a version takes as long as to align a short document
        identity = self.embedder.identity
        return Provenance(version("aligner"), identity.name, identity.revision, self.weights.identity)


def _or_error(work: Callable[..., _Made], *arguments: Any) -> _Made | AlignerError:
    try:
        return work(*arguments)
    except AlignerError as error:
        return error


def _parts(document: Document) -> NDArray[np.int64] | None:
    """int64 (n_segments,): the row of a table that each segment stands in; None where there is no table."""
    return np.array([segment.block for segment in document.segments], np.int64) if document.rows else None


def _texts(document: Document, lang: str | None = None) -> list[str]:
    """The texts that the model reads: of all segments, or of those in one language."""
    return [normalised(segment.text) for segment in document.segments if lang is None or segment.lang == lang]


def document_of(text: Text, *, segmented: bool = False) -> Document:
    """The document that was meant. segmented: a file has a segment a line. Raises InputError where a file cannot be read."""
    if isinstance(text, Document):
        return text
    if isinstance(text, (str, Path)):
        return read_document(text, segmented=segmented)
    return Document.of_segments(list(text))


def lines_of(text: Text) -> list[str]:
    """The segments that came with the text, or else its lines. Raises InputError where a file cannot be read."""
    document = document_of(text, segmented=True)
    if document.segments:
        return [segment.text for segment in document.segments]
    return [document.text[start:end] for start, end in line_spans(document.text)]


def _by_line(page: Document, given: Document, beads: list[Bead]) -> list[Bead]:
    """The links with the numbers of the given lines that their segments are parts of; of links between the same lines the most probable."""
    starts = [line.start for line in given.segments]
    line_of = [bisect_right(starts, segment.start) - 1 for segment in page.segments]
    best: dict[tuple[tuple[int, ...], tuple[int, ...]], Bead] = {}
    for bead in beads:
        source, target = (tuple(sorted({line_of[i] for i in side})) for side in (bead.source, bead.target))
        known = best.get((source, target))
        if known is None or known.probability < bead.probability:
            best[source, target] = replace(bead, source=source, target=target)
    return sorted(best.values(), key=lambda bead: (bead.source, bead.target))
