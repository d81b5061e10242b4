"""`aligner export`: units of a corpus as TMX, a table or a page to read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import click

from aligner import formats
from aligner.cli import console, options
from aligner.formats import files
from aligner.types import TranslationUnit


@click.command("export")
@options.output(tuple(formats.FORMATS), click.argument("path", metavar="OUT"))
@options.corpus_to_read
@click.option("--status", help="Only units of this status: unreviewed, accepted, rejected or flagged.  [default: all but rejected]")
@options.min_probability
@click.option("--with-repeats", is_flag=True, help="Write near copies and boilerplate too.  [default: leave them out, and say how many]")
@options.as_json
def command(*, output: options.Output, corpus: str, status: str | None, min_probability: float, with_repeats: bool, as_json: bool) -> None:
    """Write the units of a corpus to a file.

    OUT is .tmx, .tsv, .csv, .jsonl, .xlsx or .html, also packed (.gz, .zst); - is stdout. An .html is one page that any
    browser opens without a network, to be searched, filtered and printed; to have a sheet back, use 'aligner review export'.
    Units that a reviewer has accepted are written whatever their probability, and whether or not they repeat.

    Boilerplate are units that recur over a site, such as its menus, wherever they stand; near copies are units of a document that is nearly
    the same as an earlier one, which has them in other words. 'aligner batch' marks both.
    """
    kind, path = output.unit_format(), output.path or files.STDIO
    from aligner.corpus import Corpus, listing  # SQLAlchemy takes a quarter of a second

    disputed = 0
    left_out: Counter[str] = Counter()

    def wanted(units: Iterator[TranslationUnit], torn: set[str], repeated: dict[str, str]) -> Iterator[TranslationUnit]:
        nonlocal disputed
        for unit in units:
            if status is None and unit.status == "rejected":
                left_out["rejected"] += 1
            elif unit.status != "accepted" and (unit.probability or 0) < min_probability:
                left_out["improbable"] += 1
            elif unit.id in repeated:
                left_out[repeated[unit.id]] += 1
            else:
                disputed += unit.id in torn
                yield unit

    with Corpus(corpus, create=False) as store:
        options.check_output(path, output.overwrite, (store.name,))
        with store.reading() as connection:
            torn = listing.conflicts(connection)
        repeated = {} if with_repeats else store.repeated_units()
        units = wanted(store.units(status=status, with_repeats=True), torn, repeated)
        written = formats.write_units(units, path, format=kind, overwrite=output.overwrite)
        name = store.name
    lines = [f"Wrote {written:,} units of {name} to {'standard output' if output.is_stdout else path}"]
    if left_out["rejected"]:
        lines.append(f"  left out  {left_out['rejected']:,} rejected")
    if left_out["improbable"]:
        lines.append(f"  left out  {left_out['improbable']:,} less probable than {min_probability:g} (--min-probability)")
    for repeat, shown in (("boilerplate", "boilerplate of sites"), ("copy", "in near copies of documents")):
        if left_out[repeat]:
            lines.append(f"  left out  {left_out[repeat]:,} {shown} (--with-repeats writes them)")
    if disputed:
        lines.append(f"  disputed  {disputed:,} that one reviewer accepted and another rejected: the latest decision counts")
    figures = {
        "output": path,
        "written": written,
        "disputed": disputed,
        "left_out": {name: left_out[name] for name in ("rejected", "improbable", "boilerplate", "copy")},
    }
    console.report(lines, figures, as_json=as_json, stdout_taken=output.is_stdout)
