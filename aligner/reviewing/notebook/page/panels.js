import { h, number } from "./elements.js";
import { commentLines } from "./drawing.js";

/** A dialog over the widget: keeps the focus, closes by Esc, gives the focus back. `keys` are its own keys. */
export class Panel {
  constructor(app, title, { kind = "", keys = {}, onclose = null } = {}) {
    app.panel?.close();
    Object.assign(this, { app, keys, onclose });
    this.first = null; // what takes the focus
    const heading = `${app.id}-panel`;
    this.body = h("div", { class: "al-panel-body" });
    this.error = h("p", { class: "al-panel-error", role: "alert" });
    this.buttons = h("div", { class: "al-buttons" });
    const close = h("button", { type: "button", class: "al-close", "aria-label": "Close", title: "Close (Esc)", onclick: () => this.close() }, "✕");
    this.box = h(
      "div",
      { class: `al-panel ${kind}`, role: "dialog", "aria-modal": "true", "aria-labelledby": heading, tabindex: "-1", onclick: () => this.box.getRootNode().activeElement === this.box && this.focus() },
      h("div", { class: "al-panel-head" }, h("h2", { id: heading }, title), close),
      this.body,
      this.error,
      this.buttons,
    );
    this.veil = h("div", { class: "al-veil", onmousedown: (event) => event.target === this.veil && this.close() }, this.box);
    app.root.append(this.veil);
    app.panel = this;
  }

  add(...children) {
    this.body.append(...children);
    return this;
  }

  button(name, onclick, { main = false } = {}) {
    const button = h("button", { type: "button", onclick }, name);
    this.buttons.append(button);
    if (main) this.main(button);
    return button;
  }

  /** The button that Enter presses. */
  main(chosen) {
    for (const button of this.buttons.children) button.classList.toggle("al-main-button", button === chosen);
    this.submit = () => chosen.click();
  }

  focus(element = this.first) {
    this.first = element;
    (element ?? this.box).focus({ preventScroll: true });
    element?.select?.();
    return this;
  }

  fail(error) {
    this.error.textContent = error.message;
  }

  onKey(event) {
    const typing = isField(event.target);
    const own = typing ? null : this.keys[event.key.toLowerCase()];
    if (event.key === "Escape") this.close();
    else if (own) own();
    else if (event.key === "Enter" && (event.shiftKey || event.repeat)) return; // Shift Enter runs a cell, for who works in a notebook
    else if (event.key === "Enter" && this.submit && !event.target.closest?.("button") && (event.target.tagName !== "TEXTAREA" || event.ctrlKey || event.metaKey)) {
      this.submit();
    } else if (event.key === "Tab") this.#turn(event);
    else return;
    event.preventDefault();
  }

  close() {
    if (this.app.panel !== this) return;
    this.app.panel = null;
    this.veil.remove();
    this.onclose?.();
    this.app.focus();
  }

  #turn(event) {
    const stops = [...this.box.querySelectorAll("button, input, select, textarea")].filter((stop) => !stop.disabled && stop.offsetParent);
    const at = stops.indexOf(event.target);
    stops[(at + (event.shiftKey ? stops.length - 1 : 1)) % stops.length]?.focus();
  }
}

export const isField = (element) => /^(INPUT|TEXTAREA|SELECT)$/.test(element?.tagName) && !/^(checkbox|radio|button)$/.test(element.type);

export const labelled = (name, ...controls) => h("label", { class: "al-field" }, h("span", {}, name), ...controls);

export function checkBox(name, checked, onchange = null) {
  const box = h("input", { type: "checkbox", checked, onchange });
  return { box, label: h("label", { class: "al-check" }, box, name) };
}

export function choice(options, value) {
  const select = h("select", {});
  for (const [key, words] of options) select.append(h("option", { value: key, selected: key === value }, words));
  return select;
}

