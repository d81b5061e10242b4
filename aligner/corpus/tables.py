"""The tables of a corpus.

    documents ──< alignments ──< occurrences >── units ──< decisions >── actions ──< changes
                                       annotations >──┘  comments   >──

A unit is its languages and texts. An occurrence is a bead of the latest alignment of two documents; a segment without counterpart is
a unit of which one side is empty. An action is what a reviewer did at one key press: it decides on units, changes beads, comments.
Decisions, changes and comments are only ever added: triggers refuse to change or delete one. To undo is a further action, which marks
the earlier one.
"""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import (
    DDL,
    Boolean,
    CheckConstraint,
    Column,
    Double,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
    event,
    false,
    text,
)

SCHEMA_VERSION = 2

UNREVIEWED = "unreviewed"
ACCEPTED, REJECTED, FLAGGED = "accepted", "rejected", "flagged"
STATUSES = (UNREVIEWED, ACCEPTED, REJECTED, FLAGGED)
"""What a decision may say; a unit without decision is unreviewed, and deciding `unreviewed` takes the earlier decision back."""

metadata = MetaData()

encoded = json.JSONEncoder(separators=(",", ":")).encode
"""A value of a Json column as it is stored. Made once: four columns a row are encoded."""


class Json(TypeDecorator[Any]):
    """Segment numbers, spans or beads as JSON, that a person and other programs can read; lists come back as tuples."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: object) -> str | None:
        return None if value is None else encoded(value)

    def process_result_value(self, value: str | None, dialect: object) -> Any:
        return None if value is None else as_tuples(json.loads(value))


def as_tuples(value: Any) -> Any:
    """A value of JSON with tuples in the place of lists."""
    if isinstance(value, dict):
        return {name: as_tuples(item) for name, item in value.items()}
    return tuple(as_tuples(item) for item in value) if isinstance(value, list) else value


corpus_schema = Table("corpus_schema", metadata, Column("version", Integer, nullable=False))

documents = Table(
    "documents",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("digest", String(64), nullable=False, comment="SHA-256 of the text"),
    Column("lang", String(35), nullable=False, comment="mul for a page that holds both languages"),
    Column("name", Text, nullable=False, comment="under which the document came first"),
    Column("text", Text, nullable=False),
    UniqueConstraint("digest", "lang"),
    Index("documents_of_name", "name"),
)

alignments = Table(
    "alignments",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("source_document", ForeignKey(documents.c.id), nullable=False),
    Column("target_document", ForeignKey(documents.c.id), nullable=False),
    Column("source_lang", String(35), nullable=False),
    Column("target_lang", String(35), nullable=False),
    Column("encoder", Text, nullable=False),
    Column("revision", Text, nullable=False),
    Column("weights", Text, nullable=False),
    Column("version", Text, nullable=False),
    Column("at", String(32), nullable=False, comment="UTC, ISO 8601"),
    Column(
        "superseded_by",
        ForeignKey("alignments.id"),
        comment="the alignment of a later version of the texts; itself while it is being added",
    ),
    Column("numbering", Integer, nullable=False, server_default="0", comment="how often all its beads were given new positions"),
    UniqueConstraint("source_document", "target_document", "source_lang", "target_lang"),
    # Without these, and their like below, deleting a row reads all of the table to see that nothing refers to it.
    Index("alignments_of_target", "target_document"),
    Index("alignments_superseded_by", "superseded_by"),
)

units = Table(
    "units",
    metadata,
    Column("id", String(32), primary_key=True, comment="TranslationUnit.id"),
    Column("source_lang", String(35), nullable=False),
    Column("target_lang", String(35), nullable=False),
    Column("source", Text, nullable=False),
    Column("target", Text, nullable=False),
    sqlite_with_rowid=False,
)

occurrences = Table(
    "occurrences",
    metadata,
    Column("alignment", ForeignKey(alignments.c.id), primary_key=True),
    Column("position", Double, primary_key=True, autoincrement=False, comment="of the bead in its alignment; only the order counts"),
    Column("unit", ForeignKey(units.c.id), nullable=False),
    Column("probability", Double, comment="null until what a reviewer made has been scored"),
    Column("cosine", Double),
    Column("source_segments", Json, nullable=False),
    Column("target_segments", Json, nullable=False),
    Column("source_spans", Json, nullable=False, comment="[[start, end], …] in code points of the document's text"),
    Column("target_spans", Json, nullable=False),
    Column("action", ForeignKey("actions.id"), comment="by which a reviewer made the bead; null for the aligner's"),
    Column("was", ForeignKey(units.c.id), comment="the decided unit that stood here before the texts were aligned otherwise"),
    Index("occurrences_of_unit", "unit", "alignment", "position"),
    Index("occurrences_instead_of", "was", sqlite_where=text("was IS NOT NULL"), postgresql_where=text("was IS NOT NULL")),
    sqlite_with_rowid=False,
)

actions = Table(
    "actions",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("reviewer", Text, nullable=False, comment="empty where a batch did it"),
    Column("at", String(32), nullable=False, comment="UTC, ISO 8601"),
    Column("tool", Text, nullable=False),
    Column("kind", String(16), nullable=False, comment="decide, edit, merge, split, … undo, redo"),
    Column("undoes", ForeignKey("actions.id"), comment="the action that an undo or redo takes back"),
    Column("undone", Boolean, nullable=False, server_default=false()),
    Index("actions_of_reviewer", "reviewer", "id"),
    sqlite_autoincrement=True,
)

decisions = Table(
    "decisions",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("action", ForeignKey(actions.c.id), nullable=False),
    Column("unit", ForeignKey(units.c.id), nullable=False),
    Column("status", String(16), nullable=False),
    Column("reason", Text, nullable=False),
    Column("settles", Boolean, nullable=False, comment="made in view of two reviewers' different decisions, to end the conflict"),
    # The occurrence that the reviewer saw, by value: its row may be gone once the documents have been aligned again.
    Column("source_document", ForeignKey(documents.c.id)),
    Column("target_document", ForeignKey(documents.c.id)),
    Column("source_spans", Json),
    Column("target_spans", Json),
    CheckConstraint(f"status IN {STATUSES}", name="known_status"),
    Index("decisions_of_unit", "unit", "id"),
    Index("decisions_of_action", "action"),
    Index("decisions_of_source", "source_document"),
    Index("decisions_of_target", "target_document"),
    sqlite_autoincrement=True,
)

standings = Table(
    "standings",
    metadata,
    Column("unit", ForeignKey(units.c.id), primary_key=True),
    Column(
        "decision",
        ForeignKey(decisions.c.id),
        nullable=False,
        comment="the latest not undone; derived, for quick reading",
    ),
    sqlite_with_rowid=False,
)

changes = Table(
    "changes",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("action", ForeignKey(actions.c.id), nullable=False),
    Column("alignment", ForeignKey(alignments.c.id), nullable=False),
    Column("before", Json, nullable=False, comment="beads as objects with unit, segments, spans, scores"),
    Column("after", Json, nullable=False),
    Column("numbering", Integer, nullable=False, comment="of the alignment, when the positions of the beads before were these"),
    Index("changes_of_action", "action"),
    Index("changes_of_alignment", "alignment"),
    sqlite_autoincrement=True,
)

comments = Table(
    "comments",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("action", ForeignKey(actions.c.id), nullable=False),
    Column("unit", ForeignKey(units.c.id), nullable=False),
    Column("text", Text, nullable=False),
    Index("comments_of_unit", "unit"),
    sqlite_autoincrement=True,
)

assignments = Table(
    "assignments",
    metadata,
    Column("alignment", ForeignKey(alignments.c.id), primary_key=True),
    Column("reviewer", Text, nullable=False),
)

bookmarks = Table(
    "bookmarks",
    metadata,
    Column("reviewer", Text, primary_key=True),
    Column("place", Json, nullable=False, comment="what a reviewer looked at last: filter, order and bead"),
)

unit_annotations = Table(
    "annotations",
    metadata,
    Column("unit", ForeignKey(units.c.id, ondelete="CASCADE"), primary_key=True),
    Column("kind", String(16), primary_key=True, comment="of the rule that found something"),
    Column("reason", Text, nullable=False),
    Index("annotations_of_kind", "kind", "unit"),
    sqlite_with_rowid=False,
)

annotation_rules = Table(
    "annotation_rules",
    metadata,
    Column("kind", String(16), primary_key=True),
    Column("version", Integer, nullable=False, comment="of the rule that every unit has been looked at by, or a later one"),
)

ledger = Table(
    "ledger",
    metadata,
    Column("key", String(64), primary_key=True, comment="SHA-256 of an input's bytes and of what its alignment depends on"),
    Column("name", Text, nullable=False, comment="of the input, when it was tried last"),
    Column("digest", String(64), nullable=False, comment="SHA-256 of the input's bytes"),
    Column("configuration", String(64), nullable=False, comment="SHA-256 of what the alignment depends on beside them"),
    Column("state", String(16), nullable=False, comment="done or quarantined"),
    Column("reason", Text, nullable=False, comment="why it is quarantined; empty where it is done"),
    Column("attempts", Integer, nullable=False),
    Column("units", Integer, nullable=False, comment="links that were found"),
    Column("alignment", ForeignKey(alignments.c.id), comment="that it became; null where it is quarantined"),
    Column("at", String(32), nullable=False, comment="UTC, ISO 8601"),
    Index("ledger_of_digest", "digest"),
    Index("ledger_of_alignment", "alignment"),
)

inputs = Table(
    "inputs",
    metadata,
    Column("dump", Text, primary_key=True, comment="as it was named to the batch"),
    Column("name", Text, primary_key=True, comment="of the input in it"),
    Column("digest", String(64), nullable=False, comment="SHA-256 of the bytes that it had when it was last dealt with"),
    Index("inputs_of_digest", "digest"),
    sqlite_with_rowid=False,
)

APPEND_ONLY = (decisions, changes, comments)


def _refuse_changes(table: Table) -> None:
    """Make the triggers that keep a table append-only part of its creation."""
    name = table.name
    for change in ("UPDATE", "DELETE"):
        trigger = f"""CREATE TRIGGER {name}_refuse_{change.lower()} BEFORE {change} ON {name}
            BEGIN SELECT RAISE(ABORT, '{name} are append-only'); END"""
        event.listen(table, "after_create", DDL(trigger).execute_if(dialect="sqlite"))
    for statement in (
        f"""CREATE FUNCTION {name}_refuse_change() RETURNS trigger LANGUAGE plpgsql AS
           $$ BEGIN RAISE EXCEPTION '{name} are append-only'; END $$""",
        f"""CREATE TRIGGER {name}_refuse_change BEFORE UPDATE OR DELETE OR TRUNCATE ON {name}
           FOR EACH STATEMENT EXECUTE FUNCTION {name}_refuse_change()""",
    ):
        event.listen(table, "after_create", DDL(statement).execute_if(dialect="postgresql"))


for _table in APPEND_ONLY:
    _refuse_changes(_table)
