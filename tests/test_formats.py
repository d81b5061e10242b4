"""Units, beads, gold and pages as files: what is written is read back, and what cannot be read is explained."""

import gzip
import json
import os
import random
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aligner.annotations import KINDS
from aligner.errors import InputError, OutputError
from aligner.formats import FORMATS, html, read_units, rows, write_units
from aligner.formats.beads import read_beads, single_nulls, write_beads
from aligner.formats.characters import encodable
from aligner.formats.fields import format_number
from aligner.formats.gold import read_gold_folder
from aligner.formats.html import read_html
from aligner.scoring import coverage_fault
from aligner.types import Bead, TranslationUnit, normalised

UNIT = TranslationUnit(
    "fr", "en", 'Il dit : « "Oui" ».', "=1+1, he said", 0.973, -0.5, "accepted", "a.fr.txt", "a.en.txt", ((0, 3), (4, 9)), (),
    annotations=("length", "numbers"),
)  # fmt: skip
TABLES = ("tsv", "csv", "jsonl")
READ_BACK = [name for name, form in FORMATS.items() if form.read]

any_text = st.text(alphabet=st.one_of(st.characters(), st.sampled_from("\x00\x02\x85\ud800\ufffe\u2028\xa0,;\"'\\ \t\r\n")), max_size=15)
spans = st.lists(st.tuples(st.integers(0, 99), st.integers(0, 10**12)), max_size=3).map(tuple)
number = st.floats(allow_nan=False, allow_infinity=False)
units = st.builds(
    TranslationUnit,
    any_text,
    any_text,
    any_text,
    any_text,
    st.none() | number,
    st.none() | number,
    any_text,
    any_text,
    any_text,
    spans,
    spans,
    annotations=st.lists(st.sampled_from(KINDS), unique=True).map(tuple),
)


def cleaned(unit, kind):
    def clean(text):
        return normalised(encodable(text)) if kind == "tsv" else encodable(text)

    texts = ("source_lang", "target_lang", "source", "target", "status", "source_document", "target_document")
    return replace(unit, **{name: clean(getattr(unit, name)) for name in texts}, **cut(unit))


def cut(unit):
    """Its scores as files bear them."""
    return {name: None if (score := getattr(unit, name)) is None else float(format_number(score)) for name in ("probability", "cosine")}


@pytest.mark.parametrize(
    ("score", "written"), [(0.9999998, "0.999999"), (0.29, "0.290000"), (1.0, "1.000000"), (1e-7, "0.000000"), (-0.5, "-0.500000")]
)
def test_scores_are_cut_after_six_decimals_so_that_none_below_one_says_one(tmp_path, score, written):
    unit = replace(UNIT, probability=score, cosine=score)
    for kind in ("tsv", "csv", "tmx"):
        write_units([unit], tmp_path / f"a.{kind}")
        assert (tmp_path / f"a.{kind}").read_text("utf-8").count(written) == 2
    for kind in ("jsonl", "xlsx"):
        write_units([unit], tmp_path / f"a.{kind}")
        assert [(each.probability, each.cosine) for each in read_units(tmp_path / f"a.{kind}")] == [(float(written), float(written))]


@given(number)
def test_a_score_that_was_written_and_read_is_written_the_same(score):
    written = format_number(score)
    assert format_number(float(written)) == written
    assert abs(float(written)) <= abs(score)


@pytest.mark.parametrize("kind", TABLES)
@given(given_units=st.lists(units, max_size=4))
def test_what_is_written_is_read_back(tmp_path_factory, kind, given_units):
    path = tmp_path_factory.mktemp("units") / f"a.{kind}"
    assert write_units(given_units, path) == len(given_units)
    assert list(read_units(path)) == [cleaned(unit, kind) for unit in given_units]


@pytest.mark.parametrize("kind", READ_BACK)
@pytest.mark.parametrize("packing", ["", ".gz", ".zst"])
def test_every_format_is_told_by_its_suffix_packed_or_not(tmp_path, kind, packing):
    path = tmp_path / f"a.{kind.upper()}{packing}"
    assert write_units([UNIT, UNIT], path) == 2
    assert list(read_units(path)) == [UNIT, UNIT]


@pytest.mark.parametrize("kind", READ_BACK)
def test_a_format_named_goes_before_the_suffix(tmp_path, kind):
    path = tmp_path / "a.txt"
    write_units([UNIT], path, format=kind)
    assert list(read_units(path, format=kind)) == [UNIT]


