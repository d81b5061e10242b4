import { CHUNK, KEPT_ROWS } from "./elements.js";

/** What the page knows: rows by key, which key stands where in the present order, and the neighbours of a row in its document. */
export class Rows {
  constructor() {
    this.byKey = new Map();
    this.contexts = new Map();
    this.held = new Set(); // units painted as decided before that is confirmed: answers under way know nothing of it yet
    this.version = -1;
    this.total = 0;
    this.forget();
  }

  forget() {
    this.keys = new Map(); // place in the order → key
    this.places = new Map(); // key → place
    this.asked = new Set(); // places that were asked for
    this.contexts.clear();
    this.contextsAsked = new Set();
  }

  /** Take over a window of the order; true where the order is another one than before. */
  show(view) {
    const changed = view.version !== this.version;
    if (changed) this.forget();
    this.version = view.version;
    this.total = view.total;
    (view.rows ?? []).forEach((row, at) => {
      this.update([row]);
      this.keys.set(view.first + at, row.key);
      this.places.set(row.key, view.first + at);
    });
    return changed;
  }

  /** What the kernel says of rows; one that is as it was stays the same object, and need not be drawn again. */
  update(rows) {
    for (const row of rows) {
      const known = this.byKey.get(row.key);
      if (known && (this.held.has(row.unit) || JSON.stringify(known) === JSON.stringify(row))) continue;
      this.byKey.set(row.key, row);
    }
  }

  at(place) {
    return this.byKey.get(this.keys.get(place));
  }

  /** Runs of places in a range that are neither here nor asked for; they count as asked for from now on. */
  missing(from, to) {
    const runs = [];
    for (let place = Math.max(0, from); place <= Math.min(to, this.total - 1); place++) {
      if (this.keys.has(place) || this.asked.has(place)) continue;
      this.asked.add(place);
      const run = runs.at(-1);
      if (run && run.start + run.count === place && run.count < CHUNK) run.count++;
      else runs.push({ start: place, count: 1 });
    }
    return runs;
  }

  /** Let go of what is far away, so that hours of work do not fill the memory. */
  trim(cursor) {
    if (this.byKey.size <= KEPT_ROWS) return;
    const near = new Map([...this.keys].filter(([place]) => Math.abs(place - cursor) <= 5 * CHUNK));
    this.forget();
    const kept = new Map();
    for (const [place, key] of near) {
      this.keys.set(place, key);
      this.places.set(key, place);
      kept.set(key, this.byKey.get(key));
    }
    this.byKey = kept;
  }

  takeContexts(contexts) {
    for (const [key, [before, after]] of Object.entries(contexts)) this.contexts.set(key, { before, after });
  }
}
