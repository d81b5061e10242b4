"""Weak links: one of a free translation stands, and one of a sentence that replaces another is doubted."""

from __future__ import annotations

import pytest
from sentence_transformers import SentenceTransformer

from aligner.alignment.weak_training import train_weak
from aligner.alignment.weights import load_weights
from aligner.embedding import Embedder
from aligner.pipeline import Aligner

TEXT = [
    (
        "Le moulin de Brévent a été construit en 1802 par un meunier venu de la plaine.",
        "The Brévent mill was built in 1802 by a miller from the plain.",
    ),
    ("Il a moulu le blé de toute la vallée pendant plus d’un siècle.", "It ground the wheat of the whole valley for more than a century."),
    ("Sa roue mesurait six mètres de diamètre.", "Its wheel was six metres across."),
    ("La guerre l’a arrêté, et personne ne l’a remis en marche ensuite.", "War stopped it, and nobody set it going again afterwards."),
    ("Le toit s’est effondré pendant l’hiver de 1956.", "The roof fell in during the winter of 1956."),
    (
        "Une association l’a racheté il y a dix ans pour une couronne symbolique.",
        "An association bought it ten years ago for a symbolic crown.",
    ),
    ("Ses membres y travaillent chaque samedi, sauf quand il gèle.", "Its members work there every Saturday, except when it freezes."),
    ("On peut déjà visiter la salle des meules.", "The room of the millstones can already be visited."),
    ("La farine, elle, attendra encore un peu.", "The flour will have to wait a little longer."),
]
OTHER = ("Les inscriptions au tournoi d’échecs se font à la bibliothèque.", "Trains to the coast leave from platform nine on Sundays.")


@pytest.mark.parametrize("side", [0, 1])
@pytest.mark.parametrize("number", [2, 4, 6])
def test_a_sentence_in_the_place_of_another_is_not_linked_with_it_for_sure(encoder: SentenceTransformer, number: int, side: int) -> None:
    texts = [[pair[k] for pair in TEXT] for k in (0, 1)]
    texts[side][number] = OTHER[side]
    beads = Aligner(encoder, threads=1).align(*texts).beads
    touched = [bead for bead in beads if number in (bead.source, bead.target)[side] and not bead.is_null]
    assert all(bead.probability < 0.98 for bead in touched)
    others = [bead for bead in beads if number not in bead.source + bead.target]
    assert [bead.source for bead in others] == [bead.target for bead in others] == [(k,) for k in range(len(TEXT)) if k != number]
    assert all(bead.probability > 0.9 for bead in others)


def test_gold_without_weak_links_teaches_to_leave_them_as_they_are(encoder: SentenceTransformer) -> None:
    assert train_weak([], Embedder(encoder).embed, load_weights()).tolist() == [0, 1, 0, 0, 0, 0, 0]


def test_a_heading_that_shares_nothing_with_its_translation_is_linked(encoder: SentenceTransformer) -> None:
    texts = [[pair[k] for pair in TEXT] for k in (0, 1)]
    texts[0].insert(4, "Plafonnement")
    texts[1].insert(4, "Limit")
    beads = Aligner(encoder, threads=1).align(*texts).beads
    (heading,) = [bead for bead in beads if bead.source == (4,)]
    assert heading.target == (4,)
    assert heading.probability > 0.5
