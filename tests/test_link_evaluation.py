"""Links beside gold: mined pairs and lines of pages, at thresholds."""

import json
import os
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from aligner.cli import main
from aligner.errors import InputError
from aligner.evaluation import evaluate_mined_file, evaluate_mining, evaluate_page_files, evaluate_pages
from aligner.evaluation.pages import PageLinks
from aligner.formats.page_gold import PageGold, read_page_gold
from aligner.scoring import LinkCounts, Links, best_threshold
from aligner.types import Bead

FOUND = {(0, 3): 0.95, (1, 1): 0.9, (2, 5): 0.6, (4, 0): 0.4, (7, 7): 0.2}
WANTED = {(0, 3), (1, 1), (4, 0), (9, 9)}


def test_counts_at_a_threshold_are_of_the_links_at_least_as_probable():
    links = Links(FOUND, WANTED)
    assert links.counts(0.0) == LinkCounts(found=5, right=3, wanted=4)
    assert links.counts(0.6) == LinkCounts(found=3, right=2, wanted=4)
    assert links.counts(0.61) == LinkCounts(found=2, right=2, wanted=4)
    assert (links.counts(0.6).precision, links.counts(0.6).recall) == (2 / 3, 1 / 2)
    assert links.counts(0.6).f1 == pytest.approx(4 / 7)
    assert LinkCounts().f1 == 0.0


def test_a_found_alternative_leaves_the_account_with_what_it_displaces():
    links = Links({(0, 1): 0.9, (1, 0): 0.8, (2, 2): 0.7, (3, 9): 0.6}, {(0, 0), (1, 1), (2, 2), (3, 3)}).excusing({(0, 1), (1, 0), (2, 2)})
    assert links == Links({(2, 2): 0.7, (3, 9): 0.6}, {(2, 2), (3, 3)})


LINKS = st.dictionaries(st.tuples(st.integers(0, 5), st.integers(0, 5)), st.sampled_from([0.1, 0.3, 0.5, 0.7, 0.9]), max_size=12)


@given(st.lists(st.builds(Links, LINKS, st.frozensets(st.tuples(st.integers(0, 5), st.integers(0, 5)), max_size=6)), max_size=3))
def test_no_threshold_does_better_than_the_best(parts):
    def f1(threshold):
        counts = [part.counts(threshold) for part in parts]
        return LinkCounts(*(sum(getattr(one, name) for one in counts) for name in ("found", "right", "wanted"))).f1

    assert f1(best_threshold(parts)) == pytest.approx(max(map(f1, (0.0, 0.1, 0.3, 0.5, 0.7, 0.9))))


def test_mined_pairs_are_scored_at_thresholds_with_calibration_and_an_interval():
    report = evaluate_mining(FOUND, WANTED)
    assert report.likely == LinkCounts(found=3, right=2, wanted=4)
    assert report.at[0.9] == LinkCounts(found=2, right=2, wanted=4)
    assert report.best == 0.4
    assert report.at_best == LinkCounts(found=4, right=3, wanted=4)
    low, high = report.interval
    assert 0.0 <= low < report.likely.f1 < high <= 1.0
    assert report.calibration.judged == 5
    assert report.calibration.error == pytest.approx((0.05 + 0.1 + 0.6 + 0.6 + 0.2) / 5)
    assert evaluate_mining({}, {(0, 0)}).likely == LinkCounts(found=0, right=0, wanted=1)


@pytest.fixture
def table(tmp_path):
    rows = [f"{probability}\t0.5\t0.1\t{i}\t{j}\tUn.\tOne.\n" for (i, j), probability in FOUND.items()]
    (tmp_path / "pairs.tsv").write_text("probability\tcosine\tmargin\tsource_line\ttarget_line\tsource\ttarget\n" + "".join(rows))
    (tmp_path / "gold.tsv").write_text("source\ttarget\n" + "".join(f"{i}\t{j}\n" for i, j in WANTED))
    return tmp_path


def test_a_mined_table_is_scored_as_its_links_are(table):
    assert evaluate_mined_file(table / "gold.tsv", table / "pairs.tsv") == evaluate_mining(FOUND, WANTED)


def test_rows_that_are_no_links_are_all_named(table):
    (table / "pairs.tsv").write_text("probability\tsource_line\ttarget_line\n0.5\t1\t2\nhigh\t1\t2\n1.5\t1\t2\n0.5\tone\t2\n")
    with pytest.raises(InputError, match=r"3 bad rows(.|\n)*line 3(.|\n)*line 4(.|\n)*line 5"):
        evaluate_mined_file(table / "gold.tsv", table / "pairs.tsv")
    (table / "pairs.tsv").write_text("source\ttarget\nUn.\tOne.\n")
    with pytest.raises(InputError, match="the columns probability, source_line, target_line were wanted"):
        evaluate_mined_file(table / "gold.tsv", table / "pairs.tsv")
    (table / "gold.tsv").write_text("0\t3\n1 1\n")
    with pytest.raises(InputError, match="line 2: two line numbers were wanted"):
        evaluate_mined_file(table / "gold.tsv", table / "pairs.tsv")
    (table / "gold.tsv").write_text("source\ttarget\n")
    with pytest.raises(InputError, match="there are none"):
        evaluate_mined_file(table / "gold.tsv", table / "pairs.tsv")


