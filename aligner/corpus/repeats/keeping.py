"""The sketches of alignments that are not marked yet, so that most are marked without reading their texts again.

A sketch is that of the beads as they were added. It goes when they are replaced, and counts for nothing where a reviewer has changed some.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from sqlalchemy import Connection, delete, exists, select

from aligner.corpus.inserting import Known, insert_many
from aligner.corpus.queries import among, parts
from aligner.corpus.repeats.tables import sketches
from aligner.corpus.tables import alignments, changes
from aligner.repeats.sketches import Packed, Sketch

_COLUMNS = "alignment", "signature", "traces"


def keep_sketches(connection: Connection, some: Mapping[int, Packed]) -> None:
    """Keep the sketches of alignments that have none."""
    insert_many(connection, sketches, _COLUMNS, [(number, *kept) for number, kept in some.items()], Known.FAILS)


def drop_sketches(connection: Connection, numbers: Iterable[int]) -> None:
    """Keep those of these alignments no longer."""
    for part in parts(numbers):
        connection.execute(delete(sketches).where(sketches.c.alignment.in_(part)))


def kept_sketches(connection: Connection, numbers: Iterable[int]) -> dict[int, Sketch]:
    """The sketches of those of these alignments whose beads are as they were added."""
    changed = exists().where(changes.c.alignment == sketches.c.alignment)
    rows = among(connection, select(sketches).where(~changed), sketches.c.alignment, numbers)
    return {number: Sketch.unpacked((signature, left)) for number, signature, left in rows}


def needless_sketches(connection: Connection) -> Sequence[int]:
    """The alignments that have one and will not be marked, for there are others in their place."""
    query = select(sketches.c.alignment).join(alignments, alignments.c.id == sketches.c.alignment)
    return connection.scalars(query.where(alignments.c.superseded_by.is_not(None))).all()
