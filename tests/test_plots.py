"""Pictures of results: that they are drawn, whole, and of what they should show."""

import random
import sys
import xml.etree.ElementTree as ElementTree

import pytest
from click.testing import CliRunner

from aligner.cli import main
from aligner.errors import OutputError
from aligner.plots import plot_reliability

matplotlib = pytest.importorskip("matplotlib")

SVG = "{http://www.w3.org/2000/svg}"


def judgements(count=600):
    chance = random.Random(0)
    probabilities = [chance.betavariate(3, 0.3) for _ in range(count)]
    return [(probability, chance.random() < probability) for probability in probabilities]


@pytest.mark.parametrize(("suffix", "begins"), [(".png", b"\x89PNG"), (".svg", b"<?xml"), (".pdf", b"%PDF")])
def test_the_suffix_says_the_kind_of_picture(suffix, begins, tmp_path):
    path = tmp_path / f"reliability{suffix}"
    plot_reliability(judgements(), path, title="novels")
    assert path.read_bytes().startswith(begins)


def test_every_bin_is_drawn_and_the_same_judgements_give_the_same_file(tmp_path):
    for name in ("a.svg", "b.svg"):
        plot_reliability(judgements(), tmp_path / name)
    assert (tmp_path / "a.svg").read_bytes() == (tmp_path / "b.svg").read_bytes()
    points = [group for group in ElementTree.parse(tmp_path / "a.svg").iter(f"{SVG}g") if len(group.findall(f"{SVG}use")) == 15]
    assert len(points) == 1
    places = [(float(use.get("x")), float(use.get("y"))) for use in points[0].iter(f"{SVG}use")]
    assert [across for across, _ in places] == sorted(across for across, _ in places)
    assert places[0][1] > places[-1][1]  # downwards: what is improbable is seldom right


@pytest.mark.parametrize("some", [[], [(1.0, True)] * 5, [(0.0, False), (1.0, True)], [(0.5, True)]])
def test_few_judgements_or_extreme_ones_are_drawn_too(some, tmp_path):
    plot_reliability(some, tmp_path / "few.svg")
    assert (tmp_path / "few.svg").stat().st_size > 1000


def test_an_existing_file_another_suffix_and_a_missing_package_are_refused(tmp_path, monkeypatch):
    (tmp_path / "there.png").write_bytes(b"mine")
    with pytest.raises(OutputError, match="exists"):
        plot_reliability(judgements(), tmp_path / "there.png")
    assert (tmp_path / "there.png").read_bytes() == b"mine"
    with pytest.raises(OutputError, match=r"end its name in \.png"):
        plot_reliability(judgements(), tmp_path / "there.xlsx")
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    with pytest.raises(OutputError, match=r"pip install 'aligner\[plots\]'"):
        plot_reliability(judgements(), tmp_path / "new.png")


def test_the_command_draws_beside_its_tables(tmp_path):
    gold, test, out = tmp_path / "a.gold", tmp_path / "a.beads", tmp_path / "a.svg"
    gold.write_text("[0]:[0]\n[1]:[1]\n", encoding="utf-8")
    test.write_text("[0]:[0]:0.9\n[1]:[]:0.6\n[]:[1]:0.6\n", encoding="utf-8")

    def run(*more):
        return CliRunner().invoke(main, ["evaluate", "--gold", str(gold), "--test", str(test), *map(str, more)])

    result = run("--plot", out)
    assert result.exit_code == 0, result.output
    assert "strict" in result.stdout
    assert ElementTree.parse(out).getroot().tag == f"{SVG}svg"
    assert run("--plot", out).exit_code == 1
    assert run("--plot", out, "--overwrite").exit_code == 0
    assert run("--plot", tmp_path / "a.docx").exit_code == 2
    assert run("--plot", gold, "--overwrite").exit_code == 2
    assert gold.read_text(encoding="utf-8") == "[0]:[0]\n[1]:[1]\n"
