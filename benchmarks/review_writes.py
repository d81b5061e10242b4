"""How long a decision takes while two reviewers decide on one corpus and something else writes to it.

    python benchmarks/review_writes.py [--url postgresql+pg8000://…] [--seconds 20] [--load N] [SCENE ...]

Two processes decide through a ReviewSession, with a pause of 20 ms after each decision, every tenth time on a bead that both decide;
a third writes. Without --url the corpus is a SQLite file in a new folder, which TMPDIR moves to another disk. With --load N, N more
processes do nothing but keep processors busy. Scenes:

    alone        nobody else writes
    paced        alignments of 200 beads, 1,200 beads a second
    many         64 alignments of 20 beads at once, as the batch adds what a worker hands over, 1,200 beads a second
    many-unpaced the same, one group after the other
    unpaced      alignments of 200 beads, one after the other
    long         alignments of 20,000 beads, one after the other
    again        one alignment of 20,000 beads with other probabilities, again and again, in the place of itself
    forget       40 alignments of 200 beads are taken out at once, as by `aligner corpus forget`, added again and so on
    forget-long  the same with one alignment of 20,000 beads
    repeats      repeats are marked, as after a batch, in 100 alignments of 200 beads, in 20 more, and so on

A line a scene: decisions, milliseconds a decision (median, 95 %, 99 %, longest), beads a second that were added, forgotten or marked,
seconds of the longest such step, and what is missing in the end: every decision is looked for in the corpus, and every alignment that was
added must be whole. Beside forgetting and marking, the decisions count that were made in that time.
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
from aligner.corpus.found import found
from aligner.corpus.tables import actions, alignments, decisions, documents, occurrences
from aligner.reviewing.session import ReviewSession
from aligner.types import Alignment, Bead, Document, Provenance

REVIEWERS = ("Ada", "Grace")
PAUSE_S = 0.02
RATE = 1_200
"""Beads a second of the paced scene."""
SMALL, SHORT, LONG = 20, 200, 20_000
GROUP = 64
"""Small alignments that are added together."""
REVIEWED = 1_000
"""Beads of each reviewer's own document, and of the one that both review."""
STATUSES = ("accepted", "rejected", "flagged")


@dataclass(frozen=True, slots=True)
class Scene:
    """What the batch does: how many beads an alignment has, and how many it adds a second, if that is bounded."""

    beads: int
    rate: float | None = None
    again: bool = False
    together: int = 1
    """Alignments that are added at once."""
    at_once: tuple[int, int] = (0, 0)
    """Alignments that are added before each step of forgetting or marking, the first one and the others."""
    is_marked: bool = False
    """Or else forgotten."""

    @property
    def step(self) -> int:
        """Beads that are added at once."""
        return self.beads * self.together


