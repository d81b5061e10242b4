"""Keys of the review widget between page and kernel, in Chromium: what is painted when, what is sent when, what waits."""

from __future__ import annotations

import time
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from browser import Screen, chromium, wait_for
from external import requires
from selenium.webdriver import ActionChains
from selenium.webdriver.common.keys import Keys

from aligner.corpus import Corpus
from aligner.reviewing.notebook.telling import as_json
from aligner.reviewing.session import ReviewSession
from aligner.types import Alignment, Bead, Document, Provenance

pytest.importorskip("anywidget", reason="anywidget is not installed: pip install 'aligner[notebooks]'")

KERNEL = """
const rows = Array.from({ length: 200 }, (_, n) => ({
  key: `1:${n}:u`, unit: `u${n}`, source: `Phrase ${n}. Fin.`, target: `Sentence ${n}. End.`, original: null, status: "unreviewed",
  reviewer: "", at: "", reason: "", others: {}, probability: n / 200, cosine: 0.5, shape: "1-1", flags: [], alignment: 1,
  document: "a – b", place: n + 1, of: 200, source_parts: [[0, 9], [10, 14]], target_parts: [[0, 11], [12, 16]], comments: [],
  marks: [[], []],
}));
const view = (cursor, first = 0, count = 60) => ({
  version: window.version, total: rows.length, cursor, first, rows: rows.slice(first, first + count), order: "document", context: false,
  filter: { status: [], probability: [0, 1], flags: [], document: null, reviewer: null, text: "", shapes: [], mine: false, sampled: false },
});
const reasons = { unrelated: "no", untranslated: "a copy", nonsense: "not worth it", partial: "too little", other: "else" };
const known = {
  open: () => ({ reviewer: window.known, doubtful: 0.9, reasons, languages: null, corpus: "c", view: view(0) }),
  rows: ({ start, count }) => ({ view: view(0, start, count) }),
  stats: () => ({ stats: { beads: 200, nulls: 7, by_status: { unreviewed: 200 }, per_hour: null, mine: 0, conflicts: 0, agreement: [] } }),
  place: ({ cursor }) => ((window.keptAt = cursor), {}), changes: () => ({}), view: (asked) => {
    window.viewed = [asked.filter.document, asked.order, asked.near];
    return { view: { ...view(0, 0, 0), total: 0, order: asked.order, filter: asked.filter } };
  },
};
const listeners = [];
Object.assign(window, { known: "Ada", version: 1, asked: [], dead: false });
window.answer = (reply) => {
  const { id } = window.asked.find((one) => !one.answered && (one.answered = true));
  for (const listener of listeners) listener({ id, ok: true, ...reply });
};
window.shown = (cursor) => ({ view: view(cursor) });
window.model = {
  get: () => 500, on: (name, listener) => name === "msg:custom" && listeners.push(listener), off: () => {},
  send(message) {
    if (window.dead) throw new Error("Cannot send");
    if (!known[message.do]) window.asked.push(message);
    else queueMicrotask(() => listeners.forEach((listener) => listener({ id: message.id, ok: true, ...known[message.do](message) })));
  },
};
document.body.replaceChildren();
Object.assign(window, { Review, app: new Review(window.model), supposed });
document.body.append(window.app.root);
window.app.open();
"""


class Page:
    """The widget's page, with a kernel that answers what changes something only when the test says so."""

    def __init__(self, screen: Screen) -> None:
        self.screen, self.press = screen, screen.press

    def asked(self) -> list[tuple[str, Any]]:
        """What the kernel was asked to change so far."""
        found = self.screen.run("return asked.map((one) => [one.do, one.keys?.[0] ?? one.key ?? one.range ?? one.to ?? null])")
        return [(what, about) for what, about in found]

    def asks(self, *wanted: tuple[str, Any]) -> None:
        wait_for(f"{wanted}", lambda: self.asked() == list(wanted), self.asked)

    def answer(self, reply: str = "{}") -> None:
        self.screen.run(f"answer({reply})")

    def statuses(self, count: int) -> list[str]:
        found: list[str] = self.screen.run("return all('.al-row').slice(0, arguments[0]).map((row) => row.dataset.status)", count)
        return found

    def current(self) -> int:
        return int(self.screen.run("return all('.al-current')[0].dataset.place"))

    def is_at(self, place: int) -> None:
        wait_for(f"row {place}", lambda: self.current() == place, self.current)

    def message(self) -> str:
        return self.screen.read(".al-message")


