"""Comparing alignments with the originals before them: which are near copies, and what in them is said again."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from sqlalchemy import Connection, func, select

from aligner.corpus.queries import among
from aligner.corpus.repeats.holding import Enrolled, Said, estimate
from aligner.corpus.repeats.looking import Look, Looking
from aligner.corpus.repeats.tables import bands, examined, traces
from aligner.repeats.boilerplate import LEAST, Trace
from aligner.repeats.copies import NEAR, said_again
from aligner.repeats.sketches import Signatures, packed, unpacked

_LIKELY = NEAR - 0.1
"""Estimate from which on texts are compared: more than two standard errors less than what is looked for."""
_COMPARED = 10
"""Originals that an alignment is compared with, the likeliest."""
_CROWDED = 50
"""Originals that are entered in one band; where there are as many they share a passage, and have other bands."""
_KEPT = 5_000
"""Links of originals that are kept in memory."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found of one alignment."""

    of: Enrolled
    signature: bytes | None
    bands: tuple[int, ...]
    """By which it is to be found; none of a copy."""
    copied: Copied | None
    """Where it is a near copy."""
    traces: frozenset[Trace]
    frequent: frozenset[Trace]
    """Those that so many alignments of its site have that they may be boilerplate's."""
    boilerplate: frozenset[str]
    """Its units that are."""
    later: frozenset[int]
    """Originals that came after it, and may be copies of it."""

    @property
    def counts(self) -> bool:
        """Whether it says something that no original says."""
        return self.copied is None or self.copied.says_more


@dataclass(frozen=True, slots=True)
class Copied:
    """What a near copy has of its original."""

    original: int
    similarity: float
    said_again: frozenset[str]
    """Its units that the original has but for a few words."""
    says_more: bool
    """Whether it has units that are neither those nor the original's."""


@dataclass(slots=True)
class Comparison:
    """Compares alignments, some at a time, with what the corpus holds; what is found of them is to be written there in between."""

    _looking: Looking = field(default_factory=Looking)
    _said: dict[int, Said] = field(default_factory=dict)
    _links: int = 0
    """Of what is said in those."""

    def findings(self, connection: Connection, numbers: Sequence[int]) -> list[Finding]:
        """What is found of these alignments, in the order of their numbers; only of the first of them where memory holds no more."""
        looks = self._looking.at(connection, numbers)
        for look in looks:
            self._drop(look.of.alignment)
        originals = _Originals.near(connection, looks)
        frequent = _frequent(connection, looks)
        found = []
        for look in looks:
            likely = originals.likely(look)
            copied = self._copied(connection, look, likely)
            later = frozenset[int]()
            if copied is None:
                originals.enter(look)
                later = frozenset(other for other in likely if other > look.of.alignment)
            found.append(
                Finding(
                    look.of,
                    None if look.signatures is None else packed(look.signatures),
                    originals.free_bands(look) if copied is None else (),
                    copied,
                    look.traces,
                    look.traces & frequent,
                    look.boilerplate,
                    later,
                )
            )
        return found

    def _copied(self, connection: Connection, look: Look, likely: Sequence[int]) -> Copied | None:
        """The first of the alignments before this one of which it is a near copy, and what it has of it."""
        earlier = sorted(other for other in likely[:_COMPARED] if other < look.of.alignment)
        if not earlier:
            return None
        its = look.held or self._looking.read(connection, look.of.alignment)
        said = self._looking.said_in(its)
        for other in earlier:
            there = self._said_by(connection, other)
            similarity = said.jaccard(there)
            if similarity >= NEAR:
                again = said_again(said.links, there.links)
                units = frozenset(unit for unit, link in its.beads if link in again)
                return Copied(other, similarity, units, bool(set(said.links) - again - set(there.links)))
        return None

    def _said_by(self, connection: Connection, original: int) -> Said:
        if original not in self._said:
            said = self._looking.said_in(self._looking.read(connection, original))
            while self._links > _KEPT:
                self._drop(next(iter(self._said)))
            self._said[original] = said
            self._links += len(said.links)
        return self._said[original]

    def _drop(self, number: int) -> None:
        if number in self._said:
            self._links -= len(self._said.pop(number).links)


@dataclass(slots=True)
class _Originals:
    """The originals that have bands in common with the alignments that are examined now."""

    bands: dict[int, tuple[int, ...]]
    """Of the alignments that are examined now."""
    in_band: dict[int, list[int]]
    signatures: dict[int, Signatures]

    @classmethod
    def near(cls, connection: Connection, some: Iterable[Look]) -> _Originals:
        """Read them; those that are examined now are none until they are entered."""
        its_bands = {look.of.alignment: look.of.bands(look.signatures) if look.signatures is not None else () for look in some}
        in_band = defaultdict(list)
        wanted = {band for all_bands in its_bands.values() for band in all_bands}
        for band, number in among(connection, select(bands.c.band, bands.c.alignment), bands.c.band, wanted):
            if number not in its_bands:
                in_band[band].append(number)
        kept = select(examined.c.alignment, examined.c.signature).where(examined.c.signature.is_not(None))
        others = {number for numbers in in_band.values() for number in numbers}
        signatures = {number: unpacked(signature) for number, signature in among(connection, kept, examined.c.alignment, others)}
        return cls(its_bands, in_band, signatures)

    def likely(self, look: Look) -> list[int]:
        """The originals that may be near to this alignment, the likeliest first."""
        if look.signatures is None:
            return []
        others = {other for band in self.bands[look.of.alignment] for other in self.in_band.get(band, ()) if other in self.signatures}
        estimates = sorted((-estimate(look.signatures, self.signatures[other]), other) for other in others)
        return [other for value, other in estimates if -value >= _LIKELY]

    def free_bands(self, look: Look) -> tuple[int, ...]:
        """Its bands that are not crowded."""
        return tuple(band for band in self.bands[look.of.alignment] if len(self.in_band[band]) <= _CROWDED)

    def enter(self, look: Look) -> None:
        """Make this one an original too."""
        if look.signatures is not None:
            self.signatures[look.of.alignment] = look.signatures
            for band in self.bands[look.of.alignment]:
                self.in_band[band].append(look.of.alignment)


def _frequent(connection: Connection, some: Iterable[Look]) -> set[Trace]:
    """Those of their traces that LEAST alignments have, or somewhat fewer where these were examined before."""
    count = Counter(trace for look in some for trace in look.traces)
    size = select(traces.c.trace, func.count()).group_by(traces.c.trace)
    for trace, number in among(connection, size, traces.c.trace, list(count)):
        count[trace] += number
    return {trace for trace, number in count.items() if number >= LEAST}
