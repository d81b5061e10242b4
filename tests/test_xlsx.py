"""Workbooks: what is written is read back, by us and by others; texts stay texts; hostile files are refused."""

import contextlib
import io
import re
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from aligner.errors import InputError
from aligner.formats import read_units, workbook_reading, workbooks, write_units, xlsx
from aligner.formats.characters import xml_text
from aligner.formats.fields import format_number
from aligner.formats.tables import COLUMNS
from aligner.formats.workbook_reading import read_sheets
from aligner.types import TranslationUnit

UNIT = TranslationUnit("fr", "en", "Un.", "One.", 0.973, -0.5, "accepted", "a.fr.txt", "a.en.txt", ((0, 3),), ((4, 9),))
HOSTILE = (
    "=1+1",
    '=HYPERLINK("http://example.org")',
    "+1",
    "-1",
    "@SUM(A1)",
    "'quoted",
    "<r><t>raw</t></r>",
    "<r>",
    "</t></is></c>",
    "_x0041_",
    "&amp;<b>",
    "<script>alert(1)</script>",
    "1e5",
    "0012",
    "TRUE",
    "2026-01-31",
    "http://example.org",
    "mailto:a@example.org",
    "\u202eright to left",
    "a\u2028b",
    "\x07\x00bell",
    "\ud800\ufffe",
    "😀👨‍👩‍👧",
    "mot " * 2_500,
)

any_text = st.text(st.one_of(st.characters(), st.sampled_from("\x00\x02\x85\ud800\ufffe\u2028\xa0=<>&_x0041'\\ \t\r\n")), max_size=15)
score = st.none() | st.floats(allow_nan=False, allow_infinity=False)
units = st.builds(TranslationUnit, any_text, any_text, any_text, any_text, score, score, any_text, any_text, any_text)


def cleaned(unit: TranslationUnit) -> TranslationUnit:
    texts = ("source_lang", "target_lang", "source", "target", "status", "source_document", "target_document")
    scores = {
        name: None if (value := getattr(unit, name)) is None else float(f"{float(format_number(value)):.16G}")
        for name in ("probability", "cosine")
    }
    return replace(unit, **{name: xml_text(getattr(unit, name)) for name in texts}, **scores)


@settings(deadline=None)
@given(st.lists(units, max_size=4))
@example([replace(UNIT, source="_x005F_x0041_x0042_", target="<r>_x005F_x0041_</r>")])
def test_what_is_written_is_read_back(tmp_path_factory, given_units):
    path = tmp_path_factory.mktemp("units") / "a.xlsx"
    assert write_units(given_units, path) == len(given_units)
    assert list(read_units(path)) == [cleaned(unit) for unit in given_units]


def test_another_reader_finds_hostile_texts_as_texts_and_scores_as_numbers(tmp_path):
    given_units = [replace(UNIT, source=text, target=text[::-1]) for text in HOSTILE]
    write_units(given_units, tmp_path / "a.xlsx")
    sheet = CalamineWorkbook.from_path(tmp_path / "a.xlsx").get_sheet_by_name("units")
    header, *rows = sheet.to_python()
    assert tuple(header) == COLUMNS
    assert [row[:4] for row in rows] == [[xml_text(unit.source), xml_text(unit.target), 0.973, -0.5] for unit in given_units]
    assert [row[-1] for row in rows] == [unit.id for unit in given_units]
    assert list(read_units(tmp_path / "a.xlsx")) == [cleaned(unit) for unit in given_units]


def test_no_cell_is_a_formula_or_link(tmp_path):
    write_units([replace(UNIT, source=text) for text in HOSTILE], tmp_path / "a.xlsx")
    with zipfile.ZipFile(tmp_path / "a.xlsx") as archive:
        sheet = archive.read("xl/worksheets/sheet1.xml").decode()
    assert not re.search(r"<(f|hyperlink)\b", sheet)


def test_the_header_stays_in_sight_and_filters(tmp_path):
    write_units([UNIT], tmp_path / "a.xlsx")
    with zipfile.ZipFile(tmp_path / "a.xlsx") as archive:
        sheet = archive.read("xl/worksheets/sheet1.xml").decode()
    assert 'state="frozen"' in sheet
    assert '<autoFilter ref="A1:M2"/>' in sheet


def test_a_text_too_long_for_a_cell_is_left_out_whole_and_said(tmp_path, caplog):
    fitting = [replace(UNIT, source="x" * workbooks.MAX_CELL), replace(UNIT, source="😀" * 16_383)]
    too_long = [replace(UNIT, source="x" * (workbooks.MAX_CELL + 1)), replace(UNIT, target="😀" * 16_384)]
    assert write_units([*too_long, *fitting], tmp_path / "a.xlsx") == 2
    assert list(read_units(tmp_path / "a.xlsx")) == fitting
    assert "2 of 4 units have a text of more than 32,767 characters" in caplog.text


