"""What the rules look at: the two texts of a unit, their languages, and their words, which several rules ask for."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from aligner.types import TranslationUnit

_WORD = re.compile(r"\w+")
_NAMES = {"fr": "French", "en": "English", "de": "German", "es": "Spanish", "it": "Italian", "nl": "Dutch", "pt": "Portuguese"}


@dataclass(frozen=True, slots=True)
class Side:
    """One text of a unit."""

    text: str
    lang: str
    words: list[str] = field(init=False)
    """In lower case, numbers too; an apostrophe parts two words, as it does in « l'eau »."""

    vocabulary: set[str] = field(init=False)
    """The different ones of the words."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "words", _WORD.findall(self.text.lower()))
        object.__setattr__(self, "vocabulary", set(self.words))

    @property
    def name(self) -> str:
        """What a reason calls it: "the French side"."""
        return f"the {_NAMES.get(self.lang, self.lang)} side"


@dataclass(frozen=True, slots=True)
class Pair:
    """Both texts of a unit; neither is empty."""

    source: Side
    target: Side

    @classmethod
    def of(cls, unit: TranslationUnit) -> Pair:
        """The texts of a unit that is a link."""
        return cls(Side(unit.source, unit.source_lang), Side(unit.target, unit.target_lang))

    @property
    def sides(self) -> tuple[Side, Side]:
        """Source and target."""
        return self.source, self.target

    @property
    def both_ways(self) -> tuple[tuple[Side, Side], tuple[Side, Side]]:
        """Each side with the other one."""
        return (self.source, self.target), (self.target, self.source)


def quoted(text: str, most: int = 40) -> str:
    """A piece of a text as a reason shows it, cut to `most` code points."""
    return f"“{text}”" if len(text) <= most else f"“{text[: most - 1]}…”"
