"""HTML pages as text: every block that a reader sees, in the order of the page."""

from __future__ import annotations

import codecs
import re
from pathlib import Path
from typing import TYPE_CHECKING

from aligner.errors import InputError
from aligner.formats.encodings import decode
from aligner.formats.files import display_name, read_bytes, telling_of_packing

if TYPE_CHECKING:
    from lxml import etree

MAX_HTML_BYTES = 1 << 26
"""A tree takes ten times the memory of its page, and no page for people is as long."""

_BLOCKS = frozenset(
    "address article aside blockquote body button caption center dd details dialog div dl dt fieldset figcaption figure footer form "
    "h1 h2 h3 h4 h5 h6 header hgroup hr html label legend li main menu nav ol p pre section summary table tbody td tfoot th thead "
    "title tr ul".split()
)
_UNSEEN = frozenset(
    "audio canvas datalist embed iframe math noscript object option rp rt script select style svg template textarea video".split()
)
_INVISIBLE = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_SPACE = re.compile(r"[ \t\r\n\f]+")  # HTML's white space; no-break spaces stay
_BLANK_LINES = re.compile(r"\n{3,}")
_CHARSET = re.compile(
    rb"""<meta[^>]{0,300}?charset\s*=\s*["']?\s*([\w.:-]+)|<\?xml[^>]{0,100}?encoding\s*=\s*["']([\w.:-]+)""", re.IGNORECASE
)
_CHARSET_WITHIN = 4096
# The WHATWG's encoding standard: a page that says Latin-1 or ASCII is in windows-1252; one that can say UTF-16 in ASCII is in UTF-8.
_MEANT = {"iso8859-1": "windows-1252", "ascii": "windows-1252", "utf-16": "utf-8", "utf-16-le": "utf-8", "utf-16-be": "utf-8"}
_NO_PAGES_CODEC = frozenset(("idna", "punycode", "raw-unicode-escape", "undefined", "unicode-escape", "utf-7"))


def read_html(path: str | Path) -> str:
    """The page's text: a blank line between blocks, a line break for `br`, other white space made single spaces.

    The title comes first; menus, headers and footers stay, for pages in two languages have them in both; scripts, styles, forms'
    choices and what is hidden are left out. The encoding is that of the byte order mark, else UTF-8 where the bytes are that, else the
    page's own `charset`, else what charset-normalizer takes for likely. Raises InputError as read_bytes does, and for a file that is
    no text or too large or nested too deeply to be read whole.
    """
    name = display_name(path)
    data = read_bytes(path)
    if len(data) > MAX_HTML_BYTES:
        raise InputError(f"{name}: holds {len(data):,} bytes, and an HTML page of {MAX_HTML_BYTES:,} at most is read; split it.")
    with telling_of_packing(path):
        text = decode(data, name, declared=_declared(data))
    root = _tree(text, name)
    return "" if root is None else "\n\n".join(_blocks(root))


def _declared(data: bytes) -> str | None:
    """The encoding that the page names, if Python knows it and pages may be in it."""
    match = _CHARSET.search(data[:_CHARSET_WITHIN])
    if match is None:
        return None
    try:
        codec = codecs.lookup((match[1] or match[2]).decode("ascii", "replace")).name
    except LookupError:
        return None
    return None if codec in _NO_PAGES_CODEC else _MEANT.get(codec, codec)


def _tree(text: str, name: str) -> etree._Element | None:
    """The page's root; None where it holds nothing."""
    from lxml import etree  # a compiled library of several megabytes, needed once a page is read

    # huge_tree lifts the limits on length, which MAX_HTML_BYTES sets for us; a depth of 2,048 remains.
    parser = etree.HTMLParser(encoding="utf-8", huge_tree=True, remove_comments=True, remove_pis=True, no_network=True)
    if not text.strip():
        return None
    root = etree.fromstring(text.encode("utf-8"), parser)
    for error in parser.error_log:
        if root is not None and error.level == etree.ErrorLevels.FATAL:  # what follows would be missing, and nobody would know
            raise InputError(
                f"{name}: line {error.line}: the page cannot be read to its end ({error.message}); simplify it, or save it as text."
            )
    return root


class _PageText:
    """Gathers a page's text: pieces make lines, and lines make blocks."""

    def __init__(self) -> None:
        self.blocks: list[str] = []
        self._lines: list[str] = []
        self._pieces: list[str] = []

    def add(self, text: str | None, *, preformatted: bool) -> None:
        first, *others = (text or "").split("\n") if preformatted else [text or ""]
        self._pieces.append(first)
        for line in others:
            self.end_line()
            self._pieces.append(line)

    def end_line(self) -> None:
        self._lines.append(_SPACE.sub(" ", "".join(self._pieces)).strip(" "))
        self._pieces.clear()

    def end_block(self) -> None:
        self.end_line()
        if text := _BLANK_LINES.sub("\n\n", "\n".join(self._lines).strip("\n")):
            self.blocks.append(text)
        self._lines.clear()


def _blocks(root: etree._Element) -> list[str]:
    """The texts of the blocks in order; a walk without recursion, whatever the depth."""
    from lxml import etree

    found = _PageText()
    preformatted: list[etree._Element] = []
    walk = etree.iterwalk(root, events=("start", "end"))
    for event, element in walk:
        tag = element.tag if isinstance(element.tag, str) else ""
        if event == "start":
            if not tag or tag in _UNSEEN or element.get("hidden") is not None or _INVISIBLE.search(element.get("style", "")):
                walk.skip_subtree()
                continue
            if tag in _BLOCKS:
                found.end_block()
            if tag == "pre":
                preformatted.append(element)
            found.add(element.text, preformatted=bool(preformatted))
        else:
            if preformatted and preformatted[-1] is element:
                preformatted.pop()
            if tag == "br":
                found.end_line()
            elif tag in _BLOCKS:
                found.end_block()
            found.add(element.tail, preformatted=bool(preformatted))
    found.end_block()
    return found.blocks
