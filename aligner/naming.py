"""Names that differ in their language alone: of files, folders and web pages."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from typing import TypeVar

_Named = TypeVar("_Named")
_BLOT = "\0"  # no name holds it
_APART = "[^_\\W]"  # a letter or digit, beside which a code is part of a word
_WORDS: Mapping[str, tuple[str, ...]] = {
    "de": ("deu", "ger", "deutsch", "german", "allemand"),
    "en": ("eng", "english", "anglais"),
    "es": ("spa", "espanol", "español", "spanish", "espagnol"),
    "fr": ("fra", "fre", "francais", "français", "french"),
    "it": ("ita", "italiano", "italian", "italien"),
    "nl": ("nld", "dut", "nederlands", "dutch", "neerlandais", "néerlandais"),
    "pt": ("por", "portugues", "português", "portuguese", "portugais"),
}
"""What names say in place of the codes of the languages that French and English stand beside most often: ISO 639-2, and the language in
itself, in English and in French."""

_ALL_MARKS = re.compile(rf"(?<!{_APART})(?:{'|'.join(word for code, words in _WORDS.items() for word in (code, *words))}|www)(?!{_APART})")


def pair_names(names: Mapping[_Named, str], source_lang: str, target_lang: str) -> list[tuple[_Named, _Named]]:
    """Those whose names differ in the language alone, source and target; what could pair with several is in no pair.

    The language stands between signs that are no letters or digits, in upper or lower case: as its code (doc.fr.txt, fr/doc.txt,
    fr/doc.fr.txt, fr.example.org, ?lang=fr), else as a code with a country (fr-CA with en-GB) or a word (doc-francais with doc-english).
    """
    found, left = [], dict(names)
    for marks in (_code, _any_mark):
        pairs = _pairs(left, marks(source_lang), marks(target_lang))
        found += pairs
        for pair in pairs:
            for each in pair:
                del left[each]
    return found


def without_marks(name: str) -> str:
    """The name in lower case without the languages in it: the same for all languages of it."""
    return _ALL_MARKS.sub("", name.lower())


def code_of(language: str) -> str:
    """The ISO 639-1 code of what a page, a header or a field calls its language: fr for fr, fr-CA, FR_ca, fra, French."""
    primary = re.split("[-_,; ]", language.strip().lower(), maxsplit=1)[0]
    return next((code for code, words in _WORDS.items() if primary in words), primary)


def only_pairs(candidates: Iterable[tuple[_Named, _Named]]) -> list[tuple[_Named, _Named]]:
    """The candidate pairs of two that stand in no other candidate pair."""
    distinct = [pair for pair in dict.fromkeys(candidates) if pair[0] != pair[1]]
    count = Counter(each for pair in distinct for each in pair)
    return [pair for pair in distinct if count[pair[0]] == count[pair[1]] == 1]


def _pairs(names: Mapping[_Named, str], source: re.Pattern[str], target: re.Pattern[str]) -> list[tuple[_Named, _Named]]:
    targets = defaultdict(list)
    for each, name in names.items():
        for key in _keys(name, target):
            targets[key].append(each)
    return only_pairs((each, other) for each, name in names.items() for key in _keys(name, source) for other in targets.get(key, ()))


def _code(language: str) -> re.Pattern[str]:
    return re.compile(rf"(?<!{_APART}){re.escape(language)}(?!{_APART})", re.IGNORECASE)


def _any_mark(language: str) -> re.Pattern[str]:
    marks = "|".join(map(re.escape, (language, *_WORDS.get(language, ()))))
    return re.compile(rf"(?<!{_APART})(?:{marks})(?:[-_][a-z][a-z])?(?!{_APART})", re.IGNORECASE)


def _keys(name: str, mark: re.Pattern[str]) -> set[str]:
    """The name with the mark of its language blotted out: once in each place, and in all of them (fr/doc.fr.txt)."""
    keys = {name[: match.start()] + _BLOT + name[match.end() :] for match in mark.finditer(name)}
    return keys | {mark.sub(_BLOT, name)} if keys else keys
