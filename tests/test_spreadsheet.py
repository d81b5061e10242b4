"""Review sheets: what goes out comes back by its ids, what was changed is done once, and what is doubtful is left alone and said."""

import csv
import io
import random
import re
import shutil
import subprocess
import zipfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from external import requires
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aligner import Alignment, Bead, Corpus, Document, InputError, OutputError, Provenance
from aligner.corpus.actions import Act, Verdict, record, take_turn
from aligner.formats import workbook_reading
from aligner.formats.characters import xml_text
from aligner.reviewing.filters import Filter
from aligner.reviewing.session import REASONS, ReviewSession
from aligner.reviewing.sheets import FORMATS, spreadsheet
from aligner.reviewing.sheets.importing import Plan, carry_out_import, plan_import
from aligner.reviewing.sheets.sheet_rows import COLUMNS, HIDDEN, SheetRow, cells_of
from aligner.reviewing.sheets.spreadsheet import read_sheet, write_sheet

SOURCES = (
    "Un.",
    "=1+1",
    "- Bonjour !",
    "<r>x</r>",
    "12",
    "\u202eabc",
    '\'Tis "so", he said',
    "@SUM(A1)",
    "😀 " * 10,
    "mot " * 2_500,
    "Un.",
    "\x07 cloche",
)
TARGETS = ("One.", "=cmd()", "+Hello!", "</t></is>", "0012", "-1", "\uff1d1", "1/2", "2026-01-31", "word " * 2_500, "One.", "bell")


@pytest.fixture
def corpus(tmp_path: Path) -> Iterator[Corpus]:
    """Twelve links, the first and the eleventh of the same texts, the later the more doubtful, and a segment without counterpart."""
    with filled(tmp_path / "corpus.db") as corpus:
        yield corpus


@pytest.fixture
def any_corpus(url: str) -> Iterator[Corpus]:
    """The same in each database."""
    with filled(url) as corpus:
        yield corpus


def filled(path: Path | str) -> Corpus:
    source = Document.of_segments([*SOURCES, "Seul."], "a.fr.txt", "fr")
    target = Document.of_segments(TARGETS, "a.en.txt", "en")
    beads = [Bead((k,), (k,), 0.99 - k / 20, 0.5) for k in range(len(SOURCES))]
    beads.append(Bead((len(SOURCES),), (), 0.9))
    corpus = Corpus(path)
    corpus.add(Alignment(source, target, tuple(beads), "fr", "en", Provenance("0", "e", "r", "w")))
    return corpus


def session(corpus: Corpus, reviewer: str = "Ada") -> ReviewSession:
    return ReviewSession(corpus, reviewer=reviewer)


def exported(corpus: Corpus, folder: Path, kind: str = "xlsx") -> list[SheetRow]:
    write_sheet(session(corpus), folder / f"a.{kind}", format=kind, overwrite=True)
    return read_sheet(folder / f"a.{kind}")


def changed(rows: list[SheetRow], source: str, /, **cells: str) -> list[SheetRow]:
    """The rows, with other cells in the one with this source."""
    assert source in {row.source for row in rows}
    return [replace(row, **cells) if row.source == source else row for row in rows]


def statuses(corpus: Corpus) -> dict[str, str]:
    found = session(corpus)
    found.view(order="document")
    return {row.source[:10]: row.status for row in found.rows(0, 99)}


def problems(plan: Plan) -> dict[str, list[int]]:
    return {problem: [remark.row for remark in remarks] for problem, remarks in plan.problems.items() if remarks}


@pytest.mark.parametrize("kind", FORMATS)
def test_what_was_written_comes_back_unchanged(corpus, tmp_path, kind):
    rows = exported(corpus, tmp_path, kind)
    wanted = session(corpus).rows(0, 99)
    assert [(row.key, row.unit, row.status, row.reason, row.comment) for row in rows] == [
        (row.key, row.unit, "unreviewed", "", "") for row in wanted
    ]
    assert [(row.source, row.target) for row in rows] == [(xml_text(row.source), xml_text(row.target)) for row in wanted]
    plan = plan_import(corpus, rows, reviewer="Ada")
    assert (plan.rows, plan.unchanged, plan.is_empty, plan.missing, problems(plan)) == (13, 13, True, (), {})


