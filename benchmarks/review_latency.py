"""How long a reviewer waits: from a key to what it shows, in JupyterLab in Chromium, and the memory of the tab.

    PYTHONPATH=tests OMP_NUM_THREADS=1 python benchmarks/review_latency.py [UNITS ...]

Keys are pressed one by one, the doubtful rows first. The page itself takes the time: from the key event to the first frame that is
painted after the page has changed as it should. `accept` accepts and goes on to the next doubtful row; `accept at once` is pressed
before the last decision is in the corpus; `undo` takes an acceptance back; `next` goes to the next doubtful row; `edit` saves a changed
text; `merge`, `split` (Enter, where it is proposed), `move` (a sentence of the source down) and `unlink` change the current row, and each
is followed by its undo; `all rows` is when the rows around it are as they will be too, which waits for the kernel.
The corpus is synthetic: documents of 500 beads, words of examples/.
"""

from __future__ import annotations

import os
import random
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import nbformat
import numpy as np
from browser import JupyterLab, Screen, chromium, wait_for
from selenium.webdriver.common.keys import Keys

from aligner.corpus import Corpus
from aligner.types import Alignment, Bead, Document, Provenance

EXAMPLES = Path(__file__).parents[1] / "examples" / "press"
SIZES = (1_000, 50_000)
BEADS = 500
SETTLE = 30
"""Keys that are pressed before any is timed."""
AIM = 50, 120
"""Milliseconds: median and 95th percentile."""

CHANGES = {"merge": ("m",), "split": ("s", Keys.ENTER), "move": ("d",), "unlink": ("x",)}
"""Keys that change rows."""
BOTH_SIDES = "return all('.al-current .al-main .al-text').length === 2 && !all('.al-current .al-main .al-nothing').length"
"""Whether each of these can be done to the current row."""

WATCH = """
const root = all(".aligner-review")[0];
const row = () => root.querySelector(".al-current .al-main");
const both = () => [...row().querySelectorAll(".al-text")].map((text) => text.textContent).join("|");
const waits = {
  place: (before) => row()?.closest(".al-row").dataset.place !== before.place,
  row: (before) => row() && both() !== before.both,
  rows: (before) => row() && row().closest(".al-row").id !== before.id,
  text: (before) => !root.querySelector("textarea") && row() && row().querySelector("[data-side=target]").textContent !== before.text,
};
window.watch = { times: [], wait: null };
addEventListener("keydown", (event) => {
  if (["Control", "Shift"].includes(event.key) || !window.watch.wait) return;
  const text = row()?.querySelector("[data-side=target]")?.textContent;
  const { dataset, id } = row()?.closest(".al-row") ?? { dataset: {} };
  window.watch.before = { place: dataset.place, id, both: row() && both(), text, at: event.timeStamp };
}, true);
new MutationObserver(() => {
  const { before, wait } = window.watch;
  if (!before || !wait || !waits[wait](before)) return;
  window.watch.before = null;
  requestAnimationFrame(() => {
    const painted = new MessageChannel();
    painted.port1.onmessage = () => window.watch.times.push(performance.now() - before.at);
    painted.port2.postMessage(null);
  });
}).observe(root, { subtree: true, childList: true, attributes: true, characterData: true });
"""
"""Times keys in the page. The message is posted in the frame's own callback, so it arrives after that frame was painted."""


def documents(units: int) -> Iterator[Alignment]:
    """Alignments of as many beads altogether, with probabilities as an aligner gives them: mostly high."""
    chance = random.Random(4)
    words = [(EXAMPLES / f"communique.{language}.txt").read_text(encoding="utf-8").split() for language in ("fr", "en")]
    for number in range(0, units, BEADS):
        beads, sides = [], ([], [])  # type: tuple[list[Bead], tuple[list[str], list[str]]]
        for _ in range(min(BEADS, units - number)):
            sizes = chance.choices([(1, 1), (2, 1), (1, 2), (1, 0), (0, 1)], [80, 7, 7, 3, 3])[0]
            spans: list[tuple[int, ...]] = []
            for side, size, vocabulary in zip(sides, sizes, words, strict=True):
                spans.append(tuple(range(len(side), len(side) + size)))
                side.extend(" ".join(chance.choices(vocabulary, k=chance.randint(5, 30))) for _ in range(size))
            beads.append(Bead(spans[0], spans[1], 1 - chance.random() ** 3, chance.random() if all(sizes) else None))
        pair = [
            Document.of_segments(side, f"{number:05}.{language}.txt", language) for side, language in zip(sides, ("fr", "en"), strict=True)
        ]
        yield Alignment(pair[0], pair[1], tuple(beads), "fr", "en", Provenance("0", "none", "none", "none"))


