"""Texts to vectors, each text once: batches by length, and what memory or the cache has is not computed again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from aligner.encoders import encoder_identity
from aligner.encoders.scale import comparable
from aligner.types import Embed, Progress
from aligner.vector_cache import VectorCache, default_cache_folder
from aligner.vector_memory import VectorMemory

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

__all__ = ["Embedder", "VectorCache", "default_cache_folder"]

MOST_CHARACTERS = 4_000
"""Of a longer text only the beginning is encoded: it is no sentence but a file without full stops, and says as much."""

_BLOCK = 2_048
"""Texts between two calls of the progress and two writes to the cache: what an interruption can lose."""


class Embedder:
    """An encoder together with the vectors it has already given."""

    def __init__(self, encoder: SentenceTransformer, cache: VectorCache | None = None, *, progress: Progress | None = None) -> None:
        from aligner.encoders.combined import CombinedEncoder  # imports torch, which whoever holds an encoder has done

        self.encoder = encoder
        self.cache = cache
        self.progress = progress
        self.identity = encoder_identity(encoder)
        # the parts of a combination by themselves, so that their vectors are kept for when they are used alone
        parts = encoder.parts if isinstance(encoder, CombinedEncoder) else ()
        self._parts = [Embedder(part, cache, progress=progress) for part in parts]
        dimension = encoder.get_embedding_dimension()
        self.dimension: int = dimension if dimension is not None else len(encoder.encode("a", show_progress_bar=False))
        self._memory = VectorMemory(self.dimension)
        """Of the last texts, so that words which every document holds are not fetched from the disk each time."""
        self._prepared: list[VectorMemory] = []

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Vectors of the texts in their order, float32 (n_texts, dimension), of unit length.

        Of a text longer than MOST_CHARACTERS the beginning counts. Each distinct text is looked up or encoded once.
        Vectors pass through half precision, as the cache keeps them, so that they are the same from the cache and from
        the encoder; cosines change by less than 0.0001. The progress counts distinct texts, in the stage "embed".
        Raises ValueError for an empty text.
        """
        for memory in (self._memory, *self._prepared):  # a longer text is in none
            if (vectors := memory.all_of(texts)) is not None:
                if self.progress is not None:
                    count = len(set(texts))
                    self._report(count, count)
                return vectors
        texts = [text[:MOST_CHARACTERS] for text in texts]
        places = _places(texts)
        distinct = list(places)
        known, vectors = self._memory.find(distinct)
        for memory in self._prepared:
            if there := [place for place in np.flatnonzero(~known).tolist() if distinct[place] in memory]:
                vectors[there], known[there] = memory.all_of([distinct[place] for place in there]), True
        new = np.flatnonzero(~known)
        if len(new):
            new_texts = [distinct[place] for place in new.tolist()]
            vectors[new] = found = self._cached_or_encoded(new_texts, len(distinct), self.cache)
            self._memory.keep(new_texts, found)
        else:
            self._report(len(distinct), len(distinct))
        if len(distinct) == len(texts):
            return vectors
        return vectors[[places[text] for text in texts]]

    def remember(self, texts: Sequence[str]) -> None:
        """Embed texts that other documents hold too, such as words, in full batches; raises what `embed` raises."""
        for part in self._parts or (self,):
            if new := [text for text in dict.fromkeys(texts) if text[:MOST_CHARACTERS] not in part._memory]:
                part.embed(new)

    def prepare(self, texts: Sequence[str], *, keep: bool = True, more: bool = False) -> None:
        """Embed texts that will be asked for in smaller numbers, so that they are encoded in full batches; raises what `embed` raises.

        They stay in memory, however many they are, until the next call; with `more`, that call adds to them instead. keep: whether they
        are looked up in the cache and written to it; where all texts are new and none comes again, doing neither saves time.
        """
        for part in self._parts or (self,):
            if not more:
                part._prepared.clear()
            distinct = list(_places([text[:MOST_CHARACTERS] for text in texts]))
            vectors = part._cached_or_encoded(distinct, len(distinct), part.cache if keep else None)
            part._prepared.append(VectorMemory.of(distinct, vectors))

    def comparable(self, source: Sequence[str], target: Sequence[str]) -> Embed:
        """What embeds two documents of these texts, and their words, for the model: vectors on the default encoder's scale, of unit length.

        That encoder's own are so already; what others need is found from the texts of each side.
        """
        if not self._parts:
            return comparable(self.identity.name, self.embed, source, target)
        from aligner.encoders.combined import joined  # as above

        embeds = [part.comparable(source, target) for part in self._parts]
        return lambda texts: joined([embed(texts) for embed in embeds])

    def _cached_or_encoded(self, texts: list[str], total: int, cache: VectorCache | None) -> NDArray[np.float32]:
        """Vectors of distinct texts, the last of `total`."""
        if cache is not None:
            known, halves = cache.get(self.identity.revision, texts, self.dimension)
        else:
            known, halves = np.zeros(len(texts), dtype=np.bool_), np.empty((len(texts), self.dimension), dtype=np.float16)
        self._encode_into(halves, texts, np.flatnonzero(~known).tolist(), total, cache)
        return _unit(halves)

    def _encode_into(
        self, halves: NDArray[np.float16], texts: list[str], missing: list[int], total: int, cache: VectorCache | None
    ) -> None:
        """Encode the missing ones among the texts, the longest first: a block holds texts of about one length."""
        self._report(total - len(missing), total)
        missing.sort(key=lambda place: -len(texts[place]))
        for start in range(0, len(missing), _BLOCK):
            places = missing[start : start + _BLOCK]
            block = [texts[place] for place in places]
            found = _halves(self.encoder.encode(block, normalize_embeddings=True, show_progress_bar=False))
            halves[places] = found
            if cache is not None:
                cache.put(self.identity.revision, block, found)
            self._report(total - len(missing) + start + len(places), total)

    def _report(self, done: int, total: int) -> None:
        if self.progress is not None and total:
            self.progress("embed", done, total)


def _places(texts: Sequence[str]) -> dict[str, int]:
    """Each distinct text with its number among them, in order. Raises ValueError for an empty text."""
    places = {text: place for place, text in enumerate(dict.fromkeys(texts))}
    if "" in places:
        raise ValueError(f"cannot embed an empty text, but text {texts.index('')} is empty")
    return places


def _halves(vectors: NDArray[np.float32]) -> NDArray[np.float16]:
    import torch  # rounds as NumPy does, in a tenth of the time; whoever holds an encoder has imported it

    return torch.from_numpy(vectors).half().numpy()  # type: ignore[no-any-return]


def _unit(halves: NDArray[np.float16]) -> NDArray[np.float32]:
    """float32 (n, dim), of unit length."""
    import torch  # as above

    vectors: NDArray[np.float32] = torch.from_numpy(halves).float().numpy()
    vectors /= np.sqrt(np.einsum("nd,nd->n", vectors, vectors))[:, None]
    return vectors
