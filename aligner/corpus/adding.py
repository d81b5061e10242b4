"""Adding an alignment: its rows, what is carried over from what was decided, and nothing at all where it is there already."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select, update

from aligner.corpus.beads import StoredBead, TextPair
from aligner.corpus.carrying import Decided, Version, carried, decided_in_earlier, decided_of
from aligner.corpus.queries import beads_of, statuses_in
from aligner.corpus.tables import actions, alignments, documents, occurrences
from aligner.corpus.writing import hold_alignment, hold_units, known_units, printable
from aligner.types import Alignment

REALIGN = "realign"
"""Kind of the action by which a batch changes beads that were there before; it decides nothing and cannot be undone."""


@dataclass(frozen=True, slots=True)
class Added:
    """What an add changed: units that are new to the corpus, occurrences that are new, units that it knew already."""

    units: int
    occurrences: int
    known: int
    carried: int = 0
    """Beads that reviewers had decided and that were kept from an earlier alignment."""


def add(connection: Connection, alignment: Alignment, min_probability: float) -> Added:
    """Store an alignment in the place of an earlier one of the same texts, with what was decided there or in an earlier version of them."""
    wanted = [bead for bead in alignment.beads if bead.is_null or bead.probability >= min_probability]
    units = [alignment.unit(bead) for bead in wanted]
    row = hold_alignment(connection, alignment)
    before = beads_in(connection, row.id)
    found = [
        StoredBead(
            unit.id,
            bead.source,
            bead.target,
            unit.source_spans,
            unit.target_spans,
            float(bead.probability),
            None if bead.cosine is None else float(bead.cosine),
        )
        for bead, unit in zip(wanted, units, strict=True)
    ]
    version = Version(found, _texts(alignment))
    decided = None
    if not before or row.superseded_by is not None:
        decided = _of_another_version(connection, row, version)
    if decided is None and before:
        decided = decided_of(Version(before, version.texts), statuses_in(connection, row.id))
    kept = 0
    if decided is not None:
        machine = {bead.content for bead in found}
        found, more = carried(version, decided)
        units += more
        kept = len(decided.kept) - sum(bead.content in machine for bead in decided.kept)
    linked = {bead.unit for bead in found if not bead.is_null}
    known = known_units(connection, linked)
    if row.superseded_by is not None:
        connection.execute(update(alignments).where(alignments.c.id == row.id).values(superseded_by=None))
    if [replace(bead, position=0.0) for bead in before] != found:
        hold_units(connection, units)
        _replace(connection, row.id, found, again=bool(before))
    new = _places(found) - _places(before)
    return Added(len(linked - known), len(new), len(known), kept)


def beads_in(connection: Connection, alignment: int) -> list[StoredBead]:
    """The beads of an alignment, in order."""
    return [StoredBead.of(row) for row in connection.execute(beads_of(alignment))]


def texts_of(connection: Connection, alignment: int) -> TextPair:
    """The texts of an alignment's documents."""
    source, target = documents.alias(), documents.alias()
    query = (
        select(
            source.c.text.label("source"),
            target.c.text.label("target"),
            alignments.c.source_lang,
            alignments.c.target_lang,
            source.c.name.label("source_document"),
            target.c.name.label("target_document"),
        )
        .join_from(alignments, source, source.c.id == alignments.c.source_document)
        .join(target, target.c.id == alignments.c.target_document)
        .where(alignments.c.id == alignment)
    )
    return TextPair(**connection.execute(query).one()._mapping)


def _texts(alignment: Alignment) -> TextPair:
    names = (printable(document.name) for document in (alignment.source, alignment.target))
    return TextPair(alignment.source.text, alignment.target.text, alignment.source_lang, alignment.target_lang, *names)


def _of_another_version(connection: Connection, row: Row[Any], version: Version) -> Decided | None:
    """What was decided in the version of the texts that was current until now; None where there is none."""
    names = version.texts.source_document, version.texts.target_document
    if not all(names):
        return None
    source, target = documents.alias(), documents.alias()
    query = (
        select(alignments.c.id)
        .join(source, source.c.id == alignments.c.source_document)
        .join(target, target.c.id == alignments.c.target_document)
        .where(source.c.name == names[0], target.c.name == names[1], alignments.c.id != row.id, alignments.c.superseded_by.is_(None))
        .where(alignments.c.source_lang == version.texts.source_lang, alignments.c.target_lang == version.texts.target_lang)
        .order_by(alignments.c.id.desc())
    )
    for earlier in connection.scalars(query).all():
        old = Version(beads_in(connection, earlier), texts_of(connection, earlier))
        decided = decided_in_earlier(old, statuses_in(connection, earlier), version)
        if decided is not None:
            connection.execute(update(alignments).where(alignments.c.id == earlier).values(superseded_by=row.id))
            _note(connection)
            return decided
    return None


def _replace(connection: Connection, alignment: int, beads: Sequence[StoredBead], *, again: bool) -> None:
    connection.execute(delete(occurrences).where(occurrences.c.alignment == alignment))
    rows = [{"alignment": alignment, **bead.values(), "position": float(number)} for number, bead in enumerate(beads)]
    if rows:
        connection.execute(insert(occurrences), rows)
    if again:  # so that reviewers who look at these beads see that they have changed
        connection.execute(update(alignments).where(alignments.c.id == alignment).values(numbering=alignments.c.numbering + 1))
        _note(connection)


def _note(connection: Connection) -> None:
    now = datetime.now(UTC).isoformat(timespec="milliseconds")
    connection.execute(insert(actions).values(reviewer="", at=now, tool="aligner", kind=REALIGN))


def _places(beads: Sequence[StoredBead]) -> set[tuple[object, ...]]:
    """Which linked units stand where."""
    return {bead.content for bead in beads if not bead.is_null}
