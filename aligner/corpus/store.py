"""The corpus as one object: add alignments, read units, record decisions, count."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

from sqlalchemy import Connection, Row, select

from aligner.corpus import adding, annotating, forgetting
from aligner.corpus.actions import Act, Seen, Verdict, record
from aligner.corpus.adding import Added
from aligner.corpus.forgetting import Forgotten
from aligner.corpus.found import Found, found
from aligner.corpus.locking import alone
from aligner.corpus.many import Many, Then
from aligner.corpus.opening import failures, open_engines, shown
from aligner.corpus.pieces import PIECE, add_in_pieces
from aligner.corpus.queries import PAGE, Wanted, counts, occurrence_seen, unit_of, units_page
from aligner.corpus.repeats import telling
from aligner.corpus.repeats.marking import Marking
from aligner.corpus.repeats.telling import Repeats, Site
from aligner.corpus.reviewed import ReviewedDocument, reviewed_documents
from aligner.corpus.tables import STATUSES, actions, decisions
from aligner.corpus.turns import bring_to_disk
from aligner.corpus.writing import known_units
from aligner.errors import CorpusError
from aligner.types import Alignment, Decision, Progress, TranslationUnit


@dataclass(frozen=True, slots=True)
class CorpusStats:
    """What a corpus holds; units that occur in no alignment any longer do not count."""

    documents: int
    alignments: int
    superseded: int
    """Alignments of earlier versions of texts; they count nowhere else."""
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
    annotations: dict[str, int]
    """Units that have each kind of annotation, all kinds named."""
    not_annotated: tuple[str, ...]
    """Kinds whose present rules have not looked at all units: `annotate` does that."""


class Corpus:
    """A store of alignments, at a path (SQLite) or URL (sqlite://, postgresql://); made where there is none, unless `create` is false.

    Several processes may use one corpus at once; a writer waits for another. Every method raises CorpusError
    for what the database cannot do: locked for long, read-only, damaged, gone.
    """

    def __init__(self, url: str | Path, *, create: bool = True) -> None:
        """Raises CorpusError for a missing folder, what is no corpus, and a corpus of a later version."""
        self._engines = open_engines(url, create=create)

    @property
    def name(self) -> str:
        """What messages call it: the path of its file, or its URL without the password."""
        return shown(self._engines.reader.url)

    def __enter__(self) -> Corpus:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Give back the connections; the corpus opens them again when it is used again."""
        self._engines.reader.dispose()

    def add(self, alignment: Alignment, *, min_probability: float = 0.0) -> Added:
        """Store an alignment, all of it or, on an error, nothing; links below `min_probability` are left out, nulls are kept.

        Adding it again changes nothing. Another alignment of the same two texts, such as with other weights, takes the
        place of the earlier one, and so does one of a later version of them: of documents of the same names that hold
        half of its segments or more. Decisions stay with their units, and beads that reviewers made or accepted stay as they are
        wherever their text does.
        """
        new = found(alignment, min_probability)
        if self._is_long(new):
            added = add_in_pieces(self.reading, self._adding, new)
        else:
            with self._adding() as connection:
                added = adding.add(connection, new)
        self._bring_to_disk()
        return added

    def add_all(self, alignments: Sequence[Found], *, then: Then) -> Iterator[tuple[int, CorpusError]]:
        """Store what `found.found` made of alignments, each as `add` does, many of them in one transaction.

        `then` is called in the transaction that stores some of them, or, for a long one, in the next: with what each of them changed,
        by its number among `alignments`. Yields the number of each that the database cannot hold, with the error.
        """
        yield from Many(self.reading, self._adding, self._is_long, then).add(alignments)
        self._bring_to_disk()

    def _is_long(self, alignment: Found) -> bool:
        """Whether others would wait too long for all of it."""
        return self._engines.reader.dialect.name == "sqlite" and len(alignment.rows) > PIECE

    def units(
        self,
        *,
        status: str | None = None,
        min_probability: float | None = None,
        without: Collection[str] = (),
        with_repeats: bool = False,
    ) -> Iterator[TranslationUnit]:
        """Each unit once, at its first occurrence that is probable enough, in the order in which the documents were added.

        Units that `repeated_units` names are left out unless `with_repeats`, and so are those that have an annotation of the kinds
        `without` and that no reviewer has accepted. Reads a thousand at a time and holds no lock in between, so the caller may
        decide on units as it goes. Raises CorpusError for an unknown status or kind.
        """
        if status is not None:
            check_status(status)
        annotating.check_kinds(without)
        pages = map(unit_of, self._pages(Wanted(status, min_probability, frozenset(without))))
        if with_repeats:
            return pages
        repeated = self.repeated_units()
        return (unit for unit in pages if unit.id not in repeated)

    def mark_repeats(self) -> None:
        """Mark near copies of documents and boilerplate of sites, in what was added since this was done last.

        Marks are no deletions: they say what `units` leaves out. Only one process at a time may do it, such as one that is `alone`.
        """
        Marking(self.reading, self._adding).mark()

    def repeats(self) -> Repeats:
        """How much of the corpus is marked as repeating itself."""
        with self.reading() as connection:
            return telling.repeats(connection)

    def repeating_sites(self, limit: int = 20) -> list[Site]:
        """The sites that repeat most, with examples of their boilerplate."""
        with self.reading() as connection:
            return telling.repeating_sites(connection, limit)

    def repeated_units(self) -> dict[str, str]:
        """The ids of units of which every place is a repeat, with the kind, `boilerplate` or `copy`; accepted ones are left out."""
        with self.reading() as connection:
            return telling.repeated_units(connection)

    def annotate(self, *, progress: Progress | None = None) -> annotating.Annotated:
        """Look at all units again by those rules of annotation that have changed since they were added.

        Units are annotated when they are added; those that were added by an earlier aligner keep what it said, which may be nothing,
        until this is called. Reviewers and batches may go on meanwhile. `progress` is told how many units of how many have been
        looked at.
        """
        return annotating.annotate(self.reading, self._adding, progress)

    def forget(self, names: Sequence[str], *, dry: bool = False) -> Forgotten:
        """Take dumps, as they were named to the batch, or documents out again, or, `dry`, say what would go.

        What is in another dump too stays, and what was decided stays on record. On SQLite reviewers go on meanwhile, and what was cut
        off is finished by the same call. Raises CorpusError for what the corpus does not know, and where a batch is at work on it.
        """
        if dry:
            with self.reading() as connection:
                return forgetting.counted(connection, forgetting.planned(connection, names))
        in_pieces = self._engines.reader.dialect.name == "sqlite"
        with self.alone(), self.reading() if in_pieces else self._adding() as connection:
            plan = forgetting.planned(connection, names)
            going = forgetting.counted(connection, plan)
            if not in_pieces:
                forgetting.forget(lambda: nullcontext(connection), plan)
        if in_pieces:
            forgetting.forget(self._adding, plan)
            self._bring_to_disk()
        return going

    def decide(self, unit: TranslationUnit | str, status: str, *, reviewer: str, reason: str = "", tool: str = "") -> Decision:
        """Record what a reviewer said of a unit, given as such or by its id; earlier decisions stay on record.

        The occurrence that the reviewer saw is recorded too: the given unit's, or its first. Raises CorpusError for an
        unknown unit or status.
        """
        check_status(status)
        unit_id = unit if isinstance(unit, str) else unit.id
        with self.writing() as connection:
            if not known_units(connection, [unit_id]):
                raise CorpusError(f"the corpus holds no unit {unit_id}: an id has 32 hexadecimal digits and depends on languages and texts")
            found = connection.execute(occurrence_seen(unit_id, None if isinstance(unit, str) else unit)).first()
            verdict = Verdict(unit_id, status, reason, None if found is None else Seen(*found))
            recorded = record(connection, Act("decide", reviewer, tool, [verdict]))
        return Decision(unit_id, status, reviewer, recorded.at, reason, tool)

    def decisions(self, unit_id: str) -> list[Decision]:
        """All that was decided on a unit, first to last; the last one that is not undone counts."""
        by = actions.c.reviewer, actions.c.at
        shown = select(decisions.c.unit, decisions.c.status, *by, decisions.c.reason, actions.c.tool, actions.c.undone)
        here = shown.join(actions, actions.c.id == decisions.c.action).where(decisions.c.unit == unit_id)
        with self.reading() as connection:
            return [Decision(*row) for row in connection.execute(here.order_by(decisions.c.id))]

    def reviewed(self, *, source_lang: str = "fr", target_lang: str = "en") -> list[ReviewedDocument]:
        """The pairs of documents of which beads are accepted or rejected, as what the aligner can learn from; pages are left out."""
        with self.reading() as connection:
            return list(reviewed_documents(connection, (source_lang, target_lang)))

    def stats(self) -> CorpusStats:
        """What the corpus holds now."""
        with self.reading() as connection:
            changed = tuple(rule.kind for rule in annotating.changed_rules(connection))
            return CorpusStats(**counts(connection), not_annotated=changed)

    def _pages(self, wanted: Wanted) -> Iterator[Row[Any]]:
        after = (-1, -1.0)
        while True:
            with self.reading() as connection:
                page = connection.execute(units_page(after, wanted)).all()
            yield from page
            if len(page) < PAGE:
                return
            after = page[-1].alignment, page[-1].position

    def _bring_to_disk(self) -> None:
        if self._engines.reader.dialect.name == "sqlite":
            bring_to_disk(str(self._engines.reader.url.database))

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Keep other batches away. Raises CorpusError where one is at work on the corpus already."""
        with failures(self._engines.reader.url), alone(self._engines.reader):
            yield

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A transaction that only reads.

        In SQLite it sees the corpus as it was at its first query; in PostgreSQL each query sees what was committed when it began.
        """
        with failures(self._engines.reader.url), self._engines.reader.begin() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A transaction that writes: all of it, or, where an error ends it, nothing. Others wait for it, so let it be short."""
        with failures(self._engines.reader.url), self._engines.writer.begin() as connection:
            yield connection

    @contextmanager
    def _adding(self) -> Iterator[Connection]:
        """As `writing`, for a batch, which lets reviewers go first."""
        with failures(self._engines.reader.url), self._engines.batch.begin() as connection:
            yield connection


def check_status(status: str) -> None:
    """Raise CorpusError for what is no status."""
    if status not in STATUSES:
        raise CorpusError(f"there is no status {status!r}: a unit is {', '.join(STATUSES)}")
