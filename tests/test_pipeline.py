"""The main path from what a person has (paths, texts, lists, tables) to alignments."""

from __future__ import annotations

import inspect
import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pandas
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import aligner
from aligner.pipeline import Aligner
from aligner.scoring import coverage_fault
from aligner.types import Alignment, Bead, Document, Segment, normalised

if TYPE_CHECKING:
    from counting import CountingEncoder
    from sentence_transformers import SentenceTransformer

FRENCH = [
    "Le port de Valbrune a rouvert mardi matin après trois jours de tempête.",
    "Deux cargos attendaient au large depuis dimanche.",
    "Les pêcheurs ont perdu une partie de leurs filets.",
    "La mairie promet une aide de 400 couronnes par bateau.",
    "Elle sera versée avant la fin du mois.",
    "« Nous n'attendrons pas un jour de plus », a dit leur doyen.",
    "Le phare, lui, n'a pas souffert.",
    "Les écoles rouvriront jeudi.",
]
ENGLISH = [
    "The port of Valbrune reopened on Tuesday morning after three days of storm.",
    "Two cargo ships had been waiting offshore since Sunday.",
    "The fishermen lost some of their nets.",
    "The town hall promises aid of 400 crowns a boat.",
    "It will be paid before the end of the month.",
    "“We will not wait a day longer,” said the oldest of them.",
    "The lighthouse was not damaged.",
    "Schools will reopen on Thursday.",
]
PARALLEL = [((k,), (k,)) for k in range(8)]


@pytest.fixture(scope="module")
def loaded(encoder: SentenceTransformer) -> Aligner:
    return Aligner(encoder)


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    paths = tmp_path / "port.fr.txt", tmp_path / "port.en.txt"
    for path, texts in zip(paths, (FRENCH, ENGLISH), strict=True):
        path.write_text(" ".join(texts), encoding="utf-8")
    return paths


def shapes(alignment: Alignment) -> list[tuple[tuple[int, ...], tuple[int, ...]]]:
    return [(bead.source, bead.target) for bead in alignment.beads]


def check_covered(alignment: Alignment) -> None:
    sides = alignment.source.segments, alignment.target.segments
    assert not coverage_fault(alignment.beads, range(len(sides[0])), range(len(sides[1])))
    assert [i for bead in alignment.beads for i in bead.source] == list(range(len(sides[0])))


def test_lists_paths_and_documents_are_aligned_alike(loaded: Aligner, files: tuple[Path, Path]) -> None:
    of_lists = loaded.align(FRENCH, ENGLISH)
    of_paths = loaded.align(str(files[0]), files[1])
    of_documents = loaded.align(Document(" ".join(FRENCH)), Document(" ".join(ENGLISH), "port"))
    for alignment in (of_lists, of_paths, of_documents):
        assert shapes(alignment) == PARALLEL
        assert [bead.probability for bead in alignment.beads] == [bead.probability for bead in of_lists.beads]
        assert not alignment.remarks and not alignment.is_page
    assert of_paths.source.name.endswith(files[0].name) and of_documents.target.name == "port"
    assert [unit.source for unit in of_paths.units()] == FRENCH


def test_an_alignment_says_what_made_it(loaded: Aligner) -> None:
    provenance = loaded.align(FRENCH, ENGLISH).provenance
    assert provenance.version == aligner.__version__
    assert (provenance.encoder, provenance.revision) == (loaded.embedder.identity.name, loaded.embedder.identity.revision)
    assert provenance.weights == loaded.weights.identity


def test_one_call_does_what_a_loaded_aligner_does(encoder: SentenceTransformer, loaded: Aligner, files: tuple[Path, Path]) -> None:
    assert aligner.align(*files, encoder=encoder).beads == loaded.align(*files).beads
    page = [*FRENCH, *ENGLISH]
    assert aligner.align_page(page, encoder=encoder).beads == loaded.align_page(page).beads
    assert aligner.mine(FRENCH, ENGLISH, encoder=encoder).equals(loaded.mine(FRENCH, ENGLISH))


