"""Numbers in words, in French and English: « quatre-vingt-dix-sept », "nineteen fourteen", months, « douzaine », "half past"."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

_WORD = re.compile(r"[^\W\d_]+")


class _Part(NamedTuple):
    """A word of a number: what it adds, or by what it multiplies those before it."""

    value: float
    multiplies: bool = False


def _numbered(words: str, start: int = 1, step: int = 1) -> dict[str, float]:
    """The words with their numbers; those joined by a bar have the same."""
    return {word: start + step * number for number, group in enumerate(words.split()) for word in group.split("|")}


_FRENCH = {
    **_numbered("zéro un|une deux trois quatre cinq six sept huit neuf dix onze douze treize quatorze quinze seize", 0),
    **_numbered("vingt|vingts trente quarante cinquante soixante", 20, 10),
    **_numbered("septante octante|huitante nonante", 70, 10),
    **_numbered("premier|première|premiers|premières"),
}
_ENGLISH = {
    **_numbered("zero|nil one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen", 0),
    **_numbered("seventeen eighteen nineteen", 17),
    **_numbered("twenty thirty forty|fourty fifty sixty seventy eighty ninety", 20, 10),
    **_numbered(
        "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth fifteenth sixteenth"
    ),
    **_numbered("seventeenth eighteenth nineteenth", 17),
    **_numbered("twentieth thirtieth fortieth fiftieth sixtieth seventieth eightieth ninetieth", 20, 10),
    **_numbered("twenties thirties forties fifties sixties seventies eighties nineties", 20, 10),
}
NUMBERS: Mapping[str, Mapping[str, float]] = {"fr": _FRENCH, "en": _ENGLISH}
"""Words that add up."""

_MONTHS = {
    "fr": "janvier|janv février|févr mars avril|avr mai juin juillet|juil août septembre octobre|oct novembre|nov décembre|déc",
    "en": """january|jan february|feb march|mar april|apr may june|jun july|jul august|aug september|sept|sep october|oct november|nov
        december|dec""",
}
MONTHS: Mapping[str, Mapping[str, float]] = {lang: _numbered(names) for lang, names in _MONTHS.items()}
"""Names that stand for a number in another way of writing dates."""

SCALES: Mapping[str, Mapping[str, float]] = {
    "fr": {
        "millier": 1e3, "milliers": 1e3, "mille": 1e3, "milles": 1e3, "million": 1e6, "millions": 1e6,
        "milliard": 1e9, "milliards": 1e9, "billion": 1e12, "billions": 1e12,
        "trillion": 1e12, "trillions": 1e12,  # 1e18 in dictionaries, the English trillion in what is written
    },
    "en": {
        "thousand": 1e3, "thousands": 1e3, "million": 1e6, "millions": 1e6,
        "billion": 1e9, "billions": 1e9, "trillion": 1e12, "trillions": 1e12,
    },
}  # fmt: skip
"""Words by which a number before them is multiplied."""

_HUNDREDS = frozenset(("cent", "cents", "hundred", "hundreds", "centième", "hundredth", "centaine", "centaines"))
_JOINING = frozenset(("et", "and", "de"))
_VAGUE: Mapping[str, Mapping[str, tuple[float, ...]]] = {
    "fr": {
        "aucun": (0,), "aucune": (0,), "seul": (1,), "seule": (1,), "double": (2,), "doubler": (2,), "doublé": (2,), "paire": (2,),
        "couple": (2,), "second": (2,), "seconde": (2,), "triple": (3,), "trimestre": (3,), "semestre": (6,),
        "semaine": (7, 8), "an": (1, 12),
        "huitaine": (8,), "dizaine": (10,), "dizaines": (10,), "douzaine": (12,), "quinzaine": (15, 2), "vingtaine": (20,),
        "trentaine": (30,), "quarantaine": (40,), "cinquantaine": (50,), "soixantaine": (60,), "demi": (0.5, 30, 50),
        "demie": (0.5, 30, 50), "moitié": (0.5, 50, 1, 2), "quart": (0.25, 15, 25, 45, 1, 4), "quarts": (0.75, 75, 3, 4),
        "tiers": (1, 2, 3), "midi": (12, 0), "minuit": (0, 12, 24), "siècle": (100,), "décennie": (10,), "unanimité": (100,),
    },
    "en": {
        "no": (0,), "a": (1,), "an": (1,), "single": (1,), "once": (1,), "only": (1,), "both": (2,), "double": (2,), "doubled": (2,),
        "twice": (2,), "pair": (2,), "couple": (2,), "triple": (3,), "thrice": (3,), "quarterly": (3,), "week": (7, 8),
        "fortnight": (14, 15),
        "dozen": (12,), "dozens": (12,), "half": (0.5, 30, 50, 1, 2), "quarter": (0.25, 15, 25, 45, 1, 4, 3), "quarters": (0.75, 75, 3, 4),
        "thirds": (1, 2, 3), "noon": (12, 0), "midday": (12, 0), "midnight": (0, 12, 24), "century": (100,), "decade": (10,),
        "score": (20,), "weeks": (7, 8, 14, 15), "year": (1, 12),
    },
}  # fmt: skip
"""Words that may stand where the other side has one of these numbers."""


def values(text: str, lang: str) -> set[float]:
    """The numbers that the words of a text may stand for; empty for a language that is not known here."""
    words = _WORD.findall(text.lower())
    vague, months = _VAGUE.get(lang, {}), MONTHS.get(lang, {})
    found = {value for word in words for value in vague.get(word, ())}
    found.update(months[word] for word in words if word in months)
    for run in _runs(words, lang):
        found.update(_added_up(run))
    return found


def _runs(words: list[str], lang: str) -> Iterator[list[_Part]]:
    """The words of numbers that follow each other."""
    run: list[_Part] = []
    for word in words:
        part = _part(word, lang)
        if part is not None:
            run.append(part)
        elif run and word not in _JOINING:
            yield run
            run = []
    if run:
        yield run


def _part(word: str, lang: str) -> _Part | None:
    if word in _HUNDREDS:
        return _Part(100.0, multiplies=True)
    numbers, scales = NUMBERS.get(lang, {}), SCALES.get(lang, {})
    for form in _forms(word) if lang == "fr" else (word,):
        if form in numbers:
            return _Part(numbers[form])
        if form in scales:
            return _Part(scales[form], multiplies=True)
    return None


def _added_up(run: list[_Part]) -> Iterator[float]:
    """The numbers of a run: "three thousand five hundred" is one, "nineteen fourteen" two or one, "two, three" two."""
    total = below = century = 0.0
    for part in run:
        if part.multiplies and part.value == 100:
            below = max(below, 1.0) * 100
        elif part.multiplies:
            total, below = total + max(below, 1.0) * part.value, 0.0
        elif part.value == 20 and below % 100 == 4:
            below += 76  # quatre-vingt
        elif _fits(below, part.value):
            below += part.value
        else:
            yield total + below
            century = below if 10 <= below < 100 and not total else 0.0
            total, below = 0.0, part.value
    yield total + below
    if century:
        yield century * 100 + below


def _fits(below: float, value: float) -> bool:
    """Whether a number may follow in the same one: « soixante » takes up to 19, "forty" up to 9, "four hundred" up to 99."""
    rest = below % 100
    if rest == 0:
        return below == 0 or value < 100
    if rest in (60, 80):
        return 0 < value < 20
    return (rest >= 20 and rest % 10 == 0 and 0 < value < 10) or (rest == 10 and 7 <= value < 10)


def _forms(word: str) -> tuple[str, ...]:
    """A French word, and what it may be the ordinal of: « vingt » of « vingtième », « quatre » of « quatrième »."""
    stem = word.removesuffix("s").removesuffix("ième")
    if len(stem) > len(word) - len("ième"):
        return (word,)
    return {"neuv": ("neuf",), "cinqu": ("cinq",)}.get(stem, (stem, f"{stem}e"))
