// Words and numbers that several parts use, and how elements are made. Texts of a corpus become text nodes, never markup.

export const PATIENCE = 10_000; // ms without an answer after which the kernel counts as gone
export const LONG_PATIENCE = 60_000; // the same for what loads an encoder or changes thousands of rows
export const SLOW = 1_500; // the same after which it is said what the page waits for when it is opened
export const POLL = 5_000; // ms between questions whether others changed something
export const CHUNK = 50; // rows a question at most
export const LEAST_HEIGHT = 360; // pixels of the widget
export const NOTEBOOK_BARS = 150; // pixels of a window that a notebook takes for its menu and tool bars
export const KEPT_ROWS = 4_000; // rows held by the page
export const DRAWN_ROWS = 38; // rows in the page at most, the current one besides
export const SHORT_TEXT = 700; // characters of a text that is not current
export const ASK_ABOVE = 50; // decisions on more rows than these ask first

export const SIDES = ["source", "target"];

export const STATUS = {
  unreviewed: { icon: "○", word: "to do" },
  accepted: { icon: "✓", word: "accepted" },
  rejected: { icon: "✕", word: "rejected" },
  flagged: { icon: "⚑", word: "flagged" },
};

export const FLAGS = {
  null: "no counterpart",
  edited: "edited",
  restructured: "boundaries changed",
  changed: "changed since review",
  conflict: "reviewers disagree",
  commented: "commented",
};

/** What the texts of a row may have wrong with them, by the kinds of `aligner.annotations`. */
export const ANNOTATIONS = {
  language: "wrong language",
  copy: "not translated",
  length: "lengths differ",
  numbers: "numbers differ",
  mojibake: "broken letters",
  repetition: "repeats itself",
  addresses: "address alone",
};

/** Both are filters, and said of a row. */
export const flagWords = (code) => FLAGS[code] ?? ANNOTATIONS[code] ?? code;

export const EMPTY_FILTER = { status: [], probability: [0, 1], flags: [], document: null, reviewer: null, text: "", shapes: [], mine: false, open_to_me: false, sampled: false };

/** Keeps the notebook's shortcuts away. On every element that takes the focus: Notebook 7 looks at that first, and at what is around it too late. */
export const OURS = { "data-lm-suppress-shortcuts": "true" };

/** An element with attributes, listeners (`onclick`), properties (`value`) and children; strings become text nodes. */
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  if (tag === "button") attributes = { ...OURS, ...attributes };
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name === "value" || name === "checked") element[name] = value;
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

export const number = (value) => value.toLocaleString("en");
/** A probability in three digits; never rounded up, for .9996 is not certain. */
export const probabilityWords = (value) => (value >= 1 ? "1" : (Math.floor(value * 1000 + 1e-9) / 1000).toFixed(3).replace(/^0/, ""));
export const counted = (count, word, words = `${word}s`) => `${number(count)} ${count === 1 ? word : words}`;
export const shortened = (text, length) => (text.length > length ? `${text.slice(0, length - 1)}…` : text);
export const shortName = (documents) => documents.split(" – ").map((path) => path.split(/[\\/]/).at(-1)).join(" – ");
export const clamp = (value, low, high) => Math.max(low, Math.min(high, value));
