"""Files as bytes and text: every encoding and packing, and outputs that are whole or absent."""

import gzip
import io
import logging
import os
import random
import sys
from pathlib import Path

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from aligner.errors import InputError, OutputError
from aligner.formats import files
from aligner.formats.html import read_html

TEXT = "Où est-ce ?\r\nÀ l’école « là-bas » — 10 €.\n\rFin\n"
PACKERS = {"": bytes, ".gz": gzip.compress, ".zst": zstandard.ZstdCompressor(write_checksum=True).compress}
NOISE = random.Random(1).randbytes(100_000).hex().encode()


@pytest.mark.parametrize("packing", PACKERS)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
def test_text_is_read_exactly_with_its_line_ends(tmp_path, packing, encoding, caplog):
    path = tmp_path / f"a.txt{packing}"
    path.write_bytes(PACKERS[packing](TEXT.encode(encoding)))
    assert files.read_text(path) == TEXT
    assert not caplog.records


@pytest.mark.parametrize("encoding", ["utf-16-be", "utf-32-be"])
def test_big_endian_marks_are_known(tmp_path, encoding):
    path = tmp_path / "a.txt"
    path.write_bytes(("\ufeff" + TEXT).encode(encoding))
    assert files.read_text(path) == TEXT


FRENCH = (
    "Le ministère a annoncé hier que les délégués se réuniront à la préfecture dès le début de l’été, où ils étudieront les résultats.\n"
    "« Nous espérons qu’ils nous écouteront », a déclaré la présidente du conseil général après la séance.\n"
)


def test_another_encoding_is_guessed_and_said(tmp_path, caplog):
    path = tmp_path / "vieux.txt"
    path.write_bytes(FRENCH.encode("cp1252"))
    with caplog.at_level(logging.WARNING):
        assert files.read_text(path) == FRENCH
    (record,) = caplog.records
    assert "vieux.txt: is not UTF-8; read as cp1252" in record.getMessage()


@pytest.mark.parametrize(
    ("encoding", "text"),
    [
        ("cp1252", "Critique épistémologique de la théorie linguistique"),
        ("cp1252", "L’épidémie de maladie à coronavirus\xa02019"),
        ("latin-1", "Contes de Perrault (éd. 1902) / La Barbe-Bleue"),
        ("cp1252", "Une mise à jour des critères : «\xa0cas suspects\xa0» et «\xa0cas confirmés\xa0»"),
        ("mac_roman", "Organisation mondiale de la santé : la pandémie s’étend à l’été"),
        ("cp850", FRENCH.replace("’", "'")),
        ("cp1252", "Die Bundesregierung erklärte, dass das Gesetz im Frühjahr für alle gültig wird."),
        ("cp1250", "Żółw idzie przez pole, a dzieci śpiewają. Rząd ogłosił wczoraj, że nowa ustawa wejdzie w życie od początku roku."),
        ("cp1251", "Правительство вчера объявило, что новый закон вступит в силу в начале следующего года."),
        ("koi8_r", "Правительство вчера объявило, что новый закон вступит в силу в начале следующего года."),
        ("shift_jis", "政府は昨日、新しい法律が来年の初めに施行されると発表した。これは重要な変更です。"),
        ("big5", "政府昨天宣布，新法律將於明年年初生效。" * 3),
    ],
)
def test_usual_encodings_are_told_by_a_line_or_two(tmp_path, encoding, text):
    path = tmp_path / "a.txt"
    path.write_bytes(text.encode(encoding))
    assert files.read_text(path) == text


def test_the_guess_looks_at_the_lines_that_tell_however_late_they_come(tmp_path):
    path = tmp_path / "a.txt"
    path.write_bytes(b"plain ascii line\n" * 100_000 + FRENCH.encode("cp1252"))
    assert files.read_text(path).endswith(FRENCH)


def test_an_empty_file_is_an_empty_text(tmp_path):
    for name, data in (
        ("a.txt", b""),
        ("b.txt.gz", gzip.compress(b"")),
        ("c.txt.zst", zstandard.compress(b"")),
        ("d.txt", b"\xef\xbb\xbf"),
    ):
        (tmp_path / name).write_bytes(data)
        assert files.read_text(tmp_path / name) == ""


