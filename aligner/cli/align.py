"""`aligner align`: two documents, a folder of pairs, two columns of a table, or a page that holds both languages."""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterator
from pathlib import Path

import click

from aligner import formats
from aligner.cli import console, inputs, options
from aligner.cli.summary import Summary
from aligner.errors import InputError, OutputError
from aligner.formats import beads, files
from aligner.types import Alignment, TranslationUnit

_BEADS = "beads"

Made = Iterator[tuple[inputs.Work, Alignment]]


@click.command("align")
@click.argument("source")
@click.argument("target", required=False)
@options.output(
    (*formats.FORMATS, _BEADS),
    click.option("-o", "--output", "path", metavar="OUT", help="File to write; - is stdout; .gz and .zst pack it."),
)
@click.option("--corpus", metavar="URL", help="Fill this corpus, besides writing OUT or instead: a file of SQLite, or a database's URL.")
@options.min_probability
@options.model
@inputs.reading
@options.as_json
def command(
    source: str,
    target: str | None,
    *,
    output: options.Output,
    corpus: str | None,
    min_probability: float,
    model: options.Model,
    reading: inputs.Reading,
    as_json: bool,
) -> None:
    """Align two documents, a folder of them, or a page.

    What corresponds, sentence by sentence, goes to OUT.

    \b
    aligner align a.fr.txt a.en.txt -o a.tmx     two documents
    aligner align page.html -o page.tmx          a page that holds both languages
    aligner align folder -o all.tmx              pairs: a.fr.txt a.en.txt, fr/a.txt en/a.txt, a_fr.txt a_en.txt
    aligner align t.csv -o t.tmx --source-column french --target-column english

    The files are texts or HTML or, with both columns named, TSV, CSV or JSON Lines, and may be packed (.gz, .zst); - is stdin. The two
    cells of a table's row are counterparts; given two tables, each column is a document of its own whose rows are segments.

    OUT is .tmx, .tsv, .csv, .jsonl, .xlsx or .html (one page to read and search); or, with --format beads, it has a line
    [source segments]:[target segments]:probability for each bead, 0-based, and then those of document pairs are all written, whatever
    their probability, and for a folder OUT is a folder. A corpus takes every bead, for the doubtful ones are those to review.

    Exit code: 0 done, also where nothing was found (OUT is written then too, without units); 1 something failed; 2 wrong usage.
    """
    if output.path is None and corpus is None:
        raise click.UsageError("there is nowhere to write to: give -o OUT, or --corpus URL, or both.")
    several = target is None and Path(source).is_dir()
    works, unpaired = reading.works_of_folder(Path(source), model) if several else (reading.works(source, target), [])
    _check_output(output, works, several, corpus)
    summary = Summary(model.source_lang, model.target_lang, min_probability=min_probability, unpaired=unpaired, output=output.path)

    wants_links_alone = not several and corpus is None and output.format != _BEADS
    with console.progress("aligning") as bar:
        made = _alignments(works, model, bar, summary, skip_empty=wants_links_alone)
        if corpus is not None:
            made = _into_corpus(made, corpus, summary)
        if output.path is None:
            for _, alignment in made:
                summary.count(alignment, min_probability=0.0)
        elif output.format == _BEADS:
            _write_beads(made, output, summary, several)
        else:
            _write_units(made, output, summary)
    if target is None and not several and (remark := reading.remark_on_page(source, model)):
        summary.remarks.append(remark)
    console.report(summary.lines(), summary.figures(), as_json=as_json, stdout_taken=output.is_stdout)
    if summary.failed:
        raise click.exceptions.Exit(console.FAILED)


