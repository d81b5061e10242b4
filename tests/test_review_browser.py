"""Reviewing as a translator does it, in JupyterLab and in marimo: by keys and clicks alone, through a reload and the kernel's death."""

from functools import partial
from pathlib import Path

import nbformat
import pytest
from browser import JupyterLab, Marimo, Screen, Server, chromium, wait_for
from external import requires
from selenium.webdriver.common.keys import Keys
from sqlalchemy import select
from test_corpus import PROVENANCE

from aligner.corpus import Corpus
from aligner.corpus.tables import actions, decisions, units
from aligner.reviewing.session import ReviewSession
from aligner.types import Alignment, Bead, Document

LETTER = (
    (["Chère Marie,"], ["Dear Marie,"], 0.97),
    (["Nous sommes arrivés hier soir."], ["We arrived last night."], 0.62),
    (["Il faisait très froid."], ["It was very hot."], 0.35),
    (["La maison est pette et blanche."], ["The house is small and white."], 0.55),
    (["Le jardin descend vers la mer,"], ["The garden runs down to the sea,"], 0.45),
    (["et l’on y trouve des figuiers."], ["and there are fig trees in it."], 0.5),
    (["Le matin est calme.", "Les barques rentrent."], ["The morning is quiet.", "The boats come home."], 0.6),
    (["Paul pêche."], ["Paul goes fishing.", "He never catches anything."], 0.65),
    (["Il ne prend jamais rien."], [], 0.7),
    (["Le facteur passe à midi."], ["The cat sleeps all day."], 0.3),
    (["Écris-nous vite."], [], 0.6),
    (["À bientôt."], ["See you soon."], 0.98),
    ([], ["Write to us soon."], 0.6),
    (["P.-S. Rien."], [], 0.5),
)
MARKUP = "<script>window.ran = 1</script><img src='x' onerror='window.ran = 1'>&amp;"
HOSTILE = (
    ([MARKUP], ["=cmd|' /C calc'!A0"], 0.4),
    (["\u202eמימין לשמאל\u202c, puis de gauche à droite\u200f"], ["@SUM(1+1)*2"], 0.4),
    (["Encore " * 1428 + "fin."], ["More. \U0001f469\u200d\U0001f469\u200d\U0001f467 \U0001f1eb\U0001f1f7 e\u0301 \U0001f600"], 0.4),
)
MENDED = (
    ("Chère Marie,", "Dear Marie,", "unreviewed"),
    ("Nous sommes arrivés hier soir.", "We arrived last night.", "accepted"),
    ("Il faisait très froid.", "It was very hot.", "rejected"),
    ("La maison est petite et blanche.", "The house is small and white.", "accepted"),
    (
        "Le jardin descend vers la mer, et l’on y trouve des figuiers.",
        "The garden runs down to the sea, and there are fig trees in it.",
        "accepted",
    ),
    ("Le matin est calme.", "The morning is quiet.", "accepted"),
    ("Les barques rentrent.", "The boats come home.", "accepted"),
    ("Paul pêche.", "Paul goes fishing.", "accepted"),
    ("Il ne prend jamais rien.", "He never catches anything.", "accepted"),
    ("Le facteur passe à midi.", "", "accepted"),
    ("", "The cat sleeps all day.", "flagged"),
    ("Écris-nous vite.", "Write to us soon.", "accepted"),
    ("À bientôt.", "See you soon.", "accepted"),
    ("P.-S. Rien.", "", "unreviewed"),
)
"""The letter as Ada leaves it."""
SURE = tuple(([f"Article {number} : voir l’annexe {number}."], [f"Article {number}: see annex {number}."], 0.99) for number in range(1, 61))

NOTHING = "— nothing —"
"""What stands on the empty side of a row."""

MARIMO_NOTEBOOK = """
import marimo

app = marimo.App(width="full")


@app.cell
def _():
    import aligner

    aligner.review("corpus.db")
    return
"""


def aligned(name: str, rows: tuple[tuple[list[str], list[str], float], ...]) -> Alignment:
    """An alignment of two documents of these texts."""
    sources = [text for texts, _, _ in rows for text in texts]
    targets = [text for _, texts, _ in rows for text in texts]
    beads, i, j = [], 0, 0
    for source, target, probability in rows:
        numbers = tuple(range(i, i + len(source))), tuple(range(j, j + len(target)))
        beads.append(Bead(*numbers, probability, 0.8 if source and target else None))
        i, j = i + len(source), j + len(target)
    documents = Document.of_segments(sources, f"{name}.fr.txt", "fr"), Document.of_segments(targets, f"{name}.en.txt", "en")
    return Alignment(*documents, tuple(beads), "fr", "en", PROVENANCE)


