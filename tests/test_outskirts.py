"""What stands before the first firm link and after the last one."""

from __future__ import annotations

from math import exp, log
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hashed import embed
from named_rows import rows_of

from aligner.alignment.evidence import Evidence, Segments, gather, with_first_pass
from aligner.alignment.moves import MOVE_NUMBER
from aligner.alignment.outskirts import OUTSKIRTS_NAMES
from aligner.pipeline import Aligner

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

SAME = [f"mot{k} autre{k} encore{k}" for k in range(4)]
SOURCE, TARGET = ["plan du site", "imprimer", *SAME, "suite"], ["log in", *SAME]
FIRM = {(k + 2, k + 1) for k in range(4)}
"""Where the firm links start: two source segments and a target segment stand before them, one source segment after."""


@pytest.fixture(scope="module")
def evidence() -> Evidence:
    return gather(Segments.embedded(SOURCE, embed), Segments.embedded(TARGET, embed), embed)


@pytest.fixture(scope="module")
def passed(evidence: Evidence) -> Evidence:
    """After a first pass that is sure of the firm links and links the first segments too, though they are unlike."""
    posterior = np.zeros(evidence.allowed.shape, np.float32)
    for i, j in [*FIRM, (0, 0)]:
        posterior[MOVE_NUMBER[1, 1], evidence.band.start[i] + j - evidence.band.low[i]] = 1
    return with_first_pass(evidence, posterior)


def test_nothing_is_known_of_outskirts_before_a_first_pass(evidence: Evidence) -> None:
    assert not any(row[name] for row in rows_of(evidence).values() for name in OUTSKIRTS_NAMES)


def test_a_bead_is_as_surely_in_the_outskirts_as_no_firm_link_stands_beyond_it_or_is_itself_one(passed: Evidence) -> None:
    found = rows_of(passed)
    for (i, j, a, b), row in found.items():
        before = sum(k < i + a for k, _ in FIRM) + sum(k < j + b for _, k in FIRM)
        after = sum(k >= i for k, _ in FIRM) + sum(k >= j for _, k in FIRM)
        surely = exp(-min(before, after))
        assert row["outer_link" if a and b else "outer_null"] == pytest.approx(surely, abs=1e-5)
        assert row["outer_null" if a and b else "outer_link"] == 0
    assert found[0, 0, 1, 1]["outer_link"] == 1
    assert found[3, 2, 1, 1]["outer_link"] < 0.02
    assert found[6, 5, 1, 0]["outer_null"] == 1


def test_outskirts_are_as_extended_and_as_uneven_as_the_segments_there_on_either_side(passed: Evidence) -> None:
    found = rows_of(passed)
    head, tail = {"unevenness": 1 / 4, "extent": log(1 + 3)}, {"unevenness": 1 / 2, "extent": log(1 + 1)}
    for name in ("unevenness", "extent"):
        assert found[0, 0, 1, 1][f"outer_{name}"] == pytest.approx(head[name])
        assert found[0, 0, 1, 0][f"outer_null_{name}"] == pytest.approx(head[name])
        assert found[0, 0, 0, 1][f"outer_null_{name}"] == pytest.approx(head[name])
        assert found[6, 5, 1, 0][f"outer_null_{name}"] == pytest.approx(tail[name])


def test_what_links_there_have_in_common_counts_apart(passed: Evidence) -> None:
    found = rows_of(passed)
    for (i, j, a, b), row in found.items():
        if a and b:
            node = passed.band.start[i] + j - passed.band.low[i]
            surely, size = row["outer_link"], (a + b) / 2
            assert row["outer_cosine"] == pytest.approx(surely * passed.cosines[MOVE_NUMBER[a, b], node], abs=1e-5)
            assert row["outer_coverage"] == pytest.approx(surely * row["size*coverage"] / size, abs=1e-5)
            assert row["outer_shortness"] == pytest.approx(surely * row["shortness"], abs=1e-5)


def test_where_nothing_is_firm_all_is_outskirts(evidence: Evidence) -> None:
    found = rows_of(with_first_pass(evidence, np.zeros(evidence.allowed.shape, np.float32)))
    for (_, _, a, b), row in found.items():
        name = "outer" if a and b else "outer_null"
        assert row["outer_link"] + row["outer_null"] == 1
        assert row[f"{name}_extent"] == pytest.approx(log(1 + len(SOURCE) + len(TARGET)))


TEXT = [
    ("Le port de Grèvemer ouvre à six heures du matin.", "The port of Grèvemer opens at six in the morning."),
    ("Les pêcheurs y vendent leur prise sur le quai.", "The fishermen sell their catch there on the quay."),
    ("En hiver, la criée commence plus tard.", "In winter the auction starts later."),
    ("Une grue neuve décharge les conteneurs.", "A new crane unloads the containers."),
    ("Elle peut soulever quarante tonnes.", "It can lift forty tonnes."),
    ("Le phare a été repeint l’été dernier.", "The lighthouse was repainted last summer."),
]
TITLE = ("Le port et ses bateaux", "The port and its boats")
HEAD = (["Météo marine", "Nous écrire"], ["Log in", "Our partners", "Most read this week"])
TAIL = (["Imprimer", "Haut de page"], ["All rights reserved"])


def test_lines_around_a_text_are_left_alone_and_its_title_is_linked(encoder: SentenceTransformer) -> None:
    pairs = [TITLE, *TEXT]
    source, target = ([*HEAD[k], *(pair[k] for pair in pairs), *TAIL[k]] for k in (0, 1))
    beads = Aligner(encoder, threads=1).align(source, target).beads
    links = [(bead.source, bead.target) for bead in beads if not bead.is_null]
    assert links == [((2 + k,), (3 + k,)) for k in range(len(pairs))]
