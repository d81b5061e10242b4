"""Words or phrases that follow themselves: slips of the pen, lines extracted twice, translations that went round in circles."""

from __future__ import annotations

import re
from collections.abc import Sequence

from aligner.annotations.pair import Pair, Side, quoted

_WORD = re.compile(r"\w+")
_DOUBLED = frozenset(
    """nous vous elle elles lui si non oui très en là tout plus bien bis bla blah ha hé ho hi had that very so no yes bye long tut chut her
    faire""".split()
)
"""Words that French and English say twice: « nous nous voyons », "he had had enough"."""
_LINKS = frozenset("and to à et by after par en de or ou upon in for sur pour of".split())
"""Words that link a word with itself: « peu à peu à », "more and more and"."""
_ENDED = re.compile(r"\s*[.|•·]\s+")
_BEGINS, _ENDS = re.compile(r"(?:^|[.!?:;|•·])\W*$"), re.compile(r"\W*(?:$|[.!?|•·])")
"""A sentence may begin with the last words of the one before; it is said twice only where the whole of it is."""
_JOINED = ("-", "'", "’", "‑")
"""Signs after a word that make it a part of another: "by by-law", « si n n'est pas »."""
_MANY = 4
"""Times from which on nobody means it."""


def find(pair: Pair) -> str | None:
    """That one side says a word or phrase again at once and the other does not, as far as that is not a manner of speaking."""
    for side, other in pair.both_ways:
        if len(side.vocabulary) == len(side.words):
            continue
        for start, size, times in _runs(side.words):
            if not _is_meant(side, start, size, times) and not _repeats(other, times):
                return f"{side.name} says {quoted(' '.join(side.words[start : start + size]))} {_times(times)}"
    return None


def _runs(words: Sequence[str]) -> list[tuple[int, int, int]]:
    """Where a phrase begins that is followed by itself, of how many words it is, and how often it stands there; one pass."""
    last: dict[str, int] = {}
    runs, gap, length = [], 0, 0
    for number, word in enumerate([*words, ""]):
        distance = number - last[word] if word in last else 0
        if distance and distance == gap:
            length += 1
        else:
            if gap and length >= gap:
                runs.append((number - length - gap, gap, length // gap + 1))
            gap, length = distance, 1
        last[word] = number
    return runs


def _is_meant(side: Side, start: int, size: int, times: int) -> bool:
    if times >= _MANY:
        return False
    phrase = side.words[start : start + size]
    if not any(map(str.isalpha, phrase)):
        return True
    text, spans = side.text, [match.span() for match in _WORD.finditer(side.text)]
    first, last = spans[start], spans[start + size * times - 1]
    ends = range(start + size, start + size * times, size)
    between = [text[spans[end - 1][1] : spans[end][0]] for end in ends]
    if size > 1 and all(map(_ENDED.fullmatch, between)):
        return not (_BEGINS.search(text[: first[0]]) and _ENDS.match(text[last[1] :]))
    if not all(map(str.isspace, between)):
        return True
    if size > 1:
        return size == 2 and times == 2 and phrase[1] in _LINKS
    another_word = text[last[1] : last[1] + 1] in _JOINED or (
        text[slice(*first)] != text[slice(*spans[start + 1])] and not _BEGINS.search(text[: first[0]])
    )
    return phrase[0] in _DOUBLED or another_word


def _repeats(other: Side, times: int) -> bool:
    return any(found >= times - 1 for _, _, found in _runs(other.words))


def _times(times: int) -> str:
    return "twice" if times == 2 else f"{times} times"