def _check_output(output: options.Output, works: list[inputs.Work], several: bool, corpus: str | None) -> None:
    """Complain before the work, not after it."""
    if output.path is None:
        return
    read = [path for work in works for path in work.files]
    if corpus is not None and (file := _corpus_file(corpus)):
        read.append(file)
    if output.format != _BEADS:
        output.unit_format()
        options.check_output(output.path, output.overwrite, read)
    elif not several:
        options.check_output(output.path, output.overwrite, read)
    elif Path(output.path).is_dir():
        for work in works:
            options.check_output(_bead_file(output.path, work), output.overwrite, read)
    elif output.is_stdout or Path(output.path).exists():
        raise OutputError(f"{output.path}: is no folder, where the beads of a folder's pairs take a file each; name a folder.")


def _alignments(works: list[inputs.Work], model: options.Model, bar: console.Bar, summary: Summary, *, skip_empty: bool) -> Made:
    """Each work with its alignment; where one of several cannot be read, that is reported and the rest goes on.

    skip_empty: whether a work of which a document holds no text is told of and left, for which no encoder need be loaded.
    """
    several = len(works) > 1
    aligner = model.aligner(bar) if several else None
    for number, work in enumerate(works, 1):
        bar.prefix = f"{number}/{len(works)} " if several else ""
        try:
            documents = work.read()
            if skip_empty and (empty := [document.name for document in documents if not document.text.strip()]):
                summary.remarks += (f"{name} is empty" for name in empty)
                continue
            # Loading the encoder takes seconds: a single file that cannot be read is found before.
            aligner = aligner or model.aligner(bar)
            alignment = aligner.align(*documents) if len(documents) == 2 else aligner.align_page(*documents)
        except InputError as error:
            if not several:
                raise
            summary.failed.append(str(error))
        else:
            yield work, alignment


def _into_corpus(made: Made, url: str, summary: Summary) -> Made:
    from aligner.corpus import Corpus  # SQLAlchemy takes a quarter of a second

    file = _corpus_file(url)
    if file is not None and not os.path.exists(file):  # noqa: PTH110 - Path.exists raises where the name is too long
        files.check_output(file)
        # A corpus that is not there yet is made with the first alignment: what fails or is interrupted before leaves no empty one.
        first = next(made, None)
        if first is None:
            return
        made = itertools.chain([first], made)
    counts = {"units": 0, "occurrences": 0, "known": 0}
    with Corpus(url) as corpus:
        for work, alignment in made:
            added = corpus.add(alignment)
            counts = {name: count + getattr(added, name) for name, count in counts.items()}
            summary.corpus = {"url": corpus.name, **counts}
            yield work, alignment


def _corpus_file(url: str) -> str | None:
    """The file of a corpus in SQLite."""
    path = url.removeprefix("sqlite:///")
    return None if "://" in path else path


def _write_units(made: Made, output: options.Output, summary: Summary) -> None:
    assert output.path is not None
    first = next(made, None)
    if first is None and summary.failed:
        return  # nothing could be read

    from aligner.annotations import annotated  # whose patterns --help has no use for

    def units() -> Iterator[TranslationUnit]:
        for _, alignment in itertools.chain([first] if first else [], made):
            summary.count(alignment, summary.min_probability)
            for unit in annotated(alignment.units(summary.min_probability)):
                summary.annotated += bool(unit.annotations)
                summary.annotations.update(unit.annotations)
                yield unit

    summary.written = formats.write_units(
        units(),
        output.path,
        format=output.unit_format(),
        overwrite=output.overwrite,
        provenance=first[1].provenance if first else None,
    )


def _write_beads(made: Made, output: options.Output, summary: Summary, several: bool) -> None:
    assert output.path is not None
    for work, alignment in made:
        # A document pair's beads cover both documents, which a cutoff would break.
        cutoff = summary.min_probability if alignment.is_page else 0.0
        summary.count(alignment, cutoff)
        path = Path(output.path)
        if several:
            path = _bead_file(output.path, work)
            path.parent.mkdir(parents=True, exist_ok=True)
        kept = (bead for bead in alignment.beads if bead.is_null or bead.probability >= cutoff)
        summary.written = (summary.written or 0) + beads.write_beads(kept, path, overwrite=output.overwrite)


def _bead_file(folder: str, work: inputs.Work) -> Path:
    return Path(folder) / f"{work.name}.beads"