@pytest.fixture(scope="module")
def screen() -> Iterator[Screen]:
    with chromium(requires("chromium"), requires("chromedriver")) as screen:
        yield screen


@pytest.fixture
def page(screen: Screen) -> Page:
    from aligner.reviewing.notebook.widget import Review, page_module

    screen.driver.get("about:blank")
    screen.run("document.head.appendChild(document.createElement('style')).textContent = arguments[0]", Review._css)
    screen.run(page_module().partition("export default")[0] + KERNEL)
    screen.find(".al-current")
    screen.run("all('.al-list')[0].focus()")
    return Page(screen)


def test_decisions_are_painted_at_once_and_sent_one_after_the_other(page: Page) -> None:
    page.press("a", "f", "a")
    page.is_at(3)
    assert page.statuses(4) == ["accepted", "flagged", "accepted", "unreviewed"]
    page.asks(("decide", "1:0:u"))
    page.answer()
    page.asks(("decide", "1:0:u"), ("decide", "1:1:u"))
    page.answer()
    page.asks(("decide", "1:0:u"), ("decide", "1:1:u"), ("decide", "1:2:u"))


def test_keys_wait_for_what_changes_the_rows(page: Page) -> None:
    page.press("m", "a", Keys.ARROW_DOWN, "a")
    page.asks(("merge", "1:0:u"))
    assert "Accept, Next row, Accept" in page.screen.read(".al-queue")
    assert page.statuses(3) == ["unreviewed", "unreviewed", "unreviewed"]
    page.answer("shown(4)")
    page.asks(("merge", "1:0:u"), ("decide", "1:4:u"))
    page.is_at(7)
    page.answer()
    page.asks(("merge", "1:0:u"), ("decide", "1:4:u"), ("decide", "1:6:u"))
    assert page.screen.read(".al-queue") == ""


def test_undo_waits_until_the_decision_is_on_disk(page: Page) -> None:
    page.press("a", "z")
    page.asks(("decide", "1:0:u"))
    page.answer()
    page.asks(("decide", "1:0:u"), ("undo", None))


def test_a_decision_that_is_refused_is_taken_back_and_what_waited_for_it_is_said(page: Page) -> None:
    page.press("a", "m")
    page.answer("{ ok: false, error: 'the disk is full' }")
    wait_for("the refusal", lambda: "the disk is full" in page.message(), page.message)
    assert "nor: Merge with next" in page.message()
    page.is_at(0)
    assert page.statuses(2) == ["unreviewed", "unreviewed"]
    assert page.asked() == [("decide", "1:0:u")]


def test_what_was_asked_before_a_decision_does_not_undo_its_painting(page: Page) -> None:
    page.press("a")
    page.screen.run("app.took(shown(0))")  # rows as they were read before
    assert page.statuses(1) == ["accepted"]
    page.answer()
    page.screen.run("app.took(shown(0))")  # as they are now: somebody has taken it back
    assert page.statuses(1) == ["unreviewed"]


def test_a_key_that_is_held_down_moves_but_does_not_decide(page: Page) -> None:
    page.screen.run(
        """
        const list = all(".al-list")[0];
        for (const key of ["ArrowDown", "a", "m"]) {
          for (let n = 0; n < 3; n++) list.dispatchEvent(new KeyboardEvent("keydown", { key, code: "", repeat: true, bubbles: true }));
        }
        """
    )
    page.is_at(3)
    assert page.asked() == []