def test_the_remarks_say_what_may_be_wrong_with_a_row(corpus):
    remarks = {row.source: cells_of(row)["remarks"] for row in session(corpus).rows(0, 99)}
    assert "2026, 01, 31 stand on the English side alone" in remarks["😀 " * 9 + "😀"]
    assert remarks["Un."] == ""


def test_the_remarks_say_in_words_what_became_of_a_row(corpus):
    ada, grace = session(corpus), ReviewSession(corpus, reviewer="Grace")
    keys = {row.source: row.key for row in ada.rows(0, 99)}
    ada.decide(keys["Un."], "accepted")
    grace.decide(keys["Un."], "rejected")
    ada.edit(keys["12"], "12", "Twelve")
    remarks = {row.source: cells_of(row)["remarks"] for row in session(corpus, "Linus").rows(0, 99)}
    assert remarks["Un."] == "reviewers disagree; Ada: accepted"
    assert remarks["12"].startswith("edited, before: “0012”")
    assert remarks["Seul."] == "no counterpart"


def test_the_doubtful_come_first_and_as_many_as_were_asked_for(corpus, tmp_path):
    assert write_sheet(session(corpus), tmp_path / "a.xlsx", format="xlsx", limit=3) == 3
    assert [row.source for row in read_sheet(tmp_path / "a.xlsx")] == ["cloche", "Un.", "mot " * 2_499 + "mot"]


def test_a_workbook_is_locked_but_where_people_write_and_has_lists_to_choose_from(corpus, tmp_path):
    write_sheet(session(corpus), tmp_path / "a.xlsx", format="xlsx")
    with zipfile.ZipFile(tmp_path / "a.xlsx") as archive:
        sheet, styles = archive.read("xl/worksheets/sheet1.xml").decode(), archive.read("xl/styles.xml").decode()
    assert '<sheetProtection sheet="1"' in sheet
    assert "password" not in sheet
    assert 'state="frozen"' in sheet
    assert '<autoFilter ref="A1:N14"/>' in sheet
    assert '<formula1>"unreviewed,accepted,rejected,flagged"</formula1>' in sheet
    assert f'<formula1>"{",".join(REASONS)}"</formula1>' in sheet
    assert not re.search(r"<(f|hyperlink)\b", sheet)
    formats = re.findall(r"<xf (.*?)(?:/>|>(.*?)</xf>)", styles.partition("<cellXfs")[2].partition("</cellXfs")[0])
    cells = dict(re.findall(r'<c r="([A-N])2" s="(\d+)"', sheet))
    unlocked = {COLUMNS["ABCDEFGHIJKLMN".index(column)] for column, style in cells.items() if 'locked="0"' in formats[int(style)][1]}
    assert unlocked == {"source", "target", "status", "reason", "comment"}
    hidden = re.findall(r'<col min="(\d+)" max="(\d+)"[^>]* hidden="1"', sheet)
    assert [COLUMNS[number - 1] for first, last in hidden for number in range(int(first), int(last) + 1)] == list(HIDDEN)


def test_tsv_opens_as_text_whatever_program_reads_it(corpus, tmp_path):
    write_sheet(session(corpus), tmp_path / "a.tsv", format="tsv")
    data = (tmp_path / "a.tsv").read_bytes()
    assert data.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(data.decode("utf-8-sig")), "excel-tab"))
    assert tuple(rows[0]) == COLUMNS
    cells = [cell for row in rows[1:] for cell in row[1:] if cell]
    assert [cell for cell in cells if cell[0] in "=+-@" or (cell[0] != "'" and not any(letter.isalpha() for letter in cell))] == []


