"""Scores while a person edits, merges and splits, with the real encoder; and aligning around what they decided."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from aligner.errors import EncoderError
from aligner.pipeline import Aligner
from aligner.reviewing.scorer import Score, Scorer
from aligner.types import Alignment, Bead, Document

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sentence_transformers import SentenceTransformer

PRESS = Path(__file__).parents[1] / "examples" / "press"


@pytest.fixture(scope="module")
def aligner(encoder: SentenceTransformer) -> Aligner:
    return Aligner(encoder)


@pytest.fixture(scope="module")
def scorer(aligner: Aligner) -> Iterator[Scorer]:
    scorer = Scorer(aligner)
    yield scorer
    scorer.close()


@pytest.fixture(scope="module")
def press(aligner: Aligner) -> Alignment:
    return aligner.align(PRESS / "communique.fr.txt", PRESS / "communique.en.txt")


def rows(alignment: Alignment) -> list[tuple[str, str]]:
    units = (alignment.unit(bead) for bead in alignment.beads)
    return [(unit.source, unit.target) for unit in units]


def among(scorer: Scorer, known: list[tuple[str, str]], number: int, pair: tuple[str, str], took: int = 1) -> Score:
    """The score of a pair that stands instead of `took` rows from that number on."""
    return scorer.score(*pair, before=known[max(0, number - 5) : number], after=known[number + took : number + took + 5])


def test_a_right_merge_scores_high_and_half_of_one_low(scorer: Scorer, press: Alignment) -> None:
    known = rows(press)
    linked = [k for k in range(len(known) - 2) if all(known[k]) and all(known[k + 1])]  # the last two sentences say different things
    for k in linked:
        merged = f"{known[k][0]} {known[k + 1][0]}", f"{known[k][1]} {known[k + 1][1]}"
        right = among(scorer, known, k, merged, took=2).probability
        rest = [("", known[k + 1][1]), *known[k + 2 : k + 7]]
        half = scorer.score(merged[0], known[k][1], before=known[max(0, k - 5) : k], after=rest).probability
        assert right is not None and half is not None
        assert right > 0.85
        assert half < 0.3


def test_a_wrong_pair_scores_low_and_an_edited_one_as_the_unedited(scorer: Scorer, press: Alignment) -> None:
    known = rows(press)
    number = next(k for k, row in enumerate(known) if row[0].startswith("Le plan repose"))
    whole = among(scorer, known, number, known[number])
    edited = among(scorer, known, number, ("Ce plan repose sur trois piliers !", known[number][1]))
    wrong = among(scorer, known, number, (known[number][0], known[number + 2][1]))
    assert whole.probability is not None and edited.probability is not None and wrong.probability is not None
    assert whole.probability > 0.95 and edited.probability > 0.9 and wrong.probability < 0.2
    assert whole.cosine is not None and wrong.cosine is not None
    assert -1 <= wrong.cosine < whole.cosine <= 1


def test_what_was_cut_off_lowers_the_probability(scorer: Scorer, press: Alignment) -> None:
    known = rows(press)
    number = next(k for k, row in enumerate(known) if row[0].startswith("Vingt-six petits barrages"))
    whole = among(scorer, known, number, known[number])
    cut = among(scorer, known, number, (known[number][0], "Twenty-six small dams."))
    assert whole.probability is not None and cut.probability is not None
    assert cut.probability < whole.probability - 0.3


@pytest.mark.parametrize("pair", [("", "Yes."), ("Oui.", " \n"), ("", "")])
def test_a_null_has_no_score(scorer: Scorer, pair: tuple[str, str]) -> None:
    assert scorer.score(*pair, before=[("Non.", "No.")]) == Score(None, None)


@pytest.mark.parametrize("text", ["…", "<script>", "\u202eabc", "😀" * 30, "mot " * 2_500, "\ud800", "a\x00b"])
def test_any_text_has_a_score_and_marks(scorer: Scorer, text: str) -> None:
    for pair in ((text, "The cat sleeps."), ("Le chat dort.", text), (text, text)):
        score = scorer.score(*pair, before=[("Non.", "No."), ("", "Yes.")])
        assert score.probability is not None and 0 <= score.probability <= 1
        assert score.cosine is not None and -1.001 <= score.cosine <= 1.001
        scorer.unmatched(*pair)


def test_marks_are_those_of_the_texts(scorer: Scorer) -> None:
    source, target = scorer.unmatched("Il a payé 300 euros.", "He paid 500 euros.")
    assert (source, target) == (((10, 13),), ((8, 11),))


def test_it_is_asked_from_any_thread_whichever_loaded_it(aligner: Aligner) -> None:
    aligner.align(["Oui."], ["Yes."])  # opens its cache in this thread
    scorer = Scorer(aligner)
    pair = ("Le chat dort.", "The cat sleeps.")
    with ThreadPoolExecutor(4) as threads:
        found = set(threads.map(lambda _: scorer.score(*pair), range(8)))
    assert found == {scorer.score(*pair)}
    assert aligner.align(["Oui."], ["Yes."]).beads
    scorer.close()


def test_what_makes_an_aligner_is_asked_when_the_first_question_comes(aligner: Aligner) -> None:
    made = []

    def make() -> Aligner:
        made.append(1)
        return aligner

    scorer = Scorer(make)
    assert not made
    scorer.score("Oui.", "Yes.")
    scorer.score("Non.", "No.")
    assert made == [1]
    scorer.close()


def test_an_error_of_loading_comes_with_the_question() -> None:
    def make() -> Aligner:
        raise EncoderError("no encoder")

    scorer = Scorer(make)
    with pytest.raises(EncoderError, match="no encoder"):
        scorer.score("Oui.", "Yes.")
    scorer.close()


def test_documents_are_aligned_again_around_what_stands(scorer: Scorer, press: Alignment) -> None:
    assert scorer.realign(press.source, press.target, decided=(), rejected=()).beads == press.beads
    link = next(bead for bead in press.beads if not bead.is_null and bead.source[0] > 5)
    wrong = Bead(link.source, tuple(j + 2 for j in link.target), 0.1)
    again = scorer.realign(press.source, press.target, decided=[wrong], rejected=[press.links[0]], languages=("de", "it"))
    found = {(bead.source, bead.target): bead.probability for bead in again.beads}
    assert found[wrong.source, wrong.target] == 1
    assert (press.links[0].source, press.links[0].target) not in found
    assert (again.source_lang, again.target_lang) == ("de", "it")
    assert again.source.segments == tuple(replace(segment, lang="de") for segment in press.source.segments)
    assert press.source.text == again.source.text


def test_one_corrected_row_mends_its_neighbours(scorer: Scorer) -> None:
    """Which of four answers was left out, nothing but a person can say; then the others follow."""
    source = Document.of_segments(["Le bac part à six heures.", *["— Oui."] * 4, "Elle ferme la porte."])
    target = Document.of_segments(["The ferry leaves at six.", *["“Yes.”"] * 3, "She shuts the door."])
    for left_out in range(1, 5):
        beads = scorer.realign(source, target, decided=[Bead((left_out,), (), 1.0)], rejected=()).links
        wanted = [((i,), (i - (i > left_out),)) for i in range(6) if i != left_out]
        assert [(bead.source, bead.target) for bead in beads] == wanted
