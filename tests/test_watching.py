"""`aligner batch --watch`: what has settled is taken, what goes wrong in a round does not end it."""

import dataclasses
import gc
import json
import logging
import os
import signal
import subprocess
import sys
import time
import zipfile
from pathlib import Path
from threading import Event

import pytest
from click.testing import CliRunner
from databases import new_database, rows
from toys import ToySettings, write_pairs

from aligner.batch import Batch, Outcome
from aligner.batch.events import tell
from aligner.batch.watching import Trouble, watch
from aligner.cli import machine_log, main
from aligner.corpus import Corpus
from aligner.errors import BatchError

LOOK_S = 0.1


@dataclasses.dataclass
class Looks:
    """Stands in for the event that ends a watch: what is done between looks, and how long it was to be waited for."""

    steps: list
    waits: list = dataclasses.field(default_factory=list)
    is_ended: bool = False

    def wait(self, seconds):
        self.waits.append(seconds)
        if not self.steps:
            return True
        self.steps.pop(0)()
        return self.is_ended

    def is_set(self):
        return self.is_ended

    def set(self):
        self.is_ended = True


def nothing():
    pass


def watched(url, dumps, steps, settings=None, **options):
    """What the rounds did, and the waits; a step is done between two looks."""
    looks = Looks(steps)
    with Corpus(url) as corpus:
        job = Batch(corpus, settings or ToySettings(), executor="serial", **options)
        return list(watch(job, [Path(dump) for dump in dumps], LOOK_S, looks)), looks.waits


@pytest.fixture
def dump(tmp_path):
    write_pairs(tmp_path / "dump", ["one", "two"])
    return tmp_path / "dump"


@pytest.fixture
def corpus(tmp_path):
    return str(tmp_path / "corpus.db")


def append(path, text):
    with path.open("a", encoding="utf-8") as file:
        file.write(text)


def test_there_is_a_round_for_what_is_new_and_none_for_nothing(corpus, dump):
    rounds, _ = watched(corpus, [dump], [nothing, lambda: write_pairs(dump / "new", ["three"]), nothing, nothing])
    assert [(outcome.done_before, outcome.done) for outcome in rounds] == [(0, 2), (2, 1)]


def test_a_file_that_grows_is_not_taken_and_nor_is_its_pair(corpus, dump):
    growing = dump / "one.en.txt"
    rounds, _ = watched(corpus, [dump], [lambda: append(growing, "More.\n"), lambda: append(growing, "And more.\n"), nothing])
    assert [outcome.done for outcome in rounds] == [1, 1]
    assert [outcome.found for outcome in rounds] == [1, 2]
    with Corpus(corpus) as store:
        assert {unit.source_document.rpartition("/")[2] for unit in store.units()} == {"one.fr.txt", "two.fr.txt"}


def test_a_file_of_the_same_size_is_taken_again_where_its_time_tells(corpus, dump):
    def change():
        changed = dump / "one.fr.txt"
        changed.write_text(changed.read_text(encoding="utf-8").replace("Phrase 1", "Phrase 7"), encoding="utf-8")
        os.utime(changed, ns=(0, 10**9))

    rounds, _ = watched(corpus, [dump], [nothing, change, nothing])
    assert [(outcome.done_before, outcome.done) for outcome in rounds][-1] == (1, 1)


def test_what_is_in_an_archive_that_has_settled_is_taken(corpus, tmp_path):
    def put(whole):
        with zipfile.ZipFile(tmp_path / "made.zip", "w") as archive:
            for lang, line in (("fr", "Bonjour."), ("en", "Good morning.")):
                archive.writestr(f"a.{lang}.txt", line)
        if not whole:
            os.truncate(tmp_path / "made.zip", 60)

    steps = [lambda: put(False), lambda: put(True), nothing]
    rounds, _ = watched(corpus, [tmp_path / "made.zip"], steps)
    assert [(outcome.done, outcome.unreadable) for outcome in rounds] == [(1, {})]


def test_a_dump_that_is_not_there_is_waited_for(corpus, dump, tmp_path, caplog):
    rounds, _ = watched(corpus, [dump, tmp_path / "late"], [nothing, lambda: write_pairs(tmp_path / "late", ["three"]), nothing])
    assert [outcome.found for outcome in rounds] == [2, 3]
    (record,) = [record for record in caplog.records if record.levelno == logging.WARNING]
    assert "late" in record.getMessage() and "waited for" in record.getMessage()


