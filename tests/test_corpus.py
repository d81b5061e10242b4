"""The store of alignments and decisions: what is added is there, once, whatever happens meanwhile."""

import dataclasses
import signal
import sqlite3
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import make_url

from aligner.corpus import STATUSES, Added, Corpus, opening, turns
from aligner.errors import CorpusError
from aligner.types import Alignment, Bead, Document, Provenance, TranslationUnit

PROVENANCE = Provenance("1.0", "encoder", "r1", "w1")
FRENCH = ("Bonjour.", "Il pleut.", "Il pleut encore.", "Au revoir.", "Bonjour.")
ENGLISH = ("Good morning.", "It rains, and rains.", "Goodbye.", "Good morning.")
BEADS = (
    Bead((0,), (0,), 0.99, 0.9),
    Bead((1, 2), (1,), 0.4, 0.6),
    Bead((3,), (), 0.7),
    Bead((), (2,), 0.8),
    Bead((4,), (3,), 0.95, 0.9),
)


def align(source=FRENCH, target=ENGLISH, beads=BEADS, provenance=PROVENANCE, name="dialogue"):
    source = Document.of_segments(source, f"{name}.fr.txt", "fr")
    return Alignment(source, Document.of_segments(target, f"{name}.en.txt", "en"), tuple(beads), "fr", "en", provenance)


@pytest.fixture
def corpus(url):
    with Corpus(url) as corpus:
        yield corpus


def test_what_is_added_comes_back_in_document_order_with_its_provenance(corpus):
    alignment = align()
    assert corpus.add(alignment) == Added(units=2, occurrences=3, known=0)
    expected = [alignment.unit(BEADS[0]), alignment.unit(BEADS[1])]
    assert list(corpus.units()) == expected
    assert expected[1].source_spans == ((9, 18), (19, 35))


def test_adding_twice_adds_nothing(corpus):
    corpus.add(align())
    before = corpus.stats()
    assert corpus.add(align()) == Added(units=0, occurrences=0, known=2)
    assert corpus.stats() == before


def test_adding_again_writes_nothing_to_the_file(tmp_path):
    with Corpus(tmp_path / "corpus.db") as corpus:
        corpus.add(align())
        watcher = sqlite3.connect(tmp_path / "corpus.db")
        version = watcher.execute("PRAGMA data_version").fetchone()
        corpus.add(align())
        assert watcher.execute("PRAGMA data_version").fetchone() == version
        corpus.add(align(), min_probability=0.9)
        assert watcher.execute("PRAGMA data_version").fetchone() != version
        watcher.close()


def test_the_same_text_under_another_name_is_the_same_document(corpus):
    corpus.add(align())
    assert corpus.add(align(name="copy")) == Added(units=0, occurrences=0, known=2)
    assert {unit.source_document for unit in corpus.units()} == {"dialogue.fr.txt"}


def test_a_new_alignment_of_the_same_texts_takes_the_place_of_the_old_but_for_what_was_accepted(corpus):
    corpus.add(align())
    corpus.decide(align().unit(BEADS[0]), "accepted", reviewer="Ada")
    corpus.decide(align().unit(BEADS[1]), "rejected", reviewer="Ada")
    again = align(
        beads=[Bead((0,), (), 0.6), Bead((1,), (0,), 0.6, 0.5), Bead((2,), (1,), 0.9, 0.9), *BEADS[2:]],
        provenance=dataclasses.replace(PROVENANCE, weights="w2"),
    )
    assert corpus.add(again) == Added(units=1, occurrences=1, known=1, carried=1)
    assert [(unit.source, unit.target, unit.status) for unit in corpus.units()] == [
        ("Bonjour.", "Good morning.", "accepted"),
        ("Il pleut encore.", "It rains, and rains.", "unreviewed"),
    ]
    assert corpus.stats().nulls == 3  # what the accepted bead left of the new ones
    rejected = align().unit(BEADS[1]).id
    assert [decision.status for decision in corpus.decisions(rejected)] == ["rejected"]
    with corpus.reading() as connection:
        assert connection.exec_driver_sql("SELECT weights FROM alignments").scalar() == "w2"
        assert connection.exec_driver_sql(f"SELECT count(*) FROM occurrences WHERE was = '{rejected}'").scalar() == 2
    assert corpus.add(again) == Added(units=0, occurrences=0, known=2, carried=1)


def test_links_below_the_cutoff_are_left_out_and_nulls_kept(corpus):
    assert corpus.add(align(), min_probability=0.9) == Added(units=1, occurrences=2, known=0)
    assert (corpus.stats().occurrences, corpus.stats().nulls) == (2, 2)


