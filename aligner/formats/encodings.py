"""Bytes as text: by their byte order mark, as UTF-8, or by what charset-normalizer takes for likely."""

from __future__ import annotations

import codecs
import contextlib
import logging
import re

from aligner.errors import InputError

_log = logging.getLogger(__name__)
# UTF-32's mark begins with UTF-16's, so it is looked for first.
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_SAMPLE_BYTES = 1 << 17
"""A line of non-ASCII text says more of its encoding than a page of ASCII, and charset-normalizer takes seconds for megabytes."""
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]")
_MAX_CONTROL_SHARE = 0.05
"""Random bytes hold 10 % of control characters; the worst text of scanners and converters holds a few in a thousand."""

_HIGH = re.compile(rb"[\x80-\xff]+")
_MAX_LATIN_RUN = 2
_LATIN_SHARE = 0.8
"""In Latin scripts accented letters stand between plain ones, two at most together (« and its space); others come in runs."""
_LATIN = ["cp1252", "mac_roman", "cp850", "cp1250", "iso8859_15", "iso8859_2", "mac_latin2", "cp852", "cp1257", "cp1254"]
_WESTERN = ("cp1252", "mac_roman", "cp850")
_WESTERN_SHARE = 0.95
_LOWER = "àâäáãåæçèéêëîïíìôöóòøœùûüúÿñßºª"
_UPPER = "ÀÂÄÁÃÅÆÇÈÉÊËÎÏÍÔÖÓØŒÙÛÜÚÑ"
_MARKS_OF_TYPE = "«»‹›“”„‘’–—…•°€\xa0©®§¿¡½²×"
_NOT_ASCII = re.compile(r"[^\x00-\x7f]")
# A capital after a small letter is what one Western encoding makes of another's small letters.
_IS_WESTERN = re.compile(f"[{_LOWER}{_MARKS_OF_TYPE}]|(?<![a-z{_LOWER}])[{_UPPER}]")


def decode(data: bytes, name: str, *, declared: str | None = None) -> str:
    """The text of `data`; `declared` is the encoding that the file itself names.

    It comes after UTF-8, for pages in UTF-8 often say something else, but bytes that are UTF-8 by chance do not occur; only where all
    are ASCII it comes first, for then it may be an encoding in ASCII's disguise, such as ISO-2022-JP.

    Raises InputError where `data` are not text, or not in the encoding of their byte order mark.
    """
    text = _marked(data, name)
    if text is None:
        if b"\0" in data:
            raise InputError(f"{name}: holds NUL bytes, so it is no text file; give plain text (UTF-16 needs a byte order mark).")
        text = _unmarked(data, name, declared)
    if len(_CONTROL.findall(text)) > _MAX_CONTROL_SHARE * len(text):
        raise InputError(f"{name}: consists of control characters to a good part, so it is no text file; give plain text.")
    return text


def likely_encodings(data: bytes) -> list[str]:
    """The encodings that text outside UTF-8 may be in, the likeliest first; empty where it is no text.

    charset-normalizer alone misreads one line of French in three (docs/decisions/004-readers-and-formats.md), so an encoding of Western
    Europe goes first where nearly all it yields are letters and marks of there, and only Latin alphabets are tried where the bytes
    look like one.
    """
    from charset_normalizer import from_bytes  # a tenth of a second that only files in other encodings need

    sample = _sample(data)
    runs = [len(run) for run in _HIGH.findall(sample)]
    latin = sum(length for length in runs if length <= _MAX_LATIN_RUN) >= _LATIN_SHARE * sum(runs)
    matches = list(from_bytes(sample, cp_isolation=_LATIN if latin else None)) or list(from_bytes(sample))
    encodings = [match.encoding for match in matches]
    western = max(_WESTERN, key=lambda encoding: _western_share(sample, encoding))
    return [western, *encodings] if latin and _western_share(sample, western) >= _WESTERN_SHARE else encodings


def _western_share(sample: bytes, encoding: str) -> float:
    """The share of Western Europe's letters and marks in what is not ASCII, 0..1; 0 where the bytes are not in the encoding."""
    try:
        text = sample.decode(encoding)
    except UnicodeDecodeError:
        return 0.0
    return len(_IS_WESTERN.findall(text)) / max(1, len(_NOT_ASCII.findall(text)))


def _sample(data: bytes) -> bytes:
    """Lines that hold more than ASCII, wherever in the file they stand."""
    lines, size = [], 0
    for line in data.split(b"\n"):
        if not line.isascii():
            lines.append(line)
            size += len(line)
            if size > _SAMPLE_BYTES:
                break
    return b"\n".join(lines)[:_SAMPLE_BYTES]


def _marked(data: bytes, name: str) -> str | None:
    """The text after a byte order mark; None where there is no mark."""
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            try:
                return data[len(mark) :].decode(encoding)
            except UnicodeDecodeError as error:
                at = error.start + len(mark)
                raise InputError(
                    f"{name}: its byte order mark says {encoding.upper()}, but byte {at:,} is not that ({error.reason}); "
                    "save the file again in UTF-8."
                ) from error
    return None


def _unmarked(data: bytes, name: str, declared: str | None) -> str:
    for encoding in (declared, "utf-8") if data.isascii() else ("utf-8", declared):
        with contextlib.suppress(UnicodeDecodeError, LookupError):
            if encoding:
                return data.decode(encoding)
    for encoding in likely_encodings(data):
        with contextlib.suppress(UnicodeDecodeError):
            text = data.decode(encoding)
            _log.warning(
                "%s: is not UTF-8; read as %s, the likeliest by its letters; if accents look wrong, save it as UTF-8", name, encoding
            )
            return text
    raise InputError(f"{name}: is no text in UTF-8 or another encoding that could be made out; save it as plain text in UTF-8.")
