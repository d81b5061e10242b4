"""Several encoders as one: its cosine is the mean of what each of them says, all counting alike."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sentence_transformers import SentenceTransformer
from torch import nn

from aligner.encoders.identity import encoder_identity
from aligner.encoders.scale import comparable
from aligner.errors import EncoderError
from aligner.types import Embed


def joined(vectors: Sequence[NDArray[np.float32]]) -> NDArray[np.float32]:
    """float32 (n, sum of dims) of unit length, whose cosines are the means of those of the given vectors, (n, dim) each of unit length."""
    return np.concatenate(vectors, axis=1) / np.float32(np.sqrt(len(vectors)))  # type: ignore[no-any-return]


class Together(nn.Module):
    """The encoders of a combination, as the one module of a SentenceTransformer."""

    def __init__(self, parts: Sequence[SentenceTransformer]) -> None:
        super().__init__()
        self.parts = nn.ModuleList(parts)

    def save(self, *_: Any, **__: Any) -> None:
        """Raises EncoderError: what would be saved is no encoder by itself."""
        raise EncoderError("A combination of encoders cannot be saved: save each of them, and combine them again by their names.")


class CombinedEncoder(SentenceTransformer):
    """A SentenceTransformer whose vectors are those of its parts side by side, each on the default encoder's scale.

    Here the scale is that of ordinary sentences; when documents are aligned, it is that of their texts.
    """

    def __init__(self, parts: Sequence[SentenceTransformer]) -> None:
        super().__init__(modules=[Together(parts)])
        self.parts = tuple(parts)

    def get_embedding_dimension(self) -> int:
        """Numbers in a vector: those of all parts, and one more for each that is brought to scale."""
        return len(self.encode("a", show_progress_bar=False))

    def encode(self, inputs: Any, *args: Any, **options: Any) -> Any:
        """As SentenceTransformer.encode, in NumPy arrays and of unit length, one part after the other."""
        options |= {"normalize_embeddings": True, "convert_to_numpy": True, "convert_to_tensor": False}
        texts = [inputs] if isinstance(inputs, str) else list(inputs)
        if not texts:
            return np.zeros((0, self.get_embedding_dimension()), np.float32)
        vectors = joined([comparable(encoder_identity(part).name, _embed(part, args, options))(texts) for part in self.parts])
        return vectors[0] if isinstance(inputs, str) else vectors


def _embed(encoder: SentenceTransformer, args: tuple[Any, ...], options: dict[str, Any]) -> Embed:
    return lambda texts: np.asarray(encoder.encode(list(texts), *args, **options), np.float32)