def test_decisions_edits_and_comments_are_done_as_one_action_which_one_undo_takes_back(any_corpus, tmp_path):
    before = statuses(any_corpus)
    rows = exported(any_corpus, tmp_path)
    rows = changed(rows, "Un.", status="accepted")
    rows = changed(rows, "12", status="rejected", reason="nonsense", comment="a number")
    rows = changed(rows, "- Bonjour !", target="Hello!", status="accepted")
    rows = changed(rows, "Seul.", status="accepted")
    rows = changed(rows, "@SUM(A1)", source="@SUM(A2)")
    dry = plan_import(any_corpus, rows, reviewer="Ada")
    assert statuses(any_corpus) == before
    plan = carry_out_import(any_corpus, rows, reviewer="Ada")
    assert plan == dry
    assert {status: len(remarks) for status, remarks in plan.decided.items()} == {
        "unreviewed": 0,
        "accepted": 4,
        "rejected": 1,
        "flagged": 0,
    }
    assert (len(plan.edited), len(plan.commented), plan.unchanged, plan.fulfilled, problems(plan)) == (2, 1, 7, 0, {})
    assert [remark.text for remark in plan.edited if "@SUM" in remark.text] == ["source: “@SUM(A1)” becomes “@SUM(A2)”"]
    now = session(any_corpus)
    now.view(order="document")
    by_source = {row.source: row for row in now.rows(0, 99)}
    assert (by_source["Un."].status, by_source["Un."].reviewer) == ("accepted", "Ada")
    assert (by_source["12"].status, by_source["12"].reason) == ("rejected", "nonsense")
    assert [comment.text for comment in by_source["12"].comments] == ["a number"]
    assert (by_source["- Bonjour !"].target, by_source["- Bonjour !"].status) == ("Hello!", "accepted")
    assert by_source["- Bonjour !"].original == ("- Bonjour !", "+Hello!")
    assert by_source["@SUM(A2)"].status == "unreviewed"
    assert by_source["Seul."].status == "accepted"
    assert now.undo().message == "undone: import of a sheet"
    assert statuses(any_corpus) == before


def test_a_second_import_of_the_same_sheet_does_nothing(any_corpus, tmp_path):
    rows = exported(any_corpus, tmp_path)
    rows = changed(rows, "12", status="rejected", reason="nonsense", comment="a number")
    rows = changed(rows, "- Bonjour !", target="Hello!", status="accepted", comment="better")
    rows = changed(rows, "Un.", status="accepted")
    carry_out_import(any_corpus, rows, reviewer="Ada")
    again = carry_out_import(any_corpus, rows, reviewer="Ada")
    assert (again.is_empty, again.fulfilled, again.unchanged, problems(again)) == (True, 4, 9, {})


def test_rows_are_found_by_their_ids_in_whatever_order_and_missing_ones_are_told(corpus, tmp_path):
    rows = changed(exported(corpus, tmp_path), "12", status="accepted")
    gone = next(row for row in rows if row.source == "=1+1")
    rest = [row for row in rows if row is not gone]
    random.Random(1).shuffle(rest)
    plan = carry_out_import(corpus, rest, reviewer="Ada")
    assert (plan.missing, problems(plan)) == ((gone.number,), {})
    assert [source for source, status in statuses(corpus).items() if status == "accepted"] == ["12"]


def test_a_decision_made_since_is_not_overwritten_unless_that_is_wanted(any_corpus, tmp_path):
    rows = changed(changed(exported(any_corpus, tmp_path), "12", status="accepted"), "- Bonjour !", target="Hello!")
    grace = session(any_corpus, "Grace")
    for source in ("12", "- Bonjour !", "=1+1"):
        grace.decide(next(row.key for row in rows if row.source == source), "rejected", "nonsense")
    plan = carry_out_import(any_corpus, rows, reviewer="Ada")
    left = sorted(row.number for row in rows if row.source in ("12", "- Bonjour !"))
    assert problems(plan) == {"decided": left}
    assert re.fullmatch(r"rejected by Grace on \d{4}-\d\d-\d\d at \d\d:\d\d", plan.problems["decided"][0].text)
    assert plan.is_empty
    plan = carry_out_import(any_corpus, rows, reviewer="Ada", overwrite_decisions=True)
    assert problems(plan) == {}
    assert (statuses(any_corpus)["12"], statuses(any_corpus)["=1+1"]) == ("accepted", "rejected")
    assert "Hello!" in {unit.target for unit in any_corpus.units()}


