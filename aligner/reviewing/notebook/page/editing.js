import { SIDES, h } from "./elements.js";
import { Panel } from "./panels.js";

/** Texts that were typed and not saved, by row. The browser keeps them too, as far as it allows: a reload must not lose them. */
export class Drafts {
  constructor(corpus = "") {
    this.name = `aligner drafts ${corpus}`;
    this.texts = new Map();
    try {
      this.texts = new Map(JSON.parse(sessionStorage.getItem(this.name) ?? "[]"));
    } catch {
      // A notebook in a frame without storage: drafts live as long as the page.
    }
  }

  has(key) {
    return this.texts.has(key);
  }

  get(key) {
    return this.texts.get(key);
  }

  set(key, texts) {
    this.texts.set(key, texts);
    this.#write();
  }

  delete(key) {
    if (this.texts.delete(key)) this.#write();
  }

  #write() {
    try {
      sessionStorage.setItem(this.name, JSON.stringify([...this.texts]));
    } catch {
      // As above.
    }
  }
}

/** Both texts of a row in fields. What is typed is a draft until it is saved or thrown away. */
export class Editing {
  role = "group"; // fields cannot stand in an option of a list box
  keys = [["Ctrl Enter", "save"], ["Tab", "other side"], ["Esc", "leave"]];
  buttons = [["Save", () => this.save()], ["Leave", () => this.leave()]];

  constructor(app, row) {
    Object.assign(this, { app, key: row.key, side: app.side });
    this.texts = [...(app.drafts.get(row.key) ?? [row.source, row.target])];
    this.sign = `edit ${performance.now()}`; // drawn once: another drawing would lose the caret
    this.fields = [];
  }

  get field() {
    return this.fields[SIDES.indexOf(this.side)];
  }

  cells(row) {
    this.fields = SIDES.map((side, at) => {
      const field = h("textarea", {
        class: "al-text al-editing",
        dir: "auto",
        lang: this.app.languages[at] ?? null,
        spellcheck: "true",
        rows: String(Math.min(14, 1 + Math.ceil(this.texts[at].length / 50))),
        "aria-label": `${side} text of row ${row.place}`,
        "data-side": side,
        value: this.texts[at],
        onfocus: () => (this.side = side),
        oninput: () => {
          this.texts[at] = field.value;
          this.app.drafts.set(this.key, this.#edited());
          this.app.list.measure(this.key);
        },
      });
      return field;
    });
    return this.fields;
  }

  onKey(event) {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) this.save();
    else if (event.key === "Escape") this.leave();
    else if (event.key === "Tab") {
      this.side = SIDES[1 - SIDES.indexOf(this.side)];
      this.field.focus();
    } else return;
    event.preventDefault();
  }

  save() {
    const { app, key } = this;
    const row = app.rows.byKey.get(key);
    const [source, target] = this.#edited();
    app.leaveMode();
    if (!this.#isChanged(row)) {
      app.drafts.delete(key);
      app.say("Nothing was changed.");
      app.list.paint();
      return;
    }
    app.rows.update([{ ...row, source, target, source_parts: [], target_parts: [], marks: null }]);
    app.list.paint();
    app.acts.submit(`edit row ${app.cursor + 1}`, { do: "edit", key, source, target }, {
      revert: () => app.rows.update([row]),
      done: () => app.drafts.delete(key),
      shown: () => app.acts.remember(row),
    });
  }

  leave() {
    const { app, key } = this;
    if (!this.#isChanged(app.rows.byKey.get(key))) {
      app.drafts.delete(key);
      app.leaveMode();
      return;
    }
    const keep = () => {
      panel.close();
      app.leaveMode();
    };
    const discard = () => {
      app.drafts.delete(key);
      keep();
    };
    const panel = new Panel(app, "The text is not saved", { kind: "al-small", keys: { d: discard, k: keep } });
    panel.add(h("p", {}, "Save it, keep it for later (E goes on with it), or throw it away? Esc goes back to it."));
    panel.button("Save", () => {
      panel.close();
      this.save();
    }, { main: true });
    panel.button("Keep for later (K)", keep);
    panel.button("Throw away (D)", discard);
    panel.focus();
  }

  dropped() {
    if (this.app.drafts.has(this.key)) this.app.say("The text you typed is not saved; it is kept: go back and press E.", "error");
  }

  #isChanged(row) {
    const [source, target] = this.#edited();
    return source !== row.source || target !== row.target;
  }

  /** A field makes \n of \r\n: that alone is no change. */
  #edited() {
    const row = this.app.rows.byKey.get(this.key);
    const plain = (text) => text.replace(/\r\n?/g, "\n");
    return SIDES.map((side, at) => (plain(row[side]) === plain(this.texts[at]) ? row[side] : this.texts[at]));
  }
}
