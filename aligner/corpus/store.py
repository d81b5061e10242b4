"""The corpus as one object: add alignments, read units, record decisions, count."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType

from sqlalchemy import Connection, Engine, delete, insert, select

from aligner.corpus.opening import failures, open_engine, shown
from aligner.corpus.queries import PAGE, beads_of, counts, occurrence_seen, unit_of, units_page
from aligner.corpus.reviewed import ReviewedDocument, reviewed_documents
from aligner.corpus.tables import STATUSES, decisions, occurrences
from aligner.corpus.writing import bead_rows, hold_alignment, hold_units, known_units, places
from aligner.errors import CorpusError
from aligner.types import Alignment, Decision, TranslationUnit


@dataclass(frozen=True, slots=True)
class Added:
    """What an add changed: units that are new to the corpus, occurrences that are new, units that it knew already."""

    units: int
    occurrences: int
    known: int


@dataclass(frozen=True, slots=True)
class CorpusStats:
    """What a corpus holds; units that occur in no alignment any longer do not count."""

    documents: int
    alignments: int
    units: int
    occurrences: int
    nulls: int
    """Beads that say that a segment has no counterpart."""
    by_status: dict[str, int]
    """Units of each status, all statuses named."""
    by_languages: dict[str, int]
    """Units of each pair of languages, such as fr-en."""
    probabilities: tuple[int, ...]
    """Occurrences in ten bins of probability: 0–.1, .1–.2, …, .9–1."""


class Corpus:
    """A store of alignments, at a path (SQLite) or URL (sqlite://, postgresql://); made where there is none, unless `create` is false.

    Several processes may use one corpus at once; a writer waits for another. Every method raises CorpusError
    for what the database cannot do: locked for long, read-only, damaged, gone.
    """

    def __init__(self, url: str | Path, *, create: bool = True) -> None:
        """Raises CorpusError for a missing folder, what is no corpus, and a corpus of a later version."""
        self._reader, self._writer = open_engine(url, create=create)

    @property
    def name(self) -> str:
        """What messages call it: the path of its file, or its URL without the password."""
        return shown(self._reader.url)

    def __enter__(self) -> Corpus:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Give back the connections; the corpus opens them again when it is used again."""
        self._reader.dispose()

    def add(self, alignment: Alignment, *, min_probability: float = 0.0) -> Added:
        """Store an alignment, all of it or, on an error, nothing; links below `min_probability` are left out, nulls are kept.

        Adding it again changes nothing. Another alignment of the same two texts, such as with other weights, takes the
        place of the earlier one; decisions stay with their units.
        """
        beads = [bead for bead in alignment.beads if bead.is_null or bead.probability >= min_probability]
        found = [alignment.unit(bead) for bead in beads]
        linked = {unit.id: unit for bead, unit in zip(beads, found, strict=True) if not bead.is_null}
        with self._transaction(self._writer) as connection:
            alignment_id = hold_alignment(connection, alignment)
            rows = bead_rows(alignment_id, beads, found)
            before = [row._asdict() for row in connection.execute(beads_of(alignment_id))]
            known = known_units(connection, linked)
            if before != rows:
                connection.execute(delete(occurrences).where(occurrences.c.alignment == alignment_id))
                hold_units(connection, [unit for id_, unit in linked.items() if id_ not in known])
                if rows:
                    connection.execute(insert(occurrences), rows)
            return Added(len(linked) - len(known), len(places(rows) - places(before)), len(known))

    def units(self, *, status: str | None = None, min_probability: float | None = None) -> Iterator[TranslationUnit]:
        """Each unit once, at its first occurrence that is probable enough, in the order in which the documents were added.

        Reads a thousand at a time and holds no lock in between, so the caller may decide on units as it goes. Raises
        CorpusError for an unknown status.
        """
        if status is not None:
            _check_status(status)
        return self._pages(status, min_probability)

    def decide(self, unit: TranslationUnit | str, status: str, *, reviewer: str, reason: str = "", tool: str = "") -> Decision:
        """Record what a reviewer said of a unit, given as such or by its id; earlier decisions stay on record.

        The occurrence that the reviewer saw is recorded too: the given unit's, or its first. Raises CorpusError for an
        unknown unit or status.
        """
        _check_status(status)
        unit_id = unit if isinstance(unit, str) else unit.id
        decision = Decision(unit_id, status, reviewer, datetime.now(UTC).isoformat(timespec="milliseconds"), reason, tool)
        row = {"unit": unit_id, "status": status, "reviewer": reviewer, "at": decision.at, "reason": reason, "tool": tool}
        with self._transaction(self._writer) as connection:
            if not known_units(connection, [unit_id]):
                raise CorpusError(f"the corpus holds no unit {unit_id}: an id has 32 hexadecimal digits and depends on languages and texts")
            seen = connection.execute(occurrence_seen(unit_id, None if isinstance(unit, str) else unit)).first()
            connection.execute(insert(decisions).values({**row, **(seen._asdict() if seen else {})}))
        return decision

    def decisions(self, unit_id: str) -> list[Decision]:
        """All that was decided on a unit, first to last; the last one counts."""
        shown = [decisions.c[name] for name in ("unit", "status", "reviewer", "at", "reason", "tool")]
        with self._transaction(self._reader) as connection:
            rows = connection.execute(select(*shown).where(decisions.c.unit == unit_id).order_by(decisions.c.id))
            return [Decision(*row) for row in rows]

    def reviewed(self, *, source_lang: str = "fr", target_lang: str = "en") -> list[ReviewedDocument]:
        """The pairs of documents of which links are accepted or rejected, as what the aligner can learn from; pages are left out."""
        with self._transaction(self._reader) as connection:
            return list(reviewed_documents(connection, (source_lang, target_lang)))

    def stats(self) -> CorpusStats:
        """What the corpus holds now."""
        with self._transaction(self._reader) as connection:
            return CorpusStats(**counts(connection))

    def _pages(self, status: str | None, min_probability: float | None) -> Iterator[TranslationUnit]:
        after = (-1, -1)
        while True:
            with self._transaction(self._reader) as connection:
                page = connection.execute(units_page(after, status, min_probability)).all()
            yield from map(unit_of, page)
            if len(page) < PAGE:
                return
            after = page[-1].alignment, page[-1].position

    @contextmanager
    def _transaction(self, engine: Engine) -> Iterator[Connection]:
        with failures(engine.url), engine.begin() as connection:
            yield connection


def _check_status(status: str) -> None:
    if status not in STATUSES:
        raise CorpusError(f"there is no status {status!r}: a unit is {', '.join(STATUSES)}")
