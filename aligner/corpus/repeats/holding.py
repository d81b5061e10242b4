"""An alignment as it is examined for repeats: the texts of its beads in order, and what of them is compared."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from sqlalchemy import Connection, select

from aligner.corpus.queries import parts
from aligner.corpus.repeats.tables import examined, sites
from aligner.corpus.tables import alignments, occurrences, units
from aligner.repeats.boilerplate import Trace, traces
from aligner.repeats.copies import Text
from aligner.repeats.shingles import Shingles, jaccard, shingles, words
from aligner.repeats.signatures import HASHES, Signature, bands, signature, similarity


@dataclass(frozen=True)
class Held:
    """An alignment that is examined, with its beads' units in order."""

    alignment: int
    site: int
    site_name: str
    languages: tuple[str, str]
    signature: bytes | None
    """That it was found by until now."""
    beads: tuple[tuple[str, Text], ...]
    """Unit and its texts; of a null one text is empty."""

    @cached_property
    def traces(self) -> list[tuple[tuple[Trace, ...], ...]]:
        """Of each bead the traces of every side that says something."""
        found: list[list[tuple[Trace, ...]]] = [[] for _ in self.beads]
        for side, lang in enumerate(self.languages):
            places = [place for place, (_, texts) in enumerate(self.beads) if texts[side]]
            its = traces([self.beads[place][1][side] for place in places], f"{self.site_name}\0{lang}")
            for place, some in zip(places, its, strict=True):
                found[place].append(some)
        return [tuple(some) for some in found]

    def boilerplate(self, recurring: Collection[Trace]) -> set[str]:
        """The units all of whose sides recur over the site."""
        if not recurring:
            return set()
        return {
            unit
            for (unit, _), sides in zip(self.beads, self.traces, strict=True)
            if all(any(trace in recurring for trace in side) for side in sides)
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
        source, target = (shingles([word for link in self.links for word in words(link[side])]) for side in range(2))
        return source, target

    @cached_property
    def signatures(self) -> tuple[Signature, Signature]:
        """Of both sides."""
        source, target = map(signature, self.shingles)
        return source, target

    def jaccard(self, other: Said) -> float:
        """What two have in common, on the side that has less, 0..1."""
        return min(jaccard(*sides) for sides in zip(self.shingles, other.shingles, strict=True))


def estimate(one: tuple[Signature, Signature], other: tuple[Signature, Signature]) -> float:
    """`Said.jaccard` by the signatures alone."""
    return min(similarity(*sides) for sides in zip(one, other, strict=True))


def bands_in(signatures: tuple[Signature, Signature], languages: tuple[str, str]) -> tuple[int, ...]:
    """The bands by which alignments of these languages are found: those of the source, for near copies have both sides in common."""
    return bands(signatures[0], " ".join(languages))


def packed(signatures: tuple[Signature, Signature]) -> bytes:
    """Both sides' signatures as the corpus keeps them, the same on every machine."""
    return b"".join(side.astype("<u2").tobytes() for side in signatures)


def unpacked(kept: bytes) -> tuple[Signature, Signature]:
    """The signatures that were `packed`."""
    both = np.frombuffer(kept, "<u2")
    return both[:HASHES], both[HASHES:]


def held(connection: Connection, wanted: Iterable[int]) -> dict[int, Held]:
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
    )
    beads = (
        select(occurrences.c.alignment, units.c.id, units.c.source, units.c.target)
        .join(units, units.c.id == occurrences.c.unit)
        .order_by(occurrences.c.alignment, occurrences.c.position)
    )
    found: dict[int, Held] = {}
    for part in parts(sorted(wanted)):
        by_alignment = defaultdict(list)
        for alignment, unit, source, target in connection.execute(beads.where(occurrences.c.alignment.in_(part))):
            by_alignment[alignment].append((unit, (source, target)))
        for row in connection.execute(query.where(examined.c.alignment.in_(part)).order_by(examined.c.alignment)):
            languages = row.source_lang, row.target_lang
            found[row.alignment] = Held(row.alignment, row.site, row.name, languages, row.signature, tuple(by_alignment[row.alignment]))
    return found
