"""Kills a batch, again and again, and compares the corpus in the end with that of a run that nobody disturbed.

    PYTHONPATH=tests python benchmarks/batch_kills.py [--kills 50] [--server] [--seed 0]

Victims, drawn: the driver or one of its processes at random moments, the driver inside a transaction, just before one of its
statements or its commit, and a process that has written half of what it hands over. Each round has a dump and a corpus of its own, in
which some units are decided, is killed up to three times and then left alone. --server: corpora on PostgreSQL. The aligner is that of
the tests, which takes no time, so that kills meet all that is not encoding.

A line in the end: kills by victim, and rounds whose corpus was not that of the undisturbed run.
"""

from __future__ import annotations

import argparse
import os
import random
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path

from databases import new_database, postgres
from dying import VICTIMS, content, disturbed
from toys import ToySettings, write_pairs

from aligner.batch import Batch
from aligner.corpus import Corpus

NAMES = [f"doc{number}" for number in range(60)]
DECIDED = NAMES[:3]


@contextmanager
def a_round(server: Path | None) -> Iterator[tuple[Path, str]]:
    """A dump, and a corpus in which three of its documents are and some of their units are decided."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_pairs(folder / "dump", DECIDED)
        url = str(folder / "corpus.db") if server is None else new_database(server)
        with Corpus(url) as corpus:
            Batch(corpus, ToySettings()).run([folder / "dump"])
            for unit in sorted(corpus.units(), key=lambda unit: unit.source)[::2]:  # they come in the order in which the workers end
                corpus.decide(unit, "accepted", reviewer="ada")
        write_pairs(folder / "dump", NAMES)
        yield folder / "dump", url


def finished(url: str, dump: Path) -> list[str]:
    """What is in the corpus after a run that nobody disturbs, without the name of the folder."""
    with Corpus(url) as corpus:
        outcome = Batch(corpus, ToySettings()).run([dump])
    assert not outcome.quarantined, outcome
    return [str(row).replace(str(dump.parent), "") for table in content(url) for row in table]


def main(kills: int, server: Path | None, seed: int) -> str:
    """Rounds until so many kills are done, and the line that says how they went."""
    chance = random.Random(seed)
    with a_round(None) as (dump, url):
        undisturbed = sorted(finished(url, dump))
    done: Counter[str] = Counter()
    wrong = []
    number = 0
    while sum(done.values()) < kills:
        number += 1
        with a_round(server) as (dump, url):
            for _ in range(3):  # as long as there is something to do
                victim = chance.choice(VICTIMS)
                done[victim] += disturbed(url, dump, victim, chance)
            if sorted(finished(url, dump)) != undisturbed:
                wrong.append(number)
    where = "SQLite" if server is None else "PostgreSQL"
    return f"{where}: {sum(done.values())} kills in {number} rounds, {dict(done)}; other corpora: {wrong or 'none'}"


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--server", action="store_true")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as cache, postgres() if options.server else nullcontext() as socket:
        os.environ["ALIGNER_CACHE"] = cache
        print(main(options.kills, socket, options.seed))
