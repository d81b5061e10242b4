"""WARC files for tests, written by warcio."""

from __future__ import annotations

import gzip
import io
from pathlib import Path

import zstandard
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter


class Writer(WARCWriter):
    """warcio's writer leaves its temporary files open."""

    _create_temp_file = staticmethod(io.BytesIO)


def html(text: str, lang: str = "", head: str = "") -> bytes:
    """A page of this text."""
    attribute = f' lang="{lang}"' if lang else ""
    return f"<!DOCTYPE html><html{attribute}><head>{head}</head><body><p>{text}</p></body></html>".encode()


IS_HTML = (("Content-Type", "text/html"),)


def record(address: str, body: bytes, *, headers: tuple[tuple[str, str], ...] = IS_HTML, status: str = "200 OK", date: str = "") -> bytes:
    """What a crawler writes of one answer of a server."""
    out = io.BytesIO()
    writer = Writer(out, gzip=False)
    answer = StatusAndHeaders(status, list(headers), protocol="HTTP/1.1")
    more = {"WARC-Date": date} if date else {}
    writer.write_record(writer.create_warc_record(address, "response", io.BytesIO(body), http_headers=answer, warc_headers_dict=more))
    return out.getvalue()


def converted(address: str, text: str, langs: str = "") -> bytes:
    """What a WET file holds of a page."""
    out = io.BytesIO()
    writer = Writer(out, gzip=False)
    headers = {"WARC-Identified-Content-Language": langs} if langs else {}
    payload = io.BytesIO(text.encode())
    writer.write_record(
        writer.create_warc_record(address, "conversion", payload, warc_content_type="text/plain", warc_headers_dict=headers)
    )
    return out.getvalue()


def about() -> bytes:
    """The record that tells how a WARC file was made, and a request: neither is a page."""
    out = io.BytesIO()
    writer = Writer(out, gzip=False)
    writer.write_record(writer.create_warcinfo_record("a.warc", {"software": "tests"}))
    asked = StatusAndHeaders("GET / HTTP/1.1", [("Host", "example.org")], is_http_request=True)
    writer.write_record(writer.create_warc_record("https://example.org/", "request", http_headers=asked))
    return out.getvalue()


def packed(part: bytes, packing: str) -> bytes:
    """One member that holds the part: `gz`, `zst`, or none."""
    if packing == "gz":
        return gzip.compress(part, mtime=0)
    return zstandard.ZstdCompressor(write_checksum=True).compress(part) if packing == "zst" else part


def crawl(path: Path, *records: bytes) -> Path:
    """A WARC file of these records, each packed by itself as the name says."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"".join(packed(each, path.suffix[1:]) for each in records))
    return path
