"""`aligner evaluate`: alignments, pages and mined pairs beside gold."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from aligner.cli import options
from aligner.errors import InputError
from aligner.formats import files

if TYPE_CHECKING:
    from aligner.evaluation import LinkReport, PageReport, Report

_KINDS = ("documents", "pages", "mining")


@click.command("evaluate")
@click.option("--gold", metavar="G", multiple=True, required=True, help="What is right: a file, or a folder of DOC.gold.")
@click.option("--test", metavar="T", multiple=True, required=True, help="What is to be judged: a file a gold, or a folder.")
@click.option("--kind", type=click.Choice(_KINDS), default=_KINDS[0], show_default=True, help="What was aligned.")
@click.option("--plot", metavar="OUT", help="Draw how often each probability is right: .png, .svg or .pdf.")
@options.overwrite
@options.json_instead_of("tables")
def command(gold: tuple[str, ...], test: tuple[str, ...], *, kind: str, plot: str | None, overwrite: bool, as_json: bool) -> None:
    """Score alignments against gold.

    \b
    aligner evaluate --gold a.gold --test a.beads --gold b.gold --test b.beads
    aligner evaluate --gold gold_folder --test folder_of_beads
    aligner evaluate --kind mining --gold gold.tsv --test pairs.tsv

    documents: strict and lax precision, recall and F1, nulls apart, each type of bead, and whether the probabilities say how often beads
    are right. The files hold a line [source segments]:[target segments]:probability for each bead, as 'aligner align --format beads'
    writes. DOC.alt beside DOC.gold may hold further links that are right too.

    pages: links between lines, as 'aligner align PAGE --segmented --format beads' writes, at several thresholds; lines that hold both
    languages apart. DOC.map beside DOC.gold tells what the page's lines hold.

    mining: the table that 'aligner mine' writes, at several thresholds; --min-probability 0 there leaves none of them out. Gold is a
    line source_line<TAB>target_line for each pair, counted from 0.

    95 % intervals come from drawing documents, pages or lines again and again.
    """
    if len(gold) != len(test):
        raise click.UsageError(f"--gold and --test go in pairs, but {len(gold)} and {len(test)} are given: give a --test for each --gold.")
    if kind == "mining" and len(gold) > 1:
        raise click.UsageError("of --kind mining one table is scored at a time: give one --gold and one --test.")
    for path in (*gold, *test):
        if not os.path.exists(path):  # noqa: PTH110 - Path.exists raises where the name is too long
            raise InputError(f"{path}: there is no such file or folder; check its name.")
    if len(gold) == 1 and Path(gold[0]).is_dir() != Path(test[0]).is_dir():
        raise click.UsageError(f"{gold[0]} and {test[0]}: one is a folder and the other a file: give two files or two folders.")
    if plot is not None:
        from aligner import plots  # brings NumPy

        if files.suffix(plot) not in plots.PICTURES:
            raise click.UsageError(f"{plot}: a picture is drawn: end its name in {', '.join(plots.PICTURES)}.")
        options.check_output(plot, overwrite, (*gold, *test))
        plots.check_picture(plot)
    report = _report(kind, gold, test)
    click.echo(json.dumps(report.to_dict()) if as_json else report.to_text())
    if plot is not None:
        plots.write_picture(plots.plot_reliability(report.judgements), plot, overwrite=overwrite)


def _report(kind: str, gold: tuple[str, ...], test: tuple[str, ...]) -> Report | PageReport | LinkReport:
    from aligner import evaluation  # brings NumPy

    if kind == "mining":
        return evaluation.evaluate_mined_file(gold[0], test[0])
    return evaluation.evaluate_page_files(gold, test) if kind == "pages" else evaluation.evaluate_files(gold, test)