def test_a_row_without_a_probability_says_whether_it_gets_one(page: Page) -> None:
    def scores() -> list[str]:
        found: list[str] = page.screen.run("return all('.al-main .al-probability').slice(0, 3).map((one) => one.textContent)")
        return found

    lacks = "{ ...app.rows.at(0), probability: null }, { ...app.rows.at(1), probability: null, flags: ['null'] }"
    page.screen.run(f"app.took({{ rows: [{lacks}] }})")
    assert scores() == ["p …", "no score", ".010"]
    wait_for("the page to ask", lambda: ("marks", "1:0:u") in page.asked(), page.asked)
    page.answer("{ rows: [{ ...app.rows.at(0), probability: 0.75 }], pending: false, available: true }")
    assert scores() == [".750", "no score", ".010"]
    page.screen.run(f"app.took({{ rows: [{lacks}] }})")
    wait_for("the page to ask again", lambda: page.asked().count(("marks", "1:0:u")) == 2, page.asked)
    page.answer("{ rows: [], pending: false, available: false }")
    assert scores() == ["no score", "no score", ".010"]


def test_how_much_is_decided_is_said_with_every_answer(page: Page) -> None:
    page.press("a", "z")
    page.answer("{ counts: { unreviewed: 199, accepted: 1 } }")
    page.screen.wait_text(".al-figures", "1 of 200 rows decided")
    page.answer("{ counts: { unreviewed: 200, accepted: 0 }, message: 'undone' }")
    page.screen.wait_text(".al-figures", "0 of 200 rows decided")
    assert page.screen.run("return all('.al-progress > div')[0].offsetWidth") == 0


def test_a_view_without_rows_says_so(page: Page) -> None:
    assert page.screen.all(".al-notice") == []
    page.screen.run("window.version++; app.setView(app.filter, app.order)")
    page.screen.wait_text(".al-notice", "This corpus holds no rows yet.")


@pytest.mark.parametrize(
    ("chosen", "open_rows", "words"),
    [
        ("status: ['unreviewed'], probability: [0, 0.9]", 90, "All doubtful rows are done. 90 rows are still to do"),
        ("status: ['unreviewed'], probability: [0, 0.9]", 0, "Every row is decided"),
        ("status: ['unreviewed']", 0, "Every row is decided"),
        ("status: ['unreviewed'], text: 'x'", 9, "No row is like that: L changes the filter."),
        ("sampled: true", 9, "B says what it tells"),
    ],
)
def test_a_view_in_which_all_is_done_says_what_comes_next(page: Page, chosen: str, open_rows: int, words: str) -> None:
    page.screen.run(f"app.counts = {{ unreviewed: {open_rows}, accepted: 10 }}; window.version++")
    page.screen.run(f"app.setView({{ ...app.filter, {chosen} }}, app.order)")
    page.screen.wait_text(".al-notice", words)


def test_after_the_last_row_it_is_said_how_many_are_still_to_do(page: Page) -> None:
    page.press(Keys.END, "a")
    page.answer("{ counts: { unreviewed: 199, accepted: 1 } }")
    page.screen.wait_text(".al-message", "199 rows are still to do")
    page.press("a")
    page.answer("{ counts: { unreviewed: 0, accepted: 200 } }")
    page.screen.wait_text(".al-message", "Every row is decided")


@pytest.mark.parametrize("width", [880, 700])
def test_buttons_show_their_keys_in_a_narrow_notebook_and_the_head_is_one_line(page: Page, width: int) -> None:
    page.screen.run(f"app.root.style.width = '{width}px'; app.filter = {{ ...app.filter, sampled: true }}; app.head.showView(app)")
    page.screen.run("app.head.showCounts({ unreviewed: 1116, accepted: 12 })")
    keys = page.screen.run("return all('.al-tools kbd').map((key) => key.offsetWidth > 0)")
    assert all(keys) and len(keys) == 10
    tops = page.screen.run("return all('.al-head button').map((one) => Math.round(one.getBoundingClientRect().top))")
    assert max(tops) - min(tops) < 8
    edge = page.screen.run("return app.root.getBoundingClientRect().right - all('.al-head button').at(-1).getBoundingClientRect().right")
    assert edge >= 0


