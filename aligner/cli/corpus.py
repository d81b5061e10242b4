"""`aligner corpus`: a corpus as a whole: check it, copy it, back it up, take dumps out of it again."""

from __future__ import annotations

import dataclasses

import click

from aligner.cli import console, options


@click.group("corpus", cls=console.InOrder)
def command() -> None:
    """Check, copy and back up a corpus; forget dumps."""


@command.command("check")
@click.argument("url", metavar="URL")
@options.as_json
def check_command(url: str, *, as_json: bool) -> None:
    """Check that a corpus is sound and agrees with itself.

    \b
    aligner corpus check corpus.db

    A line WHERE: MESSAGE is printed for everything that is wrong: damage of a SQLite file, texts that are not what their digests and ids
    are of, beads that stand outside of their documents, overlap or say something else than their units, decisions that do not count as
    they should. Others may go on working. Exit code: 0 nothing found, 3 something found, 1 not readable.
    """
    from aligner.corpus import Corpus  # SQLAlchemy takes a quarter of a second
    from aligner.corpus.checking import check

    with Corpus(url, create=False) as store:
        name, findings = store.name, list(check(store.reading))
    lines = [f"{finding.where}: {finding.message}" for finding in findings] or [f"{name}: nothing wrong"]
    console.report(lines, {"findings": [dataclasses.asdict(finding) for finding in findings]}, as_json=as_json)
    if findings:
        raise click.exceptions.Exit(console.FINDINGS)


@command.command("copy")
@click.argument("source", metavar="FROM")
@click.argument("target", metavar="TO")
@options.as_json
def copy_command(source: str, target: str, *, as_json: bool) -> None:
    """Copy a corpus to another database, of either kind.

    \b
    aligner corpus copy corpus.db postgresql+pg8000://user@host/corpus

    FROM and TO are files of SQLite or URLs of databases; TO is a new file or an empty database. Everything is copied as it is at one
    moment, with its numbers, while others go on working; what is cut off is no corpus.
    """
    _copied(source, target, overwrite=False, as_json=as_json)


@command.command("backup")
@click.argument("url", metavar="URL")
@click.argument("path", metavar="FILE")
@options.overwrite
@options.as_json
def backup_command(url: str, path: str, *, overwrite: bool, as_json: bool) -> None:
    """Write a corpus to a file of SQLite, which is a corpus itself.

    \b
    aligner corpus backup corpus.db backup.db --overwrite

    It is written as 'aligner corpus copy' does it, also while a batch is at work, checked, and only then named FILE.
    """
    if "://" in path:
        raise click.UsageError(f"a backup is a file; 'aligner corpus copy' writes to databases such as {path}.")
    _copied(url, path, overwrite=overwrite, as_json=as_json)


def _copied(source: str, target: str, *, overwrite: bool, as_json: bool) -> None:
    from aligner.corpus.copying import copy  # SQLAlchemy takes a quarter of a second

    with console.progress() as progress:
        rows = copy(source, target, overwrite=overwrite, progress=progress)
    held = ", ".join(f"{rows[name]:,} {name}" for name in ("documents", "alignments", "decisions"))  # rows of units are of nulls too
    console.report([f"{target}: {held}; {sum(rows.values()):,} rows in all"], {"rows": rows}, as_json=as_json)


@command.command("forget")
@click.argument("url", metavar="URL")
@click.argument("names", metavar="DUMP|DOCUMENT...", nargs=-1, required=True)
@click.option("--dry-run", is_flag=True, help="Say what would go, and do nothing.")
@options.as_json
def forget_command(url: str, names: tuple[str, ...], *, dry_run: bool, as_json: bool) -> None:
    """Take dumps or documents out of a corpus again.

    \b
    aligner corpus forget corpus.db dumps/2026-11 --dry-run   what would go
    aligner corpus forget corpus.db dumps/2026-11

    A DUMP is named as it was to 'aligner batch', a DOCUMENT as the corpus names it. What stands in another dump too stays; what stood in
    the dump in an earlier version goes with it. What reviewers decided stays on record, and holds again when the text comes back: the
    next batch over the dump aligns it anew. Cut off, the same command finishes what it began.
    """
    from aligner.corpus import Corpus  # SQLAlchemy takes a quarter of a second

    with Corpus(url, create=False) as store:
        gone = store.forget(names, dry=dry_run)
    stored = (gone.alignments, "alignment"), (gone.beads, "bead"), (gone.units, "unit")
    counts = [f"{console.counted(gone.inputs, 'place')} in dumps", *(console.counted(*each) for each in stored)]
    lines = [f"{'Would go' if dry_run else 'Gone'}: {', '.join(counts)}"]
    if gone.kept_units:
        lines.append(f"  kept         {gone.kept_units:,} units that reviewers had to do with, on record")
    if gone.current_again:
        lines.append(f"  seen again   {gone.current_again:,} earlier versions, of other dumps or added by hand")
    console.report(lines, dataclasses.asdict(gone), as_json=as_json)
