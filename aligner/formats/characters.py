"""What a text must lose before a format can hold it: the characters that no file, or no XML file, may contain."""

from __future__ import annotations

import re

from aligner.types import normalised

REPLACEMENT = "\N{REPLACEMENT CHARACTER}"

_SURROGATE = re.compile(r"[\ud800-\udfff]")
_BREAKING_CONTROL = re.compile(r"[\t-\r\x85]")
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f]")
_NO_CHARACTER = re.compile(
    "[\ud800-\udfff\ufdd0-\ufdef" + "".join(f"{chr(plane | 0xFFFE)}{chr(plane | 0xFFFF)}" for plane in range(0, 0x110000, 0x10000)) + "]"
)


def encodable(text: str) -> str:
    """The text with lone surrogates, which no encoding can write, replaced by U+FFFD."""
    return text if text.isascii() else _SURROGATE.sub(REPLACEMENT, text)


def xml_text(text: str) -> str:
    """The text as XML holds it and translators' tools read it: white space made single spaces, other control characters dropped,
    lone surrogates and noncharacters replaced by U+FFFD.

    XML 1.0 forbids most of these; the others (U+007F to U+009F, and noncharacters outside the first plane) it only discourages, but
    one control character of any kind makes OmegaT load nothing of the whole file.
    """
    return normalised(_NO_CHARACTER.sub(REPLACEMENT, _CONTROL.sub("", _BREAKING_CONTROL.sub(" ", text))))
