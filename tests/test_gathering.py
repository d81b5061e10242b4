"""What dumps hold, as files, archives and crawls: pairs, pages, and what is bad, each told once."""

import io
import json
import os
import tarfile
import zipfile
from pathlib import Path

import pytest
import zstandard
from crawls import converted, crawl, html, record
from databases import rows
from toys import ToySettings

from aligner.batch import Batch, Limits
from aligner.batch.addresses import latest, pair_pages
from aligner.batch.archives import Archive, Opening, Unreadable, archives
from aligner.batch.gathering import PassedOver, gather
from aligner.batch.items import Content, Item, safe_name
from aligner.batch.unpacking import Refused, unpack
from aligner.batch.web_dumps import WebPage, spread
from aligner.corpus import Corpus
from aligner.errors import InputError
from aligner.formats.warc import BadRecord

LANGUAGES = ("fr", "en")
SITE = "https://example.org"


def gathered(tmp_path, *dumps, columns=()):
    (tmp_path / "room").mkdir(exist_ok=True)
    opening = Opening(LANGUAGES, Limits(seconds=60.0), tmp_path / "memory", quarantined={})
    with archives(opening, tmp_path / "room") as opened:
        found = list(gather(dumps, LANGUAGES, opened, columns=columns))
    return (
        {each.names: each for each in found if isinstance(each, Item)},
        {each.name: each.reason for each in found if isinstance(each, Unreadable)}
        | {each.name: each.failure for each in found if isinstance(each, Archive) and each.failure},
        [each.kind for each in found if isinstance(each, PassedOver)],
    )


def page(address, lang="", *, date="", alternates=(), identity=""):
    return WebPage(address, identity, Path(f"{address or identity}{date}"), date, lang, tuple(alternates), Content(0, ""))


def paired(*pages):
    pairs, left = pair_pages(pages, LANGUAGES)
    return [(source.address, target.address) for source, target in pairs], [each.address for each in left]


@pytest.mark.parametrize(
    ("source", "target"),
    [
        (f"{SITE}/fr/notice", f"{SITE}/en/notice"),
        (f"{SITE}/fr/notice/", "http://example.org/en/notice"),
        (f"{SITE}/fr", f"{SITE}/en"),
        (f"{SITE}/notice?lang=fr", f"{SITE}/notice?lang=en"),
        (f"{SITE}/notice?id=7&lang=fr_FR", f"{SITE}/notice?id=7&lang=en_GB"),
        (f"{SITE}/notice_fr.html", f"{SITE}/notice_en.html"),
        (f"{SITE}/notice.fr.html", f"{SITE}/notice.en.html"),
        ("https://fr.example.org/notice", "https://en.example.org/notice"),
        ("https://www.fr.example.org/notice", "https://en.example.org/notice"),
        (f"{SITE}/notice-francais.html", f"{SITE}/notice-english.html"),
        (f"{SITE}/fran%C3%A7ais/notice", f"{SITE}/english/notice"),
        (f"{SITE}/fr-ca/notice", f"{SITE}/en-us/notice"),
    ],
)
def test_addresses_that_differ_in_the_language_alone_pair(source, target):
    assert paired(page(target), page(source)) == ([(source, target)], [])


@pytest.mark.parametrize(
    ("marked", "bare"),
    [
        ("/fr/notice", "/notice"),
        ("/fr", ""),
        ("/a/fr-fr/notice", "/a/notice"),
        ("/notice?lang=fr", "/notice"),
        ("/notice?hl=fr&id=7", "/notice?id=7"),
        ("/notice?id=7&hl=fr", "/notice?id=7"),
        ("/notice_fr.html", "/notice.html"),
        ("/notice-fr", "/notice"),
    ],
)
def test_an_address_without_language_pairs_where_its_page_says_that_it_is_in_the_other(marked, bare):
    assert paired(page(SITE + marked), page(SITE + bare, "en")) == ([(SITE + marked, SITE + bare)], [])
    assert paired(page(SITE + marked), page(SITE + bare)) == ([], [SITE + marked, SITE + bare])
    assert paired(page(SITE + marked), page(SITE + bare, "de")) == ([], [SITE + marked, SITE + bare])


def test_pages_that_name_each_other_pair_before_addresses_do():
    french = page(f"{SITE}/fr/1", "fr", alternates=[("fr", f"{SITE}/fr/1"), ("en", f"{SITE}/about-us")])
    english, misleading = page(f"{SITE}/about-us", "en"), page(f"{SITE}/en/1", "en")
    assert paired(french, english, misleading) == ([(french.address, english.address)], [misleading.address])
    says_nothing = page(f"{SITE}/propos", alternates=[("en", english.address)])
    assert paired(says_nothing, english)[0] == []
    itself = page(f"{SITE}/propos", alternates=[("fr", f"{SITE}/propos"), ("en", english.address)])
    assert paired(english, itself)[0] == [(itself.address, english.address)]


