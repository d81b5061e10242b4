"""Each feature by its name, on beads small enough to see what it should be."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import log, sqrt
from pathlib import Path

import numpy as np
import pytest
from hashed import DIMENSION, embed
from named_rows import Bead, rows_of

from aligner.alignment.clauses import CLAUSE_NAMES
from aligner.alignment.evidence import NEIGHBOURS, Evidence, Segments, gather, with_first_pass
from aligner.alignment.features import NAMES
from aligner.alignment.moves import MOVE_NUMBER, MOVES
from aligner.alignment.outskirts import OUTSKIRTS_NAMES
from aligner.alignment.similarities import ABSENT

LINKED = {name for name in NAMES if "null" not in name}
PLACES = {"null_at_start", "null_at_end"}


def evidence_of(source: Sequence[str], target: Sequence[str]) -> Evidence:
    return gather(Segments.embedded(source, embed), Segments.embedded(target, embed), embed)


def whole(source: Sequence[str], target: Sequence[str]) -> dict[str, float]:
    """The features of the one bead that links all there is."""
    return rows_of(evidence_of(source, target))[0, 0, len(source), len(target)]


@pytest.mark.parametrize(
    ("name", "source", "target", "value"),
    [
        ("size", ["Un.", "Deux."], ["One."], 1.5),
        ("is_1_1", ["Un."], ["One."], 1),
        ("is_1_1", ["Un.", "Deux."], ["One."], 0),
        ("is_1_2", ["Un.", "Deux."], ["One."], 1),
        ("is_1_2", ["Un."], ["One.", "Two."], 1),
        ("is_1_2", ["Un.", "Deux."], ["One.", "Two."], 0),
        ("is_many_many", ["Un.", "Deux."], ["One.", "Two."], 1),
        ("is_many_many", ["Un.", "Deux."], ["One."], 0),
        ("size_over_3", ["Un.", "Deux."], ["One."], 0),
        ("size_over_3", ["Un.", "Deux."], ["One.", "Two.", "Three."], 2),
        ("unfinished", ["Le roi"], ["The king"], 2),
        ("unfinished", ["Un.", "Le roi"], ["The king."], 1),
        ("unfinished", ["Le roi, « oui. »"], ["The king…"], 0),
        ("finish_agrees", ["Le roi"], ["The king"], 1),
        ("finish_agrees", ["Le roi"], ["The king."], 0),
        ("starts_lower", ["et le roi."], ["and the king."], 2),
        ("starts_lower", ["Et le roi."], ["« and the king."], 1),
        ("starts_lower_differ", ["et le roi."], ["and the king."], 0),
        ("starts_lower_differ", ["et le roi."], ["And the king."], 1),
        ("starts_number_differ", ["1) Le roi."], ["The king."], 1),
        ("starts_number_differ", ["1) Le roi."], ["iv. The king."], 0),
        ("questions_differ", ["Oui ? Non ?", "Si ?"], ["Yes? No."], 2),
        ("questions_differ", ["Qui ???? Moi ???"], ["Who."], 3),
        ("exclamations_differ", ["Oui !"], ["Yes! No!"], 1),
        ("end_question_differs", ["Qui ? Moi."], ["Who?"], 1),
        ("end_question_differs", ["Qui ?"], ["Who?"], 0),
        ("end_colon_differs", ["Il dit :"], ["He says."], 1),
        ("end_colon_differs", ["Il dit :"], ["He says:"], 0),
        ("end_comma_differs", ["Il dit,"], ["He says."], 1),
        ("inner_starts_lower", ["et il dit", "que oui."], ["and he says", "that yes."], 2),
        ("inner_headings", ["Chapitre un", "Le roi dort."], ["Chapter one", "The king sleeps."], 2),
        ("inner_headings", ["Le roi", "dort."], ["The king sleeps.", "He snores"], 0),
        ("short_member", ["Oui.", "Le roi est mort."], ["Yes, the king is dead."], 1 / sqrt(5)),
        ("short_member", ["Oui."], ["Yes."], 0),
    ],
)  # fmt: skip
def test_a_feature_of_the_surface_is_under_its_name(name: str, source: list[str], target: list[str], value: float) -> None:
    assert whole(source, target)[name] == pytest.approx(value, abs=1e-5)


def test_no_feature_is_without_a_test() -> None:
    here = Path(__file__).read_text(encoding="utf-8")
    elsewhere = {*CLAUSE_NAMES, *OUTSKIRTS_NAMES}  # test_clauses.py and test_outskirts.py have those
    assert [name for name in NAMES if f'"{name}"' not in here and name not in elsewhere] == []


def test_nulls_at_the_ends_are_told_from_those_inside() -> None:
    found = rows_of(evidence_of(["un mot", "deux mots"], ["un mot", "deux mots"]))
    for (i, j, a, b), row in found.items():
        if not (a and b):
            assert row["null_at_start"] == ((j if a else i) == 0)
            assert row["null_at_end"] == ((j if a else i) == 2)


def test_rates_of_a_draft_tell_nulls_and_merged_beads() -> None:
    """Of four segments a side the draft takes one source segment for a null, and one bead for a 2-1: more than is typical."""
    texts = ["un mot", "deux mots", "trois mots", "quatre mots"]
    evidence = evidence_of(texts, texts)
    posterior = np.zeros(evidence.allowed.shape, np.float32)
    for i, j, a, b in ((0, 0, 1, 0), (1, 0, 2, 1), (3, 1, 1, 1)):
        posterior[MOVE_NUMBER[a, b], evidence.band.start[i] + j - evidence.band.low[i]] = 1
    rated = with_first_pass(evidence, posterior)
    some, typical = 6, 0.03

    def log_odds(share: float) -> float:
        return log(share / (1 - share))

    source = log_odds((1 + some * typical) / (4 + some)) - log_odds(typical)
    target = log_odds(some * typical / (4 + some)) - log_odds(typical)
    merged = log_odds((1 + some * 0.1) / (2 + some)) - log_odds(0.1)
    assert source > 0 > target and merged > 0
    for (_, _, a, b), row in rows_of(rated).items():
        wanted = (0.0, 0.0, merged if a + b > 2 else 0.0) if a and b else (source, target, 0.0) if a else (target, source, 0.0)
        assert (row["null_rate"], row["null_rate_opposite"], row["merged_rate"]) == pytest.approx(wanted, abs=1e-5)


def test_lengths_are_compared_in_characters_of_the_target() -> None:
    source, target = ["Le roi est mort.", "Vive le roi !"], ["The king is dead, long live the king!"]
    ratio, found = float(evidence_of(source, target).pair.ratio), whole(source, target)
    expected, length = ratio * sum(map(len, source)), len(target[0])
    assert found["length_mismatch"] == pytest.approx(abs(expected - length) / sqrt(expected + length + 1), rel=1e-4)
    assert found["shortness"] == pytest.approx(1 / sqrt(min(expected, length) + 1), rel=1e-4)


SOURCE = ["le roi dort bien", "une reine chante ici", "le chat gris", "12 maisons blanches", "rien du tout"]
TARGET = ["roi dort", "bien une reine", "chante ici le", "chat gris 12", "maisons blanches tout rien"]


@pytest.fixture(scope="module")
def evidence() -> Evidence:
    return evidence_of(SOURCE, TARGET)


@pytest.fixture(scope="module")
def linked(evidence: Evidence) -> dict[Bead, dict[str, float]]:
    return {bead: row for bead, row in rows_of(evidence).items() if bead[2] and bead[3]}


def looked_up(table: np.ndarray, evidence: Evidence, beads: Sequence[Bead]) -> dict[Bead, float]:
    band = evidence.band
    return {(i, j, a, b): float(table[MOVE_NUMBER[a, b], band.start[i] + j - band.low[i]]) for i, j, a, b in beads}


def all_links(evidence: Evidence) -> list[Bead]:
    """Every link that lies in the band, weighed or not."""
    moves, nodes = np.nonzero(evidence.cosines != ABSENT)
    i = np.searchsorted(evidence.band.start, nodes, side="right") - 1
    j = nodes - evidence.band.start[i] + evidence.band.low[i]
    return [(i, j, a, b) for i, j, a, b in np.column_stack([i, j, MOVES[moves]]).tolist()]


def longer(bead: Bead, beads: Sequence[Bead]) -> list[Bead]:
    """The beads that have one segment more, before or after, on one side."""
    return [other for other in beads if bead in shorter(other, [bead])]


def shorter(bead: Bead, beads: Sequence[Bead]) -> list[Bead]:
    """The beads that have one segment less, the first or the last of one side."""
    i, j, a, b = bead
    return [other for other in beads if other in {(i, j, a - 1, b), (i + 1, j, a - 1, b), (i, j, a, b - 1), (i, j + 1, a, b - 1)}]


def check(linked: dict[Bead, dict[str, float]], name: str, expected: Callable[[Bead], float]) -> None:
    wanted = {bead: expected(bead) for bead in linked}
    assert any(wanted.values())
    for bead, row in linked.items():
        assert row[name] == pytest.approx(wanted[bead], abs=1e-4), (name, bead)


def test_similarities_count_by_the_size_of_the_bead(evidence: Evidence, linked: dict[Bead, dict[str, float]]) -> None:
    cosine = looked_up(evidence.cosines, evidence, list(linked))
    covered = [looked_up(evidence.coverage[side], evidence, list(linked)) for side in (0, 1)]

    def size(bead: Bead) -> float:
        return (bead[2] + bead[3]) / 2

    check(linked, "size*cosine", lambda bead: size(bead) * cosine[bead])
    check(linked, "size*coverage", lambda bead: size(bead) * (covered[0][bead] + covered[1][bead]) / 2)
    check(linked, "size*least_coverage", lambda bead: size(bead) * min(covered[0][bead], covered[1][bead]))
    check(linked, "size*typical_cosine", lambda bead: size(bead) * float(evidence.pair.typical_cosine))
    check(linked, "size*typical_coverage", lambda bead: size(bead) * float(evidence.pair.typical_coverage))
    check(linked, "size*anchored", lambda bead: size(bead) * float(evidence.pair.anchored))


def test_a_margin_is_the_cosine_less_that_of_both_sides_nearest(evidence: Evidence, linked: dict[Bead, dict[str, float]]) -> None:
    cosine = looked_up(evidence.cosines, evidence, list(linked))
    hubness = []
    for texts, others in ((SOURCE, TARGET), (TARGET, SOURCE)):
        table = np.sort(embed(texts) @ embed(others).T, axis=1)
        hubness.append(table[:, -NEIGHBOURS:].mean(axis=1))
    for (i, j, a, b), row in linked.items():
        if a == b == 1:
            assert row["size*margin"] == pytest.approx(cosine[i, j, 1, 1] - (hubness[0][i] + hubness[1][j]) / 2, abs=1e-4)


def test_a_bead_is_set_against_the_longer_and_the_shorter_ones(evidence: Evidence, linked: dict[Bead, dict[str, float]]) -> None:
    beads = all_links(evidence)
    cosine = looked_up(evidence.cosines, evidence, beads)
    covered = [looked_up(evidence.coverage[side], evidence, beads) for side in (0, 1)]

    def contrast(bead: Bead, rivals: list[Bead]) -> float:
        return cosine[bead] - max(cosine[rival] for rival in rivals) if rivals else 0.0

    def gain(bead: Bead) -> float:
        """What either side finds more of itself when the other side is one segment longer."""
        rivals = longer(bead, beads)
        more_target = [covered[0][rival] - covered[0][bead] for rival in rivals if rival[3] > bead[3]]
        more_source = [covered[1][rival] - covered[1][bead] for rival in rivals if rival[2] > bead[2]]
        return max([0.0, *more_target, *more_source])

    def loss(bead: Bead) -> float:
        """What either side at least finds less of itself when the other side is one segment shorter."""
        rivals = shorter(bead, beads)
        less_target = [covered[0][bead] - covered[0][rival] for rival in rivals if rival[3] < bead[3]]
        less_source = [covered[1][bead] - covered[1][rival] for rival in rivals if rival[2] < bead[2]]
        return min([1.0, *less_target, *less_source]) if rivals else 0.0

    def weakest(bead: Bead, side: int) -> float:
        """The least covered segment of a side that has several, from a half."""
        i, j, a, b = bead
        members = [(k, j, 1, b) for k in range(i, i + a)] if side == 0 else [(i, k, a, 1) for k in range(j, j + b)]
        return min(covered[side][member] for member in members) - 0.5 if len(members) > 1 else 0.0

    check(linked, "longer_by_cosine", lambda bead: contrast(bead, longer(bead, beads)))
    check(linked, "shorter_by_cosine", lambda bead: contrast(bead, shorter(bead, beads)))
    check(linked, "longer_by_coverage", gain)
    check(linked, "shorter_by_coverage", loss)
    check(linked, "weakest_source", lambda bead: weakest(bead, 0))
    check(linked, "weakest_target", lambda bead: weakest(bead, 1))


def test_what_speaks_for_a_null_is_how_short_the_segment_is_and_how_little_elsewhere_resembles_it(evidence: Evidence) -> None:
    similar = embed(SOURCE) @ embed(TARGET).T
    nearest = [np.sort(similar, axis=1)[:, -NEIGHBOURS:].mean(axis=1), np.sort(similar, axis=0)[-NEIGHBOURS:].mean(axis=0)]
    margins = similar - (nearest[0][:, None] + nearest[1][None, :]) / 2
    among_nearest = similar >= np.sort(similar, axis=1)[:, -NEIGHBOURS][:, None], similar >= np.sort(similar, axis=0)[-NEIGHBOURS]
    for (i, j, a, b), row in rows_of(evidence).items():
        if a and b:
            assert not any(row[name] for name in NAMES if name not in LINKED)
            continue
        side, k = (0, i) if a else (1, j)
        best = np.where(among_nearest[side], margins, -1).max(axis=1 - side)[k]
        assert (row["is_source_null"], row["is_target_null"]) == (a, b)
        assert row["null_margin"] == pytest.approx(max(best, 0), abs=1e-4)
        assert row["null_coverage"] == pytest.approx(float(evidence.best_coverage[side][k]))
        assert row["null_shortness"] == pytest.approx(1 / sqrt(len((SOURCE, TARGET)[side][k]) + 1))
        assert not any(row[name] for name in LINKED)


def test_nothing_but_its_side_is_said_of_a_blank_null() -> None:
    row = rows_of(evidence_of(["", "Un."], ["One."]))[0, 0, 1, 0]
    assert {name for name, value in row.items() if value} == {"is_source_null", "null_at_start"}


def test_a_pair_is_known_by_its_anchors() -> None:
    """Twenty identical segments, twice as long in the target for its spaces: literal, complete, and of that ratio."""
    texts = [f"mot{k} autre{k} tiers{k}" for k in range(20)]
    doubled = [text.replace(" ", " " * (1 + len(text) // 2)) for text in texts]
    same, few = evidence_of(texts, texts).pair, evidence_of(texts[:1], texts[:1]).pair
    longer_target = evidence_of(texts, doubled).pair
    assert same.ratio == 1 and longer_target.ratio > 1.4
    assert same.typical_cosine > few.typical_cosine and same.typical_coverage > few.typical_coverage
    assert same.anchored > few.anchored > evidence_of(texts, [f"rien{k}" for k in range(20)]).pair.anchored
    assert embed(texts).shape == (20, DIMENSION)
