"""What batch jobs have done: an entry for every input and configuration, so that nothing is done twice."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import astuple, dataclass
from datetime import UTC, datetime

from sqlalchemy import Connection, delete, select

from aligner.corpus.inserting import Known, insert_many
from aligner.corpus.queries import parts
from aligner.corpus.tables import alignments, inputs, ledger

DONE, QUARANTINED = "done", "quarantined"


@dataclass(frozen=True, slots=True)
class Place:
    """Where an input stands."""

    dump: str
    """As it was named."""
    name: str
    """Of the input in it."""


@dataclass(frozen=True, slots=True)
class Entry:
    """What became of one input under one configuration."""

    key: str
    name: str
    digest: str
    configuration: str
    state: str
    reason: str = ""
    attempts: int = 1
    units: int = 0
    alignment: int | None = None
    """The number of the alignment that it became."""


_ENTRY = *Entry.__slots__, "at"


def entries(connection: Connection, keys: Iterable[str]) -> dict[str, Entry]:
    """Those of these keys that there are entries of."""
    columns = [ledger.c[name] for name in Entry.__slots__]
    found: dict[str, Entry] = {}
    for part in parts(keys):
        for row in connection.execute(select(*columns).where(ledger.c.key.in_(part))):
            found[row.key] = Entry(*row)
    return found


def enter(connection: Connection, some: Iterable[Entry]) -> None:
    """Write entries, each in the place of an earlier one of the same key; of two with one key the latter."""
    now = datetime.now(UTC).isoformat(timespec="seconds")
    rows = {entry.key: (*astuple(entry), now) for entry in some}
    # In one order everywhere, so that two writers never wait for each other.
    insert_many(connection, ledger, _ENTRY, [rows[key] for key in sorted(rows)], Known.REPLACED)


def quarantined(connection: Connection, configuration: str) -> dict[str, str]:
    """Why what is quarantined under this configuration is, by digest."""
    here = ledger.c.state == QUARANTINED, ledger.c.configuration == configuration
    return {row.digest: row.reason for row in connection.execute(select(ledger.c.digest, ledger.c.reason).where(*here))}


def let_out(connection: Connection, key: str) -> None:
    """Take an entry out of quarantine."""
    connection.execute(delete(ledger).where(ledger.c.key == key, ledger.c.state == QUARANTINED))


def done(connection: Connection, digests: Iterable[str]) -> set[str]:
    """Those of these inputs that were done, whatever the configuration."""
    here = select(ledger.c.digest).where(ledger.c.state == DONE)
    return {digest for part in parts(digests) for digest in connection.scalars(here.where(ledger.c.digest.in_(part)))}


def superseded(connection: Connection, numbers: Iterable[int]) -> set[int]:
    """Those of these alignments that later versions of their texts have taken the place of."""
    later = select(alignments.c.id).where(alignments.c.superseded_by.is_not(None))
    return {number for part in parts(numbers) for number in connection.scalars(later.where(alignments.c.id.in_(part)))}


def inputs_of(connection: Connection, dumps: Iterable[str]) -> dict[Place, str]:
    """What these dumps held when they were last dealt with: digests by place."""
    columns = inputs.c.dump, inputs.c.name, inputs.c.digest
    return {
        Place(row.dump, row.name): row.digest
        for part in parts(dumps)
        for row in connection.execute(select(*columns).where(inputs.c.dump.in_(part)))
    }


def hold_inputs(connection: Connection, held: Iterable[tuple[Place, str]]) -> None:
    """Write that these places hold what has these digests."""
    digests = {(place.dump, place.name): digest for place, digest in held}
    insert_many(connection, inputs, ("dump", "name", "digest"), [(*place, digests[place]) for place in sorted(digests)], Known.REPLACED)
