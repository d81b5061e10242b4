"""Text that was decoded as what it is not, so that signs stand where letters stood."""

from __future__ import annotations

import re
from html.entities import name2codepoint

from aligner.annotations.pair import Pair, quoted

_TRAIL = "\u0080-\u00bf€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ"
"""What the second and third bytes of a letter in UTF-8 look like in ISO 8859-1 and Windows-1252."""
_DAMAGE = re.compile(
    "|".join(
        (
            "\ufffd",
            "[\u0080-\u0084\u0086-\u009f]",  # Windows-1252 read as ISO 8859-1; U+0085 is also a line's end
            f"(?<![A-ZÀ-Þ])[ÂÃÅÄÐÑ][{_TRAIL}]",  # UTF-8 read as Windows-1252
            f"[ÂÃ][{_TRAIL}](?=[a-z]|[ÂÃ])",
            "Ã (?=[a-zÀ-ÿ])",  # « à », whose second byte is a no-break space
            f"â[{_TRAIL}]{{1,2}}",
            "√[©®†™ß¥Æªâ¢π¨´]|‚Äö|‚Ä[¶ôúùìî]",  # UTF-8 read as Mac Roman
            "[a-zß-ÿ][‚ÚÓÔÛÞŠˆ‡][a-zß-ÿ]",  # Windows-1252 read as code page 850, or the reverse
        )
    )
)
_SUSPECT = re.compile("[\ufffd\u0080-\u0084\u0086-\u009fÂÃÅÄÐÑâ√‚ÚÓÔÛÞŠˆ‡]")
"""Every kind of damage holds one of these, so most texts are passed over at once."""
_LOST = re.compile(r"[^\W\d_]\?{1,2}[a-zß-ÿ]|(?<![\w?!.])\?[a-z]{2,}", re.UNICODE)
"""Question marks that stand where letters stood."""
_ADDRESS = re.compile(r"://|www\.|\.\w{2,4}\?")
_AROUND = 200
"""Code points before and after a question mark that are looked at for the rest of an address."""
_ENTITY = re.compile(r"&(?:#\d{2,6}|#[xX][0-9a-fA-F]{2,5}|([A-Za-z]{2,8}));")
_CONTEXT = 8


def find(pair: Pair) -> str | None:
    """That a side holds letters of a wrong encoding, U+FFFD, question marks inside words, or HTML's names of characters."""
    for side in pair.sides:
        found = _damage(side.text)
        if found is not None:
            piece = side.text[max(0, found.start() - _CONTEXT) : found.end() + _CONTEXT]
            return f"{side.name} holds {quoted(piece)}"
    return None


def _damage(text: str) -> re.Match[str] | None:
    if not text.isascii() and _SUSPECT.search(text) and (found := _DAMAGE.search(text)):
        return found
    if "&" in text and (found := _ENTITY.search(text)) and (found[1] is None or found[1] in name2codepoint):
        return found
    # A question mark inside a word is a letter lost, unless the text is an address.
    return next((lost for lost in _LOST.finditer(text) if not _is_in_address(text, lost)), None) if "?" in text else None


def _is_in_address(text: str, lost: re.Match[str]) -> bool:
    before = text[max(0, lost.start() - _AROUND) : lost.start() + 1].split()
    after = text[lost.end() - 1 : lost.end() + _AROUND].split()
    return bool(_ADDRESS.search(before[-1] + lost[0][1:-1] + after[0]))