@pytest.mark.parametrize("kind", FORMATS)
def test_units_that_fail_midway_leave_no_file(tmp_path, kind):
    def failing():
        yield UNIT
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_units(failing(), tmp_path / f"a.{kind}.gz")
    assert list(tmp_path.iterdir()) == []


def test_an_unknown_format_is_refused_before_the_first_unit(tmp_path):
    def never():
        raise AssertionError("a unit was asked for")
        yield

    with pytest.raises(
        OutputError, match=r"a\.xyz: its name does not tell a format of units; end it in \.tmx, \.tsv, \.csv, \.jsonl, \.xlsx, \.html,"
    ):
        write_units(never(), tmp_path / "a.xyz")
    with pytest.raises(OutputError, match="there is no format docx; choose one of tmx, tsv, csv, jsonl, xlsx, html"):
        write_units(never(), tmp_path / "a.tmx", format="docx")
    with pytest.raises(InputError, match="standard input has no name that tells a format"):
        read_units("-")


def test_a_spreadsheet_finds_its_columns_named(tmp_path):
    write_units([UNIT], tmp_path / "a.tsv")
    header, row = (tmp_path / "a.tsv").read_text("utf-8").splitlines()
    columns = "source target probability cosine status source_lang target_lang source_document target_document"
    assert header.split("\t") == [*columns.split(), "source_spans", "target_spans", "annotations", "id"]
    assert row.split("\t")[9:] == ["0-3 4-9", "", "length numbers", UNIT.id]


def test_json_lines_hold_numbers_as_numbers_and_letters_as_they_are(tmp_path):
    write_units([replace(UNIT, probability=0.1 + 0.2, cosine=None, source="Été")], tmp_path / "a.jsonl")
    line = (tmp_path / "a.jsonl").read_text("utf-8")
    values = json.loads(line)
    assert "Été" in line
    assert values["probability"] == 0.3
    assert values["source_spans"] == [[0, 3], [4, 9]]
    assert "cosine" not in values


def test_columns_may_stand_in_any_order_and_some_be_missing_or_new(tmp_path):
    (tmp_path / "a.tsv").write_text(
        "\ufefftarget_lang\tnote\ttarget\tsource\tsource_lang\r\nen\tx\tHello\tBonjour\tfr\r\n\r\n", "utf-8", newline=""
    )
    assert list(read_units(tmp_path / "a.tsv")) == [TranslationUnit("fr", "en", "Bonjour", "Hello")]


def test_a_semicolon_table_of_french_excel_is_read(tmp_path):
    (tmp_path / "a.csv").write_text('source;target;source_lang;target_lang\n"Un; deux, trois";x;fr;en\n', "utf-8")
    assert [unit.source for unit in read_units(tmp_path / "a.csv")] == ["Un; deux, trois"]


HEADER = "source\ttarget\tsource_lang\ttarget_lang\tprobability\tsource_spans\n"


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("a.tsv", "", r"a\.tsv: a header line that names the columns was wanted, but the file is empty"),
        ("a.tsv", "fr\ten\na\tb\n", "the columns source, target, source_lang, target_lang were wanted; there are fr, en. Name them so"),
        ("a.tsv", "source\tsource\n", "its header names source twice; give each column a name of its own"),
        (
            "a.tsv",
            HEADER + "a\tb\tfr\ten\t.5\t\n" + "a\tb\n",
            r"1 bad row; mend or delete:\n  line 3: 6 cells were wanted, as in the header, not 2",
        ),
        ("a.tsv", HEADER + "a\tb\tfr\ten\thigh\t\n", "line 2: probability: a number was wanted, not 'high'"),
        ("a.tsv", HEADER + "a\tb\tfr\ten\t.5\t1..3\n", "line 2: spans as in '12-40 41-60' were wanted, not '1..3'"),
        (
            "a.csv",
            HEADER.replace("\t", ",") + 'a,"b"x,fr,en,.5,\n"a\nb",c\n',
            r"2 bad rows.*\n  line 2: is no CSV .*\n  line 3: 6 cells were wanted",
        ),
        ("a.csv", HEADER.replace("\t", ",") + '"a', "line 2: is no CSV"),
        ("a.jsonl", '{"source": "a"}\n', "line 1: lacks target, source_lang, target_lang"),
        (
            "a.jsonl",
            "\n{]\n[1]\n" + "[" * 100_000,
            r"3 bad rows.*\n  line 2: is no JSON .*\n  line 3: an object like .* was wanted, not \[1\]\n  line 4",
        ),
        ("a.jsonl", '{"source": 1, "target": "b", "source_lang": "fr", "target_lang": "en"}', "line 1: source: a text was wanted, not 1"),
        (
            "a.jsonl",
            '{"source": "a", "target": "b", "source_lang": "fr", "target_lang": "en", "source_spans": [[1]]}',
            r"line 1: source_spans: spans like \[\[12, 40\]\] were wanted, not \[\[1\]\]",
        ),
        (
            "a.jsonl",
            '{"source": "a", "target": "b", "source_lang": "fr", "target_lang": "en", "cosine": [1]}',
            r"line 1: cosine: a number was wanted, not '\[1\]'",
        ),
    ],
)
def test_bad_tables_are_refused_with_every_row_and_its_line(tmp_path, name, text, message):
    (tmp_path / name).write_text(text, "utf-8", newline="")
    with pytest.raises(InputError, match=message):
        list(read_units(tmp_path / name))


