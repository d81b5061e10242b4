"""The other commands: export, stats, validate, evaluate, mine, train, encoders, and what all of them share."""

from __future__ import annotations

import importlib.util
import io
import itertools
import json
import os
import re
import shlex
import struct
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

import aligner
from aligner import Alignment, Bead, Corpus, Document, Provenance, read_units
from aligner.cli import console, main
from aligner.reviewing.scorer import Score
from aligner.reviewing.session import ReviewSession

ROOT = Path(__file__).parents[1]


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, list(map(str, arguments)))


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    """Three units: one sure, one doubtful and accepted, one sure and rejected; and a fourth that is doubtful."""
    source = Document.of_segments(["Un.", "Deux.", "Trois.", "Quatre."], "n.fr", "fr")
    target = Document.of_segments(["One.", "Two.", "Three.", "Four."], "n.en", "en")
    beads = tuple(Bead((k,), (k,), probability, 0.5) for k, probability in enumerate((0.9, 0.2, 0.8, 0.3)))
    path = tmp_path / "corpus.db"
    with Corpus(path) as store:
        store.add(Alignment(source, target, beads, "fr", "en", Provenance("0", "e", "r", "w")))
        units = {unit.source: unit for unit in store.units()}
        store.decide(units["Deux."], "accepted", reviewer="test")
        store.decide(units["Trois."], "rejected", reviewer="test")
    return path


def test_export_leaves_out_the_rejected_and_the_improbable_but_not_the_accepted(corpus: Path, tmp_path: Path) -> None:
    result = run("export", tmp_path / "out.tmx", "--corpus", corpus, "--json")
    assert result.exit_code == 0, result.output
    assert json.loads(result.stdout) == {
        "output": str(tmp_path / "out.tmx"),
        "written": 2,
        "units": 4,
        "disputed": 0,
        "mended": {"written": 0, "improbable": 0},
        "left_out": {"status": 0, "rejected": 1, "improbable": 1, "boilerplate": 0, "copy": 0, "annotated": 0},
        "annotations": {},
    }
    assert [unit.source for unit in read_units(tmp_path / "out.tmx")] == ["Un.", "Deux."]


def test_export_takes_one_status_and_a_cutoff(corpus: Path) -> None:
    rejected = run("export", "-", "--format", "tsv", "--corpus", corpus, "--status", "rejected")
    assert [line.split("\t")[0] for line in rejected.stdout.splitlines()] == ["source", "Trois."]
    lines = rejected.stderr.splitlines()
    assert lines == [f"Wrote 1 of 4 units of {corpus} to standard output", "  left out  3 not rejected (--status)"]
    everything = run("export", "-", "--format", "jsonl", "--corpus", corpus, "--min-probability", "0")
    assert [json.loads(line)["source"] for line in everything.stdout.splitlines()] == ["Un.", "Deux.", "Quatre."]


def test_export_takes_what_was_made_in_review_by_its_probability_and_says_how_much_nobody_has_decided_on(corpus: Path) -> None:
    with Corpus(corpus) as store:
        ada = ReviewSession(store, reviewer="Ada")
        keys = {row.source: row.key for row in ada.rows(0, 9)}
        sure, doubtful = (ada.edit(keys[text], f"Le {text.lower()}", "The one.").keys[0] for text in ("Un.", "Quatre."))
        ada.rescore(sure, Score(cosine=0.9, probability=0.95))
        ada.rescore(doubtful, Score(cosine=0.1, probability=0.1))
    result = run("export", "-", "--format", "tsv", "--corpus", corpus)
    assert "Le un." in result.stdout
    assert "Le quatre." not in result.stdout
    undecided = "that a reviewer merged, split, moved or edited and nobody has decided on"
    assert result.stderr.splitlines()[-1] == f"  mended    1 of those written and 1 of the less probable {undecided}"
    with Corpus(corpus) as store:
        ReviewSession(store, reviewer="Ada").decide([sure, doubtful], "accepted")
    assert "mended" not in run("export", "-", "--format", "tsv", "--corpus", corpus).stderr


