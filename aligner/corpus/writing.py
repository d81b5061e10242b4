"""The rows that alignments become: what is there already is found, what is not is made."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Row, and_, select

from aligner.corpus.found import DocumentRow, Found, Marks, UnitRow
from aligner.corpus.inserting import Known, insert_many, insertion
from aligner.corpus.queries import among
from aligner.corpus.tables import alignments, documents, unit_annotations, units
from aligner.types import Provenance

Key = tuple[str, str]
"""What a document is known by: the SHA-256 of its text, and its language."""

_DOCUMENT = "digest", "lang", "name", "text"
_UNIT = "id", "source_lang", "target_lang", "source", "target"
_ANNOTATION = "unit", "kind", "reason"


def hold_alignment(connection: Connection, new: Found, *, hidden: bool = False) -> Row[Any]:
    """The alignment's row as it is; where it is made now, `hidden` lets it supersede itself, so that nobody sees its beads yet."""
    hold_documents(connection, new.documents)
    place = place_of(new, documents_known(connection, map(key_of, new.documents)))
    missing = insertion(connection, alignments).on_conflict_do_nothing().returning(alignments.c.id)
    made = connection.execute(missing, {**place, **made_by(new.provenance)}).scalar_one_or_none()
    if made is not None and hidden:
        connection.execute(alignments.update().where(alignments.c.id == made).values(superseded_by=made))
    here = and_(*(alignments.c[name] == value for name, value in place.items()))
    # On PostgreSQL the lock makes a second add of the same documents wait; SQLite has one writer at a time.
    return connection.execute(select(alignments).where(here).with_for_update()).one()


def made_by(provenance: Provenance) -> dict[str, str]:
    """The columns that say what made an alignment, and when: now."""
    return {
        "encoder": provenance.encoder,
        "revision": provenance.revision,
        "weights": provenance.weights,
        "version": provenance.version,
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
    }


def hold_documents(connection: Connection, rows: Iterable[DocumentRow]) -> None:
    """Store the documents that are not there. A text is stored once, under the name that it came with first."""
    first = {key_of(row): row for row in reversed(list(rows))}
    # In one order everywhere, so that two writers never wait for each other.
    insert_many(connection, documents, _DOCUMENT, [first[key] for key in sorted(first)], Known.STAYS)


def documents_known(connection: Connection, keys: Iterable[Key]) -> dict[Key, int]:
    """The numbers of those of these documents that the corpus holds."""
    query = select(documents.c.digest, documents.c.lang, documents.c.id)
    found = among(connection, query, documents.c.digest, {digest for digest, _ in keys})
    return {(digest, lang): number for digest, lang, number in found}


def key_of(row: DocumentRow) -> Key:
    """What a document is known by."""
    return row[:2]


def place_of(new: Found, numbers: Mapping[Key, int]) -> dict[str, int | str]:
    """What an alignment is known by: its documents and languages."""
    source, target = (numbers[key_of(row)] for row in new.documents)
    return {"source_document": source, "target_document": target, "source_lang": new.languages[0], "target_lang": new.languages[1]}


def known_units(connection: Connection, ids: Iterable[str]) -> set[str]:
    """Those of the ids that the corpus holds."""
    return {row.id for row in among(connection, select(units.c.id), units.c.id, ids)}


def hold_units(connection: Connection, missing: Sequence[UnitRow], found: Marks) -> None:
    """Store the units that another writer has not stored in the meantime, and what the rules found in them."""
    rows = sorted(missing)  # in one order everywhere, as above
    insert_many(connection, units, _UNIT, rows, Known.STAYS)
    hold_annotations(connection, {row[0]: found[row[0]] for row in rows if row[0] in found})


def hold_annotations(connection: Connection, found: Marks) -> None:
    """Store what was found in units that the corpus holds; what another writer has stored already stays."""
    rows = [(unit, kind, reason) for unit, reasons in found.items() for kind, reason in reasons.items()]
    insert_many(connection, unit_annotations, _ANNOTATION, sorted(rows), Known.STAYS)
