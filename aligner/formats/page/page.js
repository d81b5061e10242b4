"use strict";
// Shows the units of the page. Texts become text nodes and nothing else, so that none of them can be markup.

const PAGE = 100;
const PRINTED = 5000; // more rows than this take a browser minutes to lay out
const SIGNS = { accepted: "✓", rejected: "✗", flagged: "⚑", unreviewed: "○" };

const units = [];
for (const block of document.querySelectorAll("script.units")) {
  for (const { langs, documents, rows } of JSON.parse(block.textContent)) {
    for (const [source, target, probability, status, doubts = []] of rows) {
      units.push({ number: units.length + 1, texts: [source, target], probability, status, doubts, langs, documents });
    }
  }
  block.remove();
}

const at = (id) => document.getElementById(id);
const count = (number, noun) => `${number.toLocaleString("en")} ${noun}${number === 1 ? "" : "s"}`;
const place = ({ documents: [source, target] }) => (source === target || !target ? source : `${source} – ${target}`);

function made(tag, className, ...children) {
  const element = document.createElement(tag);
  if (className) element.className = className;
  element.append(...children);
  return element;
}

// What a search takes for the same: letters with accent or in capitals, and what keyboards have no key for. Letter by letter, so that
// what is found can be marked in the text as it stands.
const ALIKE = { œ: "oe", æ: "ae", ß: "ss", "’": "'", "\u00a0": " ", "\u202f": " " };
const folded = (letter) => {
  const plain = letter.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
  return ALIKE[plain] ?? plain;
};
const letters = (text) => Array.from(text, (letter) => [letter, letter < "\x80" ? letter.toLowerCase() : folded(letter)]);
const searchable = (text) => letters(text).map(([, plain]) => plain).join("");

function marked(text, wanted) {
  if (!wanted) return [text];
  const pairs = letters(text);
  const plain = pairs.map(([, letter]) => letter).join("");
  const starts = []; // where each letter of the text begins in `plain`
  let length = 0;
  for (const [, letter] of pairs) {
    starts.push(length);
    length += letter.length;
  }
  const inside = new Set();
  for (let from = plain.indexOf(wanted); from >= 0; from = plain.indexOf(wanted, from + wanted.length)) {
    starts.forEach((start, index) => {
      if (start < from + wanted.length && start + pairs[index][1].length > from) inside.add(index);
    });
  }
  const parts = [];
  pairs.forEach(([letter], index) => {
    const isMarked = inside.has(index);
    if (!parts.length || parts.at(-1).isMarked !== isMarked) parts.push({ isMarked, text: "" });
    parts.at(-1).text += letter;
  });
  return parts.map((part) => (part.isMarked ? made("mark", "", part.text) : part.text));
}

/** Cut after three digits, so that .9996 is not taken for certain. */
function probabilityWords(value) {
  return (Math.floor(value * 1000 + 1e-9) / 1000).toFixed(3);
}

function rowOf(unit, wanted, isPlaced) {
  const head = made("th", "", made("span", "number", `${unit.number}`));
  head.scope = "row";
  head.append(made("span", `status ${unit.status in SIGNS ? unit.status : ""}`, `${SIGNS[unit.status] ?? "·"} ${unit.status}`));
  if (unit.probability !== null) {
    const bar = made("i", "");
    bar.style.setProperty("--share", `${100 * unit.probability}%`);
    const written = made("span", "probability", probabilityWords(unit.probability), bar);
    written.title = "probability that the two texts translate each other";
    head.append(written);
  }
  for (const doubt of unit.doubts) head.append(made("span", "doubt", `${doubt}?`));
  if (isPlaced && place(unit)) head.append(made("span", "place", place(unit)));
  const cells = unit.texts.map((text, side) => {
    if (!text) return made("td", "none", "no counterpart");
    const cell = made("td", "text", ...marked(text, wanted));
    cell.lang = unit.langs[side];
    cell.dir = "auto";
    return cell;
  });
  return made("tr", "", head, ...cells);
}

function headingOf(unit) {
  const heading = made("th", "place", place(unit));
  heading.colSpan = 3;
  heading.scope = "rowgroup";
  return made("tr", "document", heading);
}

let found = units;
let first = 0;

