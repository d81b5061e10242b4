"""Aligning around what people decided, with word vectors in the encoder's place: it stands, and everything is covered once."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
import pytest
from hashed import embed, sentences
from hypothesis import given, settings
from hypothesis import strategies as st

from aligner.alignment import band as bands
from aligner.alignment.decided import Decided
from aligner.alignment.documents import align_segments
from aligner.alignment.evidence import Segments, gather
from aligner.alignment.weights import load_weights
from aligner.errors import InputError
from aligner.scoring import coverage_fault
from aligner.types import Bead

WORDS = ("", "Oui.", "Non.", "Le roi est mort.", "« Oui ! »", "12", "le chat, la reine", "la reine dort")


def align(source: Sequence[str], target: Sequence[str], decided: Sequence[Bead] = (), rejected: Sequence[Bead] = ()) -> list[Bead]:
    kept = Decided.of(decided, rejected, len(source), len(target))
    return align_segments(Segments.embedded(source, embed), Segments.embedded(target, embed), embed, load_weights(), decided=kept)


def shapes(beads: Sequence[Bead]) -> list[tuple[tuple[int, ...], tuple[int, ...]]]:
    return [(bead.source, bead.target) for bead in beads]


@st.composite
def decisions(draw: st.DrawFn, most: int = 10) -> tuple[list[str], list[str], list[Bead], list[Bead]]:
    """Two documents, any beads of theirs that share no segment, and links that are none of those."""
    source, target = (draw(st.lists(st.sampled_from(WORDS), max_size=most)) for _ in range(2))
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    drawn: list[list[Bead]] = []
    for in_order in (draw(st.booleans()), True):
        left = [np.arange(len(side)) if in_order else random.permutation(len(side)) for side in (source, target)]
        beads = []
        while any(map(len, left)):
            sizes = random.choice([0, 1, 1, 1, 2, 3, 7], 2)
            sides = [tuple(sorted(side[:size].tolist())) for side, size in zip(left, sizes, strict=True)]
            left = [side[size:] for side, size in zip(left, sizes, strict=True)]
            if any(sides):
                beads.append(Bead(sides[0], sides[1], 0.5))
        drawn.append([bead for bead in beads if random.random() < 0.4])
    decided, rejected = drawn
    return source, target, decided, [bead for bead in rejected if (bead.source, bead.target) not in shapes(decided)]


def check(source: Sequence[str], target: Sequence[str], decided: Sequence[Bead], rejected: Sequence[Bead]) -> None:
    beads = align(source, target, decided, rejected)
    assert not coverage_fault(beads, range(len(source)), range(len(target)))
    found = {(bead.source, bead.target): bead for bead in beads}
    assert set(shapes(decided)) <= found.keys()
    assert all(found[key].probability == 1 for key in shapes(decided))
    assert not found.keys() & {(bead.source, bead.target) for bead in rejected if not bead.is_null}
    assert all((bead.cosine is None) == bead.is_null and 0 <= bead.probability <= 1 for bead in beads)


@settings(max_examples=150)
@given(decisions())
def test_what_was_decided_stands_whatever_it_is(case: tuple[list[str], list[str], list[Bead], list[Bead]]) -> None:
    check(*case)


@settings(max_examples=60)
@given(decisions(30))
def test_what_was_decided_stands_in_a_narrow_band(case: tuple[list[str], list[str], list[Bead], list[Bead]]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(bands, "FULL_LATTICE", 0)
        patch.setattr(bands, "LARGEST_GAP", 4)
        patch.setattr(bands, "SLACK", 1)
        check(*case)


@settings(max_examples=30)
@given(decisions(), st.integers(0, 2**32 - 1))
def test_what_was_decided_stands_across_rows_of_a_table(case: tuple[list[str], list[str], list[Bead], list[Bead]], seed: int) -> None:
    source, target, decided, rejected = case
    random = np.random.default_rng(seed)
    sides = [Segments.embedded(side, embed, np.sort(random.integers(0, 4, len(side)))) for side in (source, target)]
    kept = Decided.of(decided, rejected, len(source), len(target))
    beads = align_segments(sides[0], sides[1], embed, load_weights(), decided=kept)
    assert not coverage_fault(beads, range(len(source)), range(len(target)))
    assert set(shapes(decided)) <= set(shapes(beads))


@settings(max_examples=40)
@given(decisions())
def test_deciding_what_stands_already_changes_no_bead(case: tuple[list[str], list[str], list[Bead], list[Bead]]) -> None:
    source, target, _, _ = case
    plain = align(source, target)
    assert set(shapes(align(source, target, plain))) == set(shapes(plain))


def test_of_equal_lines_the_decided_one_says_how_its_neighbours_stand() -> None:
    """Five answers for six: which was left out, nothing but a person can say, and then the others follow."""
    texts = sentences(4)
    source = [texts[0], texts[1], *["Oui."] * 6, texts[2], texts[3]]
    target = [texts[0], texts[1], *["Oui."] * 5, texts[2], texts[3]]
    for left_out in range(2, 8):
        beads = align(source, target, [Bead((left_out,), (), 1.0)])
        wanted = [((i,), (i - (i > left_out),)) for i in range(10) if i != left_out]
        assert [shape for shape in shapes(beads) if all(shape)] == wanted


def test_a_rejected_link_gives_way_to_the_next_best() -> None:
    texts = sentences(12)
    source, target = [*texts[:6], texts[6], *texts[7:]], [*texts[:6], texts[6], texts[6], *texts[7:]]
    first = next(bead for bead in align(source, target) if 6 in bead.source)
    second = next(bead for bead in align(source, target, rejected=[first]) if 6 in bead.source)
    assert not second.is_null
    assert (first.source, first.target) != (second.source, second.target)


def test_one_decided_link_of_a_moved_passage_disturbs_nothing_else() -> None:
    texts = sentences(60)
    target = texts[:10] + texts[11:50] + [texts[10]] + texts[50:]
    link = Bead((10,), (49,), 1.0)
    anchors = gather(Segments.embedded(texts, embed), Segments.embedded(target, embed), embed, [link]).anchors.tolist()
    assert [10, 49] not in anchors
    assert len(anchors) > 50
    beads = align(texts, target, [link])
    assert {(texts[bead.source[0]], target[bead.target[0]]) for bead in beads if not bead.is_null} == {(text, text) for text in texts}
    assert not [bead for bead in beads if bead.is_null]


def test_a_decided_link_brings_the_band_where_it_would_not_run() -> None:
    """Long documents that share no word: there the band leaves one side alone first, then the other."""
    sides = [Segments.embedded(sentences(400, seed), embed) for seed in (1, 2)]
    link = Bead((200,), (100,), 1.0)
    reached = [band.low[200] <= 100 <= band.high[200] for band in (gather(*sides, embed, known).band for known in ((), (link,)))]
    assert reached == [False, True]
    beads = align_segments(sides[0], sides[1], embed, load_weights(), decided=Decided.of([link], [], 400, 400))
    assert not coverage_fault(beads, range(400), range(400))
    assert ((200,), (100,)) in shapes(beads)


def test_decided_nulls_are_not_linked_as_moved() -> None:
    texts = sentences(30)
    target = texts[:5] + texts[8:20] + texts[5:8] + texts[20:]
    plain = set(shapes(align(texts, target)))
    assert {((5,), (17,)), ((6,), (18,)), ((7,), (19,))} <= plain
    beads = shapes(align(texts, target, [Bead((6,), (), 1.0)], [Bead((5,), (17,), 1.0)]))
    assert ((6,), ()) in beads
    assert not {((5,), (17,)), ((6,), (18,))} & set(beads)


@pytest.mark.parametrize("count", [1, 3])
def test_rejected_links_are_not_found_as_moved(count: int) -> None:
    texts = sentences(30)
    target = texts[:5] + texts[5 + count : 20] + texts[5 : 5 + count] + texts[20:]
    moved = [((5 + k,), (20 - count + k,)) for k in range(count)]
    assert set(moved) <= set(shapes(align(texts, target)))
    beads = shapes(align(texts, target, rejected=[Bead(*moved[0], 1.0)]))
    assert moved[0] not in beads
    assert set(moved[2:]) <= set(beads)


@pytest.mark.parametrize(
    ("decided", "rejected", "fault"),
    [
        ([Bead((0,), (0,), 1.0), Bead((0, 1), (1,), 1.0)], [], "[0]:[0] and [0,1]:[1] share source segment 0"),
        ([Bead((5,), (0,), 1.0)], [], "source segment 5 of [5]:[0] is not among the 3 there are"),
        ([Bead((0,), (0,), 1.0)], [Bead((0,), (0,), 0.2)], "[0]:[0] is rejected too"),
        ([Bead((), (), 1.0)], [], "one has no segment"),
    ],
)
def test_decisions_that_contradict_each_other_are_named(decided: list[Bead], rejected: list[Bead], fault: str) -> None:
    with pytest.raises(InputError, match=re.escape(fault)):
        Decided.of(decided, rejected, 3, 3)