def test_who_could_pair_with_several_is_left():
    wanted = page(f"{SITE}/fr/1")
    claimants = [page(f"{SITE}/{place}/1", "en", alternates=[("fr", wanted.address)]) for place in ("x", "y")]
    assert paired(wanted, *claimants)[0] == []
    assert paired(page(f"{SITE}/fr-be/1"), page(f"{SITE}/fr-fr/1"), page(f"{SITE}/en-gb/1"))[0] == []


def test_of_two_captures_of_an_address_the_later_counts_wherever_it_stands():
    old, new = (page(f"{SITE}/a", date=date) for date in ("2026-01-01T00:00:00Z", "2026-02-01T00:00:00Z"))
    secure = page("http://www.example.org/a/", date="2026-01-15T00:00:00Z")
    assert latest([new, old, secure]) == latest([old, secure, new]) == [new]
    assert len(latest([page("", identity="a#1"), page("", identity="b#1")])) == 2


def test_crawls_of_one_run_are_looked_through_together(tmp_path):
    folder = tmp_path / "in"
    crawl(
        folder / "1.warc.gz",
        record(f"{SITE}/fr/a", html("Bonjour.", "fr")),
        record(f"{SITE}/logo.png", b"\x89", headers=(("Content-Type", "image/png"),)),
        record(f"{SITE}/b", html("Old."), date="2026-01-01T00:00:00Z"),
    )
    crawl(
        tmp_path / "2.warc.zst",
        record(f"{SITE}/en/a", html("Hello.", "en")),
        record(f"{SITE}/b", html("New."), date="2026-02-01T00:00:00Z"),
    )
    crawl(folder / "3.warc.wet.gz", converted(f"{SITE}/c", "Texte.\n"))
    (folder / "4.jsonl").write_text(
        json.dumps({"url": f"{SITE}/d_fr.html", "html": "<p>Un."}) + "\n{bad\n" + json.dumps({"id": "x", "text": "Rien."}) + "\n",
        encoding="utf-8",
    )
    (folder / "d.txt").write_text("Page.", encoding="utf-8")
    items, bad, others = gathered(tmp_path, folder, tmp_path / "2.warc.zst")
    inside = folder.as_posix()
    assert set(items) == {
        (f"{SITE}/fr/a", f"{SITE}/en/a"),
        (f"{SITE}/b",),
        (f"{SITE}/c",),
        (f"{SITE}/d_fr.html",),
        (f"{inside}/4.jsonl#x",),
        (f"{inside}/d.txt",),
    }
    pair, new = items[f"{SITE}/fr/a", f"{SITE}/en/a"], items[f"{SITE}/b",]
    assert [document.text for document in pair.documents()] == ["Bonjour.", "Hello."]
    assert [document.text for document in new.documents()] == ["New."]
    assert (pair.dump, new.dump) == (inside, (tmp_path / "2.warc.zst").as_posix())
    assert list(bad) == [f"{inside}/4.jsonl: line 2"]
    assert others == ["image/png"]


def test_a_page_is_known_in_another_crawl_and_a_new_partner_makes_a_pair(url, tmp_path):
    def done(*dumps):
        with Corpus(url) as corpus:
            outcome = Batch(corpus, ToySettings()).run(list(dumps))
        return outcome.found, outcome.done_before, outcome.done

    french = record(f"{SITE}/fr/a", html("Un.<p>Deux.", "fr"))
    first = crawl(tmp_path / "1.warc.gz", french, record(f"{SITE}/x", html("Seul.")))
    assert done(first) == (2, 0, 2)
    assert done(crawl(tmp_path / "copy.warc", french)) == (1, 1, 0)
    second = crawl(tmp_path / "2.warc.gz", record(f"{SITE}/en/a", html("One.<p>Two.", "en")))
    assert done(first, second) == (2, 1, 1)
    assert done(first, second) == (2, 2, 0)
    names = rows(url, "SELECT name FROM ledger ORDER BY name")
    assert names == [(f"{SITE}/fr/a",), (f"{SITE}/fr/a – {SITE}/en/a",), (f"{SITE}/x",)]


