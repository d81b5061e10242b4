"""Sentences and paragraphs: where they end, and that spans are exact whatever the text."""

from __future__ import annotations

import re
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aligner.segmentation import segment_document, segment_page, sentences, split
from aligner.segmentation.paragraphs import line_spans
from aligner.types import Document, Segment

ODD_TEXT = st.lists(
    st.one_of(
        st.sampled_from(list("aAé1 .!?…,;:«»“”\"'()[]-—/|~\t\n\r\f\x00\x85\u00a0\u202f\u2028\u0301\ufeff•。？」とЖ")),
        st.sampled_from([" M. ", " etc. ", "U.S. ", "\r\n", ". ", " » ", "\ud800", "The ", "Le ", "We are here. ", "Nous sommes ici. "]),
        st.text(max_size=3),
    )
).map("".join)


HARD_CASES = (Path(__file__).parent / "data" / "segmentation" / "hard_cases.txt").read_text(encoding="utf-8").split("\n== ")[1:]
KNOWN_FAILURES = {"fr: hours", "fr: doctor honoris", "en: acronym in brackets"}


def texts(text: str, lang: str = "fr") -> list[str]:
    """The sentences of a text."""
    return [segment.text for segment in split(text, lang)]


def assert_exact(text: str, segments: list[Segment] | tuple[Segment, ...]) -> None:
    """Spans are exact, ordered and apart, and begin and end with something other than white space."""
    position = 0
    for segment in segments:
        assert position <= segment.start < segment.end <= len(text)
        assert text[segment.start : segment.end] == segment.text == segment.text.strip()
        position = segment.end


@given(st.text(st.sampled_from("a \n\r\v\f\x1c\x1e\x85\u2028\u2029")), st.integers(0, 9), st.integers(0, 9))
def test_lines_are_what_line_breaks_leave(text: str, start: int, end: int) -> None:
    breaks = [match.span() for match in re.finditer(r"\r\n|[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]", text[start:end])]
    begins, ends = [0, *(after for _, after in breaks)], [*(before for before, _ in breaks), len(text[start:end])]
    start = min(start, len(text))
    assert line_spans(text, start, max(start, end)) == [(start + a, start + b) for a, b in zip(begins, ends, strict=True)]


@given(st.text(st.sampled_from("a.!…。\t ")))
def test_stops_are_looked_for_as_runs_of_stops_or_of_tabs(text: str) -> None:
    found = [match.span() for match in sentences._STOP_RUN.finditer(text)]
    assert found == [match.span() for match in re.finditer(f"[{sentences._STOPS}]+|\t+", text)]


@given(ODD_TEXT, st.sampled_from(["fr", "en", "de", "ja", "th"]))
def test_sentences_cover_everything_but_white_space_exactly_once(text: str, lang: str) -> None:
    segments = split(text, lang)
    assert_exact(text, segments)
    covered = {position for segment in segments for position in range(segment.start, segment.end)}
    assert all(position in covered for position, character in enumerate(text) if not character.isspace())
    assert [segment.block for segment in segments] == sorted(segment.block for segment in segments)


@given(ODD_TEXT)
def test_a_page_has_exact_spans_too_and_loses_separators_alone(text: str) -> None:
    segments = segment_page(Document(text), ("fr", "en")).segments
    assert_exact(text, segments)
    covered = {position for segment in segments for position in range(segment.start, segment.end)}
    assert all(position in covered for position, character in enumerate(text) if not (character.isspace() or character in "/|~-–—"))


@given(st.lists(ODD_TEXT, max_size=5))
def test_a_segmented_page_keeps_its_line_numbers(lines: list[str]) -> None:
    page = segment_page(Document.of_segments(lines), ("fr", "en"))
    assert_exact(page.text, page.segments)
    for segment in page.segments:
        assert segment.text in lines[segment.block]
    assert {segment.block for segment in page.segments} == {number for number, line in enumerate(lines) if line.strip()}


UNITS = [
    "a. ",
    "a",
    ".",
    '"',
    " ",
    "\n",
    "« ",
    "M. A. ",
    "? ! ",
    "! # ",
    "(",
    "a\n",
    "\t",
    '. " ',
    " / ",
    "1. ",
    "a. [12]",
    "…",
    ": “",
    "。」",
    "a\t",
    "[...] A. ",
]


@pytest.mark.parametrize("unit", UNITS)
def test_work_grows_linearly_whatever_is_repeated(unit: str) -> None:
    text = (unit * 100_000)[:100_000]
    began = time.process_time()
    split(text, "fr")
    segment_page(Document(text), ("fr", "en"))
    assert time.process_time() - began < 5, "a tenth of a megabyte takes under a second, unless the work is quadratic"


@pytest.mark.parametrize("case", HARD_CASES, ids=[case.partition("\n")[0] for case in HARD_CASES])
@pytest.mark.parametrize("lang", ["fr", "en"])
def test_sentences_of_hard_cases_end_where_people_end_them(case: str, lang: str, request: pytest.FixtureRequest) -> None:
    """Whichever of the two languages a text was taken for, its sentences are the same."""
    head, *sentences = case.strip().splitlines()
    if head in KNOWN_FAILURES:
        request.applymarker(pytest.mark.xfail(strict=True))
    assert texts(" ".join(sentences), lang) == sentences


