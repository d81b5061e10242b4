"""Dumps as they came: files that become documents, tables that become two, folders whose files pair."""

import gzip
import io
import json
import sys
from pathlib import Path

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from aligner.dumps import find_pairs, pair_beside, read_column, read_columns, read_document
from aligner.errors import InputError

PACKERS = {"": bytes, ".gz": gzip.compress, ".zst": zstandard.compress}


@pytest.mark.parametrize("text", ["Bonjour. Il pleut.", "Il pleut. Il neige", "", "Un.\nDeux.", "Il pleut. " * 1000])
def test_a_text_where_a_path_was_wanted_is_told_how_to_be_given(text):
    with pytest.raises(InputError, match="give a list of its sentences, or a Document") as caught:
        read_document(text)
    assert len(str(caught.value)) < 200


def test_a_missing_file_whose_name_has_a_space_is_a_missing_file(tmp_path):
    with pytest.raises(InputError, match="there is no such file; check the name and the folder"):
        read_document(str(tmp_path / "my text.txt.gz"))


def test_a_text_is_read_as_it_stands(tmp_path):
    (tmp_path / "a.fr.txt").write_bytes("Été.\r\n\r\n Fin\n".encode())
    document = read_document(tmp_path / "a.fr.txt")
    assert document.text == "Été.\r\n\r\n Fin\n"
    assert document.name == (tmp_path / "a.fr.txt").as_posix()
    assert not document.segments
    assert not document.segmented


@pytest.mark.parametrize("packing", PACKERS)
@pytest.mark.parametrize("suffix", [".html", ".htm", ".XHTML"])
def test_html_is_read_as_its_blocks(tmp_path, suffix, packing):
    path = tmp_path / f"a{suffix}{packing}"
    path.write_bytes(PACKERS[packing]("<p>Été<p>Fin".encode()))
    assert read_document(path).text == "Été\n\nFin"


@given(st.lists(st.text(alphabet="aé \x85\u2028", max_size=4), max_size=6), st.sampled_from(["\n", "\r\n", "\r"]), st.booleans())
def test_lines_are_segments_with_exact_spans(tmp_path_factory, lines, end, last):
    path = tmp_path_factory.mktemp("texts") / "a.txt"
    last = last or lines[-1:] == [""]  # an empty last line shows by its line end alone
    path.write_bytes((end.join(lines) + end * (last and bool(lines))).encode())
    document = read_document(path, segmented=True)
    assert [segment.text for segment in document.segments] == lines
    assert document.segmented
    for number, segment in enumerate(document.segments):
        assert document.text[segment.start : segment.end] == segment.text
        assert segment.block == number


def test_empty_lines_keep_their_number(tmp_path):
    (tmp_path / "a.txt").write_text("a\n\nb\n")
    assert [segment.text for segment in read_document(tmp_path / "a.txt", segmented=True).segments] == ["a", "", "b"]


def test_standard_input_is_a_text(monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO("Été.\n".encode())))
    document = read_document("-")
    assert (document.text, document.name) == ("Été.\n", "standard input")


@pytest.mark.parametrize("name", ["a.tsv", "a.CSV.gz", "a.jsonl"])
def test_a_table_without_columns_is_refused(tmp_path, name):
    with pytest.raises(InputError, match="a text was wanted, but its name says a table; name the columns that hold the texts"):
        read_document(tmp_path / name)


def test_segmented_html_is_refused(tmp_path):
    with pytest.raises(
        InputError, match=r"a\.html: one segment a line was wanted, which HTML does not have; give plain text, or let it be split"
    ):
        read_document(tmp_path / "a.html", segmented=True)


ROWS = [("Un. Deux.", "One. Two."), ("", "Nothing"), ("« Trois »", "“Three”")]


def table(kind):
    if kind in ("jsonl", "ndjson"):
        return "".join(json.dumps({"id": 1, "fr": fr, "en": en}) + "\n" for fr, en in ROWS)
    delimiter = "\t" if kind in ("tsv", "tab") else ","
    return "\n".join(delimiter.join(cells) for cells in [("id", "fr", "en"), *(("1", *row) for row in ROWS)]) + "\n"


@pytest.mark.parametrize("packing", PACKERS)
@pytest.mark.parametrize("kind", ["tsv", "tab", "csv", "jsonl", "ndjson"])
def test_two_columns_are_two_documents_whose_rows_are_counterparts(tmp_path, kind, packing):
    path = tmp_path / f"a.{kind}{packing}"
    path.write_bytes(PACKERS[packing](table(kind).encode()))
    source, target = read_columns(path, "fr", "en")
    assert [source.text[start:end] for start, end in source.rows] == [fr for fr, _ in ROWS]
    assert [target.text[start:end] for start, end in target.rows] == [en for _, en in ROWS]
    assert not source.segments
    assert (source.name, target.name) == (f"{path.as_posix()}#fr", f"{path.as_posix()}#en")


