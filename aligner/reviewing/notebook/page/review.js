import { EMPTY_FILTER, LEAST_HEIGHT, LONG_PATIENCE, NOTEBOOK_BARS, OURS, SLOW, clamp, h } from "./elements.js";
import { Acts } from "./acting.js";
import { COMMAND_OF, keyOf, named } from "./commands.js";
import { drawRow, signRow } from "./drawing.js";
import { Drafts, Editing } from "./editing.js";
import { noRowsWords } from "./ending.js";
import { Going } from "./going.js";
import { Head } from "./head.js";
import { showHelp } from "./help.js";
import { Kernel } from "./kernel.js";
import { List } from "./list.js";
import { Outbox } from "./outbox.js";
import { askWho, isField } from "./panels.js";
import { Splitting } from "./splitting.js";
import { Supply } from "./supply.js";
import { watchTheme } from "./theme.js";

let views = 0;

/** The widget. The page is the master of the cursor; the kernel is the master of all else. */
export class Review extends Going {
  constructor(model) {
    super();
    this.model = model;
    this.id = `aligner-${++views}-${Math.random().toString(36).slice(2, 6)}`;
    this.languages = [];
    this.reviewer = "";
    this.reasons = {};
    this.marked = null; // key of the row that waits to be linked
    this.mode = null; // editing or splitting of one row
    this.bulkProbability = 0.95;
    this.sampleSize = 1; // rows drawn at random at a time
    this.bulkWithout = false; // rows in which something may be wrong
    this.drafts = new Drafts();
    this.outbox = new Outbox(this);
    this.acts = new Acts(this);
    this.silent = false;
    this.stamps = new WeakMap();
    this.lastStamp = 0;
    this.kernel = new Kernel(model, {
      onSilence: () => this.setSilent(true),
      onAnswer: () => this.setSilent(false),
    });
    this.supply = new Supply(this);
    this.list = new List({
      draw: (place) => drawRow(this, place),
      sign: (place) => signRow(this, place),
      keyOf: (place) => this.rows.keys.get(place) ?? `#${place}`,
      cursor: () => this.cursor,
      onView: (first, last) => this.supply.shown(first, last),
    });
    this.#build();
    this.theme = watchTheme(this.root);
  }

  #build() {
    this.head = new Head(this);
    this.root = h("div", { class: "aligner-review", id: this.id, ...OURS });
    this.root.append(...this.head.above, this.list.element, this.head.below);
    this.list.element.addEventListener("click", (event) => this.#clicked(event));
    this.list.element.addEventListener("dblclick", (event) => !this.mode && event.target.closest(".al-current .al-text") && this.run(named("Edit")));
    this.root.addEventListener("click", (event) => !event.target.closest("input, textarea, select, .al-panel") && this.focus());
    this.root.addEventListener("click", (event) => event.target.closest("button") && this.showWhole());
    this.root.addEventListener("keydown", (event) => {
      this.showWhole();
      this.onKey(event);
    });
    for (const kind of ["keyup", "keypress"]) this.root.addEventListener(kind, (event) => event.stopPropagation());
    this.setHeight();
  }

  /** In a low window the buttons of dialogs, and what keys a mode has, stand below the edge until the notebook is scrolled. */
  showWhole() {
    this.root.scrollIntoView({ block: "nearest" });
  }

  setHeight() {
    // A page that is lower than the widget would hide its dialogs' buttons; in a frame of its own the page is as high as it asks for.
    const room = window === window.top ? Math.max(LEAST_HEIGHT, window.innerHeight - NOTEBOOK_BARS) : Infinity;
    this.root.style.height = `${Math.min(this.model.get("height"), room)}px`;
  }

  async open() {
    this.list.say("Loading …");
    const slow = setTimeout(() => this.list.say("Waiting for the kernel: it answers when the cells that run now are done."), SLOW);
    try {
      const reply = await this.kernel.ask({ do: "open" }, LONG_PATIENCE);
      this.reasons = reply.reasons;
      this.doubtful = reply.doubtful;
      this.sampleSize = reply.sample;
      this.languages = reply.languages ?? [];
      this.drafts = new Drafts(reply.corpus);
      this.took(reply, { move: Boolean(reply.view) });
      if (!this.reviewer) {
        this.list.say("");
        askWho(this, { first: true, uncalled: true });
      }
    } catch (error) {
      this.say(error.message, "error");
    } finally {
      clearTimeout(slow);
    }
  }

  close() {
    this.supply.close();
    this.kernel.close();
    this.list.close();
    this.theme.close();
  }

  // -- what is where

  stamp(row) {
    if (!row) return 0;
    if (!this.stamps.has(row)) this.stamps.set(row, ++this.lastStamp);
    return this.stamps.get(row);
  }

  reasonWords(code) {
    return this.reasons[code] ?? code;
  }

  /** Goes with every question, so that the kernel knows where we are when it is asked again tomorrow. */
  placed() {
    return { cursor: this.cursor, version: this.rows.version };
  }

  // -- messages

  say(words, kind = "") {
    this.head.say(words, kind);
  }

  setSilent(silent) {
    if (silent === this.silent) return;
    this.silent = silent;
    this.showQueue();
    if (!silent) this.say("The kernel answers again.");
  }

  showQueue() {
    this.head.showQueue(this.outbox, this.silent);
  }

  // -- answers

