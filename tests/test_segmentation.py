"""Sentences and paragraphs: where they end, and that spans are exact whatever the text."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aligner.segmentation import segment_page, split
from aligner.types import Document, Segment

ODD_TEXT = st.lists(
    st.one_of(
        st.sampled_from(list("aAé1 .!?…,;:«»“”\"'()[]-—/|~\t\n\r\f\x00\x85\u00a0\u202f\u2028\u0301\ufeff•。？」とЖ")),
        st.sampled_from([" M. ", " etc. ", "U.S. ", "\r\n", ". ", " » ", "\ud800", "The ", "Le ", "We are here. ", "Nous sommes ici. "]),
        st.text(max_size=3),
    )
).map("".join)


def assert_exact(text: str, segments: list[Segment] | tuple[Segment, ...]) -> None:
    """Spans are exact, ordered and apart, and begin and end with something other than white space."""
    position = 0
    for segment in segments:
        assert position <= segment.start < segment.end <= len(text)
        assert text[segment.start : segment.end] == segment.text == segment.text.strip()
        position = segment.end


@given(ODD_TEXT, st.sampled_from(["fr", "en", "de", "ja", "th"]))
def test_sentences_cover_everything_but_white_space_exactly_once(text: str, lang: str) -> None:
    segments = split(text, lang)
    assert_exact(text, segments)
    covered = {position for segment in segments for position in range(segment.start, segment.end)}
    assert all(position in covered for position, character in enumerate(text) if not character.isspace())
    assert [segment.block for segment in segments] == sorted(segment.block for segment in segments)


@given(ODD_TEXT)
def test_a_page_has_exact_spans_too(text: str) -> None:
    assert_exact(text, segment_page(Document(text), ("fr", "en")).segments)


@given(st.lists(ODD_TEXT, max_size=5))
def test_a_segmented_page_keeps_its_line_numbers(lines: list[str]) -> None:
    page = segment_page(Document.of_segments(lines), ("fr", "en"))
    assert_exact(page.text, page.segments)
    for segment in page.segments:
        assert segment.text in lines[segment.block]
    assert {segment.block for segment in page.segments} == {number for number, line in enumerate(lines) if line.strip()}


UNITS = ["a. ", "a", ".", '"', " ", "\n", "« ", "M. A. ", "? ! ", "! # ", "(", "a\n", "\t", '. " ', " / ", "1. ", "a. [12]", "…", ": “", "。」", "a\t", "[...] A. "]


@pytest.mark.parametrize("unit", UNITS)
def test_work_grows_linearly_whatever_is_repeated(unit: str) -> None:
    text = (unit * 100_000)[:100_000]
    began = time.process_time()
    split(text, "fr")
    segment_page(Document(text), ("fr", "en"))
    assert time.process_time() - began < 5, "a tenth of a megabyte takes under a second, unless the work is quadratic"
