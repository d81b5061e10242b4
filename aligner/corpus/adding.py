"""Adding an alignment: its rows, what is carried over from what was decided, and nothing at all where it is there already."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, delete, exists, func, insert, or_, select, update

from aligner.annotations import annotations_of
from aligner.corpus.beads import COLUMNS, StoredBead, TextPair
from aligner.corpus.carrying import Decided, Version, carried, decided_in_earlier, decided_of
from aligner.corpus.found import Found, Marks, UnitRow, unit_rows
from aligner.corpus.inserting import Known, execute_many, insert_many
from aligner.corpus.queries import beads_of, parts, statuses_in
from aligner.corpus.repeats.keeping import drop_sketches, keep_sketches
from aligner.corpus.tables import actions, alignments, changes, decisions, documents, occurrences
from aligner.corpus.writing import hold_alignment, hold_units, known_units, made_by
from aligner.repeats.sketches import Packed

_BEAD = "alignment", *COLUMNS

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
    alignment: int = field(default=0, compare=False)
    """The number that the alignment has in the corpus; what changed is the same whatever it is."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What adding an alignment changes, as long as what it was made of stays as it is."""

    earlier: int | None
    """The alignment of an earlier version of the texts, of which it takes the place."""
    units: list[UnitRow]
    """That its beads are made of and that the corpus lacks."""
    annotations: Marks
    gone: list[StoredBead]
    come: list[StoredBead]
    scored: list[StoredBead]
    """Beads of which nothing changes but the scores."""
    are_others: bool
    """Whether the beads will say something else than before."""
    sketch: Packed | None
    """Of the beads, where all of them are as the aligner found them."""
    added: Added
    made_of: tuple[object, ...]
    """What the corpus held of the alignment, and of others that might be of an earlier version."""
    last_action: int


def add(connection: Connection, new: Found) -> Added:
    """Store an alignment in the place of an earlier one of the same texts, with what was decided there or in an earlier version of them."""
    row = hold_alignment(connection, new)
    plan = planned(connection, new, row, beads_in(connection, row.id))
    hold_units(connection, plan.units, plan.annotations)
    carry_out(connection, new, row, plan)
    return plan.added


def planned(connection: Connection, new: Found, row: Row[Any], before: Sequence[StoredBead]) -> Plan:
    """What is to change where the alignment, of this row, has the beads `before`."""
    version = Version(new.beads, new.texts)
    last_action = connection.scalar(select(func.max(actions.c.id))) or 0
    candidates = _versions(connection, new, row)
    earlier = decided = None
    if not before or row.superseded_by is not None:
        earlier, decided = _of_another_version(connection, [candidate.id for candidate in candidates], version)
    if decided is None and before:
        decided = decided_of(Version(before, version.texts), statuses_in(connection, row.id))
    beads, units, marks, kept = version.beads, list(new.units), new.annotations, 0
    if decided is not None:
        machine = {bead.content for bead in beads}
        beads, more = carried(version, decided)
        units, marks = [*units, *unit_rows(more)], {**marks, **annotations_of(more)}
        kept = len(decided.kept) - sum(bead.content in machine for bead in decided.kept)
    linked = {bead.unit for bead in beads if not bead.is_null}
    known = known_units(connection, linked | {unit[0] for unit in units})
    added = Added(len(linked - known), len(_places(beads) - _places(before)), len(linked & known), kept, row.id)
    missing = [unit for unit in units if unit[0] not in known]
    gone, come, scored = _exchange(before, beads)
    sketch = new.sketch if beads == version.beads else None
    return Plan(earlier, missing, marks, gone, come, scored, bool(gone or come), sketch, added, _state(row, candidates), last_action)


def still_holds(connection: Connection, new: Found, row: Row[Any], plan: Plan) -> bool:
    """Whether nothing that a plan was made of has changed since."""
    if _state(row, _versions(connection, new, row)) != plan.made_of:
        return False
    concerned = [row.id] if plan.earlier is None else [row.id, plan.earlier]
    since = select(func.coalesce(actions.c.undoes, actions.c.id)).where(actions.c.id > plan.last_action)
    there = select(occurrences.c.unit).where(occurrences.c.alignment.in_(concerned))
    decided = exists().where(decisions.c.action.in_(since), decisions.c.unit.in_(there))
    changed = exists().where(changes.c.action.in_(since), changes.c.alignment.in_(concerned))
    return not connection.scalar(select(or_(decided, changed)))


