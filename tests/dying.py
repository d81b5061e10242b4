"""Batches that are killed at a moment: what the tests and `benchmarks/batch_kills.py` share."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from databases import rows
from sqlalchemy import Connection, Engine, event
from toys import PairingAligner, PairingSettings, ToyAligner, ToySettings

from aligner.alignment.mining import MinedPairs
from aligner.batch import Batch
from aligner.corpus import Corpus

VICTIMS = "driver", "process", "transaction", "hand-over"
"""The driver, or one of its processes, at any moment; the driver inside a transaction; a process that has half written what it makes."""
COMPARING = "comparing"
"""The driver while pages are compared with each other."""


class _Dying:
    """Settings one of whose processes, the one that takes the file LAST_WORDS away, dies while it hands something over."""

    __slots__ = ()

    def aligner(self) -> ToyAligner:
        Path.write_bytes = _written_by_half  # type: ignore[method-assign]
        return super().aligner()  # type: ignore[misc, no-any-return]


class _DyingSettings(_Dying, ToySettings):
    pass


class _DyingPairingSettings(_Dying, PairingSettings):
    pass


class _DeadlySettings(PairingSettings):
    """Of a process that kills the driver as it compares pages."""

    def aligner(self) -> PairingAligner:
        return _DeadlyAligner(self)


class _DeadlyAligner(PairingAligner):
    def mined(self, source: list[str], target: list[str], *, memory: int) -> MinedPairs:
        os.kill(os.getppid(), signal.SIGKILL)
        return super().mined(source, target, memory=memory)


def _written_by_half(path: Path, data: bytes) -> int:
    with path.open("wb") as file:
        file.write(data[: len(data) // 2])
        with suppress(FileNotFoundError):
            Path(os.environ["LAST_WORDS"]).unlink()
            os.kill(os.getpid(), signal.SIGKILL)
        return file.write(data[len(data) // 2 :])


def die_in_transaction(statements: int) -> None:
    """Kill this process before the so-manieth statement or commit of transactions that write."""
    left = statements

    def count(connection: Connection, *rest: Any) -> None:
        nonlocal left
        statement = rest[1] if len(rest) > 1 else "COMMIT"
        if statement.split()[0] in ("INSERT", "UPDATE", "DELETE", "COMMIT"):
            left -= 1
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)

    event.listen(Engine, "before_cursor_execute", count)
    event.listen(Engine, "commit", count)


def run(url: str, dump: str, victim: str, moment: int, pairing: bool) -> None:
    """A batch that tells on the standard output when something is done; it may kill itself."""
    if pairing:
        kind = {"hand-over": _DyingPairingSettings, COMPARING: _DeadlySettings}.get(victim, PairingSettings)
    else:
        kind = _DyingSettings if victim == "hand-over" else ToySettings
    settings = kind(seconds=0.01)
    if victim == "transaction":
        die_in_transaction(moment)
    with Corpus(url) as corpus:
        Batch(corpus, settings, workers=2, progress=tell).run([Path(dump)])


def tell(_stage: str, done: int, _total: int) -> None:
    """Say that something is done, to the one that kills."""
    if done:
        sys.stdout.write("done\n")
        sys.stdout.flush()


def disturbed(url: str, dump: Path, victim: str, chance: random.Random, *, pairing: bool = False) -> bool:
    """Run a batch in a process of its own and kill it, or one of its processes; whether something was killed.

    pairing: whether its pages pair by the numbers in them.
    """
    command = [sys.executable, __file__, url, str(dump), victim, str(chance.randrange(1, 60)), *(["pairing"] if pairing else [])]
    last_words = dump.with_name("last words")
    last_words.touch()
    environment = {**os.environ, "LAST_WORDS": str(last_words)}
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment)
    if victim in ("driver", "process"):
        if chance.random() < 0.7:
            process.stdout.readline()  # else while it begins
        time.sleep(chance.random() * 0.4)
        with suppress(ProcessLookupError):
            os.kill(process.pid if victim == "driver" else chance.choice(children(process.pid) or [process.pid]), signal.SIGKILL)
    _, errors = process.communicate(timeout=120)
    if process.returncode not in (0, -signal.SIGKILL):
        raise AssertionError(errors)
    return process.returncode != 0 or victim == "process" or not last_words.exists()


def children(pid: int) -> list[int]:
    """The processes that a process, whichever of its threads, has begun."""
    found = []
    for thread in Path(f"/proc/{pid}/task").glob("*/children"):
        with suppress(OSError):  # a thread that has just ended
            found += [int(child) for child in thread.read_text(encoding="utf-8").split()]
    return found


def content(url: str) -> list[list[tuple[object, ...]]]:
    """What a corpus holds, but for times, attempts and the order in which it came: texts, spans, beads, scores, decisions, the ledger,
    boilerplate, and what is not marked yet.
    """
    queries = (
        "SELECT id, source, target FROM units",
        "SELECT unit, status, reason FROM decisions",
        "SELECT l.name, l.digest, state, reason, units, s.name FROM ledger l"
        " LEFT JOIN alignments a ON a.id = alignment LEFT JOIN documents s ON s.id = a.source_document",
        "SELECT dump, name, digest FROM inputs",
        "SELECT unit FROM boilerplate",
        "SELECT count(*) FROM sketches",
    )
    return [beads(url), *(sorted(rows(url, query), key=str) for query in queries)]


def beads(url: str) -> list[tuple[object, ...]]:
    """The beads that a corpus shows, with the names and texts of their documents, whatever the order in which they came."""
    query = """SELECT s.name, t.name, s.text, t.text, a.weights, u.source, u.target, o.probability, o.cosine, o.source_segments,
        o.target_segments, o.source_spans, o.target_spans, o.was FROM occurrences o JOIN units u ON u.id = o.unit
        JOIN alignments a ON a.id = o.alignment JOIN documents s ON s.id = a.source_document
        JOIN documents t ON t.id = a.target_document WHERE a.superseded_by IS NULL"""
    return sorted(rows(url, query), key=str)


if __name__ == "__main__":
    run(sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4]), "pairing" in sys.argv[5:])
