import { CHUNK, POLL } from "./elements.js";

const MARKED = 12; // rows a question

/** What the page asks for by itself: rows before they are seen, neighbours, marks, figures, what others did; and it tells where it is. */
export class Supply {
  constructor(app) {
    this.app = app;
    this.timers = new Map();
    this.underWay = new Set();
    this.unmarked = false; // no model, or none that loads
    this.poll = setInterval(() => this.#changes(), POLL);
  }

  close() {
    clearInterval(this.poll);
    for (const timer of this.timers.values()) clearTimeout(timer);
  }

  /** These places are on screen. */
  shown(first, last) {
    this.#rows(first, last);
    this.#marksLater();
  }

  statsLater() {
    this.#later("stats", 700, () => {
      if (this.app.outbox.isBusy) this.statsLater();
      else if (this.app.reviewer) this.#ask({ do: "stats" });
    });
  }

  /** Where one is, a moment after one went there: many moves are one question. */
  placeLater() {
    this.#later("place", 500, () => {
      if (this.app.outbox.isBusy || this.underWay.has("place")) this.placeLater();
      else if (this.app.reviewer) this.#ask({ do: "place", ...this.app.placed() });
    });
  }

  /** Neighbours of the rows that come next, so that a move paints at once. */
  prefetch() {
    const { cursor, current, rows, withContext } = this.app;
    if (!withContext || this.underWay.has("context")) return;
    const keys = [];
    for (let place = cursor - 1; place <= cursor + 8; place++) {
      const key = rows.keys.get(place);
      if (key !== undefined && !rows.contexts.has(key) && !rows.contextsAsked.has(key)) keys.push(key);
    }
    if (keys.length < 5 && !keys.includes(current?.key)) return;
    for (const key of keys) rows.contextsAsked.add(key);
    this.#ask({ do: "context", keys });
  }

  /** Others may have changed something, or the kernel may be there again. */
  #changes() {
    const { kernel, outbox, panel, reviewer, silent } = this.app;
    if (silent) kernel.ask({ do: "changes", ...this.app.placed() }).then((answer) => this.app.took(answer), () => {}); // is it back?
    if (outbox.isBusy || panel || !reviewer || document.visibilityState !== "visible") return;
    this.#ask({ do: "changes", ...this.app.placed() });
  }

  /** Rows on screen and around that the page lacks: more than a few at a time, before they are needed. */
  async #rows(first, last) {
    const { rows, outbox } = this.app;
    const lacks = (place) => !rows.keys.has(place) && !rows.asked.has(place);
    let place = Math.max(0, first - CHUNK / 6);
    while (place < Math.min(last + CHUNK / 3, rows.total) && !lacks(place)) place++;
    if (!(place < Math.min(last + CHUNK / 3, rows.total))) return;
    for (const { start, count } of rows.missing(first - CHUNK / 2, last + CHUNK)) {
      this.#ask({ do: "rows", start, count, version: rows.version }, `rows ${start}`).then(() => outbox.drain());
    }
  }

  /** What the model says of the rows on screen, the current one first, and again while it is still at work. */
  #marksLater(pause = 150) {
    if (!this.unmarked) this.#later("marks", pause, () => this.#marks());
  }

  async #marks() {
    const { cursor, list, outbox, reviewer, rows } = this.app;
    if (outbox.isBusy || !reviewer || this.underWay.has("marks")) return this.#marksLater(400);
    const [first, last] = list.shown;
    const places = [cursor];
    for (let place = first; place <= last + 2; place++) if (place !== cursor) places.push(place);
    const open = (row) => row && (row.marks === null || row.probability === null) && !row.flags.includes("null");
    const keys = places.map((place) => rows.at(place)).filter(open).slice(0, MARKED).map((row) => row.key);
    if (!keys.length) return undefined;
    const answer = await this.#ask({ do: "marks", keys });
    if (answer?.available === false) {
      this.unmarked = true;
      list.paint(); // rows say now that they get no score
    }
    return answer?.pending ? this.#marksLater(answer.rows.length ? 300 : 1200) : undefined;
  }

  #later(name, pause, action) {
    clearTimeout(this.timers.get(name));
    this.timers.set(name, setTimeout(() => this.app.silent || action(), pause));
  }

  /** Ask, and show what is answered; the same question is not asked twice at a time. */
  async #ask(message, name = message.do) {
    if (this.underWay.has(name) || this.app.silent) return undefined;
    this.underWay.add(name);
    try {
      const answer = await this.app.kernel.ask(message);
      this.app.took(answer);
      return answer;
    } catch (error) {
      this.app.say(error.message, "error");
      return undefined;
    } finally {
      this.underWay.delete(name);
    }
  }
}