def test_standard_input_is_read_and_stays_open(monkeypatch):
    stdin = io.TextIOWrapper(io.BytesIO(gzip.compress(TEXT.encode())))
    monkeypatch.setattr(sys, "stdin", stdin)
    assert files.read_text("-") == TEXT
    assert not stdin.buffer.closed


def test_a_packed_file_is_known_by_its_bytes_whatever_its_name(tmp_path):
    (tmp_path / "a.txt").write_bytes(gzip.compress(TEXT.encode()))
    (tmp_path / "b.txt.gz").write_bytes(TEXT.encode())
    assert files.read_text(tmp_path / "a.txt") == files.read_text(tmp_path / "b.txt.gz") == TEXT


def test_packed_parts_one_after_the_other_are_all_read(tmp_path):
    for packing in (".gz", ".zst"):
        path = tmp_path / f"a{packing}"
        path.write_bytes(b"".join(PACKERS[packing](part.encode()) for part in ("un ", "deux ", "", "trois")))
        assert files.read_text(path) == "un deux trois"


@pytest.mark.parametrize("packing", [".gz", ".zst"])
@pytest.mark.parametrize("kept", [0.3, 0.9, 0.999])
def test_packed_data_cut_short_are_refused(tmp_path, packing, kept):
    data = PACKERS[packing](NOISE)
    path = tmp_path / f"a.txt{packing}"
    path.write_bytes(data[: int(len(data) * kept)])
    with pytest.raises(InputError, match=rf"a\.txt\{packing}: the packed data are damaged or cut short .*get the file again"):
        files.read_text(path)


@pytest.mark.parametrize("packing", [".gz", ".zst"])
def test_damaged_packed_data_are_refused(tmp_path, packing):
    data = bytearray(PACKERS[packing](NOISE[:4000]))
    data[100:110] = bytes(10)
    path = tmp_path / f"a.txt{packing}"
    path.write_bytes(data)
    with pytest.raises(InputError, match="the packed data are damaged or cut short"):
        files.read_text(path)


@pytest.mark.parametrize("packing", PACKERS)
def test_more_than_the_limit_is_refused_while_it_is_unpacked(tmp_path, packing, monkeypatch):
    monkeypatch.setattr(files, "MAX_BYTES", 3 << 20)
    path = tmp_path / f"bomb.txt{packing}"
    path.write_bytes(PACKERS[packing](b"a" * (64 << 20)))
    with pytest.raises(InputError, match=r"bomb\.txt.*: holds more than 3,145,728 bytes unpacked, the most that is read; split it"):
        files.read_text(path)


@given(st.binary(max_size=300), st.integers(1, 40))
def test_zstd_unpacks_the_same_in_pieces_of_any_size(data, size):
    packed = zstandard.compress(data[:50]) + zstandard.compress(data[50:])
    with io.BufferedReader(files._ZstdReader(io.BytesIO(packed)), buffer_size=size) as stream:
        assert stream.read() == data


def test_a_missing_file_is_named_in_the_error(tmp_path):
    with pytest.raises(InputError, match=r"absent\.txt: there is no such file; check the name and the folder"):
        files.read_text(tmp_path / "absent.txt")


def test_a_folder_is_no_file(tmp_path):
    with pytest.raises(InputError, match="is a folder where a file was wanted; name a file in it"):
        files.read_text(tmp_path)


def test_a_name_that_no_file_can_have_is_refused():
    with pytest.raises(InputError, match="cannot be read: embedded null byte; check its name and permissions"):
        files.read_text("a\0b")


