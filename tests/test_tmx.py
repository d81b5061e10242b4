"""TMX: valid by the DTD and by our own rules, read back exactly, and loaded by the tools that people use."""

import io
import logging
import re
import subprocess
import sys
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree
from tmx_readers import read_by_tmxutil, read_by_translate_toolkit, tmx_dtd, translated_by_omegat

from aligner.errors import InputError
from aligner.formats import characters, read_units, tmx, tmx_rules, write_units
from aligner.formats.characters import xml_text
from aligner.formats.fields import format_number
from aligner.types import Provenance, TranslationUnit, normalised

UNIT = TranslationUnit(
    "fr",
    "en",
    "« Où est-ce ? » — <là> & là.",
    "“Where is it?” — <there> & there.",
    0.9731,
    0.81,
    "accepted",
    "dumps/été.fr.txt",
    "dumps/été.en.txt",
    ((0, 12), (13, 28)),
    ((3, 36),),
    "Ada Lovelace",
    "2026-11-25T02:53:07+00:00",
    ("length", "numbers"),
)
PROVENANCE = Provenance("0.1", "use-multilingual", "abc123", "default")


def written(units, provenance=None):
    stream = io.BytesIO()
    tmx.write(units, stream, provenance)
    return stream.getvalue()


def read(data):
    return list(tmx.read(io.BytesIO(data), "a.tmx"))


def document(
    units="",
    header='creationtool="a" creationtoolversion="1" segtype="sentence" o-tmf="a" adminlang="en" srclang="fr" datatype="plaintext"',
):
    return f'<?xml version="1.0"?>\n<tmx version="1.4">\n<header {header}/>\n<body>\n{units}\n</body>\n</tmx>\n'.encode()


def pair(source="Bonjour", target="Hello", attributes=""):
    return f'<tu {attributes}><tuv xml:lang="fr"><seg>{source}</seg></tuv><tuv xml:lang="en"><seg>{target}</seg></tuv></tu>'


def findings(tmp_path, data):
    path = tmp_path / "a.tmx"
    path.write_bytes(data)
    return [(finding.line, finding.message) for finding in tmx.validate(path)]


@pytest.fixture(scope="module")
def dtd():
    return tmx_dtd()


any_text = st.text(
    alphabet=st.one_of(st.characters(), st.sampled_from('\x00\x02\x85\ud800\ufffe\U0001ffff\u2028\xa0<&>]" \t\n')), max_size=20
)
units = st.builds(
    TranslationUnit,
    st.sampled_from(["fr", "de", "fr-CA"]),
    st.sampled_from(["en", "zh-Hant"]),
    any_text,
    any_text,
    st.none() | st.floats(0, 1),
    st.none() | st.floats(-1, 1),
    st.sampled_from(["unreviewed", "accepted"]),
    any_text,
    any_text,
    st.lists(st.tuples(st.integers(0, 9), st.integers(0, 10**12)), max_size=3).map(tuple),
    st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), max_size=3).map(tuple),
    st.just("Ada") | any_text.filter(xml_text),
    st.datetimes(min_value=datetime(1000, 1, 1)).map(lambda at: at.replace(microsecond=0, tzinfo=UTC).isoformat()),
)


def cleaned(unit):
    texts = (unit.source, unit.target, unit.source_document, unit.target_document)
    source, target, source_document, target_document = map(xml_text, texts)
    return TranslationUnit(
        unit.source_lang,
        unit.target_lang,
        source,
        target,
        *(None if score is None else float(format_number(score)) for score in (unit.probability, unit.cosine)),
        unit.status,
        source_document,
        target_document,
        unit.source_spans,
        unit.target_spans,
        xml_text(unit.reviewer),
        unit.reviewed_at,
        unit.annotations,
    )


def test_a_decision_is_told_with_who_made_it_and_when():
    assert b'changeid="Ada Lovelace" changedate="20261125T025307Z"' in written([UNIT])


def test_what_another_tool_changed_is_no_review():
    (unit,) = read(written([UNIT]).replace(b"x-status", b"x-other"))
    assert (unit.status, unit.reviewer, unit.reviewed_at) == ("unreviewed", "", "")


@given(st.lists(units, max_size=4))
def test_what_is_written_is_read_back_cleaned(given_units):
    expected = [unit for unit in map(cleaned, given_units) if unit.source and unit.target]
    assert read(written(given_units, PROVENANCE)) == expected


