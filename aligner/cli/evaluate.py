"""`aligner evaluate`: an alignment beside gold."""

from __future__ import annotations

import json
from pathlib import Path

import click


@click.command("evaluate")
@click.option("--gold", "gold", metavar="G", multiple=True, required=True, help="Beads that are right: a file, or a folder of DOC.gold.")
@click.option("--test", "test", metavar="T", multiple=True, required=True, help="Beads to be judged: a file for every --gold, or a folder.")
@click.option("--json", "as_json", is_flag=True, help="Print one line of JSON.  [default: tables]")
def command(gold: tuple[str, ...], test: tuple[str, ...], *, as_json: bool) -> None:
    """Score alignments against gold.

    \b
    aligner evaluate --gold a.gold --test a.beads --gold b.gold --test b.beads
    aligner evaluate --gold gold_folder --test folder_of_beads

    Prints strict and lax precision, recall and F1, nulls apart, each type of bead, and whether the probabilities say how often beads are
    right. The files hold a line [source segments]:[target segments]:probability for each bead, as 'aligner align --format beads' writes.
    """
    from aligner.evaluation import evaluate_files, evaluate_folders  # brings NumPy

    if len(gold) != len(test):
        raise click.UsageError(f"--gold and --test go in pairs, but {len(gold)} and {len(test)} are given.")
    if len(gold) == 1 and Path(gold[0]).is_dir() and Path(test[0]).is_dir():
        report = evaluate_folders(gold[0], test[0])
    else:
        report = evaluate_files(gold, test)
    click.echo(json.dumps(report.to_dict()) if as_json else report.to_text())
