"""Encoders: from a name or folder to a model that gives vectors, whichever it is."""

from aligner.encoders.identity import Identity, encoder_identity
from aligner.encoders.loading import load_encoder
from aligner.encoders.registry import DEFAULT_ENCODER, KnownEncoder, list_encoders
from aligner.encoders.threads import available_threads

__all__ = ["DEFAULT_ENCODER", "Identity", "KnownEncoder", "available_threads", "encoder_identity", "list_encoders", "load_encoder"]
