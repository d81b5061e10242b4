"""Clauses, and the features that they give beads, against a slow twin."""

from __future__ import annotations

import re

import numpy as np
import pytest
from hashed import embed
from hypothesis import given, settings
from hypothesis import strategies as st
from named_rows import rows_of
from numpy.typing import NDArray

from aligner.alignment.clauses import CLAUSE_NAMES, Clauses, clauses_of, divided, pieces_of
from aligner.alignment.evidence import Evidence, Segments, gather, with_clauses
from aligner.alignment.features import NAMES


@pytest.mark.parametrize(
    ("text", "clauses"),
    [
        ("Oui.", ["Oui."]),
        ("Le roi est mort.", ["Le roi est mort."]),
        ("Le roi est mort, la reine dort encore.", ["Le roi est mort,", "la reine dort encore."]),
        ("Bon ! c'est le Sneffels.", ["Bon !", "c'est le Sneffels."]),
        ("« Viens ici tout de suite », dit-il.", ["« Viens ici tout de suite »,", "dit-il."]),
        ("Viens ici tout de suite -- dit le vieux roi", ["Viens ici tout de suite", "-- dit le vieux roi"]),
        ("un, deux, trois, quatre", ["un, deux, trois, quatre"]),
        ("Le roi (celui de Prusse) est mort", ["Le roi (celui de Prusse) est mort"]),
        ("", [""]),
        ("…", ["…"]),
    ],
)
def test_a_segment_is_cut_where_a_clause_ends(text: str, clauses: list[str]) -> None:
    assert clauses_of(text) == clauses


@given(st.text(st.sampled_from("ab ,;.!?«»“”\"'()—-\n"), max_size=60))
def test_clauses_hold_every_character_but_white_space_in_order(text: str) -> None:
    found = clauses_of(text)
    assert found
    assert re.sub(r"\s", "", "".join(found)) == re.sub(r"\s", "", text)


def test_only_wanted_segments_of_several_clauses_are_divided() -> None:
    texts = ["le roi est mort, la reine dort encore", "rien", "un chat gris, une souris verte ici"]
    pieces = pieces_of(texts, {0, 1})
    assert pieces == {0: ["le roi est mort,", "la reine dort encore"]}
    clauses = divided(embed(texts), pieces, embed(pieces[0]))
    assert clauses.start.tolist() == [0, 2, 3, 4]
    np.testing.assert_allclose(clauses.vectors[:2], embed(pieces[0]))
    np.testing.assert_allclose(clauses.vectors[2:], embed(texts[1:]))


WORDS = ["roi", "reine", "chat", "souris", "dort,", "mange.", "oui", "non!"]


@st.composite
def evidences(draw: st.DrawFn) -> Evidence:
    def side() -> Segments:
        texts = draw(st.lists(st.lists(st.sampled_from(WORDS), min_size=1, max_size=8).map(" ".join), min_size=1, max_size=5))
        return Segments.embedded([*texts, *([""] if draw(st.booleans()) else [])], embed)

    sides = side(), side()
    wanted = [draw(st.sets(st.sampled_from(range(len(each.texts))))) for each in sides]
    pieces = [pieces_of(each.texts, some) for each, some in zip(sides, wanted, strict=True)]
    return with_clauses(gather(*sides, embed), (pieces[0], pieces[1]), embed)


def of_segment(clauses: Clauses, k: int) -> NDArray[np.float32]:
    """The clauses of segment k; none past the ends."""
    return clauses.vectors[clauses.start[k] : clauses.start[k + 1]] if 0 <= k < len(clauses.start) - 1 else clauses.vectors[:0]


def best(vector: NDArray[np.float32], others: NDArray[np.float32]) -> float:
    return max(0.0, float((others @ vector).max(initial=0)))


def edge(one: NDArray[np.float32], other: NDArray[np.float32], places: tuple[int, int]) -> float:
    return float(one[places[0]] @ other[places[1]]) if len(one) and len(other) else 0.0


def expected(evidence: Evidence, i: int, j: int, a: int, b: int) -> dict[str, float]:
    """What the clause features of the a-b bead at (i, j) are, written down as they are described."""
    source, target = evidence.clauses
    out = dict.fromkeys(CLAUSE_NAMES, 0.0)
    if not (a and b):
        k, before, other, name = (i, j - 1, target, "source") if a else (j, i - 1, source, "target")
        own = evidence.vectors[0 if a else 1]
        neighbours = [of_segment(other, before), of_segment(other, before + 1)]
        out[f"{name}_null_in_neighbour"] = best(own[k], np.concatenate(neighbours))
        out[f"{name}_null_beside_edge"] = best(own[k], np.concatenate([neighbours[0][-1:], neighbours[1][:1]]))
        return out
    spans = [
        np.concatenate([of_segment(side, k) for k in range(first, first + count)])
        for side, first, count in ((source, i, a), (target, j, b))
    ]
    beyond = {
        "after": (of_segment(source, i + a), of_segment(target, j + b)),
        "before": (of_segment(source, i - 1), of_segment(target, j - 1)),
    }
    strays = {}
    for where, place in (("after", -1), ("before", 0)):
        strays[where] = [best(spans[k][place], beyond[where][1 - k]) - best(spans[k][place], spans[1 - k]) for k in (0, 1)]
        out[f"strays_{where}"] = sum(max(0.0, stray) for stray in strays[where])
        out[f"balance_{where}"] = sum(strays[where])
    out["worst_stray"] = max(*strays["after"], *strays["before"])
    out["openings_agree"], out["endings_agree"] = edge(*spans, (0, 0)), edge(*spans, (-1, -1))
    rivals = [edge(spans[0], beyond["before"][1], (0, -1)), edge(spans[1], beyond["before"][0], (0, -1))]
    out["openings_lead"] = out["openings_agree"] - max(0.0, *rivals)
    rivals = [edge(spans[0], beyond["after"][1], (-1, 0)), edge(spans[1], beyond["after"][0], (-1, 0))]
    out["endings_lead"] = out["endings_agree"] - max(0.0, *rivals)
    members = [best(evidence.vectors[0][k], spans[1]) for k in range(i, i + a) if a > 1]
    members += [best(evidence.vectors[1][k], spans[0]) for k in range(j, j + b) if b > 1]
    out["weakest_by_clause"] = min([1.0, *members]) if members else 0.0
    return out


@given(evidences())
@settings(max_examples=60)
def test_what_clauses_tell_of_a_bead_is_what_is_described(evidence: Evidence) -> None:
    for bead, row in rows_of(evidence).items():
        wanted = expected(evidence, *bead)
        np.testing.assert_allclose([row[name] for name in CLAUSE_NAMES], list(wanted.values()), atol=1e-5, err_msg=str(bead))


def test_a_draft_knows_no_clauses() -> None:
    sides = [Segments.embedded(["le roi, la reine et le chat dorment"], embed) for _ in range(2)]
    rows = gather(*sides, embed).feature_rows()
    assert not rows[:, [NAMES.index(name) for name in CLAUSE_NAMES]].any()