def test_what_is_too_much_for_a_sheet_goes_to_the_next_one(tmp_path, monkeypatch):
    monkeypatch.setattr(xlsx, "MAX_ROWS", 4)
    given_units = [replace(UNIT, source=f"{number}.") for number in range(8)]
    assert write_units(given_units, tmp_path / "a.xlsx") == 8
    assert CalamineWorkbook.from_path(tmp_path / "a.xlsx").sheet_names == ["units", "units 2", "units 3"]
    assert list(read_units(tmp_path / "a.xlsx")) == given_units


def test_a_disk_that_fills_up_is_an_oserror_as_of_any_format(tmp_path):
    class Full(io.BytesIO):
        def write(self, _data):
            raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space left"):
        xlsx.write([UNIT], Full())


# What other programs write. The parts that are the same in all of them come first.
CONTENT_TYPES = '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>'
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def relationships(*targets: tuple[str, str]) -> str:
    lines = "".join(
        f'<Relationship Id="r{number}" Type="{OFFICE}/{kind}" Target="{target}"/>' for number, (kind, target) in enumerate(targets)
    )
    return f'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{lines}</Relationships>'


def workbook(sheet: str, shared: str = "<sst/>", **others: str) -> bytes:
    parts = {
        "[Content_Types].xml": CONTENT_TYPES,
        "_rels/.rels": relationships(("officeDocument", "/xl/workbook.xml")),
        "xl/workbook.xml": f'<x:workbook xmlns:x="main" xmlns:r="{OFFICE}"><x:sheets><x:sheet name="S" r:id="r0"/></x:sheets></x:workbook>',
        "xl/_rels/workbook.xml.rels": relationships(("worksheet", "worksheets/s.xml"), ("sharedStrings", "/xl/SharedStrings.xml")),
        "xl/worksheets/s.xml": sheet,
        "xl/sharedStrings.xml": shared,
        **others,
    }
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in parts.items():
            archive.writestr(name, text)
    return packed.getvalue()


def read(data: bytes) -> list[tuple[int, dict[int, str]]]:
    return [row for sheet in read_sheets(io.BytesIO(data), "a.xlsx") for row in sheet.rows]


def test_sheets_of_other_programs_are_read():
    rich = "<r><t>ri</t></r><r><rPr><b/></rPr><t>ch</t></r><rPh><t>no</t></rPh>"
    shared = f"""<sst><si><t xml:space="preserve"> a </t></si><si>{rich}</si></sst>"""
    sheet = """<worksheet><sheetData>
        <row r="1"><c r="A1" t="s"><v>0</v></c><c r="C1" t="s"><v>1</v></c><c r="AA1"><v>0.5</v></c></row>
        <row/>
        <row r="7"><c t="b"><v>1</v></c><c t="str"><f>A1&amp;"b"</f><v>_x0041_b</v></c><c t="e"><v>#REF!</v></c><c s="1"/></row>
        <row><c t="inlineStr"><is><t>in</t><t>line</t></is></c></row>
        </sheetData></worksheet>"""
    assert read(workbook(sheet, shared)) == [
        (1, {0: " a ", 2: "rich", 26: "0.5"}),
        (7, {0: "TRUE", 1: "Ab", 2: "#REF!"}),
        (8, {0: "inline"}),
    ]


def test_two_cells_in_opposite_corners_are_two_cells():
    sheet = '<worksheet><row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>2</v></c></row></worksheet>'
    assert read(workbook(sheet)) == [(1, {0: "1"}), (1_048_576, {16_383: "2"})]


ENTITIES = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;">]><worksheet>&b;</worksheet>'


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", r"a\.xlsx: a workbook \(\.xlsx\) was wanted, and this is none or is damaged: File is not a zip file; save it again"),
        (b"PK\x03\x04 half a file", "none or is damaged"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", r"has a password or is an old workbook \(\.xls\); save it as \.xlsx, without a password"),
        (workbook(ENTITIES), "declares a document type"),
        (workbook("<worksheet><row>"), "none or is damaged"),
        (workbook('<worksheet><row><c t="s"><v>7</v></c></row></worksheet>'), "row 1 refers to a text that is not there"),
        (workbook('<worksheet><row><c t="s"><v>-1</v></c></row></worksheet>', "<sst><si/></sst>"), "a text that is not there"),
        (workbook('<worksheet><row r="x"/></worksheet>'), "none or is damaged"),
        (workbook('<worksheet><row><c r="ZZZ1"><v>7</v></c></row></worksheet>'), "more than 16,384 columns"),
        (workbook("<worksheet/>", **{"_rels/.rels": relationships()}), "holds no workbook"),
        (workbook("<worksheet/>", **{"_rels/.rels": relationships(("officeDocument", "../../etc/passwd"))}), "none or is damaged"),
    ],
)
def test_what_is_no_workbook_is_explained(data, message):
    with pytest.raises(InputError, match=message):
        read(data)


