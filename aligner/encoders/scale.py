"""Vectors of any encoder on the scale of the default one's, so that a cosine means there what it means here.

The model has constants that speak of cosines (what is an anchor, which words correspond, what is a weak link), and weights
that were learnt from those of one encoder. Many encoders give all texts a direction in common (multilingual-e5: cosines from .7 to 1)
and the texts of a language one of their own. Both are taken out, as what two documents show of them (taking out what is common:
Mu & Viswanath 2018, https://arxiv.org/abs/1702.01417); what the default encoder's unrelated texts have in common is put in.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from aligner.encoders.registry import DEFAULT_ENCODER
from aligner.types import Embed

ORDINARY = (
    ("Il pleut depuis ce matin.", "It has been raining since this morning."),
    ("La réunion commence à neuf heures.", "The meeting starts at nine o'clock."),
    ("Qui a fermé la porte ?", "Who closed the door?"),
    ("Le prix du pain a encore augmenté.", "The price of bread has gone up again."),
    ("Elle travaille dans une petite usine.", "She works in a small factory."),
    ("Nous avons visité le musée hier.", "We visited the museum yesterday."),
    ("Le train était en retard.", "The train was late."),
    ("Ce rapport compte dix pages.", "This report is ten pages long."),
    ("Les enfants jouent dans le jardin.", "The children are playing in the garden."),
    ("La loi entre en vigueur en janvier.", "The act comes into force in January."),
    ("Merci de votre réponse.", "Thank you for your answer."),
    ("Son frère habite au bord de la mer.", "Her brother lives by the sea."),
    ("Il a acheté une nouvelle paire de chaussures.", "He bought a new pair of shoes."),
    ("Les résultats seront bientôt publiés.", "The results will be published soon."),
    ("Où as-tu laissé les clés ?", "Where did you leave the keys?"),
    ("Le fleuve a gelé l'hiver dernier.", "The river froze last winter."),
    ("Elle parle trois langues.", "She speaks three languages."),
    ("Appuyez sur le bouton vert pour démarrer.", "Press the green button to start."),
    ("Le comité a rejeté le projet.", "The committee rejected the plan."),
    ("Le dîner est presque prêt.", "Dinner is almost ready."),
    ("Il n'y avait personne sur la plage.", "There was nobody on the beach."),
    ("Veuillez signer le formulaire ci-dessous.", "Please sign the form below."),
    ("Le patient s'est vite rétabli.", "The patient recovered quickly."),
    ("Cette route mène au village.", "This road leads to the village."),
)
"""Sentences on all sorts of things with their translations: what the sides have in common is the encoder's, not a subject's."""


COMMON = 0.2
"""Cosine of texts that have nothing in common, afterwards: a little more than the default encoder's mean of .08 to .14, for its
translations stand higher too (figures: docs/decisions/013-other-encoders.md)."""


@dataclass(frozen=True, slots=True, eq=False)
class Scale:
    """What an encoder's vectors lose to be like the default encoder's."""

    centre: NDArray[np.float32]
    """(dim,): the mean vector of all texts"""
    language: NDArray[np.float32]
    """(dim,): the direction from the source's to the target's mean, of unit length; zeros where there is none"""

    @classmethod
    def of(cls, embed: Embed, source: Sequence[str], target: Sequence[str]) -> Scale:
        """The scale of two documents' texts for the encoder that `embed` embeds with; ORDINARY stand beside them, for they may be few."""
        sides = [[text for text in texts if text.strip()] for texts in (source, target)]
        vectors = [embed([*texts, *ordinary]) for texts, ordinary in zip(sides, zip(*ORDINARY, strict=True), strict=True)]
        away = vectors[1].mean(axis=0) - vectors[0].mean(axis=0)
        return cls(np.concatenate(vectors).mean(axis=0), away / max(float(np.linalg.norm(away)), 1e-6))

    def __call__(self, vectors: NDArray[np.float32]) -> NDArray[np.float32]:
        """float32 (n, dim + 1) of unit length, from vectors (n, dim) of unit length."""
        rest = vectors - self.centre
        rest -= (rest @ self.language)[:, None] * self.language
        rest *= np.sqrt(1 - COMMON) / np.maximum(np.linalg.norm(rest, axis=1, keepdims=True), 1e-6)
        return np.concatenate([rest, np.full((len(rest), 1), np.sqrt(COMMON))], axis=1).astype(np.float32)


def comparable(name: str, embed: Embed, source: Sequence[str] = (), target: Sequence[str] = ()) -> Embed:
    """`embed`, of the encoder of that name, with vectors on the default encoder's scale, as the texts of two documents show it."""
    if name == DEFAULT_ENCODER:
        return embed
    scale = Scale.of(embed, source, target)
    return lambda texts: scale(embed(texts))
