import { LONG_PATIENCE, counted, flagWords, h, number } from "./elements.js";
import { Panel, checkBox, confirm, labelled } from "./panels.js";

/** Accept all above a probability, with eyes open: how many, a random sample, the rate of errors with its interval, then all at once. */
export async function askBulk(app, { asked = true } = {}) {
  const panel = new Panel(app, "Accept all above a probability");
  const field = h("input", { type: "number", min: "0", max: "1", step: "any", value: String(app.bulkProbability) });
  const facts = h("div", { class: "al-facts", "aria-live": "polite" });
  const doubts = h("span", {});
  const without = checkBox(doubts, app.bulkWithout, () => count());
  const size = h("input", { type: "number", min: "1", step: "1", value: String(app.sampleSize) });
  const sizeField = labelled("To draw at random", size);
  panel.add(labelled("Probability of at least", field), facts, without.label, sizeField);
  const ask = async (what, more = {}) => {
    const probability = Number(field.value);
    if (field.value === "" || !(probability >= 0 && probability <= 1)) throw new Error("A probability lies between 0 and 1.");
    app.bulkProbability = probability;
    app.bulkWithout = without.box.checked;
    return app.kernel.ask({ do: what, probability, annotated: !app.bulkWithout, ...more, ...app.placed() }, LONG_PATIENCE);
  };
  const guarded = (action) => async () => {
    try {
      await action();
    } catch (error) {
      panel.fail(error);
    }
  };
  const accept = (unchecked) => {
    panel.close();
    app.acts.submit("accept many", { do: "accept_above", probability: app.bulkProbability, annotated: !app.bulkWithout, unchecked }, { patience: LONG_PATIENCE, done: () => setTimeout(() => app.leaveSample(), 0) });
  };
  let state = null;
  const count = guarded(async () => {
    ({ bulk: state } = await ask("bulk"));
    panel.fail(new Error(""));
    facts.replaceChildren(...state.words.map((words) => h("p", {}, words)));
    const kinds = Object.entries(state.kinds).map(([kind, rows]) => `${flagWords(kind)} (${number(rows)})`);
    doubts.textContent = `Leave out ${counted(state.annotated, "row")} in which something may be wrong: ${kinds.join(", ")}`;
    without.label.hidden = !state.annotated;
    sizeField.hidden = Boolean(state.pending) || !state.count;
    sample.disabled = !state.count && !state.pending;
    nameSample();
    apply.disabled = !state.count;
    panel.main(state.is_checked ? apply : sample);
    const short = state.checked ? ", not enough checked" : " without a check";
    apply.textContent = `Accept ${counted(state.count, "row")}${state.is_checked ? "" : short}`;
  });
  const nameSample = () => {
    const { checked, count: left, pending } = state;
    const drawn = number(Math.min(Math.max(1, Math.trunc(Number(size.value))), left));
    sample.textContent = pending === 1 ? "Check the one that waits" : pending ? `Check the ${pending} that wait` : `Check ${drawn}${checked ? " more" : ""}, drawn at random`;
  };
  const sample = panel.button("Check some, drawn at random", guarded(async () => {
    const pending = state.pending > 0;
    if (!pending && !(Number(size.value) >= 1)) throw new Error("One row or more is to be drawn.");
    app.sampleSize = Math.trunc(Number(size.value));
    const reply = pending ? null : await ask("sample", { size: app.sampleSize });
    panel.close();
    await (pending ? app.checkPending() : app.checkSample(reply));
  }));
  const apply = panel.button("Accept", () => {
    if (state.is_checked) return accept(false);
    const known = state.checked ? `only ${number(state.checked)} were drawn at random and checked${state.passed_over ? `, and ${number(state.passed_over)} passed over` : ""}` : "none was drawn at random and checked";
    const words = `How many of these ${counted(state.count, "row")} are wrong is not known well enough: ${known}.`;
    return confirm(app, state.checked ? "Before enough are checked?" : "Without a check?", words, "Accept all the same", () => accept(true));
  });
  panel.button("Cancel", () => panel.close());
  field.addEventListener("change", count);
  size.addEventListener("input", () => state && nameSample());
  panel.focus(asked ? field : null); // where it came by itself, keys that were on their way must not change the number
  await count();
}