def test_a_segmented_file_keeps_its_lines(encoder: SentenceTransformer, tmp_path: Path) -> None:
    paths = tmp_path / "a.txt", tmp_path / "b.txt"
    paths[0].write_text("\n".join([FRENCH[0] + " " + FRENCH[1], "", *FRENCH[2:]]), encoding="utf-8")
    paths[1].write_text("\n".join([ENGLISH[0] + " " + ENGLISH[1], *ENGLISH[2:]]), encoding="utf-8")
    alignment = aligner.align(*paths, encoder=encoder, segmented=True)
    assert shapes(alignment) == [((0,), (0,)), ((1,), ()), *(((k + 2,), (k + 1,)) for k in range(6))]


def test_a_missing_file_is_an_error_before_an_encoder_is_looked_for(files: tuple[Path, Path]) -> None:
    for call in (aligner.align, aligner.mine):
        with pytest.raises(aligner.InputError, match=r"nowhere\.txt"):
            call(files[0], "nowhere.txt", encoder="no-such-encoder")
    with pytest.raises(aligner.InputError, match=r"nowhere\.txt"):
        aligner.align_page("nowhere.txt", encoder="no-such-encoder")
    with pytest.raises(aligner.InputError, match=r"nowhere\.tsv"):
        aligner.align_table("nowhere.tsv", "fr", "en", encoder="no-such-encoder")


def test_an_omitted_passage_is_left_alone(loaded: Aligner) -> None:
    alignment = loaded.align(FRENCH, ENGLISH[:2] + ENGLISH[5:])
    assert shapes(alignment) == [*PARALLEL[:2], ((2,), ()), ((3,), ()), ((4,), ()), *(((k,), (k - 3,)) for k in (5, 6, 7))]


def test_documents_that_have_nothing_to_do_with_each_other_give_no_likely_link(loaded: Aligner) -> None:
    french = ["Qui a volé la cloche de l'église ?", "Le maire n'en sait rien.", "On la cherche depuis mardi.", "Le curé sonne à la main."]
    english = ["Salt your soup before it boils.", "Whales sing at night.", "The bus to the airport leaves at six.", "Her lamp was green."]
    for size in (1, 2, 4):
        alignment = loaded.align(french[:size], english[:size])
        assert [bead for bead in alignment.links if bead.probability >= 0.5] == []


