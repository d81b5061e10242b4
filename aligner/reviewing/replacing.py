"""Search, and find and replace, in the texts of units."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from aligner.errors import ReviewError

Texts = tuple[str, str]
BOTH = "both"


@dataclass(frozen=True, slots=True)
class Pattern:
    """What to look for, and on which side: source, target or both."""

    text: str
    regex: bool = False
    """Whether `text` is a regular expression of Python."""
    side: str = BOTH
    case: bool = False
    """Whether capitals matter."""

    def _compiled(self) -> re.Pattern[str]:
        if not self.text:
            raise ReviewError("nothing to look for was given")
        try:
            return re.compile(self.text if self.regex else re.escape(self.text), re.NOFLAG if self.case else re.IGNORECASE)
        except re.error as error:
            raise ReviewError(f"{self.text!r} is no regular expression: {error}") from error

    def finder(self) -> Callable[[Texts], bool]:
        """What says whether one of the sides of a unit holds it.

        Raises ReviewError for an empty text, for what is no regular expression, and for an unknown side.
        """
        search, sides = self._compiled().search, self._sides()
        return lambda texts: any(search(text) for text in texts[sides])

    def replaced(self, texts: Texts, replacement: str) -> Texts:
        """The texts with every find replaced; in a regular expression's replacement \\1 is its first group.

        Raises ReviewError for a replacement that names a group that there is not.
        """
        compiled = self._compiled()
        try:
            new = [compiled.sub(replacement if self.regex else lambda _: replacement, text) for text in texts[self._sides()]]
        except (re.error, IndexError) as error:
            raise ReviewError(f"{replacement!r} cannot be the replacement: {error}") from error
        if self.side == "source":
            return new[0], texts[1]
        return (texts[0], new[0]) if self.side == "target" else (new[0], new[1])

    def _sides(self) -> slice:
        """Of texts, those that count."""
        sides = {BOTH: slice(0, 2), "source": slice(0, 1), "target": slice(1, 2)}
        if self.side not in sides:
            raise ReviewError(f"a side was wanted, source, target or both, not {self.side!r}")
        return sides[self.side]


@dataclass(frozen=True, slots=True)
class Replacement:
    """What replacing would do to one bead."""

    key: str
    before: Texts
    after: Texts