def test_columns_may_be_named_by_number(tmp_path):
    (tmp_path / "a.csv").write_text(table("csv"), "utf-8")
    source, _ = read_columns(tmp_path / "a.csv", "2", "3")
    assert source.text.startswith("Un. Deux.")
    (tmp_path / "b.csv").write_text("2,1\nzwei,eins\n")
    assert read_column(tmp_path / "b.csv", "1").text == "eins"  # a name goes before a number


def test_one_column_is_segments_taken_as_they_are(tmp_path):
    (tmp_path / "a.csv").write_text('fr\n"Un.\nDeux."\n""\n Trois \n', "utf-8")
    document = read_column(tmp_path / "a.csv", "fr")
    assert [segment.text for segment in document.segments] == ["Un.\nDeux.", "", " Trois "]
    assert document.segmented


def test_null_is_an_empty_cell_and_broken_surrogates_are_replaced(tmp_path):
    (tmp_path / "a.jsonl").write_text('{"fr": null}\n{"fr": "a\\ud800"}\n')
    assert [segment.text for segment in read_column(tmp_path / "a.jsonl", "fr").segments] == ["", "a\ufffd"]


def test_a_table_in_an_old_encoding_is_read(tmp_path):
    (tmp_path / "a.csv").write_bytes("fr;en\nLe ministère a été créé à l'époque où…;x\n".encode("cp1252"))
    assert read_column(tmp_path / "a.csv", "fr").text == "Le ministère a été créé à l'époque où…"


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("a.tsv", "fr\ten\na\tb\n", r"a\.tsv: there is no column de; there are fr, en\. Name one of them, or its number from 1"),
        ("a.jsonl", '{"fr": "a", "en": "b"}\n', r"there is no column de; there are fr, en\."),
        ("a.tsv", "", "a header line that names the columns was wanted, but the file is empty"),
        (
            "a.txt",
            "fr\ten\n",
            r"columns are read from \.tsv, \.tab, \.csv, \.jsonl, \.ndjson files, which its name does not say it is; rename it",
        ),
        (
            "a.tsv",
            "fr\tde\na\tb\nc\nd\te\tf\n",
            r"2 bad rows; mend or delete:\n  line 3: 2 cells were wanted, .* not 1\n  line 4: .* not 3",
        ),
        (
            "a.jsonl",
            '{"fr": "a", "de": "b"}\n{"fr": 1, "de": "b"}\n{"de": []}\n',
            r"line 2: a text was wanted in fr\n  line 3: a text was wanted in fr, de",
        ),
    ],
)
def test_bad_columns_and_rows_are_all_named(tmp_path, name, text, message):
    (tmp_path / name).write_text(text)
    with pytest.raises(InputError, match=message):
        read_columns(tmp_path / name, "fr", "de")


@pytest.mark.parametrize("column", ["0", "3", "-1", "²"])
def test_a_number_that_is_no_column_is_refused(tmp_path, column):
    (tmp_path / "a.tsv").write_text("fr\ten\na\tb\n")
    with pytest.raises(InputError, match=f"there is no column {column}"):
        read_column(tmp_path / "a.tsv", column)


def found(folder, *names):
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("texte")
    result = find_pairs(folder, "fr", "en")
    relative = [[path.relative_to(folder).as_posix() for path in pair] for pair in result.pairs]
    return relative, [path.relative_to(folder).as_posix() for path in result.unpaired]


@pytest.mark.parametrize(
    ("source", "target"),
    [
        ("doc.fr.txt", "doc.en.txt"),
        ("doc_fr.txt", "doc_en.txt"),
        ("doc-fr.txt", "doc-en.txt"),
        ("doc_FR.html", "doc_En.html"),
        ("doc.fr", "doc.en"),
        ("fr.txt", "en.txt"),
        ("fr_doc.txt", "en_doc.txt"),
        ("fr/doc.txt", "en/doc.txt"),
        ("a/b/fr/c/doc.txt", "a/b/en/c/doc.txt"),
        ("site-fr/doc.txt", "site-en/doc.txt"),
        ("fr/doc.fr.txt", "en/doc.en.txt"),
        ("mise_en_page.fr.txt", "mise_en_page.en.txt"),
        ("doc.fr.txt.gz", "doc.en.txt.gz"),
        ("doc.fr.txt.zst", "doc.en.txt"),
        ("doc.fr.html", "doc.en.txt.gz"),
        ("2025.01.fr.txt", "2025.01.en.txt"),
        ("notice (fr).txt", "notice (en).txt"),
        ("doc.fr-CA.txt", "doc.en_GB.txt"),
        ("rapport-francais.txt", "rapport-english.txt"),
        ("FRA/doc.txt", "eng/doc.txt"),
    ],
)
def test_names_that_differ_in_the_language_alone_pair(tmp_path, source, target):
    assert found(tmp_path, source, target) == ([[source, target]], [])