@pytest.fixture
def corpus(tmp_path: Path) -> Corpus:
    with Corpus(tmp_path / "corpus.db") as corpus:
        for name, rows in (("letter", LETTER), ("hostile", HOSTILE), ("sure", SURE)):
            corpus.add(aligned(name, rows))
        yield corpus


@pytest.fixture
def programs() -> tuple[str, str]:
    """Chromium and what drives it."""
    return requires("chromium"), requires("chromedriver")


class Reviewer:
    """Ada before the screen; after each key that does something she waits until it is seen, or stands in the corpus."""

    def __init__(self, screen: Screen, corpus: Corpus) -> None:
        self.screen, self.corpus = screen, corpus
        self.press = screen.press

    def acts(self, kind: str, *keys: str, shift: bool = False, control: bool = False) -> None:
        """Press keys, and wait until the corpus holds one more action, and that it is of this kind."""
        before = self.done()
        self.press(*keys, shift=shift, control=control)
        self.has_done([*before, kind])

    def has_done(self, kinds: list[str]) -> None:
        wait_for(f"{kinds[-1]} in the corpus", lambda: self.done() == kinds, lambda: (self.done(), self.message()))

    def done(self) -> list[str]:
        with self.corpus.reading() as connection:
            return list(connection.scalars(select(actions.c.kind).order_by(actions.c.id)))

    def is_kept_at(self, source: str) -> None:
        """Until the corpus knows that she is at this row: a moment after she goes there."""
        wait_for(f"her place at {source!r} in the corpus", lambda: self._kept_place() == source, self._kept_place)

    def _kept_place(self) -> str:
        session = ReviewSession(self.corpus, reviewer="Ada")
        return session.rows(session.cursor, 1)[0].source

    def message(self) -> str:
        return self.screen.read(".al-message")

    def texts(self) -> tuple[str, str]:
        """Of the current row."""
        row = ".al-current .al-main .al-text"
        return self.screen.read(f"{row}[data-side=source]"), self.screen.read(f"{row}[data-side=target]")

    def sees(self, source: str, target: str) -> None:
        """Until this is the current row, to the letter."""
        wanted = source or NOTHING, target or NOTHING
        wait_for(f"the row {wanted}", lambda: self.texts() == wanted, lambda: (self.texts(), self.message()))

    def goes_to(self, text: str) -> None:
        """Down, row by row, until the current one holds the text."""
        for _ in range(100):
            before = self.texts()
            if text in "\n".join(before):
                return
            self.press(Keys.ARROW_DOWN)
            wait_for("the next row", partial(self._is_elsewhere, before))
        raise AssertionError(f"no row holds {text!r}")

    def _is_elsewhere(self, before: tuple[str, str]) -> bool:
        return self.texts() != before


