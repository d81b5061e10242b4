"""What a person should know of how an alignment went."""

from __future__ import annotations

from aligner.segmentation import dominant_language
from aligner.types import UNDETERMINED, Bead, Document


def pair_remarks(documents: tuple[Document, Document], languages: tuple[str, str]) -> tuple[str, ...]:
    """Which of a pair of documents is empty, or looks like another language than the one (ISO 639-1) that was expected."""
    remarks, found = [], []
    for document, side, wanted in zip(documents, ("source", "target"), languages, strict=True):
        if not any(segment.text.strip() for segment in document.segments):
            remarks.append(f"the {side} {document.name or 'text'} is empty")
            continue
        found.append(dominant_language(document))
        if found[-1] not in (wanted, UNDETERMINED):
            remarks.append(f"the {side} {document.name or 'text'} looks like {found[-1]}, where {wanted} was expected")
    if languages[0] != languages[1] and found == [languages[1], languages[0]]:
        remarks.append("source and target seem to be exchanged: give them the other way round, or say which languages they are in")
    return tuple(remarks)


def page_remarks(page: Document, languages: tuple[str, str], beads: list[Bead]) -> tuple[str, ...]:
    """Why a page in these languages gave no bead, or no likely one."""
    counts = [sum(segment.lang == lang for segment in page.segments) for lang in languages]
    if not page.segments:
        return ("nothing found: the page is empty",)
    missing = [lang for lang, count in zip(languages, counts, strict=True) if not count]
    if missing:
        none = f"nothing found: none of the page's {len(page.segments)} segments is in {' or '.join(missing)}"
        return (none if len(missing) > 1 else f"{none}; where the translation is another file, give both",)
    likeliest = max((bead.probability for bead in beads), default=0.0)
    if likeliest >= 0.5:
        return ()
    there = " and ".join(f"{count} in {lang}" for lang, count in zip(languages, counts, strict=True))
    if not beads:
        return (f"nothing found: of the page's segments ({there}) no two are likely translations of each other",)
    return (f"nothing likely found: of the page's segments ({there}) the likeliest translations have a probability of {likeliest:.2f}",)
