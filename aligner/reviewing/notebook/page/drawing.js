// One row of the list as an element: texts, what is said of them, neighbours in the document.

import { SIDES, SHORT_TEXT, STATUS, FLAGS, flagWords, h, number, probabilityWords, shortName, shortened } from "./elements.js";
import { inUnits, textNodes, hitsIn } from "./texts.js";

export const rowId = (app, key) => `${app.id}-${key.replace(/[^\w-]/g, "_")}`;

function statusMark(status) {
  const { icon, word } = STATUS[status] ?? STATUS.unreviewed;
  return h("span", { class: "al-status", "data-status": status }, h("span", { class: "al-icon", "aria-hidden": "true" }, icon), word);
}

/** Probability as number and bar; the bar's pattern and colour say the same once more. `awaited`: where there is none yet, but soon. */
function probabilityMark(app, probability, awaited) {
  if (probability === null || probability === undefined) {
    const why = awaited ? "the probability is being found" : "only a pair gets a probability, and only where the model is there";
    return h("span", { class: "al-probability", title: why }, awaited ? "p …" : "no score");
  }
  const level = probability < 0.5 ? "low" : probability < app.doubtful ? "middle" : "high";
  const shown = probabilityWords(probability);
  const bar = h("span", { class: "al-bar", "data-level": level, "aria-hidden": "true" }, h("span", { style: `width:${100 * probability}%` }));
  return h("span", { class: "al-probability", title: `probability that this pair is right: ${shown}` }, shown, bar);
}

/** Whether the model will have found something of a row that it has not yet. */
const isAwaited = (app, row) => !app.supply.unmarked && !row.flags.includes("null");

function gutter(app, row, place) {
  const { total } = app.rows;
  return h(
    "div",
    { class: "al-gutter" },
    h("div", {}, h("span", { class: "al-number", title: `row ${place + 1} of ${total} in this view` }, number(place + 1)), statusMark(row.status)),
    row.reviewer && row.reviewer !== app.reviewer && row.status !== "unreviewed" ? h("div", { class: "al-by", title: `${STATUS[row.status].word} by ${row.reviewer}` }, `by ${row.reviewer}`) : null,
    probabilityMark(app, row.probability, isAwaited(app, row)),
  );
}

/** One side of a row; `whole` where nothing is cut off. */
function textCell(app, row, side, whole) {
  const at = SIDES.indexOf(side);
  const full = row[side];
  const text = whole ? full : shortened(full, SHORT_TEXT);
  const cell = h("div", { class: "al-text", "data-side": side, dir: "auto", lang: app.languages[at] ?? null });
  if (!full) cell.append(h("span", { class: "al-nothing" }, "— nothing —"));
  else {
    const parts = row[`${side}_parts`] ?? [];
    cell.append(
      ...textNodes(text, {
        parts: parts.length > 1 ? inUnits(full, parts) : [],
        marks: row.marks ? inUnits(full, row.marks[at]) : [],
        hits: hitsIn(text, app.wanted),
      }),
    );
  }
  return cell;
}

/** Of a row with one side: what is supposed of it is not what somebody said. */
function nullWords({ status }) {
  if (status === "accepted") return [`✓ ${FLAGS.null}`, "flag", "somebody said that this has no counterpart"];
  return [`${FLAGS.null}?`, "quiet", "not said by anybody yet: 0 or A says that it has none indeed"];
}

/** What is said of a row beside its texts: shape, flags and, where it is the current one, all the rest. */
function metaLine(app, row, current) {
  const line = h("div", { class: "al-meta" });
  const add = (text, kind, title) => line.append(h("span", { class: `al-chip${kind ? ` al-${kind}` : ""}`, title: title ?? null }, text));
  if (current || row.shape !== "1-1") add(row.shape, "shape", "sentences in source and target");
  for (const flag of row.flags ?? []) {
    if (flag === "null") add(...nullWords(row));
    else add(flagWords(flag), flag === "conflict" ? "alarm" : "flag");
  }
  const mending = app.mode?.key === row.key;
  for (const [kind, reason] of Object.entries(row.annotations ?? {})) {
    // Whoever reviews by keys points at nothing: the current row says it all, but for when its room is wanted for other things.
    add(`${flagWords(kind)}?${current && !mending ? ` ${shortened(reason, 200)}` : ""}`, "doubt", reason);
  }
  if (row.reason) add(app.reasonWords(row.reason), "reason", "why it was rejected");
  if (app.drafts.has(row.key)) add("text not saved: E goes on", "alarm");
  if (app.marked === row.key) add("marked: Space on another row links", "alarm");
  for (const [reviewer, status] of Object.entries(row.others ?? {})) {
    const { icon, word } = STATUS[status] ?? STATUS.unreviewed;
    add(`${reviewer}: ${icon} ${word}`, "other");
  }
  if (current) {
    add(`${shortened(shortName(row.document), 70)} · ${number(row.place)} of ${number(row.of)}`, "place", row.document);
    if (row.cosine !== null && row.cosine !== undefined) add(`cosine ${row.cosine.toFixed(2)}`, "quiet");
    if (row.reviewer && row.status !== "unreviewed") add(`${row.reviewer}, ${localTime(row.at)}`, "quiet");
  }
  return line.childElementCount ? line : null;
}

