"""What an alignment depends on beside the texts, told without loading an encoder where that can be."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING

from aligner.encoders.registry import DEFAULT_ENCODER, known_encoder, parts_of

if TYPE_CHECKING:
    from aligner.pipeline import Aligner


@dataclass(frozen=True, slots=True)
class Settings:
    """What `Aligner` is to be made of; each process makes one of its own."""

    source_lang: str = "fr"
    target_lang: str = "en"
    encoder: str | None = None
    """A name or folder, as `load_encoder` takes it."""
    weights: str | None = None

    def aligner(self) -> Aligner:
        """The aligner that these describe, computing with one thread."""
        from aligner.pipeline import Aligner  # only what aligns needs it: it takes seconds

        return Aligner(self.encoder, source_lang=self.source_lang, target_lang=self.target_lang, weights=self.weights, threads=1)

    def configuration(self) -> str:
        """SHA-256, in hexadecimal digits, of all that these stand for: with it, equal bytes give equal beads.

        Raises InputError for weights that cannot be read, EncoderError for an encoder that is not there.
        """
        from aligner.alignment.weights import load_weights  # a second, of which --help has no need

        known = {
            "languages": (self.source_lang, self.target_lang),
            "encoder": [_encoder(part) for part in _parts(self.encoder or DEFAULT_ENCODER)],
            "weights": load_weights(self.weights).identity,
            "version": version("aligner"),
        }
        return hashlib.sha256(json.dumps(known).encode()).hexdigest()


def _parts(name: str) -> tuple[str, ...]:
    return (name,) if Path(name).expanduser().is_dir() else parts_of(name)


def _encoder(name: str) -> object:
    """What tells an encoder from all others: the version of its wheel, the bytes of its folder, or else what it says when it is loaded."""
    known = known_encoder(name) if "/" not in name else None
    if known is not None and known.origin == "wheel":
        try:
            return known.name, version(known.address)
        except PackageNotFoundError:
            pass  # loading it says what to install
    folder = Path(name).expanduser()
    if known is None and folder.is_dir():
        return _digest(folder)
    from aligner.encoders import encoder_identity, load_encoder  # seconds: only for encoders from the hub

    return asdict(encoder_identity(load_encoder(name, threads=1)))


def _digest(folder: Path) -> str:
    """SHA-256 of the names and bytes of a folder's files."""
    whole = hashlib.sha256()
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        whole.update(json.dumps([path.relative_to(folder).as_posix(), digest]).encode())
    return whole.hexdigest()
