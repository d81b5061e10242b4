"""Other aligners beside ours on the gold sets, in one run, all with the same sentence vectors.

    ALIGNER_GOLD=FOLDER OMP_NUM_THREADS=1 python benchmarks/peers.py [--sets SET ...] [--json FILE]

Ours has weights learnt from gold that shares no source with the set; the others have the settings of their authors and learn
nothing. galechurch and sentweave (vecalign's dynamic programme) come with `pip install 'aligner[bench]'`; vecalign, bertalign
and hunalign run where they can be imported or are on the PATH. CPU time is that of aligning alone, without embedding, for
which the number of texts that were embedded stands.
"""

from __future__ import annotations

import argparse
import contextlib
import importlib
import importlib.util
import io
import itertools
import json
import resource
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from math import ceil
from pathlib import Path
from typing import Any
from unittest import mock

import numpy as np
from gold_sets import SETS, GoldSets, documents
from numpy.typing import NDArray

from aligner.alignment.documents import align_segments
from aligner.alignment.evidence import Segments
from aligner.alignment.weights import Weights, load_weights
from aligner.evaluation import Compared, Report, evaluate
from aligner.formats.gold import GoldDocument
from aligner.scoring import coverage_fault
from aligner.types import Bead

OURS = "aligner"
MOST_IN_A_BEAD = 6
"""Segments of both sides together that vecalign may join in a bead; its own default, 4, cannot hold a 1-4."""
MOST_FOR_BERTALIGN = 7
HUNALIGN = "hunalign"

HEADER = (
    f"{'set':17} {'aligner':11} {'strict F1':>9}  {'95 %':11}  {'lax F1':>6}  {'nulls':>8}  {'precision':>9}  {'CPU s':>7}  {'texts':>8}"
)


class Encoder:
    """Gives vectors, and keeps account of the texts and of the time that they cost."""

    def __init__(self, embed: Callable[[Sequence[str]], NDArray[np.float32]]) -> None:
        self._embed = embed
        self.texts = 0
        self.seconds = 0.0

    def encode(self, texts: Sequence[str], **_settings: object) -> NDArray[np.float32]:
        """float32 (n_texts, dim), of unit length."""
        began = time.process_time()
        vectors = self._embed(texts)
        self.seconds += time.process_time() - began
        self.texts += len(texts)
        return vectors


@dataclass
class Account:
    """What one aligner found in one set, and what that cost."""

    compared: list[Compared] = field(default_factory=list)
    seconds: float = 0.0
    texts: int = 0


Sides = tuple[list[str], list[str]]
Peer = Callable[[Sides, Encoder], list[Bead]]


def ours(weights: Weights) -> Peer:
    """This project."""

    def align(sides: Sides, encoder: Encoder) -> list[Bead]:
        source, target = (Segments.embedded(side, encoder.encode) for side in sides)
        return align_segments(source, target, encoder.encode, weights)

    return align


def galechurch(sides: Sides, _encoder: Encoder) -> list[Bead]:
    """Lengths alone (Gale & Church 1993)."""
    found = importlib.import_module("galechurch").align(*sides).beads
    return [_bead(range(bead.source_start, bead.source_end), range(bead.target_start, bead.target_end)) for bead in found]


def sentweave(sides: Sides, encoder: Encoder) -> list[Bead]:
    """Vecalign (Thompson & Koehn 2019), as sentweave packs it."""
    found = importlib.import_module("sentweave").align(*sides, encoder, alignment_max_size=MOST_IN_A_BEAD)
    return [_bead(bead.src_indices, bead.tgt_indices) for bead in found.alignments]


def vecalign(sides: Sides, encoder: Encoder) -> list[Bead]:
    """Vecalign, where its authors' own package is installed; its settings are those of its command line."""
    package = importlib.import_module("vecalign.dp_utils")
    vectors = []
    for side in sides:
        lines = [package.preprocess_line(line) for line in side]
        layers = [encoder.encode(package.layer(lines, count)) for count in range(1, MOST_IN_A_BEAD + 1)]
        vectors.append(np.stack(layers))
        package.make_norm1(vectors[-1])
    found = package.vecalign(
        vecs0=vectors[0],
        vecs1=vectors[1],
        final_alignment_types=package.make_alignment_types(MOST_IN_A_BEAD),
        del_percentile_frac=0.2,
        width_over2=ceil(MOST_IN_A_BEAD / 2) + 5,
        max_size_full_dp=300,
        costs_sample_size=20_000,
        num_samps_for_norm=100,
    )
    return [_bead(source, target) for source, target in found[0]["final_alignments"]]


def bertalign(sides: Sides, encoder: Encoder) -> list[Bead]:
    """Bertalign (Liu & Zhu 2023) with our encoder in place of its own, which it loads when it is imported."""
    with mock.patch("sentence_transformers.SentenceTransformer", return_value=encoder):
        package = importlib.import_module("bertalign.aligner")
    package.model.model = encoder
    # It would ask a web service for the languages.
    with mock.patch.object(package, "detect_lang", side_effect=["fr", "en"]), contextlib.redirect_stdout(io.StringIO()):
        found = package.Bertalign(*("\n".join(side) for side in sides), max_align=MOST_FOR_BERTALIGN, is_split=True)
        found.align_sents()
    return [_bead(source, target) for source, target in found.result]


