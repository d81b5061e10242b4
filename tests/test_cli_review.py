"""`aligner review`: sheets go out and come back, with the exit codes that a script relies on; and how far a review is."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from aligner import Alignment, Bead, Corpus, Document, Provenance
from aligner.cli import main
from aligner.reviewing.session import ReviewSession
from aligner.reviewing.sheets.sheet_rows import COLUMNS


def run(*arguments: str | Path, **settings: object) -> Result:
    return CliRunner().invoke(main, ["review", *map(str, arguments)], **settings)


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    """Two documents of three links each, of probabilities .9, .6 and .3."""
    path = tmp_path / "corpus.db"
    with Corpus(path) as store:
        for name in ("a", "b"):
            source = Document.of_segments([f"{name} un.", f"{name} deux.", f"{name} trois."], f"{name}.fr", "fr")
            target = Document.of_segments([f"{name} one.", f"{name} two.", f"{name} three."], f"{name}.en", "en")
            beads = tuple(Bead((k,), (k,), 0.9 - 0.3 * k, 0.5) for k in range(3))
            store.add(Alignment(source, target, beads, "fr", "en", Provenance("0", "e", "r", "w")))
    return path


def rows_of(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"), newline=""), dialect="excel-tab"))


def written(path: Path, rows: list[dict[str, str]]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, dialect="excel-tab")
        writer.writeheader()
        writer.writerows(rows)
    return path


def sheet(corpus: Path, *arguments: str) -> list[dict[str, str]]:
    result = run("export", "-", "--format", "tsv", "--corpus", corpus, *arguments)
    assert result.exit_code == 0, result.output
    return rows_of(result.stdout)


def test_a_sheet_holds_what_was_chosen_doubtful_first(corpus: Path) -> None:
    assert [row["source"] for row in sheet(corpus)] == ["a trois.", "b trois.", "a deux.", "b deux.", "a un.", "b un."]
    assert [row["source"] for row in sheet(corpus, "--limit", "1")] == ["a trois."]
    assert [row["source"] for row in sheet(corpus, "--document", "b.fr", "--order", "document")] == ["b un.", "b deux.", "b trois."]
    assert [row["source"] for row in sheet(corpus, "--min-probability", "0.5", "--max-probability", "0.8")] == ["a deux.", "b deux."]
    with Corpus(corpus) as store:
        ReviewSession(store, reviewer="Ada").decide(next(row["bead"] for row in sheet(corpus))[1:], "flagged")
    assert [row["source"] for row in sheet(corpus, "--status", "flagged")] == ["a trois."]
    assert [row["source"] for row in sheet(corpus, "--reviewer", "Ada")] == ["a trois."]
    assert sheet(corpus, "--reviewer", "Grace") == []
    assert run("assign", "b.en", "--reviewer", "Grace", "--corpus", corpus).exit_code == 0
    assert [row["source"] for row in sheet(corpus, "--for", "Grace")] == ["b trois.", "b deux.", "b un."]


def test_what_was_written_and_left_out_is_told(corpus: Path, tmp_path: Path) -> None:
    result = run("export", tmp_path / "a.xlsx", "--corpus", corpus, "--limit", "2")
    assert result.stderr.splitlines() == [f"Wrote 2 rows of {corpus} to {tmp_path / 'a.xlsx'}", "  left out  4 (--limit)"]
    again = run("export", tmp_path / "a.xlsx", "--corpus", corpus)
    assert (again.exit_code, "exists" in again.stderr) == (1, True)
    result = run("export", tmp_path / "a.xlsx", "--corpus", corpus, "--overwrite", "--json")
    assert json.loads(result.stdout) == {"output": str(tmp_path / "a.xlsx"), "written": 6, "left_out": 0}
    assert run("import", tmp_path / "a.xlsx", "--corpus", corpus, "--reviewer", "Ada").exit_code == 0


def test_an_import_is_dry_first_and_then_done(corpus: Path, tmp_path: Path) -> None:
    rows = sheet(corpus)
    rows[0] |= {"status": "rejected", "reason": "partial"}
    rows[2] |= {"target": "a 2."}
    path = written(tmp_path / "a.tsv", rows)
    arguments = ("import", path, "--corpus", corpus, "--reviewer", "Ada")
    dry = run(*arguments)
    assert dry.exit_code == 0
    assert dry.stderr.splitlines() == [
        f"Dry run of {path.as_posix()} for {corpus}: 6 rows",
        "  rejected    1",
        "    row 2: partial; was unreviewed",
        "  edited      1",
        "    row 4: target: “a two.” becomes “a 2.”",
        "  unchanged   4",
        "Nothing was changed; --apply does it.",
    ]
    assert {row["status"] for row in sheet(corpus)} == {"unreviewed"}
    done = run(*arguments, "--apply")
    assert (done.exit_code, done.stderr.splitlines()[-1]) == (0, "Done, as one action of this reviewer.")
    assert {row["source"]: (row["status"], row["target"]) for row in sheet(corpus)}["a trois."] == ("rejected", "a three.")
    again = run(*arguments, "--apply")
    assert (again.exit_code, again.stderr.splitlines()[-2:]) == (0, ["  so already  2", "Nothing was done."])
    with Corpus(corpus) as store:
        ReviewSession(store, reviewer="Ada").undo()
    assert {row["status"] for row in sheet(corpus)} == {"unreviewed"}


def test_rows_that_are_left_alone_give_another_exit_code(corpus: Path, tmp_path: Path) -> None:
    rows = sheet(corpus)
    rows[0] |= {"status": "good"}
    rows[1] |= {"status": "accepted"}
    path = written(tmp_path / "a.tsv", rows)
    arguments = ("import", path, "--corpus", corpus, "--reviewer", "Ada", "--json")
    for option, code in ((), 3), (("--apply",), 1):
        result = run(*arguments, *option)
        assert result.exit_code == code
        figures = json.loads(result.stdout)
        assert [remark["row"] for remark in figures["left_alone"]["wrong"]] == [2]
        assert [remark["row"] for remark in figures["decided"]["accepted"]] == [3]
    assert [row["source"] for row in sheet(corpus, "--status", "accepted")] == ["b trois."]


def test_a_decision_made_since_stands_unless_it_is_to_be_overwritten(corpus: Path, tmp_path: Path) -> None:
    rows = sheet(corpus)
    rows[0] |= {"status": "accepted"}
    path = written(tmp_path / "a.tsv", rows)
    with Corpus(corpus) as store:
        ReviewSession(store, reviewer="Grace").decide(rows[0]["bead"][1:], "rejected")
    arguments = ("import", path, "--corpus", corpus, "--reviewer", "Ada", "--apply")
    assert run(*arguments).exit_code == 1
    assert len(sheet(corpus, "--status", "rejected")) == 1
    assert run(*arguments, "--overwrite-decisions").exit_code == 0
    assert len(sheet(corpus, "--status", "accepted")) == 1


def test_many_rows_are_counted_and_the_first_listed(corpus: Path, tmp_path: Path) -> None:
    rows = [row | {"unit": f"u{number:032x}", "status": "accepted"} for number, row in enumerate(sheet(corpus) * 5)]
    result = run("import", written(tmp_path / "a.tsv", rows), "--corpus", corpus, "--reviewer", "Ada")
    assert result.exit_code == 3
    assert "  left alone, for they are not of this corpus: 30" in result.stderr
    assert "    and 10 more" in result.stderr


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (("export", "a.csv", "--corpus", "CORPUS"), 2, "its name tells no kind of sheet; end it in .xlsx or .tsv"),
        (("export", "a.tsv", "--corpus", "CORPUS", "--status", "liked"), 2, "there is no status 'liked'"),
        (("export", "a.tsv", "--corpus", "none.db"), 1, "there is no corpus at none.db"),
        (("export", "CORPUS", "--format", "tsv", "--corpus", "CORPUS", "--overwrite"), 2, "is read and would be replaced"),
        (("import", "none.tsv", "--corpus", "CORPUS", "--reviewer", "Ada"), 1, "none.tsv: there is no such file"),
        (("import", "CORPUS", "--format", "xlsx", "--corpus", "CORPUS", "--reviewer", "Ada"), 1, "a workbook (.xlsx) was wanted"),
        (("import", "none.tsv", "--corpus", "CORPUS", "--reviewer", " "), 2, "a reviewer's name was wanted"),
        (("import", "none.tsv", "--corpus", "CORPUS"), 2, "Missing option '--reviewer'"),
        (("assign", "a.fr", "--corpus", "CORPUS"), 2, "either a reviewer's name was wanted (--reviewer), or --nobody"),
        (
            ("assign", "a.fr", "c.fr", "--reviewer", "Ada", "--corpus", "CORPUS"),
            1,
            "there is no document c.fr; there are a.fr – a.en, b.fr",
        ),
    ],
)
def test_what_cannot_be_is_explained(
    corpus: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], code: int, message: str
) -> None:
    monkeypatch.chdir(tmp_path)
    before = corpus.read_bytes()
    result = run(*(str(corpus) if argument == "CORPUS" else argument for argument in arguments))
    assert (result.exit_code, message in result.stderr) == (code, True), result.stderr
    assert corpus.read_bytes() == before


def test_a_sheet_may_come_from_standard_input(corpus: Path, tmp_path: Path) -> None:
    run("export", tmp_path / "a.xlsx.gz", "--corpus", corpus)
    arguments = ("import", "-", "--corpus", corpus, "--reviewer", "Ada")
    result = run(*arguments, "--format", "xlsx", input=(tmp_path / "a.xlsx.gz").read_bytes())
    assert (result.exit_code, "  unchanged   6" in result.stderr) == (0, True)
    assert run(*arguments, input=b"").exit_code == 1


@pytest.mark.parametrize("suffix", ["xlsx", "tsv"])
def test_what_another_command_exported_is_not_taken_for_a_sheet(suffix: str, corpus: Path, tmp_path: Path) -> None:
    table = tmp_path / f"all.{suffix}"
    assert CliRunner().invoke(main, ["export", str(table), "--corpus", str(corpus)]).exit_code == 0
    result = run("import", table, "--corpus", corpus, "--reviewer", "Ada")
    assert result.exit_code == 1
    assert "Give what 'aligner review export' wrote; other tables cannot be taken back." in result.stderr


def test_the_status_tells_progress_reviewers_agreement_conflicts_and_documents(corpus: Path) -> None:
    keys = {row["source"]: row["bead"][1:] for row in sheet(corpus)}
    with Corpus(corpus) as store:
        ada, grace = ReviewSession(store, reviewer="Ada"), ReviewSession(store, reviewer="Grace")
        ada.decide([keys["a un."], keys["a deux."]], "accepted")
        grace.decide(keys["a un."], "accepted")
        grace.decide(keys["a deux."], "rejected")
        grace.decide(keys["b un."], "flagged")
        ada.decide(keys["b deux."], "accepted")
        ada.undo()
    run("assign", "b.", "--reviewer", "Ada", "--corpus", corpus)
    lines = run("status", "--corpus", corpus).stdout.splitlines()
    assert lines[:4] == [
        f"{corpus}: 3 of 6 rows reviewed (50%); a row is a pair at its place, or a segment without counterpart",
        "status     3 unreviewed, 1 accepted, 1 rejected, 1 flagged",
        "conflicts  1 row",
        "reviewers",
    ]
    assert lines[4].startswith("  Ada: 2 accepted; last on 20")
    assert lines[5].startswith("  Grace: 1 accepted, 1 flagged, 1 rejected")
    assert lines[6:] == [
        "agreement",
        "  Ada and Grace: 1 of 2 different rows alike, kappa 0.00",
        "documents",
        "  a.fr – a.en       1 of 3 open",
        "  b.fr – b.en       2 of 3 open  Ada",
    ]
    figures = json.loads(run("status", "--corpus", corpus, "--json").stdout)
    assert (figures["beads"], figures["conflicts"], figures["documents"][1]["reviewer"]) == (6, 1, "Ada")
    assert figures["reviewers"][1]["by_status"] == {"accepted": 1, "rejected": 1, "flagged": 1}
    run("assign", "b.", "--nobody", "--corpus", corpus)
    assert json.loads(run("status", "--corpus", corpus, "--json").stdout)["documents"][1]["reviewer"] == ""


def test_the_status_counts_rows_a_text_at_each_of_its_places(corpus: Path) -> None:
    with Corpus(corpus) as store:
        source, target = Document.of_segments(["a un."] * 2, "c.fr", "fr"), Document.of_segments(["a one."] * 2, "c.en", "en")
        store.add(
            Alignment(source, target, tuple(Bead((k,), (k,), 0.9, 0.5) for k in range(2)), "fr", "en", Provenance("0", "e", "r", "w"))
        )
        ada, grace = ReviewSession(store, reviewer="Ada"), ReviewSession(store, reviewer="Grace")
        key = next(row.key for row in ada.rows(0, 9) if row.source == "a un.")
        ada.decide(key, "accepted")
        grace.decide(key, "rejected")
        stats = grace.stats()
    figures = json.loads(run("status", "--corpus", corpus, "--json").stdout)
    assert (figures["conflicts"], figures["by_status"]["rejected"]) == (stats.conflicts, stats.by_status["rejected"]) == (3, 3)
    assert [one["by_status"] for one in figures["reviewers"]] == [{"accepted": 3}, {"rejected": 3}]
    assert figures["agreement"][0]["units"] == 1


def test_the_status_lists_documents_that_are_not_done_and_passes_over_those_without_anything_to_review(tmp_path: Path) -> None:
    path = tmp_path / "many.db"
    with Corpus(path) as store:
        for number in range(102):
            texts = (
                Document.of_segments([f"Phrase {number}."], f"{number}.fr"),
                Document.of_segments([f"Sentence {number}."], f"{number}.en"),
            )
            store.add(Alignment(*texts, (Bead((0,), (0,), 0.9, 0.5),), "fr", "en", Provenance("0", "e", "r", "w")))
        page = Document.of_segments(["Rien."], "page.txt")
        store.add(Alignment(page, page, (), "fr", "en", Provenance("0", "e", "r", "w")))
        store.decide(next(store.units()), "accepted", reviewer="Ada")
    lines = run("status", "--corpus", path).stdout.splitlines()
    listed = lines[lines.index("documents") + 1 :]
    assert listed[0].split() == ["1.fr", "–", "1.en", "1", "of", "1", "open"]
    assert listed[100:] == ["  and 2 more, which --json names", "  in 1 there is nothing to review"]


def test_the_notebook_is_opened_on_the_corpus(corpus: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    calls, statuses = [], iter((0, 1))

    def open_notebook(*arguments: object, **settings: object) -> int:
        calls.append((arguments, settings))
        return next(statuses)

    monkeypatch.setattr("aligner.reviewing.notebook.jupyter.open_notebook", open_notebook)
    assert run("open", "--corpus", corpus).exit_code == 0
    assert run("open", "--corpus", corpus, "--notebook", "n.ipynb", "--no-browser").exit_code == 1
    assert calls == [((str(corpus), None), {"browser": True}), ((str(corpus), "n.ipynb"), {"browser": False})]


def test_a_notebook_of_no_corpus_is_an_error(tmp_path: Path) -> None:
    result = run("open", "--corpus", tmp_path / "none.db")
    assert (result.exit_code, "there is no corpus at" in result.stderr) == (1, True)


def test_documents_that_are_decided_throughout_become_gold(corpus: Path, tmp_path: Path) -> None:
    none = run("gold", tmp_path / "gold", "--corpus", corpus)
    assert (none.exit_code, none.stderr.splitlines()) == (0, [f"No document of {corpus} is gold yet"])
    with Corpus(corpus) as store:
        ada = ReviewSession(store, reviewer="Ada")
        ada.decide([row["bead"][1:] for row in sheet(corpus) if row["source"] != "b un."], "accepted")
    done = run("gold", tmp_path / "gold", "--corpus", corpus)
    assert (done.exit_code, done.stderr.splitlines()) == (
        0,
        [f"Wrote 1 document of {corpus} to {tmp_path / 'gold'}", "  left out  b.fr: 4 of 6 segments are accepted"],
    )
    (name,) = json.loads(run("gold", tmp_path / "gold", "--corpus", corpus, "--overwrite", "--json").stdout)["written"]
    assert (tmp_path / "gold" / f"{name}.gold").read_text().splitlines() == [f"[{k}]:[{k}]:1.000" for k in range(3)]
    assert run("gold", tmp_path / "gold", "--corpus", corpus).exit_code == 1
