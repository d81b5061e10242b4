"""Adding many alignments that are new to the corpus at once, by as many statements as one of them takes.

What takes the place of something, be it of the same texts or of an earlier version of them, is left to `adding.add`, which looks at what
was decided there.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, select

from aligner.corpus.adding import Added
from aligner.corpus.found import Found
from aligner.corpus.inserting import Known, insert_many, insertion
from aligner.corpus.queries import among, source_documents, target_documents
from aligner.corpus.repeats.keeping import keep_sketches
from aligner.corpus.tables import alignments, occurrences
from aligner.corpus.writing import Key, documents_known, hold_documents, hold_units, key_of, known_units, made_by, place_of
from aligner.errors import CorpusError

TOGETHER = 640
"""Beads that are stored in one transaction, some 20 ms: half of a group of short documents, as workers hand them over."""

_BEAD = "alignment", "position", "unit", "probability", "cosine", "source_segments", "target_segments", "source_spans", "target_spans"
_LANGUAGES = alignments.c.source_lang, alignments.c.target_lang
_PLACE = alignments.c.source_document, alignments.c.target_document, *_LANGUAGES

_Place = tuple[Any, ...]
"""What an alignment is known by: the numbers of its documents, and its languages."""


def add_new(connection: Connection, some: Sequence[Found]) -> tuple[list[Added], int]:
    """Store the first of these alignments, up to one that takes the place of something: what each of them changed, and how many follow
    that all take the place of something.

    Raises CorpusError where another writer adds the same ones just now.
    """
    are_new = _are_new(connection, some)
    first = some[: next((number for number, is_new in enumerate(are_new) if not is_new), len(some))]
    rest = are_new[len(first) :]
    rows = [row for one in first for row in one.documents]
    hold_documents(connection, rows)
    documents = documents_known(connection, map(key_of, rows))
    places = [place_of(one, documents) for one in first]
    made = _made(connection, [{**place, **made_by(one.provenance)} for place, one in zip(places, first, strict=True)])
    if len(made) < len(first):
        raise CorpusError("another process adds the same documents just now: try again")
    added = _filled(connection, [(one, made[tuple(place.values())]) for place, one in zip(places, first, strict=True)])
    return added, next((number for number, is_new in enumerate(rest) if is_new), len(rest))


def _are_new(connection: Connection, some: Sequence[Found]) -> list[bool]:
    """Of which nothing is there, nor among the ones before: no alignment of the same texts, and none of texts of the same names."""
    documents = documents_known(connection, (key_of(row) for one in some for row in one.documents))
    seen = _aligned(connection, documents) | _named(connection, (one.names[0] for one in some))
    are_new = []
    for one in some:
        known_by: set[_Place] = {(*map(key_of, one.documents), *one.languages)}
        if all(one.names):
            known_by.add((*one.names, *one.languages))
        are_new.append(not known_by & seen)
        seen |= known_by
    return are_new


def _aligned(connection: Connection, documents: Mapping[Key, int]) -> set[_Place]:
    """The documents and languages of the alignments that there are of these documents."""
    keys = {number: key for key, number in documents.items()}
    found = among(connection, select(*_PLACE), alignments.c.source_document, keys)
    return {(keys[source], keys[target], *languages) for source, target, *languages in found if target in keys}


def _named(connection: Connection, sources: Iterable[str]) -> set[_Place]:
    """The names and languages of the current alignments of which the source has one of these names."""
    names = source_documents.c.name, target_documents.c.name
    query = (
        select(*names, *_LANGUAGES)
        .join_from(source_documents, alignments, alignments.c.source_document == source_documents.c.id)
        .join(target_documents, target_documents.c.id == alignments.c.target_document)
        .where(alignments.c.superseded_by.is_(None))
    )
    return {tuple(row) for row in among(connection, query, names[0], set(sources))}


def _made(connection: Connection, rows: Iterable[Mapping[str, Any]]) -> dict[_Place, int]:
    """The numbers of the alignments that were made of these rows, without those that were there."""
    in_order = sorted(rows, key=lambda row: [row[column.name] for column in _PLACE])  # in one order everywhere, as documents and units
    if not in_order:
        return {}
    statement = insertion(connection, alignments).on_conflict_do_nothing().returning(*_PLACE, alignments.c.id)
    return {tuple(place): number for *place, number in connection.execute(statement, in_order)}


def _filled(connection: Connection, made: Sequence[tuple[Found, int]]) -> list[Added]:
    """Store the units, beads and sketches of alignments that have these numbers in the corpus."""
    units = {row[0]: row for one, _ in made for row in one.units}
    known = known_units(connection, units)
    marks = {unit: reasons for one, _ in made for unit, reasons in one.annotations.items()}
    hold_units(connection, [row for unit, row in units.items() if unit not in known], marks)
    rows = [(alignment, float(position), *row) for one, alignment in made for position, row in enumerate(one.rows)]
    insert_many(connection, occurrences, _BEAD, rows, Known.FAILS)
    keep_sketches(connection, {alignment: one.sketch for one, alignment in made})
    added = []
    for one, alignment in made:
        linked = known.intersection(one.linked)
        added.append(Added(len(one.linked) - len(linked), one.places, len(linked), alignment=alignment))
        known.update(row[0] for row in one.units)
    return added