@pytest.mark.parametrize(
    "names",
    [
        ("doc.fr.txt", "other.en.txt"),
        ("frdoc.txt", "endoc.txt"),
        ("doc.fr.txt", "doc.de.txt"),
        ("a/fr/doc.txt", "b/en/doc.txt"),
        ("doc.fr.txt", "doc-en.txt"),
        ("doc.fr.pdf", "doc.en.txt"),
        ("readme.txt",),
        ("doc-francaise.txt", "doc-englisher.txt"),
        ("doc-fr-2025.txt", "doc-en-2024.txt"),
        (),
    ],
)
def test_other_names_stay_unpaired_and_are_told(tmp_path, names):
    assert found(tmp_path, *names) == ([], sorted(names))


def test_what_could_pair_with_several_is_not_guessed(tmp_path):
    names = ("doc.en.html", "doc.en.md", "doc.fr.txt", "un.en.txt", "un.fr.txt")
    assert found(tmp_path, *names) == ([["un.fr.txt", "un.en.txt"]], ["doc.en.html", "doc.en.md", "doc.fr.txt"])


def test_the_translation_beside_one_file_is_found_from_either_side_and_not_guessed(tmp_path, monkeypatch):
    found(
        tmp_path,
        "doc.fr.txt",
        "doc.en.txt",
        "fr/un.txt",
        "en/un.txt",
        "deux.fr.txt",
        "deux.en.txt",
        "deux.en.md",
        "deux.en.html",
        "seul.fr.md",
    )
    pair = tmp_path / "doc.fr.txt", tmp_path / "doc.en.txt"
    assert pair_beside(pair[0], "fr", "en") == pair_beside(pair[1], "fr", "en") == pair
    assert pair_beside(pair[0], "en", "fr") == pair[::-1]
    assert pair_beside(tmp_path / "deux.en.md", "fr", "en") is pair_beside(tmp_path / "seul.fr.md", "fr", "en") is None
    assert pair_beside(tmp_path / "absent" / "doc.fr.txt", "fr", "en") is None
    monkeypatch.chdir(tmp_path / "fr")
    assert pair_beside("un.txt", "fr", "en") == (Path("un.txt"), Path("../en/un.txt"))


@pytest.mark.parametrize(
    ("name", "advice"), [("a.docx", "save it as plain text"), ("a.xlsx", "save it as .csv"), ("a.tmx.gz", "is aligned already")]
)
def test_who_gives_what_is_no_text_is_told_what_to_do(tmp_path, name, advice):
    (tmp_path / name).write_bytes(b"PK")
    with pytest.raises(InputError, match=advice):
        read_document(tmp_path / name)


def test_files_of_one_kind_pair_before_files_of_two(tmp_path):
    names = ("doc.en.html", "doc.en.txt", "doc.fr.html", "doc.fr.txt")
    assert found(tmp_path, *names) == ([["doc.fr.html", "doc.en.html"], ["doc.fr.txt", "doc.en.txt"]], [])


def test_case_alone_does_not_make_two_candidates_one(tmp_path):
    assert found(tmp_path, "doc.EN.txt", "doc.en.txt", "doc.fr.txt") == ([], ["doc.EN.txt", "doc.en.txt", "doc.fr.txt"])


def test_hidden_files_and_folders_are_passed_over(tmp_path):
    assert found(tmp_path, ".doc.fr.txt", "doc.en.txt", ".git/a.fr.txt", ".git/a.en.txt") == ([], ["doc.en.txt"])


@pytest.mark.skipif(sys.platform == "win32", reason="links need privileges there")
def test_links_out_of_the_folder_are_not_followed(tmp_path):
    outside, folder = tmp_path / "outside", tmp_path / "folder"
    outside.mkdir()
    folder.mkdir()
    for name in ("doc.fr.txt", "doc.en.txt"):
        (outside / name).write_text("secret")
    (folder / "doc.fr.txt").symlink_to(outside / "doc.fr.txt")
    (folder / "doc.en.txt").write_text("text")
    (folder / "all").symlink_to(outside)
    (folder / "loop").symlink_to(folder)
    (folder / "broken.fr.txt").symlink_to(folder / "absent")
    (folder / "inside.fr.txt").symlink_to(folder / "doc.en.txt")
    assert found(folder, "inside.en.txt") == ([["inside.fr.txt", "inside.en.txt"]], ["doc.en.txt"])


def test_a_folder_that_is_none_is_refused(tmp_path):
    with pytest.raises(
        InputError, match=r"absent: a folder that can be read was wanted: No such file or directory; check its name and permissions"
    ):
        find_pairs(tmp_path / "absent", "fr", "en")
    (tmp_path / "a.txt").write_text("")
    with pytest.raises(InputError, match=r"a\.txt: a folder that can be read was wanted: Not a directory"):
        find_pairs(tmp_path / "a.txt", "fr", "en")