@given(any_text)
def test_no_character_is_left_that_a_reader_dies_of(text):
    assert not re.search(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff\U0001fffe\U0001ffff\U0010fffe]", xml_text(text))
    assert xml_text(xml_text(text)) == xml_text(text)


@given(any_text)
def test_the_fast_path_changes_what_the_slow_one_changes(text):
    slow = normalised(
        characters._NO_CHARACTER.sub("\ufffd", re.sub(r"[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f]", "", re.sub(r"[\t-\r\x85]", " ", text)))
    )
    assert xml_text(text) == slow


@given(any_text)
def test_nothing_forbidden_is_left_in_a_cleaned_text(text):
    assert not characters.has_forbidden(xml_text(text))


def test_a_clean_text_is_left_alone():
    text = "L’été\xa0: « 10\u202f% »\u200d — 𝒜 \u00ad…"
    assert xml_text(text) == text


@settings(max_examples=30)
@given(given_units=st.lists(units, max_size=4))
def test_what_is_written_is_valid_by_the_dtd_and_by_our_rules(tmp_path_factory, dtd, given_units):
    data = written(given_units, PROVENANCE)
    assert dtd.validate(etree.fromstring(data)), dtd.error_log
    assert findings(tmp_path_factory.mktemp("tmx"), data) == []


def test_the_form_is_what_tools_want():
    data = written([UNIT], PROVENANCE)
    assert data.startswith(b"<?xml version='1.0' encoding='utf-8'?>\n<tmx version=\"1.4\">")
    root = etree.fromstring(data)
    header = root.find("header")
    assert set(header.keys()) >= {"creationtool", "creationtoolversion", "segtype", "o-tmf", "adminlang", "srclang", "datatype"}
    assert header.get("srclang") == "fr"
    assert re.fullmatch(r"\d{8}T\d{6}Z", header.get("creationdate"))
    assert {prop.get("type"): prop.text for prop in header} == {
        "x-aligner-version": "0.1",
        "x-encoder": "use-multilingual",
        "x-encoder-revision": "abc123",
        "x-weights": "default",
    }
    (unit,) = root.iter("tu")
    assert unit.get("tuid") == UNIT.id
    assert {prop.get("type"): prop.text for prop in unit.iterchildren("prop")} == {
        "x-probability": "0.973100",
        "x-cosine": "0.810000",
        "x-status": "accepted",
        "x-annotations": "length numbers",
        "x-document": "dumps/été.fr.txt",
        "x-target-document": "dumps/été.en.txt",
        "x-spans": "0-12 13-28",
        "x-target-spans": "3-36",
    }
    assert [variant.get("{http://www.w3.org/XML/1998/namespace}lang") for variant in unit.iterchildren("tuv")] == ["fr", "en"]


def test_a_unit_of_another_source_language_bears_it(dtd):
    data = written([UNIT, TranslationUnit("de", "en", "Guten Tag", "Hello")])
    assert [unit.get("srclang") for unit in etree.fromstring(data).iter("tu")] == [None, "de"]
    assert [unit.source_lang for unit in read(data)] == ["fr", "de"]


def test_a_unit_without_text_on_one_side_is_left_out_and_counted(caplog):
    stream = io.BytesIO()
    with caplog.at_level(logging.WARNING):
        assert tmx.write([UNIT, TranslationUnit("fr", "en", "Bonjour", "\x02 ")], stream) == 1
    assert "1 of 2 units hold control characters alone on one side" in caplog.text
    assert read(stream.getvalue()) == [UNIT]


def test_no_units_make_a_valid_file(dtd, tmp_path):
    assert write_units([], tmp_path / "a.tmx") == 0
    assert dtd.validate(etree.parse(tmp_path / "a.tmx"))
    assert tmx.validate(tmp_path / "a.tmx") == []
    assert list(read_units(tmp_path / "a.tmx")) == []


