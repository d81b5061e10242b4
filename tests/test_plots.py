"""Pictures of results: that they are drawn, whole, and of what they should show."""

import io
import random
import sys
import warnings
import xml.etree.ElementTree as ElementTree
from datetime import UTC, datetime, timedelta

import pytest
from click.testing import CliRunner

import aligner
from aligner.cli import main
from aligner.corpus.actions import undo
from aligner.errors import OutputError
from aligner.plots import drawing, plot_progress, plot_reliability, plot_scores, progress, write_picture
from aligner.types import Alignment, Bead, Document, Provenance, TranslationUnit

matplotlib = pytest.importorskip("matplotlib")

SVG = "{http://www.w3.org/2000/svg}"


def judgements(count=600):
    chance = random.Random(0)
    probabilities = [chance.betavariate(3, 0.3) for _ in range(count)]
    return [(probability, chance.random() < probability) for probability in probabilities]


@pytest.mark.parametrize(("suffix", "begins"), [(".png", b"\x89PNG"), (".svg", b"<?xml"), (".pdf", b"%PDF")])
def test_the_suffix_says_the_kind_of_picture(suffix, begins, tmp_path):
    path = tmp_path / f"reliability{suffix}"
    write_picture(plot_reliability(judgements(), title="novels"), path)
    assert path.read_bytes().startswith(begins)


def test_every_bin_is_drawn_and_the_same_judgements_give_the_same_file(tmp_path):
    for name in ("a.svg", "b.svg"):
        write_picture(plot_reliability(judgements()), tmp_path / name)
    assert (tmp_path / "a.svg").read_bytes() == (tmp_path / "b.svg").read_bytes()
    points = [group for group in ElementTree.parse(tmp_path / "a.svg").iter(f"{SVG}g") if len(group.findall(f"{SVG}use")) == 15]
    assert len(points) == 1
    places = [(float(use.get("x")), float(use.get("y"))) for use in points[0].iter(f"{SVG}use")]
    assert [across for across, _ in places] == sorted(across for across, _ in places)
    assert places[0][1] > places[-1][1]  # downwards: what is improbable is seldom right


@pytest.mark.parametrize("some", [[], [(1.0, True)] * 5, [(0.0, False), (1.0, True)], [(0.5, True)]])
def test_few_judgements_or_extreme_ones_are_drawn_too(some, tmp_path):
    write_picture(plot_reliability(some), tmp_path / "few.svg")
    assert (tmp_path / "few.svg").stat().st_size > 1000


def test_an_existing_file_another_suffix_and_a_missing_package_are_refused(tmp_path, monkeypatch):
    figure = plot_reliability(judgements())
    (tmp_path / "there.png").write_bytes(b"mine")
    with pytest.raises(OutputError, match="exists"):
        write_picture(figure, tmp_path / "there.png")
    assert (tmp_path / "there.png").read_bytes() == b"mine"
    with pytest.raises(OutputError, match=r"end its name in \.png"):
        write_picture(figure, tmp_path / "there.xlsx")
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    with pytest.raises(OutputError, match=r"pip install 'aligner\[plots\]'"):
        plot_reliability(judgements())


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


def alignment(beads, *, page=False):
    """An alignment of as many segments as the beads tell."""
    source, target = (Document.of_segments([name] * (1 + max(n for bead in beads for n in numbers(bead))), name) for name, numbers in SIDES)
    made_by = Provenance("", "", "", "")
    return Alignment(source, source if page else target, tuple(Bead(*bead) for bead in beads), "fr", "en", made_by)


SIDES = (("press/a.fr.txt", lambda bead: bead[0]), ("a.en.txt", lambda bead: bead[1]))
OF_EVERY_KIND = [
    *(((i,), (i,), 0.99) for i in range(8)),
    ((8, 9), (8,), 0.7),
    ((10,), (9,), 0.3),
    ((11,), (), 0.95),
    ((), (10,), 0.8),
    ((12,), (16,), 0.97),
    ((13,), (17,), 0.6),
    *(((i,), (i - 3,), 0.99) for i in range(14, 19)),
    *(((i,), (), 0.9) for i in range(19, 24)),
    ((24,), (18,), 0.99),
]


