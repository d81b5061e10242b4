"""Poison in every kind of input of a batch: each is quarantined with its reason, and everything else is done."""

import gzip
import json
import zipfile
from pathlib import Path

import pytest
import toys
from click.testing import CliRunner
from crawls import crawl, html, record
from databases import rows
from dying import beads

from aligner.batch import Batch, Limits, guarding
from aligner.cli import main
from aligner.corpus import Corpus

LATE, LARGE = "it took longer than 3 s", "it took more than 400 MB of memory"
SEGMENTATION, EXIT = "its process died (SIGSEGV)", "its process died (exit code 7)"
ORDERS = {
    "READER HANG": LATE,  # asleep, and ignores SIGTERM
    "READER NATIVE": LATE,
    "READER CRASH": SEGMENTATION,
    "READER HOG": LARGE,
    "READER EXIT": EXIT,
    "LOOP": LATE,
    "NATIVE": LATE,
    "CRASH": SEGMENTATION,
    "RAISE": "a parser gave up",
}
"""What texts do to the process that reads them, or to the one that aligns them, and what is to be said of it."""
FILES = {
    "cut.txt.gz": "damaged or cut short",
    "binary.txt": "it is no text file",
    "line.txt.gz": "holds more than 33,554,432 bytes unpacked",
    "nested.html": "Excessive depth in document",
    "bomb.zip": "unpacks to more than",
    "broken.tar.gz": "the archive is damaged",
}
"""What is wrong with files, and what is to be said of it."""
NAMES = [f"good{number}" for number in range(20)]


@pytest.fixture
def dump(tmp_path):
    """Twenty good pairs, ten good pages, two good pages in an archive, two in a crawl; and poison."""
    folder = tmp_path / "dump"
    toys.write_pairs(folder, NAMES)
    for number in range(10):
        (folder / f"page{number}.txt").write_text(f"Page {number}.\nLa page {number}.\n", encoding="utf-8")
    _zipped(folder / "good.zip", {"first.txt": b"First.\n", "second.txt": b"Second.\n"})
    crawl(folder / "good.warc", *(record(f"https://example.org/{name}", html(f"The page {name}.")) for name in ("a", "b")))
    for order in ORDERS:
        (folder / f"{order}.txt").write_text(f"{order}\n", encoding="utf-8")
    (folder / "cut.txt.gz").write_bytes(gzip.compress(b"A page.\n" * 500)[:40])
    (folder / "binary.txt").write_bytes(b"\0\xff\xfe\0" + bytes(range(256)))
    (folder / "line.txt.gz").write_bytes(gzip.compress(b"a" * (toys.MOST_READ + 1)))
    (folder / "nested.html").write_text("<div>" * 200_000 + "Deep." + "</div>" * 200_000, encoding="utf-8")
    _zipped(folder / "bomb.zip", {"a.txt": bytes(100 << 20)})
    (folder / "broken.tar.gz").write_bytes(b"\x1f\x8b no archive")
    return folder


def _zipped(path, members):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, data in members.items():
            packed.writestr(name, data)
    return path


def test_all_poison_of_a_run_is_quarantined_and_everything_else_is_in_the_corpus(corpus, dump, monkeypatch):
    monkeypatch.setattr("aligner.batch.Settings", lambda *_: toys.ToySettings())
    monkeypatch.setattr("aligner.batch.running.Reading", toys.SufferingReading)

    def run(*options):
        command = "batch", str(dump), "--corpus", corpus, "--workers", "2", "--timeout", "3", "--memory", "400", "--json"
        result = CliRunner().invoke(main, [*command, *options])
        return result.exit_code, json.loads(result.stdout)

    exit_code, said = run()
    assert exit_code == 1
    assert (said["found"], said["done"], said["unreadable"]) == (47, 34, {})
    reasons = {Path(name).name: reason for name, reason in said["quarantined"].items()}
    assert {f"{name}.txt": reasons.pop(f"{name}.txt") for name in ORDERS} == {f"{name}.txt": reason for name, reason in ORDERS.items()}
    assert {name for name, reason in FILES.items() if reason not in reasons.pop(name)} == set()
    assert reasons == {}
    assert rows(corpus, "SELECT attempts, count(*) FROM ledger WHERE state = 'quarantined' GROUP BY attempts") == [(2, 15)]
    held = {Path(name).name for (name,) in rows(corpus, "SELECT name FROM documents")}
    pairs = {f"{name}.{lang}.txt" for name in NAMES for lang in ("fr", "en")}
    assert held == {*pairs, *(f"page{number}.txt" for number in range(10)), "first.txt", "second.txt", "a", "b"}

    before = beads(corpus)
    exit_code, again = run()
    assert (exit_code, again["done_before"], again["to_do"], again["quarantined"], again["unreadable"]) == (0, 34, 0, {}, {})
    assert again["quarantined_before"] == said["quarantined"]
    assert beads(corpus) == before


