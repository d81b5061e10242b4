"""Web pages in WARC records and JSON Lines: the bytes that a file of each would have, its address, what it tells of itself."""

from __future__ import annotations

import hashlib
import json
import re
import zlib
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from html import unescape
from pathlib import Path
from urllib.parse import urljoin

from aligner.errors import InputError
from aligner.formats.characters import encodable
from aligner.formats.files import GZIP, ZSTD, open_input
from aligner.formats.html import MAX_HTML_BYTES
from aligner.formats.warc import MAX_ADDRESS, BadRecord, Record, parsed_header

HTML, TEXT = ".html", ".txt"
_TYPES = {"text/html": HTML, "application/xhtml+xml": HTML, "text/plain": TEXT}
_HEAD_BYTES = 1 << 18
"""How far links to other languages are looked for."""
_MAX_ALTERNATES = 200
_CHARSET = re.compile(r"charset\s*=\s*[\"']?([\w.:-]+)", re.IGNORECASE)
_HTML_LANG = re.compile(rb"<html\b[^>]{0,2000}?\slang\s*=\s*[\"']?([A-Za-z-]{2,20})", re.IGNORECASE)
_LINK = re.compile(rb"<link\b[^>]{0,4000}>", re.IGNORECASE)
_ATTRIBUTE = re.compile(rb"\b(rel|hreflang|href)\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s>\"']+))", re.IGNORECASE)
_CHUNK_SIZE = re.compile(rb"([0-9A-Fa-f]{1,8})[ \t]*(?:;[^\r\n]*)?\r?\n")


@dataclass(frozen=True, slots=True)
class Capture:
    """A page as it was on some day."""

    address: str
    id: str
    """What a page without an address is known by: its `id`, or a hash of what it holds."""
    kind: str
    """HTML or TEXT."""
    data: bytes
    date: str = ""
    """ISO 8601, UTC; empty where nothing tells."""
    lang: str = ""
    """What the page, or who captured it, calls its language."""
    alternates: tuple[tuple[str, str], ...] = ()
    """The languages and addresses of its versions in other languages (hreflang)."""


@dataclass(frozen=True, slots=True)
class NoPage:
    """A record that holds something else than a page."""

    kind: str
    """Its media type, or the status that the server gave, such as `HTTP 404`."""


def captured(record: Record) -> Capture | BadRecord | NoPage | None:
    """The page that a record of a WARC file holds; None for a record that only tells of another one: a request, metadata, a revisit."""
    kind, media = record.headers.get("warc-type", "").lower(), record.headers.get("content-type", "")
    date = record.headers.get("warc-date", "")
    told = record.headers.get("warc-identified-content-language", "").partition(",")[0]
    if kind in ("conversion", "resource"):
        return _capture(record, media, record.body, date, told)
    if kind != "response" or not media.lower().startswith("application/http"):
        return None
    head, _, body = record.body.partition(b"\r\n\r\n")
    status = head.split(b"\r\n", 1)[0].split(b" ", 2)
    if len(status) < 2 or not status[0].startswith(b"HTTP/"):
        return BadRecord(record.address[:MAX_ADDRESS], "no answer of a web server was found in it")
    if status[1] != b"200":
        return NoPage(f"HTTP {status[1][:3].decode('ascii', 'replace')}")
    headers = parsed_header(head)
    try:
        if "chunked" in headers.get("transfer-encoding", "").lower():
            body = _without_chunks(body)
        body = _unpacked(body, headers.get("content-encoding", ""))
    except _UnpackingError as error:
        return BadRecord(record.address[:MAX_ADDRESS], str(error))
    return _capture(record, headers.get("content-type", "") or media, body, date, told or headers.get("content-language", ""))


def read_page_lines(path: Path) -> Iterator[Capture | BadRecord]:
    """The pages of a JSON Lines file with a page a line: `text` or `html`, and, where there is one, `url`, `id`, `lang` and `date`.

    A line that is no page is a BadRecord with its number. Raises InputError as open_input does.
    """
    with open_input(path) as stream:
        number = 0
        while line := stream.readline(MAX_HTML_BYTES + 1):
            number += 1
            where = f"line {number}"
            if len(line) > MAX_HTML_BYTES:
                while line and not line.endswith(b"\n"):
                    line = stream.readline(MAX_HTML_BYTES)
                yield BadRecord(where, f"it is longer than {MAX_HTML_BYTES:,} bytes, the most that is read; split it.")
            elif line.strip():
                yield _of_line(line, where)


