import { STATUS, counted, flagWords, h, number, shortened } from "./elements.js";
import { COMMANDS, keyName, named } from "./commands.js";
import { showMenu } from "./help.js";

/** Hours in words. */
function duration(hours) {
  return hours < 1 ? `about ${Math.max(1, Math.round(hours * 60))} min` : `about ${hours.toFixed(hours < 10 ? 1 : 0)} h`;
}

/** What rows are, so that their number agrees with what other commands say. */
const rowsWords = (beads, nulls) => `${counted(beads, "row")}: ${counted(beads - nulls, "pair")}, each at its place, and ${counted(nulls, "sentence")} without counterpart`;

/** What stands above and below the rows: progress, what is shown, buttons; what was said and what waits. */
export class Head {
  constructor(app) {
    const button = (command) => h(
      "button",
      { type: "button", title: `${command.name} (${keyName(command.keys[0])}): ${command.help}`, "aria-label": command.name, onclick: () => app.run(command) },
      command.icon ? h("span", { class: "al-icon", "aria-hidden": "true" }, `${command.icon} `) : null,
      command.short ?? command.name,
      h("kbd", {}, keyName(command.keys[0])),
    );
    const small = (name, icon) => {
      const command = named(name);
      return h("button", { type: "button", class: "al-small-button", "aria-label": name, title: `${name} (${keyName(command.keys[0])})`, onclick: () => app.run(command) }, icon);
    };
    this.progress = h("div", { class: "al-progress", role: "progressbar", "aria-label": "decided", "aria-valuemin": "0", "aria-valuemax": "100" }, h("div", { style: "width:0" }));
    this.figures = h("span", { class: "al-figures" }, "loading …");
    this.pace = h("span", { class: "al-pace" });
    this.view = h("button", { type: "button", class: "al-view", title: "Filter and order (L)", onclick: () => app.run(named("Filter and order")) });
    this.who = h("button", { type: "button", class: "al-who", title: "Reviewer (Shift W)", onclick: () => app.run(named("Reviewer")) });
    this.banner = h("div", { class: "al-banner", role: "alert", hidden: true });
    this.message = h("span", { class: "al-message", role: "status", "aria-live": "polite" });
    this.waitingKeys = h("span", { class: "al-queue" });
    const bar = h(
      "div",
      { class: "al-head" },
      this.progress, this.figures, this.pace, this.view, h("span", { class: "al-gap" }), this.who,
      small("Undo", "↶"), small("Redo", "↷"), small("Search", "⌕"), small("Help", "?"),
      h("button", { type: "button", class: "al-small-button", "aria-label": "All commands", title: "All commands", "aria-haspopup": "menu", onclick: () => showMenu(app) }, "⋯"),
    );
    const tools = h("div", { class: "al-tools", role: "toolbar", "aria-label": "What to do with the current row" }, ...COMMANDS.filter((command) => command.button).map(button));
    this.below = h("div", { class: "al-foot" }, this.message, this.waitingKeys, h("span", { class: "al-focus-hint" }, "click here, then use the keys; ? shows them"));
    this.above = [bar, tools, this.banner];
  }

  say(words, kind) {
    this.message.textContent = words;
    this.message.dataset.kind = kind;
  }

  showQueue({ commands, words }, silent) {
    this.waitingKeys.textContent = commands.length ? `waiting: ${commands.map((command) => command.name).join(", ")}` : "";
    this.banner.hidden = !silent;
    if (!silent) return;
    const unsent = words.length ? `Not confirmed: ${words.join(", ")}.` : "All that you decided was saved.";
    this.banner.textContent = `The kernel does not answer: it is busy, or gone. Nothing is decided until it does; if it is gone, run the cell again. ${unsent}`;
  }

  /** How many rows have each status, as every answer says. */
  showCounts(counts) {
    const beads = Object.values(counts).reduce((sum, count) => sum + count, 0);
    const decided = beads - (counts.unreviewed ?? 0);
    const part = beads ? (100 * decided) / beads : 0;
    this.progress.setAttribute("aria-valuenow", part.toFixed(0));
    this.progress.firstChild.style.width = `${part}%`;
    this.figures.textContent = `${number(decided)} of ${counted(beads, "row")} decided`;
  }

  showPace({ beads, nulls, remaining: open, per_hour: pace }) {
    this.figures.title = rowsWords(beads, nulls);
    this.pace.textContent = pace > 0 ? `${number(Math.round(pace))} an hour${open ? `, ${duration(open / pace)} left` : ""}` : "";
  }

  showView({ filter, order, reviewer, rows }) {
    const parts = [];
    if (filter.sampled) parts.push("random sample, Esc leaves it");
    else {
      parts.push(order === "document" ? "as in the documents" : "doubtful first");
      if (filter.status.length) parts.push(filter.status.map((code) => STATUS[code].word).join(" or "));
      if (filter.probability[0] > 0 || filter.probability[1] < 1) parts.push(`probability ${filter.probability.join("–")}`);
      if (filter.flags.length) parts.push(filter.flags.map(flagWords).join(" or "));
      if (filter.document !== null) parts.push("one document");
      if (filter.reviewer) parts.push(`by ${filter.reviewer}`);
      if (filter.text) parts.push(`“${shortened(filter.text, 20)}”`);
      if (filter.shapes.length) parts.push(filter.shapes.join(", "));
      if (filter.mine) parts.push("mine");
      if (filter.open_to_me) parts.push("open to me");
    }
    this.view.textContent = `${counted(rows.total, "row")}: ${parts.join(", ")} ▾`;
    this.who.textContent = reviewer || "who?";
  }
}
