"""Reviewers and batches in one corpus at once: nothing is lost, nothing half done is seen, and reviewers come first."""

import os
import signal
import sqlite3
import statistics
import subprocess
import sys
import textwrap
import time
from contextlib import contextmanager
from pathlib import Path

import pytest

from aligner.corpus import Corpus, pieces
from aligner.corpus.actions import Act, Verdict, record
from aligner.corpus.found import found
from aligner.corpus.pieces import PIECE, add_in_pieces
from aligner.reviewing.session import ReviewSession
from aligner.types import Alignment, Bead, Document, Provenance

LONG = 3 * PIECE + 10
WEIGHTS = Provenance("1", "encoder", "r", "w")


def made(name, beads, probability=0.9, shift=0, provenance=WEIGHTS):
    """An alignment 1-1; shifted, each source sentence has the target of a later one."""
    source = Document.of_segments([f"Phrase {number} de {name}." for number in range(beads)], f"{name}.fr", "fr")
    target = Document.of_segments([f"Sentence {number} of {name}." for number in range(beads)], f"{name}.en", "en")
    links = [Bead((number,), (number + shift,), probability, 0.8) for number in range(beads - shift)]
    nulls = [Bead((), (number,), 0.5) for number in range(shift)] + [Bead((beads - shift + number,), (), 0.5) for number in range(shift)]
    return Alignment(source, target, (*nulls[:shift], *links, *nulls[shift:]), "fr", "en", provenance)


