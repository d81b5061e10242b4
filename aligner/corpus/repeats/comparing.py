"""Comparing alignments with the originals before them: which are near copies, and what in them is said again."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from sqlalchemy import Connection, func, select

from aligner.corpus.queries import among
from aligner.corpus.repeats.holding import Held, Said, bands_in, estimate, held, packed, unpacked
from aligner.corpus.repeats.tables import bands, boilerplate, examined, recurring, traces
from aligner.repeats.boilerplate import LEAST, Trace
from aligner.repeats.copies import NEAR, said_again
from aligner.repeats.signatures import Signature

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

    held: Held
    signature: bytes | None
    bands: tuple[int, ...]
    """By which it is to be found; none of a copy."""
    original: int | None
    """Of which it is a near copy."""
    similarity: float
    said_again: frozenset[str]
    """Units of a copy that the original has but for a few words."""
    counts: bool
    """Whether it says something that no original says."""
    frequent: frozenset[Trace]
    """Its traces that so many alignments of its site have that they may be boilerplate's."""
    boilerplate: frozenset[str]
    """Its units that are."""
    later: frozenset[int]
    """Originals that came after it, and may be copies of it."""


@dataclass(slots=True)
class Comparison:
    """Compares alignments, some at a time, with what the corpus holds; what is found of them is to be written there in between."""

    _recurring: dict[int, set[Trace]] = field(default_factory=dict)
    _boilerplate: dict[int, set[str]] = field(default_factory=dict)
    """Of each site."""
    _said: dict[int, Said] = field(default_factory=dict)
    _links: int = 0
    """Of what is said in those."""

    def findings(self, connection: Connection, some: Mapping[int, Held]) -> list[Finding]:
        """What is found of these, which are in the order of their numbers."""
        self._learn(connection, {one.site for one in some.values()} - self._recurring.keys())
        known = {number: frozenset(one.boilerplate(self._recurring[one.site])) for number, one in some.items()}
        for number, one in some.items():
            self._boilerplate[one.site] |= known[number]
            self._drop(number)
        said = {number: one.without(self._boilerplate[one.site]) for number, one in some.items()}
        originals = _Originals.near(connection, {number: (some[number], one) for number, one in said.items()})
        frequent = _frequent(connection, some.values())
        found = []
        for number, one in some.items():
            original, similarity = self._original(connection, originals, number, said[number])
            later, again, counts = frozenset[int](), frozenset[str](), True
            if original is None:
                later = frozenset(other for other, _ in originals.likely(number, said[number]) if other > number)
                originals.enter(number, said[number])
                self._keep(number, said[number])
            else:
                there = self._said[original].links
                texts = said_again(said[number].links, there)
                again = frozenset(unit for unit, link in one.beads if link in texts)
                counts = bool(set(said[number].links) - texts - set(there))
            found.append(
                Finding(
                    one,
                    packed(said[number].signatures) if said[number].links else None,
                    originals.free_bands(number) if original is None else (),
                    original,
                    similarity,
                    again,
                    counts,
                    frozenset(trace for sides in one.traces for side in sides for trace in side if trace in frequent),
                    known[number],
                    later,
                )
            )
        return found

    def _original(self, connection: Connection, originals: _Originals, number: int, said: Said) -> tuple[int | None, float]:
        """The first of the alignments before this one of which it is a near copy, and how near."""
        likely = sorted(originals.likely(number, said), key=lambda one: -one[1])
        for other in sorted(other for other, _ in likely[:_COMPARED] if other < number):
            if other not in self._said:
                there = held(connection, [other])[other]
                self._learn(connection, {there.site} - self._recurring.keys())
                self._keep(other, there.without(self._boilerplate[there.site]))
            similarity = said.jaccard(self._said[other])
            if similarity >= NEAR:
                return other, similarity
        return None, 0.0

    def _keep(self, number: int, said: Said) -> None:
        while self._links > _KEPT:
            self._drop(next(iter(self._said)))
        self._said[number] = said
        self._links += len(said.links)

    def _drop(self, number: int) -> None:
        if number in self._said:
            self._links -= len(self._said.pop(number).links)

    def _learn(self, connection: Connection, sites: Iterable[int]) -> None:
        """Read what is known of these sites."""
        for site in sites:
            of_boilerplate = select(recurring.c.trace).where(recurring.c.site == site, recurring.c.is_boilerplate)
            self._recurring[site] = set(connection.scalars(of_boilerplate))
            self._boilerplate[site] = set(connection.scalars(select(boilerplate.c.unit).where(boilerplate.c.site == site)))


@dataclass(slots=True)
class _Originals:
    """The originals that have bands in common with the alignments that are examined now."""

    bands: dict[int, tuple[int, ...]]
    """Of the alignments that are examined now."""
    in_band: dict[int, list[int]]
    signatures: dict[int, tuple[Signature, Signature]]

    @classmethod
    def near(cls, connection: Connection, some: Mapping[int, tuple[Held, Said]]) -> _Originals:
        """Read them; those that are examined now are none until they are entered."""
        its_bands = {number: bands_in(said.signatures, one.languages) if said.links else () for number, (one, said) in some.items()}
        in_band = defaultdict(list)
        wanted = {band for all_bands in its_bands.values() for band in all_bands}
        for band, number in among(connection, select(bands.c.band, bands.c.alignment), bands.c.band, wanted):
            if number not in some:
                in_band[band].append(number)
        kept = select(examined.c.alignment, examined.c.signature).where(examined.c.signature.is_not(None))
        others = {number for numbers in in_band.values() for number in numbers}
        signatures = {number: unpacked(signature) for number, signature in among(connection, kept, examined.c.alignment, others)}
        return cls(its_bands, in_band, signatures)

    def likely(self, number: int, said: Said) -> list[tuple[int, float]]:
        """The originals that may be near to this alignment, with estimates."""
        others = {other for band in self.bands[number] for other in self.in_band.get(band, ()) if other in self.signatures}
        estimates = [(other, estimate(said.signatures, self.signatures[other])) for other in others]
        return [(other, value) for other, value in estimates if value >= _LIKELY]

    def free_bands(self, number: int) -> tuple[int, ...]:
        """Its bands that are not crowded."""
        return tuple(band for band in self.bands[number] if len(self.in_band[band]) <= _CROWDED)

    def enter(self, number: int, said: Said) -> None:
        """Make this one an original too."""
        if said.links:
            self.signatures[number] = said.signatures
            for band in self.bands[number]:
                self.in_band[band].append(number)


def _frequent(connection: Connection, some: Iterable[Held]) -> set[Trace]:
    """Those of their traces that LEAST alignments have, or somewhat fewer where these were examined before."""
    count = Counter(trace for one in some for trace in {trace for sides in one.traces for side in sides for trace in side})
    size = select(traces.c.trace, func.count()).group_by(traces.c.trace)
    for trace, number in among(connection, size, traces.c.trace, list(count)):
        count[trace] += number
    return {trace for trace, number in count.items() if number >= LEAST}
