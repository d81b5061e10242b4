"""What a batch is to do: the inputs of its dumps, each once, whatever it is called, but for those that the ledger says were done."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import Connection

from aligner.batch.archives import Archive, Archives, Unreadable
from aligner.batch.entering import Outcome, key_of
from aligner.batch.gathering import Gathered, PassedOver
from aligner.batch.items import Item
from aligner.batch.leftovers import groups_of
from aligner.batch.quarantine import Quarantine
from aligner.corpus import Corpus, ledger
from aligner.corpus.found import printable
from aligner.corpus.ledger import DONE, QUARANTINED, Entry, Place


@dataclass(frozen=True, slots=True)
class Input:
    """What becomes one alignment, and every place where it stands."""

    item: Item
    places: list[Place]


Inputs = dict[str, Input]
"""By digest."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be done."""

    wanted: Inputs
    alone: Inputs
    """Pages that were done and have no translation, of which one may have come, or had one that has changed."""
    groups: Sequence[Sequence[str]]
    """Pages that are to be compared with each other, by digest."""

    def pages(self) -> dict[str, Item]:
        """The pages among the inputs, by digest."""
        return {digest: found.item for some in (self.wanted, self.alone) for digest, found in some.items() if len(found.item.names) == 1}


def unpacked(plan: Plan, archives: Archives, quarantine: Quarantine, outcome: Outcome) -> Plan:
    """The plan once the archives are opened that hold something of it, without what is in those that can be no longer."""
    inputs = {**plan.alone, **plan.wanted}
    needed = plan.wanted.keys() | {digest for group in plan.groups for digest in group}
    for archive in archives.open(path for digest in needed for path in inputs[digest].item.paths):
        quarantine.take(archive, outcome)
    there = {digest for digest in needed if not any(map(archives.is_lost, inputs[digest].item.paths))}
    wanted = {digest: found for digest, found in plan.wanted.items() if digest in there}
    outcome.to_do = len(wanted)
    return Plan(wanted, plan.alone, [[digest for digest in group if digest in there] for group in plan.groups])


def inputs_of(gathered: Iterable[Gathered], quarantine: Quarantine, outcome: Outcome) -> Inputs:
    """The inputs that were gathered; the outcome is told of all else."""
    inputs: Inputs = {}
    for found in gathered:
        if isinstance(found, Archive | Unreadable):
            quarantine.take(found, outcome)
        elif isinstance(found, PassedOver):
            outcome.passed_over[found.kind] = outcome.passed_over.get(found.kind, 0) + 1
        else:
            try:
                digest = found.known_digest()
            except OSError as error:
                outcome.unreadable[found.name] = f"cannot be read: {error.strerror}; check its permissions."
            else:
                inputs.setdefault(digest, Input(found, [])).places.append(Place(printable(found.dump), found.name))
    outcome.found = len(inputs)
    return inputs


@dataclass(frozen=True, slots=True)
class Planning:
    """What decides what is done again."""

    corpus: Corpus
    configuration: str
    redo: bool
    """Whether what was done under another configuration is."""
    retries: bool
    """Whether what failed is."""

    def plan(self, inputs: Inputs, outcome: Outcome, *, dry: bool) -> Plan:
        """What is to be done; where the rest stands is written down, unless it is known or this is `dry`."""
        keys = {digest: key_of(digest, self.configuration) for digest in inputs}
        with self.corpus.reading() as connection:
            entries = ledger.entries(connection, keys.values())
            known = {digest: entries[key] for digest, key in keys.items() if key in entries}
            otherwise = set() if self.redo else ledger.done(connection, keys.keys() - known.keys())
            held = ledger.inputs_of(connection, {place.dump for found in inputs.values() for place in found.places})
            again = {digest for digest, entry in known.items() if entry.state == QUARANTINED and self.retries}
            again |= _changed_back(connection, inputs, known, held)
            parted = _parted(connection, inputs, held, self.configuration)
        for digest in known.keys() - again:
            if known[digest].state == DONE:
                outcome.done_before += 1
            else:
                outcome.quarantined_before[inputs[digest].item.name] = known[digest].reason
        outcome.done_otherwise = len(otherwise)
        passed = (known.keys() - again) | otherwise
        moved = [(place, digest) for digest in passed for place in inputs[digest].places if held.get(place) != digest]
        if moved and not dry:
            with self.corpus.writing() as connection:
                ledger.hold_inputs(connection, moved)
        wanted = {digest: found for digest, found in inputs.items() if digest not in passed}
        outcome.to_do = len(wanted)
        done = {digest: known[digest] for digest in known.keys() - again if known[digest].state == DONE}
        alone = {digest: inputs[digest] for digest, entry in done.items() if not entry.units or entry.alignment in parted}
        plan = Plan(wanted, alone, ())
        plan = replace(plan, groups=groups_of(plan.pages(), wanted.keys()))
        outcome.to_compare = sum(digest in wanted for group in plan.groups for digest in group)
        return plan


def _changed_back(connection: Connection, inputs: Inputs, known: dict[str, Entry], held: dict[Place, str]) -> set[str]:
    """What was done, then held something else, and now holds what it had: the version between is the corpus's as yet."""
    otherwise = {
        digest: entry.alignment
        for digest, entry in known.items()
        if entry.alignment is not None and any(held.get(place, digest) != digest for place in inputs[digest].places)
    }
    later = ledger.superseded(connection, otherwise.values())
    return {digest for digest, alignment in otherwise.items() if alignment in later}


def _parted(connection: Connection, inputs: Inputs, held: dict[Place, str], configuration: str) -> set[int]:
    """The alignments of what has changed since: a page that was paired with it by what they say is without a partner again."""
    now = {place: digest for digest, found in inputs.items() for place in found.places}
    gone = {held[place] for place, digest in now.items() if held.get(place, digest) != digest} - inputs.keys()
    entries = ledger.entries(connection, [key_of(digest, configuration) for digest in gone])
    return {entry.alignment for entry in entries.values() if entry.alignment is not None}