function localTime(at) {
  const time = new Date(at);
  return Number.isNaN(time.getTime()) ? at : time.toLocaleString(undefined, { dateStyle: "medium", timeStyle: "short" });
}

/** What the documents say, where a reviewer edited. */
function originalLines(row) {
  if (!row.original) return [];
  return SIDES.flatMap((side, at) =>
    row.original[at] === row[side] ? [] : [h("div", { class: "al-original" }, h("b", {}, `${side} before: `), h("bdi", {}, row.original[at]))],
  );
}

export function commentLines(row) {
  return (row.comments ?? []).map(({ reviewer, at, text }) =>
    h("div", { class: "al-comment" }, h("b", {}, `${reviewer}, ${localTime(at)}: `), h("bdi", {}, text)),
  );
}

/** A neighbour in the document, dimmed. */
function neighbour(app, row) {
  return h(
    "div",
    { class: "al-near al-sides", "aria-hidden": "true", "data-key": row.key, title: "a neighbour in the document" },
    h("div", { class: "al-gutter" }, statusMark(row.status)),
    textCell(app, row, "source", false),
    textCell(app, row, "target", false),
  );
}

/** The keys of a mode, and the same as buttons. */
function hintLine(keys, buttons) {
  return h(
    "div",
    { class: "al-hint" },
    ...keys.flatMap(([key, what]) => [h("kbd", {}, key), ` ${what}  `]),
    ...buttons.map(([name, onclick]) => h("button", { type: "button", onclick }, name)),
  );
}

/** A row as an element. */
export function drawRow(app, place) {
  const row = app.rows.at(place);
  const top = { class: "al-row", role: "option", "aria-setsize": app.rows.total, "aria-posinset": place + 1, "aria-selected": "false" };
  if (!row) return h("div", { ...top, class: "al-row al-waiting", "data-place": place }, h("div", { class: "al-main" }, "…"));
  const current = place === app.cursor;
  const mode = current && app.mode?.key === row.key ? app.mode : null;
  const chosen = app.isSelected(place);
  const cells = mode ? mode.cells(row) : SIDES.map((side) => textCell(app, row, side, current));
  if (current && !mode) cells[SIDES.indexOf(app.side)].classList.add("al-side");
  const { before = [], after = [] } = (current && app.withContext && app.rows.contexts.get(row.key)) || {};
  const known = (keys) => keys.map((key) => app.rows.byKey.get(key)).filter(Boolean);
  return h(
    "div",
    {
      ...top,
      id: rowId(app, row.key),
      class: `al-row${current ? " al-current" : ""}${chosen ? " al-chosen" : ""}${app.marked === row.key ? " al-marked" : ""}`,
      role: mode?.role ?? "option",
      "aria-selected": String(current || chosen),
      "aria-label": current ? spoken(app, row, place) : null,
      "data-place": place,
      "data-key": row.key,
      "data-status": row.status,
      "data-unconfirmed": row.unconfirmed,
    },
    ...known(before).map((near) => neighbour(app, near)),
    h(
      "div",
      { class: "al-main" },
      h("div", { class: "al-sides" }, gutter(app, row, place), ...cells),
      metaLine(app, row, current),
      ...(current ? [...originalLines(row), ...commentLines(row)] : []),
      mode ? hintLine(mode.keys, mode.buttons) : null,
    ),
    ...known(after).map((near) => neighbour(app, near)),
  );
}

/** A row for a screen reader. */
function spoken(app, row, place) {
  const probability = row.probability === null || row.probability === undefined ? "" : `probability ${probabilityWords(row.probability)}, `;
  const found = Object.entries(row.annotations ?? {}).map(([kind, reason]) => `${flagWords(kind)}? ${shortened(reason, 300)}`);
  const flags = [...(row.flags ?? []).map(flagWords), ...found].map((words) => `${words}, `).join("");
  const texts = SIDES.map((side) => `${side}: ${shortened(row[side], 1500) || "nothing"}`).join(". ");
  return `Row ${place + 1} of ${app.rows.total}, ${STATUS[row.status]?.word}, ${probability}${flags}${row.shape}. ${texts}`;
}

/** All that a row's element depends on, to know when it must be made anew. */
export function signRow(app, place) {
  const row = app.rows.at(place);
  if (!row) return `waiting ${place}`;
  const current = place === app.cursor;
  const context = current && app.withContext ? app.rows.contexts.get(row.key) : null;
  const near = context ? [...context.before, ...context.after].map((key) => app.stamp(app.rows.byKey.get(key))) : "";
  if (current && app.mode?.key === row.key) return app.mode.sign;
  const state = [row.probability === null && isAwaited(app, row), current && app.side, app.isSelected(place), app.marked === row.key, app.drafts.has(row.key), app.wantedStamp];
  return [app.stamp(row), place, current, near, ...state].join("|");
}