@pytest.fixture
def repeating(tmp_path: Path) -> Path:
    """Twelve pages of a site with a menu of two items, and a near copy of one of them."""
    path = tmp_path / "repeating.db"
    menu = [("Accueil", "Home"), ("Plan du site", "Site map")]
    letters = "abcdefghijklmnopqrstuvwxyz"
    with Corpus(path) as store:
        for number in range(13):
            words = [letters[number % 12 : number % 12 + 3] + letter for letter in letters]
            body = [(" ".join(words), " ".join(reversed(words)))]
            if number == 12:
                body = [(f"{body[0][0]} enfin", f"{body[0][1]} finally")]
            links = [*menu, *body]
            source, target = (Document.of_segments([link[side] for link in links], f"https://a.org/{number}") for side in range(2))
            beads = tuple(Bead((k,), (k,), 0.9, 0.8) for k in range(len(links)))
            store.add(Alignment(source, target, beads, "fr", "en", Provenance("0", "e", "r", "w")))
        store.mark_repeats()
    return path


def test_export_leaves_out_what_repeats_and_says_how_much_unless_it_is_wanted(repeating: Path, tmp_path: Path) -> None:
    said = run("export", tmp_path / "out.tsv", "--corpus", repeating).stderr
    assert "Wrote 12 of 15 units" in said
    assert "left out  2 boilerplate of sites (--with-repeats writes them)" in said
    assert "left out  1 in near copies of documents (--with-repeats writes them)" in said
    figures = json.loads(run("export", tmp_path / "all.tsv", "--corpus", repeating, "--with-repeats", "--json").stdout)
    assert (figures["written"], figures["left_out"]["boilerplate"]) == (15, 0)


def test_repeats_marks_what_came_without_a_batch_and_shows_it(repeating: Path) -> None:
    with Corpus(repeating) as store, store.writing() as connection:
        for table in ("said_again", "copies", "boilerplate", "recurring", "examined"):
            connection.exec_driver_sql(f"DELETE FROM {table}")
    said = run("repeats", "--corpus", repeating).stdout
    assert "by default: 2 boilerplate, 1 in near copies (documents: 1)" in said
    assert "a.org: documents 13, near copies 1, boilerplate 2" in said
    assert "    Accueil | Home" in said
    (site,) = json.loads(run("repeats", "--corpus", repeating, "--json").stdout)["sites"]
    assert (site["name"], site["units"]) == ("a.org", 2)


def test_stats_count_what_repeats(repeating: Path) -> None:
    assert "repeats    2 boilerplate, 1 in near copies (documents: 1)" in run("stats", "--corpus", repeating).stdout
    assert json.loads(run("stats", "--corpus", repeating, "--json").stdout)["repeats"] == {
        "copies": 1,
        "units": {"boilerplate": 2, "copy": 1},
    }


def test_export_of_an_unknown_status_or_from_no_corpus_is_an_error(corpus: Path, tmp_path: Path) -> None:
    for code, arguments in (2, ["--corpus", corpus, "--status", "liked"]), (1, ["--corpus", tmp_path / "none.db"]):
        result = run("export", tmp_path / "out.tmx", *arguments)
        assert result.exit_code == code
        assert "Error: " in result.stderr
        assert not (tmp_path / "out.tmx").exists()


def test_export_over_its_own_corpus_is_refused(corpus: Path) -> None:
    held = corpus.read_bytes()
    for url in (corpus, f"sqlite:///{corpus}"):
        result = run("export", corpus, "--corpus", url, "--format", "tmx", "--overwrite")
        assert (result.exit_code, corpus.read_bytes()) == (2, held)
        assert "is read and would be replaced" in result.stderr


def test_stats_count_units_by_status_and_probability(corpus: Path) -> None:
    assert "2 unreviewed, 1 accepted, 1 rejected, 0 flagged" in run("stats", "--corpus", corpus).stdout
    figures = json.loads(run("stats", "--corpus", corpus, "--json").stdout)
    assert figures["units"] == 4
    assert figures["probabilities"] == [0, 0, 1, 1, 0, 0, 0, 0, 1, 1]


def test_validate_finds_nothing_in_what_export_writes_and_tells_the_line_of_what_is_wrong(corpus: Path, tmp_path: Path) -> None:
    path = tmp_path / "out.tmx"
    run("export", path, "--corpus", corpus)
    assert run("validate", path).exit_code == 0
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("Two.", ""), encoding="utf-8")
    result = run("validate", path)
    assert result.exit_code == 3
    assert result.stdout.startswith(f"{path}:")
    assert run("validate", tmp_path / "none.tmx").exit_code == 1


