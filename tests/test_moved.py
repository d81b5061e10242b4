"""Passages that stand elsewhere on the other side, with the real encoder."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from aligner.pipeline import Aligner

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

PAIRS = [
    ("Le port de Grèvemer ouvre à six heures du matin.", "The port of Grèvemer opens at six in the morning."),
    ("Les pêcheurs y vendent leur prise sur le quai.", "The fishermen sell their catch there on the quay."),
    ("En hiver, la criée commence plus tard.", "In winter the auction starts later."),
    ("Une grue neuve décharge les conteneurs.", "A new crane unloads the containers."),
    ("Elle peut soulever quarante tonnes.", "It can lift forty tonnes."),
    ("Son moteur est électrique et presque silencieux.", "Its motor is electric and almost silent."),
    ("Le phare a été repeint l’été dernier.", "The lighthouse was repainted last summer."),
    ("Ses bandes rouges se voient de très loin.", "Its red stripes can be seen from far away."),
    ("Un gardien y habitait encore en 1968.", "A keeper still lived there in 1968."),
    ("La plage est surveillée de juin à septembre.", "The beach is guarded from June to September."),
    ("Les chiens n’y sont pas admis en été.", "Dogs are not allowed there in summer."),
    ("Un petit train relie la gare au casino.", "A little train connects the station with the casino."),
    ("Le billet coûte trois euros.", "The ticket costs three euros."),
    ("La bibliothèque prête aussi des instruments de musique.", "The library lends musical instruments too."),
]


@pytest.fixture(scope="module")
def aligner(encoder: SentenceTransformer) -> Aligner:
    return Aligner(encoder, threads=1)


def links(aligner: Aligner, source: list[str], target: list[str]) -> set[tuple[str, str]]:
    beads = aligner.align(source, target).beads
    assert sorted(i for bead in beads for i in bead.source) == list(range(len(source)))
    assert sorted(j for bead in beads for j in bead.target) == list(range(len(target)))
    return {(source[i], target[j]) for bead in beads if bead.probability >= 0.5 for i in bead.source for j in bead.target}


@pytest.mark.parametrize(("first", "count", "to"), [(3, 3, 11), (6, 4, 0), (9, 1, 2)])
def test_a_moved_passage_is_linked_with_its_counterpart(aligner: Aligner, first: int, count: int, to: int) -> None:
    source, target = ([pair[k] for pair in PAIRS] for k in (0, 1))
    moved = target[first : first + count]
    rest = target[:first] + target[first + count :]
    found = links(aligner, source, rest[:to] + moved + rest[to:])
    assert found <= set(PAIRS)
    assert len(found) >= len(PAIRS) - 1


def test_what_one_side_lacks_is_not_linked_with_what_the_other_lacks(aligner: Aligner) -> None:
    source = [pair[0] for k, pair in enumerate(PAIRS) if k not in (4, 5)]
    target = [pair[1] for k, pair in enumerate(PAIRS) if k not in (9, 10)]
    assert links(aligner, source, target) <= set(PAIRS)
