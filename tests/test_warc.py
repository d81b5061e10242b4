"""Crawls and JSON Lines as pages: each as it was, and what is bad spoils nothing but itself."""

import gzip
import json
import random
import re
import tracemalloc
import zlib

import pytest
import zstandard
from crawls import about, converted, crawl, html, packed, record
from hypothesis import given
from hypothesis import strategies as st

from aligner.errors import InputError
from aligner.formats.captures import HTML, TEXT, Capture, NoPage, captured, read_page_lines
from aligner.formats.warc import BadRecord, read_warc

ADDRESSES = [f"https://example.org/{number}" for number in range(8)]
RECORDS = [record(address, html(f"La page {address}. " * 40)) for address in ADDRESSES]
PACKINGS = ["", "gz", "zst"]


def pages(path):
    """What the file holds: the addresses of its pages, and what is bad."""
    found = list(read_warc(path))
    bad = [each for each in found if isinstance(each, BadRecord)]
    return [each.address for each in found if not isinstance(each, BadRecord)], bad


@pytest.mark.parametrize("packing", PACKINGS)
def test_records_come_as_they_were_written(tmp_path, packing):
    path = crawl(tmp_path / f"a.warc.{packing}", about(), *RECORDS)
    found = [page for page in map(captured, read_warc(path)) if page]
    assert [(page.address, page.kind, page.data) for page in found] == [
        (address, HTML, html(f"La page {address}. " * 40)) for address in ADDRESSES
    ]
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", found[0].date)


def test_a_file_that_was_packed_as_a_whole_is_read(tmp_path):
    for packing in ("gz", "zst"):
        path = tmp_path / f"a.warc.{packing}"
        path.write_bytes(packed(b"".join(RECORDS), packing))
        assert pages(path) == (ADDRESSES, [])


@pytest.mark.parametrize("dictionary_packed", [False, True])
def test_frames_may_need_the_dictionary_that_the_file_begins_with(tmp_path, dictionary_packed):
    dictionary = zstandard.train_dictionary(
        1 << 12, [record(f"{address}/{number}", html(str(number))) for address in ADDRESSES for number in range(40)]
    )
    data = dictionary.as_bytes()
    data = zstandard.ZstdCompressor().compress(data) if dictionary_packed else data
    compressor = zstandard.ZstdCompressor(dict_data=dictionary)
    path = tmp_path / "a.warc.zst"
    path.write_bytes(
        (0x184D2A5D).to_bytes(4, "little") + len(data).to_bytes(4, "little") + data + b"".join(map(compressor.compress, RECORDS))
    )
    assert pages(path) == (ADDRESSES, [])


@pytest.mark.parametrize("packing", ["gz", "zst"])
@given(victim=st.integers(0, 7), seed=st.integers(0, 1 << 16), cut=st.booleans())
def test_a_damaged_member_spoils_itself_alone(tmp_path_factory, packing, victim, seed, cut):
    members = [packed(each, packing) for each in RECORDS]
    chance, data = random.Random(seed), bytearray(members[victim])
    place = chance.randrange(12, len(data))
    if cut:
        del data[place:]
    else:
        data[place] ^= 1 << chance.randrange(8)
    members[victim] = bytes(data)
    path = tmp_path_factory.mktemp("damaged") / f"a.warc.{packing}"
    path.write_bytes(b"".join(members))
    bodies = {each.body for each in read_warc(crawl(path.with_name("whole.warc"), *RECORDS))}
    found, bad = pages(path)
    if cut or bad:  # some bits of a member mean nothing
        assert found == [address for address in ADDRESSES if address != ADDRESSES[victim]]
        assert len(bad) == 1
    assert {each.body for each in read_warc(path) if not isinstance(each, BadRecord)} <= bodies


@pytest.mark.parametrize("packing", PACKINGS)
@pytest.mark.parametrize("length", ["5", "700", "3000", "99999999", "99999999999999999999", "-1", "many", ""])
def test_a_record_that_lies_about_its_length_spoils_itself_alone(tmp_path, packing, length):
    lie = re.sub(rb"Content-Length: \d+", f"Content-Length: {length}".encode(), RECORDS[3], count=1)
    found, bad = pages(crawl(tmp_path / f"a.warc.{packing}", *RECORDS[:3], lie, *RECORDS[4:]))
    assert found == [address for address in ADDRESSES if address != ADDRESSES[3]]
    assert [each.where for each in bad] == [ADDRESSES[3]]