def test_an_import_waits_for_decisions_that_are_being_made_and_sees_them(url, tmp_path):
    with filled(url) as corpus, ThreadPoolExecutor(1) as threads, Corpus(url) as other:
        rows = changed(exported(corpus, tmp_path), "12", status="accepted")
        with other.writing() as connection:
            take_turn(connection)
            importing = threads.submit(carry_out_import, corpus, rows, reviewer="Ada")
            with pytest.raises(TimeoutError):
                importing.result(timeout=0.5)
            record(connection, Act("decide", "Grace", verdicts=[Verdict(next(row.unit for row in rows if row.source == "12"), "rejected")]))
        assert problems(importing.result(timeout=60)) == {"decided": [next(row.number for row in rows if row.source == "12")]}
        assert statuses(corpus)["12"] == "rejected"


def test_a_wish_that_somebody_else_has_fulfilled_is_no_conflict(corpus, tmp_path):
    rows = changed(exported(corpus, tmp_path), "12", status="accepted")
    session(corpus, "Grace").decide(next(row.key for row in rows if row.source == "12"), "accepted")
    plan = carry_out_import(corpus, rows, reviewer="Ada")
    assert (plan.is_empty, plan.fulfilled, problems(plan)) == (True, 1, {})


def test_a_text_changed_since_is_left_alone_and_one_that_moved_is_found(any_corpus, tmp_path):
    rows = exported(any_corpus, tmp_path)
    rows = changed(changed(rows, "12", status="accepted"), "@SUM(A1)", status="accepted")
    grace = session(any_corpus, "Grace")
    key = next(row.key for row in rows if row.source == "12")
    grace.merge(key, "next")
    moved = [replace(row, key="1:999.0") if row.source == "@SUM(A1)" else row for row in rows]
    plan = carry_out_import(any_corpus, moved, reviewer="Ada", overwrite_decisions=True)
    assert problems(plan) == {"changed": [next(row.number for row in rows if row.source == "12")]}
    assert statuses(any_corpus)["@SUM(A1)"] == "accepted"


def test_new_words_of_an_accepted_row_are_an_edit_and_no_further_acceptance(corpus, tmp_path):
    first = exported(corpus, tmp_path)
    carry_out_import(corpus, changed(first, "@SUM(A1)", status="accepted"), reviewer="Ada")
    again = tmp_path / "again"
    again.mkdir()
    rows = changed(exported(corpus, again), "@SUM(A1)", source="@SUM(A2)")
    plan = carry_out_import(corpus, rows, reviewer="Ada")
    assert [remark.text for remark in plan.edited] == ["source: “@SUM(A1)” becomes “@SUM(A2)”; stays accepted"]
    assert not any(plan.decided.values())
    assert statuses(corpus)["@SUM(A2)"] == "accepted"


def test_an_edit_of_one_of_two_equal_texts_stays_with_its_place(corpus, tmp_path):
    rows = exported(corpus, tmp_path)
    first = min((row for row in rows if row.source == "Un."), key=lambda row: row.key)
    plan = carry_out_import(corpus, [replace(row, target="A.") if row is first else row for row in rows], reviewer="Ada")
    assert len(plan.edited) == 1
    now = session(corpus)
    now.view(order="document")
    assert [row.target for row in now.rows(0, 99) if row.source == "Un."] == ["A.", "One."]
    lost = [replace(row, key="", target="B.") if row.source == "Un." else row for row in rows if row is not first]
    assert problems(plan_import(corpus, lost, reviewer="Ada")) == {}