@pytest.mark.parametrize(
    ("lang", "sentences"),
    [
        ("de", ["Am 3. Oktober kam Dr. Vogt, z.B. mit dem Zug.", "Er blieb bis zum 12. Mai.", "„Gut.“", "Dann ging er."]),
        ("es", ["¿Dónde está la Sra. Ruiz?", "¡Aquí!", "Vive en la pág. 5, p. ej. con EE.UU. y otros.", "Fin."]),
        ("it", ["Il sig. Conti è partito.", "«Dove?»", "Non si sa."]),
        ("pt", ["O Sr. Melo saiu às 15h.", "Ninguém viu."]),
        ("nl", ["Dhr. Bos komt bijv. uit Delft.", "Hij blijft."]),
        ("pl", ["Przyszedł np. Kowalski i in. goście.", "Potem wyszli."]),
        ("tr", ["Liman kapalı.", "Neden?", "Grev var!"]),
        ("ru", ["Порт закрыт, т.е. не работает.", "Почему?", "Никто не знает."]),
        ("ar", ["الميناء مغلق.", "لماذا؟", "لا أحد يعرف!"]),
        ("ko", ["항구는 닫혔다.", "왜?", "아무도 모른다."]),
    ],
)
def test_the_other_languages_end_their_sentences_too(lang: str, sentences: list[str]) -> None:
    assert texts(" ".join(sentences), lang) == sentences


@pytest.mark.parametrize(
    ("lang", "sentences"),
    [
        ("ja", ["港は閉まっている。", "「はい。」と彼は言った。", "なぜ？", "誰も知らない！"]),
        ("zh", ["港口关闭了。", "为什么？", "“没人知道！”", "他走了。"]),
    ],
)
def test_full_width_stops_need_no_space(lang: str, sentences: list[str]) -> None:
    assert texts("".join(sentences), lang) == sentences


@pytest.mark.parametrize("line_break", ["\n", "\r\n", "\r", "\u2028", "\f", "\x85"])
def test_each_line_is_a_paragraph_of_its_own(line_break: str) -> None:
    lines = [
        "Port de Valbrune : reprise lundi",
        "Le port rouvre",
        "(1) reaffirms its support;",
        "(2) condemns the arrests; and",
        "(3) invites the parties to meet.",
        "• Un point",
        "- un autre",
    ]
    segments = split(line_break.join(lines), "en")
    assert [(segment.text, segment.block) for segment in segments] == [(line, number) for number, line in enumerate(lines)]


WRAPPED = """\
                      THE HARBOUR OF ORSENNE

The harbour had been closed for three weeks when the first ship was
seen again off the mole. Nobody knew where she came from, and Mr.
Hale, who kept the lighthouse, did not ask. He lit the lamp as he had
done every night for thirty years.

"Will she come in?" asked the boy, who had climbed the stairs with
the oil. "The channel has not been dredged since the spring, and the
pilot is asleep."

  - one lamp with its glass, bought new in the autumn of that year;
  - two ropes.

CHAPTER II

In the morning the ship was gone."""


def test_wrapped_lines_are_joined_into_sentences() -> None:
    segments = split(WRAPPED, "en")
    assert_exact(WRAPPED, segments)
    assert [" ".join(segment.text.split()) for segment in segments] == [
        "THE HARBOUR OF ORSENNE",
        "The harbour had been closed for three weeks when the first ship was seen again off the mole.",
        "Nobody knew where she came from, and Mr. Hale, who kept the lighthouse, did not ask.",
        "He lit the lamp as he had done every night for thirty years.",
        '"Will she come in?" asked the boy, who had climbed the stairs with the oil.',
        '"The channel has not been dredged since the spring, and the pilot is asleep."',
        "- one lamp with its glass, bought new in the autumn of that year;",
        "- two ropes.",
        "CHAPTER II",
        "In the morning the ship was gone.",
    ]
    assert [segment.block for segment in segments] == [0, 1, 1, 1, 2, 2, 3, 4, 5, 6]


def test_wrapping_is_seen_whatever_the_line_ends() -> None:
    assert len(split(WRAPPED.replace("\n", "\r\n"), "en")) == len(split(WRAPPED, "en"))


def test_long_lines_are_never_joined() -> None:
    lines = [
        "Ce paragraphe tient sur une seule ligne et compte bien plus de cent vingt signes, comme il en vient "
        + "toujours " * 5
        + "et sans fin",
        "et la ligne suivante commence par une minuscule",
    ] * 3
    assert texts("\n".join(lines)) == lines


def test_lines_of_verse_are_not_joined() -> None:
    lines = [
        "La mer est grise au port de Valbrune ce soir",
        "Les bateaux dorment contre le quai de pierre",
        "Un phare tourne et nul ne vient le voir",
        "La nuit descend et couvre la frontière",
    ]
    assert texts("\n".join(lines)) == lines


def test_tabs_separate_cells_but_not_a_number_from_its_text() -> None:
    assert texts("Nom\tLe port de Valbrune\n\t1.\tLe premier point\n•\tLe second") == [
        "Nom",
        "Le port de Valbrune",
        "1.\tLe premier point",
        "•\tLe second",
    ]


def test_no_segment_crosses_the_cells_of_a_table() -> None:
    text = "Un. Deux\nLe trois"
    document = segment_document(Document(text, rows=((0, 8), (9, 9), (9, len(text)))), "fr")
    assert [(segment.text, segment.block) for segment in document.segments] == [("Un.", 0), ("Deux", 0), ("Le trois", 2)]


def test_segments_that_came_with_the_document_are_kept() -> None:
    document = segment_document(Document.of_segments(["Un. Deux.", "", "Trois"]), "fr")
    assert [(segment.text, segment.lang, segment.block) for segment in document.segments] == [
        ("Un. Deux.", "fr", 0),
        ("", "fr", 1),
        ("Trois", "fr", 2),
    ]


def test_a_text_of_spaces_has_no_segments() -> None:
    assert split(" \r\n\t\u00a0\u2028 ", "fr") == [] and split("", "fr") == []
