"""Which language a document is in."""

from __future__ import annotations

from collections import Counter

from aligner.languages import identify
from aligner.segmentation.paragraphs import line_spans
from aligner.types import UNDETERMINED, Document


def dominant_language(document: Document) -> str:
    """The language that most of the document is in, counted by the length of its lines; "und" where no line tells."""
    weights: Counter[str] = Counter()
    lines = [document.text[start:end] for start, end in line_spans(document.text) if start < end]
    rest = sum(map(len, lines))
    for line in lines:
        [language] = identify([line])
        rest -= len(line)
        if language != UNDETERMINED:
            weights[language] += len(line)
            *others, most = sorted(weights.values())
            if most - (others[-1] if others else 0) > rest:
                break  # whatever the other lines are in
    return weights.most_common(1)[0][0] if weights else UNDETERMINED


def language_shares(document: Document) -> dict[str, float]:
    """What part of the document is in each language, 0..1, by the length of the lines that tell their language."""
    weights: Counter[str] = Counter()
    lines = [document.text[start:end] for start, end in line_spans(document.text)]
    for line, language in zip(lines, identify(lines), strict=True):
        if language != UNDETERMINED:
            weights[language] += len(line)
    total = weights.total()
    return {language: weight / total for language, weight in weights.items()}
