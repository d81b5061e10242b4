"""`aligner corpus forget`: dumps and documents leave a corpus as if they had never been there, but for what was decided."""

import os
import random
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner
from databases import new_database, rows
from dying import content, die_in_transaction
from toys import ToySettings, write_pairs

from aligner.batch import SERIAL, Batch
from aligner.cli import main
from aligner.corpus import Corpus
from aligner.errors import CorpusError
from aligner.reviewing.order import DOCUMENT
from aligner.reviewing.session import ReviewSession

TABLES = "documents", "alignments", "occurrences", "units", "inputs", "ledger", "examined", "annotations"


def batch(url, *dumps):
    with Corpus(url) as corpus:
        return Batch(corpus, ToySettings(), executor=SERIAL).run([Path(dump) for dump in dumps])


def forget(url, *names, dry=False):
    with Corpus(url) as corpus:
        return corpus.forget([str(name) for name in names], dry=dry)


def counts(url):
    return {table: rows(url, f"SELECT count(*) FROM {table}")[0][0] for table in TABLES}


@pytest.fixture
def dumps(tmp_path):
    """Two dumps that have the document `common` in common."""
    write_pairs(tmp_path / "one", ["common", "mine", "other"])
    write_pairs(tmp_path / "two", ["common", "theirs"], lines=4)
    for lang in ("fr", "en"):
        (tmp_path / "two" / f"common.{lang}.txt").write_bytes((tmp_path / "one" / f"common.{lang}.txt").read_bytes())
    return tmp_path / "one", tmp_path / "two"


def test_a_forgotten_dump_leaves_the_corpus_as_if_it_had_never_come_and_comes_again(url, dumps):
    one, two = dumps
    batch(url, two)
    before, size = content(url), counts(url)
    batch(url, one)
    both = content(url)
    told = forget(url, one, dry=True)
    assert content(url) == both
    assert forget(url, f"{one}/") == told
    assert (told.inputs, told.alignments, told.beads, told.units, told.kept_units) == (3, 2, 6, 6, 0)
    assert (content(url), counts(url)) == (before, size)
    assert batch(url, one).done == 2
    assert content(url) == both


def test_what_goes_counts_units_as_the_corpus_does(url, tmp_path):
    write_pairs(tmp_path / "one", ["doc"])
    (tmp_path / "one" / "doc.fr.txt").write_text("Un.\nDeux.\nTrois, que personne ne traduit.\n", encoding="utf-8")
    (tmp_path / "one" / "doc.en.txt").write_text("One.\nTwo.\n", encoding="utf-8")
    batch(url, tmp_path / "one")
    with Corpus(url) as corpus:
        (null,) = rows(url, "SELECT id FROM units WHERE target = ''")[0]
        corpus.decide(null, "accepted", reviewer="Ada")
        stats = corpus.stats()
        told = corpus.forget([str(tmp_path / "one")])
        assert (told.units, told.kept_units, told.beads) == (stats.units, 0, stats.occurrences + stats.nulls) == (2, 0, 3)


def test_a_document_goes_whichever_dumps_hold_it(url, dumps):
    batch(url, *dumps)
    name = dumps[0] / "common.fr.txt"
    told = forget(url, name)
    assert (told.inputs, told.alignments) == (1, 1)
    assert not rows(url, "SELECT 1 FROM documents WHERE name LIKE '%common%'")
    assert batch(url, *dumps).done == 1


def test_what_reviewers_did_stays_on_record_and_holds_when_the_text_comes_back(url, dumps):
    one = dumps[0]
    batch(url, one)
    with Corpus(url) as corpus:
        session = ReviewSession(corpus, reviewer="Ada")
        session.view(order=DOCUMENT)
        keys = list(session.keys)
        session.decide(keys[0], "accepted")
        session.comment(keys[1], "really?")
        session.merge(keys[3])
        told = corpus.forget([str(one)])
        assert (told.units, told.kept_units) == (5, 3)
        assert corpus.stats().units == 0
        assert session.changes()
        assert session.total == 0
        for _ in range(3):
            session.undo()
        assert batch(url, one).done == 3
        for _ in range(3):
            session.redo()
        assert len(list(corpus.units(status="accepted"))) == 1
        assert corpus.stats().units == 8
    assert rows(url, "SELECT count(*) FROM comments") == [(1,)]


