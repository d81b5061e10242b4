"""Pages that hold both languages: what is found in every layout, and that nothing is found where there is nothing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hashed import embed
from hypothesis import given, settings
from hypothesis import strategies as st

from aligner.alignment.pages import align_page_segments, possible_links
from aligner.alignment.weights import load_weights
from aligner.pipeline import Aligner
from aligner.segmentation import segment_page
from aligner.types import Alignment, Bead, Document

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

PAGES = Path(__file__).parent / "data" / "pages"
LIKELY = 0.5

FRENCH = [
    "Le musée municipal ouvrira ses portes le samedi 12 avril.",
    "La collection compte plus de trois cents montres anciennes.",
    "Les enfants de moins de dix ans ne paient pas l'entrée.",
    "Une navette gratuite partira de la gare toutes les vingt minutes.",
    "Le restaurant du premier étage servira des plats de la région.",
    "Pour toute question, écrivez à la conservatrice.",
]
ENGLISH = [
    "The municipal museum will open its doors on Saturday 12 April.",
    "The collection holds more than three hundred old watches.",
    "Children under ten do not pay for admission.",
    "A free shuttle will leave from the station every twenty minutes.",
    "The restaurant on the first floor will serve dishes of the region.",
    "If you have any questions, write to the curator.",
]
PAIRS = list(zip(FRENCH, ENGLISH, strict=True))


@pytest.fixture(scope="module")
def aligner(encoder: SentenceTransformer) -> Aligner:
    return Aligner(encoder)


def likely(alignment: Alignment) -> list[Bead]:
    return [bead for bead in alignment.links if bead.probability >= LIKELY]


def texts(alignment: Alignment) -> list[tuple[str, str]]:
    """The texts of the likely links."""
    return [(unit.source, unit.target) for unit in alignment.units(LIKELY)]


@pytest.mark.parametrize(
    "page",
    [
        "\n\n".join([" ".join(FRENCH), " ".join(ENGLISH)]),
        "\n\n".join([" ".join(ENGLISH), " ".join(FRENCH)]),
        "\n\n".join(text for pair in PAIRS for text in pair),
        "\n".join(" / ".join(pair) for pair in PAIRS),
    ],
    ids=["one language after the other", "the other one first", "paragraph by paragraph", "both on a line"],
)
def test_translations_are_found_in_every_layout(page: str, aligner: Aligner) -> None:
    alignment = aligner.align_page(Document(page))
    assert alignment.is_page and not alignment.remarks
    assert set(texts(alignment)) == set(PAIRS)
    assert [bead.source for bead in alignment.links] == sorted(bead.source for bead in alignment.links)


def test_a_line_that_holds_both_languages_stands_on_both_sides(aligner: Aligner) -> None:
    lines = ["", *(" / ".join(pair) for pair in PAIRS)]
    alignment = aligner.align_page(lines)
    assert [(bead.source, bead.target) for bead in likely(alignment)] == [((k,), (k,)) for k in range(1, 7)]
    assert [segment.text for segment in alignment.source.segments] == lines


def test_each_occurrence_of_a_repeated_passage_is_linked_with_the_nearest(aligner: Aligner) -> None:
    """The first two pairs stand on the page twice, each time one below the other; the French of two is repeated alone."""
    again = [text for pair in PAIRS[:2] for text in pair]
    page = [*again, *(text for pair in PAIRS[2:] for text in pair), *again, FRENCH[2], FRENCH[0]]
    found = {(bead.source[0], bead.target[0]) for bead in likely(aligner.align_page(page))}
    assert {(0, 1), (2, 3), (12, 13), (14, 15)} <= found
    assert {(4, 5), (16, 5), (17, 13)} <= found
    assert len(found) == 10


def test_a_passage_repeated_in_both_blocks_is_linked_in_order(aligner: Aligner) -> None:
    """Each language's block repeats its first line at its end: neither occurrence may be left out."""
    page = [*FRENCH, FRENCH[0], *ENGLISH, ENGLISH[0]]
    found = {(bead.source, bead.target) for bead in likely(aligner.align_page(page))}
    assert found == {((k,), (k + 7,)) for k in range(7)}


def test_one_sentence_may_answer_to_two(aligner: Aligner) -> None:
    page = [
        *FRENCH[:3],
        "Une navette gratuite partira de la gare. Elle passera toutes les vingt minutes.",
        *FRENCH[4:],
        *ENGLISH,
    ]
    split = [*page[:3], "Une navette gratuite partira de la gare.", "Elle passera toutes les vingt minutes.", *page[4:]]
    by_source = {bead.source: bead.target for bead in likely(aligner.align_page(Document("\n\n".join(split))))}
    assert by_source.get((3, 4), by_source.get((3,))) == (10,)


