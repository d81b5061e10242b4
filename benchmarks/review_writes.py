"""How long a decision takes while two reviewers decide on one corpus and a batch adds to it.

    python benchmarks/review_writes.py [--url postgresql+pg8000://…] [--seconds 20] [SCENE ...]

Two processes decide through a ReviewSession, with a pause of 20 ms after each decision, every tenth time on a bead that both decide;
a third adds. Without --url the corpus is a SQLite file in a new folder, which TMPDIR moves to another disk. Scenes:

    alone       nobody adds
    paced       alignments of 200 beads, 1,200 beads a second
    unpaced     alignments of 200 beads, one after the other
    long        alignments of 20,000 beads, one after the other
    again       one alignment of 20,000 beads with other probabilities, again and again, in the place of itself

A line a scene: decisions, milliseconds a decision (median, 95 %, 99 %, longest), beads added a second, seconds of the longest add, and
what is missing in the end: every decision is looked for in the corpus, and every alignment that was added must be whole.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import sqlite3
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

import numpy as np
from sqlalchemy import func, select

from aligner.corpus import Corpus
from aligner.corpus.tables import actions, alignments, decisions, documents, occurrences
from aligner.reviewing.session import ReviewSession
from aligner.types import Alignment, Bead, Document, Provenance

REVIEWERS = ("Ada", "Grace")
PAUSE_S = 0.02
RATE = 1_200
"""Beads a second of the paced scene."""
SHORT, LONG = 200, 20_000
REVIEWED = 1_000
"""Beads of each reviewer's own document, and of the one that both review."""
STATUSES = ("accepted", "rejected", "flagged")


@dataclass(frozen=True, slots=True)
class Scene:
    """What the batch does: how many beads an alignment has, and how many it adds a second, if that is bounded."""

    beads: int
    rate: float | None = None
    again: bool = False


SCENES = {
    "alone": None,
    "paced": Scene(SHORT, RATE),
    "unpaced": Scene(SHORT),
    "long": Scene(LONG),
    "again": Scene(LONG, again=True),
}


def made(name: str, beads: int, probability: float = 0.9) -> Alignment:
    """An alignment of two documents of which every tenth sentence has no counterpart."""
    source = [f"Phrase {number} du document {name}, de la longueur d'une phrase qui se lit sans peine." for number in range(beads)]
    target = [f"Sentence {number} of document {name}, of the length of a sentence that is read without effort." for number in range(beads)]
    pairs = tuple(Bead((n,), (n,), probability, 0.8) if n % 10 else Bead((n,), (), probability) for n in range(beads))
    target = [text for number, text in enumerate(target) if number % 10]
    numbers = iter(range(beads))
    pairs = tuple(Bead(bead.source, (next(numbers),), probability, 0.8) if bead.target else bead for bead in pairs)
    documents = Document.of_segments(source, f"{name}.fr", "fr"), Document.of_segments(target, f"{name}.en", "en")
    return Alignment(*documents, pairs, "fr", "en", Provenance("1", "encoder", "r", "w"))


def decide(url: str, reviewer: str, start: Any, until: float, results: Any) -> None:
    """Decide until it is time, and give what was decided and how long each took."""
    with Corpus(url) as corpus:
        session = ReviewSession(corpus, reviewer=reviewer, tool="benchmark")
        own, shared = f"{REVIEWERS.index(reviewer) + 1}:", f"{len(REVIEWERS) + 1}:"
        keys = {document: sorted(key for key in session.keys if key.startswith(document)) for document in (own, shared)}
        units = {row.key: row.unit for document in keys for row in session.rows_of(keys[document])}
        start.wait()
        end = time.monotonic() + until
        seconds: list[float] = []
        said: Counter[tuple[str, str]] = Counter()
        for number in count():
            if time.monotonic() > end:
                break
            document = shared if number % 10 == 0 else own
            key, status = keys[document][number % len(keys[document])], STATUSES[number % len(STATUSES)]
            before = time.perf_counter()
            session.decide(key, status)
            seconds.append(time.perf_counter() - before)
            said[units[key], status] += 1
            time.sleep(PAUSE_S)
        results.put((reviewer, seconds, said))


