"""Of schema 1 → 2: the tables of what repeats itself, empty; the next batch fills them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import BigInteger, Boolean, Column, Double, ForeignKey, Integer, LargeBinary, String, Text

if TYPE_CHECKING:
    from alembic.operations import Operations


def create_repeats(op: Operations) -> None:
    """Make them."""
    op.create_table(
        "sketches",
        Column("alignment", Integer, ForeignKey("alignments.id", ondelete="CASCADE"), primary_key=True, comment="that is not examined yet"),
        Column("signature", LargeBinary, comment="of its links: 120 numbers of 16 bits a side; null without links"),
        Column("traces", LargeBinary, nullable=False, comment="of its segments, whatever their site: numbers of 64 bits"),
    )
    op.create_table(
        "sites",
        Column("id", Integer, primary_key=True),
        Column("name", Text, nullable=False, unique=True, comment="a host, or a folder of a dump"),
    )
    op.create_table(
        "examined",
        Column("alignment", Integer, ForeignKey("alignments.id", ondelete="CASCADE"), primary_key=True),
        Column("site", Integer, ForeignKey("sites.id"), nullable=False, comment="of the source document"),
        Column("stage", Integer, nullable=False, comment="0 to be compared, 1 its site is to be settled, 2 done, 3 to be forgotten"),
        Column("numbering", Integer, nullable=False, comment="of the alignment, when it was examined"),
        Column("counts", Boolean, nullable=False, comment="among the documents of its site: it says something that none before it says"),
        Column("signature", LargeBinary, comment="of its links without boilerplate: 120 numbers of 16 bits a side; null without links"),
    )
    op.create_index("examined_of_site", "examined", ["site"])
    op.create_index("examined_at_stage", "examined", ["stage", "alignment"])
    _create_index(op, "bands", "band", "of the signature of an alignment that is no copy", None)
    _create_index(op, "traces", "trace", "of a segment's text and its site", "that holds it")
    op.create_table(
        "recurring",
        Column(
            "trace", BigInteger, primary_key=True, autoincrement=False, comment="that so many alignments hold that it may be boilerplate's"
        ),
        Column("site", Integer, ForeignKey("sites.id"), nullable=False),
        Column("is_boilerplate", Boolean, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_index("recurring_of_site", "recurring", ["site"])
    op.create_table(
        "boilerplate",
        Column("unit", String(32), ForeignKey("units.id", ondelete="CASCADE"), primary_key=True),
        Column("site", Integer, ForeignKey("sites.id"), primary_key=True, comment="over which the unit recurs"),
        sqlite_with_rowid=False,
    )
    op.create_index("boilerplate_of_site", "boilerplate", ["site"])
    op.create_table(
        "copies",
        Column("alignment", Integer, ForeignKey("examined.alignment", ondelete="CASCADE"), primary_key=True),
        Column(
            "original",
            Integer,
            ForeignKey("examined.alignment", ondelete="CASCADE"),
            nullable=False,
            comment="an earlier alignment, which is no copy",
        ),
        Column(
            "similarity", Double, nullable=False, comment="shingles in common, of those that either has, on the side that has fewer: .8–1"
        ),
    )
    op.create_index("copies_of_original", "copies", ["original"])
    op.create_table(
        "said_again",
        Column(
            "unit",
            String(32),
            ForeignKey("units.id", ondelete="CASCADE"),
            primary_key=True,
            comment="that the original has but for a few words",
        ),
        Column("alignment", Integer, ForeignKey("copies.alignment", ondelete="CASCADE"), primary_key=True, comment="the copy"),
        sqlite_with_rowid=False,
    )
    op.create_index("said_again_of_alignment", "said_again", ["alignment"])


def _create_index(op: Operations, table: str, key: str, of_key: str, of_alignment: str | None) -> None:
    """Make a table by which alignments are found."""
    op.create_table(
        table,
        Column(key, BigInteger, primary_key=True, autoincrement=False, comment=of_key),
        Column("alignment", Integer, primary_key=True, autoincrement=False, comment=of_alignment),
        sqlite_with_rowid=False,
    )
