"""Reports on alignments against gold: what they count, what they refuse, how they read."""

import json
import logging
import os
import subprocess
import sys
from pathlib import Path

import pytest

from aligner.errors import InputError
from aligner.evaluation import Compared, evaluate, evaluate_files
from aligner.formats.beads import read_beads, write_beads
from aligner.types import Bead

GOLD = "[0]:[0]\n[1,2]:[1]\n[3]:[]\n[4]:[2]\n"
TEST = "[0]:[0]:0.98\n[1]:[1]:0.55\n[2]:[]:0.60\n[3]:[]:0.80\n[4]:[2]:0.97\n"


@pytest.fixture
def folder(tmp_path):
    for name, test in (("one", TEST), ("two", GOLD)):
        (tmp_path / f"{name}.gold").write_text(GOLD)
        (tmp_path / f"{name}.beads").write_text(test)
    return tmp_path


def test_a_folder_is_scored_pooled_and_by_document(folder):
    report = evaluate_files([folder], [folder])
    assert report.scores.strict_precision == 7 / 9
    assert report.scores.strict_recall == 5 / 6
    assert [(document.name, document.scores.strict_f1) for document in report.documents] == [
        ("one", pytest.approx(2 * 0.6 * 2 / 3 / (0.6 + 2 / 3))),
        ("two", 1.0),
    ]
    assert (report.by_shape[2, 1].gold, report.by_shape[2, 1].test, report.by_shape[2, 1].hits) == (2, 1, 1)


def test_pairs_of_files_are_scored_as_the_folder_is(folder):
    golds, tests = [folder / "one.gold", folder / "two.gold"], [str(folder / "one.beads"), str(folder / "two.beads")]
    assert evaluate_files(golds, tests) == evaluate_files([folder], [folder])


def test_alternatives_beside_gold_are_not_punished(folder):
    (folder / "one.alt").write_text("[1]:[1]\n")
    report = evaluate_files([folder / "one.gold"], [folder / "one.beads"])
    assert report.scores.strict_f1 == 1.0
    assert report.scores.test == 3
    assert [right for _, right in report.judgements] == [True, True, True]


def test_a_test_that_does_not_cover_every_segment_once_is_named_with_the_segments(folder):
    (folder / "one.beads").write_text("[0]:[0]\n[1,2]:[1]\n[4]:[2]\n")
    (folder / "two.beads").write_text("[0]:[0]\n[1,2]:[1,2]\n[3]:[]\n[4]:[2,9]\n")
    with pytest.raises(InputError) as raised:
        evaluate_files([folder], [folder])
    first, second = str(raised.value).split("\n")
    assert first == f"{folder}/one.beads: each segment of {folder}/one.gold was wanted exactly once, but source segments missing: 3"
    assert second.endswith("but target segments doubled: 2; target segments unknown: 9")


def test_golds_without_a_test_are_refused_and_tests_without_gold_are_said(folder, caplog):
    (folder / "three.test").write_text(TEST)
    with caplog.at_level(logging.WARNING):
        assert len(evaluate_files([folder], [folder]).documents) == 2
    assert "no gold: three" in caplog.text
    (folder / "three.gold").write_text(GOLD)
    assert len(evaluate_files([folder], [folder]).documents) == 3
    (folder / "four.gold").write_text(GOLD)
    with pytest.raises(InputError, match=r"there is no four\.beads or four\.test"):
        evaluate_files([folder], [folder])
    (folder / "empty").mkdir()
    with pytest.raises(InputError, match="there are none"):
        evaluate_files([folder / "empty"], [folder])
    with pytest.raises(InputError, match="there is no such file"):
        evaluate_files([folder / "nowhere"], [folder])
    with pytest.raises(InputError, match="2 gold, 1 test came"):
        evaluate_files([folder / "one.gold", folder / "two.gold"], [folder / "one.beads"])


def test_calibration_is_measured_where_there_are_probabilities_and_only_there(folder):
    report = evaluate_files([folder / "one.gold"], [folder / "one.beads"])
    assert report.calibration.judged == 5
    assert report.calibration.error == pytest.approx((0.02 + 0.55 + 0.60 + 0.20 + 0.03) / 5)
    assert evaluate_files([folder / "two.gold"], [folder / "two.beads"]).calibration is None


def document(hits, beads=20):
    gold = [Bead((i,), (i,), 1.0) for i in range(beads)]
    return Compared(f"d{hits}", gold, gold[:hits] + [Bead((i,), (beads + hits - 1 - i,), 0.5) for i in range(hits, beads)])


