"""`aligner batch --report`: a page that says what was done, what failed, how probable it is and how long it took."""

import json
import sys
from html.parser import HTMLParser
from pathlib import Path

import pytest
from click.testing import CliRunner
from toys import ToySettings, write_pairs

from aligner.batch import Batch, Outcome
from aligner.batch.measuring import PROBABILITY_EDGES, Measured
from aligner.batch.report import LISTED, write_report
from aligner.cli import main
from aligner.corpus import Corpus


class Page(HTMLParser):
    """The rows of a page's tables, its elements and its words."""

    def __init__(self, text):
        super().__init__()
        self.rows, self.tags, self.attributes, self.words, self.is_in_cell = [], [], [], "", False
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += attrs
        if tag == "tr":
            self.rows.append([])
        elif tag in ("td", "th"):
            self.rows[-1].append("")
            self.is_in_cell = True

    def handle_endtag(self, tag):
        self.is_in_cell = self.is_in_cell and tag not in ("td", "th")

    def handle_data(self, data):
        self.words += data
        if self.is_in_cell:
            self.rows[-1][-1] += data


def page_of(path):
    return Page(path.read_text(encoding="utf-8"))


@pytest.fixture
def outcome(tmp_path):
    write_pairs(tmp_path / "dump", [f"doc{number}" for number in range(5)])
    (tmp_path / "dump" / "<script>.txt").write_text("RAISE\n", encoding="utf-8")
    (tmp_path / "dump" / "photo.jpg").write_bytes(b"\xff\xd8")
    with Corpus(tmp_path / "corpus.db") as corpus:
        return Batch(corpus, ToySettings(), executor="serial").run([tmp_path / "dump"])


def test_a_report_says_what_was_done_what_failed_and_why(outcome, tmp_path):
    write_report(outcome, tmp_path / "report.html", corpus="{body} & corpus.db")
    page = page_of(tmp_path / "report.html")
    rows = dict(row for row in page.rows if len(row) == 2)
    assert (rows["aligned and added"], rows["new translation units"], rows["quarantined"]) == ("5", "15", "1")
    assert rows[".9–"] == "15", "the probability of all links"
    assert rows["2–3"] == "5", "documents that have so many units"
    assert rows[".jpg"] == "1"
    (failed,) = [row for row in page.rows if "<script>" in row[0]]
    assert failed[1] == "a parser gave up"
    assert "reading, in all processes together" in rows and "documents a second, in “reading, aligning and adding”" in rows
    assert "{body} & corpus.db" in page.words
    assert page.tags.count("svg") == 3


def test_a_report_runs_nothing_and_reaches_no_network(outcome, tmp_path):
    write_report(outcome, tmp_path / "report.html", corpus="corpus.db")
    page = page_of(tmp_path / "report.html")
    assert not {"script", "link", "img", "iframe", "object", "image"} & set(page.tags)
    addresses = [value for name, value in page.attributes if name in ("href", "xlink:href", "src")]
    assert all(address.startswith("#") for address in addresses)
    assert "default-src 'none'" in dict(page.attributes)["content"] or "default-src 'none'" in str(page.attributes)
    ids = [value for name, value in page.attributes if name == "id" and not value.startswith("figure")]
    referred = {address.removeprefix("#") for address in addresses}
    assert all(ids.count(each) == 1 for each in referred), "what pictures refer to is theirs"


def test_a_report_without_matplotlib_has_its_tables(outcome, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    write_report(outcome, tmp_path / "report.html", corpus="corpus.db")
    page = page_of(tmp_path / "report.html")
    assert "svg" not in page.tags
    assert ["≥ .999", "0"] in page.rows
    assert "Pictures need matplotlib" in page.words


def test_a_report_of_a_run_that_found_nothing_is_a_page(tmp_path):
    write_report(Outcome(), tmp_path / "report.html", corpus="corpus.db")
    assert page_of(tmp_path / "report.html").tags.count("h1") == 1


def test_a_report_lists_so_many_failures_and_counts_the_rest(tmp_path):
    outcome = Outcome(quarantined={f"document {number}": "it is empty" for number in range(LISTED + 7)})
    write_report(outcome, tmp_path / "report.html", corpus="corpus.db")
    page = page_of(tmp_path / "report.html")
    assert sum(row[1:] == ["it is empty"] for row in page.rows) == LISTED
    assert "and 7 more" in page.words


def test_what_a_batch_measures_adds_up(outcome):
    measured = outcome.measured
    assert (measured.segments, sum(measured.probabilities), sum(measured.units.values())) == (30, 15, 5)
    assert [done for _, done in measured.course][-1] == 5
    assert list(measured.seconds) == ["gather", "plan", "unpack", "pair", "align", "repeats"]
    assert set(measured.work_seconds) == {"reading", "aligning", "adding"}
    assert sum(measured.work_seconds.values()) <= measured.seconds["align"] * 1.01, "one process did it all"


@pytest.mark.parametrize(("probability", "bar"), [(0.0, 0), (0.1, 1), (0.9, PROBABILITY_EDGES.index(0.9) + 1), (1.0, -1)])
def test_a_probability_is_counted_in_its_bar(probability, bar):
    from aligner.corpus.found import found
    from aligner.types import Alignment, Bead, Document, Provenance, Segment

    document = Document("A.", "a", (Segment("A.", 0, 2, "fr"),))
    measured = Measured()
    page = Alignment(document, document, (Bead((0,), (0,), probability, 0.5),), "fr", "en", Provenance("0", "toy", "r", "w"))
    measured.added(found(page, 0.0))
    assert measured.probabilities[bar] == 1
    assert measured.segments == 1, "a page's segments count once"


def test_the_command_writes_a_report_and_its_metrics_and_replaces_nothing_unasked(tmp_path):
    (tmp_path / "page.txt").write_text("The market opens on Saturday.\n", encoding="utf-8")

    def run(*options):
        arguments = [
            tmp_path / "page.txt",
            "--corpus",
            tmp_path / "c.db",
            "--workers",
            1,
            "--report",
            tmp_path / "r.html",
            "--json",
            *options,
        ]
        return CliRunner().invoke(main, ["batch", *map(str, arguments)])

    first = run()
    assert first.exit_code == 0, first.stderr
    said = json.loads(first.stdout)
    assert said["seconds"]["align"] > 0 and said["documents_per_second"] > 0 and said["segments"] == 1
    before = Path(tmp_path / "r.html").read_bytes()
    refused = run()
    assert refused.exit_code == 1 and "--overwrite" in refused.stderr
    assert Path(tmp_path / "r.html").read_bytes() == before
    assert run("--overwrite").exit_code == 0
    assert Path(tmp_path / "r.html").read_bytes() != before
