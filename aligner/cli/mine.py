"""`aligner mine`: translations in unordered text."""

from __future__ import annotations

import time

import click

from aligner.cli import console, inputs, options, tables
from aligner.formats import files


@click.command("mine")
@click.argument("source")
@click.argument("target")
@click.option("-o", "--output", "path", metavar="OUT.tsv", required=True, help="Table to write; - is stdout; .gz and .zst pack it.")
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
    """Find translations in unordered lines.

    \b
    aligner mine a.txt b.txt -o pairs.tsv

    Lines of SOURCE and TARGET that translate each other, wherever they stand, go to OUT, a TSV. Its columns are probability, cosine,
    margin, source_line, target_line (counted from 0), source and target; the most probable come first. The files are text with a
    sentence a line, and may be packed (.gz, .zst); - is stdin.

    Every line is compared with every other, a block at a time. Beyond some 200,000 lines a side an index of FAISS is used where it is
    installed (pip install aligner[faiss]), which is faster and misses a few.
    """
    inputs.check_pair(source, target)
    tables.check_name(path)
    options.check_output(path, overwrite, (source, target))
    began = time.monotonic()
    written = left_out = 0
    with console.progress("mining") as bar, files.open_output(path, overwrite=overwrite) as stream:
        for number, found in enumerate(model.mine_blocks(source, target, memory, bar)):
            kept = found[found["probability"] >= min_probability]
            tables.write(kept, stream, header=number == 0)
            written, left_out = written + len(kept), left_out + len(found) - len(kept)
    seconds = time.monotonic() - began
    lines = [f"Found {written:,} pairs in {seconds:.1f} s; written to {console.destination(path)}"]
    if left_out:
        lines.append(f"  left out  {left_out:,} {options.too_improbable(min_probability)}")
    figures = {"output": path, "written": written, "left_out": left_out, "seconds": round(seconds, 2)}
    console.report(lines, figures, as_json=as_json, stdout_taken=path == files.STDIO)