def test_bad_crawls_are_told_and_the_rest_is_found(tmp_path):
    folder = tmp_path / "in"
    good = record(f"{SITE}/a", html("Bonjour."))
    crawl(folder / "a.warc.gz", good, record(f"{SITE}/b", html("Hello.")).replace(b"Content-Length", b"Content-Weight"))
    (folder / "b.warc").write_bytes(b"no crawl")
    (folder / "c.jsonl.gz").write_bytes(b"\x1f\x8b\x08 broken")
    with zipfile.ZipFile(folder / "d.zip", "w") as packed:
        packed.writestr("inner.warc", crawl(tmp_path / "inner.warc", record(f"{SITE}/c", html("Trois."))).read_bytes())
        packed.writestr("inner.zip", b"PK")
    items, bad, _ = gathered(tmp_path, folder)
    assert set(items) == {(f"{SITE}/a",), (f"{SITE}/c",)}
    inside = folder.as_posix()
    for name, reason in {
        f"a.warc.gz: {SITE}/b": "does not say how long it is",
        "b.warc": "a WARC file was wanted",
        "c.jsonl.gz": "damaged or cut short",
        "d.zip/inner.zip": "an archive in an archive",
    }.items():
        assert reason in bad.pop(f"{inside}/{name}")
    assert not bad


def test_tables_are_two_documents_where_columns_are_named_and_known_by_them(tmp_path):
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "a.tsv").write_text("fr\ten\tde\nUn.\tOne.\tEins.\n", encoding="utf-8")
    (folder / "b.jsonl").write_text('{"fr": "Deux.", "en": "Two."}\n', encoding="utf-8")
    items, bad, _ = gathered(tmp_path, folder, columns=("fr", "en"))
    names = [(f"{folder.as_posix()}/{name}#fr", f"{folder.as_posix()}/{name}#en") for name in ("a.tsv", "b.jsonl")]
    assert (list(items), bad) == (names, {})
    source, target = items[names[0]].documents()
    assert (source.text, target.text, source.name, source.rows) == ("Un.", "One.", names[0][0], ((0, 3),))
    others, _, passed = gathered(tmp_path, folder / "a.tsv", columns=("fr", "de"))
    assert next(iter(others.values())).digest() != items[names[0]].digest()
    items, bad, passed = gathered(tmp_path, folder)
    assert (items, passed) == ({}, [".tsv"])
    assert "its keys are fr, en" in bad[f"{folder.as_posix()}/b.jsonl: line 1"]
    with Corpus(str(tmp_path / "corpus.db")) as corpus:
        assert Batch(corpus, ToySettings(), columns=("fr", "en")).run([folder]).new_units == 2
    wrong = Item(("a.tsv#fr", "a.tsv#it"), (folder / "a.tsv",), "", ("fr", "it"))
    with pytest.raises(InputError, match=r"^a\.tsv: there is no column it"):
        wrong.documents()


def test_archives_and_pictures_of_two_languages_are_no_pairs(tmp_path):
    folder = tmp_path / "in"
    for lang, text in (("fr", "Un."), ("en", "One.")):
        crawl(folder / f"site.{lang}.warc", record(f"{SITE}/{lang}/a", html(text)))
        (folder / f"map.{lang}.png").write_bytes(b"\x89")
    items, bad, others = gathered(tmp_path, folder)
    assert (list(items), bad, others) == ([(f"{SITE}/fr/a", f"{SITE}/en/a")], {}, [".png", ".png"])


def tar(path, *members):
    """A tar archive of (name, contents) or of ready members, packed as the name says."""
    raw = io.BytesIO()
    with tarfile.open(fileobj=raw, mode="w") as packed:
        for name, data in members:
            member = name if isinstance(name, tarfile.TarInfo) else tarfile.TarInfo(name)
            member.size = len(data)
            packed.addfile(member, io.BytesIO(data))
    data = raw.getvalue()
    path.write_bytes(zstandard.ZstdCompressor(write_checksum=True).compress(data) if path.suffix == ".zst" else data)
    return path


def special(name, kind, to=""):
    member = tarfile.TarInfo(name)
    member.type, member.linkname = kind, to
    return member, b""


def files(folder):
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file() or path.is_symlink())


@pytest.mark.parametrize("kind", ["tar", "tar.zst"])
def test_what_an_archive_unpacks_to_are_files_in_the_folder_and_nothing_else(tmp_path, kind):
    archive = tar(
        tmp_path / f"a.{kind}",
        ("ok/a.txt", b"A."),
        ("../out.txt", b"x"),
        ("/etc/out.txt", b"x"),
        ("ok/../../out.txt", b"x"),
        ("C:\\out.txt", b"x"),
        ("..\\out.txt", b"x"),
        special("link", tarfile.SYMTYPE, "/etc"),
        ("link/passwd.txt", b"x"),
        special("hard.txt", tarfile.LNKTYPE, "ok/a.txt"),
        special("device", tarfile.CHRTYPE),
        special("pipe", tarfile.FIFOTYPE),
        ("ok/a.txt/b.txt", b"x"),
        ("n" * 5000 + ".txt", b"x"),
        ("last.txt", b"B."),
    )
    refused = [each.name for each in unpack(archive, tmp_path / "room") if isinstance(each, Refused)]
    assert files(tmp_path / "room") == ["last.txt", "link/passwd.txt", "ok/a.txt"]
    assert [name[:12] for name in refused] == ["ok/a.txt/b.t", "n" * 12]
    assert not list(tmp_path.rglob("out.txt"))
    assert (tmp_path / "room" / "ok" / "a.txt").read_bytes() == b"A."