def test_a_round_that_finds_another_batch_at_work_is_tried_again_after_longer_and_longer(corpus, dump):
    with Corpus(corpus) as other:
        held = other.alone()
        held.__enter__()
        rounds, waits = watched(corpus, [dump], [nothing, nothing, lambda: held.__exit__(None, None, None), nothing])
    *troubles, outcome = rounds
    assert all(isinstance(trouble, Trouble) and "another batch" in str(trouble.error) for trouble in troubles)
    assert outcome.done == 2
    assert [trouble.wait for trouble in troubles] == [pytest.approx(LOOK_S * 2**n) for n in range(1, len(troubles) + 1)]
    assert waits[1:3] == [trouble.wait for trouble in troubles[:2]]
    assert waits[-1] == LOOK_S, "a round that succeeded ends the longer waits"


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # pg8000 leaves the socket of a refused connection open
def test_a_database_that_goes_and_comes_back_ends_no_watch(postgres_server, dump):
    url = new_database(postgres_server)
    name = url.partition("@/")[2].partition("?")[0]
    elsewhere = new_database(postgres_server)

    def go():
        write_pairs(dump, ["three"])
        rows_of(elsewhere, f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
        rows_of(elsewhere, f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'")

    def come():
        rows_of(elsewhere, f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")

    rounds, _ = watched(url, [dump], [nothing, go, nothing, come, nothing, nothing])
    gc.collect()
    kinds = [type(found) for found in rounds]
    assert kinds[0] is Outcome and Trouble in kinds and kinds[-1] is Outcome
    assert rows(url, "SELECT count(*) FROM ledger WHERE state = 'done'") == [(3,)]


def rows_of(url, statement):
    from sqlalchemy import create_engine, text

    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(statement))
    engine.dispose()


def test_an_encoder_that_is_not_there_ends_the_watch_at_its_first_round(corpus, dump):
    with pytest.raises(BatchError, match="the encoder cannot be loaded"):
        watched(corpus, [dump], [nothing], settings=ToySettings("broken"))


def test_what_is_quarantined_is_tried_again_at_the_first_round_alone(corpus, dump):
    (dump / "bad.txt").write_text("RAISE\n", encoding="utf-8")
    watched(corpus, [dump], [nothing])
    steps = [nothing, lambda: write_pairs(dump, ["three"]), nothing]
    rounds, _ = watched(corpus, [dump], steps, retry_quarantined=True)
    assert [len(outcome.quarantined) for outcome in rounds] == [1, 0]


def test_when_it_is_to_end_what_is_in_flight_is_finished_and_no_more(corpus, dump):
    write_pairs(dump, [f"more{number}" for number in range(10)])
    ending = Event()

    def told(stage, done, _total):
        if stage == "align" and done:
            ending.set()

    with Corpus(corpus) as store:
        job = Batch(store, ToySettings(seconds=0.2), workers=1, progress=told)
        (outcome,) = watch(job, [dump], LOOK_S, ending)
    assert 0 < outcome.done < outcome.to_do == 12
    assert rows(corpus, "SELECT count(*) FROM ledger WHERE state = 'done'") == [(outcome.done,)]
    with Corpus(corpus) as store:
        assert Batch(store, ToySettings()).run([dump]).done == 12 - outcome.done


def aligner(*arguments):
    command = [sys.executable, "-m", "aligner", "batch", *map(str, arguments)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def events(text):
    return [json.loads(line) for line in text.splitlines()]


@pytest.mark.parametrize("ended_by", [signal.SIGINT, signal.SIGTERM])
def test_the_command_watches_until_it_is_told_to_end_and_ends_well(corpus, tmp_path, ended_by):
    (tmp_path / "dump").mkdir()
    (tmp_path / "dump" / "page.txt").write_text("The market opens on Saturday.\n", encoding="utf-8")
    process = aligner(tmp_path / "dump", "--corpus", corpus, "--workers", 1, "--watch", 0.2, "--json", "--log-format", "json")
    assert json.loads(process.stdout.readline())["done"] == 1
    (tmp_path / "dump" / "photo.txt").write_bytes(b"\0\xff\xfe\0" + bytes(range(256)))
    second = json.loads(process.stdout.readline())
    assert (second["done_before"], len(second["quarantined"])) == (1, 1)
    process.send_signal(ended_by)
    stdout, stderr = process.communicate(timeout=30)
    assert (process.returncode, stdout) == (0, ""), stderr
    told = events(stderr)
    expected = ["begun", "planned", "ended", "begun", "planned", "quarantined", "ended"]
    assert [event["event"] for event in told if event["event"] != "progress"] == expected
    (quarantined,) = [event for event in told if event["event"] == "quarantined"]
    assert quarantined["level"] == "warning"
    assert quarantined["name"].endswith("photo.txt") and "no text file" in quarantined["reason"]


def test_a_machine_hears_where_a_stage_is_at_its_beginning_and_then_now_and_then(monkeypatch, capsys):
    monkeypatch.setattr(machine_log, "_LOOK_S", 0.01)
    monkeypatch.setattr(machine_log, "_PROGRESS_S", 0.02)
    said = []
    with machine_log.machine_log() as progress:
        progress("align", 0, 3)
        while len(said) < 3:  # though nothing is done meanwhile
            said += events(capsys.readouterr().err)
        progress("align", 3, 3)
    said += events(capsys.readouterr().err)
    assert {(event["event"], event["stage"], event["total"]) for event in said} == {("progress", "align", 3)}
    assert [event["done"] for event in said] == [0] * (len(said) - 1) + [3]


def test_a_machine_hears_no_more_of_a_stage_whose_round_is_over(monkeypatch, capsys):
    monkeypatch.setattr(machine_log, "_LOOK_S", 0.01)
    monkeypatch.setattr(machine_log, "_PROGRESS_S", 0.02)
    with machine_log.machine_log() as progress:
        progress("align", 1, 3)
        tell("trouble", reason="the disk is full", wait=1)
        assert progress.facts() == {}
        before = capsys.readouterr().err
        time.sleep(0.1)
        assert (events(before)[-1]["event"], capsys.readouterr().err) == ("trouble", "")


def test_a_machine_reads_why_a_batch_failed(corpus, tmp_path):
    process = aligner(tmp_path / "missing", "--corpus", corpus, "--log-format", "json")
    stdout, stderr = process.communicate(timeout=60)
    (event,) = events(stderr)
    assert (process.returncode, stdout, event["level"], event["event"]) == (1, "", "error", "failed")
    assert "there is no such file or folder" in event["reason"]


def test_a_dump_that_is_taken_for_seconds_is_told_where_to_stand(dump, corpus):
    result = CliRunner().invoke(main, ["batch", "--watch", str(dump), "--corpus", corpus])
    assert result.exit_code == 2
    assert "Put --watch after the dumps" in result.stderr