def test_good_rows_are_read_before_the_bad_ones_are_reported(tmp_path):
    (tmp_path / "a.tsv").write_text(HEADER + "bad\n" + "a\tb\tfr\ten\t.5\t\n", "utf-8")
    reading = read_units(tmp_path / "a.tsv")
    assert next(reading).source == "a"
    with pytest.raises(InputError, match="line 2"):
        next(reading)


def test_many_bad_rows_are_counted(tmp_path):
    (tmp_path / "a.tsv").write_text(HEADER + "bad\n" * 50, "utf-8")
    with pytest.raises(InputError, match=rf"50 bad rows(.*\n)+  and {50 - rows.MAX_REPORTED} more"):
        list(read_units(tmp_path / "a.tsv"))


@pytest.mark.parametrize("kind", TABLES)
def test_units_that_are_not_utf_8_are_refused(tmp_path, kind):
    (tmp_path / f"a.{kind}").write_bytes("source\tété\n".encode("latin-1"))
    with pytest.raises(InputError, match="units were wanted in UTF-8, which it is not"):
        list(read_units(tmp_path / f"a.{kind}"))


def test_a_cell_of_a_megabyte_is_read(tmp_path):
    write_units([replace(UNIT, source="mot " * 300_000 + ".")], tmp_path / "a.csv")
    (unit,) = read_units(tmp_path / "a.csv")
    assert len(unit.source) == 1_200_001


numbers = st.lists(st.integers(0, 30), unique=True, max_size=3).map(sorted).map(tuple)
beads = st.lists(st.builds(Bead, numbers, numbers, st.integers(0, 1000).map(lambda n: n / 1000)), max_size=12)


@given(beads)
def test_beads_read_back_with_nulls_taken_apart(tmp_path_factory, given_beads):
    path = tmp_path_factory.mktemp("beads") / "a.beads"
    count = write_beads(given_beads, path)
    back = read_beads(path)
    assert count == len(back)
    assert sorted(back, key=repr) == sorted((single for bead in given_beads for single in single_nulls(bead)), key=repr)


@given(beads)
def test_bead_lines_are_ordered_by_first_source_then_first_target(tmp_path_factory, given_beads):
    path = tmp_path_factory.mktemp("beads") / "a.beads"
    write_beads(given_beads, path)
    keys = [(bead.source[0], bead.target[0] if bead.target else -1) for bead in read_beads(path) if bead.source]
    assert keys == sorted(keys)


def test_a_monotone_alignment_reads_in_order_on_both_sides(tmp_path):
    alignment = [
        Bead((), (0,), 0.9),
        Bead((0, 1), (1,), 0.9731),
        Bead((2, 3), (), 0.99),
        Bead((), (2, 3), 0.8),
        Bead((4,), (4,), 1.0),
        Bead((), (5,), 1),
    ]
    random.Random(1).shuffle(alignment)
    write_beads(alignment, tmp_path / "a.beads")
    assert (tmp_path / "a.beads").read_text().split() == [
        "[]:[0]:0.900",
        "[0,1]:[1]:0.973",
        "[]:[2]:0.800",
        "[]:[3]:0.800",
        "[2]:[]:0.990",
        "[3]:[]:0.990",
        "[4]:[4]:1.000",
        "[]:[5]:1.000",
    ]


