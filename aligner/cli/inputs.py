"""What SOURCE and TARGET of `aligner align` mean: the alignments to be made, each read when its turn comes."""

from __future__ import annotations

import re
import shlex
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path, PurePath

import click

from aligner import dumps
from aligner.cli import options
from aligner.errors import InputError
from aligner.formats import files
from aligner.types import Document

_NAMES = ("doc.{}.txt", "doc_{}.txt", "{}/doc.txt")
_SUFFIXES = (".txt", ".htm", ".html", ".xhtml", ".gz", ".zst")


@dataclass(frozen=True, slots=True)
class Work:
    """One alignment to be made: of two documents, or of a page."""

    name: str
    files: tuple[str | Path, ...]
    read: Callable[[], tuple[Document, Document] | tuple[Document]]


@dataclass(frozen=True, slots=True)
class Reading:
    """How the files are read."""

    segmented: bool
    source_column: str | None
    target_column: str | None

    def works(self, source: str, target: str | None) -> list[Work]:
        """The one alignment of two files, of two columns, or of a page; a usage error for what cannot be meant."""
        if target is not None:
            check_pair(source, target)
        if self.source_column is not None and self.target_column is not None:
            return [self._columns(source, target, (self.source_column, self.target_column))]
        if self.source_column is not None or self.target_column is not None:
            raise click.UsageError("--source-column and --target-column go together: give both.")
        if target is None:
            return [Work(source, (source,), lambda: (self._document(source),))]
        return [self._pair(f"{source} and {target}", Path(source), Path(target))]

    def remark_on_page(self, page: str, model: options.Model) -> str | None:
        """What to tell somebody who gave one file by mistake: that its translation lies beside it, as their names say."""
        found = None if page == files.STDIO or self.source_column else dumps.pair_beside(page, model.source_lang, model.target_lang)
        if found is None:
            return None
        source, target = map(str, found)
        other = source if Path(page).absolute() == found[1].absolute() else target
        return f"{other} looks like its translation: aligner align {shlex.join((source, target))} aligns the two"

    def works_of_folder(self, folder: Path, model: options.Model) -> tuple[list[Work], list[str]]:
        """The alignments of a folder's pairs, and its texts that have no partner. Raises InputError where there is no pair."""
        if self.source_column is not None or self.target_column is not None:
            raise click.UsageError("columns are those of one table: a folder holds texts.")
        found = dumps.find_pairs(folder, model.source_lang, model.target_lang)
        if not found.pairs:
            names = " or ".join(f"{form.format(model.source_lang)} with {form.format(model.target_lang)}" for form in _NAMES)
            raise InputError(f"{folder}: none of its {len(found.unpaired)} files has a partner; name them {names}.")
        sources = [source.relative_to(folder) for source, _ in found.pairs]
        short = [_pair_name(source, model.source_lang) for source in sources]
        # doc.fr.txt and fr/doc.txt are both called doc; then each keeps its whole name, for a file of beads is named by it.
        count = Counter(short)
        called = (source.as_posix() if count[name] > 1 else name for source, name in zip(sources, short, strict=True))
        works = [self._pair(name, *pair) for name, pair in zip(called, found.pairs, strict=True)]
        return works, [str(path) for path in found.unpaired if dumps.may_be_meant(path)]

    def _pair(self, name: str, source: Path, target: Path) -> Work:
        return Work(name, (source, target), lambda: (self._document(source), self._document(target)))

    def _document(self, path: str | Path) -> Document:
        return dumps.read_document(path, segmented=self.segmented)

    def _columns(self, source: str, target: str | None, columns: tuple[str, str]) -> Work:
        if self.segmented:
            raise click.UsageError("--segmented is for texts: the columns of a table are aligned row by row.")
        if target is None:
            return Work(source, (source,), lambda: dumps.read_columns(source, *columns))
        name = f"{source} and {target}"
        return Work(name, (source, target), lambda: (dumps.read_column(source, columns[0]), dumps.read_column(target, columns[1])))


reading = options.as_one(
    "reading",
    Reading,
    click.option("--segmented", is_flag=True, help="Every line is a segment, taken as it is.  [default: texts are split into sentences]"),
    click.option("--source-column", metavar="NAME", help="Column of a table that holds the source."),
    click.option("--target-column", metavar="NAME", help="Column of a table that holds the target."),
)


def check_pair(source: str, target: str) -> None:
    """A usage error where the two are not two files: the same one twice, standard input twice, or a folder among them."""
    for path in (source, target):
        if Path(path).is_dir():
            raise click.UsageError(f"{path} is a folder: give two files or, to 'aligner align', one folder that holds both languages.")
    if source == target == files.STDIO:
        raise click.UsageError("standard input can be read once: give one of the two as a file.")
    if source == target or (Path(source).exists() and Path(target).exists() and Path(source).samefile(target)):
        raise click.UsageError(
            f"SOURCE and TARGET are the same file, {source}: a page that holds both languages is given to 'aligner align', once."
        )


def _pair_name(source: PurePath, lang: str) -> str:
    """What both documents of a pair are called: `doc` for doc.fr.txt, doc_fr.txt.gz and fr/doc.txt, `a/doc` for a/fr/doc.txt."""
    while source.suffix.lower() in _SUFFIXES:
        source = source.with_suffix("")
    code = re.escape(lang)
    pattern = rf"(^|/){code}/|[._-]{code}(?![^./_-])|(?<![^/]){code}[._-]"
    return re.sub(pattern, r"\1", source.as_posix(), count=1, flags=re.IGNORECASE)