def marks(figure):
    """What the legend says of each kind of link → where its marks stand."""
    main = figure.axes[2]
    drawn = [line for line in main.lines if line.get_linestyle() == "None"]
    keys = [text.get_text() for text in figure.legends[0].get_texts()][: len(drawn)]
    return {key: list(zip(*line.get_data(), strict=True)) for key, line in zip(keys, drawn, strict=True)}


def test_every_link_stands_in_the_middle_of_its_segments_with_the_mark_of_its_kind():
    found = marks(aligner.plot(alignment(OF_EVERY_KIND)))
    assert {key: len(places) for key, places in found.items()} == {
        "sure (.9 and more): 14": 14,
        "doubtful (.5 to .9): 1": 1,
        "unlikely (under .5): 1": 1,
        "moved, sure: 1": 1,
        "moved, doubtful: 1": 1,
    }
    assert found["doubtful (.5 to .9): 1"] == [(8.5, 8)]
    assert found["unlikely (under .5): 1"] == [(10, 9)]
    assert found["moved, sure: 1"] == [(12, 16)]
    assert found["moved, doubtful: 1"] == [(13, 17)]


def test_kinds_of_links_differ_by_more_than_colour():
    handles = aligner.plot(alignment(OF_EVERY_KIND)).legends[0].legend_handles
    looks = [(key.get_marker(), key.get_markerfacecolor() == "none") for key in handles if hasattr(key, "get_marker")]
    assert len(set(looks)) == len(looks) == 5


def test_segments_without_counterpart_are_bars_in_the_margins_and_passages_of_them_are_bands():
    figure = aligner.plot(alignment(OF_EVERY_KIND))
    above, _, main, beside = figure.axes
    (_, no_source), (_, no_target) = ([patch.get_data() for patch in axes.patches] for axes in (above, beside))
    for bars, alone in ((no_source, [11, 19, 20, 21, 22, 23]), (no_target, [10])):
        assert [k for k, top in enumerate(bars.values) if top > bars.baseline] == alone
        assert bars.edges[0] == -0.5
    (band,) = main.patches
    assert (band.get_x(), band.get_x() + band.get_width()) == (18.5, 23.5)


def test_doubt_is_as_high_in_the_margin_as_the_bead_is_improbable():
    doubt = aligner.plot(alignment(OF_EVERY_KIND)).axes[0].patches[0].get_data()
    assert [round(float(top), 6) for top in doubt.values[7:12]] == [0.01, 0.3, 0.3, 0.7, 0.05]


def test_the_title_counts_unless_one_is_given_and_the_axes_name_the_documents():
    figure = aligner.plot(alignment(OF_EVERY_KIND))
    assert figure.get_suptitle() == "18 links, 3 of them doubtful, 7 segments without counterpart"
    assert figure.axes[2].get_xlabel() == "a.fr.txt (fr): segment"
    assert figure.axes[2].get_ylabel() == "a.en.txt (en): segment"
    assert aligner.plot(alignment(OF_EVERY_KIND), title="Press").get_suptitle() == "Press"


def test_a_page_shows_its_links_and_nothing_of_what_stays_alone():
    figure = aligner.plot(alignment([((2,), (5,), 0.95), ((3,), (4,), 0.6), ((9,), (0,), 0.99)], page=True))
    assert figure.get_suptitle() == "3 links, 1 of them doubtful"
    assert sum(len(places) for places in marks(figure).values()) == 3
    assert not any("moved" in key or "counterpart" in key for key in marks(figure))
    assert len(figure.axes[0].patches) == 1


