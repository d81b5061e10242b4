"""The page of the review widget by itself, in Chromium: offsets in texts, what is marked in them, heights of rows, names of keys."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from browser import chromium
from external import requires

from aligner.annotations import KINDS
from aligner.reviewing import wording

pytest.importorskip("anywidget", reason="anywidget is not installed: pip install 'aligner[notebooks]'")

FAMILY = "\U0001f468\u200d\U0001f469\u200d\U0001f467"


@pytest.fixture(scope="module")
def run() -> Iterator[Callable[..., Any]]:
    """Runs JavaScript that may use whatever the page's modules define."""
    from aligner.reviewing.notebook.widget import page_module

    module = page_module().partition("export default")[0]
    with chromium(requires("chromium"), requires("chromedriver")) as screen:
        yield lambda script, *arguments: screen.driver.execute_script(f"{module}\n{script}", *arguments)


@pytest.mark.parametrize("text", ["", "abc", "é", "a😀b", FAMILY, "\u202eab\u202c😀", "𝔸" * 5, "naïve 😀 — fin"])
def test_places_count_code_points_as_python_does(run: Callable[..., Any], text: str) -> None:
    points = range(len(text) + 1)
    units = [len(text[:point].encode("utf-16-le")) // 2 for point in points]
    assert run("return arguments[1].map((point) => unitsAt(arguments[0], point))", text, list(points)) == units
    assert run("return arguments[1].map((unit) => pointsAt(arguments[0], unit))", text, units) == list(points)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Oui, l’eau est froide.", ["Oui, ", "l’eau ", "est ", "froide."]),
        ("« Diable ! » dit-il.", ["« ", "Diable ", "! ", "» ", "dit-il."]),
        (f"a {FAMILY} b", ["a ", f"{FAMILY} ", "b"]),
        ("mot", ["mot"]),
        ("", []),
    ],
)
def test_a_text_is_split_before_words(run: Callable[..., Any], text: str, words: list[str]) -> None:
    cut = run(
        "const at = [0, ...wordStarts(arguments[0]), undefined]; return at.slice(1).map((end, n) => arguments[0].slice(at[n], end))", text
    )
    assert [word for word in cut if word] == words


@pytest.mark.parametrize(
    ("text", "share", "before"),
    [
        ("Oui, l’eau est froide, mais claire.", 0.6, "Oui, l’eau est froide, "),
        ("« Diable ! » dit-il en riant.", 0.3, "« Diable ! » "),
        ("It costs 3.5 crowns at 10:30 and no more", 0.5, "It costs 3.5 crowns "),
        ("Venez vite demain", 0.0, "Venez "),
        ("mot", 0.5, "mot"),
        ("他来了，我走了。", 0.5, "他来了，"),
    ],
)
def test_a_split_is_proposed_after_punctuation_never_at_the_start(run: Callable[..., Any], text: str, share: float, before: str) -> None:
    assert text[: run("return placeIn(arguments[0], arguments[1])", text, share)] == before


def test_a_text_in_a_language_without_spaces_is_split_between_words_too(run: Callable[..., Any]) -> None:
    assert run("return wordStarts('私は学生です').length") > 1


