"""Archives and crawls are unpacked once: what they hold is remembered, and their files are there again where somebody needs them."""

import json
import os
import zipfile
from pathlib import Path

import pytest
from click.testing import CliRunner
from crawls import crawl, html, record
from databases import rows
from dying import beads, content
from toys import ToySettings

from aligner.batch import Batch, Limits, guarding
from aligner.batch import archives as opening
from aligner.batch import contents as remembering
from aligner.cli import main
from aligner.corpus import Corpus

SITE, OTHER_SITE = "https://example.org", "https://example.com"


@pytest.fixture(autouse=True)
def memory(tmp_path, monkeypatch):
    """The folder in which what archives hold is remembered, empty."""
    monkeypatch.setenv("ALIGNER_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache" / "archives"


@pytest.fixture
def opened(monkeypatch):
    """The names of the archives that are unpacked, as they are."""
    names = []

    def tried(guarded, task):
        names.append(task[0].name)
        return guarding.tried(guarded, task)

    monkeypatch.setattr(opening, "tried", tried)
    return names


@pytest.fixture
def dump(tmp_path):
    """An archive with a pair, a page, a crawl and a picture; a crawl with a page; a page a line."""
    folder = tmp_path / "dump"
    inner = crawl(tmp_path / "inner.warc.gz", record(f"{SITE}/fr/a", html("Un.", "fr")))
    files = {"a.fr.txt": b"Deux.\n", "a.en.txt": b"Two.\n", "page.txt": b"Page.\n", "logo.png": b"\x89"}
    files["inner.warc.gz"] = inner.read_bytes()
    crawl(folder / "outer.warc.gz", record(OTHER_SITE, html("Seul.")))
    (folder / "lines.jsonl").write_text(json.dumps({"id": "x", "text": "Rien."}) + "\n", encoding="utf-8")
    zipped(folder / "a.zip", files)
    return folder


def zipped(path, files):
    with zipfile.ZipFile(path, "w") as packed:
        for name, data in files.items():
            packed.writestr(name, data)


def batch(url, *dumps, dry=False, **options):
    with Corpus(url) as corpus:
        return Batch(corpus, ToySettings(), executor="serial", limits=Limits(seconds=20.0), **options).run(list(dumps), dry=dry)


ALL = ["a.zip", "inner.warc.gz", "lines.jsonl", "outer.warc.gz"]


def test_a_second_run_opens_no_archive_and_finds_the_same(url, dump, opened):
    first = batch(url, dump)
    assert (first.found, first.done, sorted(opened)) == (5, 5, ALL)
    before = content(url)
    opened.clear()
    second = batch(url, dump)
    assert (opened, second.found, second.done_before, second.to_do) == ([], 5, 5, 0)
    assert second.passed_over == first.passed_over == {".png": 1}
    assert content(url) == before
    (dump / "outer.warc.gz").rename(dump / "other.warc.gz")
    assert (batch(url, dump).done_before, opened) == (5, [])


def test_an_archive_that_changed_is_opened_and_no_other(url, dump, opened):
    batch(url, dump)
    opened.clear()
    crawl(dump / "outer.warc.gz", record(OTHER_SITE, html("Seul et autre.")))
    outcome = batch(url, dump)
    assert (outcome.done, outcome.done_before, opened) == (1, 4, ["outer.warc.gz"])


def test_a_new_partner_opens_the_crawl_in_an_archive_that_holds_the_other_page(url, dump, opened):
    batch(url, dump)
    opened.clear()
    crawl(dump / "new.warc.gz", record(f"{SITE}/en/a", html("One.", "en")))
    outcome = batch(url, dump)
    assert (outcome.done, outcome.found, opened) == (1, 5, ["new.warc.gz", "a.zip", "inner.warc.gz"])
    assert (f"{SITE}/fr/a", f"{SITE}/en/a", "Un.", "One.") in [row[:4] for row in beads(url)]


def test_a_dump_that_was_forgotten_is_opened_again(url, dump, opened):
    batch(url, dump)
    opened.clear()
    with Corpus(url) as corpus:
        corpus.forget([dump.as_posix()])
    assert rows(url, "SELECT count(*) FROM ledger") == [(0,)]
    outcome = batch(url, dump)
    assert (outcome.done, sorted(opened)) == (5, ALL)


def test_another_corpus_has_its_archives_opened(tmp_path, dump, opened):
    for name in ("a", "b"):
        opened.clear()
        assert batch(str(tmp_path / f"{name}.db"), dump).done == 5
        assert sorted(opened) == ALL
    assert content(str(tmp_path / "a.db")) == content(str(tmp_path / "b.db"))


def test_what_was_begun_and_not_done_is_opened_again(tmp_path, dump, opened):
    url = str(tmp_path / "corpus.db")
    assert batch(url, dump, ends=lambda: True).done == 0
    opened.clear()
    assert batch(url, dump, dry=True).to_do == 5
    assert opened == []
    assert (batch(url, dump).done, sorted(opened)) == (5, ALL)


def test_an_archive_that_changes_before_it_is_opened_is_left_to_the_next_batch(tmp_path, dump, monkeypatch):
    url = str(tmp_path / "corpus.db")
    batch(url, dump, ends=lambda: True)

    def tried(guarded, task):
        if task[0].name == "a.zip":
            zipped(task[0], {"page.txt": b"Another page.\n"})
        return guarding.tried(guarded, task)

    with monkeypatch.context() as patched:
        patched.setattr(opening, "tried", tried)
        outcome = batch(url, dump)
    assert {Path(name).name for name in outcome.unreadable} == {"a.zip", "inner.warc.gz"}
    assert "it changed while it was unpacked" in outcome.unreadable[f"{dump.as_posix()}/a.zip"]
    assert (outcome.done, outcome.to_do, outcome.quarantined) == (2, 2, {})
    after = batch(url, dump)
    assert (after.done, after.done_before) == (1, 2)


@pytest.mark.parametrize("damage", ["cut", "no JSON", "gone"])
def test_a_memory_that_is_damaged_is_as_none(tmp_path, dump, memory, opened, damage):
    url = str(tmp_path / "corpus.db")
    batch(url, dump)
    opened.clear()
    lists = list(memory.iterdir())
    assert len(lists) == 4
    for path in lists:
        if damage == "gone":
            path.unlink()
        else:
            path.write_bytes(path.read_bytes()[:-9] if damage == "cut" else b"{}\n[\n")
    assert (batch(url, dump).done_before, sorted(opened)) == (5, ALL)


def test_what_no_batch_asks_for_is_forgotten(tmp_path, dump, memory):
    url = str(tmp_path / "corpus.db")
    batch(url, dump)
    for path in memory.iterdir():
        os.utime(path, (0, 0))
    (dump / "outer.warc.gz").unlink()
    batch(url, dump)
    assert len(list(memory.iterdir())) == 3
    assert remembering.KEPT_DAYS > 31, "longer than anybody leaves a nightly batch alone"


@pytest.fixture
def partly_bad(tmp_path):
    """A folder with an archive that holds another one, a crawl with a bad record, and lines of which one is none."""
    folder = tmp_path / "partly"
    good = record(f"{SITE}/a", html("Bonjour."))
    crawl(folder / "a.warc.gz", good, record(f"{SITE}/b", html("Hello.")).replace(b"Content-Length", b"Content-Weight"))
    (folder / "b.jsonl").write_text(json.dumps({"id": "x", "text": "Rien."}) + "\n{bad\n", encoding="utf-8")
    zipped(folder / "c.zip", {"page.txt": b"Page.\n", "inner.zip": b"PK"})
    return folder


BAD = {f"a.warc.gz: {SITE}/b", "b.jsonl: line 2", "c.zip/inner.zip"}


def told(found, folder):
    return {name.removeprefix(f"{folder.as_posix()}/") for name in found}


def test_a_part_of_an_archive_that_cannot_be_read_is_told_once(url, partly_bad, opened):
    first = batch(url, partly_bad)
    assert (first.done, first.unreadable, told(first.quarantined, partly_bad)) == (3, {}, BAD)
    opened.clear()
    second = batch(url, partly_bad)
    assert (second.done_before, second.quarantined, second.unreadable, opened) == (3, {}, {}, [])
    assert second.quarantined_before == first.quarantined
    with (partly_bad / "b.jsonl").open("a", encoding="utf-8") as file:
        file.write("{worse\n")
    assert told(batch(url, partly_bad).quarantined, partly_bad) == {"b.jsonl: line 2", "b.jsonl: line 3"}, "other bytes"
    opened.clear()
    again = batch(url, partly_bad, retry_quarantined=True)
    assert (told(again.quarantined, partly_bad), len(opened)) == (BAD | {"b.jsonl: line 3"}, 2)


def test_a_bad_line_makes_the_exit_code_1_in_the_first_night_alone(tmp_path, partly_bad, monkeypatch):
    monkeypatch.setattr("aligner.batch.Settings", lambda *_: ToySettings())
    command = ["batch", str(partly_bad), "--corpus", str(tmp_path / "corpus.db"), "--executor", "serial"]
    dry, first, second = (CliRunner().invoke(main, [*command, *more]) for more in (["--dry-run"], [], []))
    assert (dry.exit_code, first.exit_code, second.exit_code) == (1, 1, 0), second.output
    assert f"quarantined  {partly_bad.as_posix()}/b.jsonl: line 2: is no JSON in UTF-8" in first.stderr
    assert "quarantined  3 before" in second.stderr