def test_the_interval_is_over_documents_and_the_same_every_time():
    report = evaluate([document(hits) for hits in range(5, 20, 2)])
    low, high = report.intervals.strict_f1
    assert 0.4 < low < report.scores.strict_f1 < high < 0.85
    assert evaluate([document(hits) for hits in range(5, 20, 2)]).intervals == report.intervals
    assert evaluate([document(10), document(10)]).intervals.strict_f1 == (0.5, 0.5)
    assert report.intervals.null_recall is None


def test_one_document_has_an_interval_over_its_stretches_that_grows_with_fewer_of_them():
    few, many = (evaluate([document(beads // 2, beads)]) for beads in (20, 2000))
    widths = [report.intervals.strict_f1[1] - report.intervals.strict_f1[0] for report in (few, many)]
    assert 0.2 < widths[0] < 0.8
    assert widths[1] < widths[0] / 5
    assert few.intervals == few.documents[0].intervals
    assert "over stretches of it" in few.to_text()


def test_nulls_have_intervals_where_there_are_any():
    gold = [Bead((i,), (), 1.0) if i % 3 == 0 else Bead((i,), (i - i // 3 - 1,), 1.0) for i in range(30)]
    test = [Bead(bead.source, bead.target, 0.5) for bead in gold]
    missed = [Bead((0, 1), (0,), 0.5), *test[2:]]
    report = evaluate([Compared("all", gold, test), Compared("missed", gold, missed)])
    assert report.scores.null_recall == 19 / 20
    assert report.intervals.null_recall == (0.9, 1.0)
    assert report.intervals.null_precision == (1.0, 1.0)


def test_the_text_is_a_table_a_person_reads(folder):
    text = evaluate_files([folder], [folder]).to_text()
    assert text.splitlines()[0] == "2 documents, 6 gold links, 9 beads to judge"
    assert "strict                 0.778     0.833     0.805    95 %: 0.632–1.000, over documents" in text
    assert "nulls: 2 of 2 in gold found (1.000; 95 %: 1.000–1.000)" in text
    assert "nulls: 2 of 3 claimed are right (0.667; 95 %: 0.500–1.000)" in text
    assert "2-1          2       1       1       1.0      1.000    0.500   0.667" in text
    assert "one             3      0.632    0.000–1.000   0.889          1/1        2" in text
    assert text == str(evaluate_files([folder], [folder]))


def test_no_documents_at_all_give_a_report_of_zeros():
    report = evaluate([])
    assert report.scores.strict_f1 == 0.0
    assert "0 documents" in str(report)
    json.dumps(report.to_dict())


def test_the_dictionary_holds_the_same_figures_and_is_json(folder):
    report = evaluate_files([folder], [folder])
    figures = json.loads(json.dumps(report.to_dict()))
    assert figures["strict"] == {
        "precision": report.scores.strict_precision,
        "recall": report.scores.strict_recall,
        "f1": report.scores.strict_f1,
    }
    assert figures["strict_f1_interval"] == list(report.intervals.strict_f1)
    assert figures["by_shape"]["1-1"]["hits"] == 4
    assert [each["name"] for each in figures["documents"]] == ["one", "two"]
    assert figures["nulls"]["found"] == 2


def test_files_score_as_the_reference_scorer_scores_them(tmp_path):
    """Gold against itself with a few neighbours merged, through files, beside the scorer that lies beside the gold data."""
    if "ALIGNER_GOLD" not in os.environ:
        pytest.skip("ALIGNER_GOLD is not set")
    gold_folder = Path(os.environ["ALIGNER_GOLD"])
    scorer = gold_folder.parent / "score.py"
    if not scorer.exists():
        pytest.skip(f"no reference scorer at {scorer}")
    golds = sorted((gold_folder / "noisy_repeat").glob("*.gold"))
    tests = [tmp_path / f"{gold.stem}.beads" for gold in golds]
    for gold, test in zip(golds, tests, strict=True):
        beads = read_beads(gold)
        for place in range(0, len(beads) - 1, 5):
            first, second = beads[place : place + 2]
            beads[place : place + 2] = [Bead(first.source + second.source, first.target + second.target, 0.5), Bead((), (), 0.5)]
        write_beads(beads, test)
    pairs = [str(path) for pair in zip(golds, tests, strict=True) for path in pair]
    printed = subprocess.run([sys.executable, scorer, *pairs], capture_output=True, text=True, check=True).stdout
    expected = {key: float(value) for key, value in (field.split("=") for field in printed.split())}
    scores = evaluate_files([golds[0].parent], [tmp_path]).scores
    ours = {"strict_f1": scores.strict_f1, "lax_f1": scores.lax_f1, "nn_strict_f1": scores.non_null_f1, "nulls_found": scores.nulls_found}
    assert ours == pytest.approx({key: expected[key] for key in ours}, abs=5e-5)
    assert 0.5 < scores.strict_f1 < 0.95