def test_a_quotation_of_one_sentence_in_the_other_language_is_found(aligner: Aligner) -> None:
    page = [*FRENCH[:2], "Le prix du pain a encore augmenté de deux centimes à Orsenne.", ENGLISH[1], "Il neigera demain au-dessus du col."]
    assert texts(aligner.align_page(page)) == [(FRENCH[1], ENGLISH[1])]


DOUBTFUL = ("Accès", "Getting there")
"""By itself no sure translation: one word for two."""
NEWS_FRENCH = ["Le prix du pain a encore augmenté à Orsenne.", "Il neigera demain au-dessus du col.", "Deux doigts cassés pour le gardien."]
NEWS_ENGLISH = [
    "The harbour master retires after thirty years.",
    "Wool sells badly this spring.",
    "Choir practice moves to Thursday night.",
]


@pytest.mark.parametrize(
    "page",
    [
        [text for pair in [*PAIRS[:3], DOUBTFUL, *PAIRS[3:]] for text in pair],
        [*FRENCH[:3], DOUBTFUL[0], *FRENCH[3:], *ENGLISH[:3], DOUBTFUL[1], *ENGLISH[3:]],
        [" / ".join(pair) for pair in PAIRS[:3]] + list(DOUBTFUL) + [" / ".join(pair) for pair in PAIRS[3:]],
    ],
    ids=["in turns", "one language after the other", "beside lines of both"],
)
def test_a_doubtful_link_is_believed_where_the_layout_speaks_for_it(page: list[str], aligner: Aligner) -> None:
    assert DOUBTFUL in texts(aligner.align_page(page))


def test_a_doubtful_link_is_not_believed_among_what_is_not_translated(aligner: Aligner) -> None:
    assert not texts(aligner.align_page([*NEWS_FRENCH, *DOUBTFUL, *NEWS_ENGLISH]))


@pytest.mark.parametrize(
    ("page", "beside"),
    [
        ([text for pair in PAIRS for text in pair], True),
        ([text for pair in PAIRS for text in (*pair, "")], True),
        ([*FRENCH, *ENGLISH], False),
    ],
    ids=["in turns", "with blank lines", "one language after the other"],
)
def test_the_possible_links_know_where_they_stand(page: list[str], beside: bool, aligner: Aligner) -> None:
    document = segment_page(Document.of_segments(page), ("fr", "en"))
    possible = possible_links(document, ("fr", "en"), aligner.embedder.embed, aligner.weights)
    place = {(link.source, link.target): k for k, link in enumerate(possible.links)}
    right = [place[(k,), (k,)] for k in range(len(PAIRS))]
    assert possible.placed.beside[right].tolist() == [beside] * len(PAIRS)
    assert possible.placed.on_path[right].min() > 0.5


def test_links_of_several_segments_are_possible(aligner: Aligner) -> None:
    halves = ["Une navette gratuite partira de la gare.", "Elle passera toutes les vingt minutes."]
    document = segment_page(Document.of_segments([*FRENCH[:3], *halves, *ENGLISH[:4]]), ("fr", "en"))
    possible = possible_links(document, ("fr", "en"), aligner.embedder.embed, aligner.weights)
    assert ((3, 4), (3,)) in {(link.source, link.target) for link in possible.links}


@pytest.mark.parametrize("menu", [("Plan du site", "Subscribe to our newsletter"), ("Lire la suite", "Advertisement")])
def test_what_stands_beside_each_other_is_not_therefore_linked(menu: tuple[str, str], aligner: Aligner) -> None:
    """A French and an English menu at the head of a page whose paragraphs stand beside their translations."""
    page = [*menu, *(text for pair in PAIRS for text in pair)]
    assert set(texts(aligner.align_page(page))) == set(PAIRS)


@pytest.mark.parametrize(
    ("page", "said"),
    [
        (FRENCH, "in en"),
        (ENGLISH, "in fr"),
        ([], "empty"),
        (["12", "34"], "in fr or en"),
        ([*FRENCH[:3], "The goalkeeper broke two fingers.", "Wool prices rose in March."], "no two"),
    ],
)
def test_a_page_without_translations_says_so_and_gives_no_likely_bead(page: Sequence[str], said: str, aligner: Aligner) -> None:
    alignment = aligner.align_page(list(page))
    assert not likely(alignment)
    assert len(alignment.remarks) == 1
    assert "nothing found" in alignment.remarks[0] and said in alignment.remarks[0]


