"""The tables of a corpus.

    documents ──< alignments ──< occurrences >── units ──< decisions

A unit is its languages and texts. An occurrence is a bead of the latest alignment of two documents; a null bead is one without unit.
Decisions belong to units and are only ever added: triggers refuse to change or delete one.
"""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import (
    DDL,
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
)

SCHEMA_VERSION = 1

UNREVIEWED = "unreviewed"
STATUSES = (UNREVIEWED, "accepted", "rejected", "flagged")
"""What a decision may say; a unit without decision is unreviewed, and deciding `unreviewed` takes the earlier decision back."""

metadata = MetaData()

_encode = json.JSONEncoder(separators=(",", ":")).encode  # made once: four columns a row are encoded


class Numbers(TypeDecorator[Any]):
    """Segment numbers or spans as JSON, that a person and other programs can read; tuples come back as tuples."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: object) -> str | None:
        return None if value is None else _encode(value)

    def process_result_value(self, value: str | None, dialect: object) -> Any:
        return None if value is None else _as_tuples(json.loads(value))


def _as_tuples(value: Any) -> Any:
    return tuple(_as_tuples(item) for item in value) if isinstance(value, list) else value


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
    UniqueConstraint("source_document", "target_document", "source_lang", "target_lang"),
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
    Column("position", Integer, primary_key=True, autoincrement=False, comment="of the bead in its alignment"),
    Column("unit", ForeignKey(units.c.id), comment="null for a segment that has no counterpart"),
    Column("probability", Double, nullable=False),
    Column("cosine", Double),
    Column("source_segments", Numbers, nullable=False),
    Column("target_segments", Numbers, nullable=False),
    Column("source_spans", Numbers, nullable=False, comment="[[start, end], …] in code points of the document's text"),
    Column("target_spans", Numbers, nullable=False),
    Index("occurrences_of_unit", "unit", "alignment", "position"),
    sqlite_with_rowid=False,
)

decisions = Table(
    "decisions",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("unit", ForeignKey(units.c.id), nullable=False),
    Column("status", String(16), nullable=False),
    Column("reviewer", Text, nullable=False),
    Column("at", String(32), nullable=False, comment="UTC, ISO 8601"),
    Column("reason", Text, nullable=False),
    Column("tool", Text, nullable=False),
    # The occurrence that the reviewer saw, by value: its row may be gone once the documents have been aligned again.
    Column("source_document", ForeignKey(documents.c.id)),
    Column("target_document", ForeignKey(documents.c.id)),
    Column("source_spans", Numbers),
    Column("target_spans", Numbers),
    CheckConstraint(f"status IN {STATUSES}", name="known_status"),
    Index("decisions_of_unit", "unit", "id"),
    sqlite_autoincrement=True,
)


def _refuse_changes() -> None:
    """Make the triggers that keep decisions append-only part of the table's creation."""
    for change in ("UPDATE", "DELETE"):
        trigger = f"""CREATE TRIGGER decisions_refuse_{change.lower()} BEFORE {change} ON decisions
            BEGIN SELECT RAISE(ABORT, 'decisions are append-only'); END"""
        event.listen(decisions, "after_create", DDL(trigger).execute_if(dialect="sqlite"))
    for statement in (
        """CREATE FUNCTION decisions_refuse_change() RETURNS trigger LANGUAGE plpgsql AS
           $$ BEGIN RAISE EXCEPTION 'decisions are append-only'; END $$""",
        """CREATE TRIGGER decisions_refuse_change BEFORE UPDATE OR DELETE OR TRUNCATE ON decisions
           FOR EACH STATEMENT EXECUTE FUNCTION decisions_refuse_change()""",
    ):
        event.listen(decisions, "after_create", DDL(statement).execute_if(dialect="postgresql"))


_refuse_changes()
