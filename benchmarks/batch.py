"""What a batch over many documents costs beside encoding their sentences, and what a second run, new documents and two workers cost.

    ALIGNER_GOLD=… python benchmarks/batch.py [--documents 20000] [--workers 2] [--plot memory.svg] [SCENE ...]

Documents are pairs of twenty and twenty sentences: sentences of gold that correspond, with names and a number put into each, so
that hardly two are the same. Nothing is cached. Scenes:

    cost        encoding the distinct sentences alone, then the batch over the same texts, with the same workers
    again       a second run, then one with a hundredth of new documents
    speed-up    one worker and two, over a third of the documents, and whether the corpora are the same

Lines on the standard output; --plot draws the memory of the driver and of all its processes over the run of `cost`.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import random
import resource
import sqlite3
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from itertools import cycle, islice
from pathlib import Path
from typing import Any

import psutil

from aligner.batch import Batch, Outcome
from aligner.corpus import Corpus
from aligner.formats.gold import read_gold_folder
from aligner.segmentation import segment_document
from aligner.types import Document

SETS = "novels", "tales", "tico19", "theses_abstracts", "laws", "debian_handbook"
SENTENCES = 20
FOLDER = 500
NAMES = "Amsel Brodin Cardoso Dvorak Eriksen Fabre Girard Halloran Ionescu Jansen Kowalski Lindqvist Moreau Novak Okafor Petit".split()


def sentences() -> list[tuple[str, str]]:
    """Pairs of sentences that gold links one to one and that stay whole when they are split, without the mark at their end."""
    found = []
    for name in SETS:
        for document in read_gold_folder(Path(os.environ["ALIGNER_GOLD"]) / name):
            for bead in document.beads:
                if len(bead.source) == len(bead.target) == 1:
                    pair = document.source.segments[bead.source[0]].text, document.target.segments[bead.target[0]].text
                    if all(20 < len(text) < 300 and text[-1] in ".!?" for text in pair):
                        found.append((pair[0][:-1], pair[1][:-1]))
    marked = [Document("\n\n".join(text + mark(random.Random(0)) for text in side)) for side in zip(*found, strict=True)]
    whole = [paragraphs_kept(segment_document(side, lang)) for side, lang in zip(marked, ("fr", "en"), strict=True)]
    return [pair for number, pair in enumerate(found) if all(number in side for side in whole)]


def paragraphs_kept(document: Document) -> set[int]:
    """Numbers of the paragraphs that are one segment."""
    counts = Counter(segment.block for segment in document.segments)
    return {block for block, count in counts.items() if count == 1}


def mark(chance: random.Random) -> str:
    """What makes a sentence one that stands nowhere else."""
    return f" ({chance.choice(NAMES)} {chance.choice(NAMES)}, {chance.randrange(100_000)})."


def write(folder: Path, numbers: range, seed: int = 0) -> int:
    """Write documents of these numbers, a pair for every two; return how many distinct sentences they have."""
    pairs = sentences()
    distinct = set()
    for number in numbers[::2]:
        chance = random.Random(f"{seed} {number}")
        start = chance.randrange(len(pairs))
        lines: tuple[list[str], list[str]] = [], []
        for pair in islice(cycle(pairs), start, start + SENTENCES):
            end = mark(chance)
            for side, text in zip(lines, pair, strict=True):
                side.append(text + end)
                distinct.add(text + end)
        place = folder / f"{number // FOLDER:03}"
        place.mkdir(parents=True, exist_ok=True)
        for lang, side in zip(("fr", "en"), lines, strict=True):
            (place / f"doc{number:06}.{lang}.txt").write_text("\n\n".join(side) + "\n", encoding="utf-8")
    return len(distinct)


def encode(texts: list[str], ready: Any, go: Any) -> None:
    """Encode texts as fast as it goes, with one thread and without a cache."""
    from aligner.embedding import Embedder
    from aligner.encoders import load_encoder

    embedder = Embedder(load_encoder(None, threads=1))
    embedder.embed(texts[:100])
    ready.release()
    go.wait()
    for start in range(0, len(texts), 20_000):
        embedder.embed(texts[start : start + 20_000])


def encoding_seconds(dump: Path, workers: int) -> float:
    """How long so many processes take to encode the distinct sentences of a dump, their start not counted."""
    texts = sorted({line for path in dump.rglob("*.txt") for line in path.read_text(encoding="utf-8").splitlines() if line})
    random.Random(1).shuffle(texts)
    context = multiprocessing.get_context("spawn")
    ready, go = context.Semaphore(0), context.Event()
    processes = [context.Process(target=encode, args=(texts[number::workers], ready, go)) for number in range(workers)]
    for process in processes:
        process.start()
    for _ in processes:
        ready.acquire()
    begin = time.monotonic()
    go.set()
    for process in processes:
        process.join()
    return time.monotonic() - begin


class Memory:
    """The resident memory of this process, and of all those below it together, in MB, every two seconds."""

    def __init__(self) -> None:
        self.rows: list[tuple[float, float, float]] = []
        self._end = threading.Event()
        self._begin = time.monotonic()

    def watch(self) -> None:
        """Read both every two seconds until the end."""
        this = psutil.Process()
        while not self._end.wait(2):
            below = 0
            for child in this.children(recursive=True):
                try:
                    below += child.memory_info().rss
                except psutil.Error:
                    continue
            self.rows.append((time.monotonic() - self._begin, this.memory_info().rss / 2**20, below / 2**20))

    def __enter__(self) -> Memory:
        self._thread = threading.Thread(target=self.watch, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._end.set()
        self._thread.join()

    def draw(self, path: Path) -> None:
        """A picture of both over time."""
        from aligner.plots.drawing import BLUE, INK, VERMILLION, legend, new_figure, tone, write_picture

        seconds, driver, below = zip(*self.rows, strict=True)
        figure = new_figure(7, 3, "")
        axes = figure.subplots()
        axes.plot(seconds, below, label="processes", color=BLUE)
        axes.plot(seconds, driver, label="driver", color=VERMILLION, linestyle="--")
        axes.set(xlabel="seconds", ylabel="MB resident", xlim=(0, None), ylim=(0, None))
        axes.grid(axis="y", color=INK, alpha=0.25, linewidth=0.6)
        legend(axes)
        tone(axes)
        write_picture(figure, path, overwrite=True)


def run(corpus: Path, *dumps: Path, workers: int) -> tuple[Outcome, float]:
    """Run the batch over the dumps: its outcome, and seconds by the clock."""
    begin = time.monotonic()
    with Corpus(corpus) as store:
        outcome = Batch(store, workers=workers).run(dumps)
    return outcome, time.monotonic() - begin


def content(corpus: Path) -> list[tuple[Any, ...]]:
    """Units, spans and, to five digits, scores, whatever the order in which they came."""
    query = """SELECT s.name, t.name, o.unit, o.source_spans, o.target_spans, round(o.probability, 4), round(o.cosine, 4) FROM occurrences o
        JOIN alignments a ON a.id = o.alignment JOIN documents s ON s.id = a.source_document JOIN documents t ON t.id = a.target_document"""
    with sqlite3.connect(corpus) as database:
        return sorted(database.execute(query), key=str)


def fresh_cache(folder: Path) -> None:
    """Let vectors be kept in this folder from now on."""
    os.environ["ALIGNER_CACHE"] = str(folder)


def scenes(wanted: list[str], documents: int, workers: int, plot: Path | None) -> Iterator[str]:
    """The lines of the scenes that are wanted, as they are known."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        dump = folder / "dump"
        if {"cost", "again"} & set(wanted):
            distinct = write(dump, range(documents))
            yield f"{documents:,} documents, {distinct:,} distinct sentences, {workers} workers, load {os.getloadavg()[0]:.1f}"
            encoding = encoding_seconds(dump, workers)
            yield f"encoding alone    {encoding:8.1f} s, {distinct / encoding:,.0f} sentences a second"
            fresh_cache(folder / "cache")
            before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime, time.process_time()
            with Memory() as memory:
                outcome, seconds = run(folder / "corpus.db", dump, workers=workers)
            spent, driver = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - before[0], time.process_time() - before[1]
            yield f"batch             {seconds:8.1f} s, {seconds / encoding:.2f} of it; {outcome.done:,} done, {outcome.new_units:,} units"
            yield f"                  {spent:8.1f} CPU s of its processes, {driver:.1f} of the driver"
            measured = outcome.measured
            for what, parts in (("by the clock", measured.seconds), ("of all processes", measured.work_seconds)):
                yield f"                  seconds {what}: " + ", ".join(f"{stage} {seconds:.1f}" for stage, seconds in parts.items())
            if plot:
                memory.draw(plot)
            quarter = len(memory.rows) // 4
            for whose, column in (("driver", 1), ("processes", 2)):
                first, last = (max(row[column] for row in rows) for rows in (memory.rows[quarter : 2 * quarter], memory.rows[-quarter:]))
                yield f"memory of {whose:10} {first:6.0f} MB at most in the second quarter of the time, {last:.0f} in the last"
        if "again" in wanted:
            outcome, seconds = run(folder / "corpus.db", dump, workers=workers)
            yield f"second run        {seconds:8.1f} s, {outcome.done} done"
            write(dump, range(documents, documents + documents // 100), seed=2)
            outcome, seconds = run(folder / "corpus.db", dump, workers=workers)
            yield f"a hundredth more  {seconds:8.1f} s, {outcome.done} done"
        if "speed-up" in wanted:
            part = folder / "part"
            write(part, range(documents // 3), seed=3)
            times = []
            for number in (1, 2):
                fresh_cache(folder / f"cache{number}")
                times.append(run(folder / f"corpus{number}.db", part, workers=number)[1])
            same = content(folder / "corpus1.db") == content(folder / "corpus2.db")
            yield f"one worker {times[0]:.1f} s, two {times[1]:.1f} s: {times[0] / times[1]:.2f}; the same corpus: {same}"


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("scenes", metavar="SCENE", nargs="*", default=["cost", "again", "speed-up"])
    parser.add_argument("--documents", type=int, default=20_000)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--plot", type=Path)
    options = parser.parse_args()
    for line in scenes(options.scenes, options.documents, options.workers, options.plot):
        print(line, flush=True)
