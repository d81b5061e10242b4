"""Annotations in a corpus: made when units are added, in each database, made anew where rules change, counted, exported and left out."""

import json
from dataclasses import replace

import pytest
from click.testing import CliRunner
from databases import rows
from test_corpus import align
from test_migrations import make_old

from aligner import read_units
from aligner.annotations import KINDS, RULES, annotations_of
from aligner.cli import main
from aligner.corpus import Corpus, annotating
from aligner.corpus.actions import Act, record
from aligner.corpus.found import found
from aligner.corpus.pieces import PIECE
from aligner.errors import CorpusError
from aligner.types import Bead, TranslationUnit

FRENCH = ("Il reste 14 places.", "Le comitÃ© a votÃ© 5 lois.", "Il pleut.", "Fin du document 7.")
ENGLISH = ("There are 15 seats left.", "The committee passed 6 bills.", "It rains.")
LINKS = (*(Bead((k,), (k,), 0.9, 0.8) for k in range(3)), Bead((3,), (), 0.7))


@pytest.fixture
def corpus(url):
    with Corpus(url) as corpus:
        yield corpus


@pytest.fixture
def filled(corpus):
    corpus.add(align(FRENCH, ENGLISH, LINKS))
    return corpus


def run(*arguments):
    return CliRunner().invoke(main, list(map(str, arguments)))


def kinds_of(corpus, **chosen):
    return {unit.source: unit.annotations for unit in corpus.units(**chosen)}


def with_version(monkeypatch, kind, version, find):
    """The rules with another one of a kind."""
    changed = tuple(replace(rule, version=version, find=find) if rule.kind == kind else rule for rule in RULES)
    monkeypatch.setattr(annotating, "RULES", changed)


def test_units_are_annotated_when_they_are_added(filled, url):
    assert kinds_of(filled) == {FRENCH[0]: ("numbers",), FRENCH[1]: ("mojibake", "numbers"), FRENCH[2]: ()}
    assert ("14 stands on the French side alone; 15 stands on the English side alone",) in rows(url, "SELECT reason FROM annotations")
    stats = filled.stats()
    assert stats.annotations == {**dict.fromkeys(KINDS, 0), "numbers": 2, "mojibake": 1}
    assert stats.not_annotated == ()


def test_units_of_long_alignments_and_of_several_together_are_annotated_too(corpus):
    size = PIECE + 50
    texts = [f"Il reste {k} places." for k in range(size)], [f"There are {k + 7} seats left." for k in range(size)]
    long = align(*texts, [Bead((k,), (k,), 0.9, 0.8) for k in range(size)], name="long")
    alignments = align(FRENCH, ENGLISH, LINKS), align(("4 fois.",), ("5 times.",), LINKS[:1], name="b"), long
    assert list(corpus.add_all([found(alignment, 0.0) for alignment in alignments], then=_nothing)) == []
    assert corpus.stats().annotations["numbers"] == size + 3


def _nothing(*_arguments):
    pass


def test_what_a_reviewer_makes_is_annotated_too(filled):
    made = TranslationUnit("fr", "en", "Il reste 14 places.", "There are 140 seats left.")
    with filled.writing() as connection:
        record(connection, Act("edit", "Ada", units=[made]))
        assert annotating.annotated(connection, [made.id]) == annotations_of([made])


def test_annotated_units_are_passed_over_where_that_is_wanted_but_those_that_are_accepted(filled):
    assert list(kinds_of(filled, without=["numbers"])) == [FRENCH[2]]
    assert list(kinds_of(filled, without=["mojibake", "length"])) == [FRENCH[0], FRENCH[2]]
    (unit,) = (unit for unit in filled.units() if unit.source == FRENCH[0])
    filled.decide(unit, "accepted", reviewer="Ada")
    assert list(kinds_of(filled, without=["numbers"])) == [FRENCH[0], FRENCH[2]]


def test_an_unknown_kind_is_an_error(filled):
    with pytest.raises(CorpusError, match="there is no annotation 'number': the kinds are language, copy, "):
        filled.units(without=["number"])


def test_nothing_is_looked_at_again_while_no_rule_has_changed(filled):
    assert filled.annotate() == annotating.Annotated(())