@pytest.mark.parametrize(
    ("change", "problem", "text"),
    [
        ({"status": "liked"}, "wrong", "the status 'liked' is none of unreviewed, accepted, rejected, flagged"),
        ({"status": "rejected", "reason": "dull"}, "wrong", "the reason 'dull' is none of unrelated, misaligned, partial"),
        ({"reason": "partial"}, "wrong", "a reason, partial, but the status is unreviewed: choose rejected or flagged, or no reason"),
        ({"target": ""}, "wrong", "the target would be empty: reject the row"),
        ({"target": "#NAME?"}, "wrong", "the target says #NAME?, for a spreadsheet took it for a formula: type the text again"),
        ({"unit": "0" * 32, "status": "accepted"}, "unknown", "the corpus never held this text"),
        ({"unit": "", "status": "accepted"}, "unknown", "the corpus never held this text"),
        ({"revision": "", "status": "accepted"}, "decided", "the decision was taken back"),
        ({"key": "99999999999999999999:nan", "unit": "", "status": "accepted"}, "unknown", "never held"),
    ],
)
def test_rows_that_cannot_be_understood_are_left_alone_and_the_others_done(corpus, tmp_path, change, problem, text):
    rows = exported(corpus, tmp_path)
    wrong = next(row.number for row in rows if row.source == "12")
    rows = changed(changed(rows, "12", **change), "@SUM(A1)", status="accepted")
    plan = carry_out_import(corpus, rows, reviewer="Ada")
    assert problems(plan) == {problem: [wrong]}
    assert text in plan.problems[problem][0].text
    assert [source for source, status in statuses(corpus).items() if status != "unreviewed"] == ["@SUM(A1)"]


def test_an_emptied_status_says_nothing_and_an_old_reason_goes_with_its_rejection(corpus, tmp_path):
    first = session(corpus)
    first.decide(next(row.key for row in first.rows(0, 99) if row.source == "12"), "rejected", "partial")
    rows = exported(corpus, tmp_path)
    plan = plan_import(corpus, changed(rows, "12", status=""), reviewer="Ada")
    assert (plan.unchanged, problems(plan)) == (13, {})
    carry_out_import(corpus, changed(rows, "12", status="accepted"), reviewer="Ada")
    assert [(row.status, row.reason) for row in session(corpus).rows(0, 99) if row.source == "12"] == [("accepted", "")]
    rows = exported(corpus, tmp_path)
    carry_out_import(corpus, changed(rows, "12", status="unreviewed"), reviewer="Ada")
    assert statuses(corpus)["12"] == "unreviewed"


def test_rows_that_contradict_each_other_are_left_alone(corpus, tmp_path):
    rows = exported(corpus, tmp_path)
    twins = [row for row in rows if row.source == "Un."]
    torn = [replace(row, status="accepted" if row is twins[0] else "rejected") if row in twins else row for row in rows]
    plan = plan_import(corpus, torn, reviewer="Ada")
    assert problems(plan) == {"doubled": sorted(row.number for row in twins)}
    twelve = next(row for row in rows if row.source == "12")
    copies = [*rows, replace(twelve, number=90, status="accepted")]
    assert problems(plan_import(corpus, copies, reviewer="Ada")) == {"doubled": [twelve.number, 90]}
    same = [*changed(rows, "12", status="accepted"), replace(twelve, number=90, status="accepted")]
    plan = plan_import(corpus, same, reviewer="Ada")
    assert (len(plan.decided["accepted"]), problems(plan)) == (1, {})


def test_a_decision_in_view_of_a_conflict_settles_it(corpus, tmp_path):
    key = next(row.key for row in session(corpus).rows(0, 99) if row.source == "12")
    session(corpus).decide(key, "accepted")
    session(corpus, "Grace").decide(key, "rejected")
    assert "conflict" in session(corpus).row(key).flags
    rows = exported(corpus, tmp_path)
    carry_out_import(corpus, changed(rows, "12", status="accepted"), reviewer="Judge")
    row = session(corpus).row(key)
    assert (row.status, "conflict" in row.flags) == ("accepted", False)


