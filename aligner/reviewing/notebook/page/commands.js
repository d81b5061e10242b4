// What can be done, in one table: keys, buttons, menu and help come from it.
// `changes`: refused while the kernel is silent, waits while it is busy; `decides`: waits only for what changes rows otherwise.
// `repeats`: a key held down goes on.

import { askBulk } from "./bulk.js";
import { LONG_PATIENCE } from "./elements.js";
import { askComment, askPlace, askReason, askWho } from "./panels.js";
import { askReplace, askSearch } from "./searching.js";
import { askFilter, showDocuments, showStatistics } from "./views.js";

export const COMMANDS = [
  { group: "Decide", keys: ["a"], name: "Accept", icon: "✓", button: true, changes: true, decides: true, help: "this pair is right; on to the next", run: (app) => app.acts.decide("accepted") },
  { group: "Decide", keys: ["k"], name: "Accept and stay", changes: true, decides: true, help: "accept (keep), without moving on", run: (app) => app.acts.decide("accepted", "", { stay: true }) },
  { group: "Decide", keys: ["r"], name: "Reject", icon: "✕", button: true, changes: true, decides: true, help: "this pair is wrong; a letter or number says why, Enter says nothing", run: askReason },
  { group: "Decide", keys: ["f"], name: "Flag", icon: "⚑", button: true, changes: true, decides: true, help: "to be looked at again, or by somebody else", run: (app) => app.acts.decide("flagged") },
  { group: "Decide", keys: ["w"], name: "Withdraw", changes: true, decides: true, help: "take the decision back: the row is to do again", run: (app) => app.acts.decide("unreviewed", "", { stay: true }) },
  { group: "Decide", keys: ["c"], name: "Comment", icon: "✎", button: true, changes: true, help: "a note on this row", run: askComment },
  { group: "Decide", keys: ["z", "Ctrl+z"], name: "Undo", changes: true, help: "the last thing you did, without limit, of earlier days too", run: (app) => app.acts.undo() },
  { group: "Decide", keys: ["y", "Shift+Z", "Ctrl+y", "Ctrl+Shift+Z"], name: "Redo", changes: true, help: "what was undone last", run: (app) => app.acts.submit("redo", { do: "redo" }, { patience: LONG_PATIENCE }) },

  { group: "Mend", keys: ["e", "F2"], name: "Edit", icon: "✐", button: true, changes: true, help: "either text; the original is kept", run: (app) => app.startEdit() },
  { group: "Mend", keys: ["m"], name: "Merge with next", short: "Merge", icon: "⇓", button: true, changes: true, help: "this row and the one after it in the document become one", run: (app) => app.acts.onRow("merge", { do: "merge", direction: "next" }) },
  { group: "Mend", keys: ["Shift+M"], name: "Merge with previous", changes: true, help: "the same with the one before it", run: (app) => app.acts.onRow("merge", { do: "merge", direction: "previous" }) },
  { group: "Mend", keys: ["s"], name: "Split", icon: "⌶", button: true, changes: true, help: "in two, at a caret in either text", run: (app) => app.startSplit() },
  { group: "Mend", keys: ["ArrowLeft"], name: "Source side", keysOnly: true, help: "U and D then move sentences of the source", run: (app) => app.setSide("source") },
  { group: "Mend", keys: ["ArrowRight"], name: "Target side", keysOnly: true, help: "U and D then move sentences of the target", run: (app) => app.setSide("target") },
  { group: "Mend", keys: ["u"], name: "Sentence up", short: "Up", icon: "↥", button: true, changes: true, help: "the first sentence of the chosen side goes to the row before", run: (app) => app.acts.onRow("move", { do: "move", side: app.side, direction: "up" }) },
  { group: "Mend", keys: ["d"], name: "Sentence down", short: "Down", icon: "↧", button: true, changes: true, help: "the last sentence of the chosen side goes to the row after", run: (app) => app.acts.onRow("move", { do: "move", side: app.side, direction: "down" }) },
  { group: "Mend", keys: [" "], name: "Mark, then link", changes: true, help: "marks a row; on another row it links the two", run: (app) => app.acts.markOrLink() },
  { group: "Mend", keys: ["x"], name: "Unlink", changes: true, help: "the two sides do not belong together: each stands alone", run: (app) => app.acts.onRow("unlink", { do: "unlink" }) },
  { group: "Mend", keys: ["0"], name: "No counterpart", changes: true, help: "says so of the sentences of this row; on to the next", run: (app) => app.acts.markNull() },
  { group: "Mend", keys: ["h"], name: "Find and replace", changes: true, help: "with a preview of every row", run: askReplace },
  { group: "Mend", keys: ["v"], name: "Align document anew", changes: true, help: "around what is decided: those rows stay", run: (app) => app.acts.realign() },

  { group: "Go", keys: ["ArrowDown", "j"], name: "Next row", repeats: true, help: "Shift+↓ selects a range: A, R, F, W then decide all of it", keysOnly: true, run: (app) => app.moveBy(1) },
  { group: "Go", keys: ["ArrowUp", "Shift+J"], name: "Previous row", repeats: true, help: "Shift+↑ selects a range", keysOnly: true, run: (app) => app.moveBy(-1) },
  { group: "Go", keys: ["Shift+ArrowDown"], name: "Select down", repeats: true, help: "one row more", keysOnly: true, run: (app) => app.moveBy(1, true) },
  { group: "Go", keys: ["Shift+ArrowUp"], name: "Select up", repeats: true, help: "one row more", keysOnly: true, run: (app) => app.moveBy(-1, true) },
  { group: "Go", keys: ["PageDown"], name: "Page down", repeats: true, keysOnly: true, help: "as many rows as are on screen", run: (app) => app.moveBy(app.pageRows()) },
  { group: "Go", keys: ["PageUp"], name: "Page up", repeats: true, keysOnly: true, help: "as many rows as are on screen", run: (app) => app.moveBy(-app.pageRows()) },
  { group: "Go", keys: ["Ctrl+ArrowDown"], name: "Read on", repeats: true, keysOnly: true, help: "scrolls a text that is longer than its room; Ctrl ↑ back", run: (app) => app.scrollTexts(1) },
  { group: "Go", keys: ["Ctrl+ArrowUp"], name: "Read back", repeats: true, keysOnly: true, help: "scrolls it back", run: (app) => app.scrollTexts(-1) },
  { group: "Go", keys: ["Home"], name: "First row", help: "of this view", run: (app) => app.moveTo(0) },
  { group: "Go", keys: ["End"], name: "Last row", help: "of this view", run: (app) => app.moveTo(app.rows.total - 1) },
  { group: "Go", keys: ["Ctrl+a"], name: "Select all", help: "all rows of this view; the next decision is for all of them, after a question", run: (app) => app.selectAll() },
  { group: "Go", keys: ["n"], name: "Next doubtful", short: "Doubtful", icon: "⇣", button: true, help: "the next undecided row with a probability under .9", run: (app) => app.goTo("next_doubtful") },
  { group: "Go", keys: ["Shift+N"], name: "Previous doubtful", help: "the same backwards", run: (app) => app.goTo("previous_doubtful") },
  { group: "Go", keys: ["t"], name: "Next to do", help: "the next undecided row", run: (app) => app.goTo("next_unreviewed") },
  { group: "Go", keys: ["o"], name: "Next that is not 1-1", help: "merged, split or without counterpart", run: (app) => app.goTo("next_other") },
  { group: "Go", keys: ["Shift+F"], name: "Next flagged", help: "by whomever", run: (app) => app.goTo("next_flagged") },
  { group: "Go", keys: ["q"], name: "Next conflict", help: "the next row on which reviewers disagree", run: (app) => app.goTo("next_conflict") },
  { group: "Go", keys: ["g"], name: "Go to row", help: "by its number in this view", run: askPlace },
  { group: "Go", keys: ["/"], name: "Search", help: "in both texts; . and , go on", run: askSearch },
  { group: "Go", keys: ["."], name: "Next hit", help: "of the last search", run: (app) => app.hit(1) },
  { group: "Go", keys: [","], name: "Previous hit", help: "of the last search", run: (app) => app.hit(-1) },

  { group: "View", keys: ["l"], name: "Filter and order", help: "status, probability, flags, document, reviewer, text", run: askFilter },
  { group: "View", keys: ["p"], name: "Documents", help: "how far they are, and who reviews them", run: showDocuments },
  { group: "View", keys: ["Shift+P"], name: "In its document", help: "the document of this row as it stands; again: back to where you were", run: (app) => app.showInDocument() },
  { group: "View", keys: ["b"], name: "Accept many", changes: true, help: "all above a probability, after a look at a random sample", run: askBulk },
  { group: "View", keys: ["i"], name: "Progress", help: "figures, pace, agreement of reviewers", run: showStatistics },
  { group: "View", keys: ["Shift+W"], name: "Reviewer", help: "another name", run: (app) => askWho(app) },
  { group: "View", keys: ["?", "F1"], name: "Help", help: "this overlay", run: (app) => app.showHelp() },
  { group: "View", keys: ["Escape"], name: "Leave", keysOnly: true, help: "a range, a mark, marks of a search, a sample", run: (app) => app.leave() },
];