def test_blank_lines_and_other_languages_are_nobodys_translation(aligner: Aligner) -> None:
    page = ["", " ", *FRENCH, "Das Museum öffnet am Samstag, dem 12. April, zum ersten Mal seine Türen.", *ENGLISH, "\u00a0"]
    linked = {k for bead in aligner.align_page(page).links for k in (*bead.source, *bead.target)}
    assert linked.isdisjoint({0, 1, 8, 15})


@settings(max_examples=30)
@given(st.lists(st.tuples(st.sampled_from(["fr", "en", "und", "de"]), st.sets(st.sampled_from("abcdef"), max_size=3)), max_size=14))
def test_a_segment_stands_in_one_link_at_most(lines: list[tuple[str, set[str]]]) -> None:
    """Few words make many rivals; a number at the end of each line keeps lines from repeating each other."""
    texts = [" ".join(["mot", *sorted(words), str(number)]) for number, (_, words) in enumerate(lines)]
    document = Document.of_segments(texts)
    labelled = tuple(replace(segment, lang=lang) for segment, (lang, _) in zip(document.segments, lines, strict=True))
    beads = align_page_segments(replace(document, segments=labelled), ("fr", "en"), embed, load_weights())
    for side, lang in ((0, "fr"), (1, "en")):
        numbers = [k for bead in beads for k in (bead.source, bead.target)[side]]
        assert len(set(numbers)) == len(numbers)
        assert {lines[k][0] for k in numbers} <= {lang}
    assert all(0 <= bead.probability <= 1 and bead.source and bead.target for bead in beads)


def test_pages_on_one_subject_that_are_no_translations_give_at_most_one_pair(aligner: Aligner) -> None:
    """Twenty pages with French and English passages on the same subject."""
    found = {path.name: texts(aligner.align_page(path)) for path in sorted(PAGES.glob("not_translations_*.txt"))}
    assert len(found) == 20
    assert sum(map(len, found.values())) <= 1, {name: pairs for name, pairs in found.items() if pairs}


def linked_lines(folder: Path, name: str) -> tuple[set[tuple[int, int]], set[tuple[int, int]]]:
    """The pairs of a page's lines that gold links, and those that are right besides, by DOC.map, DOC.gold and DOC.alt."""
    from aligner.formats.beads import read_beads

    line_of: tuple[dict[int, int], dict[int, int]] = ({}, {})
    for row in (folder / f"{name}.map").read_text(encoding="utf-8").splitlines():
        line, kind, numbers = row.split("\t")
        if kind != "-":
            for side, part in zip(kind.split("+"), numbers.split(";"), strict=True):
                line_of[("fr", "en").index(side)].update((int(number), int(line)) for number in part.split(","))

    def lines(path: Path) -> set[tuple[int, int]]:
        beads = read_beads(path) if path.exists() else []
        return {(line_of[0][i], line_of[1][j]) for bead in beads for i in bead.source for j in bead.target}

    return lines(folder / f"{name}.gold"), lines(folder / f"{name}.alt")


def found_lines(aligner: Aligner, page: Path) -> set[tuple[int, int]]:
    alignment = aligner.align_page(Document.of_segments(page.read_text(encoding="utf-8").split("\n")))
    return {(i, j) for bead in likely(alignment) for i in bead.source for j in bead.target}


def test_a_page_of_many_layouts_is_found_but_for_few_of_its_lines(aligner: Aligner) -> None:
    right, right_besides = linked_lines(PAGES, "mixed_page")
    found = found_lines(aligner, PAGES / "mixed_page.mix")
    assert len(found - right - right_besides) <= 1, found - right - right_besides
    assert len(found & right) >= 0.8 * len(right), right - found


def test_lines_of_gold_pages_are_linked_precisely(gold: Path, aligner: Aligner, record_property: Callable[[str, object], None]) -> None:
    """Pooled over the pages of all layouts: of the linked lines nearly all are right."""
    hits = linked = wanted = recalled = 0
    for page in sorted(gold.glob("mixed_*/*.mix")):
        right, right_besides = linked_lines(page.parent, page.stem)
        found = found_lines(aligner, page)
        hits += len(found & (right | right_besides))
        linked += len(found)
        wanted += len(right)
        recalled += len(found & right)
    record_property("precision", hits / linked)
    record_property("recall", recalled / wanted)
    assert hits / linked >= 0.95, f"precision {hits / linked:.3f}, recall {recalled / wanted:.3f}"
    assert recalled / wanted >= 0.93, f"precision {hits / linked:.3f}, recall {recalled / wanted:.3f}"