texts = st.text(st.one_of(st.characters(), st.sampled_from("=+-@'\"\t\r\n<>_x0041 \x00\ud800\uff1d1")), max_size=12)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=25)
@given(st.lists(st.tuples(texts, texts), min_size=1, max_size=5), st.sampled_from(FORMATS))
def test_whatever_the_texts_a_sheet_that_nobody_changed_asks_for_nothing(tmp_path_factory, pairs, kind):
    folder = tmp_path_factory.mktemp("sheets")
    pairs = [tuple(text.encode("utf-8", "replace").decode().replace("\x00", "") for text in pair) for pair in pairs]
    sides = [Document.of_segments([pair[side] for pair in pairs], name, lang) for side, name, lang in ((0, "=a", "fr"), (1, "@b", "en"))]
    beads = tuple(Bead((k,), (k,), 0.5, 0.5) for k in range(len(pairs)))
    with Corpus(folder / "c.db") as store:
        store.add(Alignment(*sides, beads, "fr", "en", Provenance("0", "e", "r", "w")))
        plan = plan_import(store, exported(store, folder, kind), reviewer="Ada")
    assert (plan.rows, plan.unchanged, problems(plan)) == (len(pairs), len(pairs), {})


def test_a_view_that_is_filtered_writes_what_it_shows(corpus, tmp_path):
    first = session(corpus)
    first.decide(first.keys[2:6], "rejected")
    first.view(Filter(status=frozenset({"rejected"})))
    assert write_sheet(first, tmp_path / "a.tsv", format="tsv") == 4
    assert [row.status for row in read_sheet(tmp_path / "a.tsv")] == ["rejected"] * 4


def test_more_rows_than_a_sheet_has_are_refused_before_anything_is_written(corpus, tmp_path, monkeypatch):
    monkeypatch.setattr(spreadsheet, "MAX_ROWS", 13)
    with pytest.raises(OutputError, match="a sheet has 13 rows at most, and 13 beads were to be written; narrow the choice"):
        write_sheet(session(corpus), tmp_path / "a.xlsx", format="xlsx")
    assert not (tmp_path / "a.xlsx").exists()


def test_a_bead_too_long_for_a_cell_is_left_out_and_said(corpus, tmp_path, caplog):
    long = "x" * 40_000
    pair = [Document.of_segments([long], name, lang) for name, lang in (("b.fr", "fr"), ("b.en", "en"))]
    corpus.add(Alignment(*pair, (Bead((0,), (0,), 0.1, 0.5),), "fr", "en", Provenance("0", "e", "r", "w")))
    assert write_sheet(session(corpus), tmp_path / "a.xlsx", format="xlsx") == 13
    assert "beads with a text of more than 32,767 characters, the most that a cell holds: 1" in caplog.text
    assert write_sheet(session(corpus), tmp_path / "a.tsv", format="tsv") == 14
    for name in ("a.xlsx", "a.tsv"):
        assert plan_import(corpus, read_sheet(tmp_path / name), reviewer="Ada").missing == ()  # what never was in the sheet


@pytest.mark.parametrize("kind", FORMATS)
def test_a_bead_that_is_gone_when_the_sheet_is_written_is_not_missed_in_it(corpus, tmp_path, kind):
    ada, grace = session(corpus), session(corpus, "Grace")
    grace.merge(next(key for key in grace.keys if "null" not in grace.row(key).flags))
    assert write_sheet(ada, tmp_path / f"a.{kind}", format=kind) == 11
    assert plan_import(corpus, read_sheet(tmp_path / f"a.{kind}"), reviewer="Ada").missing == ()


