"""`aligner batch`: what is done once is not done again, whatever happens meanwhile."""

import gzip
import io
import json
import os
import random
import re
import signal
import subprocess
import sys
import tarfile
import textwrap
import time
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner
from databases import new_database, rows
from dying import beads, children, content, disturbed
from toys import ToySettings, suffer, write_pairs

from aligner.batch import Batch, Limits, Outcome
from aligner.batch.configuration import Settings
from aligner.batch.guarding import Guarded, release
from aligner.batch.unpacking import unpack
from aligner.cli import main
from aligner.cli.batch_summary import lines_of
from aligner.corpus import Corpus
from aligner.errors import BatchError, CorpusError, InputError

FRENCH = ["L’eau sera coupée mardi de neuf heures à midi.", "Le marché aux fleurs ouvrira samedi sur la place."]
ENGLISH = ["The water will be turned off on Tuesday from nine to noon.", "The flower market will open on Saturday in the square."]
QUICK = Limits(seconds=4.0, memory=600 << 20)
NAMES = [f"doc{number}" for number in range(6)]


def batch(url, *dumps, settings=None, dry=False, **options):
    with Corpus(url) as corpus:
        return Batch(corpus, settings or ToySettings(), **options).run([Path(dump) for dump in dumps], dry=dry)


@pytest.fixture
def dump(tmp_path):
    write_pairs(tmp_path / "dump", NAMES)
    return tmp_path / "dump"


@pytest.fixture
def corpus(tmp_path):
    return str(tmp_path / "corpus.db")


def test_a_second_run_does_nothing_and_a_renamed_file_is_known(url, dump):
    first = batch(url, dump, workers=2)
    assert (first.found, first.to_do, first.done, first.new_units) == (6, 6, 6, 18)
    before = beads(url)
    for name in ("doc0.fr.txt", "doc0.en.txt"):
        (dump / name).rename(dump / name.replace("doc0", "other"))
    second = batch(url, dump)
    assert (second.found, second.done_before, second.to_do, second.done) == (6, 6, 0, 0)
    assert beads(url) == before
    assert rows(url, "SELECT count(*), count(DISTINCT digest), sum(units) FROM ledger WHERE state = 'done'") == [(6, 6, 18)]


def test_only_what_is_new_is_done(corpus, dump):
    batch(corpus, dump)
    write_pairs(dump, ["another"])
    outcome = batch(corpus, dump)
    assert (outcome.done_before, outcome.done, outcome.new_units) == (6, 1, 3)


def test_a_changed_document_is_aligned_again_and_its_decisions_stay(corpus, dump):
    batch(corpus, dump)
    with Corpus(corpus) as store:
        unit = next(unit for unit in store.units() if unit.source == "Phrase 1 of doc0.")
        store.decide(unit, "accepted", reviewer="Ada")
    changed = dump / "doc0.fr.txt"
    changed.write_text(changed.read_text(encoding="utf-8").replace("Phrase 2", "Proposition 2"), encoding="utf-8")
    outcome = batch(corpus, dump)
    assert (outcome.done_before, outcome.done, outcome.new_units) == (5, 1, 1)
    with Corpus(corpus) as store:
        assert [found.source for found in store.units(status="accepted")] == [unit.source]
        assert store.stats().superseded == 1
        assert not any(found.source == "Phrase 2 of doc0." for found in store.units())


def test_a_document_that_is_changed_back_is_what_it_was(corpus, dump):
    batch(corpus, dump)
    before = current(corpus)
    text = (dump / "doc3.en.txt").read_text(encoding="utf-8")
    (dump / "doc3.en.txt").write_text(text.replace("Sentence 2", "Another"), encoding="utf-8")
    assert batch(corpus, dump).done == 1
    assert current(corpus) != before
    (dump / "doc3.en.txt").write_text(text, encoding="utf-8")
    assert batch(corpus, dump).done == 1
    assert current(corpus) == before
    assert batch(corpus, dump).done == 0


def current(url):
    with Corpus(url) as corpus:
        return sorted((unit.source, unit.target) for unit in corpus.units())


def test_other_weights_leave_what_was_done_until_it_is_to_be_done_again(corpus, dump):
    batch(corpus, dump)
    before = beads(corpus)
    left = batch(corpus, dump, settings=ToySettings("w2"))
    assert (left.done_otherwise, left.done_before, left.to_do) == (6, 0, 0)
    assert beads(corpus) == before
    again = batch(corpus, dump, settings=ToySettings("w2"), redo=True)
    assert (again.done, again.new_units) == (6, 0)
    assert {row[4] for row in beads(corpus)} == {"w2"}
    assert batch(corpus, dump, settings=ToySettings("w2")).done_before == 6