@pytest.mark.parametrize(("segments", "beads"), [([], []), (["a"], []), (["a"], [Bead((0,), (), 0.9)]), (["a"], [Bead((0,), (0,), 1.0)])])
def test_an_alignment_of_hardly_anything_is_drawn_too(segments, beads):
    source, target = Document.of_segments(segments), Document.of_segments(segments)
    few = Alignment(source, target, tuple(beads), "fr", "en", Provenance("", "", "", ""))
    assert aligner.plot(few)._repr_png_()[0].startswith(b"\x89PNG")


def test_twenty_thousand_segments_make_a_picture_of_ordinary_size(tmp_path):
    beads = [((i,), (i,), 0.999 if i % 25 else 0.7) for i in range(20_000)]
    figure = aligner.plot(alignment(beads))
    assert len(figure.axes[0].patches[0].get_data().values) == 200
    write_picture(figure, tmp_path / "long.svg")
    assert (tmp_path / "long.svg").stat().st_size < 500_000


@pytest.mark.parametrize("repeated", [1, 20])
@pytest.mark.parametrize("chosen", [slice(None), slice(0, 9), slice(0, 8), slice(7, None)])
def test_nothing_of_the_picture_is_cut_off(chosen, repeated):
    some = OF_EVERY_KIND[chosen]
    beads = [tuple(tuple(n + 25 * k for n in side) for side in bead[:2]) + bead[2:] for k in range(repeated) for bead in some]
    figure = aligner.plot(alignment(beads))
    figure.draw_without_rendering()
    needed = figure.get_tightbbox()
    assert min(needed.x0, needed.y0) >= 0
    assert needed.x1 <= figure.get_figwidth()
    assert needed.y1 <= figure.get_figheight()


def units():
    scored = {"accepted": [(0.99, 0.8), (0.97, 0.7), (1.0, 0.9)], "rejected": [(0.2, 0.0)], "unreviewed": [(0.9, None), (None, None)]}
    return [TranslationUnit("fr", "en", "a", "b", *scores, status) for status, some in scored.items() for scores in some]


def test_scores_are_counted_once_in_the_row_of_their_status():
    figure = plot_scores(units())
    left, right = figure.axes[::2], figure.axes[1::2]
    assert [axes.get_title("left") for axes in left] == ["accepted: 3", "rejected: 1", "unreviewed: 2"]
    assert [sum(bar.get_height() for bar in axes.patches) for axes in left] == [3, 1, 1]
    assert [sum(bar.get_height() for bar in axes.patches) for axes in right] == [3, 1, 0]


def test_scores_of_a_corpus_are_those_of_its_units(tmp_path):
    with aligner.Corpus(tmp_path / "corpus.db") as corpus:
        assert plot_scores(corpus).texts[0].get_text() == "no units"
        corpus.add(alignment([((0,), (0,), 0.9)]))
        assert [axes.get_title("left") for axes in plot_scores(corpus).axes[::2]] == ["unreviewed: 1"]


@pytest.fixture
def reviewed(tmp_path):
    """A corpus of eighteen units, of which Ada accepted two and rejected one, and Grace accepted one and took it back."""
    with aligner.Corpus(tmp_path / "corpus.db") as corpus:
        links = [bead for bead in OF_EVERY_KIND if bead[0] and bead[1]]
        texts = [[f"{side} {number}" for number in range(25)] for side in ("source", "target")]
        beads = tuple(Bead(*bead) for bead in links)
        corpus.add(Alignment(*map(Document.of_segments, texts), beads, "fr", "en", Provenance("", "", "", "")))
        units = list(corpus.units())
        for unit, status in zip(units[:3], ("accepted", "accepted", "rejected"), strict=True):
            corpus.decide(unit, status, reviewer="Ada")
        corpus.decide(units[3], "unreviewed", reviewer="Ada")  # says that it is to do, which decides nothing
        corpus.decide(units[8], "accepted", reviewer="Grace")
        with corpus.writing() as connection:
            undo(connection, "Grace")
        corpus.decide(units[8], "flagged", reviewer="Grace")
        yield corpus