def review(server: Server, screen: Screen, corpus: Corpus) -> None:
    ada = Reviewer(screen, corpus)
    server.open(screen)

    # She is asked who she is, which leaves the keys to the notebook until she clicks; the most doubtful row is the first.
    screen.find(".al-panel input")
    assert not screen.run("const [panel] = all('.al-panel'); return panel.contains(panel.getRootNode().activeElement)")
    screen.click(".al-panel input")
    ada.press(*"Ada", Keys.ENTER)
    ada.sees("Le facteur passe à midi.", "The cat sleeps all day.")

    # Everything as it stands in the documents.
    screen.click(".al-view")
    screen.choose(".al-panel select", "as in the documents")
    screen.click(".al-panel button", "Show")
    screen.wait_text(".al-view", "as in the documents")
    ada.press(Keys.HOME)

    # Accept, and take it back.
    ada.sees("Chère Marie,", "Dear Marie,")
    ada.acts("decide", "a")
    ada.sees("Nous sommes arrivés hier soir.", "We arrived last night.")
    ada.acts("undo", "z")
    ada.sees("Chère Marie,", "Dear Marie,")
    screen.wait_text(".al-current .al-main .al-status", "to do")

    # Accept by a click, reject with a reason, edit.
    ada.goes_to("hier soir")
    before = ada.done()
    screen.click(".al-tools button", "Accept")
    ada.has_done([*before, "decide"])
    ada.sees("Il faisait très froid.", "It was very hot.")
    ada.press("r")
    before = ada.done()
    screen.click(".al-panel button[data-reason=mistranslation]")
    ada.has_done([*before, "decide"])
    ada.sees("La maison est pette et blanche.", "The house is small and white.")
    ada.press("e")
    screen.find("textarea[data-side=source]")
    ada.press("a", control=True)
    ada.press(*"La maison est petite et blanche.")
    ada.acts("edit", Keys.ENTER, control=True)
    ada.sees("La maison est petite et blanche.", "The house is small and white.")
    screen.wait_text(".al-current .al-original", "pette")
    ada.acts("decide", "a")

    # Merge, split, move.
    ada.sees("Le jardin descend vers la mer,", "The garden runs down to the sea,")
    ada.acts("merge", "m")
    ada.sees(
        "Le jardin descend vers la mer, et l’on y trouve des figuiers.", "The garden runs down to the sea, and there are fig trees in it."
    )
    ada.acts("decide", "a")
    ada.sees("Le matin est calme. Les barques rentrent.", "The morning is quiet. The boats come home.")
    ada.press("s")
    screen.find(".al-caret")
    ada.acts("split", Keys.ENTER)
    ada.sees("Le matin est calme.", "The morning is quiet.")
    ada.acts("decide", "a")
    ada.sees("Les barques rentrent.", "The boats come home.")
    ada.acts("decide", "a")
    ada.sees("Paul pêche.", "Paul goes fishing. He never catches anything.")
    ada.press(Keys.ARROW_RIGHT)
    ada.acts("move", "d")
    ada.sees("Paul pêche.", "Paul goes fishing.")
    ada.acts("decide", "a")
    ada.sees("Il ne prend jamais rien.", "He never catches anything.")
    ada.acts("decide", "a")

    # Unlink, say that there is no counterpart, comment, flag.
    ada.sees("Le facteur passe à midi.", "The cat sleeps all day.")
    ada.acts("unlink", "x")
    ada.sees("Le facteur passe à midi.", "")
    ada.acts("decide", "0")
    ada.sees("", "The cat sleeps all day.")
    ada.press("c")
    screen.find(".al-panel textarea")
    ada.press(*"Whose cat?")
    ada.acts("comment", Keys.ENTER, control=True)
    ada.acts("decide", "f")

    # Link two rows that stand apart.
    ada.goes_to("Écris-nous vite.")
    ada.press(" ")
    ada.goes_to("Write to us soon.")
    ada.acts("link", " ")
    ada.sees("Écris-nous vite.", "Write to us soon.")
    ada.acts("decide", "k")

    # What is hostile is text, to the letter; three rows are rejected at once.
    for (source,), (target,), _ in HOSTILE:
        ada.goes_to(source)
        ada.sees(source, target)
    assert screen.run("return window.ran") is None
    ada.press(Keys.ARROW_UP, Keys.ARROW_UP, shift=True)
    wait_for("three rows to be selected", lambda: len(screen.all(".al-chosen")) == 3)
    ada.press("r")
    screen.find(".al-panel", "Reject 3 rows")
    ada.acts("decide", "n")

    # Only what is flagged; then all above .9 at once, after a look at a sample.
    screen.click(".al-view")
    screen.click(".al-panel button", "Flagged")
    ada.sees("", "The cat sleeps all day.")
    screen.wait_text(".al-view", "1 row")
    ada.press("P")
    screen.wait_text(".al-view", "one document")
    ada.sees("", "The cat sleeps all day.")
    ada.press(Keys.ARROW_DOWN, "P")
    screen.wait_text(".al-view", "1 row")
    ada.sees("", "The cat sleeps all day.")
    ada.press("b")
    screen.find(".al-panel", "Accept all above")
    ada.press(*"0.985", Keys.TAB)
    screen.wait_text(".al-panel", "60 undecided rows")
    screen.click(".al-panel button", "Check 50, drawn at random")
    screen.wait_text(".al-view", "50 rows")
    ada.press("a", control=True)
    ada.acts("bulk", "a")
    ada.press("b")
    screen.wait_text(".al-panel", "0 were wrong")
    before = ada.done()
    screen.click(".al-panel button", "Accept 10 rows")
    ada.has_done([*before, "bulk"])
    ada.acts("undo", "z")
    ada.acts("redo", "y")

    # The page is loaded again: the same rows, the same place.
    screen.click(".al-view")
    screen.click(".al-panel button", "To do")
    ada.sees("Chère Marie,", "Dear Marie,")
    ada.goes_to("À bientôt.")
    ada.is_kept_at("À bientôt.")
    server.reload(screen)
    ada.sees("À bientôt.", "See you soon.")
    screen.wait_text(".al-view", "to do")

    # The kernel is killed right after a decision: that is kept, and the place.
    screen.click(".al-current .al-main .al-text")
    ada.acts("decide", "f")
    ada.sees("P.-S. Rien.", "")
    server.kill_kernel()
    server.revive(screen)
    ada.sees("P.-S. Rien.", "")
    screen.wait_text(".al-view", "to do")
    screen.click(".al-current .al-main .al-text")
    ada.acts("undo", "z")
    screen.click(".al-view")
    screen.click(".al-panel button", "To do")
    screen.wait_gone(".al-panel")
    ada.press(Keys.ARROW_UP)
    ada.sees("À bientôt.", "See you soon.")
    ada.acts("decide", "a")


