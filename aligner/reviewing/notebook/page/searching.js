import { SIDES, counted, h, number } from "./elements.js";
import { Panel, checkBox, choice, labelled } from "./panels.js";

function searchFields(wanted) {
  const pattern = h("input", { type: "text", dir: "auto", value: wanted?.pattern ?? "" });
  const regex = checkBox("regular expression", wanted?.regex ?? false);
  const letters = checkBox("upper and lower case differ", wanted?.case ?? false);
  const side = choice([["both", "both sides"], ["source", "source"], ["target", "target"]], wanted?.side ?? "both");
  const values = () => ({ pattern: pattern.value, regex: regex.box.checked, case: letters.box.checked, side: side.value });
  return { pattern, values, options: h("div", { class: "al-options" }, side, regex.label, letters.label) };
}

export function askSearch(app) {
  const panel = new Panel(app, "Search", { kind: "al-small al-top" });
  const fields = searchFields(app.wanted);
  panel.add(labelled("Find", fields.pattern), fields.options, h("p", { class: "al-note" }, "Afterwards . and , go to the next and previous hit, Esc takes the marks away."));
  panel.button("Find", async () => {
    if (!fields.pattern.value) return panel.fail(new Error("Write what is to be found."));
    try {
      await app.search(fields.values());
      panel.close();
    } catch (error) {
      panel.fail(error);
    }
  }, { main: true });
  panel.focus(fields.pattern);
}

/** Two versions of a text, the words that differ marked in either. */
function difference(before, after) {
  const [old, fresh] = [before, after].map((text) => text.match(/\s+|[\p{L}\p{N}]+|[^\s\p{L}\p{N}]/gu) ?? []);
  const kept = common(old, fresh);
  const version = (words, at, tag) => h("span", { dir: "auto" }, ...words.map((word, number) => (kept[at].has(number) ? word : h(tag, {}, word))));
  return [version(old, 0, "del"), version(fresh, 1, "ins")];
}

/** Numbers of the words of a longest common subsequence, in either list. */
function common(old, fresh) {
  const width = fresh.length + 1;
  const lengths = new Uint16Array((old.length + 1) * width);
  for (let i = old.length - 1; i >= 0; i--) {
    for (let j = fresh.length - 1; j >= 0; j--) {
      const place = i * width + j;
      lengths[place] = old[i] === fresh[j] ? lengths[place + width + 1] + 1 : Math.max(lengths[place + width], lengths[place + 1]);
    }
  }
  const kept = [new Set(), new Set()];
  for (let i = 0, j = 0; i < old.length && j < fresh.length; ) {
    if (old[i] === fresh[j]) {
      kept[0].add(i++);
      kept[1].add(j++);
    } else if (lengths[(i + 1) * width + j] >= lengths[i * width + j + 1]) i++;
    else j++;
  }
  return kept;
}

export function askReplace(app) {
  const panel = new Panel(app, "Find and replace", { kind: "al-wide" });
  const fields = searchFields(app.wanted);
  const replacement = h("input", { type: "text", dir: "auto" });
  const list = h("div", { class: "al-preview" });
  let boxes = [];
  let previewed = null;
  const preview = async () => {
    const wanted = { ...fields.values(), replacement: replacement.value };
    if (!wanted.pattern) return panel.fail(new Error("Write what is to be found."));
    try {
      const { replacements, total } = await app.kernel.ask({ do: "preview", ...wanted });
      panel.fail(new Error(""));
      previewed = wanted;
      boxes = replacements.map(({ key, before, after }) => {
        const { box, label } = checkBox("", true, count);
        label.append(h("span", { class: "al-change" }, ...SIDES.flatMap((_, at) => (before[at] === after[at] ? [] : difference(before[at], after[at])))));
        return { key, box, label };
      });
      where.textContent = `In the rows of this view: found in ${number(total)} of ${counted(app.rows.total, "row")}.`;
      list.replaceChildren(...boxes.map(({ label }) => label), total > boxes.length ? h("p", {}, `${number(total - boxes.length)} more are not shown; replace these first.`) : "");
      count();
    } catch (error) {
      panel.fail(error);
    }
  };
  const stale = () => {
    previewed = null;
    count();
  };
  const count = () => {
    const chosen = boxes.filter(({ box }) => box.checked).length;
    apply.disabled = !previewed || !chosen;
    apply.textContent = previewed ? `Replace in ${counted(chosen, "row")}` : "Replace";
  };
  const where = h("p", { class: "al-note" }, `In the rows of this view: ${counted(app.rows.total, "row")}.`);
  panel.add(labelled("Find", fields.pattern), labelled("Replace by", replacement), fields.options, where, list);
  panel.button("Preview", preview, { main: true });
  const apply = panel.button("Replace", () => {
    const keys = boxes.filter(({ box }) => box.checked).map(({ key }) => key);
    panel.close();
    app.acts.submit("replace", { do: "replace", ...previewed, keys });
  });
  panel.button("Cancel", () => panel.close());
  for (const element of [fields.pattern, replacement, fields.options]) element.addEventListener("input", stale);
  count();
  panel.focus(fields.pattern);
}
