"""`aligner export`: units of a corpus as TMX, a table or a page to read."""

from __future__ import annotations

import click

from aligner import formats
from aligner.cli import console, options
from aligner.cli.export_selection import Selection
from aligner.formats import files


def _kinds(_context: click.Context, _option: click.Parameter, given: tuple[str, ...]) -> frozenset[str]:
    kinds = frozenset(kind for value in given for kind in value.split(","))
    if kinds:
        from aligner.annotations import KINDS  # whose patterns --help has no use for

        for kind in sorted(kinds.difference(KINDS)):
            raise click.BadParameter(f"there is no annotation {kind!r}: the kinds are {', '.join(KINDS)}.")
    return kinds


@click.command("export")
@options.output(tuple(formats.FORMATS), click.argument("path", metavar="OUT"))
@options.corpus_to_read
@click.option(
    "--status",
    metavar="STATUS",
    callback=options.known_statuses,
    help="Only what is unreviewed, accepted, rejected or flagged.  [default: all but rejected]",
)
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

    \b
    aligner export all.tmx --corpus corpus.db
    aligner export accepted.tmx --corpus corpus.db --status accepted
    aligner export sure.xlsx --corpus corpus.db --min-probability 0.99 --without numbers,length

    OUT is .tmx, .tsv, .csv, .jsonl, .xlsx or .html, also packed (.gz, .zst); - is stdout. An .html is one page that any
    browser opens without a network, to be searched, filtered and printed; to have a sheet back, use 'aligner review export'.
    Units that a reviewer has accepted are written whatever their probability and annotations, and whether or
    not they repeat. What a reviewer merged, split, moved or edited and nobody has decided on since has a probability of its own, goes by
    it as all else does, and is counted.

    Boilerplate are units that recur over a site, such as its menus, wherever they stand; near copies are units of a document that is nearly
    the same as an earlier one, which has them in other words. 'aligner batch' marks both.
    """
    kind, path = output.unit_format(), output.path or files.STDIO
    from aligner.corpus import Corpus, listing  # SQLAlchemy takes a quarter of a second

    with Corpus(corpus, create=False) as store:
        options.check_output(path, output.overwrite, (store.name,))
        with store.reading() as connection:
            disputed, mended = listing.conflicts(connection), listing.mended(connection)
        repeated = {} if with_repeats else store.repeated_units()
        selection = Selection(status, min_probability, without, repeated, disputed=disputed, mended=mended)
        if status is not None:
            selection.pass_over(store.stats().by_status)
        units = selection.of(store.units(status=status, with_repeats=True))
        written = formats.write_units(units, path, format=kind, overwrite=output.overwrite)
        name = store.name
    lines = [f"Wrote {written:,} of {selection.units:,} units of {name} to {console.destination(path)}", *selection.lines()]
    figures = {"output": path, "written": written, **selection.figures()}
    console.report(lines, figures, as_json=as_json, stdout_taken=output.is_stdout)