@pytest.mark.parametrize("packing", PACKINGS)
def test_a_file_that_ends_too_early_is_told(tmp_path, packing):
    whole = crawl(tmp_path / f"a.warc.{packing}", *RECORDS).read_bytes()
    for end in random.Random(2).sample(range(len(whole) // 2, len(whole) - 8), 20):
        path = tmp_path / f"cut.warc.{packing}"
        path.write_bytes(whole[:end])
        found, bad = pages(path)
        assert found == ADDRESSES[: len(found)]
        assert len(found) + len(bad) in range(len(found), 9)
        if packing or whole[end - 4 : end] != b"\r\n\r\n":
            assert len(bad) <= 1
            assert len(found) < 8


@given(st.lists(st.tuples(st.integers(0, 8000), st.binary(max_size=30)), max_size=6), st.sampled_from(PACKINGS))
def test_whatever_bytes_a_file_holds_no_page_is_made_up(tmp_path_factory, changes, packing):
    data = bytearray(b"".join(packed(each, packing) for each in RECORDS))
    for place, replacement in changes:
        data[place : place + len(replacement)] = replacement
    path = tmp_path_factory.mktemp("any") / f"a.warc.{packing}"
    path.write_bytes(data)
    try:
        found = [each for each in read_warc(path) if not isinstance(each, BadRecord)]
    except InputError as error:
        assert "a WARC file was wanted" in str(error)
    else:
        if packing:  # which has checksums
            bodies = {each.body for each in read_warc(crawl(path.with_name("whole.warc"), *RECORDS))}
            assert {each.body for each in found} <= bodies


def test_what_is_no_crawl_is_refused(tmp_path):
    (tmp_path / "a.warc").write_bytes(b"\x00\x01 no records" * 1000)
    with pytest.raises(InputError, match=r"a\.warc: a WARC file was wanted"):
        list(read_warc(tmp_path / "a.warc"))


@pytest.mark.parametrize("packing", ["gz", "zst"])
def test_a_record_of_any_size_is_passed_over_in_little_memory(tmp_path, packing):
    head, _, rest = RECORDS[3].partition(b"Content-Length: ")
    giant = head + b"Content-Length: %d" % (200 << 20) + rest[rest.index(b"\r\n") :].rstrip() + bytes(200 << 20) + b"\r\n\r\n"
    path = crawl(tmp_path / f"a.warc.{packing}", *RECORDS[:3], giant, *RECORDS[4:])
    del giant
    tracemalloc.start()
    found, bad = pages(path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert (len(found), len(bad)) == (7, 1)
    assert peak < 140 << 20


def page_of(*arguments, **options):
    return captured(next(iter_records(record("https://example.org/a", *arguments, **options))))


def iter_records(data):
    import tempfile
    from pathlib import Path

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "a.warc")
        path.write_bytes(data)
        yield from list(read_warc(path))


def test_chunks_and_packings_of_servers_are_undone_and_believed_only_where_they_are_there():
    page = html("Bonjour. " * 100)
    chunked = b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in (page[:50], page[50:])) + b"0\r\n\r\n"
    kind = ("Content-Type", "text/html")
    for body, *headers in (
        (chunked, ("Transfer-Encoding", "chunked")),
        (page, ("Transfer-Encoding", "chunked")),
        (gzip.compress(page), ("Content-Encoding", "gzip")),
        (page, ("Content-Encoding", "gzip")),
        (zlib.compress(page), ("Content-Encoding", "deflate")),
        (zstandard.compress(page), ("Content-Encoding", "zstd")),
        (page, ("Content-Length", "5")),
    ):
        assert page_of(body, headers=(kind, *headers)).data == page
    for body, packing, reason in (
        (gzip.compress(page)[:60], "gzip", "cut short"),
        (gzip.compress(page)[:-8] + bytes(8), "gzip", "damaged"),
        (b"\x0b", "br", "brotli"),
        (gzip.compress(bytes(65 << 20)), "gzip", "holds more than 67,108,864 bytes"),
    ):
        assert reason in page_of(body, headers=(kind, ("Content-Encoding", packing))).reason


def test_what_is_no_page_is_counted_by_what_it_is():
    assert page_of(b"x", headers=(("Content-Type", "image/png"),)) == NoPage("image/png")
    assert page_of(b"x", status="404 Not Found") == NoPage("HTTP 404")
    assert [captured(each) for each in iter_records(about())] == [None, None]


def test_the_encoding_that_the_server_told_is_believed_where_the_page_is_not_utf_8():
    for charset, text in (("ISO-8859-1", "L’été à Noël".replace("’", "'")), ("iso-8859-7", "Καλημέρα")):
        page = page_of(html(text).decode().encode(charset), headers=(("Content-Type", f'text/html; charset="{charset}"'),))
        assert text in page.data.decode("utf-8-sig")
    utf_8 = html("Été")
    assert page_of(utf_8, headers=(("Content-Type", "text/html; charset=iso-8859-1"),)).data == utf_8


def test_a_page_tells_its_language_and_its_versions():
    head = """<link rel="alternate" hreflang="en-GB" href="/en/a?x=1&amp;y=2"><LINK HREFLANG='fr' rel='canonical alternate' href='https://example.org/fr/a'>
    <link rel=alternate type=application/rss+xml href=/feed><link rel="alternate" hreflang="de" href="http://[bad">"""
    page = page_of(html("Bonjour.", "fr-CA", head))
    assert page.lang == "fr-CA"
    assert page.alternates == (("en-GB", "https://example.org/en/a?x=1&y=2"), ("fr", "https://example.org/fr/a"))
    (wet,) = iter_records(converted("https://example.org/b", "Bonjour.\n", "fra,eng"))
    assert captured(wet) == Capture(wet.address, captured(wet).id, TEXT, b"Bonjour.\n", wet.headers["warc-date"], "fra")


def lines(tmp_path, *rows, packing=""):
    path = tmp_path / f"pages.jsonl{packing and '.'}{packing}"
    path.write_bytes(packed(b"\n".join(row if isinstance(row, bytes) else json.dumps(row).encode() for row in rows) + b"\n", packing))
    return list(read_page_lines(path))


@pytest.mark.parametrize("packing", PACKINGS)
def test_a_line_is_a_page_and_a_bad_one_is_told_with_its_number(tmp_path, packing):
    found = lines(
        tmp_path,
        {"url": "https://example.org/a", "text": "Été.\ud800", "lang": "fr", "date": "2026-01-02"},
        b"{broken",
        {"id": 7, "html": "<html lang=en><p>One.</p>"},
        [1, 2],
        {"url": "https://example.org/b", "content": "x"},
        {"text": "", "html": "<p>Two.</p>"},
        b"\xff\xfe",
        b"",
        b"[" * 100_000,
        {"text": "Three."},
        packing=packing,
    )
    got = [(page.address, page.kind, page.data.decode(), page.lang) for page in found if isinstance(page, Capture)]
    assert got == [
        ("https://example.org/a", TEXT, "Été.�", "fr"),
        ("", HTML, "<html lang=en><p>One.</p>", "en"),
        ("", HTML, "<p>Two.</p>", ""),
        ("", TEXT, "Three.", ""),
    ]
    assert [page.id for page in found if isinstance(page, Capture)][1] == "7"
    assert [each.where for each in found if isinstance(each, BadRecord)] == [f"line {number}" for number in (2, 4, 5, 7, 9)]
    assert any("its keys are url, content" in each.reason for each in found if isinstance(each, BadRecord))


def test_a_line_without_an_end_is_passed_over_in_bounded_memory(tmp_path):
    path = tmp_path / "a.jsonl.zst"
    with path.open("wb") as raw, zstandard.ZstdCompressor().stream_writer(raw) as stream:
        stream.write(b'{"text": "One."}\n')
        for _ in range(512):
            stream.write(b"x" * (1 << 20))
        stream.write(b'\n{"text": "Two."}\n')
    tracemalloc.start()
    found = list(read_page_lines(path))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert [page.data for page in found if isinstance(page, Capture)] == [b"One.", b"Two."]
    assert [each.where for each in found if isinstance(each, BadRecord)] == ["line 2"]
    assert peak < 250 << 20


def test_a_packed_file_of_lines_that_is_cut_short_is_refused(tmp_path):
    path = tmp_path / "a.jsonl.gz"
    path.write_bytes(gzip.compress(b'{"text": "One."}\n' * 500)[:-9])
    with pytest.raises(InputError, match="damaged or cut short"):
        list(read_page_lines(path))
