"""`aligner corpus copy` and `backup`: the copy is the corpus, or it is not there."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner
from databases import new_database, rows
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import inspect, select
from toys import ToySettings, write_pairs

from aligner.batch import SERIAL, Batch
from aligner.cli import main
from aligner.corpus import STATUSES, Corpus
from aligner.corpus.copying import copy
from aligner.corpus.tables import metadata
from aligner.errors import CorpusError
from aligner.reviewing.session import ReviewSession
from aligner.types import Alignment, Bead, Document, Provenance


def everything(url):
    """All rows of all tables."""
    with Corpus(url, create=False) as corpus, corpus.reading() as connection:
        assert set(inspect(connection).get_table_names()) - {"sqlite_sequence"} == set(metadata.tables)
        return {table.name: sorted(map(tuple, connection.execute(select(table))), key=str) for table in metadata.sorted_tables}


def filled(url, tmp_path):
    """A corpus with something in every table that people and batches fill: a later version, a merge, an undo, comments, an assignment."""
    write_pairs(tmp_path / "dump", ["a", "b", "c"], lines=6)
    with Corpus(url) as corpus:
        Batch(corpus, ToySettings(), executor=SERIAL).run([tmp_path / "dump"])
        source = tmp_path / "dump" / "a.fr.txt"
        source.write_text(source.read_text(encoding="utf-8").replace("Phrase 2", "Proposition 2"), encoding="utf-8")
        (tmp_path / "dump" / "bad.txt").write_text("RAISE\n", encoding="utf-8")
        Batch(corpus, ToySettings(), executor=SERIAL).run([tmp_path / "dump"])
        session = ReviewSession(corpus, reviewer="Ada")
        keys = list(session.keys)
        session.decide(keys[0], "rejected", "other")
        session.decide(keys[1], "accepted")
        session.undo()
        session.comment(keys[2], "really?")
        session.assign(3, "Ada")
        session.merge(keys[4])
        session.keep_place()
    return url


def another(kind, request, tmp_path):
    if kind == "postgresql":
        return new_database(request.getfixturevalue("postgres_server"))
    return str(tmp_path / "copy.db")


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_a_copy_is_the_corpus_and_goes_on_as_it_would(url, kind, tmp_path, request):
    filled(url, tmp_path)
    target = another(kind, request, tmp_path)
    told = []
    counts = copy(url, target, progress=lambda *stage: told.append(stage))
    assert everything(target) == everything(url)
    assert told[-1] == ("copy", sum(counts.values()), sum(counts.values()))
    for name in (url, target):
        write_pairs(tmp_path / "more", ["d"])
        with Corpus(name) as corpus:
            assert Batch(corpus, ToySettings(), executor=SERIAL).run([tmp_path / "more", tmp_path / "dump"]).done == 1
            ReviewSession(corpus, reviewer="Ada").undo()
    with pytest.raises(CorpusError, match=r"exists|already"):
        copy(url, target)
    for name in (url, target):
        with pytest.raises(Exception, match="append-only"), Corpus(name) as corpus, corpus.writing() as connection:
            connection.exec_driver_sql("DELETE FROM comments")


WORDS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=8).filter(str.strip)


@settings(max_examples=15, deadline=None)
@given(st.lists(st.tuples(st.lists(WORDS, min_size=1, max_size=5), st.sampled_from(STATUSES), WORDS), min_size=1, max_size=4))
def test_whatever_a_corpus_holds_its_copy_holds(tmp_path_factory, documents):
    folder = tmp_path_factory.mktemp("corpora")
    url, target = (str(folder / f"{name}.db") for name in ("corpus", "copy"))
    with Corpus(url) as corpus:
        for texts, status, reason in documents:
            sides = (Document.of_segments(texts, f"{reason}.{lang}", lang) for lang in ("fr", "en"))
            beads = tuple(Bead((number,), (number,), 0.5, None) for number in range(len(texts)))
            corpus.add(Alignment(*sides, beads, "fr", "en", Provenance("1", "e", "r", "w")))
            for unit in corpus.units(with_repeats=True):
                corpus.decide(unit, status, reviewer=reason, reason=reason)
    copy(url, target)
    assert everything(target) == everything(url)


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
@pytest.mark.parametrize("page", [1, 7, 12])
def test_what_was_cut_off_is_no_corpus(kind, page, tmp_path, request):
    url = filled(str(tmp_path / "corpus.db"), tmp_path)
    target = another(kind, request, tmp_path)
    killed = subprocess.run([sys.executable, __file__, url, target, str(page)], check=False)
    assert killed.returncode == -signal.SIGKILL
    with pytest.raises(CorpusError, match="no corpus"):
        Corpus(target, create=False)
    copy(url, target)
    assert everything(target) == everything(url)


def test_nothing_is_left_of_a_copy_that_fails(tmp_path):
    url = filled(str(tmp_path / "corpus.db"), tmp_path)
    before = set(tmp_path.iterdir())
    with pytest.raises(ZeroDivisionError):
        copy(url, tmp_path / "copy.db", progress=lambda *_: 1 // 0)
    assert set(tmp_path.iterdir()) == before
    with pytest.raises(CorpusError, match=r"its folder .* does not exist"):
        copy(url, tmp_path / "nowhere" / "copy.db")
    with pytest.raises(CorpusError, match="there is no corpus"):
        copy(tmp_path / "nothing.db", tmp_path / "copy.db")


def test_a_backup_is_replaced_only_when_told_and_never_the_corpus_itself(tmp_path):
    url = filled(str(tmp_path / "corpus.db"), tmp_path)
    backup = str(tmp_path / "backup.db")

    def run(*arguments):
        return CliRunner().invoke(main, ["corpus", *arguments])

    assert run("backup", url, backup).exit_code == 0
    again = run("backup", url, backup)
    assert (again.exit_code, again.stderr) == (1, f"Error: {backup} exists: name another file for the copy\n")
    done = run("backup", url, backup, "--overwrite")
    assert (done.exit_code, done.stderr[: len(backup)]) == (0, backup)
    assert everything(backup) == everything(url)
    assert run("backup", url, url, "--overwrite").exit_code == 1
    assert run("backup", url, "postgresql://somewhere/else").exit_code == 2
    assert rows(backup, "PRAGMA journal_mode") == [("wal",)]


def test_a_copy_is_of_one_moment_while_others_write(tmp_path):
    url = filled(str(tmp_path / "corpus.db"), tmp_path)
    before = everything(url)
    with Corpus(url) as corpus:
        unit = next(iter(corpus.units()))
        copy(url, tmp_path / "copy.db", progress=lambda *_: corpus.decide(unit, "flagged", reviewer="Bob"))
    assert everything(tmp_path / "copy.db") == before
    assert everything(url) != before


if __name__ == "__main__":
    left = iter(range(int(sys.argv[3]), 0, -1))

    def die(*_):
        if next(left) == 1:
            os.kill(os.getpid(), signal.SIGKILL)

    copy(sys.argv[1], Path(sys.argv[2]) if "://" not in sys.argv[2] else sys.argv[2], progress=die)
