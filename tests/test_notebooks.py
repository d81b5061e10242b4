"""Every notebook runs from top to bottom, in a copy of the folder that it stands in."""

import shutil
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

from aligner import Alignment, Bead, Corpus, Document, Provenance, read_units
from aligner.dumps import read_document
from aligner.formats.gold import read_gold_folder
from aligner.segmentation import segment_document
from aligner.types import normalised

ROOT = Path(__file__).parents[1]
ON_BATCHES = ROOT / "notebooks" / "04_batch.ipynb"


def run_in_copy(path: Path, folder: Path) -> Path:
    """Run a notebook in a copy of the folder that it stands in, which is returned; the notebook itself is kept without output."""
    notebook = nbformat.read(path, as_version=4)
    assert [cell.outputs for cell in notebook.cells if cell.cell_type == "code" and cell.outputs] == []
    shutil.copytree(ROOT / "examples", folder / "examples")
    (folder / "notebooks").mkdir()
    NotebookClient(notebook, timeout=300, resources={"metadata": {"path": str(folder / "notebooks")}}).execute()
    return folder / "notebooks"


# Jupyter's own packages warn of things between themselves.
@pytest.mark.filterwarnings("default")
@pytest.mark.parametrize("path", sorted({*(ROOT / "notebooks").glob("*.ipynb")} - {ON_BATCHES}), ids=lambda path: path.stem)
def test_a_notebook_runs_from_top_to_bottom(path: Path, tmp_path: Path) -> None:
    run_in_copy(path, tmp_path)


@pytest.mark.filterwarnings("default")
def test_the_notebook_on_batches_leaves_what_its_text_tells_of(tmp_path: Path) -> None:
    nights = run_in_copy(ON_BATCHES, tmp_path) / "nights"
    with Corpus(nights / "corpus.db", create=False) as corpus:
        assert [(unit.status, unit.reviewer) for unit in corpus.units(status="accepted")] == [("accepted", "Ada")]
        assert corpus.repeats().units == {"boilerplate": 1, "copy": 1}
        marked = {unit.source: set(unit.annotations) for unit in corpus.units() if unit.annotations}
        assert marked["Le marché aux fleurs commence à 9 heures."] == {"numbers"}
        assert "copy" in marked["Navette gratuite vers les pistes de ski"]
        assert any("avant le 20 mars" in source for source in marked)
        assert corpus.stats().superseded == 1
    report = (nights / "report.html").read_text(encoding="utf-8")
    assert "cut-off.txt.gz" in report and "damaged or cut short" in report
    assert not any(unit.annotations for unit in read_units(nights / "memory.tmx"))


@pytest.mark.filterwarnings("default")
def test_the_notebook_on_reviewing_shows_the_corpus_that_the_environment_names(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    address = tmp_path / "mine.db"
    texts = Document.of_segments(["Bonjour.", "Merci."]), Document.of_segments(["Good morning.", "Thanks."])
    with Corpus(address) as corpus:
        beads = Bead((0,), (0,), 0.99, 0.9), Bead((1,), (1,), 0.6, 0.7)
        corpus.add(Alignment(*texts, beads, "fr", "en", Provenance("", "", "", "")))
        corpus.decide(next(corpus.units()), "accepted", reviewer="Ada")
    monkeypatch.setenv("ALIGNER_CORPUS", str(address))
    notebook = nbformat.read(ROOT / "notebooks" / "02_review.ipynb", as_version=4)
    NotebookClient(notebook, timeout=300, resources={"metadata": {"path": str(tmp_path)}}).execute()
    printed = "".join(output.text for cell in notebook.cells for output in cell.get("outputs", ()) if output.output_type == "stream")
    assert f"{address}: 2 rows: 2 pairs, each at its place (2 different ones), and 0 sentences without counterpart" in printed
    assert [(unit.source, unit.target) for unit in read_units(tmp_path / "accepted.tmx")] == [("Bonjour.", "Good morning.")]


def test_the_gold_of_the_examples_holds_the_segments_that_they_are_split_into() -> None:
    examples = ROOT / "examples"
    for document in read_gold_folder(examples / "gold"):
        for side, lang in ((document.source, "fr"), (document.target, "en")):
            (dump,) = examples.glob(f"*/{document.name}.{lang}.*")
            segments = segment_document(read_document(dump), lang).segments
            assert [segment.text for segment in side.segments] == [normalised(segment.text) for segment in segments], side.name