/** `first`: nobody has said so yet. `uncalled`: nobody asked for the dialog; it leaves the focus where it is, for somebody may be running cells. */
export function askWho(app, { first = false, uncalled = false } = {}) {
  const panel = new Panel(app, first ? "Who reviews?" : "Another reviewer", { kind: "al-small" });
  const name = h("input", { type: "text", maxlength: "80", autocomplete: "name", value: app.reviewer, placeholder: first ? "click here, and write your name" : null });
  panel.add(
    h("p", {}, "The name stands with every decision, so that others see who decided. It is kept on this machine; asked once."),
    labelled("Your name", name),
  );
  panel.button("Begin", async () => {
    if (!/[\p{L}\p{N}]/u.test(name.value)) return panel.fail(new Error("Write a name first."));
    try {
      app.took(await app.kernel.ask({ do: "who", reviewer: name.value.trim() }), { move: true });
      panel.close();
    } catch (error) {
      panel.fail(error);
    }
  }, { main: true });
  if (uncalled) panel.first = name;
  else panel.focus(name);
}

export function confirm(app, title, words, action, onconfirm) {
  const panel = new Panel(app, title, { kind: "al-small" });
  panel.add(h("p", {}, words));
  panel.button(action, () => {
    panel.close();
    onconfirm();
  }, { main: true });
  panel.button("Cancel", () => panel.close());
  panel.focus();
}

/** A letter of each word by which it is chosen: its first, where no word before it has that one, or else one that is no word's. */
function lettersOf(words) {
  const taken = new Set();
  const take = (letters) => {
    const letter = [...letters].find((one) => /[a-z]/.test(one) && !taken.has(one));
    taken.add(letter);
    return letter;
  };
  const firsts = words.map((word) => take(word[0]));
  return words.map((word, at) => firsts[at] ?? take(word) ?? "");
}

/** The code of a reason as a word, the letter that chooses it underlined. */
function codeWord(code, letter) {
  const word = code.replaceAll("_", " ");
  const at = letter ? word.indexOf(letter) : word.length;
  return h("b", { class: "al-code" }, word.slice(0, at), h("u", {}, word.slice(at, at + 1)), word.slice(at + 1));
}

/** Why it is rejected: a letter or a number, or Enter for no reason. */
export function askReason(app) {
  const letters = lettersOf(Object.keys(app.reasons));
  const keys = {};
  const items = Object.entries(app.reasons).map(([code, words], at) => {
    const choose = () => {
      panel.close();
      app.acts.decide("rejected", code);
    };
    keys[letters[at]] = keys[String(at + 1)] = choose;
    const hint = code === "unrelated" ? h("span", { class: "al-note" }, " (X instead takes them apart)") : null;
    return h("button", { type: "button", role: "menuitem", "data-reason": code, onclick: choose }, h("kbd", {}, String(at + 1)), codeWord(code, letters[at]), h("span", {}, words, hint));
  });
  const count = app.selectedCount();
  const panel = new Panel(app, count > 1 ? `Reject ${number(count)} rows: why?` : "Reject: why?", { kind: "al-menu al-small", keys });
  const none = () => {
    panel.close();
    app.acts.decide("rejected", "");
  };
  panel.submit = none;
  panel.add(h("div", { role: "menu" }, ...items, h("button", { type: "button", class: "al-main-button", role: "menuitem", "data-reason": "", onclick: none }, h("kbd", {}, "Enter"), h("b", { class: "al-code" }, "no reason"))));
  panel.focus();
}

export function askComment(app) {
  const row = app.current;
  const panel = new Panel(app, "Comment", { kind: "al-small" });
  const text = h("textarea", { rows: "4", dir: "auto" });
  panel.add(...commentLines(row), labelled("Comment on this row (Ctrl+Enter saves)", text));
  panel.button("Save", () => {
    if (!text.value.trim()) return panel.fail(new Error("Write something first."));
    panel.close();
    app.acts.submit("comment", { do: "comment", key: row.key, text: text.value.trim() });
  }, { main: true });
  panel.focus(text);
}

export function askPlace(app) {
  const panel = new Panel(app, "Go to row", { kind: "al-small" });
  const place = h("input", { type: "number", min: "1", max: String(app.rows.total), value: String(app.cursor + 1) });
  panel.add(labelled(`Row, 1 to ${number(app.rows.total)}`, place));
  panel.button("Go", () => {
    const to = Number.parseInt(place.value, 10);
    if (!(to >= 1 && to <= app.rows.total)) return panel.fail(new Error(`There are rows 1 to ${number(app.rows.total)}.`));
    panel.close();
    app.moveTo(to - 1);
  }, { main: true });
  panel.focus(place);
}