def test_beads_of_other_tools_are_read(tmp_path):
    (tmp_path / "a").write_text(
        "# made by hand\n\n [0, 1] : [0]\n[2]:[1]:0.25\r\n[3]:[]:7.5\n[4]:[2]:sure\n[]:[]\n[5]:[3]:0.5:x\n", newline=""
    )
    assert read_beads(tmp_path / "a") == [
        Bead((0, 1), (0,), 1.0),
        Bead((2,), (1,), 0.25),
        Bead((3,), (), 1.0),
        Bead((4,), (2,), 1.0),
        Bead((5,), (3,), 1.0),
    ]


def test_lines_that_are_no_beads_are_all_named(tmp_path):
    (tmp_path / "a").write_text("[0]:[0]\n[1]\n[x]:[1]\n" + "[\n" * 30)
    with pytest.raises(InputError) as refused:
        read_beads(tmp_path / "a")
    first, second, *_, last = str(refused.value).splitlines()[1:]
    assert first == "  line 2: a bead like [0,1]:[0] was wanted, not '[1]'"
    assert second == "  line 3: a bead like [0,1]:[0] was wanted, not '[x]:[1]'"
    assert last == "  and 12 more"


@pytest.fixture
def gold(tmp_path):
    (tmp_path / "doc.v1.fr").write_text("Un.\nDeux.\nTrois.\n", "utf-8")
    (tmp_path / "doc.v1.en").write_text("One.\nTwo.", "utf-8")
    (tmp_path / "doc.v1.gold").write_text("[0]:[0]\n[1,2]:[1]\n", "utf-8")
    return tmp_path


def test_gold_is_read_with_its_segments_and_alternatives(gold):
    (gold / "doc.v1.alt").write_text("[1]:[1]\n", "utf-8")
    (document,) = read_gold_folder(gold)
    assert document.name == "doc.v1"
    assert [segment.text for segment in document.source.segments] == ["Un.", "Deux.", "Trois."]
    assert [(segment.text, segment.lang) for segment in document.target.segments] == [("One.", "en"), ("Two.", "en")]
    assert document.beads == (Bead((0,), (0,), 1.0), Bead((1, 2), (1,), 1.0))
    assert document.alternatives == (Bead((1,), (1,), 1.0),)


def test_gold_of_another_pair_of_languages_is_read(gold):
    (gold / "doc.v1.fr").rename(gold / "doc.v1.de")
    (document,) = read_gold_folder(gold, source_lang="de")
    assert document.source.segments[0].lang == "de"
    assert document.alternatives == ()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda folder: (folder / "doc.v1.gold").unlink(), r"a folder with files DOC\.gold was wanted, and there are none; check the name"),
        (lambda folder: (folder / "doc.v1.en").unlink(), r"doc\.v1\.en: there is no such file"),
        (
            lambda folder: (folder / "doc.v1.gold").write_text("[0]:[0]\n[1]:[1]\n"),
            r"doc\.v1\.gold: .* exactly once was wanted, but source segments missing: 2",
        ),
        (
            lambda folder: (folder / "doc.v1.gold").write_text("[0,1,2,3]:[0]\n[]:[1]\n"),
            "source segments unknown: 3; correct one of the three files",
        ),
        (lambda folder: (folder / "doc.v1.gold").write_text("[0,1]:[0]\n[1,2]:[1]\n"), "source segments doubled: 1"),
    ],
)
def test_gold_that_does_not_fit_is_refused(gold, change, message):
    change(gold)
    with pytest.raises(InputError, match=message):
        list(read_gold_folder(gold))


@pytest.mark.skipif("ALIGNER_GOLD" not in os.environ, reason="ALIGNER_GOLD names no folder of gold")
def test_all_gold_is_read_and_its_beads_survive_writing(tmp_path):
    for folder in sorted({path.parent for path in Path(os.environ["ALIGNER_GOLD"]).glob("*/*.gold")}):
        for number, document in enumerate(read_gold_folder(folder)):
            path = tmp_path / f"{folder.name}{number}.beads"
            write_beads(document.beads, path)
            assert not coverage_fault(read_beads(path), range(len(document.source.segments)), range(len(document.target.segments)))


PAGE = """<!DOCTYPE html><html lang="fr"><head><meta charset="utf-8"><title>Le   titre</title><style>p{}</style></head><body>
<nav><ul><li><a href="/">Accueil</a><li>Contact</ul></nav>
<h1>Bonjour <b>le</b>&nbsp;monde&nbsp;!</h1><script>document.write("<p>non</p>")</script><!-- non -->
<p>Un<br>deux<br><br>trois <span style="color:red; display : none">non</span>fin</p>texte <i>nu</i>
<pre>vers un
  vers deux</pre><pre hidden>non</pre><p>après\nle vers</p><div hidden><p>non</p></div>reste
<table><tr><td>1<td>2</table><select><option>non</select><noscript>non</noscript><p> <p>&amp; &lt;fin&gt;"""