def test_progress_counts_what_each_reviewer_decided_and_did_not_take_back(reviewed):
    axes = plot_progress(reviewed).axes[0]
    assert [text.get_text() for text in axes.get_legend().get_texts()] == ["Ada: 3", "Grace: 1"]
    assert [list(line.get_ydata()) for line in axes.lines] == [[0, 1, 2, 3], [0, 1]]


def test_what_is_left_is_counted_by_tenth_of_probability(reviewed):
    tenths = progress.remaining(reviewed)
    assert {place: tenth for place, tenth in enumerate(tenths) if tenth[0]} == {3: (1, 1), 6: (1, 1), 7: (1, 0), 9: (15, 12)}
    figures = [text.get_text() for text in plot_progress(reviewed).axes[1].texts]
    assert figures == ["none"] * 3 + ["1 of 1"] + ["none"] * 2 + ["1 of 1", "0 of 1", "none", "12 of 15"]


def decided(*seconds, in_bulk=False):
    """What Ada decided so many seconds after nine."""
    began = datetime(2031, 3, 14, 9).astimezone(UTC)
    return [progress.Decided("Ada", (began + timedelta(seconds=second)).isoformat(), in_bulk) for second in seconds]


def test_neither_pauses_nor_bulk_acceptance_count_in_the_pace():
    nine = datetime(2031, 3, 14, 9)
    done = [*decided(0, 10, 20, 30), *decided(*[31] * 5000, in_bulk=True), *decided(1830, 1840, 1850, 4000)]
    assert progress.paces(done[:-1], timedelta(hours=1)) == [(nine + timedelta(seconds=925), 360.0)]
    first, second = nine + timedelta(seconds=15), nine + timedelta(seconds=1840)
    assert progress.paces(done, timedelta(minutes=15)) == [(first, 360.0), (second, 360.0)]
    assert progress.paces(done[:1], timedelta(hours=1)) == []


@pytest.mark.parametrize("seconds", [0, 1, 60, 3000, 40_000, 400_000, 3_000_000, 100_000_000])
def test_progress_over_seconds_or_years_is_drawn_without_complaint(seconds, reviewed, monkeypatch):
    monkeypatch.setattr(progress, "decided", lambda corpus: decided(*(seconds * k / 20 for k in range(21))))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert plot_progress(reviewed)._repr_png_()


def test_progress_of_a_corpus_that_nobody_has_reviewed_says_so(tmp_path):
    with aligner.Corpus(tmp_path / "corpus.db") as corpus:
        assert "nothing decided yet" in [text.get_text() for text in plot_progress(corpus).axes[0].texts]


def luminance(colour):
    """Relative luminance (WCAG 2.2)."""
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in matplotlib.colors.to_rgb(colour)]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("paper", ["#ffffff", "#111111"])
@pytest.mark.parametrize("colour", [drawing.INK, drawing.BLUE, drawing.VERMILLION, drawing.GREEN])
def test_colours_are_seen_on_light_and_on_dark(colour, paper):
    bright, dim = sorted((luminance(colour), luminance(paper)), reverse=True)
    assert (bright + 0.05) / (dim + 0.05) >= (4.2 if colour == drawing.INK else 3.0)  # WCAG asks 3 of large text and of graphics


def test_pictures_are_transparent_so_that_the_notebook_shows_through():
    from PIL import Image

    picture = Image.open(io.BytesIO(aligner.plot(alignment(OF_EVERY_KIND))._repr_png_()[0])).convert("RGBA")
    assert picture.getpixel((2, picture.height - 2))[3] == 0


def test_a_notebook_shows_the_figure_without_being_told_how():
    from IPython.core.formatters import DisplayFormatter

    data, metadata = DisplayFormatter().format(plot_scores(units()))
    assert data["image/png"].startswith(b"\x89PNG")
    assert metadata["image/png"]["width"] < 1000