def test_names_that_no_terminal_and_no_database_should_be_given_are_written_out(url, tmp_path):
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as packed:
        packed.writestr("\x1b[31mred\x07\n.txt", "Un.\nOne.\n")
        packed.writestr("d" * 200 + "/" + "e" * 200 + "/" + "f" * 200 + ".txt", "Deux.\nTwo.\n")
        packed.writestr("g" * 5000 + ".txt", "Trois.\nThree.\n")
    if os.name == "posix":
        (tmp_path / "in").mkdir()
        Path(os.fsdecode(os.fsencode(tmp_path / "in") + b"/caf\xe9.txt")).write_text("Quatre.\nFour.\n", encoding="utf-8")
    items, bad, _ = gathered(tmp_path, tmp_path / "a.zip", *(path for path in [tmp_path / "in"] if path.exists()))
    names = [name for (name,) in items]
    assert all(name.isprintable() and len(name) < 600 for name in (*names, *bad))
    assert f"{(tmp_path / 'a.zip').as_posix()}/%1B[31mred%07%0A.txt" in names
    assert list(bad.values()) == ["cannot be written under this name (File name too long); rename it."]
    with Corpus(url) as corpus:
        assert Batch(corpus, ToySettings()).run([tmp_path / "a.zip", tmp_path / "in"]).done == 3
    assert safe_name("été – naïve.txt") == "été – naïve.txt"
    assert len({safe_name("a" * 1000 + end) for end in "bc"}) == 2


def test_a_tar_in_zstd_that_is_cut_short_or_bears_a_changed_byte_is_refused(tmp_path):
    data = tar(tmp_path / "whole.tar.zst", ("a.txt", os.urandom(5000)), ("b.txt", b"B" * 5000)).read_bytes()
    for place in range(10, len(data), 97):
        for damaged in (data[:place], data[:place] + bytes([data[place] ^ 0x55]) + data[place + 1 :]):
            (tmp_path / "bad.tar.zst").write_bytes(damaged)
            with pytest.raises(InputError, match="damaged"):
                unpack(tmp_path / "bad.tar.zst", tmp_path / "room")


def test_a_bomb_in_zstd_is_stopped_while_it_unpacks(tmp_path):
    tar(tmp_path / "bomb.tar.zst", ("a.txt", bytes(100 << 20)))
    with pytest.raises(InputError, match="unpacks to more than"):
        unpack(tmp_path / "bomb.tar.zst", tmp_path / "room")
    assert sum(path.stat().st_size for path in (tmp_path / "room").rglob("*")) < 30 << 20


def test_a_crawl_that_unpacks_to_more_than_it_may_is_stopped_and_what_came_before_is_kept(tmp_path):
    bomb = crawl(
        tmp_path / "bomb.warc.gz",
        record(f"{SITE}/a", html("Bonjour.")),
        *(record(f"{SITE}/{number}", html(" " * (30 << 20))) for number in range(4)),
    )
    found = list(spread(bomb, tmp_path / "room", LANGUAGES))
    assert found[0].address == f"{SITE}/a"
    assert isinstance(found[-1], BadRecord)
    assert "what follows is not read" in found[-1].reason
    assert sum(path.stat().st_size for path in (tmp_path / "room").rglob("*.html")) < 70 << 20


def test_pages_lie_in_folders_of_a_thousand_and_bad_lines_are_counted_beyond_a_hundred(tmp_path):
    rows_of = [json.dumps({"url": f"{SITE}/{number}", "text": f"Page {number}."}) for number in range(2100)] + ["{"] * 130
    (tmp_path / "a.jsonl").write_text("\n".join(rows_of), encoding="utf-8")
    found = list(spread(tmp_path / "a.jsonl", tmp_path / "room", LANGUAGES))
    assert [len(list(folder.iterdir())) for folder in sorted((tmp_path / "room").iterdir()) if folder.is_dir()] == [1000, 1000, 100]
    bad = [each for each in found if isinstance(each, BadRecord)]
    assert (len(bad), bad[-1].reason) == (101, "30 more bad records or lines, which are not told one by one.")
