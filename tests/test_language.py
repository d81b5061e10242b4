"""Which language a text is in: French, English, another, or not to be told; and where a page changes from one to the other."""

from __future__ import annotations

import importlib.util
import os
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aligner.languages import identification, identify
from aligner.languages.identifiers import py3langid_scorer
from aligner.segmentation import dominant_language, segment_page
from aligner.types import Document

DATA = Path(__file__).parent / "data" / "segmentation"
FR_EN = ("fr", "en")


def page(*lines: str, segmented: bool = False) -> list[tuple[str, str, int]]:
    """Language, text and block of each segment of a French and English page."""
    document = Document.of_segments(lines) if segmented else Document("\n".join(lines))
    return [(segment.lang, segment.text, segment.block) for segment in segment_page(document, FR_EN).segments]


@pytest.fixture(params=["eldc", "py3langid"])
def any_identifier(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The test runs with each language identifier that is installed."""
    if not importlib.util.find_spec(request.param):
        pytest.skip(f"{request.param} is not installed")
    if request.param == "py3langid":
        scores = py3langid_scorer()
        monkeypatch.setattr(identification, "scorer", lambda: scores)
    yield


@pytest.mark.usefixtures("any_identifier")
def test_french_and_english_sentences_are_told_apart() -> None:
    texts = ["Le port reste fermé depuis hier.", "The port has been closed since yesterday.", "Que font-ils ?", "Communiqué de presse"]
    assert identify(texts, FR_EN) == ["fr", "en", "fr", "fr"]
    assert identify(texts) == ["fr", "en", "fr", "fr"]


def foreign_lines() -> list[list[str]]:
    return [line.split("\t") for line in (DATA / "other_languages.tsv").read_text(encoding="utf-8").splitlines()]


@pytest.mark.usefixtures("any_identifier")
def test_no_other_language_is_taken_for_french_or_english() -> None:
    wrong = [text for code, text in foreign_lines() if identify([text], FR_EN)[0] in FR_EN]
    assert wrong == []


def test_other_languages_get_their_own_codes() -> None:
    lines = foreign_lines()
    assert identify([text for _, text in lines], FR_EN) == [code for code, _ in lines]


def test_a_foreign_line_between_french_ones_stays_foreign() -> None:
    labels = [
        lang
        for lang, *_ in page("Le port est fermé.", "Der Hafen ist seit gestern geschlossen.", "កំពង់ផែបិទតាំងពីម្សិលមិញ", "Il rouvrira demain.")
    ]
    assert labels == ["fr", "de", "km", "fr"]


@pytest.mark.parametrize(
    "text", ["", " ", "12.03.2019", "— 5 —", "\x00", "\ud800\udfff", "https://valdore.example/en/the-news", "A", "3 / 4", "…", "x@y.fr"]
)
def test_digits_signs_and_addresses_tell_no_language(text: str) -> None:
    assert identify([text], FR_EN) == identify([text]) == ["und"]


def test_nul_and_lone_surrogates_do_not_hide_the_language() -> None:
    assert identify(["Le port est\x00 fermé depuis \ud800 hier.", "The port\x00 has been closed \udfff today."], FR_EN) == ["fr", "en"]


def test_digits_take_the_language_of_their_block_before_that_of_other_blocks() -> None:
    found = page("Le port est fermé.", "The ships wait outside. 12.03.2019.", "14 h 30", "The strike goes on.")
    assert [lang for lang, *_ in found] == ["fr", "en", "en", "en", "en"]


def test_digits_between_two_languages_stay_undetermined() -> None:
    assert [lang for lang, *_ in page("Le port est fermé.", "12.03.2019", "The strike goes on.")] == ["fr", "und", "en"]


def test_a_page_without_words_is_undetermined() -> None:
    assert [lang for lang, *_ in page("1", "2", "3.4")] == ["und"] * 3


CUT = [
    ("Nom / Name", ["Nom", "Name"]),
    ("Date de naissance | Date of birth", ["Date de naissance", "Date of birth"]),
    ("Loi sur les ports de mer — Seaports Act of the Republic", ["Loi sur les ports de mer", "Seaports Act of the Republic"]),
    ("Gestion du port ~ Administration of the harbour", ["Gestion du port", "Administration of the harbour"]),
    ("Le port est fermé.\tThe port is closed.", ["Le port est fermé.", "The port is closed."]),
    ("Le port est fermé. The port is closed.", ["Le port est fermé.", "The port is closed."]),
    (
        "La porte-parole a déclaré : “We will not accept this decision.”",
        ["La porte-parole a déclaré :", "“We will not accept this decision.”"],
    ),
    (
        "« Nous n'accepterons jamais cette décision », said the spokeswoman on Monday.",
        ["« Nous n'accepterons jamais cette décision »,", "said the spokeswoman on Monday."],
    ),
    (
        'Le ministre a dit "we are ready to talk with them" avant de partir.',
        ["Le ministre a dit", '"we are ready to talk with them"', "avant de partir."],
    ),
]


@pytest.mark.parametrize(("line", "parts"), CUT)
@pytest.mark.parametrize("segmented", [False, True])
def test_a_line_is_cut_where_the_language_changes(line: str, parts: list[str], segmented: bool) -> None:
    found = page("Une première ligne.", line, segmented=segmented)[1:]
    assert [text for _, text, _ in found] == parts
    assert {block for *_, block in found} == {1}
    labels = [lang for lang, *_ in found]
    assert set(labels) == {"fr", "en"} and all(a != b for a, b in pairwise(labels))


UNCUT = [
    "Accepter / Refuser",
    "Accueil | Actualités | Nous écrire",
    "Le film « The Long Way Home » est sorti mercredi.",
    "Il lit le “New York Times” chaque matin.",
    "Le train Paris — London part à midi.",
    "Mme Irène Castaing / M. Paul Hale",
    "He visited Aix-en-Provence (Bouches-du-Rhône) and the Côte d’Azur last year.",
    "The minister said: “We are ready to talk.”",
    "Il a répondu : « Nous sommes prêts. »",
    "La commission (Foreign Affairs Committee) a voté le texte.",
    "Elle a dit « OK » / « oui ».",
]


@pytest.mark.parametrize("line", UNCUT)
def test_a_line_in_one_language_is_not_cut(line: str) -> None:
    assert [text for _, text, _ in page(line, segmented=True)] == [line]


BILINGUAL = ["Les navires attendent au large. / The ships are waiting offshore.", "Le port est fermé. | The port is closed."]


@pytest.mark.parametrize("line", ["Entrée en vigueur ~ Commencement", "Commencement — Entrée en vigueur"])
def test_a_half_that_tells_no_language_is_the_other_ones_where_the_page_s_lines_hold_both(line: str) -> None:
    found = page(*BILINGUAL, line, segmented=True)
    assert {(lang, text) for lang, text, block in found if block == 2} == {("fr", "Entrée en vigueur"), ("en", "Commencement")}
    assert [text for _, text, _ in page(*BILINGUAL[:1], line, segmented=True)][-1] == line
    assert [text for *_, text, _ in page("Le port est fermé.", "The port is closed.", line, segmented=True)][-1] == line


@pytest.mark.parametrize("line", ["Accepter / Refuser", "12 / 34", "Accueil | Actualités | Nous écrire", "Article 5", "Fermé ~"])
def test_other_lines_of_such_a_page_are_not_cut(line: str) -> None:
    assert [text for _, text, _ in page(*BILINGUAL, line, segmented=True)][4:] == [line]


def test_a_segmented_page_keeps_the_sentences_of_a_line_together() -> None:
    assert [(text, block) for _, text, block in page("Un. Deux vont au port.", "", "Ils y restent.", segmented=True)] == [
        ("Un. Deux vont au port.", 0),
        ("Ils y restent.", 2),
    ]


def test_the_dominant_language_is_that_of_most_of_the_text() -> None:
    assert dominant_language(Document("Bonjour.\nThe ships wait outside the harbour, and nobody knows for how long.\n12")) == "en"
    assert dominant_language(Document("Der Hafen ist seit gestern geschlossen.")) == "de"
    assert dominant_language(Document("12\n\n3")) == "und"


LINES = ["Bonjour.", "Le port est fermé depuis hier.", "The ships wait outside.", "Der Hafen ist seit gestern geschlossen.", "12", ""]


@given(st.lists(st.sampled_from(LINES), max_size=8))
def test_the_dominant_language_is_settled_as_if_every_line_were_looked_at(lines: list[str]) -> None:
    lengths: Counter[str] = Counter()
    for line, found in zip(lines, identify(lines), strict=True):
        lengths[found] += len(line)
    del lengths["und"]
    assert dominant_language(Document("\n".join(lines))) == (lengths.most_common(1)[0][0] if lengths else "und")


@given(st.text(st.sampled_from("ab @_1/:.w\ud800\x00\u00a0"), max_size=30))
def test_numbers_and_addresses_are_left_out_whichever_way_they_are_looked_for(text: str) -> None:
    # each alternative of the pattern needs one of its marks
    assert identification._readable(text) == identification._NO_LANGUAGE.sub(" ", identification._UNREADABLE.sub(" ", text))


@pytest.mark.skipif("ALIGNER_GOLD" not in os.environ, reason="ALIGNER_GOLD names no folder of gold")
@pytest.mark.parametrize(
    ("kind", "least"),
    [("fixture_own", 1.0), ("mixed_alternate", 0.99), ("mixed_block", 0.99), ("mixed_quotes", 0.96), ("mixed_inline", 0.98)],
)
def test_lines_of_mixed_pages_get_their_languages(kind: str, least: float) -> None:
    right = total = 0
    for path in (Path(os.environ["ALIGNER_GOLD"]) / kind).glob("*.mix"):
        lines = path.read_text(encoding="utf-8").split("\n")
        found: dict[int, list[str]] = {}
        for segment in segment_page(Document.of_segments(lines), FR_EN).segments:
            found.setdefault(segment.block, []).append(segment.lang)
        for row in path.with_suffix(".map").read_text(encoding="utf-8").splitlines():
            number, label, *_ = row.split("\t")
            if label != "-":
                right += sorted(found[int(number)]) == sorted(label.split("+"))
                total += 1
    assert total and right / total >= least