export const COMMAND_OF = new Map(COMMANDS.flatMap((command) => command.keys.map((key) => [key, command])));
export const named = (name) => COMMANDS.find((command) => command.name === name);

const KEY_NAMES = { " ": "Space", ArrowLeft: "←", ArrowRight: "→", ArrowUp: "↑", ArrowDown: "↓", Escape: "Esc", PageDown: "PgDn", PageUp: "PgUp" };

export function keyName(key) {
  return key.split(/\+(?=.)/).map((part) => KEY_NAMES[part] ?? (part.length === 1 ? part.toUpperCase() : part)).join(" ");
}

/** What a key is called in the table. Other alphabets go by the key's place, capitals by Shift and not by Caps Lock. */
export function keyOf(event) {
  if (event.altKey || event.isComposing) return "";
  let { key } = event;
  const control = event.ctrlKey || event.metaKey ? "Ctrl+" : "";
  if (key.length === 1 && key > "\x7f" && /^Key[A-Z]$/.test(event.code)) key = event.code[3];
  if (/^[a-z]$/i.test(key)) return `${control}${event.shiftKey ? `Shift+${key.toUpperCase()}` : key.toLowerCase()}`;
  if (key.length === 1) return control + key; // Shift only chose the character
  return `${control}${event.shiftKey ? "Shift+" : ""}${key}`;
}