def test_the_place_is_kept_where_the_kernel_took_one_and_while_a_decision_is_under_way(page: Page) -> None:
    def is_kept_at(place: int) -> None:
        wait_for(f"row {place} to be kept", lambda: page.screen.run("return window.keptAt") == place)

    page.screen.run("for (const row of app.rows.byKey.values()) row.status = 'accepted'")
    page.press("t")
    page.asks(("go", "next_unreviewed"))
    page.answer("shown(150)")
    page.is_at(150)
    is_kept_at(150)
    page.press("a")
    page.is_at(151)
    time.sleep(0.8)  # the page looks whether it can say so, and it cannot yet
    page.answer()
    is_kept_at(151)


def test_the_last_row_stays_whole_on_screen_when_its_neighbours_come(page: Page) -> None:
    page.press(Keys.END)
    page.is_at(199)
    page.screen.run("""
      app.withContext = true;
      const keys = [...app.rows.byKey.keys()].slice(0, 4);
      app.took({ contexts: { [app.current.key]: [keys.slice(0, 2), keys.slice(2)] } });
    """)
    assert len(page.screen.all(".al-current .al-near")) == 4
    bottom = "return all(arguments[0])[0].getBoundingClientRect().bottom"
    assert page.screen.run(bottom, ".al-current") <= page.screen.run(bottom, ".al-list") + 1


def test_the_line_that_enter_takes_is_marked_and_one_under_the_mouse_has_no_frame(page: Page) -> None:
    page.press("r")
    assert [one.get_attribute("data-reason") for one in page.screen.all(".al-panel .al-main-button")] == [""]
    style = "const shown = getComputedStyle(all('[data-reason=unrelated]')[0]); return [shown.borderColor, shown.backgroundColor]"
    frame, ground = page.screen.run(style)
    ActionChains(page.screen.driver).move_to_element(page.screen.find("[data-reason=unrelated]")).perform()
    wait_for("the ground of the line under the mouse", lambda: page.screen.run(style)[1] != ground)
    assert page.screen.run(style)[0] == frame
    page.press(Keys.ENTER)
    page.asks(("decide", "1:0:u"))
    assert page.screen.run("return asked[0].reason") == ""


def test_before_the_first_answer_it_is_said_what_is_waited_for(page: Page) -> None:
    page.screen.run("app.close(); window.model.send = () => {}; window.app = new app.constructor(window.model); app.open()")
    page.screen.run("document.body.replaceChildren(app.root)")
    assert (page.screen.read(".al-figures"), page.screen.read(".al-notice")) == ("loading …", "Loading …")
    page.screen.wait_text(".al-notice", "Waiting for the kernel")
    assert page.screen.run("return all('.al-progress > div')[0].offsetWidth") == 0


def test_a_dead_kernel_is_said_and_nothing_is_decided_any_more(page: Page) -> None:
    page.screen.run("window.dead = true")
    page.press("a")
    wait_for("the banner", lambda: "does not answer" in page.screen.read(".al-banner"))
    assert page.statuses(1) == ["unreviewed"]
    page.press("a")
    assert "nothing is decided" in page.message()
    page.press(Keys.ARROW_DOWN)
    page.is_at(1)


def test_an_answer_after_all_takes_the_warning_back(page: Page) -> None:
    page.press("a")
    page.screen.run("app.setSilent(true)")
    assert "Not confirmed: accepted row 1" in page.screen.read(".al-banner")
    page.answer()
    page.screen.wait_gone(".al-banner")
    page.press("a")
    page.asks(("decide", "1:0:u"), ("decide", "1:1:u"))


