"""Corpora that earlier versions made: opened, they are of the present schema, and nothing in them is lost."""

import logging
import os
import re
import signal
import sqlite3
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
from databases import rows
from sqlalchemy import Connection, create_engine, inspect, make_url, text
from sqlalchemy.exc import DBAPIError

from aligner.corpus import Corpus
from aligner.corpus.actions import undo
from aligner.corpus.tables import SCHEMA_VERSION
from aligner.errors import CorpusError
from aligner.types import Alignment, Bead, Decision, Document, Provenance, Segment, TranslationUnit

OLD = Path(__file__).parent / "data" / "corpus_1"
FRENCH = "Bonjour 😀 !\nIl pleut\nencore. L'eau monte.\nAu revoir.\nBonjour 😀 !\n"
ENGLISH = "Hello 😀!\nIt still rains.\nThat isn't said in French.\nGoodbye.\nHello 😀!\n"
RAIN = TranslationUnit("fr", "en", "Il pleut encore.", "It still rains.").id


@pytest.fixture
def old(url):
    """A corpus that aligner 0.1.0 made, in each database."""
    make_old(url)
    return url


def make_old(url):
    if "://" in url:
        engine = create_engine(url, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            for part in ("postgresql", "rows"):
                connection.exec_driver_sql((OLD / f"{part}.sql").read_text(encoding="utf-8"))
        engine.dispose()
    else:
        connection = sqlite3.connect(url)
        connection.execute("PRAGMA journal_mode = WAL")
        for part in ("sqlite", "rows"):
            connection.executescript((OLD / f"{part}.sql").read_text(encoding="utf-8"))
        connection.close()


def segmented(text, texts, lang, name):
    segments, end = [], 0
    for piece in texts:
        start = text.index(piece, end)
        end = start + len(piece)
        segments.append(Segment(piece, start, end, lang))
    return Document(text, name, tuple(segments))


def dialogue():
    """The pair of documents of tests/data/corpus_1."""
    pieces = ("Bonjour 😀 !", "Il pleut\nencore.", "L'eau monte.", "Au revoir.", "Bonjour 😀 !")
    source = segmented(FRENCH, pieces, "fr", "dialogue.fr.txt")
    target = segmented(ENGLISH, ENGLISH.splitlines(), "en", "dialogue.en.txt")
    beads = (
        Bead((0,), (0,), 0.99, 0.9),
        Bead((1,), (1,), 0.5, 0.75),
        Bead((2,), (), 0.625),
        Bead((), (2,), 0.875),
        Bead((3,), (3,), 0.96875, 0.875),
        Bead((4,), (4,), 0.99, 0.9),
    )
    return Alignment(source, target, beads, "fr", "en", Provenance("0.1.0", "use-multilingual-v3", "r1", "w1"))


def test_an_old_corpus_opens_with_its_units_and_what_was_decided(old):
    with Corpus(old, create=False) as corpus:
        assert [(unit.source, unit.target, unit.status, unit.probability) for unit in corpus.units()] == [
            ("Bonjour 😀 !", "Hello 😀!", "accepted", 0.99),
            ("Il pleut encore.", "It still rains.", "accepted", 0.5),
            ("Au revoir.", "Goodbye.", "unreviewed", 0.96875),
            ("Un jour.", "One day.", "unreviewed", 0.8125),
        ]
        assert corpus.decisions(RAIN) == [
            Decision(RAIN, "rejected", "Ada", "2026-11-25T02:30:07.906+00:00", "misaligned", "console"),
            Decision(RAIN, "accepted", "Grace", "2026-11-25T02:30:07.915+00:00", "", "script"),
        ]
        stats = corpus.stats()
        assert (stats.documents, stats.alignments, stats.units, stats.occurrences, stats.nulls) == (3, 2, 4, 5, 2)
    assert rows(old, "SELECT version FROM corpus_schema") == [(SCHEMA_VERSION,)]


def test_nulls_of_an_old_corpus_are_those_that_adding_would_make(old):
    def held():
        return rows(old, "SELECT * FROM occurrences ORDER BY alignment, position"), rows(old, "SELECT * FROM units ORDER BY id")

    with Corpus(old) as corpus:
        before = held()
        added = corpus.add(dialogue())
    assert (added.units, added.occurrences) == (0, 0)
    assert held() == before
    nulls = "SELECT source, target FROM occurrences o JOIN units u ON u.id = o.unit WHERE source = '' OR target = '' ORDER BY position"
    assert rows(old, nulls) == [("L'eau monte.", ""), ("", "That isn't said in French.")]


def test_reviewers_go_on_where_they_were_and_can_take_back_what_they_decided_before(old):
    with Corpus(old) as corpus:
        with corpus.writing() as connection:
            assert undo(connection, "Grace").units == (RAIN,)
        assert [(decision.status, decision.undone) for decision in corpus.decisions(RAIN)] == [("rejected", False), ("accepted", True)]
        assert [unit.source for unit in corpus.units(status="rejected")] == ["Il pleut encore."]
        corpus.decide(RAIN, "flagged", reviewer="Grace")
        assert corpus.decisions(RAIN)[-1].status == "flagged"


def test_the_tables_of_an_old_corpus_become_those_of_a_new_one(old, url, tmp_path, request):
    Corpus(old).close()
    if "://" in old:
        from databases import new_database

        new = new_database(request.getfixturevalue("postgres_server"))
    else:
        new = str(tmp_path / "new.db")
    Corpus(new).close()
    migrated, fresh = tables_of(old), tables_of(new)
    assert {"actions", "standings", "changes"} <= {name for name, *_ in fresh["columns"]}
    assert migrated == fresh


def tables_of(url):
    """All that a database says of its tables."""
    engine = create_engine(url if "://" in url else f"sqlite:///{url}")
    try:
        with engine.connect() as connection:
            return _in_postgresql(connection) if "://" in url else _in_sqlite(connection)
    finally:
        engine.dispose()


def _in_postgresql(connection: Connection):
    queries = {
        "columns": """SELECT table_name, ordinal_position, column_name, data_type, character_maximum_length, is_nullable, column_default,
            col_description(('public.' || table_name)::regclass, ordinal_position::integer)
            FROM information_schema.columns WHERE table_schema = 'public'""",
        "constraints": """SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint
            WHERE connamespace = 'public'::regnamespace""",
        "indexes": "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'",
        "triggers": "SELECT pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal",
        "functions": "SELECT pg_get_functiondef(oid) FROM pg_proc WHERE pronamespace = 'public'::regnamespace",
        "sequences": "SELECT sequencename, data_type::text FROM pg_sequences WHERE schemaname = 'public'",
    }
    return {what: sorted(map(tuple, connection.execute(text(query)))) for what, query in queries.items()}


def _in_sqlite(connection: Connection):
    def ask(query, name):
        return list(map(tuple, connection.exec_driver_sql(query, (name,))))

    found = {"columns": [], "keys": [], "indexes": [], "kinds": [], "checks": [], "triggers": []}
    for name in inspect(connection).get_table_names():
        made_by = connection.exec_driver_sql("SELECT sql FROM sqlite_master WHERE name = ?", (name,)).scalar_one()
        found["columns"] += [
            (name, *row) for row in ask('SELECT cid, name, type, "notnull", dflt_value, pk FROM pragma_table_xinfo(?)', name)
        ]
        keys = 'SELECT "from", "table", "to", on_update, on_delete FROM pragma_foreign_key_list(?) ORDER BY "from"'
        found["keys"] += [(name, *row) for row in ask(keys, name)]
        for index, unique, origin in ask('SELECT name, "unique", origin FROM pragma_index_list(?) ORDER BY name', name):
            found["indexes"].append((name, index, unique, origin, ask("SELECT name FROM pragma_index_info(?)", index)))
        found["kinds"].append((name, *ask("SELECT wr, strict FROM pragma_table_list(?)", name), "AUTOINCREMENT" in made_by))
        found["checks"] += [(name, check) for check in re.findall(r"CONSTRAINT \w+ CHECK \(.*\)", made_by)]
    triggers = connection.exec_driver_sql("SELECT sql FROM sqlite_master WHERE type = 'trigger' ORDER BY name")
    found["triggers"] = [" ".join(sql.split()) for (sql,) in triggers]
    return found


def test_the_file_is_kept_as_it_was_beside_the_corpus_once(tmp_path, caplog):
    path, copy = tmp_path / "corpus.db", tmp_path / "corpus.db.bak-1"
    make_old(str(path))
    path.chmod(0o640)
    with caplog.at_level(logging.WARNING, "aligner"):
        Corpus(path).close()
    assert f"kept as it was in {copy}" in caplog.text
    assert copy.stat().st_mode & 0o777 == 0o640
    assert rows(str(copy), "SELECT version FROM corpus_schema") == [(1,)]
    assert len(rows(str(copy), "SELECT reviewer FROM decisions")) == 5
    assert not list(tmp_path.glob("*.part*"))
    copy.unlink()
    Corpus(path).close()
    assert not copy.exists()


def test_where_no_copy_can_be_made_the_corpus_is_left_as_it_is(tmp_path):
    path = tmp_path / "corpus.db"
    make_old(str(path))
    (tmp_path / "corpus.db.bak-1").mkdir()
    with pytest.raises(CorpusError, match=r"must be copied to .*corpus\.db\.bak-1, which failed .* nothing was changed"):
        Corpus(path)
    assert rows(str(path), "SELECT version FROM corpus_schema") == [(1,)]


def run_python(code, *arguments):
    return subprocess.Popen([sys.executable, "-c", textwrap.dedent(code), *map(str, arguments)], stderr=subprocess.PIPE, text=True)


def test_a_crash_in_the_middle_leaves_the_old_corpus(old):
    crash = """
        import os, signal, sys
        from aligner.corpus import Corpus, migrations
        def crash(connection, version):
            take_steps(connection, version)
            os.kill(os.getpid(), signal.SIGKILL)
        take_steps, migrations._take_steps = migrations._take_steps, crash
        Corpus(sys.argv[1])
    """
    process = run_python(crash, old)
    process.communicate()
    assert process.returncode == -signal.SIGKILL
    assert rows(old, "SELECT version FROM corpus_schema") == [(1,)]
    assert len(rows(old, "SELECT reviewer FROM decisions")) == 5
    with Corpus(old) as corpus:
        assert corpus.stats().nulls == 2


def test_of_two_processes_that_open_an_old_corpus_one_changes_it_and_both_get_it(old):
    code = """
        import logging, sys
        from aligner.corpus import Corpus
        logging.basicConfig()
        assert Corpus(sys.argv[1]).stats().nulls == 2
    """
    processes = [run_python(code, old) for _ in range(3)]
    said = [process.communicate()[1] for process in processes]
    assert [process.returncode for process in processes] == [0, 0, 0], said
    assert sum("made by an earlier aligner" in output for output in said) == 1


def test_who_may_not_change_an_old_corpus_is_told_what_to_do(postgres_server):
    from databases import new_database

    url = new_database(postgres_server)
    make_old(url)
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    guest = f"guest_{os.urandom(4).hex()}"
    with engine.connect() as connection:
        connection.exec_driver_sql(f"CREATE ROLE {guest} LOGIN")
        connection.exec_driver_sql(f"GRANT SELECT, INSERT, UPDATE, DELETE, TRUNCATE ON ALL TABLES IN SCHEMA public TO {guest}")
    engine.dispose()
    as_guest = make_url(url).set(username=guest).render_as_string(hide_password=False)
    with pytest.raises(CorpusError, match=r"must be owner of .*made by an earlier aligner .schema 1. and must be brought to schema 2"):
        Corpus(as_guest)
    assert rows(url, "SELECT version FROM corpus_schema") == [(1,)]


def test_what_was_decided_before_cannot_be_changed_after(old):
    Corpus(old).close()
    engine = create_engine(old if "://" in old else f"sqlite:///{old}")
    with engine.connect() as connection, pytest.raises(DBAPIError, match="decisions are append-only"):
        connection.execute(text("UPDATE decisions SET status = 'rejected'"))
    engine.dispose()
