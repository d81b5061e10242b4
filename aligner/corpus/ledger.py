"""What batch jobs have done: an entry for every input and configuration, so that nothing is done twice."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Any

from sqlalchemy import Connection, Table, delete, select

from aligner.corpus.queries import parts
from aligner.corpus.tables import alignments, inputs, ledger
from aligner.corpus.writing import insertion

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


def entries(connection: Connection, keys: Iterable[str]) -> dict[str, Entry]:
    """Those of these keys that there are entries of."""
    columns = [ledger.c[name] for name in Entry.__slots__]
    found: dict[str, Entry] = {}
    for part in parts(keys):
        for row in connection.execute(select(*columns).where(ledger.c.key.in_(part))):
            found[row.key] = Entry(*row)
    return found


def enter(connection: Connection, entry: Entry) -> None:
    """Write an entry, in the place of an earlier one of the same key."""
    row = {**asdict(entry), "at": datetime.now(UTC).isoformat(timespec="seconds")}
    connection.execute(_replacing(connection.dialect.name, ledger), row)


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
    rows = [{"dump": place.dump, "name": place.name, "digest": digest} for place, digest in held]
    if rows:
        connection.execute(_replacing(connection.dialect.name, inputs), rows)


@cache  # putting it together costs more than the row
def _replacing(dialect: str, table: Table) -> Any:
    """An insertion that takes the place of a row of the same key."""
    statement = insertion(dialect, table)
    others = {column.name: statement.excluded[column.name] for column in table.columns if not column.primary_key}
    return statement.on_conflict_do_update(index_elements=list(table.primary_key), set_=others)