def test_a_file_without_permission_is_refused(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("secret")
    path.chmod(0)
    if os.access(path, os.R_OK):
        pytest.skip("this user may read everything")
    with pytest.raises(InputError, match="cannot be read: Permission denied; check its name and permissions"):
        files.read_text(path)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "holds NUL bytes, so it is no text file"),
        ("été".encode("utf-16-le"), "UTF-16 needs a byte order mark"),
        (bytes(range(1, 32)) * 20, "consists of control characters to a good part"),
        (bytes([1, 2, 3, 0x81, 0x8D, 0x8F, 0xFF, 0xFE, 0x90, 0x9D]) * 30, "no text"),
        (b"\xef\xbb\xbfabc\xff", "its byte order mark says UTF-8, but byte 6 is not that"),
        (b"\xff\xfea\0\x00\xd8", "its byte order mark says UTF-16-LE, but byte 4 is not that"),
    ],
)
def test_what_is_no_text_is_refused_with_the_reason(tmp_path, data, message):
    path = tmp_path / "odd.bin"
    path.write_bytes(data)
    with pytest.raises(InputError, match=message) as raised:
        files.read_text(path)
    assert "odd.bin" in str(raised.value)


@pytest.mark.parametrize("kind", ["txt", "html"])
def test_what_is_packed_and_no_text_is_told_from_what_is_not_packed(tmp_path, kind):
    read = files.read_text if kind == "txt" else read_html
    noise, packed = tmp_path / f"noise.{kind}.gz", tmp_path / f"packed.{kind}"
    noise.write_bytes(b"\x89PNG\0\0")
    packed.write_bytes(gzip.compress(b"\x89PNG\0\0"))
    with pytest.raises(InputError, match=r"NUL bytes.* Its name says that it is packed, but it does not begin as gzip or zstd does\.$"):
        read(noise)
    with pytest.raises(InputError, match=r"NUL bytes.* That is what it unpacks to\.$"):
        read(packed)


@given(st.text(alphabet=st.sampled_from("ab\r\n \u2028\x85\x0b"), max_size=30))
def test_line_spans_are_those_of_universal_newlines(text):
    lines = [text[start:end] for start, end in files.line_spans(text)]
    assert lines == [line.removesuffix("\n") for line in io.StringIO(text, newline=None)]


def test_an_output_takes_its_name_only_when_it_is_whole(tmp_path):
    path = tmp_path / "out.txt"
    with files.open_output(path) as stream:
        stream.write(b"one")
        assert not path.exists()
    assert path.read_bytes() == b"one"
    assert [file.name for file in tmp_path.iterdir()] == ["out.txt"]


def test_damage_to_our_own_zstd_is_noticed(tmp_path):
    path = tmp_path / "out.zst"
    with files.open_output(path) as stream:
        stream.write(NOISE[:4000])
    data = bytearray(path.read_bytes())
    data[100:110] = bytes(10)
    path.write_bytes(data)
    with pytest.raises(InputError, match="damaged"):
        files.read_bytes(path)


@pytest.mark.parametrize("packing", PACKERS)
@pytest.mark.parametrize("error", [KeyboardInterrupt, ValueError, SystemExit])
def test_an_interrupted_output_leaves_nothing(tmp_path, packing, error):
    with pytest.raises(error), files.open_output(tmp_path / f"out.tsv{packing}") as stream:
        stream.write(b"half" * 100_000)
        raise error
    assert list(tmp_path.iterdir()) == []


def test_an_interrupted_overwrite_leaves_what_was_there(tmp_path):
    path = tmp_path / "out.txt"
    path.write_bytes(b"old")
    with pytest.raises(KeyboardInterrupt), files.open_output(path, overwrite=True) as stream:
        stream.write(b"new")
        raise KeyboardInterrupt
    assert path.read_bytes() == b"old"
    with files.open_output(path, overwrite=True) as stream:
        stream.write(b"new")
    assert path.read_bytes() == b"new"


@pytest.mark.parametrize("packing", PACKERS)
def test_an_output_is_packed_by_its_suffix_and_reads_back(tmp_path, packing):
    path = tmp_path / f"out.txt{packing}"
    with files.open_output(path) as stream:
        stream.write(TEXT.encode())
    assert files.read_text(path) == TEXT
    assert path.read_bytes().startswith({"": b"O", ".gz": b"\x1f\x8b", ".zst": b"\x28\xb5"}[packing])


def test_the_same_text_packs_to_the_same_bytes(tmp_path):
    for name in ("a.gz", "b.gz"):
        with files.open_output(tmp_path / name) as stream:
            stream.write(TEXT.encode())
    assert (tmp_path / "a.gz").read_bytes() == (tmp_path / "b.gz").read_bytes()


