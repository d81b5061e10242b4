"""Options that several commands share; each stands here once, with its explanation and its default.

A set of options that belong together reaches the command as one argument, an instance of the dataclass whose fields they fill.
"""

from __future__ import annotations

import dataclasses
import functools
import os
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from aligner import formats
from aligner.errors import OutputError
from aligner.formats import files

if TYPE_CHECKING:
    import pandas

    from aligner.cli.console import Bar
    from aligner.pipeline import Aligner
    from aligner.types import Document

Command = Callable[..., Any]
Given = TypeVar("Given", str | None, tuple[str, ...])

DEFAULT_CUTOFF = 0.5
"""Probability from which on a link is right more often than not."""

_STDOUT_FORMAT = "tsv"
"""Of units, where none is named: lines to look at or to hand on."""
_LOADING = "loading the encoder"

_LANGUAGE = re.compile("[a-z]{2,3}", re.IGNORECASE | re.ASCII)
"""ISO 639 codes: of two letters or, for languages that have none of these, of three."""


@dataclass(frozen=True, slots=True)
class Model:
    """What aligns, and which languages."""

    source_lang: str
    target_lang: str
    encoder: str | None
    weights: str | None
    threads: int | None

    def aligner(self, progress: Bar) -> Aligner:
        """The aligner that these options describe."""
        progress.wait(_LOADING)
        from aligner.pipeline import Aligner  # brings NumPy, which --help can do without

        aligner = Aligner(
            self.encoder,
            source_lang=self.source_lang,
            target_lang=self.target_lang,
            weights=self.weights,
            threads=self.threads,
            progress=progress,
        )
        progress.rest()
        return aligner

    def mine_blocks(self, source: str, target: str, memory: int, progress: Bar) -> Iterator[pandas.DataFrame]:
        """The pairs that these options find in two files."""
        progress.wait(_LOADING)
        from aligner.calls import mine_blocks  # as above

        return mine_blocks(source, target, memory=memory, progress=progress, **dataclasses.asdict(self))

    def pair_documents(self, source: list[Document], target: list[Document], memory: int, progress: Bar) -> pandas.DataFrame:
        """The pairs of documents that these options find."""
        progress.wait(_LOADING)
        from aligner.pairing import pair_documents  # as above

        return pair_documents(source, target, memory=memory, progress=progress, **dataclasses.asdict(self))


@dataclass(frozen=True, slots=True)
class Output:
    """Where the result goes, and how."""

    path: str | None
    format: str | None
    overwrite: bool

    @property
    def is_stdout(self) -> bool:
        """Whether stdout holds the result, so that nothing else may be printed there."""
        return self.path == files.STDIO

    def unit_format(self) -> str:
        """The format of translation units that --format or the suffix names, TSV on stdout; a usage error where neither does."""
        try:
            return formats.format_name(self.path or "", self.format or (_STDOUT_FORMAT if self.is_stdout else None))
        except OutputError as error:
            raise click.UsageError(f"{error} (--format)") from error


def _together(*options: Callable[[Command], Command]) -> Callable[[Command], Command]:
    def decorate(command: Command) -> Command:
        for option in reversed(options):
            command = option(command)
        return command

    return decorate


def check_output(path: str | Path, overwrite: bool, read: Iterable[str | Path] = ()) -> None:
    """Complain before the work, not after it; raises OutputError where `path` cannot be written.

    A usage error where it is one of the files that are `read`, for they would be lost.
    """
    if str(path) != files.STDIO and any(_same_file(path, other) for other in read):
        raise click.UsageError(f"{path} is read and would be replaced: name another file for the output.")
    if not overwrite and Path(path).is_file():
        raise OutputError(f"{path}: exists; name another file, or give --overwrite.")
    files.check_output(path, overwrite)


def _same_file(path: str | Path, other: str | Path) -> bool:
    # os.path's, for Path.is_file raises where a name is too long; a device, such as /dev/null, may be both.
    return os.path.isfile(path) and os.path.isfile(other) and os.path.samefile(path, other)  # noqa: PTH113, PTH121