def test_units_can_be_chosen_by_status_and_probability(corpus):
    corpus.add(align())
    first, second = corpus.units()
    corpus.decide(second, "flagged", reviewer="Ada")
    (flagged,) = corpus.units(status="flagged")
    assert (flagged.id, flagged.reviewer) == (second.id, "Ada")
    assert flagged.reviewed_at == corpus.decisions(second.id)[0].at
    assert [unit.id for unit in corpus.units(status="unreviewed")] == [first.id]
    assert [unit.id for unit in corpus.units(min_probability=0.9)] == [first.id]
    assert list(corpus.units(status="rejected")) == []


def test_a_unit_is_given_at_its_first_occurrence_that_is_probable_enough(corpus):
    corpus.add(align(beads=[dataclasses.replace(BEADS[0], probability=0.2), *BEADS[1:]]))
    (unit,) = corpus.units(min_probability=0.9)
    assert (unit.probability, unit.source_spans) == (0.95, ((47, 55),))


def test_units_come_in_order_over_many_pages_while_the_caller_decides(corpus):
    number = 2_500
    source, target = [f"Phrase {i}." for i in range(number)], [f"Sentence {i}." for i in range(number)]
    corpus.add(align(source, target, [Bead((i,), (i,), 0.5, 0.5) for i in range(number)]))
    seen = []
    for unit in corpus.units(status="unreviewed"):
        seen.append(unit.source)
        if len(seen) % 500 == 0:
            corpus.decide(unit, "accepted", reviewer="Ada")
    assert seen == source
    assert corpus.stats().by_status["accepted"] == 5


def test_a_page_is_one_document_of_both_languages(corpus):
    page = Document.of_segments(["Il neige.", "It snows.", "Il gèle.", "It freezes."], "page.txt")
    alignment = Alignment(page, page, (Bead((0,), (1,), 0.9, 0.8), Bead((2,), (3,), 0.9, 0.8)), "fr", "en", PROVENANCE)
    corpus.add(alignment)
    assert list(corpus.units()) == list(alignment.units())
    assert corpus.stats().documents == 1


def test_an_alignment_without_links_is_held_too(corpus):
    assert corpus.add(align(["Seul."], [], [Bead((0,), (), 1.0)])) == Added(0, 0, 0)
    assert corpus.add(align([], [], [])) == Added(0, 0, 0)
    assert (corpus.stats().alignments, corpus.stats().nulls) == (2, 1)


def test_the_latest_decision_counts_and_all_are_kept(corpus):
    corpus.add(align())
    unit = next(corpus.units())
    corpus.decide(unit.id, "rejected", reviewer="Ada", reason="wrong tense", tool="notebook")
    last = corpus.decide(unit.id, "unreviewed", reviewer="Grace")
    assert next(corpus.units()).status == "unreviewed"
    first, second = corpus.decisions(unit.id)
    assert (first.status, first.reviewer, first.reason, first.tool) == ("rejected", "Ada", "wrong tense", "notebook")
    assert second == last
    assert first.at <= second.at
    assert second.at.endswith("+00:00")


@pytest.mark.parametrize("statement", ["UPDATE decisions SET status = 'rejected'", "DELETE FROM decisions"])
def test_the_database_itself_refuses_to_change_a_decision(corpus, statement):
    corpus.add(align())
    corpus.decide(next(corpus.units()), "accepted", reviewer="Ada")
    with pytest.raises(CorpusError, match=r"failed: decisions are append-only$"), corpus.writing() as connection:
        connection.exec_driver_sql(statement)
    assert next(corpus.units()).status == "accepted"


def test_a_decision_records_the_occurrence_it_was_made_at(corpus):
    corpus.add(align())
    unit = align().unit(BEADS[4])
    corpus.decide(unit, "accepted", reviewer="Ada")
    corpus.decide(unit.id, "rejected", reviewer="Ada")
    with corpus.reading() as connection:
        spans = connection.exec_driver_sql("SELECT source_spans FROM decisions ORDER BY id").scalars().all()
    assert spans == ["[[47,55]]", "[[0,8]]"]


def test_an_unknown_unit_or_status_is_refused(corpus):
    corpus.add(align())
    with pytest.raises(CorpusError, match="no unit 0123"):
        corpus.decide("0123", "accepted", reviewer="Ada")
    with pytest.raises(CorpusError, match=r"'good'.*unreviewed, accepted, rejected, flagged"):
        corpus.decide(next(corpus.units()), "good", reviewer="Ada")
    with pytest.raises(CorpusError, match="no status"):
        corpus.units(status="good")


