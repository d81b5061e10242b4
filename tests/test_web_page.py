"""A page of units to send: texts are data and nothing else, the policy lets only its own script run, and a browser finds things in it."""

import base64
import hashlib
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from browser import chromium
from external import requires
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import html

from aligner.annotations import KINDS
from aligner.annotations.words import WORDS
from aligner.errors import InputError
from aligner.formats import read_units, write_units
from aligner.formats.characters import encodable
from aligner.types import Provenance, TranslationUnit

ROOT = Path(__file__).parents[1]

any_text = st.text(st.one_of(st.characters(), st.sampled_from("<>/!-&\"'\u2028\ud800 script")), max_size=20)
units = st.builds(
    TranslationUnit, any_text, any_text, any_text, any_text, st.none() | st.floats(0, 1), st.none(), any_text, any_text, any_text
)


def page_of(path: Path) -> html.HtmlElement:
    return html.document_fromstring(path.read_bytes().decode(), parser=html.HTMLParser(huge_tree=True))


def blocks(path: Path) -> list[dict[str, object]]:
    return [group for script in page_of(path).iterfind(".//script[@class='units']") for group in json.loads(script.text)]


@settings(deadline=None)
@given(st.lists(units, max_size=4))
def test_every_text_stands_in_the_data_and_nowhere_else(tmp_path_factory, given_units):
    path = tmp_path_factory.mktemp("pages") / "a.html"
    assert write_units(given_units, path) == len(given_units)
    rows = [[*row, *group["langs"], *group["documents"]] for group in blocks(path) for row in group["rows"]]
    wanted = [
        (unit.source, unit.target, unit.status, unit.source_lang, unit.target_lang, unit.source_document, unit.target_document)
        for unit in given_units
    ]
    assert [(*row[:2], *row[3:]) for row in rows] == [tuple(map(encodable, texts)) for texts in wanted]
    scripts = [script.get("type") for script in page_of(path).iterfind(".//script")]
    assert scripts == ["application/json"] * (len(given_units) > 0) + [None]


def test_the_policy_lets_the_page_s_own_script_and_style_in_and_no_network(tmp_path):
    write_units([TranslationUnit("fr", "en", "a", "b")], tmp_path / "a.html", provenance=Provenance("1", "<encoder>", "r", "w"))
    page = page_of(tmp_path / "a.html")
    policy = page.find(".//meta[@http-equiv='Content-Security-Policy']").get("content")
    script, style = page.find(".//script[last()]").text, page.find(".//style").text
    digests = [base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() for text in (style, script)]
    assert policy == (
        f"default-src 'none'; base-uri 'none'; form-action 'none'; style-src 'sha256-{digests[0]}'; script-src 'sha256-{digests[1]}'"
    )
    assert not re.search(r"""(?:src|href|action)\s*=|url\(|@import|https?:""", (tmp_path / "a.html").read_text("utf-8"))
    assert "aligned with <encoder>" in page.find(".//footer").text_content()


def test_a_page_is_not_read_back(tmp_path):
    write_units([TranslationUnit("fr", "en", "a", "b")], tmp_path / "a.html")
    with pytest.raises(InputError, match=r"a\.html: \.html is a page for people, from which units are not read back; give \.tmx, \.tsv"):
        read_units(tmp_path / "a.html")


HOSTILE = (
    "<script>document.title = 'broken'</script>",
    "</script><script>document.title = 'broken'</script><!--",
    "<img src=x onerror=\"document.title='broken'\">",
    "\u202eright to left",
    "😀👨‍👩‍👧",
    "=cmd()",
    "mot " * 2_500,
)


@pytest.fixture(scope="module")
def browser() -> Iterator[object]:
    """Headless Chromium."""
    with chromium(requires("chromium"), requires("chromedriver"), height=900) as screen:
        yield screen.driver


def texts(browser, selector: str) -> list[str]:
    return browser.execute_script("return Array.from(document.querySelectorAll(arguments[0]), (found) => found.textContent)", selector)


def shown(browser) -> str:
    return texts(browser, "#shown")[0]


def choose(browser, selector: str, value: str) -> None:
    """What happens when a person changes a field, without the pause that waits for the end of typing."""
    browser.execute_script(
        """const field = document.querySelector(arguments[0]);
        if (field.type === "checkbox") field.click(); else { field.value = arguments[1]; field.dispatchEvent(new Event("input")); }
        clearTimeout(typing); find();""",
        selector,
        value,
    )


def test_a_browser_shows_hostile_texts_as_texts(browser, tmp_path):
    given_units = [TranslationUnit("fr", "en", text, text, 0.5, source_document=text, target_document=text) for text in HOSTILE]
    write_units(given_units, tmp_path / "a.html")
    browser.get((tmp_path / "a.html").as_uri())
    assert texts(browser, "td:first-of-type") == list(HOSTILE)
    assert browser.title == "Translation units"
    assert browser.get_log("browser") == []


def test_a_browser_shows_probabilities_cut_so_that_none_below_one_is_one(browser, tmp_path):
    scores = (1.0, 0.9999998, 0.9996, 0.29)
    write_units([TranslationUnit("fr", "en", "a", "b", score) for score in scores], tmp_path / "a.html")
    browser.get((tmp_path / "a.html").as_uri())
    assert texts(browser, ".probability") == ["1.000", "0.999", "0.999", "0.290"]


