"""An alignment as it is examined for repeats: what is kept of it, and, where that does not say enough, the texts of its beads."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from sqlalchemy import Connection, select

from aligner.corpus.queries import among
from aligner.corpus.repeats.tables import examined, sites
from aligner.corpus.tables import alignments, occurrences, units
from aligner.repeats.boilerplate import Trace, of_site
from aligner.repeats.copies import Text
from aligner.repeats.shingles import Shingles, jaccard
from aligner.repeats.signatures import bands, similarity
from aligner.repeats.sketches import Signatures, Sketch, shingles_of, signatures_of, traces_in


@dataclass(frozen=True, slots=True)
class Enrolled:
    """An alignment that is examined, without its texts."""

    alignment: int
    site: int
    site_name: str
    languages: tuple[str, str]
    signature: bytes | None
    """That it was found by until now."""

    def traces(self, sketch: Sketch) -> frozenset[Trace]:
        """Those of its sketch, on its site."""
        return frozenset(of_site(sketch.traces, self.site_name).tolist())

    def bands(self, signatures: Signatures) -> tuple[int, ...]:
        """The bands by which it is found: those of the source, for near copies have both sides in common."""
        return bands(signatures[0], " ".join(self.languages))


@dataclass(frozen=True)
class Held:
    """An alignment with its beads' units in order."""

    of: Enrolled
    beads: tuple[tuple[str, Text], ...]
    """Unit and its texts; of a null one text is empty."""

    @cached_property
    def _traces(self) -> list[tuple[tuple[Trace, ...], ...]]:
        """Of each bead the traces of every side that says something, on its site."""
        found = traces_in([texts for _, texts in self.beads], self.of.languages)
        plain = np.array([trace for sides in found for side in sides for trace in side], np.int64)
        own = iter(of_site(plain, self.of.site_name).tolist())
        return [tuple(tuple(next(own) for _ in side) for side in sides) for sides in found]

    @property
    def traces(self) -> frozenset[Trace]:
        """All of them."""
        return frozenset(trace for sides in self._traces for side in sides for trace in side)

    def boilerplate(self, recurring: Collection[Trace]) -> set[str]:
        """The units all of whose sides recur over the site."""
        if not recurring:
            return set()
        return {
            unit
            for (unit, _), sides in zip(self.beads, self._traces, strict=True)
            if sides and all(any(trace in recurring for trace in side) for side in sides)
        }

    def without(self, boilerplate: Collection[str]) -> Said:
        """What it says beside these units."""
        return Said(tuple(texts for unit, texts in self.beads if all(texts) and unit not in boilerplate))


@dataclass(frozen=True)
class Said:
    """What is compared of an alignment: the texts of its links, without boilerplate, in order."""

    links: tuple[Text, ...]

    @cached_property
    def shingles(self) -> tuple[Shingles, Shingles]:
        """Of both sides."""
        return shingles_of(self.links)

    @property
    def signatures(self) -> Signatures | None:
        """Of both sides; None where nothing is said."""
        return signatures_of(self.shingles) if self.links else None

    def jaccard(self, other: Said) -> float:
        """What two have in common, on the side that has less, 0..1."""
        return min(jaccard(*sides) for sides in zip(self.shingles, other.shingles, strict=True))


def estimate(one: Signatures, other: Signatures) -> float:
    """`Said.jaccard` by the signatures alone."""
    return min(similarity(*sides) for sides in zip(one, other, strict=True))


def enrolled(connection: Connection, wanted: Iterable[int]) -> dict[int, Enrolled]:
    """These alignments, of those that are examined, in the order of their numbers."""
    query = (
        select(
            examined.c.alignment,
            examined.c.site,
            sites.c.name,
            examined.c.signature,
            alignments.c.source_lang,
            alignments.c.target_lang,
        )
        .join(sites, sites.c.id == examined.c.site)
        .join(alignments, alignments.c.id == examined.c.alignment)
        .order_by(examined.c.alignment)
    )
    return {
        number: Enrolled(number, site, name, tuple(languages), signature)
        for number, site, name, signature, *languages in among(connection, query, examined.c.alignment, wanted)
    }


def held(connection: Connection, some: Mapping[int, Enrolled]) -> dict[int, Held]:
    """These alignments with their texts."""
    query = (
        select(occurrences.c.alignment, units.c.id, units.c.source, units.c.target)
        .join(units, units.c.id == occurrences.c.unit)
        .order_by(occurrences.c.alignment, occurrences.c.position)
    )
    beads: defaultdict[int, list[tuple[str, Text]]] = defaultdict(list)
    for number, unit, source, target in among(connection, query, occurrences.c.alignment, some):
        beads[number].append((unit, (source, target)))
    return {number: Held(one, tuple(beads[number])) for number, one in some.items()}
