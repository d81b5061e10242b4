"""Which beads a reviewer sees, and in which order: kept in memory as one array, for 50,000 of them and many more."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from aligner.corpus import STATUSES
from aligner.corpus.placing import Place
from aligner.errors import ReviewError
from aligner.reviewing.entries import Entries, EntryMaker, coded, entry_key, is_null, is_plain, number_in, numbers_in, places_in
from aligner.reviewing.filters import CHANGED, COMMENTED, CONFLICT, DOCUMENT, DOUBTFUL, ORDERS, OTHER, Filter, is_shape
from aligner.reviewing.keys import is_of_unit, place_of

NOTHING_FLAGGED: Mapping[str, Collection[Place]] = MappingProxyType({})


class Order:
    """The beads that a view shows, in its order, and which of them are decided."""

    def __init__(self, rows: Iterable[Any], conflicts: set[str], commented: set[str]) -> None:
        """rows: of `corpus.listing.entries`."""
        self._make = EntryMaker()
        self._all = self._make.entries(rows, conflicts, commented)
        self._positions: dict[int, NDArray[np.float64]] = {}
        self._in_documents = True
        self._first = np.zeros(0, np.int64)
        self._drawn: dict[bytes, int] = {}
        self._fresh: set[Place] = set()
        self.shown = self._all

    @property
    def is_sorted(self) -> bool:
        """Whether every bead stands where it belongs; in a view by doubt, what comes or gets another score stays where it is looked at."""
        return not self._fresh

    def arrange(self, chosen: NDArray[np.bool_], order: str, first: Sequence[int] = (), drawn: Sequence[str] = ()) -> None:
        """Show the chosen ones, bool (n_all,), doubtful first or as in the documents; those of the alignments `first` before all others.

        Where units are `drawn`, all stand in the order in which these were, whatever the order is otherwise.
        """
        if order not in ORDERS:
            raise ReviewError(f"there is no order {order!r}: it is {' or '.join(ORDERS)}")
        entries = self._all[chosen]
        self._in_documents = order == DOCUMENT and not drawn
        self._drawn = {unit.encode(): number for number, unit in enumerate(drawn)}
        self._first = np.array(first, np.int64)
        self._fresh.clear()
        self.shown = entries[np.lexsort(self._ranks(entries)[::-1])]

    def matching(
        self,
        wanted: Filter,
        documents: Sequence[int],
        mine: Sequence[int] = (),
        units: set[str] | None = None,
        flagged: Mapping[str, Collection[Place]] = NOTHING_FLAGGED,
    ) -> NDArray[np.bool_]:
        """bool (n_all,): the beads that the filter lets through.

        documents: the alignments that it lets through, `mine` those of the reviewer, `units` what it names by text, None for all,
        `flagged` the beads with each wanted flag that must be looked up in the corpus.
        """
        entries = self._all
        chosen = np.ones(len(entries), bool)
        if wanted.status:
            chosen &= np.isin(entries["status"], [STATUSES.index(status) for status in wanted.status])
        low, high = wanted.probability
        probability = entries["probability"]
        chosen &= (probability >= low) & (probability <= high)
        if wanted.flags:
            chosen &= np.logical_or.reduce([self._flag(flag, flagged) for flag in sorted(wanted.flags)])
        if wanted.shapes:
            if unknown := [shape for shape in sorted(wanted.shapes) if not is_shape(shape)]:
                raise ReviewError(f"shapes such as 2-1 or 0-1, or {OTHER}, were wanted, not {unknown[0]!r}")
            shapes = [tuple(map(int, shape.split("-"))) for shape in wanted.shapes if shape != OTHER]
            fits = np.logical_or.reduce(
                [np.zeros(len(entries), bool), *((entries["source_size"] == a) & (entries["target_size"] == b) for a, b in shapes)]
            )
            chosen &= fits | (~is_plain(entries) if OTHER in wanted.shapes else False)
        if wanted.document is not None:
            chosen &= np.isin(entries["alignment"], np.array(documents, np.int64))
        if wanted.reviewer is not None:
            chosen &= entries["reviewer"] == self._make.reviewer(wanted.reviewer)
        if wanted.mine:
            chosen &= np.isin(entries["alignment"], np.array(mine, np.int64))
        if units is not None:
            chosen &= np.isin(entries["unit"], coded(units))
        return chosen

    def replace(self, gone: Sequence[Place], rows: Iterable[Any], conflicts: set[str], commented: set[str]) -> None:
        """Put beads in the place of others: where they belong in a view of documents, where the first that goes stands in one by doubt.

        Of those that take the place of beads that are not shown, none is.
        """
        entries = self._make.entries(rows, conflicts, commented)
        same = set(gone) & set(places_in(entries))  # most often one bead comes where one goes
        stays = np.array([place in same for place in places_in(entries)], bool)
        self._bring_in(entries[stays])
        others = [place for place in gone if place not in same]
        shown = any(number is not None for number in numbers_in(self.shown, gone))
        at = sorted(number for number in numbers_in(self.shown, others) if number is not None)
        self.shown = np.delete(self.shown, at)
        for entry in entries[~stays][::-1] if shown else ():  # backwards, for each goes before those that came after it
            self.shown = np.insert(self.shown, self._place(entry, at, same), entry)
        self._wait(places_in(entries) if shown else ())
        everywhere = [number for number in numbers_in(self._all, others) if number is not None]
        self._all = np.concatenate([np.delete(self._all, everywhere), entries[~stays]])
        for alignment in {place[0] for place in gone} | set(entries["alignment"].tolist()):
            self._positions.pop(alignment, None)

    def refresh(self, rows: Iterable[Any], conflicts: set[str], commented: set[str]) -> None:
        """Bring what is known of some beads up to date."""
        fresh = self._make.entries(rows, conflicts, commented)
        numbers = numbers_in(self._all, places_in(fresh))
        # Where another bead has come since, `replace` will bring it in.
        same = [number is not None and self._all["unit"][number] == unit for number, unit in zip(numbers, fresh["unit"], strict=True)]
        fresh = fresh[np.array(same, bool)]
        there = numbers_in(self.shown, places_in(fresh))
        self._wait(
            place
            for place, number, probability in zip(places_in(fresh), there, fresh["probability"], strict=True)
            if number is not None and self.shown["probability"][number] != probability
        )
        self._bring_in(fresh)

    def number(self, place: Place) -> int | None:
        """Where a bead stands in the view; None where it is not shown."""
        return number_in(self.shown, place)

    def find(self, key: str) -> int | None:
        """The same by its key."""
        number = self.number(place_of(key))
        return number if number is not None and is_of_unit(key, self.shown[number]["unit"].decode()) else None

    def beads_in(self, alignment: int) -> dict[Place, tuple[str, float]]:
        """Unit and probability of an alignment's beads, shown or not, by where they stand."""
        own = self._all[self._all["alignment"] == alignment]
        beads = zip(own["unit"].tolist(), own["probability"].tolist(), strict=True)
        return {place: (unit.decode(), probability) for place, (unit, probability) in zip(places_in(own), beads, strict=True)}

    def made(self) -> list[Place]:
        """The beads, shown or not, that reviewers made."""
        return places_in(self._all[self._all["made"]])

    def places_of(self, units: Collection[str]) -> list[Place]:
        """Where beads of these units stand, shown or not."""
        return places_in(self._all[np.isin(self._all["unit"], coded(units))]) if units else []

    def near(self, key: str) -> int:
        """Where it stands or, where it is not shown any more, the first one after it; the last, where none comes after it."""
        alignment, position = place_of(key)
        number = self.number((alignment, position))
        if number is not None:
            return number
        before = np.flatnonzero((self._all["alignment"] == alignment) & (self._all["position"] <= position))
        if not len(before):
            return 0
        later, level = np.zeros(len(self.shown), bool), np.ones(len(self.shown), bool)
        here = self._all[before[self._all["position"][before].argmax()]][None]
        for ranks, rank in zip(self._ranks(self.shown), self._ranks(here), strict=True):
            later |= level & (ranks > rank)
            level &= ranks == rank
        return int(later.argmax()) if later.any() else max(0, len(self.shown) - 1)

    def key(self, number: int) -> str:
        """The key of a bead of the view."""
        return entry_key(self.shown[number])

    def keys_at(self, places: Iterable[Place]) -> list[str]:
        """The keys of the beads at these places, shown or not."""
        return [entry_key(self._all[number]) for number in numbers_in(self._all, list(places)) if number is not None]

    def positions(self, alignment: int) -> NDArray[np.float64]:
        """float64 (n_beads,): where the beads of an alignment stand, in order, shown or not."""
        if alignment not in self._positions:
            self._positions[alignment] = np.sort(self._all["position"][self._all["alignment"] == alignment])
        return self._positions[alignment]

    def next(self, kind: str, after: int, *, back: bool = False) -> int | None:
        """The next bead of the view of that kind after (or before) one, and then from the other end on; None where there is none.

        kind: doubtful (undecided, and less probable than DOUBTFUL), unreviewed, other (not 1-1), flagged, conflict, changed.
        """
        found = self._of_kind(kind)
        return _nearest(found[found != after], after, back=back)

    def next_doubtful(self, after: int, *, back: bool = False) -> tuple[int, int | None]:
        """Let what waits take its place by doubt, and go on. Gives where `after` is now, and the next doubtful bead, as `next` does.

        One goes on from where one has read to: from the last bead down to `after` that has kept its place. What takes a place above
        that comes first, for it is more doubtful than all that follows.
        """
        fresh = np.zeros(len(self.shown), bool)
        fresh[[number for number in numbers_in(self.shown, list(self._fresh)) if number is not None]] = True
        order = np.lexsort(self._ranks(self.shown)[::-1])
        place_now = np.argsort(order)
        stayed = np.flatnonzero(~fresh[: after + 1])
        read = int(place_now[stayed[-1]]) if len(stayed) else -1
        here, moved = int(place_now[after]), place_now[fresh]
        self.shown = self.shown[order]
        self._fresh.clear()
        found = self._of_kind("doubtful")
        found = found[found != here]
        above = found[np.isin(found, moved) & (found <= read)]
        return here, int(above[0]) if len(above) and not back else _nearest(found, read, back=back)

    def without(self, chosen: NDArray[np.bool_], units: Iterable[str]) -> NDArray[np.bool_]:
        """The chosen beads, bool (n_all,), that are not of these units."""
        return chosen & ~np.isin(self._all["unit"], coded(units))

    def counts(self) -> dict[str, int]:
        """How many of all beads have each status."""
        numbers = np.bincount(self._all["status"], minlength=len(STATUSES))
        return {status: int(number) for status, number in zip(STATUSES, numbers, strict=True)}

    @property
    def nulls(self) -> int:
        """How many of all beads have no counterpart."""
        return int(is_null(self._all).sum())

    def undecided_links(self, probability: float, *, made: bool = False) -> list[tuple[str, str, float]]:
        """Key, unit and probability of the links, shown or not, that nobody has decided on and that are that probable or more.

        Those that the aligner made, or those that were `made` in review.
        """
        entries = self._all
        chosen = (entries["status"] == STATUSES.index("unreviewed")) & (entries["probability"] >= probability) & (entries["made"] == made)
        found = entries[chosen & ~is_null(entries)]
        units = (unit.decode() for unit in found["unit"].tolist())
        return list(zip(map(entry_key, found), units, found["probability"].tolist(), strict=True))

    def shown_units(self) -> list[str]:
        """The units of the view, in its order."""
        return [unit.decode() for unit in self.shown["unit"].tolist()]

    def units(self) -> set[str]:
        """Of all beads."""
        return {unit.decode() for unit in self._all["unit"].tolist()}

    def _of_kind(self, kind: str) -> NDArray[np.int64]:
        """int64 (n,): the numbers of the beads of the view that `next` takes for of that kind."""
        entries = self.shown
        undecided = entries["status"] == STATUSES.index("unreviewed")
        kinds = {
            "doubtful": undecided & (entries["probability"] < DOUBTFUL),
            "unreviewed": undecided,
            "other": ~is_plain(entries),
            "flagged": entries["status"] == STATUSES.index("flagged"),
            "conflict": entries["conflict"],
            "changed": entries["changed"],
        }
        if kind not in kinds:
            raise ReviewError(f"there is no next {kind!r}: it is one of {', '.join(kinds)}")
        return np.flatnonzero(kinds[kind])

    def _ranks(self, entries: Entries) -> tuple[NDArray[Any], ...]:
        """By what the entries are sorted, first what counts most."""
        if self._drawn:
            drawn = np.array([self._drawn.get(unit, len(self._drawn)) for unit in entries["unit"].tolist()], np.int64)
            return drawn, entries["alignment"], entries["position"]
        theirs = ~np.isin(entries["alignment"], self._first)
        probability = np.zeros(len(entries)) if self._in_documents else entries["probability"]
        return theirs, probability, entries["alignment"], entries["position"]

    def _place(self, entry: Any, at: Sequence[int], same: set[Place]) -> int:
        """Where a new bead goes in the view: where it belongs, or after the one of `same` before it, or at the first of `at`."""
        own = np.flatnonzero(self.shown["alignment"] == entry["alignment"])
        if self._in_documents and len(own):
            return int(own[0] + np.searchsorted(self.shown["position"][own], entry["position"]))
        place = (int(entry["alignment"]), float(entry["position"]))
        before = max((one for one in same if one[0] == place[0] and one < place), default=None)
        number = None if before is None else self.number(before)
        return min([*at, len(self.shown)]) if number is None else number + 1

    def _wait(self, places: Iterable[Place]) -> None:
        """Let these beads stay where they are, for somebody looks at them, until the view is sorted again."""
        if not self._in_documents:
            self._fresh.update(places)

    def _bring_in(self, fresh: Entries) -> None:
        """Put entries in the place of those of the same beads."""
        for entries in (self._all, self.shown):
            numbers = numbers_in(entries, places_in(fresh))
            there = [number is not None for number in numbers]
            entries[[number for number in numbers if number is not None]] = fresh[there]

    def _flag(self, flag: str, flagged: Mapping[str, Collection[Place]]) -> NDArray[np.bool_]:
        entries = self._all
        if flag in flagged:
            found = np.zeros(len(entries), bool)
            found[[number for number in numbers_in(entries, list(flagged[flag])) if number is not None]] = True
            return found
        if flag == "null":
            return is_null(entries)
        if flag not in (CHANGED, CONFLICT, COMMENTED):
            raise ReviewError(f"beads cannot be chosen by {flag!r}")
        chosen: NDArray[np.bool_] = entries[flag]
        return chosen


def _nearest(found: NDArray[np.int64], after: int, *, back: bool) -> int | None:
    """The first of these numbers after one, and then from the other end on, or the same backwards; None where there are none."""
    later = found > after
    for candidates in (found[later != back], found):
        if len(candidates):
            return int(candidates[-1 if back else 0])
    return None
