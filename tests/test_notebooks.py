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


# Jupyter's own packages warn of things between themselves.
@pytest.mark.filterwarnings("default")
@pytest.mark.parametrize("path", sorted((ROOT / "notebooks").glob("*.ipynb")), ids=lambda path: path.stem)
def test_a_notebook_runs_from_top_to_bottom_and_is_kept_without_output(path: Path, tmp_path: Path) -> None:
    notebook = nbformat.read(path, as_version=4)
    assert [cell.outputs for cell in notebook.cells if cell.cell_type == "code" and cell.outputs] == []
    shutil.copytree(ROOT / "examples", tmp_path / "examples")
    (tmp_path / "notebooks").mkdir()
    NotebookClient(notebook, timeout=300, resources={"metadata": {"path": str(tmp_path / "notebooks")}}).execute()


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
    assert f"{address}: 2 pairs, 1 of them not reviewed yet" in printed
    assert [(unit.source, unit.target) for unit in read_units(tmp_path / "accepted.tmx")] == [("Bonjour.", "Good morning.")]


def test_the_gold_of_the_examples_holds_the_segments_that_they_are_split_into() -> None:
    examples = ROOT / "examples"
    for document in read_gold_folder(examples / "gold"):
        for side, lang in ((document.source, "fr"), (document.target, "en")):
            (dump,) = examples.glob(f"*/{document.name}.{lang}.*")
            segments = segment_document(read_document(dump), lang).segments
            assert [segment.text for segment in side.segments] == [normalised(segment.text) for segment in segments], side.name