GOLD = PageGold(links=frozenset({(0, 1), (2, 3)}), alternatives=frozenset({(0, 3), (2, 1)}), both=frozenset({4, 5}))


def test_lines_that_hold_both_languages_are_scored_apart():
    beads = [Bead((0,), (1,), 0.9), Bead((2,), (4,), 0.8), Bead((4,), (4,), 0.7), Bead((6,), (6,), 0.6), Bead((2,), (7, 8), 0.55)]
    report = evaluate_pages([PageLinks.of(GOLD, beads)])
    assert report.between.likely == LinkCounts(found=3, right=1, wanted=2)
    assert report.within.likely == LinkCounts(found=2, right=1, wanted=2)


def test_repeated_passages_that_were_linked_crosswise_are_not_punished():
    report = evaluate_pages([PageLinks.of(GOLD, [Bead((0,), (3,), 0.9), Bead((2,), (1,), 0.9)])])
    assert report.between.likely == LinkCounts(found=0, right=0, wanted=0)


@pytest.fixture
def page(tmp_path):
    (tmp_path / "a.gold").write_text("[0]:[0]\n[1,2]:[1]\n[3]:[2]\n[4]:[]\n")
    (tmp_path / "a.map").write_text("0\tfr\t0,1\n1\ten\t0\n2\tfr\t2\n3\ten\t1\n4\tfr+en\t3;2\n5\t-\n6\tfr\t4\n")
    (tmp_path / "a.beads").write_text("[0]:[1]:0.970\n[2]:[3]:0.800\n[4]:[4]:0.900\n[6]:[1]:0.600\n")
    return tmp_path


def test_the_gold_of_a_page_links_its_lines(page):
    assert read_page_gold(page / "a.gold") == PageGold(frozenset({(0, 1), (0, 3), (2, 3)}), frozenset(), frozenset({4}))
    (page / "a.alt").write_text("[4]:[0]\n")
    assert read_page_gold(page / "a.gold").alternatives == {(6, 1)}


def test_pages_are_scored_from_files_and_folders(page):
    report = evaluate_page_files([page / "a.gold"], [page / "a.beads"])
    assert report == evaluate_page_files([page], [page])
    assert report.between.likely == LinkCounts(found=3, right=2, wanted=3)
    assert report.within.likely == LinkCounts(found=1, right=1, wanted=1)
    assert "Links between lines, wanted: 3\n" in str(report)
    assert "Lines that hold both languages, wanted: 1\n" in str(report)
    (page / "a.map").write_text("zero\tfr\t0\n1\tde\t0\n")
    with pytest.raises(InputError, match=r"2 bad rows(.|\n)*line 1(.|\n)*line 2.*not 'de'"):
        evaluate_page_files([page], [page])


def run(*arguments):
    return CliRunner().invoke(main, ["evaluate", *map(str, arguments)])


def test_the_command_scores_pages_and_mined_tables(page, table):
    mined = run("--kind", "mining", "--gold", table / "gold.tsv", "--test", table / "pairs.tsv")
    assert mined.exit_code == 0, mined.output
    assert "0.5              3       2      0.667    0.500   0.571    95 %: " in mined.stdout
    assert "0.400            4       3      0.750    0.750   0.750    the best, chosen on these links" in mined.stdout
    pages = json.loads(run("--kind", "pages", "--gold", page, "--test", page, "--json").stdout)
    assert pages["between_lines"]["best"]["f1"] == 0.8
    assert pages["within_lines"]["thresholds"][2] == {
        **{"threshold": 0.5, "found": 1, "right": 1, "wanted": 1, "precision": 1.0, "recall": 1.0, "f1": 1.0}
    }
    twice = ["--gold", table / "gold.tsv", "--test", table / "pairs.tsv"] * 2
    assert run("--kind", "mining", *twice).exit_code == 2


def test_gold_pages_read_whole_and_score_perfectly_against_themselves(tmp_path):
    if "ALIGNER_GOLD" not in os.environ:
        pytest.skip("ALIGNER_GOLD is not set")
    for kind in ("alternate", "block", "quotes", "inline"):
        golds = sorted((Path(os.environ["ALIGNER_GOLD"]) / f"mixed_{kind}").glob("*.gold"))
        tests = [tmp_path / f"{gold.stem}.beads" for gold in golds]
        for path, test in zip(golds, tests, strict=True):
            gold = read_page_gold(path)
            links = sorted(gold.links | {(i, i) for i in gold.both})
            test.write_text("".join(f"[{i}]:[{j}]:0.9\n" for i, j in links))
        report = evaluate_page_files(golds, tests)
        assert report.between.likely.f1 == 1.0
        assert report.within.likely.wanted == 0 or report.within.likely.f1 == 1.0
