"""`aligner pair`: which document of one folder translates which of another."""

from __future__ import annotations

import time
from collections.abc import Iterable
from pathlib import Path

import click

from aligner.cli import console, options, tables
from aligner.dumps import find_documents, read_document
from aligner.errors import InputError
from aligner.formats import files
from aligner.types import Document

_NAMED = 5
"""Documents without a partner that the summary names, of either folder."""


@click.command("pair")
@click.argument("source", metavar="FOLDER_A")
@click.argument("target", metavar="FOLDER_B")
@click.option(
    "-o",
    "--output",
    "path",
    metavar="OUT.tsv",
    default=files.STDIO,
    show_default=True,
    help="Table to write; - is stdout; .gz and .zst pack it.",
)
@options.min_probability
@options.memory
@options.model
@options.overwrite
@options.as_json
def command(
    source: str,
    target: str,
    *,
    path: str,
    min_probability: float,
    memory: int,
    model: options.Model,
    overwrite: bool,
    as_json: bool,
) -> None:
    """Find which document translates which.

    \b
    aligner pair french/ english/ -o pairs.tsv

    For folders whose names do not match: FOLDER_A holds documents in the source language, FOLDER_B in the target language, at any depth,
    as text or HTML. Translations among all their sentences decide, and what recurs in many documents counts little. Each document stands
    in one pair at most. OUT is a TSV with the columns probability, votes (sentences that translate each other, rounded, for what recurs
    counts as a part of one), share (of the sentences of one document), order (the part of them that comes in the same order), source and
    target (paths), the most probable first.

    Exit code: 0 done, also where nothing was found; 1 something failed; 2 wrong usage.
    """
    tables.check_name(path)
    folders = (Path(source), Path(target))
    if all(folder.is_dir() for folder in folders) and folders[0].samefile(folders[1]):
        raise click.UsageError(f"FOLDER_A and FOLDER_B are the same folder, {source}: give a folder for each language.")
    paths = [find_documents(folder) for folder in folders]
    options.check_output(path, overwrite, [file for side in paths for file in side])
    began = time.monotonic()
    failed: list[str] = []
    documents = _read(paths[0], failed), _read(paths[1], failed)
    with console.progress("pairing") as bar:
        found = model.pair_documents(*documents, memory, bar)
    kept = found[found["probability"] >= min_probability]
    table = kept.assign(votes=kept["votes"].round().astype(int))  # a vote of what recurs is a part of one
    with files.open_output(path, overwrite=overwrite) as stream:
        tables.write(table, stream)
    without = [_left(side, kept[name]) for name, side in zip(("source", "target"), documents, strict=True)]
    seconds = time.monotonic() - began
    lines = [
        f"Paired {len(kept):,} documents in {seconds:.1f} s; written to {console.destination(path)}",
    ]
    lines += [f"  without a partner  {len(names):,} in {folder}{_some(names)}" for folder, names in zip(folders, without, strict=True)]
    if len(found) > len(kept):
        lines.append(f"  left out  {len(found) - len(kept):,} pairs {options.too_improbable(min_probability)}")
    lines += [f"  failed  {reason}" for reason in failed]
    figures = {
        "output": path,
        "written": len(kept),
        "left_out": len(found) - len(kept),
        "without_partner": {"source": without[0], "target": without[1]},
        "failed": failed,
        "seconds": round(seconds, 2),
    }
    console.report(lines, figures, as_json=as_json, stdout_taken=path == files.STDIO)
    if failed:
        raise click.exceptions.Exit(console.FAILED)


def _left(documents: list[Document], paired: Iterable[str]) -> list[str]:
    """The names of the documents that stand in no pair."""
    taken = set(paired)
    return [document.name for document in documents if document.name not in taken]


def _some(names: list[str]) -> str:
    more = f" and {len(names) - _NAMED:,} more, which --json names" if len(names) > _NAMED else ""
    return f": {', '.join(names[:_NAMED])}{more}" if names else ""


def _read(paths: list[Path], failed: list[str]) -> list[Document]:
    """The documents in those files that can be read; why others cannot goes to `failed`."""
    documents = []
    for path in paths:
        try:
            documents.append(read_document(path))
        except InputError as error:
            failed.append(str(error))
    return documents