def test_a_browser_searches_filters_sorts_and_turns_pages(browser, tmp_path):
    statuses = ("unreviewed", "accepted", "rejected", "flagged")
    given_units = [
        TranslationUnit("fr", "en", f"Été n° {k}.", f"Summer {k}.", 1 - k / 1000, None, statuses[k % 4], f"{k // 150}.fr", f"{k // 150}.en")
        for k in range(300)
    ]
    lonely = TranslationUnit("fr", "en", "L’œuvre\u00a0!", "", None, source_document="2.fr", target_document="2.en")
    write_units([*given_units, lonely], tmp_path / "a.html")
    browser.get((tmp_path / "a.html").as_uri())
    assert texts(browser, "thead th") == ["Unit", "French", "English"]
    assert (shown(browser), len(texts(browser, "tbody td"))) == ("301 units; here 1–100", 200)
    assert texts(browser, "tr.document") == ["0.fr – 0.en"]
    browser.find_element("css selector", ".after").click()
    assert (shown(browser), texts(browser, "tr.document")) == ("301 units; here 101–200", ["0.fr – 0.en", "1.fr – 1.en"])
    browser.find_element("css selector", "body").send_keys("n")
    assert shown(browser) == "301 units; here 201–300"
    browser.find_element("css selector", "body").send_keys("p")
    assert shown(browser) == "301 units; here 101–200"

    choose(browser, "#search", "ete N° 29")
    assert shown(browser) == "11 units of 301"
    assert texts(browser, "mark") == ["Été n° 29"] * 11
    choose(browser, "#search", "l'oeuvre !")
    assert texts(browser, "td") == ["L’œuvre\u00a0!", "no counterpart"]
    choose(browser, "#search", "no such thing")
    assert shown(browser) == "None of 301 units is like this"
    browser.find_element("css selector", "button[type=reset]").click()
    browser.execute_script("find()")

    choose(browser, "[value=unreviewed]", "")
    choose(browser, "[value=accepted]", "")
    choose(browser, "[value=rejected]", "")
    assert shown(browser) == "75 units of 301"
    choose(browser, "#from", "0.9")
    choose(browser, "#to", "0.91")
    assert texts(browser, "td:first-of-type") == ["Été n° 91.", "Été n° 95.", "Été n° 99."]
    choose(browser, "#order", "doubt")
    assert texts(browser, "td:first-of-type") == ["Été n° 99.", "Été n° 95.", "Été n° 91."]
    choose(browser, "#document", "1")
    assert shown(browser) == "None of 301 units is like this"


def test_a_browser_shows_what_may_be_wrong_and_finds_it(browser, tmp_path):
    kinds = [("numbers", "copy"), ("numbers",), (), ("<b>",)]
    write_units([TranslationUnit("fr", "en", f"{k}.", f"{k}.", annotations=kind) for k, kind in enumerate(kinds)], tmp_path / "a.html")
    browser.get((tmp_path / "a.html").as_uri())
    assert texts(browser, ".doubt") == ["numbers differ?", "not translated?", "numbers differ?", "<b>?"]
    assert texts(browser, "#doubts option") == ["show all units", "anything", "<b>? (1)", "not translated? (1)", "numbers differ? (2)"]
    choose(browser, "#doubts", "2")
    assert texts(browser, "td:first-of-type") == ["0.", "1."]
    choose(browser, "#doubts", "any")
    assert shown(browser) == "3 units of 4"


def test_what_no_unit_has_cannot_be_chosen(browser, tmp_path):
    write_units([TranslationUnit("fr", "en", "Un.", "One.")], tmp_path / "a.html")
    browser.get((tmp_path / "a.html").as_uri())
    assert [browser.find_element("css selector", f"#{name}").is_displayed() for name in ("doubts", "document", "order")] == [
        False,
        False,
        True,
    ]


def test_it_says_of_annotations_what_the_review_says_of_them():
    elements = (ROOT / "aligner" / "reviewing" / "notebook" / "page" / "elements.js").read_text(encoding="utf-8")
    (said,) = re.findall(r"export const ANNOTATIONS = \{(.*?)\};", elements, re.DOTALL)
    assert dict(re.findall(r'(\w+): "([^"]+)"', said)) == WORDS
    assert tuple(WORDS) == KINDS


def test_fifty_thousand_units_open(browser, tmp_path):
    unit = TranslationUnit("fr", "en", "Une phrase comme une autre, de longueur moyenne.", "A sentence like any other, of middling length.")
    write_units([unit] * 50_000, tmp_path / "a.html")
    browser.get((tmp_path / "a.html").as_uri())
    assert shown(browser) == "50,000 units; here 1–100"
    choose(browser, "#search", "longueur")
    assert shown(browser) == "50,000 units; here 1–100"


def test_all_that_is_found_is_printed(browser, tmp_path):
    write_units([TranslationUnit("fr", "en", f"{k}.", f"{k}.") for k in range(250)], tmp_path / "a.html")
    browser.get((tmp_path / "a.html").as_uri())
    browser.execute_script("dispatchEvent(new Event('beforeprint'))")
    assert (shown(browser), len(texts(browser, "td"))) == ("250 units", 500)
    browser.execute_script("dispatchEvent(new Event('afterprint'))")
    assert len(texts(browser, "td")) == 200
