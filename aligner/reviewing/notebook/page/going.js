import { EMPTY_FILTER, LONG_PATIENCE, clamp, counted } from "./elements.js";
import { rowId } from "./drawing.js";
import { Rows } from "./rows.js";

/** Kinds of rows that one can go to; `doubtful` is the least probability that is not. */
const KINDS = {
  doubtful: (row, doubtful) => row.status === "unreviewed" && (row.probability ?? 0) < doubtful,
  unreviewed: (row) => row.status === "unreviewed",
  other: (row) => row.shape !== "1-1",
  flagged: (row) => row.status === "flagged",
  conflict: (row) => row.flags.includes("conflict"),
};

/** Where one is among the rows, what of them is selected and was searched for, and how one gets elsewhere; the widget is all the rest of it. */
export class Going {
  constructor() {
    this.rows = new Rows();
    this.cursor = 0;
    this.order = "doubt";
    this.sorted = true; // whether all rows stand where they belong: what was changed stays before one's eyes until one goes on
    this.withContext = true; // whether neighbours in the document are not neighbours in the list
    this.filter = EMPTY_FILTER;
    this.doubtful = 1;
    this.counts = {}; // of all rows of the corpus, by status
    this.side = "source";
    this.range = null; // [anchor, head]: selected places
    this.wanted = null; // what was searched for
    this.hits = [];
    this.wantedStamp = 0;
    this.cameFrom = null; // what was shown before the document of one row, and that row
  }

  get current() {
    return this.rows.at(this.cursor);
  }

  isSelected(place) {
    return this.range !== null && place >= Math.min(...this.range) && place <= Math.max(...this.range);
  }

  selectedCount() {
    return this.range ? Math.abs(this.range[0] - this.range[1]) + 1 : 1;
  }

  pageRows() {
    return Math.max(1, Math.floor(this.list.viewHeight / 90));
  }

  // -- moving

  moveBy(rows, extend = false) {
    this.moveTo(this.cursor + rows, { extend });
  }

  moveTo(place, { extend = false, pinned = this.withContext } = {}) {
    if (!this.rows.total) return;
    if (this.mode) this.dropMode();
    const before = this.cursor;
    this.cursor = clamp(place, 0, this.rows.total - 1);
    this.range = extend ? [this.range?.[0] ?? before, this.cursor] : null;
    this.rows.trim(this.cursor);
    this.list.reveal(this.cursor, pinned && !extend);
    this.announce();
    this.supply.prefetch();
    this.supply.placeLater();
  }

  /** Both texts of the current row, where they are longer than their room. */
  scrollTexts(direction) {
    for (const cell of this.list.element.querySelectorAll(".al-current > .al-main .al-text")) cell.scrollBy({ top: direction * 0.8 * cell.clientHeight });
  }

  selectAll() {
    if (!this.rows.total) return;
    this.range = [0, this.rows.total - 1];
    this.say(`${counted(this.rows.total, "row")} selected: A, R, F or W decides all of them; Esc leaves.`);
    this.list.paint();
  }

  setSide(side) {
    this.side = side;
    this.list.paint();
  }

  /** Let screen readers know which row is the current one. */
  announce() {
    const key = this.rows.keys.get(this.cursor);
    if (key === undefined) this.list.element.removeAttribute("aria-activedescendant");
    else this.list.element.setAttribute("aria-activedescendant", rowId(this, key));
  }

  goTo(to) {
    const near = this.#near(to);
    if (near === null) this.acts.submit("go", { do: "go", to });
    else this.moveTo(near);
  }

  /** Where the next row of a kind stands, if the page itself can tell; null where the kernel must. */
  #near(to) {
    const [step, kind] = to.split("_");
    const wanted = KINDS[kind];
    if (!wanted || (kind === "doubtful" && !this.sorted)) return null;
    const direction = step === "next" ? 1 : -1;
    for (let place = this.cursor + direction; ; place += direction) {
      const row = this.rows.at(place);
      if (!row) return null;
      if (wanted(row, this.doubtful)) return place;
    }
  }

  /** The document of the current row, as it stands; where that is shown, back to what was shown before. */
  async showInDocument() {
    const { cameFrom, current, filter, order } = this;
    const isThere = cameFrom !== null && order === "document" && filter.document === cameFrom.document;
    if (!isThere && !current) return;
    this.cameFrom = isThere ? null : { filter, order, key: current.key, document: current.alignment };
    try {
      if (isThere) await this.setView(cameFrom.filter, cameFrom.order, cameFrom.key);
      else await this.setView({ ...EMPTY_FILTER, document: current.alignment }, "document");
    } catch (error) {
      this.say(error.message, "error");
    }
  }

  async search(wanted) {
    const { places } = await this.kernel.ask({ do: "search", ...wanted }, LONG_PATIENCE);
    this.wanted = wanted;
    this.wantedStamp++;
    this.hits = places;
    this.list.paint();
    if (places.length) this.hit(1, this.cursor - 1);
    this.say(places.length ? `Found in ${counted(places.length, "row")}; . goes to the next one.` : "Not found in the rows that are shown.");
  }

  hit(direction, from = this.cursor) {
    if (!this.hits.length) return this.say(this.wanted ? "No hits in this view: search again." : "Nothing was searched for yet: / searches.");
    const next = direction > 0 ? this.hits.find((place) => place > from) : this.hits.findLast((place) => place < from);
    return this.moveTo(next ?? this.hits.at(direction > 0 ? 0 : -1));
  }
}