@pytest.mark.parametrize(
    ("name", "data", "message"),
    [
        ("a.ods", b"", r"a\.ods: a review sheet was wanted, \.xlsx or \.tsv; save it as one of these"),
        ("a.xlsx", b"no zip", "a workbook .* was wanted, and this is none"),
        (
            "a.tsv",
            b"source\ttarget\nx\ty\n",
            "the columns status, reason, comment, row, bead, unit, revision were wanted; there are source, target",
        ),
        ("a.tsv", b"", "a header line that names the columns was wanted"),
        ("a.tsv", b"a\tb\n1\n", "the columns .* were wanted|1 bad row"),
    ],
)
def test_what_is_no_review_sheet_is_refused(tmp_path, name, data, message):
    (tmp_path / name).write_bytes(data)
    with pytest.raises(InputError, match=message):
        read_sheet(tmp_path / name)


def test_a_workbook_without_the_hidden_columns_or_too_large_is_refused(corpus, tmp_path, monkeypatch):
    write_sheet(session(corpus), tmp_path / "a.xlsx", format="xlsx")
    with zipfile.ZipFile(tmp_path / "a.xlsx") as archive, zipfile.ZipFile(tmp_path / "b.xlsx", "w") as other:
        for part in archive.namelist():
            other.writestr(part, archive.read(part).replace(b">revision<", b">version<"))
    with pytest.raises(InputError, match=r"a sheet with the columns .*revision was wanted; there are probability, source"):
        read_sheet(tmp_path / "b.xlsx")
    monkeypatch.setattr(workbook_reading, "MAX_BYTES", 10_000)
    with pytest.raises(InputError, match="unpacks to more than 10,000 bytes"):
        read_sheet(tmp_path / "a.xlsx")


def test_lines_that_somebody_added_are_passed_over(corpus, tmp_path):
    write_sheet(session(corpus), tmp_path / "a.tsv", format="tsv")
    with (tmp_path / "a.tsv").open("a", encoding="utf-8", newline="") as file:
        file.write("\t" * (len(COLUMNS) - 1) + "\r\n" + "\tnote to self" + "\t" * (len(COLUMNS) - 2) + "\r\n")
    assert len(read_sheet(tmp_path / "a.tsv")) == 13


@pytest.mark.parametrize("encoding", ["utf-16", "utf-8", "utf-8-sig"])
def test_tsv_is_read_in_the_encodings_that_spreadsheet_programs_save_it_in(corpus, tmp_path, encoding):
    write_sheet(session(corpus), tmp_path / "a.tsv", format="tsv")
    text = (tmp_path / "a.tsv").read_text("utf-8-sig")
    (tmp_path / "a.tsv").write_text(text, encoding, newline="")
    assert plan_import(corpus, read_sheet(tmp_path / "a.tsv"), reviewer="Ada").unchanged == 13


@pytest.fixture(scope="module")
def convert(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Path, str], Path]:
    """Has LibreOffice save a file in another format, beside it."""
    soffice = requires("soffice")
    profile = tmp_path_factory.mktemp("profile")

    def run(path: Path, kind: str) -> Path:
        folder = path.parent / f"as-{kind}"
        command = [
            soffice,
            f"-env:UserInstallation={profile.as_uri()}",
            "--headless",
            "--convert-to",
            kind,
            "--outdir",
            str(folder),
            str(path),
        ]
        subprocess.run(command, check=True, capture_output=True, timeout=120)
        return folder / f"{path.stem}.{kind}"

    yield run
    shutil.rmtree(profile, ignore_errors=True)


def test_libreoffice_keeps_every_id_text_and_decision(corpus, tmp_path, convert):
    decided = session(corpus)
    decided.decide(decided.keys[:3], "rejected", "partial")
    decided.decide(decided.keys[5:8], "accepted")
    decided.comment(decided.keys[4], "=why()?")
    rows = exported(corpus, tmp_path)
    through_ods = convert(convert(tmp_path / "a.xlsx", "ods"), "xlsx")
    assert read_sheet(convert(tmp_path / "a.xlsx", "xlsx")) == rows
    assert read_sheet(through_ods) == rows
    with zipfile.ZipFile(through_ods) as archive:
        sheet = archive.read("xl/worksheets/sheet1.xml").decode()
    assert "<f " not in sheet
    assert "<f>" not in sheet