def test_a_character_is_what_people_see_as_one(run: Callable[..., Any]) -> None:
    assert run("return characterStarts(arguments[0])", f"a{FAMILY}é") == [0, 1, 1 + len(FAMILY.encode("utf-16-le")) // 2]


@pytest.mark.parametrize("value", [0.0, 0.0034, 0.289, 0.57, 0.95, 0.9996, 1.0])
def test_a_probability_is_written_as_everywhere_in_the_review_but_for_the_nought(run: Callable[..., Any], value: float) -> None:
    shown = run("return probabilityWords(arguments[0])", value)
    assert float(shown) == float(wording.probability(value))
    assert shown.startswith(".") or shown == "1"


HOSTILE = "<script>window.ran = 1</script> & <img src=x onerror='window.ran = 1'> 😀 \u202eabc"


def test_whatever_is_marked_the_text_stays_as_it_is_and_is_never_markup(run: Callable[..., Any]) -> None:
    read = run(
        """
        const marks = [[1, 7], [5, 12], [60, 500]];
        const cell = h("div", {}, ...textNodes(arguments[0], { parts: [[0, 8], [8, 90]], marks, hits: [[3, 9]] }));
        document.body.append(cell);
        return [cell.textContent, [...cell.querySelectorAll("*")].map((one) => one.tagName), window.ran ?? null];
        """,
        HOSTILE,
    )
    assert read[0] == HOSTILE
    assert set(read[1]) <= {"MARK", "SPAN"}
    assert read[2] is None


def test_marks_and_sentences_stand_where_they_were_said_to(run: Callable[..., Any]) -> None:
    script = """
        const cell = h("div", {}, ...textNodes("Il pleut. Il neige.", { parts: [[0, 9], [10, 19]], marks: [[3, 8], [13, 18]] }));
        const shown = { SPAN: () => "|", MARK: (node) => `[${node.textContent}]` };
        return [...cell.childNodes].map((node) => shown[node.tagName]?.(node) ?? node.textContent);
    """
    assert "".join(run(script)) == "Il [pleut]. |Il [neige]."


def test_what_may_be_wrong_is_said_beside_the_texts_as_text(run: Callable[..., Any]) -> None:
    reason = "the English side says “<img src=x onerror=alert(1)>”"
    drawn = """
      const app = { drafts: new Map(), marked: null };
      const annotations = { numbers: arguments[0], later: "why" };
      const row = { key: "k", shape: "1-1", flags: [], others: {}, document: "d", place: 1, of: 1, annotations };
      const chips = (current) => [...metaLine(app, row, current).querySelectorAll(".al-doubt")];
      return [false, true].map((current) => chips(current).map((chip) => [chip.textContent, chip.title, chip.children.length]));
    """
    passing, current = run(drawn, reason)
    assert passing == [["numbers differ?", reason, 0], ["later?", "why", 0]]
    assert current == [[f"numbers differ? {reason}", reason, 0], ["later? why", "why", 0]]


def test_the_page_has_words_for_every_kind_of_annotation(run: Callable[..., Any]) -> None:
    assert run("return Object.keys(ANNOTATIONS)") == list(KINDS)


def test_what_python_takes_for_a_regular_expression_and_javascript_does_not_is_no_error(run: Callable[..., Any]) -> None:
    assert run("return hitsIn('aab', { pattern: '(?P<x>a)', regex: true, case: true })") == []
    assert run("return hitsIn('a.b', { pattern: '.', regex: false, case: true })") == [[1, 2]]
    assert run("return hitsIn('Straße', { pattern: 'STRASS', regex: false, case: false })") == []
    assert run("return hitsIn('Été', { pattern: 'ÉTÉ', regex: false, case: false })") == [[0, 3]]
    assert run("return hitsIn('abc', { pattern: 'x*', regex: true, case: true }).length") == 4


def test_heights_of_many_rows_add_up_as_counting_them_one_by_one_does(run: Callable[..., Any]) -> None:
    wrong = run(
        """
        let seed = 1;
        const random = (below) => (seed = (seed * 48271) % 2147483647) % below;
        const wrong = [];
        for (const count of [0, 1, 2, 7, 64, 1000]) {
          const heights = new Heights(count, 64);
          const slow = Array(count).fill(64);
          for (let round = 0; round < 300 && count; round++) {
            const place = random(count), height = random(500) + 1;
            heights.set(place, height);
            slow[place] = height;
            const other = random(count);
            const top = slow.slice(0, other).reduce((sum, one) => sum + one, 0);
            if (heights.top(other) !== top) wrong.push(["top", count, other]);
            if (heights.at(top) !== other || heights.at(top + slow[other] - 1) !== other) wrong.push(["at", count, other]);
          }
          if (count && heights.at(1e9) !== count - 1) wrong.push(["end", count]);
        }
        return wrong;
        """
    )
    assert wrong == []


@pytest.mark.parametrize(
    ("pressed", "name"),
    [
        ({"key": "a", "code": "KeyA"}, "a"),
        ({"key": "A", "code": "KeyA"}, "a"),  # Caps Lock
        ({"key": "M", "code": "KeyM", "shiftKey": True}, "Shift+M"),
        ({"key": "ф", "code": "KeyA"}, "a"),  # a Russian keyboard
        ({"key": "0", "code": "Digit0", "shiftKey": True}, "0"),  # a French one
        ({"key": "?", "code": "Comma", "shiftKey": True}, "?"),
        ({"key": "z", "code": "KeyW", "ctrlKey": True}, "Ctrl+z"),
        ({"key": "z", "code": "KeyZ", "metaKey": True}, "Ctrl+z"),
        ({"key": "Z", "code": "KeyZ", "ctrlKey": True, "shiftKey": True}, "Ctrl+Shift+Z"),
        ({"key": "ArrowDown", "code": "ArrowDown", "shiftKey": True}, "Shift+ArrowDown"),
        ({"key": "a", "code": "KeyA", "altKey": True}, ""),
    ],
)
def test_keys_have_the_same_name_on_every_keyboard(run: Callable[..., Any], pressed: dict[str, Any], name: str) -> None:
    assert run("return keyOf(new KeyboardEvent('keydown', arguments[0]))", pressed) == name


def test_no_key_has_two_meanings_and_every_command_says_what_it_does(run: Callable[..., Any]) -> None:
    commands = run("return COMMANDS.map(({ keys, name, help, group }) => ({ keys, name, help, group }))")
    keys = [key for command in commands for key in command["keys"]]
    assert len(keys) == len(set(keys))
    assert all(command["name"] and command["help"] and command["group"] for command in commands)


def test_colours_of_words_are_read_on_every_ground_in_light_and_dark(run: Callable[..., Any]) -> None:
    """WCAG 2.2, 1.4.3: a contrast of 4.5 for text. The grounds are those of the widget where the notebook sets none."""
    from importlib.resources import files

    css = (files("aligner.reviewing.notebook") / "page" / "page.css").read_text(encoding="utf-8")
    contrasts = run(
        """
        const sheet = document.head.appendChild(h("style", {}, arguments[0]));
        const luminance = (colour) => {
          const probe = document.body.appendChild(h("div", { style: `color:${colour}` }));
          const parts = getComputedStyle(probe).color.match(/[\\d.]+/g).slice(0, 3).map((part) => part / 255);
          const [red, green, blue] = parts.map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
          return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
        };
        const found = [];
        for (const theme of ["light", "dark"]) {
          const root = document.body.appendChild(h("div", { class: "aligner-review", "data-theme": theme }));
          const colour = (name) => getComputedStyle(root).getPropertyValue(`--al-${name}`).trim();
          for (const word of ["text", "quiet", "good", "bad", "flag"]) {
            for (const ground of ["bg", "current", "chosen", "raised"]) {
              const [light, dark] = [luminance(colour(word)), luminance(colour(ground))].sort((a, b) => b - a);
              found.push([theme, word, ground, (light + 0.05) / (dark + 0.05)]);
            }
          }
          const [light, dark] = [luminance(colour("on-accent")), luminance(colour("accent"))].sort((a, b) => b - a);
          found.push([theme, "on-accent", "accent", (light + 0.05) / (dark + 0.05)]);
        }
        return found;
        """,
        css,
    )
    assert len(contrasts) == 42
    assert [found for found in contrasts if not found[3] >= 4.5] == []