def test_a_question_that_was_lost_on_the_way_does_not_block_what_comes_after(page: Page) -> None:
    page.press("a")
    page.screen.run("asked[0].answered = true; for (const one of app.kernel.waiting.values()) one.late = true; app.setSilent(true)")
    page.screen.run("app.kernel.ask({ do: 'changes' })")  # as every few seconds
    wait_for("the loss", lambda: "no answer came" in page.message(), page.message)
    page.screen.wait_gone(".al-banner")
    page.is_at(0)
    page.press("f")
    page.asks(("decide", "1:0:u"), ("decide", "1:0:u"))


def test_a_range_is_decided_at_once_and_a_long_one_after_a_question(page: Page) -> None:
    page.press(Keys.ARROW_DOWN, Keys.ARROW_DOWN, shift=True)
    page.press("a")
    assert page.statuses(4) == ["accepted", "accepted", "accepted", "unreviewed"]
    page.is_at(3)
    page.answer()
    page.press("a", control=True)
    page.press("r")
    page.screen.find(".al-panel [data-reason=partial]")
    page.press("p")
    assert "200 rows" in page.screen.find(".al-panel").text
    assert len(page.asked()) == 1
    page.press(Keys.ENTER)
    page.asks(("decide", "1:0:u"), ("decide", [0, 199]))


def test_reasons_are_chosen_by_a_letter_that_is_underlined_in_their_word(page: Page) -> None:
    page.press("r")
    page.screen.find(".al-panel [data-reason=partial]")
    words = page.screen.run("return all('[data-reason] .al-code').map((one) => [one.textContent, one.querySelector('u')?.textContent])")
    assert words == [["unrelated", "u"], ["untranslated", "t"], ["nonsense", "n"], ["partial", "p"], ["other", "o"], ["no reason", None]]
    page.press("t")
    page.asks(("decide", "1:0:u"))
    assert page.screen.run("return asked[0].reason") == "untranslated"


def test_keys_that_are_typed_in_the_notebook_do_not_answer_who_reviews(page: Page) -> None:
    page.screen.run("""
        app.root.remove();
        const cell = document.body.appendChild(document.createElement("textarea"));
        cell.className = "cell";
        cell.focus();
        Object.assign(window, { known: "", app: new Review(model) });
        document.body.append(app.root);
        app.open();
    """)
    page.screen.find(".al-panel", "Who reviews?")
    page.press("j")
    page.press(Keys.ENTER, shift=True)
    assert page.screen.run("return all('.cell')[0].value") == "j\n"
    assert page.screen.run("return all('.al-panel input')[0].value") == ""
    page.screen.click(".al-panel p")
    page.press(" ", Keys.ENTER)
    page.screen.wait_text(".al-panel-error", "Write a name first")
    page.press(*"Grace")
    page.press(Keys.ENTER, shift=True)
    assert page.asked() == []
    page.press(Keys.ENTER)
    page.asks(("who", None))
    page.answer("{ reviewer: 'Grace', ...shown(0) }")
    page.screen.wait_gone(".al-panel")
    page.press("a")
    page.asks(("who", None), ("decide", "1:0:u"))


def test_typed_text_outlives_leaving_the_row_and_a_refusal(page: Page) -> None:
    page.press("e")
    page.press(" more")
    page.screen.click(".al-row[data-place='2']")
    page.is_at(2)
    assert "not saved" in page.message()
    page.press(Keys.HOME, "e")
    field = "return all('textarea')[0].value"
    assert page.screen.run(field) == "Phrase 0. Fin. more"
    page.press(Keys.ENTER, control=True)
    page.answer("{ ok: false, error: 'no' }")
    wait_for("the refusal", lambda: "Not done" in page.message())
    page.press("e")
    assert page.screen.run(field) == "Phrase 0. Fin. more"
    page.press(Keys.ESCAPE)
    assert "not saved" in page.screen.find(".al-panel").text
    page.press("d")
    page.press("e")
    assert page.screen.run(field) == "Phrase 0. Fin."