def test_evaluate_scores_files_in_pairs_or_two_folders(tmp_path: Path) -> None:
    gold, test = tmp_path / "a.gold", tmp_path / "a.beads"
    gold.write_text("[0]:[0]\n[1]:[1]\n", encoding="utf-8")
    test.write_text("[0]:[0]:0.9\n[1]:[]:0.6\n[]:[1]:0.6\n", encoding="utf-8")
    figures = json.loads(run("evaluate", "--gold", gold, "--test", test, "--json").stdout)
    assert figures["strict"]["recall"] == 0.5
    assert "strict" in run("evaluate", "--gold", tmp_path, "--test", tmp_path).stdout
    assert run("evaluate", "--gold", gold, "--gold", gold, "--test", test).exit_code == 2
    assert "nowhere: there is no such file or folder" in run("evaluate", "--gold", tmp_path, "--test", tmp_path / "nowhere").stderr
    assert "one is a folder and the other a file" in run("evaluate", "--gold", tmp_path, "--test", test).stderr
    test.write_text("[0]:[0]:0.9\n", encoding="utf-8")
    assert run("evaluate", "--gold", gold, "--test", test).exit_code == 1


def test_mine_finds_translations_wherever_they_stand(tmp_path: Path) -> None:
    source, target, out = tmp_path / "a.txt", tmp_path / "b.txt", tmp_path / "pairs.tsv"
    source.write_text("Le chat dort sur le canapé.\nIl pleut depuis trois jours.\nLa banque est fermée le lundi.\n", encoding="utf-8")
    target.write_text("The bank is closed on Mondays.\nShe plays the violin.\nThe cat is sleeping on the sofa.\n", encoding="utf-8")
    result = run("mine", source, target, "-o", out)
    assert result.exit_code == 0, result.output
    header, *rows = [line.split("\t") for line in out.read_text(encoding="utf-8").splitlines()]
    assert header == ["probability", "cosine", "margin", "source_line", "target_line", "source", "target"]
    assert {(row[3], row[4]) for row in rows} == {("0", "2"), ("2", "0")}
    assert run("mine", source, target, "-o", out).exit_code == 1
    assert run("mine", "-", "-", "-o", tmp_path / "c.tsv").exit_code == 2
    assert run("mine", source, source, "-o", tmp_path / "c.tsv").exit_code == 2


