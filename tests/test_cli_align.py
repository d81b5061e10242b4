"""`aligner align` from the command line to a file: every kind of input, every kind of output, and everything that can be wrong."""

from __future__ import annotations

import gzip
import json
import os
import re
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
import zstandard
from click.testing import CliRunner, Result

from aligner import Corpus, read_units
from aligner.cli import main, options

FRENCH = [
    "L’eau sera coupée mardi de neuf heures à midi.",
    "Nous vous conseillons de remplir quelques bouteilles la veille.",
    "Le marché aux fleurs ouvrira samedi sur la place.",
    "Les chiens doivent être tenus en laisse.",
]
ENGLISH = [
    "The water will be turned off on Tuesday from nine to noon.",
    "We advise you to fill a few bottles the day before.",
    "The flower market will open on Saturday in the square.",
    "Dogs must be kept on a lead.",
]
PAIRS = set(zip(FRENCH, ENGLISH, strict=True))
PACKING: dict[str, Callable[[bytes], bytes]] = {"": bytes, ".gz": gzip.compress, ".zst": zstandard.compress}


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, ["align", *map(str, arguments)])


def write(path: Path, text: str) -> Path:
    """The text in a file, packed as its name says."""
    path.parent.mkdir(parents=True, exist_ok=True)
    packing = path.suffix if path.suffix in PACKING else ""
    path.write_bytes(PACKING[packing](text.encode()))
    return path


def html(sentences: list[str]) -> str:
    paragraphs = "".join(f"<p>{sentence}</p>" for sentence in sentences)
    return f"<!DOCTYPE html><html><body>{paragraphs}</body></html>"


def table(separator: str) -> str:
    lines = zip(["français", *FRENCH], ["anglais", *ENGLISH], strict=True)
    return "".join(f"{separator.join((str(number), *cells))}\n" for number, cells in enumerate(lines))


@pytest.fixture
def pair(tmp_path: Path) -> tuple[Path, Path]:
    return write(tmp_path / "doc.fr.txt", " ".join(FRENCH)), write(tmp_path / "doc.en.txt", " ".join(ENGLISH))


COLUMNS = ["--source-column", "français", "--target-column", "anglais"]
DUMPS: dict[str, tuple[dict[str, str], list[str]]] = {
    "two texts": ({"a.txt": " ".join(FRENCH), "b.txt": " ".join(ENGLISH)}, ["a.txt", "b.txt"]),
    "two HTML files": ({"a.html": html(FRENCH), "b.html": html(ENGLISH)}, ["a.html", "b.html"]),
    "a folder of doc.fr and doc.en": ({"in/doc.fr.txt": " ".join(FRENCH), "in/doc.en.txt": " ".join(ENGLISH)}, ["in"]),
    "a folder of doc_fr and doc_en": ({"in/doc_fr.txt": " ".join(FRENCH), "in/doc_en.txt": " ".join(ENGLISH)}, ["in"]),
    "a folder for each language": ({"in/fr/doc.html": html(FRENCH), "in/en/doc.html": html(ENGLISH)}, ["in"]),
    "a page": ({"page.txt": "\n\n".join(FRENCH + ENGLISH)}, ["page.txt"]),
    "a page in HTML": ({"page.html": html(FRENCH + ENGLISH)}, ["page.html"]),
    "TSV": ({"t.tsv": table("\t")}, ["t.tsv", *COLUMNS]),
    "CSV": ({"t.csv": table(",")}, ["t.csv", *COLUMNS]),
    "JSON Lines": (
        {"t.jsonl": "".join(json.dumps({"français": fr, "anglais": en}) + "\n" for fr, en in zip(FRENCH, ENGLISH, strict=True))},
        ["t.jsonl", *COLUMNS],
    ),
    "one column each of two tables": ({"a.tsv": table("\t"), "b.tsv": table("\t")}, ["a.tsv", "b.tsv", *COLUMNS]),
}


