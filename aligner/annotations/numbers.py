"""Numbers that stand on one side alone, whatever the way in which French and English write them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from aligner.annotations import spelled
from aligner.annotations.pair import Pair, Side

Value = float | str
"""A number; for a time or a telephone number, a text that no number equals."""

_DIGITS = re.compile("[0-9][0-9]*")  # a pattern that begins with one of some characters is looked for four times as fast as one with "+"
_ROMAN = re.compile(r"(?<![\w.'’-])([IVXL]{2,8})(?=(?:e|es|er|ère|ème|th|st|nd|rd)?(?![\w]))")
_TWO_LETTERS = re.compile("[IVXL][IVXL]")
_SINGLE_ROMAN = re.compile(r"(?<![\w'’])([IVX])(?=(?:e|er|ère|ème)?(?!\w))")
_SCALE_STEMS = ("mill", "bill", "trill", "thous", "Md")
_SHORT_SCALE = re.compile(r"[0-9] ?(?:[kKmM]|bn)\b")
_LETTERS = {"I": 1, "V": 5, "X": 10, "L": 50}
_SHOWN = 3
_SPACE = "[ \u00a0\u2009\u202f]"

_TOKEN = re.compile(
    rf"""
    (?P<attached>(?<![0-9])[^\W\d_][0-9]+)
    | (?P<phone>(?:(?:\+|(?<![0-9])00{_SPACE})[0-9]{{1,3}}[ .-]?(?:\(0\)[ ]?)?|(?<![0-9.,])0)[0-9](?:[ .-]?[0-9]{{2,3}}){{3,4}}(?![0-9]))
    | (?P<clock>(?<![0-9.,])[0-2]?[0-9](?:{_SPACE}?h(?:eures?|rs?)?{_SPACE}?|:)(?:[0-5]?[0-9](?![0-9%]))?(?!\w))
    | (?P<ampm>(?<![0-9.,])[01]?[0-9](?:[.:][0-5][0-9])?{_SPACE}?(?:[ap]{_SPACE}?m\b|[ap]\.{_SPACE}?m\b\.?))
    | (?P<number>[0-9]{{1,3}}(?:(?:[.,'’]|{_SPACE})[0-9]{{3}}(?![0-9]))+(?:[.,][0-9]+)?|[0-9]+(?:[.,][0-9]+)?(?![.,]?[0-9])|[0-9]+)
      (?:(?:{_SPACE}|-)?(?P<scale>(?i:milliers?|milles?|millions?|milliards?|billions?|trillions?|thousands?)|[kKmM]€?|[mM][dr]{{1,2}}\b|bn)(?!\w))?
    """,
    re.VERBOSE,
)
_START = re.compile("[0-9+]")
"""Where a token begins, if not with the letter before."""
_CLOCK = re.compile("[0-9]{1,2}[.,][0-5][0-9]")
_SHORT_SCALES = {"k": 1e3, "m": 1e6, "bn": 1e9, "md": 1e9, "mrd": 1e9}
_FRACTIONS = {"½": (0.5, 1, 2, 30), "¼": (0.25, 1, 4, 15), "¾": (0.75, 3, 4, 45), "⅓": (1, 3), "⅔": (2, 3)}


@dataclass(frozen=True, slots=True)
class _Mention:
    """A number as it stands in a text."""

    text: str
    alternatives: tuple[tuple[Value, ...], ...]
    """Of one of these every value must stand on the other side."""
    needed: bool = True
    """False where the sign may be left out by translators, or belongs to a name: CO2."""


def find(pair: Pair) -> str | None:
    """That numbers in digits or Roman numerals of one side stand on the other in no way of writing them."""
    source, target = pair.source.text, pair.target.text
    if _write_alike(source, target):
        return None
    mentions = [list(_mentions(side)) for side in pair.sides]
    lone = []
    for (side, other), own, theirs in zip(pair.both_ways, mentions, reversed(mentions), strict=True):
        missing = _missing(own, theirs, other)
        if missing:
            verb = "stands" if len(missing) == 1 else "stand"
            more = "" if len(missing) <= _SHOWN else f" and {len(missing) - _SHOWN} more"
            lone.append(f"{', '.join(missing[:_SHOWN])}{more} {verb} on {side.name} alone")
    return "; ".join(lone) or None


def _write_alike(source: str, target: str) -> bool:
    """Whether both write the same digits and Roman numerals in the same order, and no millions: most texts do."""
    digits = _DIGITS.findall(source)
    if digits != _DIGITS.findall(target):
        return False
    if digits and (_has_scale(source) or _has_scale(target)):
        return False
    if _TWO_LETTERS.search(source) or _TWO_LETTERS.search(target):
        return _ROMAN.findall(source) == _ROMAN.findall(target)
    return True


def _has_scale(text: str) -> bool:
    """Whether a text may speak of thousands or more: of millions, billions and trillions, of Md, of 5 k or 5bn."""
    return any(map(text.__contains__, _SCALE_STEMS)) or bool(_SHORT_SCALE.search(text))


def _missing(own: list[_Mention], theirs: list[_Mention], other: Side) -> list[str]:
    there = {value for mention in theirs for alternative in mention.alternatives for value in alternative}
    missing = [mention for mention in own if mention.needed and not _is_among(mention, there)]
    if missing:
        there |= spelled.values(other.text, other.lang)
        there.update(_roman(match[1]) or 0 for match in _SINGLE_ROMAN.finditer(other.text))
        there.update(value for sign, values in _FRACTIONS.items() if sign in other.text for value in values)
    return list(dict.fromkeys(mention.text for mention in missing if not _is_among(mention, there)))


def _is_among(mention: _Mention, values: set[Value]) -> bool:
    return any(all(value in values for value in alternative) for alternative in mention.alternatives)


def _mentions(side: Side) -> Iterator[_Mention]:
    text = side.text
    for match in _tokens(text):
        kind, found = match.lastgroup, match[0].strip()
        if kind == "attached":
            yield _Mention(found, ((float(found[1:]),),), needed=False)
        elif kind == "phone":
            digits = "".join(_DIGITS.findall(found))
            yield _Mention(found, ((f"phone {digits[-8:]}",), tuple(map(float, _DIGITS.findall(found)))))
        elif kind in ("clock", "ampm"):
            yield _time(found)
        else:
            yield from _number(match, text, side.lang)
    for match in _ROMAN.finditer(text) if _TWO_LETTERS.search(text) else ():
        value = _roman(match[1])
        if value is not None:
            yield _Mention(match[1], ((value,),))


def _tokens(text: str) -> Iterator[re.Match[str]]:
    """What `_TOKEN.finditer` finds, which tries every place of the text."""
    place = 0
    while start := _START.search(text, place):
        first = start.start()
        match = _TOKEN.match(text, first - 1) if first > place and text[first - 1].isalnum() else None
        match = match or _TOKEN.match(text, first)
        place = match.end() if match else first + 1
        if match:
            yield match


def _time(text: str) -> _Mention:
    numbers = [int(digits) for digits in _DIGITS.findall(text)]
    hour, minute = (*numbers, 0)[:2]
    hours = {hour, (hour + 12) % 24 or 24, hour % 12 or 12}
    rest = (float(minute),) if minute else ()
    parts = tuple((float(number), *rest) for number in sorted(hours))
    as_decimal = ((float(f"{hour}.{minute:02}"),),) if ":" in text or "." in text else ()
    return _Mention(text, ((f"{hour % 12}:{minute:02}",), *parts, *as_decimal))


def _number(match: re.Match[str], text: str, lang: str) -> Iterator[_Mention]:
    written = match["number"]
    readings = _readings(written)
    if match["scale"] and (scales := _scales(match["scale"], lang)):
        scaled = tuple((round(reading * scale, 4),) for reading in readings for scale in scales)
        yield _Mention(match[0], scaled)
        return
    alternatives: list[tuple[Value, ...]] = [(reading,) for reading in readings]
    parts = _DIGITS.findall(written)
    if len(parts) > 1 and any(space in written for space in " \u00a0\u2009\u202f'"):
        alternatives.append(tuple(map(float, parts)))  # two numbers side by side, and not thousands
    if _CLOCK.fullmatch(written):
        alternatives.append(tuple(map(float, parts)))  # "10.30", or « deux mètres vingt-cinq »
    if len(written) == 2 and written.isdigit():
        alternatives += [(float(f"{century}{written}"),) for century in (18, 19, 20) if _is_year(match, text)]
    if len(written) == 4 and written[:2] in ("18", "19", "20") and text[match.end() : match.end() + 1] == "s":
        alternatives.append((float(written[2:]),))
    yield _Mention(written, tuple(alternatives))


def _is_year(match: re.Match[str], text: str) -> bool:
    before = text[max(0, match.start() - 8) : match.start()].lower()
    if text[match.end() : match.end() + 1] == "s":
        return True  # "the 60s"
    return before.endswith(("années ", "'", "’", "/")) or bool(re.search(r"[0-9]{4}[-–/]$", before))


def _readings(written: str) -> list[float]:
    """The numbers that digits with points, commas, apostrophes and spaces may be: "1,234" is 1234 or 1.234."""
    plain = re.sub("['’ \u00a0\u2009\u202f]", "", written)
    marks = [sign for sign in plain if sign in ".,"]
    if not marks:
        return [float(plain)]
    last = marks[-1]
    whole, _, rest = plain.rpartition(last)
    as_decimal = float(f"{whole.replace('.', '').replace(',', '')}.{rest}")
    grouped = float(plain.replace(".", "").replace(",", ""))
    if marks.count(last) > 1:
        return [grouped]
    if len(set(marks)) > 1 or len(rest) != 3:
        return [as_decimal]
    return [as_decimal, grouped]


def _scales(word: str, lang: str) -> list[float]:
    scales = spelled.SCALES.get(lang, {})
    if word.lower() in scales:
        return [scales[word.lower()]]
    short = _SHORT_SCALES.get(word.rstrip("€").lower())
    if short is None:
        return []
    return [short] if short != 1e6 or "M" in word else [short, 1.0]  # 5 m: metres, or millions


def _roman(numeral: str) -> float | None:
    """The value of a numeral up to 89; None for letters that are none."""
    if not re.fullmatch("(?:XL|L?X{0,3})(?:IX|IV|V?I{0,3})", numeral):
        return None
    values = [_LETTERS[letter] for letter in numeral]
    return float(sum(-value if value < after else value for value, after in zip(values, [*values[1:], 0], strict=True)))
