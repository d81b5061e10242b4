"""Where sentences end, by rules that hold for French and English alike and for the encoder's other languages.

One pass over the full stops of a span, each looked at with a bounded window, so that the time is linear whatever the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from aligner.segmentation.abbreviations import BEFORE_NUMBER, MAY_BE_LAST, NEVER_LAST, OPENING_WORDS, TITLES

_WIDE_STOPS = "。！？｡"
"""Stops after which no space is needed."""
_STOPS = ".!?…‼⁇⁈⁉؟۔।॥" + _WIDE_STOPS
# Stops or tabs: a pattern that begins with one of some characters is looked for four times as fast as one with "+" or "|".
_STOP_RUN = re.compile(f"[{_STOPS}\t](?:(?<=\t)\t*|(?<!\t)[{_STOPS}]*)")

# A closing mark stands right behind the stop; French puts a space before », detokenised text before " too.
_CLOSERS = re.compile(r"""(?:[”’"'»›)\]}』」）〕】》〉]|“(?=\s|\Z)|[ \u00a0\u202f][»›]|[ ][”"](?=\s|\Z)|\[\d{1,3}\])+""")
_OPENERS = re.compile(r"""[\s«‹“‘„‚"'’(\[{¿¡「『（《〈*•·▪◦‣●\u2010-\u2015-]*""")
_NEXT_WORD = re.compile(r"[^\W_]+['’]?")
_NOT_A_START = frozenset(",;:)]}»›”%/" + _STOPS)

_WINDOW = 24
"""Code points looked at before a full stop: longer than every abbreviation."""
_WORD_BEFORE = re.compile(r"[^\s«»“”\"'’(\[/–—]*\Z")
_DOTTED = re.compile(r"(?:[^\W\d_]{1,2}\.[ -]?)+[^\W\d_]{1,2}")
_NUMBER_LIKE = re.compile(r"\d|(?:[IVXLC]+|[A-Z])(?=[\s.,;:)\d-]|\Z)")
_ENUMERATOR = re.compile(r"\W*(?:(?i:article|art\.|§|no\.|n°|nº)\s*)?(?:\d{1,3}(?:\.\d{1,3})*|[IVXLC]{1,5}|[ivx]{1,4}|[A-Za-z])[.):]?")
_ENUMERATOR_LENGTH = 24
_JAPANESE_QUOTATIVE = frozenset("とっ")


def sentence_spans(text: str, start: int, end: int, lang: str) -> Iterator[tuple[int, int]]:
    """Yield the (start, end) of each sentence of `text[start:end]`, in code points, in order.

    Every non-space character of the span lies in exactly one of them, and none begins or ends with white space.
    Tabs separate cells, so a sentence ends there too, unless only a list number or bullet stands before.
    """
    opened = cut = start
    pending: tuple[int, int] | None = None
    wordless = True
    for following in (*_cuts(text, start, end, lang), end):
        wordless = wordless and not _has_word(text, cut, following)
        cut = following
        # A piece without a letter or digit (a stray quotation mark, a row of stars) is no sentence: it stays with its neighbour.
        if wordless:
            continue
        if pending:
            yield pending
        pending, opened, wordless = stripped(text, opened, cut), cut, True
    if rest := stripped(text, opened, end):
        pending = (pending[0], rest[1]) if pending else rest
    if pending:
        yield pending


def _cuts(text: str, start: int, end: int, lang: str) -> Iterator[int]:
    """Positions right behind a sentence's last character; a cut at the very end of the span may be missing."""
    opened = start
    for stop in _STOP_RUN.finditer(text, start, end):
        if text[stop.start()] == "\t":
            if not _is_enumerator(text, opened, stop.start()):
                opened = stop.start()
                yield opened
            continue
        closers = _CLOSERS.match(text, stop.end(), end)
        after = closers.end() if closers else stop.end()
        if after >= end:
            return
        wide = text[stop.end() - 1] in _WIDE_STOPS
        if not (wide or text[after].isspace()):
            continue
        if wide and closers and text[after] in _JAPANESE_QUOTATIVE:
            continue  # 「…。」と言った: the quotation is part of the sentence
        opening = _OPENERS.match(text, after, end)
        following = opening.end() if opening else after
        if following >= end:
            return
        if _starts_sentence(text, following, wide) and not (
            stop.group() == "." and not closers and _is_abbreviation(text, opened, stop.start(), following, lang)
        ):
            if _is_bracketed_ellipsis(text, start, stop, closers) and not _stop_before_bracket(text, start, stop.start()):
                continue
            opened = after
            yield after


def _starts_sentence(text: str, position: int, wide: bool) -> bool:
    character = text[position]
    return character not in _NOT_A_START and (wide or not character.islower())


def _is_bracketed_ellipsis(text: str, start: int, stop: re.Match[str], closers: re.Match[str] | None) -> bool:
    """Whether the stops are « […] » or « (...) »: something left out, which ends nothing by itself."""
    return bool(closers) and stop.start() > start and text[stop.start() - 1] in "([" and set(stop.group()) <= set(".…")


def _stop_before_bracket(text: str, start: int, position: int) -> bool:
    before = text[max(start, position - _WINDOW) : position - 1].rstrip()
    return bool(before) and before[-1] in _STOPS


def _is_abbreviation(text: str, start: int, stop: int, following: int, lang: str) -> bool:
    """Whether the full stop at `stop` belongs to the word before it and the sentence goes on at `following`."""
    if _is_enumerator(text, start, stop):
        return True
    window = text[max(start, stop - _WINDOW) : stop]
    found = _WORD_BEFORE.search(window)
    word = found.group() if found else ""
    lower = word.lower()
    if word in TITLES or lower in NEVER_LAST:
        return True
    if word.isdigit():
        return lang == "de" and len(word) <= 2 and text[following].isalpha()  # "am 3. Oktober"
    if lower in BEFORE_NUMBER and _NUMBER_LIKE.match(text, following):
        return True
    opens = _opening_word(text, following)
    if lower in MAY_BE_LAST or _DOTTED.fullmatch(word):
        return not opens
    if len(word) == 1 and word.isupper():
        # "J. K. Rowling", but "vitamin C. The": what stands before an initial is a name or another initial.
        before = window[: -len(word)].rstrip()
        last = before.rsplit(None, 1)[-1] if before else ""
        return not (opens and (last[:1].islower() or last[:1].isdigit()))
    return False


def _opening_word(text: str, position: int) -> bool:
    found = _NEXT_WORD.match(text, position, position + _WINDOW)
    return found is not None and found.group().replace("’", "'") in OPENING_WORDS and text[found.end() : found.end() + 1] != "."


def _is_enumerator(text: str, start: int, end: int) -> bool:
    """Whether the span holds a list number or bullet alone: "1", "a", "IV", "Article 2", "•"."""
    if end - start > _ENUMERATOR_LENGTH:
        return False
    piece = text[start:end].strip()
    return not any(map(str.isalnum, piece)) or bool(_ENUMERATOR.fullmatch(piece))


def stripped(text: str, start: int, end: int) -> tuple[int, int] | None:
    """The span without white space at its ends; None where nothing else is in it."""
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return (start, end) if start < end else None


def _has_word(text: str, start: int, end: int) -> bool:
    return any(text[position].isalnum() for position in range(start, end))