@pytest.mark.parametrize("packing", PACKING)
@pytest.mark.parametrize("kind", DUMPS)
def test_every_kind_of_dump_becomes_a_tmx(kind: str, packing: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files, arguments = DUMPS[kind]
    monkeypatch.chdir(tmp_path)
    for name, text in files.items():
        write(Path(name + packing), text)
    result = run(*(argument + packing if argument in files else argument for argument in arguments), "-o", "out.tmx")
    assert result.exit_code == 0, result.output
    assert {(unit.source, unit.target) for unit in read_units("out.tmx")} == PAIRS


@pytest.mark.parametrize("name", ["out.tmx.gz", "out.tsv", "out.csv.zst", "out.jsonl"])
def test_the_suffix_tells_the_format_and_the_packing_of_the_output(name: str, pair: tuple[Path, Path], tmp_path: Path) -> None:
    assert run(*pair, "-o", tmp_path / name).exit_code == 0
    assert {(unit.source, unit.target) for unit in read_units(tmp_path / name)} == PAIRS


def test_language_codes_may_be_in_capitals(pair: tuple[Path, Path], tmp_path: Path) -> None:
    result = run(*pair, "-o", tmp_path / "out.tmx", "--source-lang", "FR", "--target-lang", "En", "--json")
    assert json.loads(result.stdout)["languages"] == ["fr", "en"]


def test_beads_cover_both_documents_whatever_the_cutoff(pair: tuple[Path, Path], tmp_path: Path) -> None:
    write(pair[0], "\n".join([*FRENCH, "Une phrase que rien ne traduit parle des trains."]))
    write(pair[1], "\n".join(ENGLISH))
    result = run(*pair, "--segmented", "--format", "beads", "--min-probability", "1", "-o", "-")
    assert result.exit_code == 0
    lines = [line.rsplit(":", 1)[0] for line in result.stdout.splitlines()]
    assert lines == ["[0]:[0]", "[1]:[1]", "[2]:[2]", "[3]:[3]", "[4]:[]"]


def test_beads_of_a_page_are_its_links_at_or_above_the_cutoff(tmp_path: Path) -> None:
    page = write(tmp_path / "page.txt", "\n\n".join(FRENCH + ENGLISH))
    assert len(run(page, "--format", "beads", "-o", "-").stdout.splitlines()) == 4
    assert run(page, "--format", "beads", "--min-probability", "1", "-o", "-").stdout == ""


def test_beads_of_a_folder_take_a_file_for_each_pair(pair: tuple[Path, Path], tmp_path: Path) -> None:
    write(tmp_path / "sub" / "fr" / "other.txt", " ".join(FRENCH))
    write(tmp_path / "sub" / "en" / "other.txt", " ".join(ENGLISH))
    result = run(tmp_path, "--format", "beads", "-o", tmp_path / "out")
    assert result.exit_code == 0, result.output
    written = [path.relative_to(tmp_path / "out").as_posix() for path in (tmp_path / "out").rglob("*.beads")]
    assert sorted(written) == ["doc.beads", "sub/other.beads"]
    assert run(tmp_path, "--format", "beads", "-o", tmp_path / "out").exit_code == 1
    assert run(tmp_path, "--format", "beads", "-o", tmp_path / "out", "--overwrite").exit_code == 0


def test_pairs_of_one_name_take_a_file_of_beads_each(pair: tuple[Path, Path], tmp_path: Path) -> None:
    write(tmp_path / "fr" / "doc.txt", FRENCH[0])
    write(tmp_path / "en" / "doc.txt", ENGLISH[0])
    result = run(tmp_path, "--format", "beads", "-o", tmp_path / "out", "--overwrite")
    assert result.exit_code == 0, result.output
    lines = {path.relative_to(tmp_path / "out").as_posix(): path.read_text().count("\n") for path in (tmp_path / "out").rglob("*.beads")}
    assert lines == {"doc.fr.txt.beads": len(FRENCH), "fr/doc.txt.beads": 1}


def test_the_summary_counts_what_was_found_and_what_the_cutoff_left_out(pair: tuple[Path, Path], tmp_path: Path) -> None:
    result = run(*pair, "-o", tmp_path / "out.tmx", "--min-probability", "1")
    assert result.stdout == ""
    assert "1 document pair" in result.stderr
    assert "4 × 1-1" in result.stderr
    assert "left out  4 less probable than 1 (--min-probability)" in result.stderr


def test_what_may_be_wrong_stands_in_the_file_without_a_corpus_too_and_is_counted(tmp_path: Path) -> None:
    french = write(tmp_path / "doc.fr.txt", "\n".join([*FRENCH, "La cotisation de 25 euros est due avant le 31 mars."]))
    english = write(tmp_path / "doc.en.txt", "\n".join([*ENGLISH, "The membership fee of 52 euros is due before 31 March."]))
    marked = [()] * len(FRENCH) + [("numbers",)]
    for kind in ("tmx", "tsv", "csv", "jsonl", "xlsx"):
        result = run(french, english, "-o", tmp_path / f"out.{kind}", "--json")
        assert [unit.annotations for unit in read_units(tmp_path / f"out.{kind}")] == marked
        assert json.loads(result.stdout)["annotations"] == {"numbers": 1}
    result = run(french, english, "-o", tmp_path / "out.html", "--corpus", tmp_path / "corpus.db")
    assert "numbers differ" in (tmp_path / "out.html").read_text(encoding="utf-8")
    assert "annotated 1 of those written: 1 numbers" in result.stderr
    with Corpus(tmp_path / "corpus.db") as corpus:
        assert sorted(unit.annotations for unit in corpus.units()) == marked


def test_json_goes_to_stdout_or_to_stderr_when_the_output_takes_stdout(pair: tuple[Path, Path], tmp_path: Path) -> None:
    result = run(*pair, "-o", tmp_path / "out.tmx", "--json")
    assert json.loads(result.stdout)["beads"] == {"1-1": 4}
    result = run(*pair, "-o", "-", "--json")  # a TSV
    assert [line.count("\t") for line in result.stdout.splitlines()] == [12] * 5
    assert json.loads(result.stderr)["written"] == 4


def test_standard_input_is_read_as_a_page() -> None:
    result = CliRunner().invoke(main, ["align", "-", "-o", "-", "--format", "tsv"], input="\n\n".join(FRENCH + ENGLISH))
    assert result.exit_code == 0, result.output
    assert len(result.stdout.splitlines()) == 5


def test_a_corpus_is_filled_once_besides_the_output_or_instead(pair: tuple[Path, Path], tmp_path: Path) -> None:
    corpus = tmp_path / "corpus.db"
    assert run(*pair, "-o", tmp_path / "out.tmx", "--corpus", corpus).exit_code == 0
    again = run(*pair, "--corpus", corpus, "--json")
    assert json.loads(again.stdout)["corpus"] == {"url": str(corpus), "units": 0, "occurrences": 0, "known": 4}
    with Corpus(corpus) as store:
        assert {(unit.source, unit.target) for unit in store.units()} == PAIRS


@pytest.mark.parametrize("prefix", ["", "sqlite:///"])
def test_a_corpus_is_made_with_the_first_alignment_and_not_before(prefix: str, pair: tuple[Path, Path], tmp_path: Path) -> None:
    corpus = tmp_path / "corpus.db"
    assert run(tmp_path / "missing.txt", pair[1], "--corpus", f"{prefix}{corpus}").exit_code == 1
    assert not corpus.exists()
    assert run(*pair, "--corpus", f"{prefix}{corpus}").exit_code == 0
    over = run(*pair, "-o", corpus, "--format", "tmx", "--overwrite", "--corpus", f"{prefix}{corpus}")
    assert over.exit_code == 2
    with Corpus(corpus) as store:
        assert store.stats().units == 4


def test_a_folder_reports_what_is_unpaired_and_what_fails_and_goes_on(pair: tuple[Path, Path], tmp_path: Path) -> None:
    write(tmp_path / "alone.fr.txt", "Sans traduction.")
    for name in ("photo.png", "corpus.db", "old.tmx"):
        (tmp_path / name).touch()
    (tmp_path / "letter.fr.docx").touch()
    write(tmp_path / "bad.en.txt", "A text.")
    (tmp_path / "bad.fr.txt").write_bytes(b"\x00\x01\x02" * 50)
    result = run(tmp_path, "-o", tmp_path / "out.tmx", "--json")
    assert result.exit_code == 1
    figures = json.loads(result.stdout)
    assert figures["unpaired"] == [str(tmp_path / name) for name in ("alone.fr.txt", "letter.fr.docx")]
    assert len(figures["failed"]) == 1
    assert "bad.fr.txt" in figures["failed"][0]
    assert {(unit.source, unit.target) for unit in read_units(tmp_path / "out.tmx")} == PAIRS


def test_a_file_in_another_encoding_is_read_with_a_warning_that_names_it(pair: tuple[Path, Path], tmp_path: Path) -> None:
    pair[0].write_bytes(" ".join(FRENCH).encode("cp1252"))
    result = run(*pair, "-o", tmp_path / "out.tmx")
    assert result.exit_code == 0
    assert "Warning: " in result.stderr
    assert "cp125" in result.stderr
    assert {(unit.source, unit.target) for unit in read_units(tmp_path / "out.tmx")} == PAIRS


def test_a_page_in_one_language_gives_an_empty_file_and_says_why(tmp_path: Path) -> None:
    page = write(tmp_path / "page.txt", "\n\n".join(ENGLISH))
    result = run(page, "-o", tmp_path / "out.tmx")
    assert result.exit_code == 0
    assert f"written   0 to {tmp_path / 'out.tmx'}, which is there but empty" in result.stderr
    assert "none of the page's 4 segments is in fr; where the translation is another file, give both" in result.stderr
    assert "looks like its translation" not in result.stderr
    assert list(read_units(tmp_path / "out.tmx")) == []
    assert "which is there" not in run(page, "-o", "-", "--format", "tsv").stderr


@pytest.mark.parametrize("names", [("doc.fr.txt", "doc.en.txt"), ("fr/doc.txt", "en/doc.txt"), ("a b.fr.txt", "a b.en.html")])
@pytest.mark.parametrize("given", [0, 1])
def test_who_forgets_the_translation_that_lies_beside_a_file_is_told_the_command(
    names: tuple[str, str], given: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, sentences in zip(names, (FRENCH, ENGLISH), strict=True):
        write(tmp_path / name, html(sentences) if name.endswith("html") else "\n".join(sentences))
    page = tmp_path / names[given]
    monkeypatch.chdir(page.parent)
    result = run(page.name, "-o", "out.tmx")
    assert result.exit_code == 0
    command = re.search(r"looks like its translation: aligner align (.*) aligns the two", result.stderr)
    assert command
    assert run(*shlex.split(command[1]), "-o", "both.tmx").exit_code == 0
    assert {(unit.source, unit.target) for unit in read_units("both.tmx")} == PAIRS


@pytest.mark.parametrize("kind", ["pair", "page"])
def test_an_empty_file_gives_nothing_and_is_named(kind: str, pair: tuple[Path, Path], tmp_path: Path) -> None:
    pair[0].write_bytes(b"")
    result = run(*(pair if kind == "pair" else pair[:1]), "-o", tmp_path / "out.tmx")
    assert result.exit_code == 0
    assert re.search(r"note .*doc\.fr\.txt.* is empty", result.stderr)
    assert "written   0 to" in result.stderr
    assert list(read_units(tmp_path / "out.tmx")) == []


def test_that_a_file_is_empty_is_known_before_the_encoder_is_loaded(
    pair: tuple[Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(*_: object) -> None:
        raise AssertionError("it was loaded")

    monkeypatch.setattr(options.Model, "aligner", never)
    write(pair[1], "\n \n")
    assert run(*pair, "-o", tmp_path / "out.tsv").exit_code == 0
    assert list(read_units(tmp_path / "out.tsv")) == []


def test_ten_megabytes_on_one_line_are_aligned_within_a_minute(tmp_path: Path) -> None:
    page = write(tmp_path / "page.txt", "a. " * 3_500_000)
    began = time.monotonic()
    result = run(page, "-o", tmp_path / "out.tmx")
    assert result.exit_code == 0, result.output
    assert time.monotonic() - began < 60


BINARY = bytes(range(256)) * 40
WRONG: dict[str, tuple[list[str], int, str]] = {
    "a binary file": (["binary.txt", "doc.en.txt", "-o", "out.tmx"], 1, "binary.txt: "),
    "a missing file": (["missing.txt", "doc.en.txt", "-o", "out.tmx"], 1, "missing.txt: there is no such file"),
    "a missing folder for the output": (["doc.fr.txt", "doc.en.txt", "-o", "nowhere/out.tmx"], 1, "nowhere/out.tmx: there is no folder"),
    "an output below a file": (["doc.fr.txt", "doc.en.txt", "-o", "doc.fr.txt/out.tmx"], 1, "out.tmx: there is no folder"),
    "an output that exists": (["doc.fr.txt", "doc.en.txt", "-o", "exists.tmx"], 1, "exists.tmx: exists; name another file, or give"),
    "an unknown encoder": (["doc.fr.txt", "doc.en.txt", "-o", "out.tmx", "--encoder", "./nothing-here"], 1, "nothing-here"),
    "a missing file of weights": (["doc.fr.txt", "doc.en.txt", "-o", "out.tmx", "--weights", "nothing.json"], 1, "nothing.json"),
    "a column that is not there": (
        ["table.tsv", "-o", "out.tmx", "--source-column", "latin", "--target-column", "anglais"], 1, "there are 0, français, anglais",
    ),
    "one column alone": (["table.tsv", "-o", "out.tmx", "--source-column", "français"], 2, "give both"),
    "a table without columns": (["table.tsv", "-o", "out.tmx"], 1, "(--source-column and --target-column"),
    "the same file twice": (["doc.fr.txt", "./doc.fr.txt", "-o", "out.tmx"], 2, "SOURCE and TARGET are the same file"),
    "an output that is the source": (["doc.fr.txt", "doc.en.txt", "-o", "./doc.fr.txt", "--overwrite", "--format", "tsv"], 2, "is read"),
    "an output that is the target": (["doc.fr.txt", "doc.en.txt", "-o", "doc.en.txt", "--overwrite", "--format", "beads"], 2, "is read"),
    "an output that is in the folder": ([".", "-o", "doc.fr.txt", "--overwrite", "--format", "tmx"], 2, "is read"),
    "standard input twice": (["-", "-", "-o", "out.tmx"], 2, "standard input can be read once"),
    "two folders": (["empty", "empty", "-o", "out.tmx"], 2, "is a folder"),
    "a folder without pairs": (["empty", "-o", "out.tmx"], 1, "name them doc.fr.txt with doc.en.txt"),
    "no output": (["doc.fr.txt", "doc.en.txt"], 2, "give -o OUT, or --corpus URL, or both"),
    "an unknown suffix": (["doc.fr.txt", "doc.en.txt", "-o", "out.docx"], 2, "end it in .tmx"),
    "a language by its name": (["doc.fr.txt", "doc.en.txt", "-o", "out.tmx", "--source-lang", "French"], 2, "code such as fr was wanted"),
    "no language": (["doc.fr.txt", "doc.en.txt", "-o", "out.tmx", "--target-lang", ""], 2, "code such as fr was wanted"),
    "a corpus in a missing folder": (["doc.fr.txt", "doc.en.txt", "--corpus", "nowhere/c.db"], 1, "nowhere/c.db: there is no folder"),
    "a corpus that is none": (["doc.fr.txt", "doc.en.txt", "--corpus", "doc.fr.txt"], 1, "is not a database"),
}  # fmt: skip


@pytest.mark.parametrize("what", WRONG)
def test_what_is_wrong_is_said_in_a_line_and_nothing_is_written(
    what: str, pair: tuple[Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    arguments, code, message = WRONG[what]
    monkeypatch.chdir(tmp_path)
    write(Path("table.tsv"), table("\t"))
    write(Path("exists.tmx"), "")
    Path("empty").mkdir()
    Path("binary.txt").write_bytes(BINARY)
    given = [path.read_bytes() for path in pair]
    result = run(*arguments)
    assert result.exit_code == code, result.output
    assert [path.read_bytes() for path in pair] == given
    assert message in result.stderr
    assert "Traceback" not in result.output
    assert not Path("out.tmx").exists()


def test_ctrl_c_ends_with_130_and_leaves_nothing_half_written(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    page = write(tmp_path / "page.txt", "\n".join(f"{sentence} {number}" for number in range(4_000) for sentence in (FRENCH + ENGLISH)))
    command = [sys.executable, "-m", "aligner", "align", str(page), "-o", str(tmp_path / "out.tmx")]
    cache = tmp_path_factory.mktemp("cache")
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=os.environ | {"ALIGNER_CACHE": str(cache)}) as process:
        # Imports, which may swallow the signal, are over when the first vectors are kept.
        while process.poll() is None and not list(cache.glob("*.sqlite3")):
            time.sleep(0.1)
        process.send_signal(signal.SIGINT)
        assert process.stderr
        said = process.stderr.read()
    assert process.returncode == 130
    assert said.splitlines()[-1] == "Interrupted; nothing half written was left."
    assert [path.name for path in tmp_path.iterdir()] == ["page.txt"]