@pytest.mark.parametrize("kind", [JupyterLab, Marimo])
def test_a_review_by_keys_and_clicks_is_in_the_corpus_whatever_happens_to_page_and_kernel(
    kind: type[JupyterLab] | type[Marimo], corpus: Corpus, programs: tuple[str, str], tmp_path: Path
) -> None:
    notebook = "review.ipynb" if kind is JupyterLab else "review.py"
    if kind is JupyterLab:
        cell = nbformat.v4.new_code_cell("import aligner\n\naligner.review('corpus.db')")
        python = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
        nbformat.write(nbformat.v4.new_notebook(cells=[cell], metadata=python), tmp_path / notebook)
    else:
        (tmp_path / notebook).write_text(MARIMO_NOTEBOOK, encoding="utf-8")

    with kind(tmp_path, notebook) as server, chromium(*programs) as screen:
        try:
            review(server, screen, corpus)
            assert screen.run("return all('.aligner-review')[0].dataset.theme") == "light"
        except BaseException:
            screen.picture(tmp_path / "failed.png")
            raise
        assert screen.errors() == []
    decisions_made = decided(corpus)
    hostile = [(source, target, "rejected", "nonsense", False) for (source,), (target,), _ in HOSTILE]
    assert decisions_made[:15] == [
        ("Chère Marie,", "Dear Marie,", "accepted", "", True),
        ("Nous sommes arrivés hier soir.", "We arrived last night.", "accepted", "", False),
        ("Il faisait très froid.", "It was very hot.", "rejected", "mistranslation", False),
        *[(source, target, status, "", False) for source, target, status in MENDED[3:12]],
        *hostile,
    ]
    sure = [(source, target, "accepted", "", False) for (source,), (target,), _ in SURE]
    assert sorted(decisions_made[15:75]) == sorted(sure)
    assert decisions_made[75:] == [
        ("À bientôt.", "See you soon.", "flagged", "", True),
        ("À bientôt.", "See you soon.", "accepted", "", False),
    ]
    session = ReviewSession(corpus, reviewer="Grace")
    session.view(order="document")
    rows = session.rows(0, session.total)
    assert [(row.source, row.target, row.status) for row in rows[: len(MENDED)]] == list(MENDED)
    assert [(comment.reviewer, comment.text) for row in rows for comment in row.comments] == [("Ada", "Whose cat?")]
    assert [row.original for row in rows if row.original] == [("La maison est pette et blanche.", "The house is small and white.")]


def decided(corpus: Corpus) -> list[tuple[str, str, str, str, bool]]:
    """Source, target, status, reason and whether it was taken back, of every decision of Ada's, in order."""
    by_ada = select(units.c.source, units.c.target, decisions.c.status, decisions.c.reason, actions.c.undone)
    joined = by_ada.join(decisions, decisions.c.unit == units.c.id).join(actions, actions.c.id == decisions.c.action)
    with corpus.reading() as connection:
        return [tuple(row) for row in connection.execute(joined.where(actions.c.reviewer == "Ada").order_by(decisions.c.id))]
