// The table of commands, to read and to click on.

import { COMMANDS, keyName } from "./commands.js";
import { h } from "./elements.js";
import { Panel } from "./panels.js";

export function showHelp(app) {
  const panel = new Panel(app, "Keys", { kind: "al-wide", keys: { "?": () => panel.close() } });
  const groups = [...new Set(COMMANDS.map(({ group }) => group))];
  panel.add(h("div", { class: "al-help" }, ...groups.map((group) => h(
    "section",
    {},
    h("h3", {}, group),
    h("dl", {}, ...COMMANDS.filter((command) => command.group === group).flatMap((command) => [
      h("dt", {}, ...command.keys.map((key) => h("kbd", {}, keyName(key)))),
      h("dd", {}, h("b", {}, command.name), ` – ${command.help}`),
    ])),
  ))));
  panel.button("Close", () => panel.close(), { main: true });
  panel.focus();
}

/** Everything by mouse: the whole table of commands as a menu. */
export function showMenu(app) {
  const panel = new Panel(app, "All commands", { kind: "al-menu" });
  const groups = [...new Set(COMMANDS.map(({ group }) => group))];
  panel.add(h("div", { class: "al-help", role: "menu" }, ...groups.map((group) => h(
    "section",
    {},
    h("h3", {}, group),
    ...COMMANDS.filter((command) => command.group === group && !command.keysOnly).map((command) => h(
      "button",
      { type: "button", role: "menuitem", title: command.help, onclick: () => { panel.close(); app.run(command); } },
      command.name,
      h("kbd", {}, keyName(command.keys[0])),
    )),
  ))));
  panel.focus(panel.body.querySelector("button"));
}
