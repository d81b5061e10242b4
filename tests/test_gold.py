"""Gold as files, and decisions as gold: what is decided throughout is written, what is not is named."""

from __future__ import annotations

import dataclasses
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aligner.corpus import Corpus
from aligner.errors import OutputError
from aligner.formats.beads import single_nulls
from aligner.formats.gold import GoldDocument, read_gold_folder, write_gold_folder
from aligner.reviewing.gold import Partial, export_gold
from aligner.reviewing.session import ReviewSession
from aligner.types import Alignment, Bead, Document, Provenance, normalised


@st.composite
def gold_documents(draw: st.DrawFn) -> GoldDocument:
    """A document whose beads cover its segments, some of them blank or with a break inside."""
    sides = [draw(st.lists(st.sampled_from(["Un.", "", " deux\u2028trois ", "\u00a0", "😀 <b>"]), max_size=6)) for _ in range(2)]
    beads: list[Bead] = []
    left = [list(range(len(side))) for side in sides]
    while any(left):
        taken = [tuple(numbers[: draw(st.integers(0, 3))]) for numbers in left]
        left = [numbers[len(own) :] for numbers, own in zip(left, taken, strict=True)]
        if any(taken):
            beads += single_nulls(Bead(taken[0], taken[1], 1.0))
    name = draw(st.sampled_from(["doc", "DOC", "a/b", "..", "", "ü.v1", "x" * 300]))
    return GoldDocument(name, *(Document.of_segments(side) for side in sides), tuple(beads))


@settings(max_examples=40, deadline=None)
@given(st.lists(gold_documents(), max_size=4))
def test_gold_that_is_written_is_read_back(documents: list[GoldDocument]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        names = write_gold_folder(documents, Path(folder) / "new" / "gold", source_lang="de", target_lang="it")
        assert len({name.casefold() for name in names}) == len(documents)
        if not documents:
            return
        read = {document.name: document for document in read_gold_folder(Path(folder) / "new" / "gold", source_lang="de", target_lang="it")}
        assert len(read) == len(documents)
        for name, written in zip(names, documents, strict=True):
            for side in ("source", "target"):
                texts = [[segment.text for segment in getattr(document, side).segments] for document in (written, read[name])]
                assert texts[1] == [normalised(text) for text in texts[0]]
            assert set(read[name].beads) == set(written.beads)


def test_gold_that_is_there_is_not_written_over(tmp_path: Path) -> None:
    gold = tmp_path / "gold"
    sides = Document.of_segments(["Un.", "Deux."]), Document.of_segments(["One."])
    document = GoldDocument("doc.v1", *sides, (Bead((0, 1), (0,), 1.0),), (Bead((1,), (0,), 1.0),))
    assert write_gold_folder([document], gold) == ["doc.v1"]
    assert [found.alternatives for found in read_gold_folder(gold)] == [document.alternatives]
    with pytest.raises(OutputError, match=r"doc\.v1\.fr: exists"):
        write_gold_folder([document], gold)
    assert write_gold_folder([document], gold, overwrite=True) == ["doc.v1"]
    with pytest.raises(ValueError, match="source segments missing: 0"):
        write_gold_folder([dataclasses.replace(document, beads=())], gold / "other")
    assert not (gold / "other").exists()
    with pytest.raises(OutputError, match="cannot be made"):
        write_gold_folder([document], gold / "doc.v1.fr" / "gold")


def added(corpus: Corpus, name: str) -> None:
    """Three sentences and two: a link, two to one, and nothing else."""
    source = Document.of_segments([f"Un {name}.", "Deux,", "trois.", "Quatre."], f"{name}.fr.txt", "fr")
    target = Document.of_segments([f"One {name}.", "Two, three.", "Five."], f"{name}.en.txt", "en")
    beads = (Bead((0,), (0,), 0.9, 0.8), Bead((1, 2), (1,), 0.9, 0.8), Bead((3,), (), 0.7), Bead((), (2,), 0.7))
    corpus.add(Alignment(source, target, beads, "fr", "en", Provenance("0", "e", "r", "w")))


def test_documents_that_are_decided_throughout_become_gold(tmp_path: Path) -> None:
    with Corpus(tmp_path / "corpus.db") as corpus:
        for name in ("whole", "untouched", "mended"):
            added(corpus, name)
        session = ReviewSession(corpus, reviewer="Ada")
        session.view(order="document")
        rows = session.rows(0, session.total)
        session.decide([row.key for row in rows if row.document.startswith("whole")], "accepted")
        mended = [row for row in rows if row.document.startswith("mended")]
        session.merge(mended[0].key, "next")
        session.view(order="document")
        rows = [row for row in session.rows(0, session.total) if row.document.startswith("mended")]
        assert len(rows) == len(mended) - 1
        session.decide([row.key for row in rows], "accepted")
        found = export_gold(corpus, tmp_path / "gold")
    # Units are decided wherever they stand, and of this document but the first pair is new.
    assert found.partial == (Partial("untouched.fr.txt", 5, 7),)
    whole, again = sorted(read_gold_folder(tmp_path / "gold"), key=lambda document: -len(document.beads))
    assert (whole.name, again.name) == ("whole", "mended")
    assert [segment.text for segment in whole.source.segments] == ["Un whole.", "Deux,", "trois.", "Quatre."]
    assert set(whole.beads) == {Bead((0,), (0,), 1.0), Bead((1, 2), (1,), 1.0), Bead((3,), (), 1.0), Bead((), (2,), 1.0)}
    assert set(again.beads) == {Bead((0, 1, 2), (0, 1), 1.0), Bead((3,), (), 1.0), Bead((), (2,), 1.0)}


def test_a_document_with_anything_undecided_is_named_and_left_out(tmp_path: Path) -> None:
    with Corpus(tmp_path / "corpus.db") as corpus:
        added(corpus, "one")
        session = ReviewSession(corpus, reviewer="Ada")
        session.view(order="document")
        keys = [row.key for row in session.rows(0, session.total)]
        session.decide(keys[:2], "accepted")
        assert export_gold(corpus, tmp_path / "gold").partial == (Partial("one.fr.txt", 5, 7),)
        session.decide(keys[2:], "rejected")
        assert export_gold(corpus, tmp_path / "gold").partial == (Partial("one.fr.txt", 5, 7),)
        assert not (tmp_path / "gold").exists()
        session.decide(keys[2:], "accepted")
        found = export_gold(corpus, tmp_path / "gold")
        assert (found.written, found.partial) == (("one",), ())
        with pytest.raises(OutputError, match="exists"):
            export_gold(corpus, tmp_path / "gold")
        assert export_gold(corpus, tmp_path / "gold", overwrite=True) == found
        assert export_gold(corpus, tmp_path / "other", source_lang="de").written == ()
