"""What alignments look like before they are compared: by their sketches, and where those do not say enough, by their texts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import Connection, func, select

from aligner.corpus.queries import among
from aligner.corpus.repeats.holding import Enrolled, Held, Said, enrolled, held
from aligner.corpus.repeats.keeping import kept_sketches
from aligner.corpus.repeats.tables import boilerplate, recurring
from aligner.corpus.tables import occurrences
from aligner.repeats.boilerplate import Trace
from aligner.repeats.sketches import Signatures

_BEADS = 5_000
"""Of alignments that may have to be read, in memory at once; more where one alignment has more."""


@dataclass(slots=True)
class Look:
    """An alignment as it is compared: by its sketch, or, where it holds boilerplate, by what it says beside that."""

    of: Enrolled
    traces: frozenset[Trace]
    signatures: Signatures | None
    """Of its links without boilerplate; None where there are none."""
    held: Held | None = None
    """Where its texts were read."""
    boilerplate: frozenset[str] = frozenset()
    """Its units all of whose sides recur."""


@dataclass(frozen=True, slots=True)
class Looking:
    """Looks at alignments, knowing what recurs over their sites, which is read once."""

    _recurring: dict[int, set[Trace]] = field(default_factory=dict)
    _boilerplate: defaultdict[int, set[str]] = field(default_factory=lambda: defaultdict(set))
    """Of each site."""

    def at(self, connection: Connection, numbers: Sequence[int]) -> list[Look]:
        """These alignments, in the order of their numbers; only the first of them where memory does not hold the texts of more.

        Read are the texts of those that hold boilerplate of their sites, and of those without a sketch.
        """
        rows = enrolled(connection, numbers)
        self._learn(connection, rows.values())
        sketches = kept_sketches(connection, rows)
        rows = self._first(connection, rows, sketches.keys())
        looks = {}
        for number in rows.keys() & sketches.keys():
            row, sketch = rows[number], sketches[number]
            traces = row.traces(sketch)
            if self._recurring[row.site].isdisjoint(traces):
                looks[number] = Look(row, traces, sketch.signatures)
        for number, its in held(connection, {number: row for number, row in rows.items() if number not in looks}).items():
            known = its.boilerplate(self._recurring[its.of.site])
            self._boilerplate[its.of.site] |= known
            looks[number] = Look(its.of, its.traces, None, its, frozenset(known))
        for number, its in held(connection, self._with_boilerplate(connection, looks)).items():
            looks[number].held = its
        for look in looks.values():
            if look.held is not None:
                look.signatures = self.said_in(look.held).signatures
        return [looks[number] for number in rows]

    def said_in(self, its: Held) -> Said:
        """What an alignment says beside the boilerplate of its site."""
        return its.without(self._boilerplate[its.of.site])

    def read(self, connection: Connection, number: int) -> Held:
        """An alignment with its texts."""
        rows = enrolled(connection, [number])
        self._learn(connection, rows.values())
        return held(connection, rows)[number]

    def _learn(self, connection: Connection, some: Iterable[Enrolled]) -> None:
        """Read what is known of their sites."""
        for site in {one.site for one in some} - self._recurring.keys():
            of_boilerplate = select(recurring.c.trace).where(recurring.c.site == site, recurring.c.is_boilerplate)
            self._recurring[site] = set(connection.scalars(of_boilerplate))
            self._boilerplate[site] = set(connection.scalars(select(boilerplate.c.unit).where(boilerplate.c.site == site)))

    def _first(self, connection: Connection, rows: dict[int, Enrolled], sketched: Collection[int]) -> dict[int, Enrolled]:
        """As many of these as memory holds the texts of that may have to be read."""
        may_be_read = {number for number, row in rows.items() if number not in sketched or self._has_boilerplate(row.site)}
        size = select(occurrences.c.alignment, func.count()).group_by(occurrences.c.alignment)
        sizes = dict(map(tuple, among(connection, size, occurrences.c.alignment, may_be_read)))
        first: dict[int, Enrolled] = {}
        room = _BEADS
        for number, row in rows.items():
            room -= sizes.get(number, 0)
            if room < 0 and first:
                break
            first[number] = row
        return first

    def _has_boilerplate(self, site: int) -> bool:
        return bool(self._recurring[site] or self._boilerplate[site])

    def _with_boilerplate(self, connection: Connection, looks: Mapping[int, Look]) -> dict[int, Enrolled]:
        """Those not read that hold a unit which is boilerplate by its neighbours elsewhere on their site."""
        rows = {number: look.of for number, look in looks.items() if look.held is None and self._boilerplate[look.of.site]}
        units = among(connection, select(occurrences.c.alignment, occurrences.c.unit), occurrences.c.alignment, rows)
        found = {number for number, unit in units if unit in self._boilerplate[rows[number].site]}
        return {number: rows[number] for number in sorted(found)}
