"""Schema 1 → 2: decisions become parts of actions, nulls get units, beads can be made, moved and commented on by reviewers."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from sqlalchemy import Boolean, CheckConstraint, Column, Double, ForeignKey, Integer, String, Text, false, text

from aligner.corpus.migrations.to_2_repeats import create_repeats
from aligner.types import TranslationUnit, normalised

if TYPE_CHECKING:
    from alembic.operations import Operations

_APPEND_ONLY = "decisions", "changes", "comments"
_BEAD = "alignment, position, unit, probability, cosine, source_segments, target_segments, source_spans, target_spans"
_DECISION = "id, unit, status, reason, source_document, target_document, source_spans, target_spans"


def upgrade(op: Operations) -> None:
    """Make the tables of schema 2 out of those of schema 1."""
    _drop_triggers(op)
    for name in ("occurrences", "decisions"):  # nothing refers to them
        op.execute(f"CREATE TEMPORARY TABLE earlier_{name} AS SELECT * FROM {name}")
        op.drop_table(name)
    _extend(op)
    _create(op)
    create_repeats(op)
    _give_decisions_actions(op)
    _give_nulls_units(op)
    for name in ("occurrences", "decisions"):
        op.execute(f"DROP TABLE earlier_{name}")
    op.create_index("occurrences_of_unit", "occurrences", ["unit", "alignment", "position"])
    op.create_index("decisions_of_unit", "decisions", ["unit", "id"])
    there = text("was IS NOT NULL")
    op.create_index("occurrences_instead_of", "occurrences", ["was"], sqlite_where=there, postgresql_where=there)
    op.create_index("decisions_of_action", "decisions", ["action"])
    for side in ("source", "target"):
        op.create_index(f"decisions_of_{side}", "decisions", [f"{side}_document"])
    for name in _APPEND_ONLY:
        _refuse_changes(op, name)


def _drop_triggers(op: Operations) -> None:
    if _is_sqlite(op):
        return  # there they go with their table
    op.execute("DROP TRIGGER decisions_refuse_change ON decisions")
    op.execute("DROP FUNCTION decisions_refuse_change()")


def _extend(op: Operations) -> None:
    later = Column(
        "superseded_by",
        Integer,
        ForeignKey("alignments.id"),
        comment="the alignment of a later version of the texts; itself while it is being added",
    )
    op.add_column("alignments", later, inline_references=True)
    op.add_column(
        "alignments",
        Column("numbering", Integer, nullable=False, server_default="0", comment="how often all its beads were given new positions"),
    )
    op.create_index("documents_of_name", "documents", ["name"])
    op.create_index("alignments_of_target", "alignments", ["target_document"])
    op.create_index("alignments_superseded_by", "alignments", ["superseded_by"])


def _create(op: Operations) -> None:
    op.create_table(
        "actions",
        Column("id", Integer, primary_key=True),
        Column("reviewer", Text, nullable=False, comment="empty where a batch did it"),
        Column("at", String(32), nullable=False, comment="UTC, ISO 8601"),
        Column("tool", Text, nullable=False),
        Column("kind", String(16), nullable=False, comment="decide, edit, merge, split, … undo, redo"),
        Column("undoes", Integer, ForeignKey("actions.id"), comment="the action that an undo or redo takes back"),
        Column("undone", Boolean, nullable=False, server_default=false()),
        sqlite_autoincrement=True,
    )
    op.create_index("actions_of_reviewer", "actions", ["reviewer", "id"])
    op.create_table(
        "occurrences",
        Column("alignment", Integer, ForeignKey("alignments.id"), primary_key=True),
        Column("position", Double, primary_key=True, autoincrement=False, comment="of the bead in its alignment; only the order counts"),
        Column("unit", String(32), ForeignKey("units.id"), nullable=False),
        Column("probability", Double, comment="null until what a reviewer made has been scored"),
        Column("cosine", Double),
        Column("source_segments", Text, nullable=False),
        Column("target_segments", Text, nullable=False),
        Column("source_spans", Text, nullable=False, comment="[[start, end], …] in code points of the document's text"),
        Column("target_spans", Text, nullable=False),
        Column("action", Integer, ForeignKey("actions.id"), comment="by which a reviewer made the bead; null for the aligner's"),
        Column(
            "was", String(32), ForeignKey("units.id"), comment="the decided unit that stood here before the texts were aligned otherwise"
        ),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "decisions",
        Column("id", Integer, primary_key=True),
        Column("action", Integer, ForeignKey("actions.id"), nullable=False),
        Column("unit", String(32), ForeignKey("units.id"), nullable=False),
        Column("status", String(16), nullable=False),
        Column("reason", Text, nullable=False),
        Column("settles", Boolean, nullable=False, comment="made in view of two reviewers' different decisions, to end the conflict"),
        Column("source_document", Integer, ForeignKey("documents.id")),
        Column("target_document", Integer, ForeignKey("documents.id")),
        Column("source_spans", Text),
        Column("target_spans", Text),
        CheckConstraint("status IN ('unreviewed', 'accepted', 'rejected', 'flagged')", name="known_status"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "standings",
        Column("unit", String(32), ForeignKey("units.id"), primary_key=True),
        Column(
            "decision",
            Integer,
            ForeignKey("decisions.id"),
            nullable=False,
            comment="the latest not undone; derived, for quick reading",
        ),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "annotations",
        Column("unit", String(32), ForeignKey("units.id", ondelete="CASCADE"), primary_key=True),
        Column("kind", String(16), primary_key=True, comment="of the rule that found something"),
        Column("reason", Text, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_index("annotations_of_kind", "annotations", ["kind", "unit"])
    op.create_table(
        "annotation_rules",
        Column("kind", String(16), primary_key=True),
        Column("version", Integer, nullable=False, comment="of the rule that every unit has been looked at by, or a later one"),
    )
    op.create_table(
        "ledger",
        Column("key", String(64), primary_key=True, comment="SHA-256 of an input's bytes and of what its alignment depends on"),
        Column("name", Text, nullable=False, comment="of the input, when it was tried last"),
        Column("digest", String(64), nullable=False, comment="SHA-256 of the input's bytes"),
        Column("configuration", String(64), nullable=False, comment="SHA-256 of what the alignment depends on beside them"),
        Column("state", String(16), nullable=False, comment="done or quarantined"),
        Column("reason", Text, nullable=False, comment="why it is quarantined; empty where it is done"),
        Column("attempts", Integer, nullable=False),
        Column("units", Integer, nullable=False, comment="links that were found"),
        Column("alignment", Integer, ForeignKey("alignments.id"), comment="that it became; null where it is quarantined"),
        Column("at", String(32), nullable=False, comment="UTC, ISO 8601"),
    )
    op.create_index("ledger_of_digest", "ledger", ["digest"])
    op.create_index("ledger_of_alignment", "ledger", ["alignment"])
    op.create_table(
        "inputs",
        Column("dump", Text, primary_key=True, comment="as it was named to the batch"),
        Column("name", Text, primary_key=True, comment="of the input in it"),
        Column("digest", String(64), nullable=False, comment="SHA-256 of the bytes that it had when it was last dealt with"),
        sqlite_with_rowid=False,
    )
    op.create_index("inputs_of_digest", "inputs", ["digest"])
    op.create_table(
        "changes",
        Column("id", Integer, primary_key=True),
        Column("action", Integer, ForeignKey("actions.id"), nullable=False),
        Column("alignment", Integer, ForeignKey("alignments.id"), nullable=False),
        Column("before", Text, nullable=False, comment="beads as objects with unit, segments, spans, scores"),
        Column("after", Text, nullable=False),
        Column("numbering", Integer, nullable=False, comment="of the alignment, when the positions of the beads before were these"),
        sqlite_autoincrement=True,
    )
    op.create_index("changes_of_action", "changes", ["action"])
    op.create_index("changes_of_alignment", "changes", ["alignment"])
    op.create_table(
        "comments",
        Column("id", Integer, primary_key=True),
        Column("action", Integer, ForeignKey("actions.id"), nullable=False),
        Column("unit", String(32), ForeignKey("units.id"), nullable=False),
        Column("text", Text, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_index("comments_of_unit", "comments", ["unit"])
    op.create_table(
        "assignments",
        Column("alignment", Integer, ForeignKey("alignments.id"), primary_key=True),
        Column("reviewer", Text, nullable=False),
    )
    op.create_table(
        "bookmarks",
        Column("reviewer", Text, primary_key=True),
        Column("place", Text, nullable=False, comment="what a reviewer looked at last: filter, order and bead"),
    )


def _give_decisions_actions(op: Operations) -> None:
    """Each was a key press of its own: the action has its number. The latest on a unit is what counts."""
    op.execute("""INSERT INTO actions (id, reviewer, at, tool, kind)
        SELECT id, reviewer, at, tool, 'decide' FROM earlier_decisions ORDER BY id""")
    op.execute(f"INSERT INTO decisions (action, settles, {_DECISION}) SELECT id, FALSE, {_DECISION} FROM earlier_decisions ORDER BY id")
    op.execute("INSERT INTO standings (unit, decision) SELECT unit, max(id) FROM decisions GROUP BY unit")
    if not _is_sqlite(op):  # the next one gets the next number
        for name in ("actions", "decisions"):
            op.execute(f"SELECT setval(pg_get_serial_sequence('{name}', 'id'), max(id)) FROM {name} HAVING max(id) > 0")


def _give_nulls_units(op: Operations) -> None:
    """The unit of a segment without counterpart is its text and nothing."""
    op.execute(f"INSERT INTO occurrences ({_BEAD}) SELECT {_BEAD} FROM earlier_occurrences WHERE unit IS NOT NULL")
    op.execute("CREATE INDEX earlier_nulls ON earlier_occurrences (alignment) WHERE unit IS NULL")
    connection = op.get_bind()
    nulls = text(f"SELECT {_BEAD} FROM earlier_occurrences WHERE alignment = :alignment AND unit IS NULL")
    hold_unit = text("""INSERT INTO units (id, source_lang, target_lang, source, target)
        VALUES (:id, :source_lang, :target_lang, :source, :target) ON CONFLICT DO NOTHING""")
    hold_bead = text(f"INSERT INTO occurrences ({_BEAD}) VALUES (:{_BEAD.replace(', ', ', :')})")
    pairs = text("""SELECT a.source_lang, a.target_lang, s.text AS source, t.text AS target
        FROM alignments a JOIN documents s ON s.id = a.source_document JOIN documents t ON t.id = a.target_document WHERE a.id = :id""")
    for alignment in connection.scalars(text("SELECT DISTINCT alignment FROM earlier_occurrences WHERE unit IS NULL")).all():
        texts = connection.execute(pairs, {"id": alignment}).one()
        units, beads = [], []
        for bead in connection.execute(nulls, {"alignment": alignment}).mappings():
            source, target = _text_of(texts.source, bead["source_spans"]), _text_of(texts.target, bead["target_spans"])
            languages = {"source_lang": texts.source_lang, "target_lang": texts.target_lang}
            id_ = TranslationUnit(**languages, source=source, target=target).id
            units.append({"id": id_, **languages, "source": source, "target": target})
            beads.append({**bead, "unit": id_})
        connection.execute(hold_unit, units)
        connection.execute(hold_bead, beads)


def _text_of(document: str, spans: str) -> str:
    return normalised(" ".join(document[start:end] for start, end in json.loads(spans)))


def _refuse_changes(op: Operations, name: str) -> None:
    """Make the triggers that keep a table append-only."""
    if _is_sqlite(op):
        for change in ("UPDATE", "DELETE"):
            op.execute(f"""CREATE TRIGGER {name}_refuse_{change.lower()} BEFORE {change} ON {name}
            BEGIN SELECT RAISE(ABORT, '{name} are append-only'); END""")
        return
    op.execute(f"""CREATE FUNCTION {name}_refuse_change() RETURNS trigger LANGUAGE plpgsql AS
           $$ BEGIN RAISE EXCEPTION '{name} are append-only'; END $$""")
    op.execute(f"""CREATE TRIGGER {name}_refuse_change BEFORE UPDATE OR DELETE OR TRUNCATE ON {name}
           FOR EACH STATEMENT EXECUTE FUNCTION {name}_refuse_change()""")


def _is_sqlite(op: Operations) -> bool:
    return op.get_bind().dialect.name == "sqlite"
