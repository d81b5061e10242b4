"""What the rules look at: the two texts of a unit, their languages, and their words, which several rules ask for."""

from __future__ import annotations

from dataclasses import dataclass, field

from aligner.languages.words import words_in
from aligner.types import TranslationUnit

_NAMES = {"fr": "French", "en": "English", "de": "German", "es": "Spanish", "it": "Italian", "nl": "Dutch", "pt": "Portuguese"}


@dataclass(frozen=True, slots=True)
class Side:
    """One text of a unit."""

    text: str
    lang: str
    words: tuple[str, ...] = field(init=False)
    """In lower case, numbers too."""
    vocabulary: set[str] = field(init=False)
    """The distinct words."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "words", words_in(self.text))
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
