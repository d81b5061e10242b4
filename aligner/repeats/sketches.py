"""What marking repeats asks of an alignment first, without its texts: made where those are at hand, and short enough to be kept.

After the sketches of Broder 1997, by which texts are compared that are too many to be read again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from aligner.repeats.boilerplate import Trace, traces
from aligner.repeats.copies import Text
from aligner.repeats.shingles import Shingles, shingles, words
from aligner.repeats.signatures import HASHES, Signature, signature

Signatures = tuple[Signature, Signature]
"""Of source and target."""
Packed = tuple[bytes | None, bytes]
"""A sketch as the corpus keeps it, the same on every machine: signatures, or None where there is no link, and traces."""


@dataclass(frozen=True, slots=True, eq=False)
class Sketch:
    """What an alignment looks like beside others."""

    signatures: Signatures | None
    """Of its links; None where it has none."""
    traces: NDArray[np.int64]
    """Of all its segments, each once, whatever their site: int64 (n_different,)."""

    @classmethod
    def of(cls, beads: Sequence[Text], languages: tuple[str, str]) -> Sketch:
        """That of these beads, in order; of a null one text is empty."""
        links = [texts for texts in beads if all(texts)]
        left = {trace for sides in traces_in(beads, languages) for side in sides for trace in side}
        return cls(signatures_of(shingles_of(links)) if links else None, np.array(sorted(left), np.int64))

    @classmethod
    def unpacked(cls, kept: Packed) -> Sketch:
        """The one that was `packed`."""
        both, left = kept
        return cls(None if both is None else unpacked(both), np.frombuffer(left, "<i8"))

    @property
    def packed(self) -> Packed:
        """As it is kept."""
        return None if self.signatures is None else packed(self.signatures), self.traces.astype("<i8").tobytes()


def traces_in(beads: Sequence[Text], languages: tuple[str, str]) -> list[tuple[tuple[Trace, ...], ...]]:
    """Of each bead the traces of every side that says something."""
    found: list[list[tuple[Trace, ...]]] = [[] for _ in beads]
    for side, lang in enumerate(languages):
        places = [place for place, texts in enumerate(beads) if texts[side]]
        its = traces([beads[place][side] for place in places], lang)
        for place, some in zip(places, its, strict=True):
            found[place].append(some)
    return [tuple(some) for some in found]


def shingles_of(links: Sequence[Text]) -> tuple[Shingles, Shingles]:
    """Those of both sides."""
    source, target = (shingles([word for link in links for word in words(link[side])]) for side in range(2))
    return source, target


def signatures_of(both: tuple[Shingles, Shingles]) -> Signatures:
    """The signatures of both sides."""
    source, target = map(signature, both)
    return source, target


def packed(signatures: Signatures) -> bytes:
    """Both sides' signatures as the corpus keeps them, the same on every machine."""
    return b"".join(side.astype("<u2").tobytes() for side in signatures)


def unpacked(kept: bytes) -> Signatures:
    """The signatures that were `packed`."""
    both = np.frombuffer(kept, "<u2")
    return both[:HASHES], both[HASHES:]