def run_python(code, *arguments):
    folder = str(Path(__file__).parent)
    command = [sys.executable, "-c", f"import sys; sys.path.insert(0, {folder!r})\n{textwrap.dedent(code)}", *map(str, arguments)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def finished(*processes):
    said = [process.communicate() for process in processes]
    assert [process.returncode for process in processes] == [0] * len(processes), said
    return [output for output, _ in said]


DECIDING = """
    from aligner.corpus import Corpus
    from aligner.reviewing.session import ReviewSession
    _, url, reviewer, count = sys.argv
    with Corpus(url) as corpus:
        session = ReviewSession(corpus, reviewer=reviewer)
        keys = session.keys
        for number in range(int(count)):
            session.decide(keys[number % 50], ("accepted", "rejected", "flagged")[number % 3])
            if number % 10 == 9:
                session.undo()
                session.redo()
"""
ADDING = """
    from test_review_concurrency import LONG, made
    from aligner.corpus import Corpus
    _, url, count = sys.argv
    with Corpus(url) as corpus:
        for number in range(int(count)):
            assert corpus.add(made(f"batch {number}", 200)).units == 200
        assert corpus.add(made("long", LONG)).units == LONG
"""


def test_nothing_is_lost_where_two_review_and_a_third_adds(url):
    with Corpus(url) as corpus:
        corpus.add(made("reviewed", 50))
    reviewers = [run_python(DECIDING, url, name, 40) for name in ("Ada", "Grace")]
    finished(run_python(ADDING, url, 10), *reviewers)
    with Corpus(url) as corpus:
        units = [unit for unit in corpus.units() if "reviewed" in unit.source]
        said = [decision for unit in units for decision in corpus.decisions(unit.id)]
        for name in ("Ada", "Grace"):
            mine = [decision.status for decision in said if decision.reviewer == name]
            assert {status: mine.count(status) for status in set(mine)} == {"accepted": 14, "rejected": 13, "flagged": 13}
        stats = corpus.stats()
        assert (stats.alignments, stats.units, stats.occurrences) == (12, 2050 + LONG, 2050 + LONG)
        assert sum(stats.by_status[status] for status in ("accepted", "rejected", "flagged")) == 40


@pytest.fixture
def corpus(tmp_path):
    with Corpus(tmp_path / "corpus.db") as corpus:
        yield corpus


def adding(corpus, alignment, between):
    """Add a long alignment, and call `between` with a number before each of its transactions."""
    numbers = iter(range(1000))

    @contextmanager
    def writing():
        between(next(numbers))
        with corpus._adding() as connection:
            yield connection

    return add_in_pieces(corpus.reading, writing, found(alignment, 0.0))


def test_a_long_alignment_is_seen_whole_or_not_at_all(corpus):
    corpus.add(made("before", 10))
    before, seen = corpus.stats(), []

    def look(_):
        seen.append((corpus.stats(), len(list(corpus.units())), ReviewSession(corpus, reviewer="Ada").total))

    assert adding(corpus, made("long", LONG), look).occurrences == LONG
    assert len(seen) > 2 * LONG / PIECE
    assert set(map(str, seen)) == {str((before, 10, 10))}
    assert corpus.stats().units == 10 + LONG


def test_pieces_make_the_same_corpus_as_one_transaction(corpus, tmp_path, monkeypatch):
    alignments = [made("long", LONG), made("long", LONG, 0.8), made("long", LONG, 0.8, shift=1), made("long", LONG, shift=1)]
    with Corpus(tmp_path / "other.db") as other:
        for alignment in alignments:
            added = corpus.add(alignment)
            monkeypatch.setattr("aligner.corpus.store.PIECE", 10**9)
            assert other.add(alignment) == added
            monkeypatch.undo()
            assert list(other.units()) == list(corpus.units())
            assert other.stats() == corpus.stats()


def test_a_crash_in_the_middle_of_a_long_alignment_leaves_nothing_to_be_seen_and_is_made_good(tmp_path, monkeypatch):
    path = tmp_path / "corpus.db"
    crash = """
        import os, signal
        from test_review_concurrency import LONG, adding, made
        from aligner.corpus import Corpus
        adding(Corpus(sys.argv[1]), made("long", LONG), lambda number: number == int(sys.argv[2]) and os.kill(os.getpid(), signal.SIGKILL))
    """
    for at in (3, 6, 7):
        process = run_python(crash, path, at)
        process.communicate()
        assert process.returncode == -signal.SIGKILL
        with Corpus(path) as corpus:
            stats = corpus.stats()
            assert (stats.documents, stats.alignments, stats.superseded, stats.units, stats.occurrences) == (0, 0, 0, 0, 0)
            assert ReviewSession(corpus, reviewer="Ada").total == 0
    with Corpus(path) as corpus:
        assert corpus.add(made("long", LONG)).occurrences == LONG
        assert [unit.source for unit in corpus.units()] == [f"Phrase {number} de long." for number in range(LONG)]
        assert corpus.stats().superseded == 0
    connection = sqlite3.connect(path)
    assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    connection.close()


@pytest.mark.parametrize("at", [1, 4, 6, 8])
def test_of_two_that_add_the_same_long_alignment_neither_harms_the_other(corpus, at):
    alignment, counts = made("long", LONG), []

    def add_too(number):
        if number == at:
            counts.append(corpus.add(alignment))

    adding(corpus, alignment, add_too)
    assert counts[0].occurrences == LONG
    assert len(list(corpus.units())) == corpus.stats().occurrences == LONG


def test_two_processes_add_the_same_long_alignment_at_once(tmp_path):
    path = tmp_path / "corpus.db"
    Corpus(path).close()
    code = """
        from test_review_concurrency import made
        from aligner.corpus import Corpus
        Corpus(sys.argv[1]).add(made("long", 5000))
    """
    finished(*(run_python(code, path) for _ in range(3)))
    with Corpus(path) as corpus:
        stats = corpus.stats()
        assert (stats.alignments, stats.superseded, stats.occurrences) == (1, 0, 5000)


def test_what_is_decided_while_a_document_is_aligned_anew_stays(corpus):
    corpus.add(made("long", LONG))
    units = list(corpus.units())
    session = ReviewSession(corpus, reviewer="Ada")

    def review(number):
        if number == 2:  # when it has been found out what is to change
            session.decide(session.keys[5], "accepted")
            session.edit(session.keys[9], "Autre phrase.", "Another sentence.")

    adding(corpus, made("long", LONG, shift=1), review)
    pairs = {(unit.source, unit.target): unit.status for unit in corpus.units()}
    accepted = [unit for unit in units if (unit.source, unit.target) in pairs]
    assert [pairs[unit.source, unit.target] for unit in accepted] == ["accepted"]
    assert ("Autre phrase.", "Another sentence.") in pairs


def test_what_is_decided_elsewhere_meanwhile_does_not_hold_it_up(corpus, monkeypatch):
    corpus.add(made("long", LONG))
    corpus.add(made("other", 10))
    session = ReviewSession(corpus, reviewer="Ada")
    other = next(key for key in session.keys if key.startswith("2:"))
    monkeypatch.setattr(pieces.adding, "add", None)  # which does it all in one transaction
    added = adding(corpus, made("long", LONG, shift=1), lambda number: session.decide(other, ("accepted", "rejected")[number % 2]))
    assert added.occurrences == LONG - 1


def test_a_reviewer_does_not_wait_for_more_than_a_few_of_a_batchs_transactions(tmp_path):
    path = tmp_path / "corpus.db"
    with Corpus(path) as corpus:
        corpus.add(made("reviewed", 50))
        unit = next(corpus.units()).id
        connection = sqlite3.connect(path)
        connection.execute("CREATE TABLE turns (number)")
        connection.execute("INSERT INTO turns VALUES (0)")
        connection.commit()
        batch = run_python(
            """
            import time
            from sqlalchemy import text
            from aligner.corpus import Corpus
            corpus = Corpus(sys.argv[1])
            while True:
                with corpus._adding() as connection:
                    connection.execute(text("UPDATE turns SET number = number + 1"))
                    time.sleep(0.01)
            """,
            path,
        )
        waited = []
        try:
            while connection.execute("SELECT number FROM turns").fetchone()[0] < 3:
                time.sleep(0.01)
            for _ in range(40):
                before = connection.execute("SELECT number FROM turns").fetchone()[0]
                with corpus.writing() as mine:
                    after = connection.execute("SELECT number FROM turns").fetchone()[0]
                    record(mine, Act("decide", "Ada", "", [Verdict(unit, "accepted")]))
                waited.append(after - before)
                time.sleep(0.005)
        finally:
            batch.kill()
            batch.communicate()
        connection.close()
    assert statistics.median(waited) <= 2
    assert statistics.quantiles(waited, n=10)[-1] <= 5


def test_what_is_decided_is_on_disk_at_once_and_what_is_added_before_add_returns_though_others_may_write_by_then(tmp_path, monkeypatch):
    path, log = tmp_path / "corpus.db", tmp_path / "corpus.db-wal"
    with Corpus(path) as corpus:
        with corpus.writing() as connection:
            assert connection.exec_driver_sql("PRAGMA synchronous").scalar_one() == 2  # FULL
        synced = []

        def fsync(descriptor):
            other = sqlite3.connect(path, timeout=0)
            other.execute("BEGIN IMMEDIATE")
            other.close()
            synced.append(os.fstat(descriptor).st_ino)

        monkeypatch.setattr(os, "fsync", fsync)
        for beads in (10, LONG):
            corpus.add(made(f"some {beads}", beads))
            assert synced.pop() == log.stat().st_ino
            assert not synced