def test_a_new_output_has_the_permissions_of_any_new_file(tmp_path):
    with files.open_output(tmp_path / "out.txt"):
        pass
    (tmp_path / "plain.txt").write_text("")
    assert (tmp_path / "out.txt").stat().st_mode == (tmp_path / "plain.txt").stat().st_mode


@pytest.mark.skipif(sys.platform == "win32", reason="links need privileges there")
def test_a_link_stays_a_link(tmp_path):
    (tmp_path / "there").mkdir()
    target, link = tmp_path / "there" / "real.txt", tmp_path / "link.txt"
    target.write_text("old")
    link.symlink_to(target)
    with files.open_output(link, overwrite=True) as stream:
        stream.write(b"new")
    assert link.is_symlink() and target.read_text() == "new"


def test_an_existing_output_is_refused_before_any_work(tmp_path):
    path = tmp_path / "out.txt"
    path.write_text("old")
    with pytest.raises(OutputError, match=r"out\.txt: exists; name another file, or allow it to be overwritten"):
        files.check_output(path)
    files.check_output(path, True)


def test_an_output_that_appeared_meanwhile_is_not_overwritten(tmp_path):
    path = tmp_path / "out.txt"
    with pytest.raises(OutputError, match="exists"), files.open_output(path) as stream:
        stream.write(b"ours")
        path.write_bytes(b"theirs")
    assert path.read_bytes() == b"theirs"
    assert [file.name for file in tmp_path.iterdir()] == ["out.txt"]


@pytest.mark.parametrize(
    ("name", "message"), [("absent/out.txt", "there is no folder .*absent; make it first"), (".", "is a folder; name a file in it")]
)
def test_an_output_without_a_place_is_refused(tmp_path, name, message):
    with pytest.raises(OutputError, match=message):
        files.check_output(tmp_path / name)


@pytest.mark.parametrize(("name", "reason"), [("x" * 5000, "File name too long"), ("a\0b", "embedded null")])
def test_a_name_that_no_output_can_have_is_refused(tmp_path, name, reason):
    with pytest.raises(OutputError, match=rf"cannot be written: .*{reason}.*; choose another name or folder"):
        files.check_output(tmp_path / name)


def test_the_longest_name_can_be_written(tmp_path):
    with files.open_output(tmp_path / ("x" * 255)) as stream:
        stream.write(b"x")
    assert (tmp_path / ("x" * 255)).read_bytes() == b"x"


def test_an_output_in_a_folder_without_permission_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(os, "access", lambda path, mode: False)  # the tests may run as root, whom no permission stops
    with pytest.raises(OutputError, match=r"no permission to write in .*; choose another folder"):
        files.check_output(tmp_path / "out.txt")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has a device that is always full")
def test_a_full_disk_is_explained():
    message = "/dev/full: cannot be written: No space left on device; make room or choose another place"
    with pytest.raises(OutputError, match=message), files.open_output("/dev/full") as stream:
        stream.write(b"x" * 1_000_000)


@pytest.mark.skipif(not Path("/dev/null").exists(), reason="there is no such device on Windows")
def test_a_device_is_written_to_and_stays_one():
    with files.open_output("/dev/null") as stream:
        stream.write(b"x")
    assert not Path("/dev/null").is_file()


def test_an_error_about_another_file_is_passed_on_as_it_is(tmp_path):
    with pytest.raises(FileNotFoundError, match="absent"), files.open_output(tmp_path / "out.txt"):
        (tmp_path / "absent").read_text()


def test_standard_output_gets_the_bytes_and_stays_open(monkeypatch):
    stdout = io.TextIOWrapper(io.BytesIO())
    monkeypatch.setattr(sys, "stdout", stdout)
    with files.open_output("-") as stream:
        stream.write(TEXT.encode())
    assert stdout.buffer.getvalue() == TEXT.encode()


@pytest.mark.parametrize(("name", "expected"), [("a.tmx", ".tmx"), ("A.TMX.GZ", ".tmx"), ("a.b.html.zst", ".html"), ("a", ""), ("-", "")])
def test_the_suffix_is_that_of_what_is_packed(name, expected):
    assert files.suffix(name) == expected
