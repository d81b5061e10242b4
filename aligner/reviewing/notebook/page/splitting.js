import { SIDES, h } from "./elements.js";
import { afterPunctuation, characterStarts, inUnits, pointsAt, wordStarts } from "./texts.js";

/** Both texts of a row with a caret each; what comes after the carets becomes a row of its own. */
export class Splitting {
  role = "option";
  keys = [["←→", "word"], ["Ctrl ←→", "character"], ["↑↓", "sentence"], ["Tab", "other side"], ["Enter", "split here"], ["Esc", "leave"]];
  buttons = [["Split here", () => this.confirm()], ["Leave", () => this.app.leaveMode()]];

  constructor(app, row) {
    Object.assign(this, { app, row, key: row.key });
    this.side = row[app.side] ? app.side : other(app.side);
    this.at = this.#proposals();
  }

  get sign() {
    return `split ${this.side} ${this.at.source} ${this.at.target}`;
  }

  cells() {
    return SIDES.map((side) => {
      const text = this.row[side];
      const cell = h("div", { class: "al-text al-splitting", "data-side": side, dir: "auto" });
      const starts = ends(text, [...wordStarts(text), this.at[side]]);
      starts.forEach((start, number) => {
        if (start === this.at[side]) cell.append(h("span", { class: `al-caret${side === this.side ? " al-active" : ""}`, "aria-hidden": "true" }));
        if (number + 1 < starts.length) cell.append(this.#word(side, start, starts[number + 1]));
      });
      return cell;
    });
  }

  onKey(event) {
    if (event.key === "Escape") this.app.leaveMode();
    else if (event.key === "Enter") this.confirm();
    else if (event.key === "Tab") this.#put(other(this.side), this.at[other(this.side)]);
    else if (event.key.startsWith("Arrow")) this.#move(event);
    else if (event.key === "Home") this.#put(this.side, 0);
    else if (event.key === "End") this.#put(this.side, this.row[this.side].length);
    else return;
    event.preventDefault();
  }

  confirm() {
    const [source, target] = SIDES.map((side) => pointsAt(this.row[side], this.at[side]));
    this.app.leaveMode();
    this.app.acts.onRow("split", { do: "split", source_at: source, target_at: target });
  }

  dropped() {}

  #word(side, start, end) {
    const word = h("span", { class: start < this.at[side] ? "al-before" : "al-after" }, this.row[side].slice(start, end));
    word.addEventListener("mousedown", (event) => {
      event.preventDefault();
      const { left, width } = word.getBoundingClientRect();
      this.#put(side, event.clientX < left + width / 2 ? start : end);
    });
    return word;
  }

  /** On a side of several sentences the boundary nearest to its middle; on another the place that corresponds to it. */
  #proposals() {
    const known = SIDES.map((side) => nearest(this.#sentences(side).filter((start) => start > 0), this.row[side].length / 2));
    const shares = SIDES.map((side, at) => (known[at] === undefined ? undefined : known[at] / this.row[side].length));
    const [source, target] = SIDES.map((side, at) => known[at] ?? placeIn(this.row[side], shares[1 - at] ?? 0.5));
    return { source, target };
  }

  #sentences(side) {
    return inUnits(this.row[side], this.row[`${side}_parts`] ?? []).map(([start]) => start);
  }

  #put(side, at) {
    this.side = side;
    this.at[side] = at;
    this.app.list.paint();
  }

  #move(event) {
    const text = this.row[this.side];
    const vertical = /Up|Down/.test(event.key);
    const single = event.ctrlKey || event.shiftKey || event.metaKey;
    const places = ends(text, vertical ? this.#sentences(this.side) : single ? characterStarts(text) : wordStarts(text));
    const cell = this.app.list.element.querySelector(`.al-splitting[data-side=${this.side}]`);
    const reversed = !vertical && getComputedStyle(cell).direction === "rtl";
    const forward = /Right|Down/.test(event.key) !== reversed;
    const now = this.at[this.side];
    this.#put(this.side, (forward ? places.find((place) => place > now) : places.findLast((place) => place < now)) ?? now);
  }
}

const nearest = (places, wanted) => places.reduce((best, place) => (best === undefined || Math.abs(place - wanted) < Math.abs(best - wanted) ? place : best), undefined);

/** Where to split one sentence, about `share` (0 to 1) of the way: after punctuation, or else before a word; not at its very start. */
function placeIn(text, share) {
  const wanted = share * text.length;
  const inside = (places) => nearest(places.filter((place) => place > 0 && place < text.length), wanted);
  return inside(afterPunctuation(text)) ?? inside(wordStarts(text)) ?? text.length;
}

const other = (side) => SIDES[1 - SIDES.indexOf(side)];

/** Places in a text with both its ends, in order, each once. */
const ends = (text, places) => [...new Set([0, ...places, text.length])].sort((a, b) => a - b);
