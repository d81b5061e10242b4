"""What batch jobs have done: an entry for every input and configuration, so that nothing is done twice."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime

from sqlalchemy import Connection, select

from aligner.corpus.queries import parts
from aligner.corpus.tables import ledger
from aligner.corpus.writing import insert_into

DONE, QUARANTINED = "done", "quarantined"


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
    statement = insert_into(connection, ledger).values(row)
    connection.execute(statement.on_conflict_do_update(index_elements=["key"], set_={name: statement.excluded[name] for name in row}))


def done(connection: Connection, digests: Iterable[str]) -> set[str]:
    """Those of these inputs that were done, whatever the configuration."""
    here = select(ledger.c.digest).where(ledger.c.state == DONE)
    return {digest for part in parts(digests) for digest in connection.scalars(here.where(ledger.c.digest.in_(part)))}
