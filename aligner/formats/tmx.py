"""TMX 1.4, level 1: what translators' tools exchange (LISA OSCAR's specification 1.4b)."""

from __future__ import annotations

import importlib.metadata
import itertools
import logging
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, BinaryIO

from aligner.errors import InputError
from aligner.formats.characters import xml_text
from aligner.formats.fields import format_number, format_spans, parse_spans
from aligner.formats.tmx_rules import Finding, primary_language, validate
from aligner.types import UNDETERMINED, Provenance, TranslationUnit, normalised

if TYPE_CHECKING:
    from lxml import etree

__all__ = ["Finding", "read", "validate", "write"]

_log = logging.getLogger(__name__)
_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
_DATE = "%Y%m%dT%H%M%SZ"
_CODES = frozenset(("bpt", "ept", "it", "ph", "ut"))
"""Inline elements whose content is codes of another format and no text; `hi` marks text."""


def write(units: Iterable[TranslationUnit], stream: BinaryIO, provenance: Provenance | None = None) -> int:
    """Write the units as they come, in bounded memory, and return how many were written.

    The first unit's source language becomes the header's; a unit of another bears its own. Texts pass through xml_text; a unit of
    which nothing is left on one side is left out, for a `seg` may not be empty, and a warning counts those. A unit that occurs twice
    is written twice: its `tuid` is the unit's id, the same wherever the texts are the same.
    """
    from lxml import etree  # a compiled library of several megabytes, needed once a TMX is written

    units = iter(units)
    first = next(units, None)
    source_lang = first.source_lang if first else UNDETERMINED
    written = empty = 0
    with etree.xmlfile(stream, encoding="utf-8") as file:
        file.write_declaration()
        with file.element("tmx", version="1.4"):
            file.write("\n", _header(source_lang, provenance), "\n")
            with file.element("body"):
                for unit in itertools.chain([first] if first else [], units):
                    source, target = xml_text(unit.source), xml_text(unit.target)
                    if source and target:
                        file.write("\n", _element(unit, source, target, source_lang))
                        written += 1
                    else:
                        empty += 1
                file.write("\n")
            file.write("\n")
    stream.write(b"\n")
    if empty:
        _log.warning(
            "%d of %d units hold control characters alone on one side, which TMX cannot; they were left out", empty, written + empty
        )
    return written