def test_a_table_of_mined_pairs_in_several_frames_has_one_header(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, texts in (
        ("fr", ["Le chat dort.", "Il pleut.", "Bonjour à tous."]),
        ("en", ["It rains.", "Hello everyone.", "The cat sleeps."]),
    ):
        (tmp_path / name).write_text("\n".join(texts), encoding="utf-8")
    arguments = ("mine", tmp_path / "fr", tmp_path / "en", "--min-probability", "0", "-o")
    assert run(*arguments, tmp_path / "whole.tsv").exit_code == 0
    monkeypatch.setattr("aligner.pipeline.MINED_ROWS", 1)
    assert run(*arguments, tmp_path / "frames.tsv", "--memory", "1").exit_code == 0
    assert (tmp_path / "frames.tsv").read_bytes() == (tmp_path / "whole.tsv").read_bytes()
    assert len((tmp_path / "whole.tsv").read_text(encoding="utf-8").splitlines()) == 4


@pytest.mark.parametrize("name", ["m.tmx", "m.csv.gz", "fr.txt"])
def test_mine_refuses_a_name_that_says_another_format(name: str, tmp_path: Path) -> None:
    result = run("mine", tmp_path / "a.txt", tmp_path / "b.txt", "-o", tmp_path / name)
    assert result.exit_code == 2
    assert "end its name in .tsv" in result.stderr
    assert not (tmp_path / name).exists()


def test_mine_over_its_own_source_is_refused(tmp_path: Path) -> None:
    for name in ("fr.tsv", "en.tsv"):
        (tmp_path / name).write_text("Une phrase.\n")
    result = run("mine", tmp_path / "fr.tsv", tmp_path / "en.tsv", "-o", tmp_path / "fr.tsv", "--overwrite")
    assert (result.exit_code, (tmp_path / "fr.tsv").read_text()) == (2, "Une phrase.\n")


def test_mined_lines_with_quotation_marks_and_tabs_stay_what_they_are_and_one_line_each(tmp_path: Path) -> None:
    source, target, out = tmp_path / "a.txt", tmp_path / "b.txt", tmp_path / "pairs.tsv"
    source.write_text('"Le chat dort sur le canapé."\n1\tIl pleut depuis trois jours.\n', encoding="utf-8")
    target.write_text('"The cat is sleeping on the sofa."\n1\tIt has been raining for three days.\n', encoding="utf-8")
    assert run("mine", source, target, "-o", out, "--min-probability", "0").exit_code == 0
    rows = [line.split("\t")[5:] for line in out.read_text(encoding="utf-8").splitlines()[1:]]
    assert sorted(rows) == [
        ['"Le chat dort sur le canapé."', '"The cat is sleeping on the sofa."'],
        ["1 Il pleut depuis trois jours.", "1 It has been raining for three days."],
    ]


SUBJECTS = [("Le boulanger", "The baker"), ("Ma voisine", "My neighbour"), ("Le maire", "The mayor"), ("Une élève", "A pupil")]
VERBS = [
    ("a vendu", "sold"),
    ("a perdu", "lost"),
    ("a peint", "painted"),
    ("a dessiné", "drew"),
    ("a caché", "hid"),
    ("a acheté", "bought"),
]
OBJECTS = [("une chaise", "a chair"), ("un bateau", "a boat"), ("trois livres", "three books"), ("un tambour", "a drum")]
ENDS = [("hier soir", "last night"), ("devant l’église", "in front of the church"), ("en 1998", "in 1998")]


def test_train_learns_weights_that_align_can_use(tmp_path: Path) -> None:
    gold = tmp_path / "gold"
    gold.mkdir()
    choices = list(itertools.product(SUBJECTS, VERBS, OBJECTS, ENDS))
    for side, lang in enumerate(("fr", "en")):
        text = "".join(" ".join(words[side] for words in choice) + ".\n" for choice in choices)
        (gold / f"doc.{lang}").write_text(text, encoding="utf-8")
    lines = [f"[{k}]:[{k}]\n" for k in range(len(choices))]
    (gold / "doc.gold").write_text("".join(lines), encoding="utf-8")
    weights = tmp_path / "weights.json"
    result = run("train", gold, "-o", weights, "--emphasis", "gold", "2", "--hold-out", "0")
    assert result.exit_code == 0, result.output
    texts = [gold / "doc.fr", gold / "doc.en"]
    out = run("align", *texts, "--segmented", "--weights", weights, "--format", "beads", "-o", tmp_path / "doc.beads")
    assert out.exit_code == 0, out.output
    report = json.loads(run("evaluate", "--gold", gold / "doc.gold", "--test", tmp_path / "doc.beads", "--json").stdout)
    assert report["strict"]["f1"] > 0.9
    (gold / "doc.gold").write_text("".join(lines[:20]), encoding="utf-8")
    assert run("train", gold, "-o", weights, "--overwrite").exit_code == 1
    mistyped = run("train", gold, "-o", weights, "--overwrite", "--emphasis", "glod", "2")
    assert mistyped.exit_code == 2
    assert "--emphasis names glod" in mistyped.stderr


def test_encoders_are_listed_shown_and_saved(tmp_path: Path) -> None:
    assert "use-multilingual-v3" in run("encoders", "list").stdout
    assert "dimension  512" in run("encoders", "show", "use-multilingual-v3").stdout
    assert run("encoders", "add", "use-multilingual-v3", "--to", tmp_path / "use").exit_code == 0
    assert "dimension  512" in run("encoders", "show", tmp_path / "use").stdout
    again = run("encoders", "add", "use-multilingual-v3", "--to", tmp_path / "use")
    assert again.exit_code == 1
    assert "use: exists; name a folder" in again.stderr
    unknown = run("encoders", "show", str(tmp_path / "none"))
    assert unknown.exit_code == 1
    assert "Available offline: use-multilingual-v3" in unknown.stderr


@pytest.mark.parametrize("is_terminal", [True, False])
def test_progress_is_drawn_where_stderr_is_a_terminal_and_nowhere_else(is_terminal: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    screen = io.StringIO()
    monkeypatch.setattr(screen, "isatty", lambda: is_terminal)
    monkeypatch.setattr("sys.stderr", screen)
    with console.progress("aligning") as bar:
        bar.wait("loading the encoder")
        bar("embedding", 1, 4)
        console.say("a message")
        assert "aligning" not in screen.getvalue()
        bar("embedding", 4, 4)
    drawn = screen.getvalue()
    for stage in ("loading the encoder …", "embedding", "aligning …"):
        assert (stage in drawn) == is_terminal
    assert not is_terminal or drawn.rsplit("\r", 2)[-2].isspace()  # the last line is wiped
    assert "a message\n" in drawn


SHOWING = """
import time
from aligner.cli import console
console._TICK_S = 0.01
with console.progress() as bar:
    bar.wait("loading the encoder")
    time.sleep(1.5)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such terminals")
@pytest.mark.parametrize("columns", [0, 100])
def test_progress_is_drawn_with_a_clock_that_goes_on_also_by_a_terminal_without_size(columns: int) -> None:
    import fcntl
    import pty
    import termios

    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24 if columns else 0, columns, 0, 0))
    with subprocess.Popen([sys.executable, "-c", SHOWING], stderr=theirs) as process:
        os.close(theirs)
        drawn = b""
        with suppress(OSError):  # as reading ends once nobody writes
            while some := os.read(ours, 4096):
                drawn += some
    os.close(ours)
    assert process.returncode == 0
    assert "loading the encoder … 00:00" in drawn.decode()
    assert "loading the encoder … 00:01" in drawn.decode()


def test_the_reference_in_docs_is_what_the_commands_say() -> None:
    spec = importlib.util.spec_from_file_location("write_cli", ROOT / "docs" / "write_cli.py")
    assert spec
    assert spec.loader
    write_cli = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(write_cli)
    assert write_cli.REFERENCE.read_text(encoding="utf-8") == write_cli.reference(), "run `make docs`"


def test_every_option_of_every_command_is_explained() -> None:
    def unexplained(command: click.Command) -> list[str]:
        below = [name for child in getattr(command, "commands", {}).values() for name in unexplained(child)]
        options = [option for option in command.params if isinstance(option, click.Option)]
        return below + [f"{command.name} {option.name}" for option in options if not option.help]

    assert unexplained(main) == []


def commands(name: str, command: click.Command) -> Iterator[tuple[str, click.Command]]:
    """The command and all below it, with their full names."""
    yield name, command
    for child in getattr(command, "commands", {}).values():
        yield from commands(f"{name} {child.name}", child)


@pytest.mark.parametrize(("name", "command"), [each for each in commands("aligner", main) if not hasattr(each[1], "commands")])
def test_the_help_of_every_command_shows_how_it_is_called(name: str, command: click.Command) -> None:
    lines = [line.strip() for line in (command.help or "").splitlines()]
    examples = [shlex.split(re.split(" {2,}", line)[0]) for line in lines if line.startswith("aligner ")]
    assert [example for example in examples if " ".join(example).startswith(f"{name} ") or example == name.split()]
    for example in examples:
        called, arguments = main, example[1:]
        while hasattr(called, "commands"):
            called, arguments = called.commands[arguments[0]], arguments[1:]
        assert called.make_context(called.name, arguments).args == []


def told() -> list[tuple[str, str]]:
    """Page and command line of every `aligner …` that the documentation tells people to type."""
    pages = [ROOT / "README.md", ROOT / "examples" / "README.md", *(ROOT / "docs").glob("*.md"), *(ROOT / "notebooks").glob("*.ipynb")]
    texts = {page.name: page.read_text(encoding="utf-8") for page in pages if page.name != "cli.md"}
    return [
        (name, line)
        for name, text in texts.items()
        for line in re.findall(r"(?:^ {4}|\$ |`|\" {4})(aligner [a-z][^`\"\n]*)", text, re.MULTILINE)
    ]


@pytest.mark.parametrize(("page", "line"), told())
def test_every_command_and_option_that_the_documentation_names_is_there(page: str, line: str) -> None:
    called, words = main, shlex.split(re.split(r" {2,}|\\n", line)[0])[1:]
    while hasattr(called, "commands") and words:
        called, words = called.commands[words[0]], words[1:]
    there = {name for option in called.params for name in option.opts}
    assert {word.partition("=")[0] for word in words if word.startswith("-") and len(word) > 1} - there == set(), f"{page}: {line}"


def test_commands_are_listed_in_the_order_in_which_one_needs_them_each_in_a_whole_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    for arguments, first in ((["--help"], "align"), (["review", "--help"], "open"), (["corpus", "--help"], "check")):
        listed = run(*arguments).stdout.split("Commands:\n")[1].splitlines()
        assert listed[0].split()[0] == first
        assert [line for line in listed if not line.endswith(".") or line.endswith("...")] == []


def test_every_name_of_the_package_is_there() -> None:
    assert [name for name in aligner.__all__ if not hasattr(aligner, name)] == []
