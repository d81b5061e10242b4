"""The rules of TMX 1.4 (LISA OSCAR's DTD and specification 1.4b), checked as the file is read, each fault with its line."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from xml.parsers import expat

from aligner.formats.characters import has_forbidden
from aligner.formats.files import open_input

MAX_FINDINGS = 1000
"""A file with so many faults has one cause; the rest is left unread."""

_BLOCK = 1 << 16
_MAX_DEPTH = 255
"""libxml2's own limit, so that what is found good can be read."""
_SEGTYPES = ("block", "paragraph", "sentence", "phrase")
_INLINE = ("bpt", "ept", "ph", "it", "hi", "ut")
_NOTES = ("note", "prop")
_USE = ("o-encoding", "datatype", "usagecount", "lastusagedate", "creationtool", "creationtoolversion")
_CHANGE = ("creationdate", "creationid", "changedate", "changeid")
_DATES = ("creationdate", "changedate", "lastusagedate")
_DATE = re.compile(r"\d{4}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])T(?:[01]\d|2[0-3])[0-5]\d[0-5]\dZ")
_LANGUAGE = re.compile(r"[A-Za-z]{1,8}(?:[-_][A-Za-z0-9]{1,8})*")  # BCP 47's shape; _ is an old custom that all tools read


@dataclass(frozen=True, slots=True)
class Finding:
    """One fault of a file."""

    line: int
    message: str


@dataclass(frozen=True, slots=True)
class _Rule:
    """What one element must and may hold."""

    children: tuple[str, ...] = ()
    order: re.Pattern[str] | None = None
    """The names of the children, each followed by a space; None where any order and number will do."""
    order_in_words: str = ""
    text: bool = False
    required: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()
    values: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


_RULES: Mapping[str, _Rule] = {
    "tmx": _Rule(
        ("header", "body"), re.compile("header body "), "a header, then a body", required=("version",), values={"version": ("1.4",)}
    ),
    "header": _Rule(
        (*_NOTES, "ude"),
        required=("creationtool", "creationtoolversion", "segtype", "o-tmf", "adminlang", "srclang", "datatype"),
        optional=("o-encoding", *_CHANGE),
        values={"segtype": _SEGTYPES},
    ),
    "body": _Rule(("tu",)),
    "note": _Rule(text=True, optional=("o-encoding", "xml:lang", "lang")),
    "prop": _Rule(text=True, required=("type",), optional=("xml:lang", "o-encoding", "lang")),
    "ude": _Rule(("map",), re.compile("(?:map )+"), "one map or more", required=("name",), optional=("base",)),
    "map": _Rule(required=("unicode",), optional=("code", "ent", "subst")),
    "tu": _Rule(
        (*_NOTES, "tuv"),
        re.compile("(?:note |prop )*(?:tuv )+"),
        "notes and props first, then one tuv or more",
        optional=("tuid", *_USE, *_CHANGE, "segtype", "o-tmf", "srclang"),
        values={"segtype": _SEGTYPES},
    ),
    "tuv": _Rule(
        (*_NOTES, "seg"),
        re.compile("(?:note |prop )*seg "),
        "notes and props first, then one seg",
        required=("xml:lang",),
        optional=(*_USE, *_CHANGE, "o-tmf", "lang"),
    ),
    "seg": _Rule(_INLINE, text=True),
    "bpt": _Rule(("sub",), text=True, required=("i",), optional=("x", "type")),
    "ept": _Rule(("sub",), text=True, required=("i",)),
    "sub": _Rule(_INLINE, text=True, optional=("datatype", "type")),
    "it": _Rule(("sub",), text=True, required=("pos",), optional=("x", "type"), values={"pos": ("begin", "end")}),
    "ph": _Rule(("sub",), text=True, optional=("x", "assoc", "type")),
    "hi": _Rule(_INLINE, text=True, optional=("x", "type")),
    "ut": _Rule(("sub",), text=True, optional=("x",)),
}


def validate(path: str | Path) -> list[Finding]:
    """What is wrong with a TMX file, in the order of its lines; empty where nothing is. Raises InputError where it cannot be read.

    Besides the DTD's rules it wants what tools stumble over: a text in every `seg`, languages and dates in their form, no control
    character, a text in the source language of every unit, and no `tuid` that stands for different texts. Entities of the file's own
    are a fault, and nothing outside the file is read.
    """
    checker = _Checker()
    with open_input(path) as stream:
        checker.run(iter(lambda: stream.read(_BLOCK), b""))
    return sorted(checker.findings, key=lambda finding: finding.line)


class _StopError(Exception):
    """Enough has been found."""


@dataclass(slots=True)
class _Open:
    """An element whose end has not come yet."""

    name: str
    line: int
    children: list[str] = field(default_factory=list)
    stray_text: bool = False


@dataclass(slots=True)
class _Unit:
    """What is known of the `tu` that is being read."""

    tuid: str | None
    source_lang: str
    texts: list[tuple[str, str]] = field(default_factory=list)


