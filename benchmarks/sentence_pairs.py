"""The tables of sentence pairs in gold: TSV with French and English in the first two columns, some packed with gzip."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from pathlib import Path


def sentence_pairs(path: Path) -> Iterator[tuple[str, str]]:
    """The rows of a table that are blank in neither column."""
    opened = gzip.open if path.suffix == ".gz" else open
    with opened(path, "rt", encoding="utf-8", newline="\n") as rows:
        for row in rows:
            source, target = [*row.rstrip("\n").split("\t"), ""][:2]
            if source.strip() and target.strip():
                yield source, target