def test_the_carets_of_a_split_go_by_word_character_and_sentence(page: Page) -> None:
    def halves() -> list[str]:
        before = "all(`.al-splitting[data-side=${side}] .al-before`).map((one) => one.textContent).join('')"
        found: list[str] = page.screen.run(f"return ['source', 'target'].map((side) => {before})")
        return found

    page.press("s")
    assert halves() == ["Phrase 0. ", "Sentence 0. "]
    page.press(Keys.ARROW_LEFT)
    assert halves() == ["Phrase ", "Sentence 0. "]
    page.press(Keys.ARROW_RIGHT, control=True)
    page.press(Keys.TAB, Keys.ARROW_DOWN)
    assert halves() == ["Phrase 0", "Sentence 0. End."]
    page.press(Keys.ARROW_UP, Keys.ENTER)
    page.asks(("split", "1:0:u"))
    assert page.screen.run("const { source_at, target_at } = asked[0]; return [source_at, target_at]") == [8, 12]


def test_a_split_of_one_sentence_is_proposed_where_the_other_side_ends_its_first(page: Page) -> None:
    page.screen.run(
        """
        const source = "Il vint, il vit un long chemin devant lui, il partit.";
        app.took({ rows: [{ ...app.rows.at(0), source, source_parts: [[0, 53]], target: "He came. He saw a long road ahead and left." ,
          target_parts: [[0, 8], [9, 43]] }] });
        """
    )
    page.press("s")
    before = "return ['source', 'target'].map((side) => all(`[data-side=${side}] .al-before`).map((one) => one.textContent).join(''))"
    assert page.screen.run(before) == ["Il vint, ", "He came. "]


def test_the_focus_is_seen_after_a_click_and_after_a_dialog(page: Page) -> None:
    def frame() -> str:
        style: str = page.screen.run("return getComputedStyle(all('.aligner-review')[0]).outlineStyle")
        return style

    page.screen.run("all('.al-list')[0].blur()")
    assert frame() == "none"
    page.screen.click(".al-row[data-place='1'] .al-text")
    assert frame() == "solid"
    page.screen.click("button[aria-label='All commands']")
    page.screen.click(".al-panel [role=menuitem]", "Next to do")
    assert frame() == "solid"


def test_after_many_were_accepted_the_view_from_before_the_sample_is_shown_again(page: Page) -> None:
    page.screen.run("app.filter = { ...app.filter, sampled: true }; app.head.showView(app); window.version++")
    page.screen.wait_text(".al-view", "random sample")
    page.press("b")
    page.asks(("bulk", None))
    counts = "count: 3, checked: 9, pending: 1, is_checked: false, passed_over: 1, annotated: 0"
    page.answer(f"{{ bulk: {{ {counts}, kinds: {{}}, words: ['9 were checked.'] }} }}")
    page.screen.find(".al-buttons button", "Check the one that waits")
    page.screen.click(".al-buttons button", "Accept 3 rows, not enough checked")
    page.screen.click(".al-buttons button", "Accept all the same")
    page.asks(("bulk", None), ("accept_above", None))
    page.answer("{ message: '3 accepted' }")
    page.screen.wait_gone(".al-view", "random sample")
    assert page.message() == "3 accepted"


def test_the_document_of_a_row_is_shown_and_what_was_shown_before(page: Page) -> None:
    page.press(Keys.ARROW_DOWN, "P")
    page.screen.wait_text(".al-view", "one document")
    assert page.screen.run("return viewed") == [1, "document", ""]
    page.press("P")
    page.screen.wait_gone(".al-view", "one document")
    assert page.screen.run("return viewed") == [None, "document", "1:1:u"]


