"""The tables of what repeats itself. All of it is derived from the other tables, and may be made anew.

    sites ──< examined ──< copies          recurring >── sites ──< boilerplate >── units
                       ──< said_again >── units
              examined ··< bands, traces
            alignments ──  sketches

Bands and traces are the index that is kept over runs; they refer to alignments without the database seeing to it, which would cost
an index as large as they are.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Double, ForeignKey, Index, Integer, LargeBinary, Table, Text

from aligner.corpus.tables import alignments, metadata, units

sketches = Table(
    "sketches",
    metadata,
    Column("alignment", ForeignKey(alignments.c.id, ondelete="CASCADE"), primary_key=True, comment="that is not examined yet"),
    Column("signature", LargeBinary, comment="of its links: 120 numbers of 16 bits a side; null without links"),
    Column("traces", LargeBinary, nullable=False, comment="of its segments, whatever their site: numbers of 64 bits"),
)

sites = Table(
    "sites",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", Text, nullable=False, unique=True, comment="a host, or a folder of a dump"),
)

examined = Table(
    "examined",
    metadata,
    Column("alignment", ForeignKey(alignments.c.id, ondelete="CASCADE"), primary_key=True),
    Column("site", ForeignKey(sites.c.id), nullable=False, comment="of the source document"),
    Column("stage", Integer, nullable=False, comment="0 to be compared, 1 its site is to be settled, 2 done, 3 to be forgotten"),
    Column("numbering", Integer, nullable=False, comment="of the alignment, when it was examined"),
    Column("counts", Boolean, nullable=False, comment="among the documents of its site: it says something that none before it says"),
    Column("signature", LargeBinary, comment="of its links without boilerplate: 120 numbers of 16 bits a side; null without links"),
    Index("examined_of_site", "site"),
    Index("examined_at_stage", "stage", "alignment"),
)

bands = Table(
    "bands",
    metadata,
    Column("band", BigInteger, primary_key=True, autoincrement=False, comment="of the signature of an alignment that is no copy"),
    Column("alignment", Integer, primary_key=True, autoincrement=False),
    sqlite_with_rowid=False,
)

traces = Table(
    "traces",
    metadata,
    Column("trace", BigInteger, primary_key=True, autoincrement=False, comment="of a segment's text and its site"),
    Column("alignment", Integer, primary_key=True, autoincrement=False, comment="that holds it"),
    sqlite_with_rowid=False,
)

recurring = Table(
    "recurring",
    metadata,
    Column("trace", BigInteger, primary_key=True, autoincrement=False, comment="that so many alignments hold that it may be boilerplate's"),
    Column("site", ForeignKey(sites.c.id), nullable=False),
    Column("is_boilerplate", Boolean, nullable=False),
    Index("recurring_of_site", "site"),
    sqlite_with_rowid=False,
)

boilerplate = Table(
    "boilerplate",
    metadata,
    Column("unit", ForeignKey(units.c.id, ondelete="CASCADE"), primary_key=True),
    Column("site", ForeignKey(sites.c.id), primary_key=True, comment="over which the unit recurs"),
    Index("boilerplate_of_site", "site"),
    sqlite_with_rowid=False,
)

copies = Table(
    "copies",
    metadata,
    Column("alignment", ForeignKey(examined.c.alignment, ondelete="CASCADE"), primary_key=True),
    Column(
        "original", ForeignKey(examined.c.alignment, ondelete="CASCADE"), nullable=False, comment="an earlier alignment, which is no copy"
    ),
    Column("similarity", Double, nullable=False, comment="shingles in common, of those that either has, on the side that has fewer: .8–1"),
    Index("copies_of_original", "original"),
)

said_again = Table(
    "said_again",
    metadata,
    Column("unit", ForeignKey(units.c.id, ondelete="CASCADE"), primary_key=True, comment="that the original has but for a few words"),
    Column("alignment", ForeignKey(copies.c.alignment, ondelete="CASCADE"), primary_key=True, comment="the copy"),
    Index("said_again_of_alignment", "alignment"),
    sqlite_with_rowid=False,
)
