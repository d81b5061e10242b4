// What is said where there is no row to look at, or no more: what is done, and what comes next.

import { EMPTY_FILTER, counted } from "./elements.js";

const ALL_DONE = "Every row is decided: I shows the figures, L any rows you like, and “aligner export --status accepted” writes what was accepted.";

const openWords = (open) => `${counted(open, "row")} ${open === 1 ? "is" : "are"} still to do`;

/** Whether a filter shows what nobody has decided on, or only the doubtful of that. */
function isToDo(filter, doubtful = 1) {
  const toDo = { ...EMPTY_FILTER, status: ["unreviewed"], probability: [0, doubtful] };
  return Object.keys(toDo).every((part) => JSON.stringify(filter[part] ?? EMPTY_FILTER[part]) === JSON.stringify(toDo[part]));
}

/** Why a view shows no row. */
export function noRowsWords({ filter, counts, doubtful }) {
  const open = counts.unreviewed ?? 0;
  if (!Object.values(counts).some(Boolean)) return "This corpus holds no rows yet.";
  if (filter.sampled) return "All that was drawn is decided: B says what it tells, Esc goes back to what was shown before.";
  if (isToDo(filter) && !open) return ALL_DONE;
  if (isToDo(filter, doubtful)) return open ? `All doubtful rows are done. ${openWords(open)}, of a probability of ${doubtful} or more: B accepts many at once, L shows them.` : ALL_DONE;
  return "No row is like that: L changes the filter.";
}

/** What is said when the last row of a view was decided. */
export function lastRowWords({ counts }) {
  const open = counts.unreviewed ?? 0;
  return open ? `That was the last row of this view. ${openWords(open)}: T goes to the next one here, L shows others.` : ALL_DONE;
}