class _Checker:
    def __init__(self) -> None:
        self.findings: list[Finding] = []
        self._open: list[_Open] = []
        self._header_lang = ""
        self._unit: _Unit | None = None
        self._lang = ""
        self._segment: list[str] | None = None
        self._texts_of: dict[str, int] = {}
        self._parser = expat.ParserCreate(namespace_separator=None)
        self._parser.buffer_text = True
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._text
        self._parser.EntityDeclHandler = self._entity

    def run(self, blocks: Iterable[bytes]) -> None:
        try:
            for block in blocks:
                self._parser.Parse(block, False)
            self._parser.Parse(b"", True)
        except expat.ExpatError as error:
            self.findings.append(Finding(error.lineno, f"is no well-formed XML: {expat.ErrorString(error.code)}"))
        except (LookupError, ValueError):  # what Python raises for an encoding that expat asks it for in vain
            self.findings.append(Finding(1, "is in an encoding that cannot be checked; save it as UTF-8"))
        except _StopError:
            pass

    def _say(self, message: str, line: int | None = None) -> None:
        self.findings.append(Finding(self._parser.CurrentLineNumber if line is None else line, message))
        if len(self.findings) >= MAX_FINDINGS:
            raise _StopError

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        if len(self._open) == _MAX_DEPTH:
            self._say(f"{name} is nested {_MAX_DEPTH} levels deep; readers refuse that")
            raise _StopError
        parent = self._open[-1] if self._open else None
        self._open.append(_Open(name, self._parser.CurrentLineNumber))
        if parent is None:
            if name != "tmx":
                self._say(f"the first element is {name}; a TMX file begins with tmx")
                raise _StopError
        elif parent.name in _RULES:
            if name not in _RULES[parent.name].children:
                self._say(f"{parent.name} holds {name}, which does not belong there")
            elif _RULES[parent.name].order:
                parent.children.append(name)
        if name in _RULES:
            self._check_attributes(name, attributes)
        if name == "header":
            self._header_lang = attributes.get("srclang", "")
        elif name == "tu":
            self._unit = _Unit(attributes.get("tuid"), attributes.get("srclang") or self._header_lang)
        elif name == "tuv":
            self._lang = attributes.get("xml:lang", "")
        elif name == "seg":
            self._segment = []

    def _check_attributes(self, name: str, attributes: dict[str, str]) -> None:
        rule = _RULES[name]
        for attribute in rule.required:
            if attribute not in attributes:
                self._say(f"{name} lacks the attribute {attribute}")
        for attribute, value in attributes.items():
            if attribute not in rule.required and attribute not in rule.optional:
                self._say(f"{name} has the attribute {attribute}, which does not belong there")
            elif attribute in rule.values and value not in rule.values[attribute]:
                self._say(f"{attribute} of {name} is {value[:40]!r}; one of {', '.join(rule.values[attribute])} was wanted")
            elif attribute in _DATES and not _DATE.fullmatch(value):
                self._say(f"{attribute} of {name} is {value[:40]!r}; a date like 20250131T235959Z was wanted")
            elif (
                attribute in ("xml:lang", "adminlang", "srclang")
                and not _LANGUAGE.fullmatch(value)
                and (attribute, value) != ("srclang", "*all*")
            ):
                self._say(f"{attribute} of {name} is {value[:40]!r}; a language code like fr or en-CA was wanted")

    def _text(self, text: str) -> None:
        inside = self._open[-1]
        if inside.name in _RULES and not _RULES[inside.name].text and text.strip(" \t\r\n") and not inside.stray_text:
            inside.stray_text = True
            self._say(f"{inside.name} holds text, which does not belong there: {text.strip()[:40]!r}")
        if self._segment is not None:
            self._segment.append(text)

    def _end(self, name: str) -> None:
        ended = self._open.pop()
        rule = _RULES.get(name)
        if rule and rule.order and not rule.order.fullmatch("".join(f"{child} " for child in ended.children)):
            self._say(f"{name} must hold {rule.order_in_words}; it holds {', '.join(ended.children[:10]) or 'nothing'}", ended.line)
        if name == "seg":
            self._end_segment(ended.line)
        elif name == "tu":
            self._end_unit(ended.line)

    def _end_segment(self, line: int) -> None:
        text = "".join(self._segment or ())
        self._segment = None
        if not text.strip():
            self._say("seg is empty", line)
        if has_forbidden(text):
            self._say("seg holds a control character or noncharacter, on which some tools load nothing of the file", line)
        if self._unit:
            self._unit.texts.append((self._lang, text))

    def _end_unit(self, line: int) -> None:
        unit, self._unit = self._unit, None
        if unit is None:
            return
        wanted, langs = primary_language(unit.source_lang), {primary_language(lang) for lang, _ in unit.texts}
        if wanted and wanted != "*all*" and langs and wanted not in langs:
            self._say(f"tu has no tuv in its source language {unit.source_lang}, but in {', '.join(sorted(langs))}", line)
        if unit.tuid is not None:
            texts = hash(tuple(unit.texts))
            if self._texts_of.setdefault(unit.tuid, texts) != texts:
                self._say(f"tuid {unit.tuid[:40]} stands for other texts than before", line)

    def _entity(self, name: str, *_: object) -> None:
        self._say(f"declares the entity {name}; readers that keep to the safe side refuse that")
        raise _StopError


def primary_language(lang: str) -> str:
    """The code without country or script, in lower case: `en` for `en-CA` and `EN_ca`."""
    return lang.lower().replace("_", "-").partition("-")[0]
