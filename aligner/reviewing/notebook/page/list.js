import { DRAWN_ROWS, OURS, clamp, h } from "./elements.js";

/** Heights of all rows, most of them estimated: place ↔ pixel in logarithmic time (Fenwick 1994). */
class Heights {
  constructor(count, estimate) {
    this.count = count;
    this.heights = new Float64Array(count).fill(estimate);
    this.tree = new Float64Array(count + 1);
    for (let at = 1; at <= count; at++) {
      this.tree[at] += estimate;
      const parent = at + (at & -at);
      if (parent <= count) this.tree[parent] += this.tree[at];
    }
    this.high = 1;
    while (this.high * 2 <= count) this.high *= 2;
  }

  set(place, height) {
    const change = height - this.heights[place];
    this.heights[place] = height;
    for (let at = place + 1; at <= this.count; at += at & -at) this.tree[at] += change;
    return change;
  }

  top(place) {
    let sum = 0;
    for (let at = place; at > 0; at -= at & -at) sum += this.tree[at];
    return sum;
  }

  at(pixel) {
    let place = 0;
    for (let step = this.high, rest = pixel; step > 0; step = step >> 1) {
      if (place + step > this.count || this.tree[place + step] > rest) continue;
      place += step;
      rest -= this.tree[place];
    }
    return Math.min(place, Math.max(0, this.count - 1));
  }
}

/** The rows on screen. `draw(place)` makes a row's element, `sign(place)` says whether it must be made anew. */
export class List {
  constructor({ draw, sign, keyOf, cursor, onView }) {
    Object.assign(this, { draw, sign, keyOf, cursor, onView });
    this.nodes = new Map(); // key → { node, sign, place, top }
    this.shown = [0, -1];
    this.estimate = 64;
    this.heights = new Heights(0, this.estimate);
    this.space = h("div", { class: "al-space", role: "presentation" });
    this.notice = h("div", { class: "al-notice", role: "presentation", hidden: true });
    this.element = h("div", { class: "al-list", tabindex: "0", ...OURS, role: "listbox", "aria-label": "Rows: source and target" }, this.notice, this.space);
    this.element.addEventListener("scroll", () => this.paint(), { passive: true });
    this.watcher = new ResizeObserver(() => this.#resized());
    this.watcher.observe(this.element);
  }

  /** Another order: heights are estimated anew; the row at `anchor` stays where it is on screen. */
  reset(count, place, offset) {
    this.heights = new Heights(count, this.estimate);
    for (const drawn of this.nodes.values()) drawn.place = -1; // to be measured again
    this.#resize();
    if (count) this.element.scrollTop = this.heights.top(place) - offset;
  }

  /** What stands there where there are no rows. */
  say(words) {
    this.notice.textContent = words;
    this.notice.hidden = !words || this.heights.count > 0;
  }

  /** Pixels from the top of the list to a row. */
  offset(place) {
    return this.heights.top(place) - this.element.scrollTop;
  }

  paint() {
    for (let round = 0; round < 4; round++) if (!this.#paintOnce()) break;
    this.shown = this.#range();
    this.onView(...this.shown);
  }

  /** Paint; a row that was whole on screen stays so, though it has grown by its neighbours. */
  paintAround(place) {
    const wasWhole = this.#isWhole(place);
    this.paint();
    if (wasWhole && !this.#isWhole(place)) this.reveal(place, false);
  }

  /** Bring a row into view; `pinned` keeps it at one height, so that the eye need not look for it. */
  reveal(place, pinned) {
    this.paint();
    for (let round = 0; round < 2; round++) {
      const drawn = this.nodes.get(this.keyOf(place));
      const main = drawn?.node.querySelector(".al-main");
      const before = main ? main.offsetTop : 0;
      const top = this.heights.top(place);
      const height = this.heights.heights[place] ?? this.estimate;
      const room = this.viewHeight;
      const margin = Math.min(70, room / 8);
      const now = this.element.scrollTop;
      let wanted = now;
      if (pinned && height < room) wanted = clamp(top + before - room * 0.34, top + height - room + 8, top - 8);
      else if (height + margin > room) wanted = top + before - margin;
      else if (top < now + margin) wanted = top - margin;
      else if (top + height > now + room - margin) wanted = top + height - room + margin;
      if (Math.abs(wanted - now) < 1) break;
      this.element.scrollTop = wanted;
      this.paint();
    }
  }

  /** A row has another height than when it was drawn. */
  measure(key) {
    const drawn = this.nodes.get(key);
    if (!drawn) return;
    drawn.place = -1;
    this.paint();
  }

  get viewHeight() {
    return this.knownHeight || (this.knownHeight = this.element.clientHeight);
  }

  close() {
    this.watcher.disconnect();
  }

  #isWhole(place) {
    if (place >= this.heights.count) return false;
    const top = this.offset(place);
    return top >= -1 && top + this.heights.heights[place] <= this.viewHeight + 1;
  }

  #range() {
    const { count } = this.heights;
    if (!count) return [0, -1];
    const top = this.element.scrollTop;
    const first = Math.max(0, this.heights.at(Math.max(0, top)) - 3);
    let last = this.heights.at(top + this.viewHeight) + 3;
    last = Math.min(last, first + DRAWN_ROWS - 1, count - 1);
    return [first, last];
  }

  #paintOnce() {
    const [first, last] = this.#range();
    const cursor = this.cursor();
    const places = [];
    for (let place = first; place <= last; place++) places.push(place);
    if (this.heights.count && cursor > last) places.push(cursor);
    if (this.heights.count && cursor < first) places.unshift(cursor);
    const wanted = new Set();
    const fresh = [];
    for (const place of places) {
      const key = this.keyOf(place);
      wanted.add(key);
      if (this.#drawn(key, place)) fresh.push(key);
    }
    for (const [key, { node }] of this.nodes) {
      if (wanted.has(key)) continue;
      node.remove();
      this.nodes.delete(key);
    }
    this.#sort(places);
    const anchor = cursor >= first && cursor <= last ? cursor : first;
    const changed = this.#measure(fresh, anchor);
    this.#place();
    return changed;
  }

  /** Make or keep the element of a row; true where its height must be measured. */
  #drawn(key, place) {
    const sign = this.sign(place);
    const old = this.nodes.get(key);
    if (old && old.sign === sign) {
      const moved = old.place !== place;
      old.place = place;
      return moved;
    }
    const node = this.draw(place);
    if (old) old.node.replaceWith(node);
    else this.space.append(node);
    this.nodes.set(key, { node, sign, place, top: -1 });
    return true;
  }