def _of_line(line: bytes, where: str) -> Capture | BadRecord:
    try:
        value = json.loads(line.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        return BadRecord(where, f"is no JSON in UTF-8 ({str(error)[:80]}); mend or delete it.")
    if not isinstance(value, dict):
        return BadRecord(where, 'an object like {"url": …, "text": …} was wanted; mend or delete it.')
    text, html = value.get("text"), value.get("html")
    content = text if isinstance(text, str) and text.strip() else html
    if not isinstance(content, str):
        return BadRecord(where, f"a page's `text` or `html` was wanted, its keys are {', '.join(map(str, value))[:80]}; rename them.")
    kind = TEXT if content is text else HTML
    data = encodable(content).encode()
    address, identity, lang, date = (str(value.get(key) or "") for key in ("url", "id", "lang", "date"))
    return _with_languages(Capture(address, identity or _hash(data), kind, data, date, lang))


def _capture(record: Record, media: str, body: bytes, date: str, lang: str) -> Capture | BadRecord | NoPage:
    kind = _TYPES.get(name := media.partition(";")[0].strip().lower())
    if kind is None:
        return NoPage(name or "no media type")
    if len(body) > MAX_HTML_BYTES:
        return BadRecord(record.address[:MAX_ADDRESS], f"it holds more than {MAX_HTML_BYTES:,} bytes, the most that is read of a page")
    charset = _CHARSET.search(media)
    data = body if charset is None else _in_utf8(body, charset[1])
    return _with_languages(Capture(record.address, _hash(body), kind, data, date, lang))


def _in_utf8(body: bytes, charset: str) -> bytes:
    """The page in UTF-8, where the server named another encoding, which a file of the page would not know: as browsers, we believe it."""
    try:
        body.decode()
    except UnicodeDecodeError:
        with suppress(UnicodeDecodeError, LookupError, InputError):
            # Latin-1 means windows-1252 (the WHATWG's encoding standard), five of whose bytes are no character.
            named = "windows-1252" if charset.lower().replace("_", "-") in ("iso-8859-1", "latin-1", "latin1", "us-ascii") else charset
            return body.decode(named).encode("utf-8-sig")
    return body


def _with_languages(page: Capture) -> Capture:
    """The page with its language, and the addresses of its versions in others, as its own head tells them."""
    if page.kind != HTML:
        return page
    head = page.data[:_HEAD_BYTES]
    own = _HTML_LANG.search(head)
    alternates: list[tuple[str, str]] = []
    for link in _LINK.finditer(head):
        values = {name.lower(): b"".join(value) for name, *value in _ATTRIBUTE.findall(link[0])}
        if b"alternate" in values.get(b"rel", b"").lower() and values.get(b"hreflang") and len(alternates) < _MAX_ALTERNATES:
            lang, to = (unescape(values.get(name, b"").decode("utf-8", "replace")).strip() for name in (b"hreflang", b"href"))
            with suppress(ValueError):  # an address that is none
                alternates.append((lang, urljoin(page.address, to)))
    return replace(page, lang=page.lang or (own[1].decode() if own else ""), alternates=tuple(alternates))


class _UnpackingError(Exception):
    """What the server packed cannot be unpacked."""


def _unpacked(body: bytes, packings: str) -> bytes:
    """The body as it was before the server packed it; many archives hold it unpacked, whatever the header says."""
    for packing in reversed([name.strip().lower() for name in packings.split(",")]):
        if packing in ("gzip", "x-gzip") and body.startswith(GZIP):
            body = _inflated(body, 31)
        elif packing == "deflate" and body[:1] == b"\x78":
            body = _inflated(body, 15)
        elif packing == "zstd" and body.startswith(ZSTD):
            body = _of_zstd(body)
        elif packing == "br":
            raise _UnpackingError("the server packed it with brotli, which is not read")
    return body


def _inflated(body: bytes, wbits: int) -> bytes:
    unpacking = zlib.decompressobj(wbits)
    try:
        data = unpacking.decompress(body, MAX_HTML_BYTES + 1)
    except zlib.error as error:
        raise _UnpackingError(f"what the server packed is damaged ({error})") from error
    if not unpacking.eof and len(data) <= MAX_HTML_BYTES:
        raise _UnpackingError("what the server packed is cut short")
    return data


def _of_zstd(body: bytes) -> bytes:
    import zstandard  # a compiled library that few pages need

    try:
        with zstandard.ZstdDecompressor().stream_reader(body) as stream:
            return bytes(stream.read(MAX_HTML_BYTES + 1))
    except zstandard.ZstdError as error:
        raise _UnpackingError(f"what the server packed is damaged ({error})") from error


def _without_chunks(body: bytes) -> bytes:
    """The body out of the chunks that it was sent in (RFC 9112, section 7.1); as it is where it is in none, as in many archives."""
    parts, place = [], 0
    while chunk := _CHUNK_SIZE.match(body, place):
        size = int(chunk[1], 16)
        parts.append(body[chunk.end() : chunk.end() + size])
        if not size:
            return b"".join(parts)
        end = chunk.end() + size
        place = end + (2 if body[end : end + 2] == b"\r\n" else 1)
    return body if not parts else b"".join(parts)


def _hash(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()[:16]