def test_stats_count_what_is_there(corpus):
    corpus.add(align())
    corpus.decide(next(corpus.units()), "accepted", reviewer="Ada")
    stats = corpus.stats()
    assert (stats.documents, stats.alignments, stats.units, stats.occurrences, stats.nulls) == (2, 1, 2, 3, 2)
    assert stats.by_status == {"unreviewed": 1, "accepted": 1, "rejected": 0, "flagged": 0}
    assert tuple(stats.by_status) == STATUSES
    assert stats.by_languages == {"fr-en": 2}
    assert stats.probabilities == (0, 0, 0, 0, 1, 0, 0, 0, 0, 2)
    assert sum(Corpus("sqlite://").stats().probabilities) == 0


def test_a_text_that_is_no_unicode_is_refused_and_leaves_nothing(corpus):
    with pytest.raises(CorpusError, match="lone surrogate"):
        corpus.add(align([*FRENCH[:4], "\ud800"]))
    assert corpus.stats().documents == 0
    assert corpus.add(align()).units == 2


def test_an_add_that_fails_at_its_last_bead_leaves_nothing(tmp_path):
    with Corpus(tmp_path / "corpus.db") as corpus:
        with corpus.writing() as connection:
            connection.exec_driver_sql(
                "CREATE TRIGGER disk_full BEFORE INSERT ON occurrences WHEN NEW.position = 4 BEGIN SELECT RAISE(ABORT, 'disk full'); END"
            )
        with pytest.raises(CorpusError, match=r"corpus\.db failed: disk full"):
            corpus.add(align())
        stats = corpus.stats()
        assert (stats.documents, stats.alignments, stats.occurrences, stats.nulls) == (0, 0, 0, 0)


def test_a_document_name_that_is_no_unicode_is_written_out(corpus):
    corpus.add(align(name="caf\udce9"))
    assert next(corpus.units()).source_document == "caf\\udce9.fr.txt"


texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)


@st.composite
def any_alignment(draw):
    source, target = draw(st.lists(texts, max_size=6)), draw(st.lists(texts, max_size=6))
    unused, beads = list(range(len(target))), []
    for i in range(len(source)):
        taken = tuple(unused.pop(0) for _ in range(min(len(unused), draw(st.integers(0, 2)))))
        beads.append(Bead((i,), taken, draw(st.floats(0, 1)), draw(st.floats(-1, 1)) if taken else None))
    return align(source, target, [*beads, *(Bead((), (j,), draw(st.floats(0, 1))) for j in unused)], name=draw(texts))


@settings(deadline=None, max_examples=60)
@given(alignment=any_alignment(), cutoff=st.sampled_from([0.0, 0.5]))
def test_any_alignment_is_read_back_as_it_was_added(alignment, cutoff):
    with Corpus("sqlite://") as corpus:
        added = corpus.add(alignment, min_probability=cutoff)
        first = {unit.id: unit for unit in reversed(list(alignment.units(cutoff)))}
        assert {unit.id: dataclasses.replace(unit, annotations=()) for unit in corpus.units()} == first
        assert added.units == len(first)
        assert added.occurrences == corpus.stats().occurrences == len(list(alignment.units(cutoff)))
        assert corpus.add(alignment, min_probability=cutoff) == Added(0, 0, len(first))


def run_python(code, *arguments, **options):
    """Start a process that has the corpus tests' alignments at hand."""
    prelude = f"import sys\nsys.path.insert(0, {str(Path(__file__).parent)!r})\nfrom test_corpus import *\n"
    command = [sys.executable, "-c", prelude + textwrap.dedent(code), *map(str, arguments)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, **options)


def test_processes_that_create_add_and_decide_at_once_all_succeed(url):
    adding = """
        url, who = sys.argv[1:]
        with Corpus(url) as corpus:
            for k in range(10):
                corpus.add(align([*FRENCH, f"Document {k} de {who}."], [*ENGLISH, f"Document {k}."], [*BEADS, Bead((5,), (4,), 0.9, 0.9)],
                                 name=f"{who}/{k}"))
                for unit in list(corpus.units(min_probability=0.99)):
                    corpus.decide(unit, "accepted", reviewer=who)
    """
    processes = [run_python(adding, url, who) for who in range(3)]
    assert [process.wait(120) for process in processes] == [0, 0, 0]
    for process in processes:
        process.stdout.close()
    with Corpus(url) as corpus:
        assert (corpus.stats().alignments, corpus.stats().units, corpus.stats().occurrences) == (30, 32, 120)
        assert len(corpus.decisions(align().unit(BEADS[0]).id)) == 30