def batch(url, dump, *, weights="w1", dry=False, retry=False):
    with Corpus(url) as corpus:
        limits = Limits(seconds=20.0)
        return Batch(corpus, toys.ToySettings(weights), limits=limits, retry_quarantined=retry).run([dump], dry=dry)


@pytest.fixture
def corpus(tmp_path):
    return str(tmp_path / "corpus.db")


@pytest.fixture
def archives(tmp_path, monkeypatch):
    """One that is good, one that is damaged, and a crawl that is none."""
    monkeypatch.setenv("ALIGNER_CACHE", str(tmp_path / "cache"))  # where what archives hold is remembered
    folder = tmp_path / "archives"
    folder.mkdir()
    _zipped(folder / "good.zip", {"first.txt": b"First.\n"})
    (folder / "bad.zip").write_bytes(b"PK no archive")
    (folder / "bad.warc").write_bytes(b"no crawl")
    return folder


def opened(monkeypatch):
    """The names of the archives that are given to processes to unpack, as they are."""
    names = []

    def tried(guarded, task):
        names.append(task[0].name)
        return guarding.tried(guarded, task)

    monkeypatch.setattr("aligner.batch.archives.tried", tried)
    return names


def test_a_bad_archive_is_quarantined_and_not_unpacked_again_until_it_is_told(url, archives, monkeypatch):
    names = opened(monkeypatch)
    first = batch(url, archives)
    assert (first.done, first.unreadable, {Path(name).name for name in first.quarantined}) == (1, {}, {"bad.zip", "bad.warc"})
    assert rows(url, "SELECT count(*), sum(attempts) FROM ledger WHERE state = 'quarantined'") == [(2, 4)]
    names.clear()
    (archives / "bad.zip").rename(archives / "renamed.zip")
    second = batch(url, archives)
    assert (names, second.quarantined, second.done_before) == ([], {}, 1)
    known = {Path(name).name: reason for name, reason in second.quarantined_before.items()}
    assert known == {name.replace("bad.zip", "renamed.zip"): why for name, why in _by_file(first.quarantined).items()}
    names.clear()
    assert len(batch(url, archives, retry=True).quarantined) == 2
    assert sorted(names) == ["bad.warc", "renamed.zip"]
    assert len(batch(url, archives, weights="w2").quarantined) == 2, "another configuration, under which it may be read"


def _by_file(found):
    return {Path(name).name: reason for name, reason in found.items()}


def test_an_archive_that_can_be_unpacked_after_all_leaves_the_quarantine(corpus, archives, monkeypatch):
    with monkeypatch.context() as patched:
        patched.setattr("aligner.batch.archives.tried", lambda _guarded, _packed: guarding.Result(None, "its process died (SIGKILL)"))
        assert len(batch(corpus, archives).quarantined) == 3
    assert len(batch(corpus, archives).quarantined_before) == 3
    again = batch(corpus, archives, retry=True)
    assert (again.done, len(again.quarantined)) == (1, 2)
    after = batch(corpus, archives)
    assert (after.done_before, len(after.quarantined_before)) == (1, 2)


def test_an_archive_that_is_still_being_written_is_not_quarantined(corpus, archives, monkeypatch):
    def tried(guarded, task):
        result = guarding.tried(guarded, task)
        if task[0].name == "bad.zip":
            _zipped(task[0], {"page.txt": b"A page.\n"})
        return result

    with monkeypatch.context() as patched:
        patched.setattr("aligner.batch.archives.tried", tried)
        outcome = batch(corpus, archives)
    assert list(_by_file(outcome.unreadable)) == ["bad.zip"]
    assert "it changed while it was unpacked" in _by_file(outcome.unreadable)["bad.zip"]
    assert batch(corpus, archives).done == 1


def test_a_dry_run_tells_of_bad_archives_and_quarantines_none(corpus, archives):
    Corpus(corpus).close()
    assert set(_by_file(batch(corpus, archives, dry=True).unreadable)) == {"bad.zip", "bad.warc"}
    assert rows(corpus, "SELECT count(*) FROM ledger") == [(0,)]


def test_a_bad_archive_with_a_wrong_name_is_tried_again_under_a_better_one(corpus, tmp_path):
    packed = _zipped(tmp_path / "page.txt", {"first.txt": b"First.\n"})
    assert len(batch(corpus, packed).quarantined) == 1
    assert batch(corpus, packed.rename(tmp_path / "page.zip")).done == 1