def test_a_dry_run_says_what_is_to_do_and_writes_nothing(corpus, dump):
    outcome = batch(corpus, dump, dry=True)
    assert (outcome.to_do, outcome.done) == (6, 0)
    assert rows(corpus, "SELECT (SELECT count(*) FROM ledger) + (SELECT count(*) FROM documents)") == [(0,)]
    batch(corpus, dump)
    before = content(corpus)
    write_pairs(dump / "moved", NAMES[:1])  # a further place of what was done, which a batch would write down
    write_pairs(dump, ["new"])
    assert (batch(corpus, dump, dry=True).to_do, content(corpus)) == (1, before)


def test_the_same_bytes_twice_are_done_once(corpus, dump, tmp_path):
    write_pairs(tmp_path / "copy", NAMES)
    assert batch(corpus, dump, tmp_path / "copy").found == 6


def test_a_page_without_translations_is_done(corpus, tmp_path):
    (tmp_path / "page.txt").write_text("Only this.", encoding="utf-8")
    assert (batch(corpus, tmp_path / "page.txt").done, batch(corpus, tmp_path / "page.txt").done_before) == (1, 1)


HOLDING = """
    from aligner.corpus import Corpus
    with Corpus(sys.argv[1]) as corpus, corpus.alone():
        print("held", flush=True)
        sys.stdin.read()
"""
RUNNING = """
    from pathlib import Path
    from aligner.batch import Batch
    from toys import ToySettings
    from aligner.corpus import Corpus
    if __name__ == "__main__":
        with Corpus(sys.argv[1]) as corpus:
            told = lambda stage, done, total: print(done, flush=True)
            Batch(corpus, ToySettings(seconds=float(sys.argv[3])), workers=2, progress=told).run([Path(sys.argv[2])])
"""


def started(code, *arguments):
    folder = str(Path(__file__).parent)
    command = [sys.executable, "-c", f"import sys; sys.path.insert(0, {folder!r})\n{textwrap.dedent(code)}", *map(str, arguments)]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def test_a_second_batch_is_refused_until_the_first_is_gone_however_it_goes(url, dump):
    Corpus(url).close()
    first = started(HOLDING, url)
    assert first.stdout.readline() == "held\n"
    with pytest.raises(CorpusError, match="another batch is at work on the corpus"):
        batch(url, dump)
    assert batch(url, dump, dry=True).to_do == 6
    first.kill()
    first.communicate()
    end = time.monotonic() + 5  # a server takes a moment to notice
    while True:
        try:
            assert batch(url, dump).done == 6
            return
        except CorpusError:
            assert time.monotonic() < end
            time.sleep(0.05)


def test_a_corpus_has_one_lock_whichever_link_leads_to_it(corpus, dump, tmp_path):
    Corpus(corpus).close()
    (tmp_path / "link.db").symlink_to(corpus)
    with Corpus(corpus) as store, store.alone(), pytest.raises(CorpusError, match="another batch"):
        batch(str(tmp_path / "link.db"), dump)


def is_alive(pid):
    try:
        return "State:\tZ" not in Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    except FileNotFoundError:
        return False


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="looks for processes in /proc")
def test_whatever_is_killed_the_next_run_makes_the_same_corpus(url, dump, tmp_path):
    chance = random.Random(7)
    write_pairs(dump, [f"more{number}" for number in range(30)])
    killed = [disturbed(url, dump, victim, chance) for victim in ("transaction", "driver", "process", "hand-over", "transaction")]
    assert killed.count(True) >= 3
    end = batch(url, dump)
    assert (end.found, len(end.quarantined)) == (36, 0)
    batch(str(tmp_path / "undisturbed.db"), dump)
    assert content(url) == content(str(tmp_path / "undisturbed.db"))
    assert not list((Path(os.environ["ALIGNER_CACHE"]) / "batch").iterdir())


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="looks for processes in /proc")
def test_processes_end_with_their_batch_whatever_they_are_at(corpus, dump):
    process = started(RUNNING, corpus, dump, 60)
    while len(children(process.pid)) < 4:  # a tracker of multiprocessing's, and at least one that reads and two that align
        time.sleep(0.05)
    workers = children(process.pid)
    time.sleep(3)  # now they are aligning
    process.kill()
    process.wait()
    end = time.monotonic() + 15  # one that is still importing ends when it has begun
    while left := [worker for worker in workers if is_alive(worker)]:
        assert time.monotonic() < end, f"{left} outlive their batch"
        time.sleep(0.05)
    process.communicate()  # which waits for them, for they have its pipes


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="looks for processes in /proc")
def test_ctrl_c_says_one_line_even_while_processes_begin(corpus, dump):
    command = [sys.executable, "-m", "aligner", "batch", str(dump), "--corpus", corpus, "--workers", "2"]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, start_new_session=True)
    while len(children(process.pid)) < 3:
        time.sleep(0.01)
    time.sleep(0.3)  # they are importing
    os.killpg(process.pid, signal.SIGINT)
    said = process.communicate(timeout=20)[1]
    assert re.fullmatch(r"Interrupted; (nothing was aligned yet|0 of 6 are done)[^\n]*\n", said)
    assert process.returncode == 130


