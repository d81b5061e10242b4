"""What a text must lose before a format can hold it: the characters that no file, or no XML file, may contain."""

from __future__ import annotations

import re

from aligner.types import normalised

_REPLACEMENT = "\N{REPLACEMENT CHARACTER}"

_NONCHARACTERS = "\ufdd0-\ufdef" + "".join(f"{chr(plane | 0xFFFE)}{chr(plane | 0xFFFF)}" for plane in range(0, 0x110000, 0x10000))
_SURROGATE = re.compile("[\ud800-\udfff]")
_NO_CHARACTER = re.compile(f"[\ud800-\udfff{_NONCHARACTERS}]")
_BREAKING_CONTROL = re.compile(r"[\t-\r\x85]")
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f]")
_FORBIDDEN = re.compile(f"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff{_NONCHARACTERS}]")


def encodable(text: str) -> str:
    """The text with lone surrogates, which no encoding can write, replaced by U+FFFD."""
    return text if text.isascii() else _SURROGATE.sub(_REPLACEMENT, text)


def has_forbidden(text: str) -> bool:
    """Whether the text holds a control character, lone surrogate or noncharacter; tabs and line ends are none of these."""
    return _FORBIDDEN.search(text) is not None


def xml_text(text: str) -> str:
    """The text as XML holds it and translators' tools read it: breaking white space made single spaces, other control characters
    dropped, lone surrogates and noncharacters replaced by U+FFFD.

    XML 1.0 forbids most of these, and of a file with one of them OmegaT loads nothing; the others (U+007F to U+009F, noncharacters
    beyond the first plane) it discourages, and a translation memory has no use for them.
    """
    if text.isprintable() and "  " not in text and text == text.strip(" "):  # most are, and this takes a tenth of the time
        return text
    return normalised(_NO_CHARACTER.sub(_REPLACEMENT, _CONTROL.sub("", _BREAKING_CONTROL.sub(" ", text))))