def test_a_rule_that_changed_replaces_what_it_said_and_leaves_the_others_alone(filled, url, monkeypatch):
    others = "SELECT unit, kind, reason FROM annotations WHERE kind <> 'numbers' ORDER BY unit"
    before = rows(url, others)
    with_version(monkeypatch, "numbers", 2, lambda pair: "rain" if "pleut" in pair.source.text else None)
    assert filled.stats().not_annotated == ("numbers",)
    told = []
    done = filled.annotate(progress=lambda *said: told.append(said))
    assert (done.kinds, done.looked_at, done.marked) == (("numbers",), 4, {"numbers": 1})
    assert told == [("annotate", 4, 4)]
    assert kinds_of(filled) == {FRENCH[0]: (), FRENCH[1]: ("mojibake",), FRENCH[2]: ("numbers",)}
    assert rows(url, others) == before
    assert filled.stats().not_annotated == ()


def test_more_units_than_are_read_at_once_are_all_looked_at(filled, monkeypatch):
    monkeypatch.setattr(annotating, "PAGE", 2)
    with_version(monkeypatch, "length", 2, lambda _pair: "all")
    assert filled.annotate().marked == {"length": 3}


def test_what_was_cut_off_is_begun_again(filled, monkeypatch):
    monkeypatch.setattr(annotating, "PAGE", 2)
    with_version(monkeypatch, "length", 2, lambda _pair: "all")

    def stop(*_said):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        filled.annotate(progress=stop)
    assert filled.stats().not_annotated == ("length",)
    assert filled.annotate().looked_at == 4


def test_a_corpus_of_an_earlier_aligner_says_that_it_was_not_looked_at_until_it_is(url):
    make_old(url)
    with Corpus(url) as corpus:
        assert corpus.stats().not_annotated == KINDS
        done = corpus.annotate()
        assert done.kinds == KINDS
        assert done.looked_at == rows(url, "SELECT count(*) FROM units")[0][0]
        assert corpus.stats().not_annotated == ()


def test_a_unit_that_is_taken_out_takes_its_annotations_along(filled):
    unit = TranslationUnit("fr", "en", "4", "5")
    with filled.writing() as connection:
        record(connection, Act("edit", "Ada", units=[unit]))
        connection.exec_driver_sql(f"DELETE FROM units WHERE id = '{unit.id}'")
        assert annotating.annotated(connection, [unit.id]) == {}


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "corpus.db"
    with Corpus(path) as corpus:
        corpus.add(align(FRENCH, ENGLISH, LINKS))
    return path


@pytest.mark.parametrize("suffix", ["tmx", "tsv", "csv", "jsonl", "xlsx"])
def test_exported_units_bear_their_annotations(path, tmp_path, suffix):
    out = tmp_path / f"out.{suffix}"
    result = run("export", out, "--corpus", path)
    assert "annotated 2 of those written: 2 numbers, 1 mojibake (--without KIND leaves them out)" in result.stderr
    assert [unit.annotations for unit in read_units(out)] == [("numbers",), ("mojibake", "numbers"), ()]


def test_export_leaves_out_what_is_annotated_only_when_told(path, tmp_path):
    result = run("export", tmp_path / "a.tsv", "--corpus", path, "--without", "mojibake,length", "--without", "copy", "--json")
    figures = json.loads(result.stdout)
    assert (figures["written"], figures["left_out"]["annotated"], figures["annotations"]) == (2, 1, {"numbers": 1})
    result = run("export", tmp_path / "b.tsv", "--corpus", path, "--without", "numbers")
    assert "left out  2 annotated: 2 numbers (--without)" in result.stderr


def test_export_without_an_unknown_kind_is_a_usage_error(path, tmp_path):
    result = run("export", tmp_path / "a.tsv", "--corpus", path, "--without", "number")
    assert result.exit_code == 2
    assert "there is no annotation 'number': the kinds are language, " in result.stderr


def test_stats_count_annotations_and_say_where_rules_have_changed(path, monkeypatch):
    assert "annotated  2 numbers, 1 mojibake\n" in run("stats", "--corpus", path).stdout
    with_version(monkeypatch, "copy", 2, lambda _pair: None)
    assert f"some units have not been looked at for copy: aligner annotate --corpus {path}" in run("stats", "--corpus", path).stdout
    assert json.loads(run("stats", "--corpus", path, "--json").stdout)["not_annotated"] == ["copy"]


def test_the_command_looks_again_where_rules_have_changed(path, monkeypatch):
    assert "Nothing to do" in run("annotate", "--corpus", path).stderr
    with_version(monkeypatch, "copy", 2, lambda _pair: "all")
    assert json.loads(run("annotate", "--corpus", path, "--json").stdout) == {"looked_at": 4, "marked": {"copy": 3}}