def hunalign(sides: Sides, _encoder: Encoder) -> list[Bead]:
    """Hunalign (Varga et al. 2005) without a dictionary, in two rounds; it prints the points where beads begin."""
    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(folder) / name for name in ("none.dic", "source", "target")]
        for path, lines in zip(paths, ([], *sides), strict=True):
            path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
        done = subprocess.run([HUNALIGN, "-realign", *paths], capture_output=True, check=True, text=True, cwd=folder)
    points = [tuple(map(int, line.split("\t")[:2])) for line in done.stdout.splitlines() if line]
    beads = [_bead(range(i, k), range(j, m)) for (i, j), (k, m) in itertools.pairwise(points)]
    return [bead for bead in beads if bead.source or bead.target]


def present() -> Iterator[tuple[str, Peer]]:
    """The peers that this machine has; the others are named."""
    for name, peer, there in (
        ("galechurch", galechurch, _importable("galechurch")),
        ("sentweave", sentweave, _importable("sentweave")),
        ("vecalign", vecalign, _importable("vecalign")),
        ("bertalign", bertalign, _importable("bertalign")),
        ("hunalign", hunalign, shutil.which(HUNALIGN) is not None),
    ):
        if there:
            yield name, peer
        else:
            print(f"{name}: not installed, left out")


def run(peer: Peer, gold: Sequence[GoldDocument], sets: GoldSets) -> Account:
    """The peer on every document of a set."""
    account = Account()
    for document in gold:
        encoder = Encoder(sets.embedder.embed)
        sides = tuple([segment.text for segment in side.segments] for side in (document.source, document.target))
        began = _cpu_seconds()
        beads = peer((sides[0], sides[1]), encoder)
        account.seconds += _cpu_seconds() - began - encoder.seconds
        account.texts += encoder.texts
        if fault := coverage_fault(beads, range(len(sides[0])), range(len(sides[1]))):
            raise ValueError(f"{document.name}: each segment was wanted once, but {fault}")
        account.compared.append(Compared(document.name, document.beads, beads, document.alternatives))
    return account


def row(place: str, peer: str, report: Report, account: Account) -> str:
    """A line of the table."""
    scores = report.scores
    spread = "–".join(f"{end:.3f}" for end in report.intervals.strict_f1) if report.intervals and report.intervals.strict_f1 else "–"
    precision = f"{scores.null_precision:.2f}" if scores.test_nulls else "–"
    nulls = f"{scores.nulls_found}/{scores.nulls}"
    return (
        f"{place:17} {peer:11} {scores.strict_f1:9.3f}  {spread:11}  {scores.lax_f1:6.3f}  {nulls:>8}  {precision:>9}  "
        f"{account.seconds:7.2f}  {account.texts:8,}"
    )


def main() -> None:
    """Print a table of every set and aligner, then all sets together, then where a peer is ahead."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0] if __doc__ else None)
    parser.add_argument("--sets", nargs="+", choices=SETS, default=SETS, metavar="SET", help="sets to measure  [default: all eighteen]")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there too")
    options = parser.parse_args()
    sets, peers = GoldSets(), list(present())
    for peer in (ours(load_weights()), *(peer for _, peer in peers)):
        run(peer, documents("udhr"), sets)  # some compile when they are first called
    totals = {name: Account() for name in (OURS, *(name for name, _ in peers))}
    figures: list[dict[str, Any]] = []
    ahead = []
    print(HEADER)

    def show(place: str, name: str, account: Account) -> Report:
        report = evaluate(account.compared)
        print(row(place, name, report, account), flush=True)
        figures.append({"set": place, "aligner": name, "seconds": account.seconds, "texts": account.texts, **report.to_dict()})
        return report

    for place in options.sets:
        reports = {}
        for name, peer in ((OURS, ours(sets.weights_without(place))), *peers):
            account = run(peer, documents(place), sets)
            reports[name] = show(place, name, account)
            totals[name].compared += account.compared
            totals[name].seconds += account.seconds
            totals[name].texts += account.texts
        leads = {name: report.scores.strict_f1 - reports[OURS].scores.strict_f1 for name, report in reports.items()}
        ahead += [f"{place}: {name} by {lead:.3f}" for name, lead in leads.items() if lead > 0]
    for name, account in totals.items():
        show("all together", name, account)
    print(f"Ahead of ours: {'; '.join(ahead) or 'none'}")
    if options.json:
        options.json.write_text(json.dumps(figures, indent=1), encoding="utf-8")


def _bead(source: Sequence[int], target: Sequence[int]) -> Bead:
    return Bead(tuple(map(int, source)), tuple(map(int, target)), 1.0)


def _importable(name: str) -> bool:
    return importlib.util.find_spec(name) is not None


def _cpu_seconds() -> float:
    """Of this process and of those that it ran."""
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime


if __name__ == "__main__":
    main()