def as_one(name: str, kind: type[Any], *options: Callable[[Command], Command]) -> Callable[[Command], Command]:
    """The options as the one argument `name` of the command."""

    def decorate(command: Command) -> Command:
        @functools.wraps(command)
        def call(**arguments: Any) -> Any:
            values = {field.name: arguments.pop(field.name) for field in dataclasses.fields(kind)}
            return command(**{name: kind(**values)}, **arguments)

        return _together(*options)(call)

    return decorate


def _language(_context: click.Context, _option: click.Parameter, code: str) -> str:
    if not _LANGUAGE.fullmatch(code):
        raise click.BadParameter(f"a two-letter code such as fr was wanted, but {code!r} came.")
    return code.lower()


languages = _together(
    click.option(
        "--source-lang",
        metavar="CODE",
        default="fr",
        show_default=True,
        callback=_language,
        help="Language of the source, by its ISO 639-1 code.",
    ),
    click.option("--target-lang", metavar="CODE", default="en", show_default=True, callback=_language, help="Language of the target."),
)

model = as_one(
    "model",
    Model,
    languages,
    click.option(
        "--encoder",
        metavar="NAME|FOLDER",
        help="Encoder of the sentences: a name that 'aligner encoders list' shows, any other of sentence-transformers, or a folder.  "
        "[default: use-multilingual-v3, which needs no download]",
    ),
    click.option(
        "--weights", metavar="FILE", help="Weights of the aligner, as 'aligner train' writes them.  [default: those it comes with]"
    ),
    click.option(
        "--threads", metavar="N", type=click.IntRange(min=1), help="Threads to compute with.  [default: the cores that are free to us]"
    ),
)

overwrite = click.option("--overwrite", is_flag=True, help="Replace an output that exists.  [default: refuse]")

min_probability = click.option(
    "--min-probability",
    metavar="P",
    type=click.FloatRange(0, 1),
    default=DEFAULT_CUTOFF,
    show_default=True,
    help="Leave what is less probable out of the output; how much that was is printed.",
)


def too_improbable(min_probability: float) -> str:
    """Why something was left out of the output, as summaries say it."""
    return f"less probable than {min_probability:g} (--min-probability)"


memory = click.option(
    "--memory",
    metavar="MB",
    type=click.IntRange(min=1),
    default=1024,
    show_default=True,
    help="Memory for the vectors of texts; what does not fit waits in a temporary file, two kilobytes a text.",
)

as_json = click.option(
    "--json",
    "as_json",
    is_flag=True,
    help="Print the summary as one line of JSON on stdout, on stderr where the output goes to stdout.  [default: as text on stderr]",
)


def json_instead_of(usual: str) -> Callable[[Command], Command]:
    """--json of a command whose result is what it prints, as text or tables."""
    return click.option("--json", "as_json", is_flag=True, help=f"Print one line of JSON.  [default: {usual}]")


corpus_to_read = click.option("--corpus", metavar="URL", required=True, help="The corpus: a file of SQLite, or the URL of a database.")


def known_statuses(_context: click.Context, _option: click.Parameter, given: Given) -> Given:
    """The status that was given, or several, if there are such."""
    statuses = (given,) if isinstance(given, str) else given or ()
    if statuses:
        from aligner.corpus import STATUSES  # SQLAlchemy takes a quarter of a second

        for status in statuses:
            if status not in STATUSES:
                raise click.BadParameter(f"there is no status {status!r}: a unit is {', '.join(STATUSES)}.")
    return given


def output(formats: tuple[str, ...], path: Callable[[Command], Command]) -> Callable[[Command], Command]:
    """Where a command writes, given by the option or argument `path`, and --format (one of `formats`) and --overwrite."""
    told = "Format of the output.  [default: what the suffix of OUT says; tsv on stdout]"
    kind = click.option("--format", type=click.Choice(formats), help=told)
    return as_one("output", Output, path, kind, overwrite)
