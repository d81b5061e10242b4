"""Measure the rules of annotation: the tables of docs/annotations.md.

    PYTHONPATH=tests python benchmarks/annotations.py
    ALIGNER_GOLD=folder PYTHONPATH=tests python benchmarks/annotations.py

Precision and recall over the labelled pairs of tests/data/annotations; with gold, the share of good pairs of several genres that each rule
marks, which are nearly all false alarms, and the time that it takes. `--show KIND` prints the pairs of gold that a rule marks.
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from labelled import HELD_OUT, WRITTEN_FIRST, score
from sentence_pairs import sentence_pairs

from aligner.annotations import KINDS, RULES
from aligner.annotations.pair import Pair, Side
from aligner.formats.gold import read_gold_folder
from aligner.types import span_text

PARTS = (WRITTEN_FIRST, HELD_OUT)
_TABLES = ("ud_pud.tsv", "europarl_sample.tsv", "news_2008_2012.tsv.gz", "python_docs.tsv.gz", "tatoeba_opus.tsv.gz")
_FOLDERS = ("novels", "laws", "tico19", "theses_abstracts", "debian_handbook")


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--show", metavar="KIND", choices=KINDS)
    shown = parser.parse_args().show
    gold = os.environ.get("ALIGNER_GOLD")
    if shown is None:
        print("| kind | cases wrong + right | " + " | ".join(f"{part}: precision, recall" for part in PARTS) + " |")
        for kind in KINDS:
            scores = [score(kind, part) for part in PARTS]
            sizes = f"{sum(one.wrong for one in scores)} + {sum(one.right for one in scores)}"
            print(f"| {kind} | {sizes} | " + " | ".join(f"{one.precision:.3f}, {one.recall:.3f}" for one in scores) + " |")
    if gold is not None:
        corpora = dict(_corpora(Path(gold)))
        if shown is not None:
            _show(shown, corpora)
        else:
            _measure(corpora)


def _measure(corpora: dict[str, list[tuple[str, str]]]) -> None:
    print("| kind | " + " | ".join(f"{name} ({len(pairs):,})" for name, pairs in corpora.items()) + " | µs a pair |")
    everything = {name: [_pair(*texts) for texts in pairs] for name, pairs in corpora.items()}
    count = sum(map(len, everything.values()))
    whole = 0.0
    for rule in RULES:
        began = time.process_time()
        marked = {name: sum(rule.find(pair) is not None for pair in pairs) / len(pairs) for name, pairs in everything.items()}
        taken = time.process_time() - began
        whole += taken
        print(f"| {rule.kind} | " + " | ".join(f"{share:.2%}" for share in marked.values()) + f" | {taken / count * 1e6:.1f} |")
    began = time.process_time()
    for pairs in corpora.values():
        for texts in pairs:
            _pair(*texts)
    taken = time.process_time() - began
    print(f"words for all rules: {taken / count * 1e6:.1f} µs; together {(taken + whole) / count * 1e6:.1f} µs a pair")


def _show(kind: str, corpora: dict[str, list[tuple[str, str]]]) -> None:
    rule = RULES[KINDS.index(kind)]
    for name, pairs in corpora.items():
        for source, target in pairs:
            reason = rule.find(_pair(source, target))
            if reason is not None:
                print(name, reason, source, target, sep="\t")


def _pair(source: str, target: str) -> Pair:
    return Pair(Side(source, "fr"), Side(target, "en"))


def _corpora(gold: Path) -> Iterator[tuple[str, list[tuple[str, str]]]]:
    for name in _TABLES:
        yield name.partition(".")[0], list(islice(sentence_pairs(gold / name), 5_000))
    for name in _FOLDERS:
        documents = read_gold_folder(gold / name)
        links = ((document, bead) for document in documents for bead in document.beads if not bead.is_null)
        yield name, [(span_text(document.source, bead.source), span_text(document.target, bead.target)) for document, bead in links]


if __name__ == "__main__":
    main()
