import { askBulk } from "./bulk.js";
import { ASK_ABOVE, LONG_PATIENCE, PATIENCE, STATUS, counted } from "./elements.js";
import { lastRowWords } from "./ending.js";
import { confirm } from "./panels.js";
import { supposed } from "./supposing.js";

/** What a reviewer does to rows: painted at once as far as the page can tell what will come of it, and sent to the kernel. */
export class Acts {
  constructor(app) {
    this.app = app;
    this.last = null; // how to paint the undo of what was done last, and at which row; null where that is for the kernel to tell
  }

  /** Ask the kernel to change something, as `Outbox.send`. */
  submit(words, message, options) {
    this.last = null;
    this.app.outbox.send(words, message, options);
  }

  decide(status, reason = "", { stay = false } = {}) {
    const { app } = this;
    if (!app.current) return app.say("There is no row here.");
    const [low, high] = app.range ? [Math.min(...app.range), Math.max(...app.range)] : [app.cursor, app.cursor];
    const count = high - low + 1;
    const decideNow = () => this.#decide(status, reason, { low, high, stay });
    if (count <= ASK_ABOVE) return decideNow();
    const { word } = STATUS[status];
    return confirm(app, `${counted(count, "row")} at once?`, `All ${counted(count, "row")} selected become “${word}”. One undo takes it back.`, `Yes: ${word}`, decideNow);
  }

  #decide(status, reason, { low, high, stay }) {
    const { app } = this;
    const { rows } = app;
    const words = `${STATUS[status].word} row ${low + 1}${high > low ? ` to ${high + 1}` : ""}`;
    const keys = [];
    for (let place = low; place <= high; place++) keys.push(rows.keys.get(place));
    const which = keys.includes(undefined) ? { range: [low, high] } : { keys };
    const units = new Set(keys.map((key) => rows.byKey.get(key)?.unit).filter(Boolean));
    const decided = low === high ? rows.at(low) : undefined;
    const revert = this.#paintDecision(units, { status, reason });
    const before = app.cursor;
    app.range = null;
    const last = high >= rows.total - 1;
    this.submit(words, { do: "decide", ...which, status, reason }, {
      waits: false,
      units,
      patience: keys.length > ASK_ABOVE ? LONG_PATIENCE : PATIENCE,
      revert: () => {
        revert();
        this.last = null;
        if (!app.outbox.isBusy) app.moveTo(before);
      },
      done: () => last && !stay && setTimeout(() => this.#ended(), 0),
    });
    rows.held = app.outbox.units;
    if (decided) this.last = { key: decided.key, paint: () => this.#paintDecision(units, { status: decided.status, reason: decided.reason }) };
    if (stay || last) app.list.paint();
    else app.moveTo(high + 1);
  }

  /** Take back what was done last; painted before the kernel confirms it where that was about one row. */
  undo() {
    const { app, last } = this;
    const { rows } = app;
    const units = new Set(last ? [rows.byKey.get(last.key)?.unit] : []);
    const revert = last && rows.byKey.has(last.key) ? last.paint() : null;
    this.submit("undo", { do: "undo" }, { units, revert, done: revert, patience: LONG_PATIENCE });
    rows.held = app.outbox.units;
    const place = rows.places.get(last?.key);
    if (place !== undefined) app.moveTo(place);
  }

  /** Ask for something about the current row. */
  onRow(words, message, { done = null } = {}) {
    const { app } = this;
    const row = app.current;
    if (!row) return app.say("There is no row here.");
    app.range = null;
    const near = this.#neighbour(row, message.direction);
    const change = supposed(message, row, near);
    const revert = change && this.#paintChange(row, near, change);
    this.submit(`${words} row ${app.cursor + 1}`, { ...message, key: row.key }, {
      units: new Set(change ? [row.unit, near?.unit] : []),
      revert,
      done: () => {
        revert?.(); // rows with other keys come in their place
        done?.();
      },
      shown: change && (() => this.remember(row)),
    });
    app.rows.held = app.outbox.units;
    return app.list.paint();
  }

  /** Let an undo be painted that brings back the current row as it was before it was changed. */
  remember(row) {
    const key = this.app.rows.keys.get(this.app.cursor);
    this.last = { key, paint: () => this.#paint([{ ...row, key, unconfirmed: true }]) };
  }

  /** Say that the sentences of the current row have no counterpart: a decision, so the kernel's cursor goes on. */
  markNull() {
    const last = this.app.cursor >= this.app.rows.total - 1;
    this.onRow("no counterpart for", { do: "null" }, { done: () => last && setTimeout(() => this.#ended(), 0) });
  }

  markOrLink() {
    const { app } = this;
    const { key } = app.current ?? {};
    if (!key) return;
    if (app.marked && app.marked !== key) {
      const other = app.marked;
      app.marked = null;
      this.submit("link", { do: "link", key: other, other: key });
      return;
    }
    app.marked = app.marked === key ? null : key;
    app.say(app.marked ? "Marked. Go to another row and press Space to link the two; Esc leaves." : "No longer marked.");
    app.list.paint();
  }

  realign() {
    const { app } = this;
    const row = app.current;
    if (!row) return;
    confirm(app, "Align the document anew?", `What is decided in ${row.document} stays as it is; the rest is aligned again around it. One undo takes it back.`, "Align anew", () => {
      app.say("Aligning anew …");
      this.submit("align anew", { do: "realign", key: row.key }, { patience: LONG_PATIENCE });
    });
  }

  #ended() {
    if (this.app.filter.sampled) askBulk(this.app, { asked: false });
    else this.app.say(lastRowWords(this.app));
  }

  /** The row before or after one in its document, if the page has it. */
  #neighbour(row, direction) {
    if (!direction) return undefined;
    const { cursor, rows, withContext } = this.app;
    const below = direction === "next" || direction === "down";
    const { before = [], after = [] } = rows.contexts.get(row.key) ?? {};
    const key = withContext ? (below ? after[0] : before.at(-1)) : rows.keys.get(cursor + (below ? 1 : -1));
    const near = rows.byKey.get(key);
    return near?.alignment === row.alignment ? near : undefined;
  }

  // Each of these returns what takes it back.

  #paintDecision(units, decision) {
    const fresh = { ...decision, reviewer: this.app.reviewer, at: new Date().toISOString(), unconfirmed: true };
    return this.#paint([...this.app.rows.byKey.values()].filter(({ unit }) => units.has(unit)).map((row) => ({ ...row, ...fresh })));
  }

  #paintChange(row, near, change) {
    const { contexts } = this.app.rows;
    const known = contexts.get(row.key);
    if (near && !change.near && known) {
      const others = (keys) => keys.filter((key) => key !== near.key);
      contexts.set(row.key, { before: others(known.before), after: others(known.after) });
    }
    const revert = this.#paint([change.row, ...(near && change.near ? [change.near] : [])]);
    return () => {
      revert();
      if (known) contexts.set(row.key, known);
    };
  }

  #paint(fresh) {
    const { byKey } = this.app.rows;
    const painted = fresh.map((row) => [byKey.get(row.key), row]);
    for (const row of fresh) byKey.set(row.key, row);
    return () => {
      for (const [before, row] of painted) if (byKey.get(row.key) === row) byKey.set(row.key, before);
    };
  }
}