def test_ctrl_c_says_how_many_are_done_and_that_the_same_command_goes_on(corpus, dump, monkeypatch):
    run_ = Batch.run

    def interrupted(self, dumps, *, dry):
        progress = self.progress

        def told(stage, done, total):
            progress(stage, done, total)
            if stage == "align" and done == 2:
                raise KeyboardInterrupt

        return run_(replace(self, settings=ToySettings(), progress=told), dumps, dry=dry)

    monkeypatch.setattr(Batch, "run", interrupted)
    result = CliRunner().invoke(main, ["batch", str(dump), "--corpus", corpus, "--workers", "1"])
    assert result.exit_code == 130
    assert "Interrupted; 2 of 6 are done and in the corpus. The same command goes on with the rest.\n" in result.stderr
    assert rows(corpus, "SELECT count(*) FROM ledger") == [(2,)]


def test_a_lost_database_ends_the_batch_and_quarantines_nothing(postgres_server, dump):
    url = new_database(postgres_server)

    def told(_stage, done, _total):
        if done == 2:
            others = "WHERE datname = current_database() AND pid <> pg_backend_pid()"
            rows(url, f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity {others}")

    with pytest.raises(CorpusError, match="failed"):
        batch(url, dump, progress=told)
    outcome = batch(url, dump)
    assert (outcome.done_before, outcome.done, outcome.quarantined) == (2, 4, {})


def obeying():
    return obey


def obey(orders, at):
    for number, order in enumerate(orders):
        at(number, 1)
        suffer(order)
    return orders


@pytest.fixture
def guarded():
    def made(start, *arguments):
        return Guarded(start, arguments, QUICK, "test")

    yield made
    release("test")


def test_what_a_task_does_to_its_process_is_its_own_failure(guarded):
    tasks = ["HANG", "CRASH", "HOG", "EXIT", "RAISE", None, "fine"]
    found = {task: guarded(obeying)([None, task]) for task in tasks}
    assert {task: result.failure for task, result in found.items()} == {
        "HANG": "it took longer than 4 s",
        "CRASH": "its process died (SIGSEGV)",
        "HOG": "it took more than 600 MB of memory",
        "EXIT": "its process died (exit code 7)",
        "RAISE": "a parser gave up",
        None: "",
        "fine": "",
    }
    assert {result.at for result in found.values()} == {1}, "the part of the task that it was at"
    assert found["fine"].value == [None, "fine"]


def test_each_part_of_a_task_has_the_time_that_one_document_may_take(guarded):
    assert guarded(sleeping)([2.5, 2.5]).failure == ""
    assert guarded(sleeping)([2.5, 6]).failure == "it took longer than 4 s"


def sleeping():
    return sleep


def sleep(seconds, at):
    for number, each in enumerate(seconds):
        at(number, 1)
        time.sleep(each)


def unable(how):
    if how == "dies":
        os._exit(3)
    raise ValueError("no encoder")


@pytest.mark.parametrize(("how", "why"), [("raises", "^no encoder$"), ("dies", r"could not begin, 2 times in a row.*exit code 3")])
def test_processes_that_cannot_begin_end_the_batch_with_one_error(guarded, how, why):
    with pytest.raises(BatchError, match=why):
        guarded(unable, how)("task")


def test_nothing_is_quarantined_where_the_encoder_cannot_be_loaded(corpus, dump):
    with pytest.raises(BatchError, match="the encoder cannot be loaded"):
        batch(corpus, dump, settings=ToySettings("broken"))
    assert rows(corpus, "SELECT count(*) FROM ledger") == [(0,)]


def test_what_fails_is_quarantined_and_the_rest_is_done(corpus, dump):
    for order in ("CRASH", "RAISE"):
        (dump / f"{order}.txt").write_text(f"{order}\n", encoding="utf-8")
    outcome = batch(corpus, dump)
    assert outcome.done == 6
    assert {Path(name).stem: reason for name, reason in outcome.quarantined.items()} == {
        "CRASH": "its process died (SIGSEGV)",
        "RAISE": "a parser gave up",
    }
    assert rows(corpus, "SELECT DISTINCT attempts FROM ledger WHERE state = 'quarantined'") == [(2,)]
    left = batch(corpus, dump)
    assert (len(left.quarantined_before), left.quarantined, left.to_do) == (2, {}, 0)
    tried = batch(corpus, dump, retry_quarantined=True)
    assert (tried.to_do, len(tried.quarantined), tried.done) == (2, 2, 0)


@pytest.mark.parametrize("executor", ["serial", "dask"])
def test_every_executor_makes_the_same_corpus(tmp_path, dump, executor):
    if executor == "dask":
        (dump / "CRASH.txt").write_text("CRASH\n", encoding="utf-8")
    (dump / "RAISE.txt").write_text("RAISE\n", encoding="utf-8")
    outcomes = [batch(str(tmp_path / f"{name}.db"), dump, executor=name, workers=2) for name in (executor, "processes")]
    assert outcomes[0] == outcomes[1]
    assert content(str(tmp_path / f"{executor}.db")) == content(str(tmp_path / "processes.db"))


def test_one_that_crashes_in_a_group_is_alone_to_blame(corpus, tmp_path):
    lines = ["CRASH" if number == 20 else f"Page {number}." for number in range(40)]
    for number, line in enumerate(lines):
        (tmp_path / f"page{number:02}.txt").write_text(f"{line}\n", encoding="utf-8")
    outcome = batch(corpus, tmp_path)
    assert (outcome.done, list(outcome.quarantined.values())) == (39, ["its process died (SIGSEGV)"])
    assert rows(corpus, "SELECT state, max(attempts) FROM ledger GROUP BY state ORDER BY state") == [("done", 1), ("quarantined", 2)]


def test_progress_counts_what_went_through_and_reaches_its_end(corpus, dump):
    write_pairs(dump, [f"doc{number}" for number in range(40)])  # so many that a group has several
    (dump / "RAISE.txt").write_text("RAISE\n", encoding="utf-8")
    (dump / "bad.zip").write_bytes(b"PK no archive")
    told = []
    outcome = batch(corpus, dump, progress=lambda *what: told.append(what))
    assert len(outcome.quarantined) == 2
    aligned = [(done, total) for stage, done, total in told if stage == "align"]
    assert [total for _, total in aligned] == [41] * len(aligned)
    assert [done for done, _ in aligned] == sorted(done for done, _ in aligned)
    assert (aligned[0], told[-1]) == ((0, 41), ("align", 41, 41))


def test_the_summary_names_what_was_quarantined_before_and_how_to_retry():
    before = {f"cassee{number:02}.zip": f"cassee{number:02}.zip: it is damaged" for number in range(23)}
    lines = lines_of(Outcome(found=1, quarantined_before=before), ("dump",), dry_run=False)
    assert "  quarantined  23 before, and left alone (--retry-quarantined tries them again):" in lines
    assert "  before       cassee07.zip: it is damaged" in lines
    assert lines[-1] == "  before       and 3 more, which --json names"


def test_what_holds_no_text_is_done_and_counted(tmp_path):
    folder, corpus = tmp_path / "in", tmp_path / "corpus.db"
    folder.mkdir()
    for name, text in (("a.txt", ""), ("b.txt", " \n\n"), ("c.html", "<p></p>")):
        (folder / name).write_text(text, encoding="utf-8")
    result = cli(folder, "--corpus", corpus, "--executor", "serial")
    assert result.exit_code == 0
    assert "done         3, 0 new units\n  empty        3 of these, which hold no text" in result.stderr


def test_a_text_that_the_database_cannot_hold_is_quarantined(url, tmp_path):
    (tmp_path / "page.txt").write_bytes("A page with\0 a character that PostgreSQL does not hold.\n".encode("utf-16"))
    outcome = batch(url, tmp_path / "page.txt")
    assert outcome.done + len(outcome.quarantined) == 1
    assert len(outcome.quarantined) == ("://" in url)


def archived(path, files):
    """A zip or tar archive of these names and contents."""
    if path.suffix == ".zip":
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
            for name, data in files:
                packed.writestr(name, data)
        return path
    with tarfile.open(path, "w:gz" if path.suffix == ".gz" else "w") as packed:
        for name, data in files:
            member = tarfile.TarInfo(name)
            member.size = len(data)
            packed.addfile(member, io.BytesIO(data))
    return path


@pytest.mark.parametrize("kind", ["zip", "tar", "tar.gz"])
def test_archives_are_dumps_and_so_are_those_in_folders(corpus, tmp_path, kind):
    folder = tmp_path / "in"
    folder.mkdir()
    files = [("a.fr.txt", b"Un.\n"), ("a.en.txt", b"One.\n"), (".hidden.txt", b"x"), ("../out.txt", b"x"), ("logo.png", b"\x89")]
    inner = archived(tmp_path / "inner.zip", [("b.txt", b"Page.\n")])
    archived(folder / f"dump.{kind}", [*files, ("inner.zip", inner.read_bytes())])
    outcome = batch(corpus, folder)
    assert (outcome.found, outcome.done, outcome.passed_over) == (1, 1, {".png": 1})
    assert "an archive in an archive" in outcome.quarantined[f"{folder.as_posix()}/dump.{kind}/inner.zip"]
    assert beads(corpus)[0][:2] == (f"{folder.as_posix()}/dump.{kind}/a.fr.txt", f"{folder.as_posix()}/dump.{kind}/a.en.txt")
    assert not (tmp_path / "out.txt").exists()


TEXT = [("a.txt", b"A page.\n" * 5000), ("b.txt", bytes(range(256)) * 40)]


def test_an_archive_that_is_cut_short_anywhere_is_never_taken_for_whole(tmp_path):
    for kind in ("zip", "tar", "tar.gz"):
        whole = archived(tmp_path / f"whole.{kind}", TEXT)
        unpack(whole, tmp_path / "whole")
        data = whole.read_bytes()
        ends = set(random.Random(3).sample(range(1, len(data)), 30)) | {1, len(data) - 1}
        if kind == "tar":
            between = 512 + 40448  # after the first file, whose length is rounded up to blocks
            ends = {end for end in ends if end < between + 512 + 10240} | {512, between, between + 512}
        for end in ends:
            cut = tmp_path / f"cut.{kind}"
            cut.write_bytes(data[:end])
            with pytest.raises(InputError, match="damaged"):
                unpack(cut, tmp_path / "cut")


def test_an_archive_with_a_changed_byte_is_refused_or_unpacked_right(tmp_path):
    for kind in ("zip", "tar.gz"):
        data = archived(tmp_path / f"whole.{kind}", TEXT).read_bytes()
        for place in random.Random(4).sample(range(len(data)), 60):
            changed = tmp_path / f"changed.{kind}"
            changed.write_bytes(data[:place] + bytes([data[place] ^ 0x55]) + data[place + 1 :])
            folder = tmp_path / "changed"
            try:
                unpack(changed, folder)
            except InputError:
                continue
            # A zip archive has no checksum of its names: one may have become hidden.
            assert {path.read_bytes() for path in folder.rglob("*") if path.is_file()} <= {data for _, data in TEXT}


@pytest.mark.parametrize("name", ["bomb.zip", "bomb.tar.gz", "hidden.tar.gz"])
def test_a_bomb_is_stopped_while_it_unpacks(tmp_path, name):
    member = ".a.txt" if name.startswith("hidden") else "a.txt"
    bomb = archived(tmp_path / name, [(member, bytes(100 << 20))])
    with pytest.raises(InputError, match="unpacks to more than"):
        unpack(bomb, tmp_path / "room")
    assert sum(path.stat().st_size for path in (tmp_path / "room").rglob("*")) < 30 << 20


def test_an_archive_that_lies_about_a_size_is_refused(tmp_path):
    archive = archived(tmp_path / "a.zip", [("a.txt", b"A page.\n" * 5000)])
    data = archive.read_bytes()
    archive.write_bytes(data.replace((40_000).to_bytes(4, "little"), (4_000).to_bytes(4, "little")))
    with pytest.raises(InputError, match="damaged"):
        unpack(archive, tmp_path / "room")


def test_a_file_that_changes_while_it_is_read_is_not_taken_for_done(corpus, tmp_path):
    from aligner.batch.items import Item
    from aligner.batch.stages import Reading, Task

    path = tmp_path / "page.txt"
    path.write_text("One.\n", encoding="utf-8")
    item = Item(("page.txt",), (path,))
    task = Task(item.digest(), item)
    path.write_text("O", encoding="utf-8")
    assert "changed while it was read" in Reading(tmp_path)((task,), lambda _part, _parts: None).failures[0]


def cli(*arguments):
    return CliRunner().invoke(main, ["batch", *map(str, arguments)])


def test_bad_files_are_named_with_their_reasons_and_the_exit_code_says_so(tmp_path):
    folder, corpus = tmp_path / "in", tmp_path / "corpus.db"
    folder.mkdir()
    (folder / "notice.fr.txt").write_text("\n".join(FRENCH), encoding="utf-8")
    (folder / "notice.en.txt").write_text("\n".join(ENGLISH), encoding="utf-8")
    (folder / "cut.txt.gz").write_bytes(gzip.compress(b"A page.\n" * 500)[:40])
    (folder / "noise.txt").write_bytes(b"\0\xff\xfe\0" + bytes(range(256)))
    archived(folder / "bomb.zip", [("a.txt", bytes(100 << 20))])
    (folder / "broken.tar.gz").write_bytes(b"\x1f\x8b no archive")
    (folder / "photo.jpg").write_bytes(b"\xff\xd8")
    dry = cli(folder, "--corpus", corpus, "--dry-run")
    assert "to do        3" in dry.stderr
    assert not corpus.exists()
    result = cli(folder, "--corpus", corpus, "--workers", 1, "--json")
    assert result.exit_code == 1, result.stderr
    said = json.loads(result.stdout)
    assert (said["done"], said["new_units"], said["passed_over"]) == (1, 2, {".jpg": 1})
    reasons = {Path(name).name: reason for name, reason in said["quarantined"].items()}
    for name, reason in {
        "cut.txt.gz": "damaged or cut short",
        "noise.txt": "no text file",
        "bomb.zip": "unpacks to more than",
        "broken.tar.gz": "the archive is damaged",
    }.items():
        assert reason in reasons.pop(name)
    assert not reasons
    with Corpus(corpus) as store:
        assert {unit.source for unit in store.units()} == set(FRENCH)
    again = cli(folder, "--corpus", corpus)
    assert again.exit_code == 0, again.stderr
    assert "quarantined  4 before" in again.stderr


def test_a_file_that_cannot_be_read_is_said_and_the_rest_goes_on(corpus, dump):
    secret = dump / "secret.txt"
    secret.write_text("Page.\n", encoding="utf-8")
    secret.chmod(0)
    if os.access(secret, os.R_OK):  # one who may read everything
        secret = Path("/proc/self/mem")
    outcome = batch(corpus, dump, secret)
    assert "cannot be read" in outcome.unreadable[secret.as_posix()]
    assert outcome.done >= 6


def test_a_missing_dump_is_an_error_before_anything_is_done(corpus, dump):
    result = cli(dump, dump / "nowhere", "--corpus", corpus)
    assert result.exit_code == 1
    assert "nowhere: there is no such file or folder" in result.stderr
    assert cli(dump / "nowhere", "--corpus", dump / "new.db").exit_code == 1
    assert not (dump / "new.db").exists()


def test_the_configuration_is_the_encoder_the_weights_and_the_languages(tmp_path):
    folder = tmp_path / "encoder"
    folder.mkdir()
    (folder / "model.bin").write_bytes(b"1")
    known = {Settings().configuration(), Settings("de").configuration(), Settings(encoder=str(folder)).configuration()}
    (folder / "model.bin").write_bytes(b"2")
    assert Settings(encoder=str(folder)).configuration() not in known
    assert len(known) == 3
    assert Settings().configuration() == Settings(encoder="use-multilingual-v3").configuration()


def test_what_is_to_be_done_is_told_without_loading_an_encoder(corpus, dump):
    code = """
        from pathlib import Path
        from aligner.batch import Batch
        from aligner.corpus import Corpus
        with Corpus(sys.argv[1]) as corpus:
            assert Batch(corpus).run([Path(sys.argv[2])], dry=True).to_do == 6
        assert "torch" not in sys.modules
    """
    process = started(code, corpus, dump)
    process.communicate()
    assert process.returncode == 0