SCENES: dict[str, Scene | None] = {
    "alone": None,
    "paced": Scene(SHORT, RATE),
    "many": Scene(SMALL, RATE, together=GROUP),
    "many-unpaced": Scene(SMALL, together=GROUP),
    "unpaced": Scene(SHORT),
    "long": Scene(LONG),
    "again": Scene(LONG, again=True),
    "forget": Scene(SHORT, at_once=(40, 40)),
    "forget-long": Scene(LONG, at_once=(1, 1)),
    "repeats": Scene(SHORT, at_once=(100, 20), is_marked=True),
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
    """Decide until it is time, and give what was decided, when, and how long each took."""
    with Corpus(url) as corpus:
        session = ReviewSession(corpus, reviewer=reviewer, tool="benchmark")
        own, shared = f"{REVIEWERS.index(reviewer) + 1}:", f"{len(REVIEWERS) + 1}:"
        keys = {document: sorted(key for key in session.keys if key.startswith(document)) for document in (own, shared)}
        units = {row.key: row.unit for document in keys for row in session.rows_of(keys[document])}
        start.wait()
        end = time.monotonic() + until
        times: list[tuple[float, float]] = []
        said: Counter[tuple[str, str]] = Counter()
        for number in count():
            if time.monotonic() > end:
                break
            document = shared if number % 10 == 0 else own
            key, status = keys[document][number % len(keys[document])], STATUSES[number % len(STATUSES)]
            before = time.monotonic()
            session.decide(key, status)
            times.append((before, time.monotonic()))
            said[units[key], status] += 1
            time.sleep(PAUSE_S)
        results.put((reviewer, times, said))


def add(url: str, scene: Scene, start: Any, until: float, results: Any) -> None:
    """Add until it is time, and give when each add was, and how many beads were added."""
    with Corpus(url) as corpus:
        start.wait()
        begin = time.monotonic()
        times = []
        for number in _numbers(scene, begin, until):
            names = ["again"] if scene.again else [f"batch {number} {one}" for one in range(scene.together)]
            alignments = [made(name, scene.beads, (number % 90 + 10) / 100) for name in names]
            new = [found(alignment, 0.0) for alignment in alignments] if scene.together > 1 else []  # in the batch workers do that
            before = time.monotonic()
            if new:
                failed = list(corpus.add_all(new, then=lambda connection, added: None))
                if failed:
                    raise failed[0][1]
            else:
                corpus.add(*alignments)
            times.append((before, time.monotonic()))
        results.put(("batch", times, scene.step * len(times)))


def keep_up(url: str, scene: Scene, start: Any, until: float, results: Any) -> None:
    """Forget, or mark repeats, until it is time, and give when each step was, and how many beads it was about."""
    with Corpus(url) as corpus:
        times = []
        beads = 0
        end = None
        for number in count():
            names = [f"batch {number if scene.is_marked else 0} {one}" for one in range(scene.at_once[number > 0])]
            for name in names:
                corpus.add(made(name, scene.beads))
            if end is None:
                start.wait()
                end = time.monotonic() + until
            elif time.monotonic() > end:
                break
            before = time.monotonic()
            if scene.is_marked:
                corpus.mark_repeats()
            else:
                corpus.forget([f"{name}.fr" for name in names])
            times.append((before, time.monotonic()))
            beads += scene.beads * len(names)
        results.put(("batch", times, beads))


def keep_busy(end: Any) -> None:
    """Keep a processor busy until the end."""
    while not end.is_set():
        pass


def _numbers(scene: Scene, begin: float, until: float) -> Iterator[int]:
    for number in count():
        due = begin + (number * scene.step / scene.rate if scene.rate else 0)
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
    if scene and scene.at_once[0]:
        return f"{lost} decisions" if lost else ""
    whole = Counter({scene.beads: 1 if scene.again else adds * scene.together}) if scene else Counter()
    return ", ".join([f"{lost} decisions"] * bool(lost) + [f"alignments {sizes} instead of {whole}"] * (sizes != whole))


def play(name: str, url: str, until: float, load: int) -> str:
    """Let reviewers and batch work for a time, and say how it went."""
    scene = SCENES[name]
    with Corpus(url) as corpus:
        for document in (*REVIEWERS, "both"):
            corpus.add(made(document, REVIEWED))
    context = multiprocessing.get_context("spawn")
    results, start = context.Queue(), context.Barrier(len(REVIEWERS) + (scene is not None))
    work: list[tuple[Callable[..., None], tuple[Any, ...]]] = [(decide, (url, who, start, until, results)) for who in REVIEWERS]
    is_upkeep = scene is not None and scene.at_once[0] > 0
    if scene:
        work.append((keep_up if is_upkeep else add, (url, scene, start, until, results)))
    end = context.Event()
    busy = [context.Process(target=keep_busy, args=(end,)) for _ in range(load)]
    processes = [context.Process(target=what, args=how) for what, how in work]
    for process in (*busy, *processes):
        process.start()
    came = {who: rest for who, *rest in (results.get() for _ in processes)}
    end.set()
    for process in (*busy, *processes):
        process.join()
    steps, beads = came.pop("batch", [[], 0])
    times = [time for times, _ in came.values() for time in times]
    if is_upkeep:
        times = [(begun, done) for begun, done in times if any(begun < end and done > begin for begin, end in steps)]
    took = np.array([done - begun for begun, done in times]) * 1000
    p50, p95, p99 = np.percentile(took, [50, 95, 99])
    lasted = [end - begin for begin, end in steps]
    rate = beads / (sum(lasted) if is_upkeep else steps[-1][1] - steps[0][0]) if steps else 0
    lost = missing(url, {who: said for who, (_, said) in came.items()}, len(steps), scene)
    figures = f"{len(took):6d} {p50:7.1f} {p95:7.1f} {p99:7.1f} {took.max():8.1f} {rate:8.0f} {max(lasted, default=0):7.1f}"
    return f"{name:12s} {figures}  {lost or 'nothing'}"


def main() -> None:
    """Play the scenes that are asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("scenes", nargs="*", metavar="SCENE", choices=[[], *SCENES], default=[])
    parser.add_argument("--url", help="an empty database for each scene: {} stands for the scene's name")
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--load", type=int, default=0)
    asked = parser.parse_args()
    print(f"SQLite {sqlite3.sqlite_version}, load {os.getloadavg()[0]:.1f}")
    print("scene           dec     p50     p95     p99      max  beads/s     add  missing", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        for name in asked.scenes or SCENES:
            url = asked.url.format(name) if asked.url else str(Path(folder) / f"{name}.db")
            print(play(name, url, asked.seconds, asked.load), flush=True)


if __name__ == "__main__":
    main()
