// Dialogs on what is shown: filter, documents, progress.

import { ANNOTATIONS, EMPTY_FILTER, FLAGS, LONG_PATIENCE, STATUS, counted, h, number, shortName } from "./elements.js";
import { Panel, checkBox, choice, labelled } from "./panels.js";

const presets = (doubtful) => [
  ["Everything", {}],
  ["To do", { status: ["unreviewed"] }],
  ["To do, doubtful", { status: ["unreviewed"], probability: [0, doubtful] }],
  ["To do, perhaps wrong", { status: ["unreviewed"], flags: Object.keys(ANNOTATIONS) }],
  ["To do, mended", { status: ["unreviewed"], flags: ["edited", "restructured"] }],
  ["Flagged", { status: ["flagged"] }],
  ["Reviewers disagree", { flags: ["conflict"] }],
  ["Changed since review", { flags: ["changed"] }],
  ["Not decided by me", { open_to_me: true }],
  ["Mine", { mine: true }],
];

export async function askFilter(app) {
  const panel = new Panel(app, "What is shown");
  const filter = app.filter.sampled ? EMPTY_FILTER : app.filter;
  const statuses = Object.entries(STATUS).map(([code, { word }]) => [code, checkBox(word, filter.status.includes(code))]);
  const [flags, annotations] = [FLAGS, ANNOTATIONS].map((words) =>
    Object.entries(words).map(([code, word]) => [code, checkBox(word, filter.flags.includes(code))]),
  );
  const [low, high] = filter.probability.map((value) => h("input", { type: "number", min: "0", max: "1", step: "any", value: String(value) }));
  const shapes = h("input", { type: "text", placeholder: "2-1, 0-1; other: all but 1-1", value: filter.shapes.join(", ") });
  const text = h("input", { type: "text", dir: "auto", value: filter.text });
  const reviewer = h("input", { type: "text", value: filter.reviewer ?? "" });
  const mine = checkBox("only documents assigned to me", filter.mine);
  const open = checkBox("only what I have not decided, whatever others have", filter.open_to_me);
  const order = choice([["doubt", "doubtful first"], ["document", "as in the documents"]], app.order);
  const documents = h("select", {}, h("option", { value: "" }, "all documents"));
  const name = h("input", { type: "text", placeholder: "part of a name", value: typeof filter.document === "string" ? filter.document : "" });
  const ticked = (boxes) => boxes.filter(([, { box }]) => box.checked).map(([code]) => code);
  const show = async (wanted) => {
    try {
      await app.setView({ ...EMPTY_FILTER, ...wanted }, order.value);
      panel.close();
    } catch (error) {
      panel.fail(error);
    }
  };
  panel.add(
    h("div", { class: "al-presets" }, ...presets(app.doubtful).map(([name, wanted]) => h("button", { type: "button", onclick: () => show(wanted) }, name))),
    labelled("Order", order),
    h("fieldset", {}, h("legend", {}, "Status (none: all)"), ...statuses.map(([, { label }]) => label)),
    h("fieldset", {}, h("legend", {}, "Probability"), h("label", {}, "from ", low), h("label", {}, " to ", high)),
    h("fieldset", {}, h("legend", {}, "Only with"), ...flags.map(([, { label }]) => label)),
    h("fieldset", {}, h("legend", {}, "Only where perhaps"), ...annotations.map(([, { label }]) => label)),
    labelled("Document", documents),
    labelled("Documents named", name),
    h("div", { class: "al-options" }, mine.label, open.label),
    labelled("Decided by", reviewer),
    labelled("Text on either side", text),
    labelled("Shapes", shapes),
  );
  panel.button("Show", () => show({
    status: ticked(statuses),
    flags: ticked([...flags, ...annotations]),
    probability: [Number(low.value), Number(high.value)],
    document: documents.value ? Number(documents.value) : name.value.trim() || null,
    reviewer: reviewer.value.trim() || null,
    text: text.value,
    shapes: shapes.value.split(/[\s,;]+/).filter(Boolean),
    mine: mine.box.checked,
    open_to_me: open.box.checked,
  }), { main: true });
  panel.button("Cancel", () => panel.close());
  panel.focus(statuses[0][1].box);
  try {
    const { documents: known } = await app.kernel.ask({ do: "documents" });
    for (const { alignment, document, beads, decided } of known) {
      const words = `${shortName(document)} (${number(decided)} of ${number(beads)} decided)`;
      documents.append(h("option", { value: String(alignment), selected: alignment === filter.document }, words));
    }
  } catch (error) {
    panel.fail(error);
  }
}

/** Documents: how far they are, and who reviews them. */
export async function showDocuments(app) {
  const panel = new Panel(app, "Documents", { kind: "al-wide" });
  const list = h("div", { class: "al-documents" }, "…");
  panel.add(list, h("p", { class: "al-note" }, "To decide on all of a document: Show, then Ctrl A, then A or R."));
  panel.button("Close", () => panel.close());
  panel.focus();
  const line = ({ alignment, document, beads, decided, reviewer }) => {
    const who = h("input", { type: "text", value: reviewer, placeholder: "nobody", "aria-label": `reviewer of ${document}` });
    who.addEventListener("change", async () => {
      try {
        app.took(await app.kernel.ask({ do: "assign", alignment, reviewer: who.value.trim() }));
      } catch (error) {
        panel.fail(error);
      }
    });
    const open = async () => {
      await app.setView({ ...EMPTY_FILTER, document: alignment }, "document");
      panel.close();
    };
    return h(
      "tr",
      {},
      h("td", { title: document }, h("bdi", {}, shortName(document))),
      h("td", { class: "al-figure" }, `${number(decided)} of ${number(beads)}`),
      h("td", {}, who),
      h("td", {}, h("button", { type: "button", onclick: () => open().catch((error) => panel.fail(error)) }, "Show")),
    );
  };
  try {
    const { documents } = await app.kernel.ask({ do: "documents" });
    const head = ["Document", "Decided", "Reviewer", ""].map((name) => h("th", { scope: "col" }, name));
    list.replaceChildren(h("table", {}, h("thead", {}, h("tr", {}, ...head)), h("tbody", {}, ...documents.map(line))));
  } catch (error) {
    panel.fail(error);
  }
}

export async function showStatistics(app) {
  const panel = new Panel(app, "Progress");
  panel.button("Close", () => panel.close(), { main: true });
  panel.focus();
  try {
    const { stats } = await app.kernel.ask({ do: "stats" }, LONG_PATIENCE);
    app.head.showPace(stats);
    const line = (name, value) => h("tr", {}, h("th", { scope: "row" }, name), h("td", { class: "al-figure" }, value));
    const statuses = Object.entries(STATUS).map(([code, { icon, word }]) => line(`${icon} ${word}`, number(stats.by_status[code] ?? 0)));
    const pace = stats.per_hour ? [line("You decide an hour", number(Math.round(stats.per_hour)))] : [];
    panel.add(h("table", {}, line("Rows", number(stats.beads)), line("of which pairs", number(stats.beads - stats.nulls)), line("without counterpart", number(stats.nulls)), ...statuses, line("Decided by you", number(stats.mine)), ...pace, line("Reviewers disagree on", number(stats.conflicts))));
    if (!stats.agreement.length) return;
    panel.add(h("h3", {}, "Agreement"), h("table", {}, ...stats.agreement.map(({ reviewers, units, agreed, kappa }) =>
      line(reviewers.join(" and "), `${counted(units, "different row")} decided by both, ${number(agreed)} alike${kappa === null ? "" : `, kappa ${kappa.toFixed(2)}`}`))));
  } catch (error) {
    panel.fail(error);
  }
}