MEMORY = """
import resource, sys
from aligner.formats import read_units, write_units
from aligner.types import TranslationUnit
unit = TranslationUnit("fr", "en", "Où est-ce ? " * 10, "Where is it? " * 10, 0.97, source_spans=((0, 120),))
write_units([unit], sys.argv[1] + ".tmx")
list(read_units(sys.argv[1] + ".tmx"))
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
write_units((unit for _ in range(20_000)), sys.argv[1] + "2.tmx")
assert sum(1 for _ in read_units(sys.argv[1] + "2.tmx")) == 20_000
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="memory is counted in KiB on Linux alone")
def test_memory_stays_flat_however_many_units_there_are(tmp_path):
    ran = subprocess.run([sys.executable, "-c", MEMORY, str(tmp_path / "a")], capture_output=True, text=True, check=True, timeout=300)
    assert int(ran.stdout) < 10_000  # the whole tree takes 70,000


INLINE = (
    '<bpt i="1">&lt;b&gt;</bpt>gras<ept i="1">&lt;/b&gt;</ept> <hi type="x">marqué <ph>code<sub>note</sub></ph></hi><it pos="begin">x</it>!'
)


def test_inline_codes_are_left_out_and_marked_text_stays():
    (unit,) = read(document(pair(INLINE)))
    assert unit.source == "gras marqué !"


def test_text_between_many_codes_keeps_its_order():
    (unit,) = read(document(pair("un<ph/>deux<ph/>trois <hi>quatre <hi>cinq</hi> six</hi> sept")))
    assert unit.source == "undeuxtrois quatre cinq six sept"


def test_a_unit_in_several_languages_makes_one_pair_each():
    variants = "".join(
        f'<tuv xml:lang="{lang}"><seg>{text}</seg></tuv>' for lang, text in (("de-DE", "Tag"), ("FR-ca", "Jour"), ("en", "Day"))
    )
    units = read(document(f"<tu>{variants}</tu>"))
    assert [(unit.source_lang, unit.target_lang, unit.source, unit.target) for unit in units] == [
        ("FR-ca", "de-DE", "Jour", "Tag"),
        ("FR-ca", "en", "Jour", "Day"),
    ]


def test_the_old_lang_attribute_is_read():
    (unit,) = read(document('<tu><tuv lang="fr"><seg>a</seg></tuv><tuv lang="en"><seg>b</seg></tuv></tu>'))
    assert (unit.source_lang, unit.target_lang) == ("fr", "en")


@pytest.mark.parametrize("encoding", ["utf-16", "utf-8-sig", "iso-8859-1"])
def test_other_tools_encodings_are_read(encoding):
    name = encoding.removesuffix("-sig")
    data = document(pair("déjà")).decode().replace('version="1.0"', f'version="1.0" encoding="{name}"').encode(encoding)
    assert [unit.source for unit in read(data)] == ["déjà"]


def test_units_without_two_texts_are_left_out_and_counted(caplog):
    data = document(pair("a", "") + pair("b", "c") + '<tu><tuv xml:lang="fr"><seg>d</seg></tuv></tu>')
    with caplog.at_level(logging.WARNING):
        assert [unit.source for unit in read(data)] == ["b"]
    assert "a.tmx: 2 of 3 units hold no two texts; they were left out" in caplog.text


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (document(pair())[:-60], "a.tmx: is no well-formed XML: .*; `aligner validate` shows more, or export it again"),
        (b"", "a.tmx: is no well-formed XML"),
        (b"Bonjour", "a.tmx: is no well-formed XML"),
        (b"<html/>", "a TMX file was wanted, but its first element is 'html'; give another file or format"),
        (document(pair("a\x02b")), "a.tmx: is no well-formed XML"),
        (
            document('<tu><prop type="x-probability">much</prop>' + pair()[5:]),
            "the unit on line 5 has a property that is none of ours: .*'much'",
        ),
        (document('<tu><prop type="x-spans">1:2</prop>' + pair()[5:]), "spans as in '12-40 41-60' were wanted, not '1:2'"),
        (
            b'<!DOCTYPE tmx [<!ENTITY e "x">]>' + document(pair("a&e;b")).partition(b"\n")[2],
            "uses the entity &e;, which is not read; write its characters",
        ),
    ],
)
def test_what_cannot_be_read_is_refused_with_the_reason(data, message):
    with pytest.raises(InputError, match=message):
        read(data)


def test_nothing_outside_the_file_is_read(tmp_path):
    (tmp_path / "secret.txt").write_text("secret")
    doctype = f'<!DOCTYPE tmx SYSTEM "file://{tmp_path}/absent.dtd" [<!ENTITY e SYSTEM "file://{tmp_path}/secret.txt">]>'.encode()
    data = doctype + document(pair("a&e;b")).partition(b"\n")[2]
    with pytest.raises(InputError, match="entity"):
        read(data)


def test_a_bomb_of_entities_is_defused():
    entities = "".join(f'<!ENTITY e{i} "{f"&e{i - 1};" * 10}">' for i in range(1, 12))
    data = f'<!DOCTYPE tmx [<!ENTITY e0 "aaaaaaaaaa">{entities}]>'.encode() + document(pair("&e11;")).partition(b"\n")[2]
    with pytest.raises(InputError):
        read(data)


def test_a_tree_of_endless_depth_is_refused():
    with pytest.raises(InputError, match="well-formed"):
        read(document(pair("<hi>" * 100_000)))


GOOD = [
    document(),
    document(pair()),
    document(pair(attributes='tuid="1" creationdate="20250131T235959Z" segtype="block"')),
    document(pair(INLINE)),
    document("<tu><note>n</note><prop type='p'>q</prop><note/>" + pair()[5:]),
    document(pair(), 'creationtool="a" creationtoolversion="1" segtype="phrase" o-tmf="a" adminlang="en" srclang="*all*" datatype="x"'),
    document(pair()).replace(b"/>\n<body>", b"><ude name='u'><map unicode='#xF8FF'/></ude><note>n</note></header>\n<body>"),
]


@pytest.mark.parametrize("data", GOOD)
def test_good_files_have_no_findings(tmp_path, dtd, data):
    assert dtd.validate(etree.fromstring(data)), dtd.error_log
    assert findings(tmp_path, data) == []


BAD = [
    (document(pair()).replace(b'"1.4"', b'"1.3"'), 2, "version of tmx is '1.3'; one of 1.4 was wanted"),
    (document(pair(), 'creationtool="a"'), 3, "header lacks the attribute srclang"),
    (
        document(pair()).replace(b'"sentence"', b'"word"'),
        3,
        "segtype of header is 'word'; one of block, paragraph, sentence, phrase was wanted",
    ),
    (document(pair()).replace(b"<body>", b"<body/><body>"), 2, "tmx must hold a header, then a body; it holds header, body, body"),
    (document("<tu/>"), 5, "tu must hold notes and props first, then one tuv or more; it holds nothing"),
    (document(pair()[:-5] + "<prop type='x'>y</prop></tu>"), 5, "tu must hold notes and props first, .*; it holds tuv, tuv, prop"),
    (document("<tu><seg>a</seg></tu>"), 5, "tu holds seg, which does not belong there"),
    (document(pair() + "\n<unit/>"), 6, "body holds unit, which does not belong there"),
    (document(pair().replace(' xml:lang="en"', "")), 5, "tuv lacks the attribute xml:lang"),
    (document(pair().replace("<seg>Hello</seg>", "")), 5, "tuv must hold notes and props first, then one seg; it holds nothing"),
    (document(pair().replace("<seg>Hello</seg>", "<seg>a</seg><seg>b</seg>")), 5, "then one seg; it holds seg, seg"),
    (document(pair(attributes='colour="red"')), 5, "tu has the attribute colour, which does not belong there"),
    (document("Bonjour" + pair()), 5, "body holds text, which does not belong there: 'Bonjour'"),
    (document("<tu><prop>q</prop>" + pair()[5:]), 5, "prop lacks the attribute type"),
    (document(pair('<it pos="middle">x</it>a')), 5, "pos of it is 'middle'; one of begin, end was wanted"),
    (document(pair("<bpt>x</bpt>a")), 5, "bpt lacks the attribute i"),
    (document(pair("<b>x</b>")), 5, "seg holds b, which does not belong there"),
    (document(pair()).replace(b"/>\n<body>", b"><ude name='u'/></header>\n<body>"), 3, "ude must hold one map or more; it holds nothing"),
]


@pytest.mark.parametrize(("data", "line", "message"), BAD)
def test_what_the_dtd_refuses_is_found_with_its_line(tmp_path, dtd, data, line, message):
    assert not dtd.validate(etree.fromstring(data))
    assert any(found_line == line and re.search(message, text) for found_line, text in findings(tmp_path, data)), findings(tmp_path, data)


STUMBLING = [
    (document(pair()).replace(b' version="1.4"', b""), 2, "tmx lacks the attribute version"),
    (document(pair("")), 5, "seg is empty"),
    (document(pair(" \n ")), 5, "seg is empty"),
    (document(pair("a\x7fb")), 5, "seg holds a control character or noncharacter"),
    (document(pair("a&#x85;b")), 5, "seg holds a control character or noncharacter"),
    (
        document(pair(attributes='creationdate="2025-01-31"')),
        5,
        "creationdate of tu is '2025-01-31'; a date like 20250131T235959Z was wanted",
    ),
    (document(pair().replace('"fr"', '"français"')), 5, "xml:lang of tuv is 'français'; a language code like fr or en-CA was wanted"),
    (document(pair().replace('"fr"', '"de"')), 5, "tu has no tuv in its source language fr, but in de, en"),
    (document(pair("a", attributes='tuid="1"') + "\n" + pair("b", attributes='tuid="1"')), 6, "tuid 1 stands for other texts than before"),
]


@pytest.mark.parametrize(("data", "line", "message"), STUMBLING)
def test_what_tools_stumble_over_is_found_with_its_line(tmp_path, data, line, message):
    found_line, text = findings(tmp_path, data)[0]
    assert found_line == line
    assert message in text


def test_the_same_unit_may_stand_twice(tmp_path):
    assert findings(tmp_path, written([UNIT, UNIT])) == []


@pytest.mark.parametrize(
    ("data", "line", "message"),
    [
        (document(pair())[:-10], 6, "is no well-formed XML: "),
        (document(pair("a & b")), 5, "is no well-formed XML: not well-formed"),
        (b"", 1, "is no well-formed XML: no element found"),
        (document().replace(b'"1.0"', b'"1.0" encoding="gb18030"'), 1, "is in an encoding that cannot be checked; save it as UTF-8"),
        (document().replace(b'"1.0"', b'"1.0" encoding="none"'), 1, "is in an encoding that cannot be checked"),
        (b"<html/>", 1, "the first element is html; a TMX file begins with tmx"),
        (b'<!DOCTYPE tmx [\n<!ENTITY e "x">]>' + document(pair("&e;")).partition(b"\n")[2], 2, "declares the entity e"),
    ],
)
def test_what_cannot_be_checked_further_is_one_finding(tmp_path, data, line, message):
    ((found_line, text),) = findings(tmp_path, data)
    assert found_line == line
    assert text.startswith(message)


def test_a_nesting_that_readers_refuse_is_found(tmp_path):
    assert findings(tmp_path, document(pair("<hi>" * 300 + "a" + "</hi>" * 300))) == [
        (5, "hi is nested 255 levels deep; readers refuse that")
    ]
    assert findings(tmp_path, document(pair("<hi>" * 250 + "a" + "</hi>" * 250))) == []
    assert len(read(document(pair("<hi>" * 250 + "a" + "</hi>" * 250)))) == 1


def test_lines_beyond_65535_are_told(tmp_path):
    assert findings(tmp_path, document("\n" * 70_000 + pair(""))) == [(70_005, "seg is empty")]


def test_findings_end_at_a_bound(tmp_path, monkeypatch):
    monkeypatch.setattr(tmx_rules, "MAX_FINDINGS", 3)
    assert len(findings(tmp_path, document(pair("") * 10))) == 3


def test_findings_stand_in_the_order_of_lines(tmp_path):
    lines = [line for line, _ in findings(tmp_path, document("<tu>\n" + pair("")[5:] + "\n<tu/>"))]
    assert lines == sorted(lines)


def test_a_missing_file_cannot_be_validated(tmp_path):
    with pytest.raises(InputError, match="there is no such file"):
        tmx.validate(tmp_path / "absent.tmx")


HARD = [
    UNIT,
    TranslationUnit("fr", "en", "Le conseil s’est réuni hier.", "The council met yesterday.\x02\ufffe", 0.99),
    TranslationUnit("fr", "en", "Un caractère de contrôle\x0b\x1f ici.", "A control character here.", None),
]


@pytest.mark.parametrize("suffix", [".tmx", ".tmx.gz"])
def test_omegat_loads_it_and_translates_by_it(tmp_path, suffix):
    write_units(HARD, tmp_path / f"a{suffix}")
    translated = translated_by_omegat("Le conseil s’est réuni hier.\n\nJamais vu.\n", [tmp_path / f"a{suffix}"], tmp_path)
    assert "The council met yesterday." in translated
    assert "Jamais vu." in translated


@pytest.mark.parametrize("read", [read_by_translate_toolkit, read_by_tmxutil])
def test_other_programs_read_every_unit(tmp_path, read):
    write_units(HARD, tmp_path / "a.tmx")
    assert read(tmp_path / "a.tmx") == [(xml_text(unit.source), xml_text(unit.target)) for unit in HARD]