def read(stream: BinaryIO, name: str) -> Iterator[TranslationUnit]:
    """The units of a TMX file as they are read, in bounded memory, from whatever tool.

    Of a `tu` with several languages the source is its source language's `tuv` (else the first) and each other one makes a unit. Inline
    codes are left out, the text inside `hi` stays. A `tu` that holds no two texts is left out, and a warning counts those. Entities
    other than XML's five are not read, nor is anything outside the file. Raises InputError where the file is no well-formed TMX.
    """
    from lxml import etree  # a compiled library of several megabytes, needed once a TMX is read

    parser = etree.iterparse(
        stream,
        events=("end",),
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    source_lang, units, empty = "", 0, 0
    root = None
    try:
        for _, element in parser:
            if root is None:
                root = element.getroottree().getroot()
                if root.tag != "tmx":
                    raise InputError(f"{name}: a TMX file was wanted, but its first element is {root.tag!r}; give another file or format.")
            if element.tag == "header":
                source_lang = element.get("srclang", "")
            elif element.tag == "tu":
                pairs = list(_units(element, source_lang, name))
                yield from pairs
                units += 1
                empty += not pairs
            _forget(element)
    except etree.XMLSyntaxError as error:
        raise InputError(f"{name}: is no well-formed XML: {error.msg}; `aligner validate` shows more, or export it again.") from error
    if empty:
        _log.warning("%s: %d of %d units hold no two texts; they were left out", name, empty, units)


def _forget(element: etree._Element) -> None:
    """Free a child of `body` and what stands before it; the child itself stays until the next one, for the parser is still at it."""
    parent = element.getparent()
    if parent is not None and parent.tag == "body":
        element.clear(keep_tail=True)
        while element.getprevious() is not None:
            del parent[0]


def _header(source_lang: str, provenance: Provenance | None) -> etree._Element:
    from lxml import etree

    header = etree.Element(
        "header",
        {
            "creationtool": "aligner",
            "creationtoolversion": _version(),
            "segtype": "sentence",
            "o-tmf": "aligner",
            "adminlang": "en",
            "srclang": xml_text(source_lang),
            "datatype": "plaintext",
            "creationdate": datetime.now(UTC).strftime(_DATE),
        },
    )
    if provenance is not None:
        _add_prop(header, "x-aligner-version", provenance.version)
        _add_prop(header, "x-encoder", provenance.encoder)
        _add_prop(header, "x-encoder-revision", provenance.revision)
        _add_prop(header, "x-weights", provenance.weights)
    return header


def _version() -> str:
    try:
        return importlib.metadata.version("aligner")
    except importlib.metadata.PackageNotFoundError:  # run from a folder that was never installed
        return "unknown"


def _element(unit: TranslationUnit, source: str, target: str, header_lang: str) -> etree._Element:
    from lxml import etree

    element = etree.Element("tu", tuid=unit.id)
    if unit.source_lang != header_lang:
        element.set("srclang", xml_text(unit.source_lang))
    if reviewer := xml_text(unit.reviewer):
        element.set("changeid", reviewer)
        if unit.reviewed_at:
            element.set("changedate", datetime.fromisoformat(unit.reviewed_at).astimezone(UTC).strftime(_DATE))
    _add_prop(element, "x-probability", format_number(unit.probability))
    _add_prop(element, "x-cosine", format_number(unit.cosine))
    _add_prop(element, "x-status", unit.status)
    _add_prop(element, "x-annotations", " ".join(unit.annotations))
    _add_prop(element, "x-document", unit.source_document)
    _add_prop(element, "x-target-document", unit.target_document)
    _add_prop(element, "x-spans", format_spans(unit.source_spans))
    _add_prop(element, "x-target-spans", format_spans(unit.target_spans))
    for lang, text in ((unit.source_lang, source), (unit.target_lang, target)):
        variant = etree.SubElement(element, "tuv", {_LANG: xml_text(lang)})
        etree.SubElement(variant, "seg").text = text
    return element


def _add_prop(parent: etree._Element, kind: str, value: str) -> None:
    if text := xml_text(value):
        prop = parent.makeelement("prop", type=kind)
        prop.text = text
        parent.append(prop)


def _units(element: etree._Element, header_lang: str, name: str) -> Iterator[TranslationUnit]:
    """One unit for each text of a `tu` beside its source text."""
    variants = []
    for variant in element.iterchildren("tuv"):
        segment = variant.find("seg")
        text = "" if segment is None else normalised(_plain_text(segment, name))
        if text:
            variants.append((variant.get(_LANG) or variant.get("lang") or UNDETERMINED, text))
    if not variants:
        return
    wanted = element.get("srclang") or header_lang
    langs = [lang for lang, _ in variants]
    at = next((i for i, lang in enumerate(langs) if lang.lower() == wanted.lower()), None)
    if at is None:  # en-US for en, or the other way about
        at = next((i for i, lang in enumerate(langs) if primary_language(lang) == primary_language(wanted)), 0)
    source_lang, source = variants.pop(at)
    props = _props(element, name)
    for target_lang, target in variants:
        yield TranslationUnit(source_lang, target_lang, source, target, **props)


def _props(element: etree._Element, name: str) -> dict[str, Any]:
    texts = {prop.get("type"): prop.text or "" for prop in element.iterchildren("prop")}
    try:
        return {
            "probability": float(texts["x-probability"]) if "x-probability" in texts else None,
            "cosine": float(texts["x-cosine"]) if "x-cosine" in texts else None,
            "status": texts.get("x-status", "unreviewed"),
            "annotations": tuple(texts.get("x-annotations", "").split()),
            "source_document": texts.get("x-document", ""),
            "target_document": texts.get("x-target-document", ""),
            "source_spans": parse_spans(texts.get("x-spans", "")),
            "target_spans": parse_spans(texts.get("x-target-spans", "")),
            **(_reviewer(element) if "x-status" in texts else {}),  # elsewhere a change is no review
        }
    except ValueError as error:
        raise InputError(
            f"{name}: the unit on line {element.sourceline} has a property that is none of ours: {error}; correct it."
        ) from error


def _reviewer(element: etree._Element) -> dict[str, str]:
    at = element.get("changedate", "")
    day = datetime.strptime(at, _DATE).replace(tzinfo=UTC).isoformat() if at else ""
    return {"reviewer": element.get("changeid", ""), "reviewed_at": day}


def _plain_text(segment: etree._Element, name: str) -> str:
    """The text of a `seg` without the codes of inline elements; a walk without recursion, whatever the depth."""
    parts, waiting = [], [segment]
    while waiting:
        node = waiting.pop()
        if isinstance(node, str):
            parts.append(node)
            continue
        for child in reversed(node):
            if not isinstance(child.tag, str):
                raise InputError(f"{name}: line {child.sourceline} uses the entity {child.text}, which is not read; write its characters.")
            if child.tail:
                waiting.append(child.tail)
            if child.tag not in _CODES:
                waiting.append(child)
        if node.text:
            parts.append(node.text)
    return "".join(parts)