def carry_out(connection: Connection, new: Found, row: Row[Any], plan: Plan) -> None:
    """Do what was planned; the units are there already."""
    gone, come, scored = plan.gone, plan.come, plan.scored
    if connection.dialect.name == "postgresql":  # where an update is a message, and many rows in the place of others are a few
        gone, come, scored = [*gone, *scored], [*come, *scored], []
    for part in parts(bead.position for bead in gone):
        connection.execute(delete(occurrences).where(occurrences.c.alignment == row.id, occurrences.c.position.in_(part)))
    write_beads(connection, row.id, come)
    place = occurrences.c.alignment == bindparam("of"), occurrences.c.position == bindparam("at")
    scores = update(occurrences).where(*place).values(probability=bindparam("p"), cosine=bindparam("c"))
    execute_many(connection, scores, [{"of": row.id, "at": bead.position, "p": bead.probability, "c": bead.cosine} for bead in scored])
    if plan.are_others:
        drop_sketches(connection, [row.id])
        if plan.sketch is not None:
            keep_sketches(connection, {row.id: plan.sketch})
    if plan.earlier is not None:
        connection.execute(update(alignments).where(alignments.c.id == plan.earlier).values(superseded_by=row.id))
    values: dict[str, Any] = made_by(new.provenance)
    if all(getattr(row, name) == value for name, value in values.items() if name != "at"):
        values = {}
    if row.superseded_by is not None:
        values["superseded_by"] = None
    if plan.gone:
        values["numbering"] = row.numbering + 1
    if values:
        connection.execute(update(alignments).where(alignments.c.id == row.id).values(**values))
    if plan.gone or plan.scored or plan.earlier is not None:
        note_realigned(connection)


def write_beads(connection: Connection, alignment: int, beads: Sequence[StoredBead]) -> None:
    """Store new beads."""
    insert_many(connection, occurrences, _BEAD, [(alignment, *bead.row) for bead in beads], Known.FAILS)


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


def _state(row: Row[Any], others: Sequence[Any]) -> tuple[object, ...]:
    return (row.id, row.numbering, row.superseded_by, *((other.id, other.numbering) for other in others))


def _versions(connection: Connection, new: Found, row: Row[Any]) -> Sequence[Any]:
    """The current alignments of other texts with the same names, the latest first."""
    texts = new.texts
    if not (texts.source_document and texts.target_document):
        return ()
    source, target = documents.alias(), documents.alias()
    query = (
        select(alignments.c.id, alignments.c.numbering)
        .join(source, source.c.id == alignments.c.source_document)
        .join(target, target.c.id == alignments.c.target_document)
        .where(source.c.name == texts.source_document, target.c.name == texts.target_document)
        .where(alignments.c.source_lang == texts.source_lang, alignments.c.target_lang == texts.target_lang)
        .where(alignments.c.id != row.id, alignments.c.superseded_by.is_(None))
        .order_by(alignments.c.id.desc())
    )
    return connection.execute(query).all()


def _of_another_version(connection: Connection, candidates: Sequence[int], version: Version) -> tuple[int | None, Decided | None]:
    """The alignment of the version of the texts that was current until now, and what was decided in it; None where there is none."""
    for earlier in candidates:
        old = Version(beads_in(connection, earlier), texts_of(connection, earlier))
        decided = decided_in_earlier(old, statuses_in(connection, earlier), version)
        if decided is not None:
            return earlier, decided
    return None, None


def _exchange(before: Sequence[StoredBead], after: Sequence[StoredBead]) -> tuple[list[StoredBead], list[StoredBead], list[StoredBead]]:
    """What makes these beads of those: the ones that go, the ones that come, and the ones that are only scored anew."""
    if [_but_scores(bead) for bead in before] == [_but_scores(bead) for bead in after]:
        placed = [replace(bead, position=old.position) for old, bead in zip(before, after, strict=True)]
        return [], [], [bead for old, bead in zip(before, placed, strict=True) if bead != old]
    placed = [replace(bead, position=float(number)) for number, bead in enumerate(after)]
    there, wanted = set(before), set(placed)
    return [bead for bead in before if bead not in wanted], [bead for bead in placed if bead not in there], []


def _but_scores(bead: StoredBead) -> tuple[object, ...]:
    return *bead.content, bead.source_segments, bead.target_segments, bead.action, bead.was


def note_realigned(connection: Connection) -> None:
    """Let reviewers who look at these beads see that they have changed; last of all, for others number their actions meanwhile."""
    now = datetime.now(UTC).isoformat(timespec="milliseconds")
    connection.execute(insert(actions).values(reviewer="", at=now, tool="aligner", kind=REALIGN))


def _places(beads: Sequence[StoredBead]) -> set[tuple[object, ...]]:
    """Which linked units stand where."""
    return {bead.content for bead in beads if not bead.is_null}
