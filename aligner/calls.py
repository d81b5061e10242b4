"""Single calls, as a notebook makes them: each loads the encoder, does one thing and gives it back.

Whoever has more than one thing to do makes an `Aligner` once instead, which these call.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, ParamSpec, TypedDict, TypeVar, Unpack

from aligner.dumps import read_columns
from aligner.pipeline import MEMORY, Aligner, Text, document_of, lines_of
from aligner.types import Progress

if TYPE_CHECKING:
    import pandas
    from sentence_transformers import SentenceTransformer

    from aligner.alignment.weights import Weights
    from aligner.types import Alignment

_Made = TypeVar("_Made")
_Taken = ParamSpec("_Taken")


class Settings(TypedDict, total=False):
    """The arguments of `Aligner` that every call here takes too."""

    encoder: SentenceTransformer | str | Path | None
    source_lang: str
    target_lang: str
    weights: Weights | str | Path | None
    threads: int | None
    progress: Progress | None


def _with_settings(function: Callable[_Taken, _Made]) -> Callable[_Taken, _Made]:
    """The function with every setting in its signature, which `help` and the completion of notebooks show."""
    whole, made = inspect.signature(function), inspect.signature(Aligner)
    own = [parameter for parameter in whole.parameters.values() if parameter.kind is not parameter.VAR_KEYWORD]
    settings = [made.parameters[name].replace(kind=inspect.Parameter.KEYWORD_ONLY) for name in Settings.__annotations__]
    function.__signature__ = whole.replace(parameters=[*own, *settings])  # type: ignore[attr-defined]
    return function


@_with_settings
def align(source: Text, target: Text, *, segmented: bool = False, **settings: Unpack[Settings]) -> Alignment:
    """Align two documents: `Aligner.align`, with the encoder loaded for this one call. segmented: a file has a segment a line."""
    documents = [document_of(side, segmented=segmented) for side in (source, target)]
    return Aligner(**settings).align(*documents)


@_with_settings
def align_page(page: Text, *, segmented: bool = False, **settings: Unpack[Settings]) -> Alignment:
    """Find the translations on a page: `Aligner.align_page`, with the encoder loaded for this one call."""
    document = document_of(page, segmented=segmented)
    return Aligner(**settings).align_page(document)


@_with_settings
def align_table(path: str | Path, source_column: str, target_column: str, **settings: Unpack[Settings]) -> Alignment:
    """Align two columns of a TSV, CSV or JSON Lines file; the cells of a row correspond, and are split and aligned inside it."""
    documents = read_columns(path, source_column, target_column)
    return Aligner(**settings).align(*documents)


@_with_settings
def mine(source: Text, target: Text, **settings: Unpack[Settings]) -> pandas.DataFrame:
    """Find translations in unordered text, one a line: `Aligner.mine`, with the encoder loaded for this one call."""
    lines = [lines_of(side) for side in (source, target)]
    return Aligner(**settings).mine(*lines)


@_with_settings
def mine_blocks(source: Text, target: Text, *, memory: int = MEMORY, **settings: Unpack[Settings]) -> Iterator[pandas.DataFrame]:
    """Find translations in much unordered text: `Aligner.mine_blocks`, with the encoder loaded for this one call."""
    lines = [lines_of(side) for side in (source, target)]
    return Aligner(**settings).mine_blocks(*lines, memory=memory)
