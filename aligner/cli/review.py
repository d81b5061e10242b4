"""`aligner review`: in a notebook, by sheets that go out and come back, and how far it is."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Sequence
from dataclasses import dataclass

import click

from aligner.cli import console, options
from aligner.cli.review_report import LISTED, figures_of_import, lines_of_import, lines_of_status
from aligner.errors import InputError
from aligner.formats import files
from aligner.reviewing.filters import DOUBT, ORDERS, Filter
from aligner.reviewing.sheets import FORMATS

NOBODY = "(export)"
"""Who looks where a sheet is for nobody; no person is called so."""

_probability = click.FloatRange(0, 1)


@dataclass(frozen=True, slots=True)
class Choice:
    """Which beads a sheet holds, and in which order."""

    statuses: tuple[str, ...]
    document: str | None
    min_probability: float
    max_probability: float
    reviewer: str | None
    recipient: str | None
    order: str
    limit: int | None

    def filter(self) -> Filter:
        """The same for a review session."""
        return Filter(
            status=frozenset(self.statuses),
            document=self.document,
            probability=(self.min_probability, self.max_probability),
            reviewer=self.reviewer,
            mine=self.recipient is not None,
        )


choosing = options.as_one(
    "choice",
    Choice,
    click.option(
        "--status",
        "statuses",
        metavar="STATUS",
        multiple=True,
        callback=options.known_statuses,
        help="Only what is unreviewed, accepted, rejected or flagged; may be repeated.  [default: any]",
    ),
    click.option("--document", metavar="NAME", help="Only documents whose names hold this.  [default: all]"),
    click.option("--min-probability", metavar="P", type=_probability, default=0.0, show_default=True, help="Nothing less probable."),
    click.option("--max-probability", metavar="P", type=_probability, default=1.0, show_default=True, help="Nothing more probable."),
    click.option("--reviewer", metavar="NAME", help="Only what this reviewer was the last to decide on.  [default: all]"),
    click.option("--for", "recipient", metavar="NAME", help="Only documents that are assigned to this reviewer.  [default: all]"),
    click.option(
        "--order",
        type=click.Choice(ORDERS),
        default=DOUBT,
        show_default=True,
        help="The doubtful first, or as they stand in the documents.",
    ),
    click.option("--limit", metavar="N", type=click.IntRange(min=1), help="The first N alone.  [default: all]"),
)


@click.group("review", cls=console.InOrder)
def command() -> None:
    """Review in a notebook, or by sheets that go out and come back.

    \b
    aligner review open --corpus corpus.db                             in JupyterLab, by keyboard
    aligner review export ada.xlsx --corpus corpus.db --limit 200      the 200 most doubtful, to send to Ada
    aligner review import ada.xlsx --corpus corpus.db --reviewer Ada   what she did, to look at first
    aligner review import ada.xlsx --corpus corpus.db --reviewer Ada --apply
    """


@command.command("open")
@options.corpus_to_read
@click.option("--notebook", metavar="FILE", help="The notebook, made where there is none.  [default: review.ipynb here]")
@click.option("--no-browser", is_flag=True, help="Only print the address.  [default: open a browser on it]")
def open_command(*, corpus: str, notebook: str | None, no_browser: bool) -> None:
    """Review in a notebook: start JupyterLab on it.

    \b
    aligner review open --corpus corpus.db

    It serves this machine alone, and goes on until it is stopped (Ctrl+C). A notebook that is there already is opened as it is, on the
    corpus that is named here.
    """
    from aligner.reviewing.notebook.jupyter import open_notebook  # brings SQLAlchemy, which --help can do without

    if open_notebook(corpus, notebook, browser=not no_browser):
        raise click.exceptions.Exit(console.FAILED)


@command.command("export")
@options.output(FORMATS, click.argument("path", metavar="SHEET"))
@options.corpus_to_read
@choosing
@options.as_json
def export_command(*, output: options.Output, corpus: str, choice: Choice, as_json: bool) -> None:
    """Write a sheet for review.

    \b
    aligner review export ada.xlsx --corpus corpus.db --limit 200

    SHEET is .xlsx, with lists to choose a status and a reason from, or .tsv, quoted as CSV is; also packed (.gz, .zst); - is stdout.
    Choose .xlsx for people, for of a .tsv spreadsheet programs make numbers and dates of some texts; what could be a formula has an
    apostrophe in front there, which the import takes off again.

    Whoever reviews chooses a status, corrects texts, writes comments, and leaves the rest as it is. Rows may be filtered, sorted and
    deleted.
    """
    path = output.path or files.STDIO
    kind = output.format or files.suffix(path).removeprefix(".")
    if kind not in FORMATS:
        raise click.UsageError(f"{path}: its name tells no kind of sheet; end it in .xlsx or .tsv, or name the format (--format).")
    from aligner.corpus import Corpus  # SQLAlchemy takes a quarter of a second
    from aligner.reviewing.session import ReviewSession
    from aligner.reviewing.sheets.spreadsheet import write_sheet

    with Corpus(corpus, create=False) as store:
        options.check_output(path, output.overwrite, (store.name,))
        session = ReviewSession(store, reviewer=choice.recipient or NOBODY)
        session.view(choice.filter(), choice.order)
        found, name = session.total, store.name
        written = write_sheet(session, path, format=kind, limit=choice.limit, overwrite=output.overwrite)
    lines = [f"Wrote {console.counted(written, 'row')} of {name} to {console.destination(path)}"]
    if found > written:
        lines.append(f"  left out  {found - written:,}{' (--limit)' if choice.limit else ''}")
    figures = {"output": path, "written": written, "left_out": found - written}
    console.report(lines, figures, as_json=as_json, stdout_taken=output.is_stdout)


@command.command("import")
@click.argument("sheet")
@options.corpus_to_read
@click.option("--reviewer", metavar="NAME", required=True, help="Who reviewed it: a name, the same each time.")
@click.option("--apply", "is_applied", is_flag=True, help="Do it.  [default: only say what would be done]")
@click.option(
    "--overwrite-decisions",
    is_flag=True,
    help="Decide also where somebody has decided since the sheet was written.  [default: leave those rows alone]",
)
@click.option("--format", "kind", type=click.Choice(FORMATS), help="Format of the sheet.  [default: what its suffix says]")
@options.as_json
def import_command(
    *, sheet: str, corpus: str, reviewer: str, is_applied: bool, overwrite_decisions: bool, kind: str | None, as_json: bool
) -> None:
    """Take a sheet back from review.

    \b
    aligner review import ada.xlsx --corpus corpus.db --reviewer Ada           say what would be done
    aligner review import ada.xlsx --corpus corpus.db --reviewer Ada --apply   do it

    Says what the sheet asks for, and with --apply does it, all at once: one undo takes it back. SHEET is what 'aligner review export'
    wrote, .xlsx or .tsv; - is stdin. Rows are found by their ids, wherever they stand. Those that are of another corpus, not understood,
    doubled with other contents, or decided on or changed in the corpus since the sheet was written are left alone and listed. What a
    row asks for may be so already; then it is counted, and nothing is done.

    Exit code: 0 all is well; 1 with --apply, some rows were left alone; 2 wrong usage; 3 without it, some would be.
    """
    if not reviewer.strip():
        raise click.UsageError("a reviewer's name was wanted (--reviewer).")
    from aligner.corpus import Corpus  # as above
    from aligner.reviewing.sheets.importing import carry_out_import, plan_import
    from aligner.reviewing.sheets.spreadsheet import read_sheet

    rows = read_sheet(sheet, format=kind)
    take = carry_out_import if is_applied else plan_import
    with Corpus(corpus, create=False) as store:
        plan = take(store, rows, reviewer=reviewer.strip(), overwrite_decisions=overwrite_decisions)
        what = f"{files.display_name(sheet)} for {store.name}"
    console.report(lines_of_import(plan, what, is_applied), figures_of_import(plan, is_applied), as_json=as_json)
    if any(plan.problems.values()):
        raise click.exceptions.Exit(console.FAILED if is_applied else console.FINDINGS)


@command.command("status")
@options.corpus_to_read
@options.json_instead_of("text")
def status_command(corpus: str, *, as_json: bool) -> None:
    """Print how far the review is.

    \b
    aligner review status --corpus corpus.db

    As a whole, by reviewer and by document; how many rows are in conflict, accepted by one and rejected by another; and how reviewers
    agree where several decided on the same (Cohen's kappa: 1 for full agreement, 0 for what chance would give), in which texts that
    stand in several places count once.
    """
    from aligner.corpus import Corpus  # as above
    from aligner.reviewing.overview import overview

    with Corpus(corpus, create=False) as store:
        name, found = store.name, overview(store)
    click.echo(json.dumps(dataclasses.asdict(found), ensure_ascii=False) if as_json else "\n".join(lines_of_status(name, found)))


@command.command("assign")
@click.argument("documents", metavar="DOCUMENT...", nargs=-1, required=True)
@options.corpus_to_read
@click.option("--reviewer", metavar="NAME", help="Whose they are from now on.")
@click.option("--nobody", is_flag=True, help="Let them be nobody's.  [default: --reviewer's]")
def assign_command(*, documents: Sequence[str], corpus: str, reviewer: str | None, nobody: bool) -> None:
    """Give documents to a reviewer, who sees theirs first.

    \b
    aligner review assign communique --reviewer Ada --corpus corpus.db

    DOCUMENT is a name that 'aligner review status' shows, or a part of some.
    """
    name = (reviewer or "").strip()
    if nobody == bool(name):
        raise click.UsageError("either a reviewer's name was wanted (--reviewer), or --nobody.")
    from aligner.corpus import Corpus  # as above
    from aligner.corpus.actions import assign
    from aligner.reviewing.documents import documents as listed

    with Corpus(corpus, create=False) as store:
        names = {one.alignment: one.document for one in listed(store)}
        unknown = [part for part in documents if not any(part in known for known in names.values())]
        if unknown:
            there = ", ".join(list(names.values())[:LISTED]) + (" …" if len(names) > LISTED else "")
            raise InputError(f"{store.name}: there is no document {', '.join(unknown)}; there are {there or 'none'}.")
        given = {alignment: known for alignment, known in names.items() if any(part in known for part in documents)}
        with store.writing() as connection:
            for alignment in given:
                assign(connection, alignment, name)
    for known in given.values():
        console.say(f"{known}: {name or 'nobody'}")


@command.command("gold")
@click.argument("folder")
@options.corpus_to_read
@options.languages
@options.overwrite
@options.as_json
def gold_command(*, folder: str, corpus: str, source_lang: str, target_lang: str, overwrite: bool, as_json: bool) -> None:
    """Write documents that are decided throughout as gold.

    \b
    aligner review gold gold/ --corpus corpus.db

    FOLDER gets DOC.fr, DOC.en and DOC.gold of each, for 'aligner train' and 'aligner evaluate'. Documents in which anything is undecided,
    flagged, or rejected and not put right are left out and named; 'aligner train --corpus' learns from these too.
    """
    from aligner.corpus import Corpus  # as above
    from aligner.reviewing.gold import export_gold

    with Corpus(corpus, create=False) as store:
        done, name = export_gold(store, folder, source_lang=source_lang, target_lang=target_lang, overwrite=overwrite), store.name
    lines = [
        f"Wrote {console.counted(len(done.written), 'document')} of {name} to {folder}"
        if done.written
        else f"No document of {name} is gold yet"
    ]
    lines += (f"  left out  {one.name}: {one.decided:,} of {one.segments:,} segments are accepted" for one in done.partial[:LISTED])
    if len(done.partial) > LISTED:
        lines.append(f"  left out  {len(done.partial) - LISTED:,} more")
    console.report(lines, {"folder": folder, **dataclasses.asdict(done)}, as_json=as_json)
