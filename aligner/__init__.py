"""Turns bilingual dumps into a reviewed parallel corpus: what a notebook calls.

import aligner
alignment = aligner.align("communique.fr.txt", "communique.en.txt")
alignment.to_frame().query("probability < 0.9")
aligner.write_tmx(alignment.units(min_probability=0.5), "communique.tmx")
aligner.review("corpus.db")
"""

from __future__ import annotations

from collections.abc import Iterable
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from aligner.errors import AlignerError, CorpusError, EncoderError, InputError, OutputError, ReviewError
from aligner.types import Alignment, Bead, Decision, Document, Provenance, Segment, TranslationUnit

if TYPE_CHECKING:
    from aligner.calls import align, align_page, align_table, mine, mine_blocks
    from aligner.corpus import Corpus
    from aligner.encoders import load_encoder
    from aligner.formats import read_units, write_units
    from aligner.pairing import pair_documents
    from aligner.pipeline import Aligner
    from aligner.plots import plot
    from aligner.reviewing.notebook.opening import review

__all__ = [
    "Aligner",
    "AlignerError",
    "Alignment",
    "Bead",
    "Corpus",
    "CorpusError",
    "Decision",
    "Document",
    "EncoderError",
    "InputError",
    "OutputError",
    "Provenance",
    "ReviewError",
    "Segment",
    "TranslationUnit",
    "align",
    "align_page",
    "align_table",
    "load_encoder",
    "mine",
    "mine_blocks",
    "pair_documents",
    "plot",
    "read_units",
    "review",
    "write_tmx",
    "write_units",
]

# Imported when first asked for: what stands behind them takes from tenths of a second to seconds to import.
_HOMES = {
    "Aligner": "aligner.pipeline",
    "Corpus": "aligner.corpus",
    "align": "aligner.calls",
    "align_page": "aligner.calls",
    "align_table": "aligner.calls",
    "load_encoder": "aligner.encoders",
    "mine": "aligner.calls",
    "mine_blocks": "aligner.calls",
    "pair_documents": "aligner.pairing",
    "plot": "aligner.plots",
    "read_units": "aligner.formats",
    "review": "aligner.reviewing.notebook.opening",
    "write_units": "aligner.formats",
}


def write_tmx(units: Iterable[TranslationUnit], path: str | Path, *, overwrite: bool = False) -> int:
    """Write the units as TMX 1.4, whatever the file is called, and return how many; raises OutputError where that cannot be."""
    from aligner.formats import write_units  # as above

    return write_units(units, path, format="tmx", overwrite=overwrite)


def __getattr__(name: str) -> Any:
    if name == "__version__":
        from importlib.metadata import version

        return version("aligner")
    if name not in _HOMES:
        raise AttributeError(f"module 'aligner' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted([*__all__, "__version__"])
