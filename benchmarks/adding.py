"""What the one process that writes costs: adding what workers found to a corpus with the ledger, and marking what repeats itself.

    python benchmarks/adding.py [--documents 2000] [--url postgresql+pg8000://…] [--profile]

Documents of 20 and 20 sentences of invented words, aligned one to one, hardly any two the same, in the groups of 64 that workers hand over.
They are made in a process of their own: seconds are this process's, of the processor, so the server's are left out. Without --url the
corpus is a SQLite file in a new folder. A line for each: seconds, milliseconds a document, and seconds for a million segments.
"""

from __future__ import annotations

import argparse
import cProfile
import hashlib
import multiprocessing
import pstats
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from repeats import Words, alignment

from aligner.batch.entering import Entering, Outcome
from aligner.batch.flow import GROUP_ITEMS, Aligned
from aligner.batch.items import Item
from aligner.batch.stages import Task, hand_over
from aligner.corpus import Corpus
from aligner.corpus.found import found
from aligner.corpus.ledger import Place

SENTENCES = 20


def name_of(number: int) -> str:
    """The name of an invented document, without its language."""
    return f"dump/{number // 500:03}/doc{number:06}"


def made(room: Path, numbers: list[int]) -> Path:
    """A group as a worker hands it over."""
    words = Words(0)
    words.random.seed(numbers[0])
    what = [alignment([words.link() for _ in range(SENTENCES)], name_of(number)) for number in numbers]
    return hand_over([found(one, 0.0) for one in what], room)


def groups(room: Path, documents: int) -> list[Aligned]:
    """What the workers would hand over."""
    some = [list(range(first, min(first + GROUP_ITEMS, documents))) for first in range(0, documents, GROUP_ITEMS)]
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        paths = pool.starmap(made, [(room, numbers) for numbers in some])
    tasks = [tuple(map(task_of, numbers)) for numbers in some]
    return [Aligned(its, (1,) * len(its), path) for its, path in zip(tasks, paths, strict=True)]


def task_of(number: int) -> Task:
    """What a worker would be given for that document."""
    names = tuple(f"{name_of(number)}.{lang}" for lang in ("fr", "en"))
    return Task(hashlib.sha256(str(number).encode()).hexdigest(), Item(names, tuple(map(Path, names)), "dump"))


def measured(what: str, documents: int, work: Callable[[], None], profile: cProfile.Profile | None) -> str:
    """Do the work, and the line that says what it took."""
    began = time.process_time()
    if profile is None:
        work()
    else:
        profile.runcall(work)
    seconds = time.process_time() - began
    each = seconds / documents
    return f"{what:8} {seconds:7.2f} s {each * 1000:7.2f} ms {each / SENTENCES / 2 * 1e6:7.1f} s a million segments"


def main() -> None:
    """Print a line for adding and one for marking."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--documents", type=int, default=2000)
    parser.add_argument("--url")
    parser.add_argument("--profile", action="store_true", help="and what takes longest, of adding and of marking")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, Corpus(options.url or Path(folder, "corpus.db")) as corpus:
        tasks = groups(Path(folder), options.documents)
        places = {task.digest: [Place("dump", task.item.name)] for group in tasks for task in group.tasks}
        entering = Entering(corpus, "c" * 64, places, Outcome())

        def add() -> None:
            for group in tasks:
                entering.enter(group)

        for what, work in (("adding", add), ("marking", corpus.mark_repeats)):
            profile = cProfile.Profile() if options.profile else None
            print(measured(what, options.documents, work, profile), flush=True)
            if profile is not None:
                pstats.Stats(profile).sort_stats("tottime").print_stats(40)


if __name__ == "__main__":
    main()