def test_an_encoder_that_the_weights_do_not_know_is_warned_of_and_brought_to_scale(
    counting_encoder: CountingEncoder, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    aligner = Aligner(counting_encoder, cache=tmp_path)
    assert "the weights were learnt with the encoder use-multilingual-v3" in caplog.text
    assert [bead.target for bead in aligner.align(["un", "deux"], ["un", "deux"]).beads] == [(0,), (1,)]
    [alone] = aligner.align(["un"], ["un"]).links
    assert alone.cosine == pytest.approx(1, abs=1e-3)


def test_a_page_in_one_language_twice_is_refused(encoder: SentenceTransformer, tmp_path: Path) -> None:
    with pytest.raises(aligner.InputError, match="both are en; name two"):
        Aligner(encoder, source_lang="en", target_lang="en", cache=tmp_path).align_page(["One.", "One."])


def test_swapped_sides_give_the_mirror_image(encoder: SentenceTransformer, loaded: Aligner) -> None:
    """The links, that is: the weights of the two sides differ, so probabilities do."""
    shortened = ENGLISH[:2] + ENGLISH[5:]
    there = loaded.align(FRENCH, shortened)
    back = Aligner(encoder, source_lang="en", target_lang="fr").align(shortened, FRENCH)
    assert {(bead.target, bead.source) for bead in back.links} == {(bead.source, bead.target) for bead in there.links}


def test_an_identical_document_is_aligned_one_to_one_and_its_language_remarked(loaded: Aligner) -> None:
    alignment = loaded.align(FRENCH, FRENCH)
    assert shapes(alignment) == PARALLEL
    assert alignment.remarks == ("the target text looks like fr, where en was expected",)


def test_exchanged_sides_are_remarked(loaded: Aligner) -> None:
    remarks = loaded.align(ENGLISH, FRENCH).remarks
    assert len(remarks) == 3
    assert remarks[2].startswith("source and target seem to be exchanged")


def test_an_empty_side_leaves_the_other_alone_and_is_remarked(loaded: Aligner, tmp_path: Path) -> None:
    empty = tmp_path / "empty.txt"
    empty.write_text("", encoding="utf-8")
    alignment = loaded.align(FRENCH, empty)
    assert shapes(alignment) == [((k,), ()) for k in range(8)]
    assert len(alignment.remarks) == 1 and "empty.txt is empty" in alignment.remarks[0]
    assert len(loaded.align([], ["", " "]).remarks) == 2


CELLS = [
    ("", "The lights went out at noon."),
    ("Le maire a démissionné.", ""),
    (f"{FRENCH[0]} {FRENCH[1]}", f"{ENGLISH[0]} {ENGLISH[1]}"),
    ("Il pleut.", "Wool is dear this year."),
    ("Nos voisins ont acheté trois chèvres.", "The choir sings on Sundays."),
    ("Qui a volé la cloche ?", "Salt your soup."),
    ("", ""),
    (FRENCH[3], f"{ENGLISH[3]} {ENGLISH[4]}"),
]


def test_rows_of_a_table_are_never_crossed(encoder: SentenceTransformer, tmp_path: Path) -> None:
    """Rows with one cell alone stand next to each other, and rows of which the cells do not correspond."""
    path = tmp_path / "table.tsv"
    path.write_text("".join("\t".join(row) + "\n" for row in [("texte", "text"), *CELLS]), encoding="utf-8")
    alignment = aligner.align_table(path, "texte", "text", encoder=encoder)
    check_covered(alignment)
    for bead in alignment.beads:
        rows = {alignment.source.segments[i].block for i in bead.source} | {alignment.target.segments[j].block for j in bead.target}
        assert len(rows) == 1
    likely = {(unit.source, unit.target) for unit in alignment.units(0.5)}
    assert {(FRENCH[0], ENGLISH[0]), (FRENCH[1], ENGLISH[1])} <= likely
    certain = {(bead.source, bead.target) for bead in alignment.beads if bead.is_null and bead.probability > 0.999}
    assert {((), (0,)), ((0,), ())} <= certain


@pytest.mark.parametrize("columns", [("texte", "nothing"), ("nothing", "text")])
def test_a_missing_column_is_an_error_that_names_it(columns: tuple[str, str], tmp_path: Path) -> None:
    path = tmp_path / "table.tsv"
    path.write_text("texte\ttext\nOui.\tYes.\n", encoding="utf-8")
    with pytest.raises(aligner.InputError, match="nothing"):
        aligner.align_table(path, *columns, encoder="no-such-encoder")


def test_mining_takes_lists_files_and_documents_a_line_a_text(loaded: Aligner, tmp_path: Path) -> None:
    french, english = ["", *FRENCH[::-1]], [*ENGLISH, " "]
    paths = tmp_path / "a.txt", tmp_path / "b.txt"
    for path, lines in zip(paths, (french, english), strict=True):
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    of_lists = loaded.mine(french, english)
    assert list(of_lists.columns) == ["probability", "cosine", "margin", "source_line", "target_line", "source", "target"]
    found = {(row.source_line, row.target_line) for row in of_lists[of_lists["probability"] >= 0.5].itertuples()}
    assert len(found & {(8 - k, k) for k in range(8)}) >= 6 and len(found) <= 8
    for row in of_lists.itertuples():
        assert (row.source, row.target) == (french[row.source_line], english[row.target_line])
    assert of_lists.equals(loaded.mine(*paths))
    assert of_lists.equals(loaded.mine(*(Document(path.read_text(encoding="utf-8")) for path in paths)))
    assert loaded.mine([], english).empty and loaded.mine(["", " "], english).empty


def test_frames_of_mined_pairs_make_up_the_whole(loaded: Aligner, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = loaded.mine(FRENCH, ENGLISH)
    monkeypatch.setattr("aligner.pipeline.MINED_ROWS", 2)
    frames = list(loaded.mine_blocks(FRENCH, ENGLISH, memory=1))
    assert len(frames) == -(-len(whole) // 2) and all(len(frame) <= 2 for frame in frames)
    assert pandas.concat(frames, ignore_index=True).equals(whole)
    assert [list(frame) for frame in loaded.mine_blocks([], ENGLISH)] == [list(whole)]


def test_links_on_a_segmented_page_number_its_segments_whatever_their_blocks(loaded: Aligner) -> None:
    lines, start, segments = [*FRENCH, *ENGLISH], 0, []
    for line in lines:
        segments.append(Segment(line, start, start + len(line)))
        start += len(line) + 1
    alignment = loaded.align_page(Document("\n".join(lines), segments=tuple(segments), segmented=True))
    assert [(bead.source, bead.target) for bead in alignment.links if bead.probability >= 0.5] == [((k,), (k + 8,)) for k in range(8)]


@pytest.fixture(scope="module")
def counted() -> CountingEncoder:
    from counting import CountingEncoder

    return CountingEncoder()


SHORT = st.lists(st.sampled_from(["", " \u00a0", "Oui.", "« Non ! »", "Le roi est mort.", "The king is dead.", "12", "…"]), max_size=7)


@settings(max_examples=30)
@given(SHORT, SHORT)
def test_every_segment_of_both_sides_stands_in_one_bead_in_order(counted: CountingEncoder, source: list[str], target: list[str]) -> None:
    check_covered(Aligner(counted).align(source, target))


@settings(max_examples=20)
@given(st.lists(st.tuples(*[st.sampled_from(["", "Oui.", "Oui. Le roi est mort.", "Yes. The king is dead."])] * 2), max_size=5))
def test_every_segment_of_a_table_stands_in_one_bead_of_its_row(counted: CountingEncoder, cells: list[tuple[str, str]]) -> None:
    documents = []
    for side in (0, 1):
        rows, start = [], 0
        for row in cells:
            rows.append((start, start + len(row[side])))
            start += len(row[side]) + 1
        documents.append(Document("\n".join(row[side] for row in cells), rows=tuple(rows)))
    alignment = Aligner(counted).align(*documents)
    check_covered(alignment)
    for bead in alignment.links:
        assert {alignment.source.segments[i].block for i in bead.source} == {alignment.target.segments[j].block for j in bead.target}


@given(st.text(st.sampled_from("ab \t\n\u2028\u00a0\u3000\x00é"), max_size=12))
def test_white_space_that_breaks_is_made_one_space_and_no_other(text: str) -> None:
    assert normalised(text) == re.sub("[ \t\r\n\f\v\u2028\u2029]+", " ", text).strip(" ")


def test_each_distinct_text_is_encoded_once_and_never_again(counting_encoder: CountingEncoder, tmp_path: Path) -> None:
    texts = [*FRENCH, FRENCH[0], "port", ""]
    first = Aligner(counting_encoder, cache=tmp_path).align(texts, ENGLISH)
    counts = Counter(counting_encoder.encoded)
    assert set(counts.values()) == {1} and {*FRENCH, *ENGLISH} <= set(counts)
    assert Aligner(counting_encoder, cache=tmp_path).align(texts, ENGLISH).beads == first.beads
    assert Counter(counting_encoder.encoded) == counts


def test_many_documents_are_aligned_together_as_each_alone(encoder: SentenceTransformer, tmp_path: Path) -> None:
    pair = Document(" ".join(FRENCH), "a"), Document(" ".join(ENGLISH), "b")
    page = (Document("\n\n".join([*FRENCH, *ENGLISH]), "page"),)
    lines = (Document.of_segments([*FRENCH[:3], "", *ENGLISH[:3]], "lines"),)
    table = Document("Oui. Non.\nDemain.", rows=((0, 9), (10, 17))), Document("Yes. No.\nTomorrow.", rows=((0, 8), (9, 18)))
    tasks = [pair, page, (Document(""), Document("")), lines, (Document(""),), table, (pair[0], Document(" ".join(ENGLISH[:4])))]
    together = list(Aligner(encoder, cache=tmp_path / "together").align_many(tasks))
    alone = Aligner(encoder, cache=tmp_path / "alone")
    for task, alignment in zip(tasks, together, strict=True):
        expected = alone.align(*task) if len(task) == 2 else alone.align_page(*task)
        assert isinstance(alignment, Alignment)
        assert (alignment.source, alignment.target, alignment.remarks) == (expected.source, expected.target, expected.remarks)
        assert alignment.is_page == expected.is_page and shapes(alignment) == shapes(expected)
        scores = [[score for bead in each.beads for score in (bead.probability, bead.cosine or 0.0)] for each in (alignment, expected)]
        assert scores[0] == pytest.approx(scores[1], abs=1e-5)


def test_remarks_that_nobody_reads_are_not_made(encoder: SentenceTransformer, tmp_path: Path) -> None:
    exchanged = Document(" ".join(ENGLISH)), Document(" ".join(FRENCH))
    aligner = Aligner(encoder, cache=tmp_path)
    [told], [untold] = (list(aligner.align_many([exchanged], remarks=wanted)) for wanted in (True, False))
    assert isinstance(told, Alignment) and isinstance(untold, Alignment)
    assert told.remarks and not untold.remarks and told.beads == untold.beads


def test_texts_of_many_documents_are_encoded_once_and_together(counting_encoder: CountingEncoder, tmp_path: Path) -> None:
    calls: list[list[str]] = []
    encode = counting_encoder.encode
    counting_encoder.encode = lambda texts, **options: calls.append(list(texts)) or encode(texts, **options)
    aligner = Aligner(counting_encoder, cache=tmp_path)
    calls.clear()
    tasks = [(Document.of_segments(FRENCH[:4]), Document.of_segments(ENGLISH[:4])), (Document("\n\n".join([*FRENCH[2:], *ENGLISH[2:]])),)]
    assert len(list(aligner.align_many(tasks))) == 2
    words = {"cargos", "tempête", "lighthouse", "cargo"}
    assert words <= set(calls[0]) and {*FRENCH, *ENGLISH} <= set(calls[1])
    assert max(Counter(text for call in calls for text in call).values()) == 1


@pytest.mark.parametrize("call", [aligner.align, aligner.align_page, aligner.align_table, aligner.mine, aligner.mine_blocks])
def test_a_call_shows_every_setting_with_its_default(call: Callable[..., object]) -> None:
    shown, made = inspect.signature(call).parameters, inspect.signature(Aligner).parameters
    settings = made.keys() - {"cache"}
    assert settings <= shown.keys() and all(shown[name].default == made[name].default for name in settings)
    assert all(parameter.kind is not parameter.VAR_KEYWORD for parameter in shown.values())


def test_a_document_that_fails_among_many_yields_its_error(encoder: SentenceTransformer, tmp_path: Path) -> None:
    english = Aligner(encoder, source_lang="en", target_lang="en", cache=tmp_path)
    pair = Document("One."), Document("One.")
    before, failed, after = english.align_many([pair, (Document("One. One."),), pair])
    assert isinstance(failed, aligner.InputError) and "name two" in str(failed)
    for alignment in (before, after):
        assert isinstance(alignment, Alignment) and shapes(alignment) == [((0,), (0,))]


def test_results_are_the_same_from_a_cold_cache_and_from_a_warm_one(encoder: SentenceTransformer, tmp_path: Path) -> None:
    def aligned(cache: Path) -> tuple[Bead, ...]:
        return Aligner(encoder, cache=cache).align(FRENCH, ENGLISH[:3] + ENGLISH[4:]).beads

    cold = aligned(tmp_path / "one")
    assert aligned(tmp_path / "one") == cold
    assert aligned(tmp_path / "two") == cold


def test_progress_is_reported(counting_encoder: CountingEncoder, tmp_path: Path) -> None:
    steps: list[tuple[str, int, int]] = []
    Aligner(counting_encoder, cache=tmp_path, progress=lambda *step: steps.append(step)).align(FRENCH, ENGLISH)
    assert steps and all(stage == "embed" and 0 <= done <= total for stage, done, total in steps)


def test_weights_come_from_a_file_or_from_memory(encoder: SentenceTransformer, loaded: Aligner, tmp_path: Path) -> None:
    path = tmp_path / "weights.json"
    path.write_text(loaded.weights.to_json(), encoding="utf-8")
    for weights in (path, str(path), loaded.weights):
        alignment = Aligner(encoder, weights=weights).align(FRENCH, ENGLISH)
        assert alignment.beads == loaded.align(FRENCH, ENGLISH).beads
        assert alignment.provenance == loaded.align(FRENCH, ENGLISH).provenance
