"""What reviewers decided as a folder of gold, for `aligner train` and `aligner evaluate`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from aligner.corpus import Corpus
from aligner.formats.gold import GoldDocument, write_gold_folder
from aligner.scoring import coverage_fault
from aligner.types import Document


@dataclass(frozen=True, slots=True)
class Partial:
    """A document that is not gold yet."""

    name: str
    decided: int
    """Segments of both sides that are in accepted beads."""
    segments: int
    """Of how many."""


@dataclass(frozen=True, slots=True)
class GoldExport:
    """What was written as gold, and what was not."""

    written: tuple[str, ...]
    """Names in the folder."""
    partial: tuple[Partial, ...]
    """Documents with decisions that leave segments undecided."""


def export_gold(
    corpus: Corpus, folder: str | Path, *, source_lang: str = "fr", target_lang: str = "en", overwrite: bool = False
) -> GoldExport:
    """Write the pairs of documents in which every segment is in an accepted link or an accepted null, as DOC.fr, DOC.en and DOC.gold.

    Gold says of every segment where it belongs. Documents of which anything is undecided, rejected and not replaced, or flagged are
    therefore left out, and named; `aligner train --corpus` learns from these too. Where there is nothing to write, no folder is made.
    The segments are the documents' own, though a reviewer edited the unit. Raises OutputError and CorpusError.
    """
    whole: list[GoldDocument] = []
    partial: list[Partial] = []
    for document in corpus.reviewed(source_lang=source_lang, target_lang=target_lang):
        if coverage_fault(document.accepted, range(len(document.source)), range(len(document.target))):
            decided = sum(len(bead.source) + len(bead.target) for bead in document.accepted)
            partial.append(Partial(document.name, decided, len(document.source) + len(document.target)))
            continue
        sides = [Document.of_segments(texts) for texts in (document.source, document.target)]
        name = re.sub(rf"(\.{re.escape(source_lang)})?(\.(txt|html?))?$", "", document.name, flags=re.IGNORECASE)
        whole.append(GoldDocument(name, sides[0], sides[1], document.accepted))
    written = write_gold_folder(whole, folder, source_lang=source_lang, target_lang=target_lang, overwrite=overwrite)
    return GoldExport(tuple(written), tuple(partial))