def test_a_workbook_that_unpacks_to_too_much_is_refused_however_it_hides_that(monkeypatch):
    monkeypatch.setattr(workbook_reading, "MAX_BYTES", 100_000)
    sheet = "<worksheet><row><c><v>" + "0" * 200_000 + "</v></c></row></worksheet>"
    bomb = workbook(sheet)
    with pytest.raises(InputError, match=r"a\.xlsx: unpacks to more than 100,000 bytes"):
        read(bomb)
    # Its sheet says that it is small, in the list of contents and before its bytes.
    lying = bomb.replace(len(sheet).to_bytes(4, "little"), (9_999).to_bytes(4, "little"))
    assert lying != bomb
    with pytest.raises(InputError):
        read(lying)
    sheets = f'<workbook xmlns:r="{OFFICE}">' + '<sheet r:id="r0"/>' * 1_000 + "</workbook>"
    with pytest.raises(InputError, match=r"unpacks to more than 100,000 bytes"):
        read(workbook(inline(("a" * 1_000,)), **{"xl/workbook.xml": sheets}))


def test_a_packing_that_no_workbook_has_is_refused():
    packed = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(workbook("<worksheet/>"))) as good, zipfile.ZipFile(packed, "w", zipfile.ZIP_LZMA) as archive:
        for name in good.namelist():
            archive.writestr(name, good.read(name))
    with pytest.raises(InputError, match="packed in a way that no workbook is"):
        read(packed.getvalue())


def inline(*rows: tuple[str, ...]) -> str:
    cells = "".join("<row>" + "".join(f'<c t="inlineStr"><is><t>{cell}</t></is></c>' for cell in row) + "</row>" for row in rows)
    return f"<worksheet>{cells}</worksheet>"


@pytest.mark.parametrize(
    ("sheet", "message"),
    [
        (inline(), "a sheet with the columns source, target, source_lang, target_lang was wanted; there are none"),
        (inline(("source", "cible")), "there are source, cible. Name them so"),
        (inline(("source", "target", "source_lang", "target_lang", "source")), "names source twice"),
        (
            inline(
                ("source", "target", "source_lang", "target_lang", "probability"),
                ("a", "b", "fr", "en", "high"),
                ("a", "b", "fr", "en", "."),
            ),
            r"2 bad rows; mend or delete:\n  row 2: probability: a number was wanted, not 'high'\n  row 3: ",
        ),
    ],
)
def test_sheets_without_units_are_refused_with_what_is_there(tmp_path: Path, sheet, message):
    (tmp_path / "a.xlsx").write_bytes(workbook(sheet))
    with pytest.raises(InputError, match=message):
        list(read_units(tmp_path / "a.xlsx"))


def test_columns_may_stand_in_any_order_and_other_sheets_are_passed_over(tmp_path):
    sheet = inline(("target_lang", "note", "target", " source ", "", "source_lang"), ("en", "x", "Hello", "Bonjour", "y", "fr"))
    notes = {
        "xl/worksheets/n.xml": inline(("notes",), ("a note",)),
        "xl/workbook.xml": f'<workbook xmlns:r="{OFFICE}"><sheets><sheet r:id="r1"/><sheet r:id="r0"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": relationships(("worksheet", "worksheets/s.xml"), ("worksheet", "worksheets/n.xml")),
    }
    (tmp_path / "a.xlsx").write_bytes(workbook(sheet, **notes))
    assert list(read_units(tmp_path / "a.xlsx")) == [TranslationUnit("fr", "en", "Bonjour", "Hello")]


WHOLE = workbook(
    '<?xml version="1.0" encoding="UTF-8"?>' + inline(("source", "target", "source_lang", "target_lang"), ("a", "b", "fr", "en")),
    "<sst><si><t>a</t></si></sst>",
)


@settings(deadline=None)
@given(st.data())
def test_a_damaged_workbook_is_read_or_refused_and_nothing_else(data):
    damaged = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(WHOLE)) as good, zipfile.ZipFile(damaged, "w") as archive:
        names = good.namelist()
        victim = data.draw(st.sampled_from(names))
        for name in names:
            part = good.read(name)
            if name == victim:
                at = data.draw(st.integers(0, len(part)))
                part = part[:at] + data.draw(st.binary(max_size=3)) + part[at + data.draw(st.integers(0, 3)) :]
            archive.writestr(name, part)
    packed = bytearray(damaged.getvalue())
    if data.draw(st.booleans()):
        packed[data.draw(st.integers(0, len(packed) - 1))] = data.draw(st.integers(0, 255))
    with contextlib.suppress(InputError):
        read(bytes(packed))