def test_the_next_row_of_a_kind_is_found_by_the_page_where_it_can_tell_and_by_the_kernel_elsewhere(page: Page) -> None:
    page.screen.run("app.rows.at(1).status = 'accepted'; app.rows.at(3).probability = 0.95; app.rows.at(7).shape = '2-1'")
    page.press("t")
    page.is_at(2)
    page.press("n")
    page.is_at(4)
    page.press("o")
    page.is_at(7)
    assert page.asked() == []
    page.press("o")
    page.asks(("go", "next_other"))
    page.answer("shown(150)")
    page.is_at(150)
    wait_for("rows", lambda: not page.screen.all(".al-waiting"))
    page.screen.run("app.rows.at(151).probability = 0.9; app.rows.at(152).status = 'flagged'")
    page.press("n")
    page.is_at(153)
    page.press("q")
    page.asks(("go", "next_other"), ("go", "next_conflict"))
    page.answer("{ message: 'none' }")
    wait_for("the message", lambda: page.message() == "none", page.message)
    page.is_at(153)


def test_the_next_doubtful_row_is_for_the_kernel_to_tell_as_long_as_rows_do_not_stand_by_their_doubt(page: Page) -> None:
    page.press("m")
    page.answer("{ ...shown(2), sorted: false }")
    page.is_at(2)
    page.press("n")
    page.asks(("merge", "1:0:u"), ("go", "next_doubtful"))
    page.answer("{ ...shown(20), sorted: true }")
    page.is_at(20)
    page.press("n")
    page.is_at(21)
    page.asks(("merge", "1:0:u"), ("go", "next_doubtful"))


def test_few_rows_are_in_the_page_wherever_one_looks(page: Page) -> None:
    for key in (Keys.END, Keys.HOME, Keys.PAGE_DOWN, Keys.PAGE_DOWN):
        page.press(key)
        wait_for("rows", lambda: not page.screen.all(".al-waiting"))
        assert 3 < page.screen.run("return all('.al-row').length") <= 40
        places = page.screen.run("return all('.al-row').map((row) => Number(row.dataset.place))")
        assert places == sorted(places)
    page.press(Keys.END)
    page.is_at(199)
    assert page.screen.run("return all('.al-list')[0].getAttribute('aria-activedescendant') === all('.al-current')[0].id")


def texts(page: Page, count: int) -> list[list[str]]:
    """Both texts of the first rows, as they are painted."""
    script = (
        "return all('.al-main').slice(0, arguments[0]).map((one) => [...one.querySelectorAll('.al-text')].map((text) => text.textContent))"
    )
    found: list[list[str]] = page.screen.run(script, count)
    return found


@pytest.mark.parametrize(
    ("keys", "first", "second"),
    [
        ("m", ["Phrase 0. Fin. Phrase 1. Fin.", "Sentence 0. End. Sentence 1. End."], ["Phrase 1. Fin.", "Sentence 1. End."]),
        ("d", ["Phrase 0.", "Sentence 0. End."], ["Fin. Phrase 1. Fin.", "Sentence 1. End."]),
        ("x", ["Phrase 0.", "— nothing —"], ["Phrase 1. Fin.", "Sentence 1. End."]),
        (("s", Keys.ENTER), ["Phrase 0.", "Sentence 0."], ["Phrase 1. Fin.", "Sentence 1. End."]),
    ],
    ids=["merge", "move", "unlink", "split"],
)
def test_a_change_is_painted_at_once_and_taken_back_when_it_is_refused(page: Page, keys: str, first: list[str], second: list[str]) -> None:
    before = texts(page, 2)
    page.press(*keys)
    wait_for("the change", lambda: texts(page, 2) == [first, second], lambda: texts(page, 2))
    page.screen.run("app.took(shown(0))")  # rows as they were read before
    assert texts(page, 2) == [first, second]
    page.answer("{ ok: false, error: 'the disk is full' }")
    wait_for("what was there", lambda: texts(page, 2) == before, lambda: texts(page, 2))