function draw(size = PAGE) {
  const wanted = searchable(at("search").value);
  const here = found.slice(first, first + size);
  const isInOrder = at("order").value === "given";
  const rows = here.flatMap((unit, index) => {
    const row = rowOf(unit, wanted, !isInOrder);
    const isFirst = isInOrder && place(unit) && (index === 0 || place(here[index - 1]) !== place(unit));
    return isFirst ? [headingOf(unit), row] : [row];
  });
  at("units").replaceChildren(...rows);
  const of = found.length === units.length ? "" : ` of ${units.length.toLocaleString("en")}`;
  const range = `${(first + 1).toLocaleString("en")}–${(first + here.length).toLocaleString("en")}`;
  at("shown").textContent = found.length
    ? `${count(found.length, "unit")}${of}${here.length < found.length ? `; here ${range}` : ""}`
    : `None of ${count(units.length, "unit")} is like this`;
  for (const button of document.querySelectorAll(".before")) button.disabled = first === 0;
  for (const button of document.querySelectorAll(".after")) button.disabled = first + size >= found.length;
}

function find() {
  const wanted = searchable(at("search").value);
  const [from, to] = [at("from").valueAsNumber || 0, at("to").value === "" ? 1 : at("to").valueAsNumber];
  const statuses = new Set(Array.from(at("statuses").querySelectorAll("input:checked"), (box) => box.value));
  const chosen = at("document").value;
  const doubt = at("doubts").value;
  const isLike = (unit) =>
    statuses.has(unit.status) &&
    (doubt === "" || (doubt === "any" ? unit.doubts.length > 0 : unit.doubts.includes(kinds[doubt]))) &&
    (chosen === "" || place(unit) === place(documents[chosen])) &&
    (unit.probability === null ? from <= 0 && to >= 1 : unit.probability >= from && unit.probability <= to) &&
    (!wanted || (unit.searchable ??= unit.texts.map(searchable)).some((text) => text.includes(wanted)));
  found = units.filter(isLike);
  const order = at("order").value;
  if (order !== "given") {
    const sign = order === "doubt" ? 1 : -1;
    found.sort((a, b) => sign * ((a.probability ?? 2) - (b.probability ?? 2)) || a.number - b.number);
  }
  first = 0;
  draw();
}

function turn(pages) {
  const next = first + pages * PAGE;
  if (next < 0 || next >= found.length) return;
  first = next;
  draw();
  document.querySelector("main").scrollIntoView();
}

const documents = [...new Map(units.map((unit) => [place(unit), unit])).values()];
documents.forEach((unit, index) => at("document").append(new Option(place(unit) || "without a name", index)));
at("document").parentElement.hidden = documents.length < 2;

const doubtful = new Map();
for (const { doubts } of units) for (const doubt of doubts) doubtful.set(doubt, (doubtful.get(doubt) ?? 0) + 1);
const kinds = [...doubtful.keys()].sort();
kinds.forEach((kind, index) => at("doubts").append(new Option(`${kind}? (${doubtful.get(kind).toLocaleString("en")})`, index)));
at("doubts").parentElement.hidden = !kinds.length;

const statuses = new Map(Object.keys(SIGNS).map((status) => [status, 0]));
for (const { status } of units) statuses.set(status, (statuses.get(status) ?? 0) + 1);
for (const [status, number] of statuses) {
  const box = made("input", "");
  Object.assign(box, { type: "checkbox", value: status, checked: true, defaultChecked: true });
  at("statuses").append(made("label", number ? "" : "none", box, `${status} ${number.toLocaleString("en")}`));
}

const names = new Intl.DisplayNames(["en"], { type: "language", fallback: "code" });
["source", "target"].forEach((id, side) => {
  const codes = new Set(units.map(({ langs }) => langs[side]));
  if (codes.size !== 1) return;
  const [code] = codes;
  try {
    at(id).textContent = names.of(code);
  } catch {
    at(id).textContent = code || at(id).textContent; // no code of a language
  }
});

let typing;
at("filters").addEventListener("input", () => {
  clearTimeout(typing);
  typing = setTimeout(find, 120);
});
at("filters").addEventListener("submit", (event) => event.preventDefault());
at("filters").addEventListener("reset", () => setTimeout(find));
for (const button of document.querySelectorAll(".before")) button.addEventListener("click", () => turn(-1));
for (const button of document.querySelectorAll(".after")) button.addEventListener("click", () => turn(1));
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, select")) return;
  if (event.key === "/") {
    event.preventDefault();
    at("search").focus();
  } else if (event.key === "n") turn(1);
  else if (event.key === "p") turn(-1);
});
let before = 0;
addEventListener("beforeprint", () => {
  [before, first] = [first, 0];
  draw(PRINTED);
});
addEventListener("afterprint", () => {
  first = before;
  draw();
});

find();
