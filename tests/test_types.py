"""What a notebook shows of the package and its data."""

import aligner
from aligner import Alignment, Bead, Document, Provenance


def test_documents_and_alignments_show_themselves_in_a_line_without_their_texts() -> None:
    source = Document.of_segments(["Une phrase."] * 1000, "a.fr.txt")
    target = Document.of_segments(["A sentence.", "Another."], "a.en.txt")
    beads = (Bead((0, 1), (0,), 0.9, 0.8), Bead((), (1,), 0.7))
    pair, page = (Alignment(source, other, beads, "fr", "en", Provenance("1", "e", "r", "w")) for other in (target, source))
    assert repr(source) == "<Document 'a.fr.txt', characters: 11,999, segments: 1,000>"
    assert repr(pair) == "<Alignment of 'a.fr.txt' and 'a.en.txt', links: 1, without counterpart: 1>"
    assert repr(page) == "<Alignment of page 'a.fr.txt', links: 1>"


def test_completion_shows_what_the_package_offers_and_nothing_else() -> None:
    assert set(dir(aligner)) == {*aligner.__all__, "__version__"}
    assert all(getattr(aligner, name) for name in dir(aligner))
