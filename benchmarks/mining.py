"""Pairs mined from pools of gold sentence pairs, how well their probabilities are calibrated, and documents paired among folders.

    ALIGNER_GOLD=FOLDER OMP_NUM_THREADS=1 python benchmarks/mining.py [pools] [documents]

Pools are drawn with a fixed seed from sentence pairs that the shipped weights never saw: some keep both sides, of the others one is hidden.
Documents are those of five gold sets together, of which the weights have learnt; a third of each side's have no partner.
"""

from __future__ import annotations

import os
import random
import sys
from collections.abc import Iterable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sentence_pairs import sentence_pairs

from aligner import Document, pair_documents
from aligner.encoders import load_encoder
from aligner.formats.gold import read_gold_folder
from aligner.formats.links import read_gold_links
from aligner.pipeline import Aligner
from aligner.scoring import expected_calibration_error, log_loss

GOLD = Path(os.environ["ALIGNER_GOLD"])
LIKELY = 0.5
POOLS = (
    ("news_2008_2012.tsv.gz", 2500, 500),
    ("python_docs.tsv.gz", 5000, 400),
    ("europarl_sample.tsv", 1600, 150),
    ("tatoeba_opus.tsv.gz", 5000, 400),
    ("ud_pud.tsv", 700, 150),
    ("multi30k_test.tsv", 1900, 200),
    ("python_docs.tsv.gz", 5000, 0),
    ("tatoeba_opus.tsv.gz", 5000, 0),
)
"""File of sentence pairs, lines a side, and how many of them have their partner in the pool."""
FOLDERS = ("bible_genesis", "laws", "theses_abstracts", "tico19", "debian_handbook")
MENU = (("Accueil", "Plan du site", "Tous droits réservés.", "Abonnez-vous."), ("Home", "Site map", "All rights reserved.", "Subscribe."))

Pairs = list[tuple[str, str]]


def read_pairs(path: Path) -> Pairs:
    """The sentence pairs of a table, without those of which a side has been there before."""
    seen: set[str] = set()
    pairs = []
    for pair in sentence_pairs(path):
        if seen.isdisjoint(pair):
            seen.update(pair)
            pairs.append(pair)
    return pairs


def pool(pairs: Pairs, lines: int, partnered: int) -> tuple[list[str], list[str]]:
    """Both sides of a pool: the first `partnered` lines correspond, of other pairs one side is there."""
    drawn = random.Random(2).sample(pairs, len(pairs))
    hidden = min(lines - partnered, (len(drawn) - partnered) // 2)
    both, first, second = drawn[:partnered], drawn[partnered:][:hidden], drawn[partnered + hidden :][:hidden]
    return [source for source, _ in both + first], [target for _, target in both + second]


def show(name: str, probability: NDArray[np.float64], right: NDArray[np.bool_], wanted: int) -> None:
    """Print F1 at LIKELY, calibration error over bins of equal mass and log-loss."""
    likely = probability >= LIKELY
    judgements = list(zip(probability.tolist(), right.tolist(), strict=True))
    error, loss = expected_calibration_error(judgements), log_loss(judgements)
    found = int((likely & right).sum())
    print(
        f"{name:34} {likely.sum():5} found, {found:5} right of {wanted:5}  F1 {2 * found / max(1, likely.sum() + wanted):.3f}  "
        f"calibration error {error:.3f}  log-loss {loss:.3f}",
        flush=True,
    )


def pools(aligner: Aligner) -> None:
    """A line for gold/mining and one for each of POOLS."""
    true = read_gold_links(GOLD / "mining" / "gold.tsv")
    frame = aligner.mine(GOLD / "mining" / "fr.txt", GOLD / "mining" / "en.txt")
    right = [link in true for link in zip(frame["source_line"], frame["target_line"], strict=True)]
    show("mining", frame["probability"].to_numpy(), np.array(right, bool), len(true))
    mined = set((GOLD / "mining" / "fr.txt").read_text().splitlines()) | set((GOLD / "mining" / "en.txt").read_text().splitlines())
    for name, lines, partnered in POOLS:
        pairs = [pair for pair in read_pairs(GOLD / name) if not set(pair) & mined]
        frame = aligner.mine(*pool(pairs, lines, partnered))
        known = set(pairs)
        right = [
            (source, target) in known or i == j < partnered
            for i, j, source, target in zip(frame["source_line"], frame["target_line"], frame["source"], frame["target"], strict=True)
        ]
        show(f"{name.split('.')[0]}, {partnered} in {lines}", frame["probability"].to_numpy(), np.array(right, bool), partnered)


def documents() -> None:
    """A line for each way to make the documents harder to pair."""
    encoder = load_encoder(threads=1)
    golds = [(f"{name}/{gold.name}", gold) for name in FOLDERS for gold in read_gold_folder(GOLD / name)]
    random.Random(0).shuffle(golds)
    quarter = len(golds) // 4
    for name, most, menu in (
        ("a third without partner", None, False),
        ("and a menu on every page", None, True),
        ("first three segments", 3, False),
    ):
        sides = [
            [
                Document.of_segments([*(MENU[k] if menu else ()), *(segment.text for segment in side.segments[:most])], title)
                for title, side in ((title, (gold.source, gold.target)[k]) for title, gold in chosen)
            ]
            for k, chosen in enumerate((golds[: 3 * quarter], golds[quarter:]))
        ]
        frame = pair_documents(*sides, encoder=encoder)
        wanted = {document.name for document in sides[0]} & {document.name for document in sides[1]}
        show(f"documents, {name}", frame["probability"].to_numpy(), (frame["source"] == frame["target"]).to_numpy(), len(wanted))


def main(wanted: Iterable[str]) -> None:
    """Print what is wanted."""
    if "pools" in wanted:
        pools(Aligner(threads=1))
    if "documents" in wanted:
        documents()


if __name__ == "__main__":
    main(sys.argv[1:] or ("pools", "documents"))
