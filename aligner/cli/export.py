"""`aligner export`: units of a corpus as TMX, a table or a page to read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import click

from aligner import formats
from aligner.cli import console, options
from aligner.formats import files
from aligner.types import TranslationUnit


def _kinds(_context: click.Context, _option: click.Parameter, given: tuple[str, ...]) -> frozenset[str]:
    kinds = frozenset(kind for value in given for kind in value.split(","))
    if kinds:
        from aligner.annotations import KINDS  # whose patterns --help has no use for

        for kind in sorted(kinds.difference(KINDS)):
            raise click.BadParameter(f"there is no annotation {kind!r}: the kinds are {', '.join(KINDS)}.")
    return kinds


def _counted(kinds: Counter[str]) -> str:
    return ", ".join(f"{count:,} {kind}" for kind, count in kinds.most_common())


@click.command("export")
@options.output(tuple(formats.FORMATS), click.argument("path", metavar="OUT"))
@options.corpus_to_read
@click.option("--status", help="Only units of this status: unreviewed, accepted, rejected or flagged.  [default: all but rejected]")
@options.min_probability
@click.option("--with-repeats", is_flag=True, help="Write near copies and boilerplate too.  [default: leave them out, and say how many]")
@click.option(
    "--without",
    metavar="KIND[,KIND...]",
    multiple=True,
    callback=_kinds,
    help="Leave out units that have one of these annotations; 'aligner stats' counts them.  [default: none is left out]",
)
@options.as_json
def command(
    *,
    output: options.Output,
    corpus: str,
    status: str | None,
    min_probability: float,
    with_repeats: bool,
    without: frozenset[str],
    as_json: bool,
) -> None:
    """Write the units of a corpus to a file.

    OUT is .tmx, .tsv, .csv, .jsonl, .xlsx or .html, also packed (.gz, .zst); - is stdout. An .html is one page that any
    browser opens without a network, to be searched, filtered and printed; to have a sheet back, use 'aligner review export'.
    Units that a reviewer has accepted are written whatever their probability and annotations, and whether or
    not they repeat.

    Boilerplate are units that recur over a site, such as its menus, wherever they stand; near copies are units of a document that is nearly
    the same as an earlier one, which has them in other words. 'aligner batch' marks both.
    """
    kind, path = output.unit_format(), output.path or files.STDIO
    from aligner.corpus import Corpus, listing  # SQLAlchemy takes a quarter of a second

    disputed = 0
    left_out: Counter[str] = Counter()
    annotated: Counter[str] = Counter()  # of those that are left out for it
    written_with: Counter[str] = Counter()

    def wanted(units: Iterator[TranslationUnit], torn: set[str], repeated: dict[str, str]) -> Iterator[TranslationUnit]:
        nonlocal disputed
        for unit in units:
            if status is None and unit.status == "rejected":
                left_out["rejected"] += 1
            elif unit.status != "accepted" and (unit.probability or 0) < min_probability:
                left_out["improbable"] += 1
            elif unit.id in repeated:
                left_out[repeated[unit.id]] += 1
            elif unit.status != "accepted" and not without.isdisjoint(unit.annotations):
                left_out["annotated"] += 1
                annotated.update(without.intersection(unit.annotations))
            else:
                written_with.update(unit.annotations)
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
    if left_out["annotated"]:
        lines.append(f"  left out  {left_out['annotated']:,} annotated: {_counted(annotated)} (--without)")
    if written_with:
        lines.append(f"  annotated {_counted(written_with)} of those written (--without leaves them out)")
    if disputed:
        lines.append(f"  disputed  {disputed:,} that one reviewer accepted and another rejected: the latest decision counts")
    figures = {
        "output": path,
        "written": written,
        "disputed": disputed,
        "left_out": {name: left_out[name] for name in ("rejected", "improbable", "boilerplate", "copy", "annotated")},
        "annotations": dict(written_with),
    }
    console.report(lines, figures, as_json=as_json, stdout_taken=output.is_stdout)