def test_earlier_versions_go_with_their_dump_and_come_back_where_another_holds_them(url, tmp_path):
    write_pairs(tmp_path / "one", ["doc"], lines=6)
    batch(url, tmp_path / "one")
    source = tmp_path / "one" / "doc.fr.txt"
    source.write_text(source.read_text(encoding="utf-8").replace("Phrase 2", "Proposition 2"), encoding="utf-8")
    batch(url, tmp_path / "one")
    assert counts(url)["alignments"] == 2
    forget(url, tmp_path / "one")
    assert counts(url) == dict.fromkeys(TABLES, 0)


def test_an_earlier_version_that_was_added_by_hand_is_seen_again(url, tmp_path):
    write_pairs(tmp_path / "one", ["doc"], lines=6)
    batch(url, tmp_path / "one")
    source = tmp_path / "one" / "doc.fr.txt"
    with Corpus(url) as corpus, corpus.writing() as connection:
        connection.exec_driver_sql("DELETE FROM ledger")
    before = content(url)[:2]
    source.write_text(source.read_text(encoding="utf-8").replace("Phrase 2", "Proposition 2"), encoding="utf-8")
    batch(url, tmp_path / "one")
    assert content(url)[:2] != before
    told = forget(url, tmp_path / "one")
    assert (told.alignments, told.current_again) == (1, 1)
    assert content(url)[:2] == before


def test_nothing_is_forgotten_while_a_batch_is_at_work_and_nothing_unknown(url, dumps):
    batch(url, dumps[0])
    with Corpus(url) as corpus, Corpus(url) as other:
        with other.alone(), pytest.raises(CorpusError, match="another batch is at work"):
            corpus.forget([str(dumps[0])])
        with pytest.raises(CorpusError, match=r"knows no dump and no document nothing; its dumps are .*one"):
            corpus.forget([str(dumps[0]), "nothing"])
    assert counts(url)["alignments"] == 3


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_killed_anywhere_the_same_command_finishes(kind, tmp_path, dumps, request):
    one, two = dumps
    write_pairs(one, ["long"], lines=450)
    chance = random.Random(7)
    killed = 0
    url = str(tmp_path / "c.db") if kind == "sqlite" else new_database(request.getfixturevalue("postgres_server"))
    batch(url, two)
    size = counts(url)
    for _ in range(5):
        batch(url, one)
        process = subprocess.run([sys.executable, __file__, url, str(one), str(chance.randrange(1, 40))], check=False)
        killed += process.returncode == -signal.SIGKILL
        if rows(url, "SELECT count(*) FROM inputs WHERE dump LIKE '%one'") != [(0,)]:
            forget(url, one)
        assert counts(url) == size
        assert rows(url, "SELECT count(*) FROM traces WHERE alignment NOT IN (SELECT id FROM alignments)") == [(0,)]
    assert killed >= 3


def test_the_command_says_what_would_go_and_what_went(tmp_path, dumps):
    url = str(tmp_path / "corpus.db")
    batch(url, dumps[0])
    dry = CliRunner().invoke(main, ["corpus", "forget", url, str(dumps[0]), "--dry-run"])
    assert dry.stderr == "Would go: 3 places in dumps, 3 alignments, 9 beads, 9 units\n"
    done = CliRunner().invoke(main, ["corpus", "forget", url, str(dumps[0]), "--json"])
    assert '"alignments": 3' in done.stdout
    assert counts(url)["units"] == 0


if __name__ == "__main__":
    die_in_transaction(int(sys.argv[3]))
    forget(sys.argv[1], sys.argv[2])
    os._exit(0)