def test_a_kill_in_the_middle_of_an_add_loses_nothing_that_was_committed(tmp_path):
    path = tmp_path / "corpus.db"
    adding = """
        with Corpus(sys.argv[1]) as corpus:
            for k in range(10_000):
                corpus.add(align([f"Phrase {k}.{i}." for i in range(200)], [f"Sentence {k}.{i}." for i in range(200)],
                           [Bead((i,), (i,), 0.5, 0.5) for i in range(200)]))
                print(k, flush=True)
    """
    for _ in range(3):
        process = run_python(adding, path)
        committed = [int(process.stdout.readline()) for _ in range(5)]
        process.send_signal(signal.SIGKILL)
        committed += [int(line) for line in process.stdout.read().split()]
        process.wait()
        process.stdout.close()
    with Corpus(path, create=False) as corpus:
        stats = corpus.stats()
        assert stats.alignments > max(committed)
        assert stats.occurrences == stats.units == 200 * stats.alignments
    connection = sqlite3.connect(path)
    assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    connection.close()


def test_a_reader_goes_on_while_another_process_writes(tmp_path):
    path = tmp_path / "corpus.db"
    with Corpus(path) as corpus:
        corpus.add(align())
        writer = sqlite3.connect(path, isolation_level=None)
        writer.execute("BEGIN EXCLUSIVE")  # would keep readers out, were it not for the write-ahead log
        assert len(list(corpus.units())) == 2
        writer.close()


def test_a_corpus_that_stays_locked_is_an_error_that_says_so(tmp_path, monkeypatch):
    monkeypatch.setattr(turns, "PATIENCE_S", 0.1)
    path = tmp_path / "corpus.db"
    with Corpus(path) as corpus:
        writer = sqlite3.connect(path, isolation_level=None)
        writer.execute("BEGIN IMMEDIATE")
        with pytest.raises(CorpusError, match=r"corpus\.db was locked by another process for more than 0.1 s"):
            corpus.add(align())
        writer.close()
        assert corpus.add(align()).units == 2


def test_what_cannot_be_a_corpus_is_named_with_the_reason(tmp_path):
    text = tmp_path / "notes.txt"
    text.write_text("These are notes, and no database at all.\n" * 100)
    empty = tmp_path / "empty.db"
    empty.touch()
    other = tmp_path / "other.db"
    connection = sqlite3.connect(other)
    connection.execute("CREATE TABLE units (of_something)")
    connection.close()
    for url, reason in (
        (text, "notes.txt is not a database"),
        (other, "other.db is a database of something else .tables units."),
        (tmp_path, "is a folder"),
        (tmp_path / "none" / "corpus.db", "none does not exist: make it first"),
        ("mysql://host/base", "begins mysql://"),
        ("nonsense://host/base", "begins nonsense://"),
    ):
        with pytest.raises(CorpusError, match=reason):
            Corpus(url)
    for missing, reason in ((tmp_path / "new.db", "there is no corpus at .*new.db"), (empty, "empty.db holds no corpus")):
        with pytest.raises(CorpusError, match=reason):
            Corpus(missing, create=False)
    assert not (tmp_path / "new.db").exists()


def test_a_corpus_is_called_by_its_path_or_by_its_url_without_the_password(tmp_path):
    with Corpus(tmp_path / "corpus.db") as corpus:
        assert corpus.name == str(tmp_path / "corpus.db")
    assert opening.shown(make_url("postgresql+pg8000://me:secret@host/corpus")) == "postgresql+pg8000://me:***@host/corpus"


def test_a_server_that_refuses_is_named_without_the_password(postgres_server):
    url = f"postgresql+pg8000://tester:secret@/nowhere?unix_sock={postgres_server}"
    with pytest.raises(CorpusError, match=r"the corpus postgresql.*/nowhere.* failed") as raised:
        Corpus(url)
    assert "secret" not in str(raised.value)


def test_a_corpus_of_a_later_version_is_refused(tmp_path):
    path = tmp_path / "corpus.db"
    Corpus(path).close()
    connection = sqlite3.connect(path)
    connection.execute("UPDATE corpus_schema SET version = 99")
    connection.commit()
    connection.close()
    with pytest.raises(CorpusError, match=r"later aligner .schema 99, this one knows 2"):
        Corpus(path)


def test_a_sqlite_url_and_a_path_open_the_same_corpus(tmp_path):
    with Corpus(tmp_path / "corpus.db") as corpus:
        corpus.add(align())
    with Corpus(f"sqlite:///{tmp_path}/corpus.db", create=False) as corpus:
        assert all(isinstance(unit, TranslationUnit) for unit in corpus.units())
        assert corpus.stats().units == 2
