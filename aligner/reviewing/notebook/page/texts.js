// Texts with what is marked in them. The kernel counts code points, JavaScript UTF-16 units: they differ where a text holds emoji or rare characters.

import { clamp, h } from "./elements.js";

const SURROGATES = /[\ud800-\udfff]/;

function unitsAt(text, points) {
  if (!SURROGATES.test(text)) return points;
  let units = 0;
  for (const character of text) {
    if (points-- <= 0) break;
    units += character.length;
  }
  return units;
}

export function pointsAt(text, units) {
  return SURROGATES.test(text) ? [...text.slice(0, units)].length : units;
}

export const inUnits = (text, ranges) => ranges.map(([start, end]) => [unitsAt(text, start), unitsAt(text, end)]);

/** Where a text may be split: before every word; the ends are left out. */
export function wordStarts(text) {
  if (!Intl.Segmenter) return [...text.matchAll(/(?<=\s)\S/gu)].map((match) => match.index);
  const starts = [];
  let before = null;
  for (const piece of new Intl.Segmenter(undefined, { granularity: "word" }).segment(text)) {
    const blank = !piece.segment.trim();
    if (before && !blank && (before.blank || (before.word && piece.isWordLike))) starts.push(piece.index);
    before = { blank, word: piece.isWordLike };
  }
  return starts;
}

/** Where a part of a sentence ends: after punctuation, the quotes that close with it, and the blank; not within 3.5 or 10:30. */
export function afterPunctuation(text) {
  const ends = text.matchAll(/[.,;:!?…](?:\s*[\p{Pe}\p{Pf}!?…]|")*\s+|[\p{Pe}\p{Pf}"]\s+(?=[\p{L}\p{N}])|[。、，；：！？]\p{Pe}*/gu);
  return [...ends].map((match) => match.index + match[0].length);
}

/** Like `wordStarts`, for single characters as people see them. */
export function characterStarts(text) {
  if (!Intl.Segmenter) return [...text].map(((at) => (character) => (at += character.length))(0));
  return [...new Intl.Segmenter(undefined, { granularity: "grapheme" }).segment(text)].map(({ index }) => index);
}

/** A text as nodes: sentences apart, words without counterpart and what was searched for marked. */
export function textNodes(text, { parts = [], marks = [], hits = [] } = {}) {
  const cuts = new Set([0, text.length]);
  for (const [start, end] of [...marks, ...hits]) cuts.add(clamp(start, 0, text.length)).add(clamp(end, 0, text.length));
  const sentences = new Set(parts.slice(1).map(([start]) => start));
  for (const start of sentences) if (start < text.length) cuts.add(start);
  const places = [...cuts].sort((a, b) => a - b);
  const covers = (ranges, start) => ranges.some(([from, to]) => from <= start && start < to);
  return places.slice(0, -1).flatMap((start, at) => {
    const piece = text.slice(start, places[at + 1]);
    let node = document.createTextNode(piece);
    if (covers(marks, start)) node = h("mark", { class: "al-alone", title: "no counterpart on the other side" }, node);
    if (covers(hits, start)) node = h("mark", { class: "al-hit" }, node);
    return sentences.has(start) ? [h("span", { class: "al-cut", "aria-hidden": "true" }), node] : [node];
  });
}

/** Ranges of what was searched for, as long as it is no regular expression that only Python knows. */
export function hitsIn(text, wanted) {
  if (!wanted?.pattern) return [];
  try {
    const pattern = wanted.regex ? wanted.pattern : wanted.pattern.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
    const found = text.matchAll(new RegExp(pattern, wanted.case ? "gu" : "giu"));
    return [...found].slice(0, 100).map((match) => [match.index, match.index + match[0].length]);
  } catch {
    return [];
  }
}