  /** What the kernel answered; `move` where its cursor counts, as after an undo. */
  took(reply, { move = false } = {}) {
    if (reply.reviewer !== undefined) {
      this.reviewer = reply.reviewer;
      this.supply.statsLater();
    }
    if (reply.rows) this.rows.update(reply.rows);
    if (reply.counts) this.counts = reply.counts;
    const before = this.cursor;
    if (reply.view) this.#show(reply.view, move);
    else if (move && reply.cursor !== undefined) this.cursor = reply.cursor;
    if (reply.contexts) this.rows.takeContexts(reply.contexts);
    if (reply.sorted !== undefined) this.sorted = reply.sorted;
    if (reply.counts) this.head.showCounts(reply.counts);
    if (reply.stats) this.head.showPace(reply.stats);
    if (reply.message) this.say(reply.message);
    if (move) this.list.reveal(this.cursor, this.withContext);
    else this.list.paintAround(this.cursor);
    if (move && this.cursor !== before) this.supply.placeLater();
    this.announce();
    this.supply.prefetch();
  }

  #show(view, move) {
    const key = this.rows.keys.get(this.cursor);
    const offset = this.list.offset(Math.min(this.cursor, this.list.heights.count));
    const changed = this.rows.show(view);
    this.order = view.order;
    this.withContext = view.context;
    this.filter = view.filter;
    const place = move ? view.cursor : (this.rows.places.get(key) ?? (changed ? view.cursor : this.cursor));
    this.cursor = clamp(place, 0, Math.max(0, view.total - 1));
    if (changed) {
      this.range = null;
      this.hits = [];
      this.list.reset(view.total, this.cursor, offset);
    }
    if (this.mode && this.current?.key !== this.mode.key) this.dropMode();
    this.list.say(this.rows.total ? "" : noRowsWords(this));
    this.head.showView(this);
  }

  // -- questions

  /** A command, by key or mouse. */
  run(command) {
    if (this.silent && command.changes) return this.say("The kernel does not answer: nothing is decided until it does.", "error");
    if (command.changes && !this.reviewer) return askWho(this, { first: true });
    this.say("");
    this.outbox.take(command);
    this.showQueue();
    return undefined;
  }

  /** Check rows drawn at random; afterwards the view is the one of now again. */
  checkSample(reply) {
    if (!this.filter.sampled) this.before = { filter: this.filter, order: this.order };
    this.took(reply, { move: true });
  }

  /** Those of earlier samples that are not decided yet. */
  async checkPending() {
    if (!this.filter.sampled) this.before = { filter: this.filter, order: this.order };
    await this.setView({ ...EMPTY_FILTER, sampled: true, status: ["unreviewed", "flagged"] }, "document");
  }

  /** Back from a sample to what was shown before it. */
  leaveSample() {
    if (!this.filter.sampled) return;
    const { filter, order } = this.before ?? { filter: EMPTY_FILTER, order: "doubt" };
    this.setView(filter, order).catch((error) => this.say(error.message, "error"));
  }

  /** `near`: the key of a row to go back to, or to what follows it. */
  async setView(filter, order, near = "") {
    this.took(await this.kernel.ask({ do: "view", filter, order, near, ...this.placed() }), { move: true });
    this.marked = null;
  }

  // -- mouse and focus

  #clicked(event) {
    if (!getSelection().isCollapsed && !this.mode) return; // somebody selects text to copy it
    const near = event.target.closest(".al-near");
    const row = event.target.closest(".al-row");
    const place = Number(row?.dataset.place);
    if (near) this.goTo(near.dataset.key);
    else if (row && place !== this.cursor) this.moveTo(place, { extend: event.shiftKey, pinned: false });
    else if (row && !this.mode) this.setSide(event.target.closest(".al-text")?.dataset.side ?? this.side);
  }

  focus() {
    const focused = this.root.getRootNode().activeElement;
    if (!this.panel) (this.mode?.field ?? this.list.element).focus({ preventScroll: true });
    else if (!this.panel.box.contains(focused)) this.panel.focus();
  }

  showHelp() {
    showHelp(this);
  }

  // -- modes of one row

  startEdit() {
    if (this.current) this.#start(new Editing(this, this.current));
  }

  startSplit() {
    if (this.current) this.#start(new Splitting(this, this.current));
  }

  #start(mode) {
    this.mode = mode;
    this.range = null;
    this.list.reveal(this.cursor, false);
    this.focus();
  }

  leaveMode() {
    this.mode = null;
    this.list.paint();
    this.focus();
  }

  /** Leave a mode because the row is left. */
  dropMode() {
    const { mode } = this;
    this.mode = null;
    mode.dropped();
  }

  leave() {
    if (this.range) this.range = null;
    else if (this.marked) this.marked = null;
    else if (this.wanted) {
      this.wanted = null;
      this.hits = [];
      this.wantedStamp++;
    } else this.leaveSample();
    this.list.paint();
  }

  // -- keys

  onKey(event) {
    event.stopPropagation(); // the notebook has its own meaning for nearly every letter
    if (event.isComposing) return;
    if (this.panel) return void this.panel.onKey(event);
    if (event.target.tagName === "BUTTON" && /^(Enter| |Tab)$/.test(event.key)) return;
    if (this.mode) return void this.mode.onKey(event);
    if (isField(event.target)) return;
    const command = COMMAND_OF.get(keyOf(event));
    if (!command) return;
    event.preventDefault();
    if (event.repeat && !command.repeats) return; // a key held down must not decide row after row
    this.run(command);
  }
}