  /** The elements in the order of the rows, for screen readers and for who selects text. */
  #sort(places) {
    let next = this.space.firstChild;
    for (const place of places) {
      const { node } = this.nodes.get(this.keyOf(place));
      if (node === next) next = next.nextSibling;
      else this.space.insertBefore(node, next);
    }
  }

  /** Heights of new elements; what stands above the anchor must not push it about. */
  #measure(fresh, anchor) {
    if (!fresh.length) return false;
    const offset = this.offset(anchor);
    let changed = false;
    for (const key of fresh) {
      const drawn = this.nodes.get(key);
      const height = drawn.node.offsetHeight;
      if (height && Math.abs(this.heights.set(drawn.place, height)) > 0.5) changed = true;
    }
    if (!changed) return false;
    this.#resize();
    const wanted = this.heights.top(anchor) - offset;
    if (Math.abs(wanted - this.element.scrollTop) > 1) this.element.scrollTop = wanted;
    return true;
  }

  #place() {
    for (const drawn of this.nodes.values()) {
      const top = this.heights.top(drawn.place);
      if (top === drawn.top) continue;
      drawn.top = top;
      drawn.node.style.transform = `translateY(${top}px)`;
    }
  }

  #resize() {
    this.space.style.height = `${this.heights.top(this.heights.count)}px`;
  }

  #resized() {
    const width = this.element.clientWidth;
    const hidden = !this.knownHeight;
    const [first, last] = this.shown;
    const seen = this.cursor() >= first && this.cursor() <= last; // it stays so, whatever room there is now
    this.knownHeight = this.element.clientHeight;
    if (!this.knownHeight) return; // a notebook takes cells out of the page that are not on screen
    const cursor = this.cursor();
    if (width !== this.knownWidth) {
      this.knownWidth = width;
      this.reset(this.heights.count, cursor, this.offset(cursor));
    }
    if (hidden || seen) this.reveal(cursor, hidden);
    else this.paint();
  }
}