def test_a_page_gives_its_blocks_in_order(tmp_path):
    (tmp_path / "a.html").write_text(PAGE, "utf-8")
    assert read_html(tmp_path / "a.html").split("\n\n") == [
        "Le titre",
        "Accueil",
        "Contact",
        "Bonjour le\xa0monde\xa0!",
        "Un\ndeux",
        "trois fin",
        "texte nu",
        "vers un\nvers deux",
        "après le vers",
        "reste",
        "1",
        "2",
        "& <fin>",
    ]


@pytest.mark.parametrize("packing", [bytes, gzip.compress])
@pytest.mark.parametrize(
    ("declared", "encoding"),
    [
        ("iso-8859-1", "cp1252"),
        ("windows-1252", "cp1252"),
        ("utf-8", "utf-8"),
        ("iso-8859-1", "utf-8"),
        ("utf-16", "utf-8"),
        ("no-such-thing", "utf-8"),
        ("idna", "utf-8"),
        ("iso-2022-jp", "iso-2022-jp"),
        ("koi8-r", "koi8-r"),
    ],
)
def test_the_page_s_own_encoding_is_heeded_where_it_can_be_true(tmp_path, packing, declared, encoding):
    text = {"iso-2022-jp": "日本語", "koi8-r": "Привет"}.get(encoding, "L’été")
    (tmp_path / "a.html").write_bytes(
        packing(PAGE.replace('"utf-8"', f'"{declared}"').replace("texte", text).replace("è", "e").encode(encoding))
    )
    assert f"\n\n{text} nu\n\n" in read_html(tmp_path / "a.html")


def test_an_xhtml_declaration_of_the_encoding_is_heeded(tmp_path):
    (tmp_path / "a.html").write_bytes(
        '<?xml version="1.0" encoding="ISO-8859-2"?>\n<html><body><p>Żółw</p></body></html>'.encode("iso8859_2")
    )
    assert read_html(tmp_path / "a.html") == "Żółw"


@pytest.mark.parametrize("page", ["", "  \n", "<!-- -->", "<html></html>", "<p> </p>"])
def test_a_page_without_text_is_an_empty_text(tmp_path, page):
    (tmp_path / "a.html").write_text(page)
    assert read_html(tmp_path / "a.html") == ""


pieces = ["<p>", "</p>", "<br>", "<pre>", "</pre>", "<pre hidden>", "<div>", "</div>", "<p hidden>", "a", " ", "\n", "<", "&", "é"]


@given(st.lists(st.sampled_from(pieces), max_size=30).map("".join))
def test_any_page_can_be_read(tmp_path_factory, page):
    path = tmp_path_factory.mktemp("pages") / "a.html"
    path.write_text(page, "utf-8", newline="")
    text = read_html(path)
    assert text == text.strip()
    assert "\n\n\n" not in text


def test_a_page_of_great_depth_is_read_and_one_of_endless_depth_refused(tmp_path):
    path = tmp_path / "a.html"
    path.write_text("<div>" * 1_500 + "fond" + "</div>" * 1_500 + "<p>fin")
    assert read_html(path) == "fond\n\nfin"
    path.write_text("<div>" * 50_000 + "fond" + "</div>" * 50_000 + "<p>fin")
    with pytest.raises(
        InputError, match=r"a\.html: line 1: the page cannot be read to its end \(.*depth.*\); simplify it, or save it as text"
    ):
        read_html(path)


def test_ten_megabytes_on_one_line_are_read(tmp_path):
    (tmp_path / "a.html").write_text("<p>" + "mot " * 2_500_000)
    assert len(read_html(tmp_path / "a.html")) == 9_999_999


def test_a_page_too_large_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(html, "MAX_HTML_BYTES", 1000)
    (tmp_path / "a.html").write_text("<p>" + "mot " * 500)
    with pytest.raises(InputError, match=r"a\.html: holds 2,003 bytes, and an HTML page of 1,000 at most is read; split it"):
        read_html(tmp_path / "a.html")


def test_a_picture_called_html_is_refused(tmp_path):
    (tmp_path / "a.html").write_bytes(b"\x89PNG\r\n\x1a\n\0\0")
    with pytest.raises(InputError, match="holds NUL bytes"):
        read_html(tmp_path / "a.html")
