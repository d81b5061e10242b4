"""The rules, each with the kind of annotation that it makes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from aligner.annotations import addresses, copying, language, length, mojibake, numbers, repetition
from aligner.annotations.pair import Pair
from aligner.types import TranslationUnit


@dataclass(frozen=True, slots=True)
class Rule:
    """Finds one kind of fault."""

    kind: str
    version: int
    """To be raised with every change of what the rule finds: it tells a corpus that its units are to be looked at again."""
    find: Callable[[Pair], str | None]
    """The reason, where the rule finds something."""


RULES = (
    Rule("language", 1, language.find),
    Rule("copy", 1, copying.find),
    Rule("length", 1, length.find),
    Rule("numbers", 1, numbers.find),
    Rule("mojibake", 1, mojibake.find),
    Rule("repetition", 1, repetition.find),
    Rule("addresses", 1, addresses.find),
)
KINDS = tuple(rule.kind for rule in RULES)


def annotations_of(units: Iterable[TranslationUnit], rules: Sequence[Rule] = RULES) -> dict[str, dict[str, str]]:
    """For each unit that a rule finds something of, by its id, the kinds with the reasons. Segments without counterpart are passed over."""
    found: dict[str, dict[str, str]] = {}
    for unit in units:
        if unit.source and unit.target:
            pair = Pair.of(unit)
            reasons = {rule.kind: reason for rule in rules if (reason := rule.find(pair)) is not None}
            if reasons:
                found[unit.id] = reasons
    return found


def annotated(units: Iterable[TranslationUnit]) -> Iterator[TranslationUnit]:
    """The units as they come, with the kinds of what the rules find of each."""
    for unit in units:
        kinds = annotations_of([unit]).get(unit.id, {})
        yield replace(unit, annotations=tuple(sorted(kinds)))