class Typist:
    """Presses keys one by one and has each timed by the page."""

    def __init__(self, screen: Screen) -> None:
        self.screen = screen

    def time(self, wait: str, press: Callable[[], None]) -> float:
        """Milliseconds from the last of these keys to the frame that shows what they do."""
        self.screen.run("window.watch.wait = arguments[0]; window.watch.times = []", wait)
        press()
        taken = wait_for("a frame", lambda: self.screen.run("return window.watch.times"))
        self.screen.run("window.watch.wait = null")
        return float(taken[0])

    def key(self, *keys: str, control: bool = False) -> Callable[[], None]:
        """What presses these keys."""
        return lambda: self.screen.press(*keys, control=control)

    def accept(self) -> float:
        """Accept a row when the last decision is in the corpus."""
        self.screen.run("all('.al-message')[0].textContent = ''")
        taken = self.time("place", self.key("a"))
        wait_for("the answer", lambda: self.screen.read(".al-message") == "accepted")
        return taken

    def edit(self) -> float:
        """One change of the target's text, saved."""
        self.screen.press("e")
        self.screen.find("textarea[data-side=target]").send_keys("x")
        return self.time("text", self.key(Keys.ENTER, control=True))

    def change(self, *keys: str, wait: str) -> tuple[float, float]:
        """Change a row by these keys, of which the last one is timed, and take that back when it is in the corpus: the times of both."""
        self.screen.press(*keys[:-1])
        taken = self.time(wait, self.key(keys[-1]))
        wait_for("the answer", lambda: not self.screen.all(".al-current[data-unconfirmed]"))
        undone = self.time("row", self.key("z"))
        wait_for("the answer", lambda: not self.screen.all(".al-current[data-unconfirmed]"))
        return taken, undone


def measured(screen: Screen) -> dict[str, list[float]]:
    """Milliseconds of every key, by what it does."""
    screen.run(WATCH)
    typist = Typist(screen)
    down = typist.key(Keys.ARROW_DOWN)
    for _ in range(SETTLE):
        typist.time("place", down)
    taken = {
        "down": [typist.time("place", down) for _ in range(100)],
        "accept": [typist.accept() for _ in range(100)],
        "accept at once": [typist.time("place", typist.key("a")) for _ in range(50)],
        "undo": [],
        "next": [typist.time("place", typist.key("n")) for _ in range(50)],
        "edit": [],
    }
    while len(taken["edit"]) < 30:
        if screen.all(".al-current .al-main [data-side=target] .al-nothing"):  # nothing to edit on this side
            typist.time("place", down)
            continue
        taken["edit"].append(typist.edit())
        typist.time("place", down)
    for _ in range(30):
        typist.accept()
        taken["undo"].append(typist.time("place", typist.key("z")))
        screen.wait_text(".al-message", "undone")
    for name, keys in CHANGES.items():
        for wait in ("row", "rows"):
            done: list[tuple[float, float]] = []
            while len(done) < 30:
                typist.time("place", down)
                if screen.run(BOTH_SIDES):
                    done.append(typist.change(*keys, wait=wait))
            times, undone = map(list, zip(*done, strict=True))
            taken |= {name: times, f"undo {name}": undone} if wait == "row" else {f"{name}, all rows": times}
    return taken


def memory(screen: Screen) -> tuple[float, int]:
    """MB of the page's JavaScript after a collection of garbage, and its number of nodes."""
    screen.driver.execute_cdp_cmd("HeapProfiler.collectGarbage", {})
    metrics = {one["name"]: one["value"] for one in screen.driver.execute_cdp_cmd("Performance.getMetrics", {})["metrics"]}
    return metrics["JSHeapUsedSize"] / 1e6, int(metrics["Nodes"])


def measure(units: int, folder: Path) -> None:
    """Print a table for one size of corpus."""
    with Corpus(folder / "corpus.db") as corpus:
        for alignment in documents(units):
            corpus.add(alignment)
    cell = nbformat.v4.new_code_cell("import aligner\n\naligner.review('corpus.db', reviewer='Ada')")
    notebook = nbformat.v4.new_notebook(cells=[cell], metadata={"kernelspec": {"name": "python3", "display_name": "Python 3"}})
    nbformat.write(notebook, folder / "review.ipynb")
    programs = [shutil.which(program) or sys.exit(f"{program} is missing") for program in ("chromium", "chromedriver")]
    with JupyterLab(folder, "review.ipynb") as server, chromium(*programs) as screen:
        screen.driver.execute_cdp_cmd("Performance.enable", {})
        screen.driver.get(server.url)
        screen.find(".jp-LauncherCard")
        empty, _ = memory(screen)
        server.open(screen)
        began = time.perf_counter()
        screen.find(".al-current")
        print(f"\n{units:,} units; the first row is shown {time.perf_counter() - began:.1f} s after the cell is run")
        screen.click(".al-current .al-main")
        taken = measured(screen)
        used, nodes = memory(screen)
    print(f"\n{'key':18}{'n':>5}{'median ms':>12}{'p95 ms':>10}{'most':>10}")
    for name, times in taken.items():
        median, high = np.percentile(times, [50, 95])
        met = "" if "all rows" in name or (median <= AIM[0] and high <= AIM[1]) else f"   aim: {AIM[0]} and {AIM[1]}"
        print(f"{name:18}{len(times):5}{median:12.0f}{high:10.0f}{max(times):10.0f}{met}")
    print(f"\nJavaScript of the tab: {used:.0f} MB, of which JupyterLab by itself {empty:.0f} MB; {nodes:,} nodes")


def main(sizes: list[int]) -> None:
    """Each size in a folder, a server and a browser of its own."""
    for units in sizes:
        with tempfile.TemporaryDirectory(prefix="aligner-latency-") as folder:
            measure(units, Path(folder))
    print(f"\nload of the machine in the last minutes: {', '.join(f'{load:.1f}' for load in os.getloadavg())} on {os.cpu_count()} cores")


if __name__ == "__main__":
    main([int(size) for size in sys.argv[1:]] or list(SIZES))
