"""Whether two texts correspond, judged where they stand: between what comes before and after them in both documents.

A lattice over the neighbourhood says whether either text goes better with a neighbour, or leaves something to one. It takes for granted
that the documents correspond, so it cannot see that half of a text is missing where no neighbour holds that half either; its
probability is therefore multiplied by that of being a translation by itself.
"""

from __future__ import annotations

from aligner.alignment.documents import posterior_of, second_look
from aligner.alignment.evidence import Segments, gather, with_first_pass
from aligner.alignment.judging import judged_alone
from aligner.alignment.moves import MOVE_NUMBER
from aligner.alignment.weights import Weights
from aligner.types import Bead, Embed

ELSEWHERE_SURE = 100
"""Right links that are assumed beside the one judged: what people correct stands in documents of which most links are right."""


def judged_in_place(place: tuple[int, int], sides: tuple[Segments, Segments], embed: Embed, weights: Weights) -> Bead:
    """The link of the source and the target text at `place`, with its cosine and probability.

    sides: both neighbourhoods, one text for what is linked there, whatever it was made of; some ten texts, for time grows with
    the product of both lengths.
    """
    link = Bead((place[0],), (place[1],), posterior_in_place(place, sides, embed, weights))
    return judged_alone([link], sides, embed, weights.pairs, sure=ELSEWHERE_SURE)[0]


def posterior_in_place(place: tuple[int, int], sides: tuple[Segments, Segments], embed: Embed, weights: Weights) -> float:
    """0..1: the probability of that link in the lattice."""
    evidence = second_look(gather(*sides, embed), sides, embed, weights.draft)
    evidence = with_first_pass(evidence, posterior_of(evidence, weights.final))
    (i, j), band = place, evidence.band
    if not band.low[i] <= j <= band.high[i]:
        return 0.0
    return min(1.0, float(posterior_of(evidence, weights.final)[MOVE_NUMBER[1, 1], band.start[i] + j - band.low[i]]))