def add(url: str, scene: Scene, start: Any, until: float, results: Any) -> None:
    """Add until it is time, and give how many beads were added, when the last was, and how long each add took."""
    with Corpus(url) as corpus:
        start.wait()
        begin = time.monotonic()
        seconds = []
        for number in _numbers(scene, begin, until):
            alignment = made("again" if scene.again else f"batch {number}", scene.beads, (number % 90 + 10) / 100)
            before = time.perf_counter()
            corpus.add(alignment)
            seconds.append(time.perf_counter() - before)
        results.put(("batch", seconds, time.monotonic() - begin))


def _numbers(scene: Scene, begin: float, until: float) -> Iterator[int]:
    for number in count():
        due = begin + (number * scene.beads / scene.rate if scene.rate else 0)
        time.sleep(max(0.0, due - time.monotonic()))
        if time.monotonic() > begin + until:
            return
        yield number


def missing(url: str, said: dict[str, Counter[tuple[str, str]]], adds: int, scene: Scene | None) -> str:
    """What the corpus lacks of what was done; empty where it lacks nothing."""
    with Corpus(url, create=False) as corpus, corpus.reading() as connection:
        groups = decisions.c.unit, decisions.c.status, actions.c.reviewer
        query = select(*groups, func.count()).join(actions, actions.c.id == decisions.c.action).group_by(*groups)
        found = {tuple(place): number for *place, number in connection.execute(query)}
        wanted = {(unit, status, who): number for who, by in said.items() for (unit, status), number in by.items()}
        lost = sum(abs(number - found.get(place, 0)) for place, number in wanted.items())
        sizes = Counter(
            connection.scalars(
                select(func.count(occurrences.c.position))
                .join(alignments, alignments.c.id == occurrences.c.alignment)
                .join(documents, documents.c.id == alignments.c.source_document)
                .where(alignments.c.superseded_by.is_(None), alignments.c.id > len(REVIEWERS) + 1)
                .group_by(occurrences.c.alignment)
            )
        )
    whole = Counter({scene.beads: 1 if scene.again else adds}) if scene else Counter()
    return ", ".join([f"{lost} decisions"] * bool(lost) + [f"alignments {sizes} instead of {whole}"] * (sizes != whole))


def play(name: str, url: str, until: float) -> str:
    """Let reviewers and batch work for a time, and say how it went."""
    scene = SCENES[name]
    with Corpus(url) as corpus:
        for document in (*REVIEWERS, "both"):
            corpus.add(made(document, REVIEWED))
    context = multiprocessing.get_context("spawn")
    results, start = context.Queue(), context.Barrier(len(REVIEWERS) + (scene is not None))
    work: list[tuple[Callable[..., None], tuple[Any, ...]]] = [(decide, (url, who, start, until, results)) for who in REVIEWERS]
    if scene:
        work.append((add, (url, scene, start, until, results)))
    processes = [context.Process(target=what, args=how) for what, how in work]
    for process in processes:
        process.start()
    came = {who: rest for who, *rest in (results.get() for _ in processes)}
    for process in processes:
        process.join()
    batch = came.pop("batch", [[], until])
    took = np.array([second for seconds, _ in came.values() for second in seconds]) * 1000
    p50, p95, p99 = np.percentile(took, [50, 95, 99])
    rate = len(batch[0]) * scene.beads / batch[1] if scene else 0
    lost = missing(url, {who: said for who, (_, said) in came.items()}, len(batch[0]), scene)
    figures = f"{len(took):6d} {p50:7.1f} {p95:7.1f} {p99:7.1f} {took.max():8.1f} {rate:8.0f} {max(batch[0], default=0):7.1f}"
    return f"{name:9s} {figures}  {lost or 'nothing'}"


def main() -> None:
    """Play the scenes that are asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("scenes", nargs="*", metavar="SCENE", choices=[[], *SCENES], default=[])
    parser.add_argument("--url", help="an empty database for each scene: {} stands for the scene's name")
    parser.add_argument("--seconds", type=float, default=20)
    asked = parser.parse_args()
    print(f"SQLite {sqlite3.sqlite_version}, load {os.getloadavg()[0]:.1f}")
    print("scene        dec     p50     p95     p99      max  beads/s     add  missing", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        for name in asked.scenes or SCENES:
            url = asked.url.format(name) if asked.url else str(Path(folder) / f"{name}.db")
            print(play(name, url, asked.seconds), flush=True)


if __name__ == "__main__":
    main()