def test_the_undo_of_a_change_is_painted_before_it_is_confirmed(page: Page) -> None:
    before = texts(page, 1)
    page.press("m")
    merged = "{ ...reply.view.rows[0], key: '1:0:m', unit: 'm', source: 'both', target: 'two' }"
    page.screen.run(f"version = 2; const reply = shown(0); reply.view.rows.splice(0, 2, {merged}); answer(reply)")
    wait_for("the rows", lambda: texts(page, 1) == [["both", "two"]], lambda: texts(page, 1))
    page.press("z")
    wait_for("the row as it was", lambda: texts(page, 1) == before, lambda: texts(page, 1))
    page.asks(("merge", "1:0:u"), ("undo", None))
    page.answer("{ ok: false, error: 'somebody has built on it' }")
    wait_for("the rows", lambda: texts(page, 1) == [["both", "two"]], lambda: texts(page, 1))


def test_what_is_painted_ahead_is_what_comes(screen: Screen, page: Page, tmp_path: Path) -> None:
    source = ["Un. ", "Deux 😀 trois. ", "Quatre. ", "Cinq ; six. ", "Sept."]
    target = ["One. ", "Two 😀 three. ", "Four. ", "Five; six.", "Seven."]
    beads = [
        Bead((0, 1), (0,), 0.9, 0.9),
        Bead((2,), (1, 2), 0.9, 0.9),
        Bead((3,), (), 0.9),
        Bead((), (3,), 0.9),
        Bead((4,), (4,), 0.9, 0.9),
    ]
    documents = Document.of_segments(source, "a.fr", "fr"), Document.of_segments(target, "a.en", "en")
    asked = [
        *({"do": "merge", "direction": direction} for direction in ("next", "previous")),
        *({"do": "move", "side": side, "direction": direction} for side in ("source", "target") for direction in ("up", "down")),
        *({"do": "split", "source_at": at, "target_at": other} for at in (0, 4, 9, 15) for other in (0, 5, 11)),
        {"do": "unlink"},
    ]
    told = 0
    with Corpus(tmp_path / "corpus.db") as corpus:
        corpus.add(Alignment(*documents, tuple(beads), "fr", "en", Provenance("0", "none", "none", "none")))
        session = ReviewSession(corpus, reviewer="Ada")
        session.view(order="document")
        for place, message in product(range(session.total), asked):
            row = session.rows(place, 1)[0]
            below = message.get("direction") in ("next", "down")
            near = session.row(key) if (key := near_key(session, row.key, below=below)) else None
            rows = [one and {**as_json(one, None), "marks": None} for one in (row, near)]
            painted = screen.run("return supposed(...arguments)", message, *(rows if "direction" in message else rows[:1]))
            if painted is None:
                continue
            told += 1
            what = {name: value for name, value in message.items() if name != "do"}
            what = {"with_": what["direction"]} if message["do"] == "merge" else what
            done = getattr(session, message["do"])(row.key, **what)
            assert seen(painted["row"]) == seen(as_json(session.rows(done.cursor, 1)[0], None)), message
            if message["do"] == "move":
                assert seen(painted["near"]) in [seen(as_json(one, None)) for one in session.rows(max(0, done.cursor - 2), 5)], message
            session.undo()
    assert told > 30


def near_key(session: ReviewSession, key: str, *, below: bool) -> str | None:
    above, after = session.context(key, 1, 1)
    return next((row.key for row in (after if below else above)), None)


def seen(row: dict[str, Any]) -> list[Any]:
    """What of a row a reviewer sees first."""
    parts = [[list(part) for part in row[f"{side}_parts"]] for side in ("source", "target")]
    return [row["source"], row["target"], *parts, row["shape"], sorted(row["flags"]), row["status"]]
