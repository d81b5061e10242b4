// What a row says after a change, as far as the page can tell: painted until the kernel has answered.

import { pointsAt } from "./texts.js";

const CHANGES = { merge, split, move, unlink };
/** What nobody has said or found of a row that was just made. */
const NEW = { status: "unreviewed", reason: "", reviewer: "", at: "", others: {}, annotations: {}, comments: [], probability: null, cosine: null, marks: null, unconfirmed: true };

/** The row, and its neighbour in the document (null where that is gone), after what `message` asks for; null where the page cannot tell. */
export function supposed(message, row, near) {
  if (!CHANGES[message.do] || ![row, near].every((one) => !one || isOfPieces(one))) return null;
  return CHANGES[message.do](message, row, near);
}

function merge({ direction }, row, near) {
  if (!near) return null;
  const both = direction === "next" ? [row, near] : [near, row];
  const sides = ["source", "target"].map((side) => both.flatMap((one) => pieces(one, side)));
  return sides.every((side) => side.length) ? { row: made(row, ...sides), near: null } : null;
}

function split({ source_at, target_at }, row, near) {
  const halves = [cut(row, "source", source_at), cut(row, "target", target_at)];
  const [first, rest] = [0, 1].map((half) => halves.map((side) => side[half]));
  if (![first, rest].every((half) => half.some((side) => side.length))) return null;
  return { row: made(row, ...firstRow(...first)), near };
}

function move({ side, direction }, row, near) {
  const own = pieces(row, side);
  if (!near || !own.length) return null;
  const up = direction === "up";
  const stays = up ? own.slice(1) : own.slice(0, -1);
  const moved = up ? own.slice(0, 1) : own.slice(-1);
  const theirs = pieces(near, side);
  const left = withSide(row, side, stays);
  if (!left.some((kept) => kept.length)) return null; // the row goes
  const right = withSide(near, side, up ? [...theirs, ...moved] : [...moved, ...theirs]);
  return { row: made(row, ...firstRow(...left)), near: made(near, ...firstRow(...right)) };
}

function unlink(message, row, near) {
  const [first] = pieces(row, "source");
  return first && row.target ? { row: made(row, [first], []), near } : null;
}

/** Both sides of a row of which one is replaced, as pieces. */
const withSide = (row, side, own) => (side === "source" ? [own, pieces(row, "target")] : [pieces(row, "source"), own]);

/** Several pieces of one side alone become a row each; here is the first one. */
const firstRow = (source, target) => (source.length && target.length ? [source, target] : [source.slice(0, 1), target.slice(0, 1)]);

/** The sentences of one side. */
const pieces = (row, side) => row[`${side}_parts`].map(([start, end]) => [...row[side]].slice(start, end).join(""));

/** Whether it is known where in its texts which sentence stands: somebody's words have no such places. */
const isOfPieces = (row) => !row.original && ["source", "target"].every((side) => pieces(row, side).join(" ") === row[side]);

/** The sentences of one side before and after a place. */
function cut(row, side, at) {
  const halves = [[], []];
  for (const [start, end] of row[`${side}_parts`]) {
    const text = [...row[side]].slice(start, end);
    if (at > start) halves[0].push(text.slice(0, at - start).join("").trim());
    if (at < end) halves[1].push(text.slice(Math.max(0, at - start)).join("").trim());
  }
  return halves.map((half) => half.filter(Boolean));
}

function made(row, source, target) {
  const flags = source.length && target.length ? ["restructured"] : ["null", "restructured"];
  const texts = { source: source.join(" "), target: target.join(" "), source_parts: parts(source), target_parts: parts(target) };
  return { ...row, ...NEW, ...texts, flags, shape: `${source.length}-${target.length}` };
}

/** Where each piece stands in all of them together, in code points. */
function parts(texts) {
  let at = 0;
  return texts.map((text) => {
    const start = at;
    at += pointsAt(text, text.length) + 1;
    return [start, at - 1];
  });
}
