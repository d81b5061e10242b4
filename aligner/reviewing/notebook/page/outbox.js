import { PATIENCE } from "./elements.js";

const MOST_SENT = 20; // decisions painted and not confirmed; more keys than that wait

/** What the kernel is asked to change, one thing after the other: each is on disk before the next one is sent.
 *
 * What can be foreseen is painted before it is confirmed. But for decisions, which leave the rows where they are, the commands of keys
 * that are pressed meanwhile wait for the answer: what they would be about is not known yet.
 */
export class Outbox {
  constructor(app) {
    this.app = app;
    this.entries = []; // the first one is under way
    this.commands = [];
    this.working = false;
  }

  get isBusy() {
    return this.entries.length > 0;
  }

  /** What is not confirmed, in words. */
  get words() {
    return [...this.entries.map((entry) => entry.words), ...this.commands.map((command) => command.name)];
  }

  /** Units that are painted as decided and not confirmed. */
  get units() {
    return new Set(this.entries.flatMap(({ units }) => [...(units ?? [])]));
  }

  /** Do what a key asks for, now or as soon as it is known what that means. */
  take(command) {
    if (this.commands.length || this.#mustWait(command)) this.commands.push(command);
    else command.run(this.app);
  }

  /** `waits`: the rows will be others. `units`: painted already; `revert` takes that back. `done` is called when it is on disk, `shown`
   * when the rows that came of it are there. */
  send(words, message, { waits = true, units = null, revert = null, done = null, shown = null, patience = PATIENCE } = {}) {
    this.entries.push({ words, message, waits, units, revert, done, shown, patience });
    if (!this.working) this.#work();
  }

  /** Take the commands that need not wait any longer. */
  drain() {
    while (this.commands.length && !this.#mustWait(this.commands[0])) this.commands.shift().run(this.app);
  }

  async #work() {
    this.working = true;
    while (this.entries.length) {
      const entry = this.entries[0];
      const slow = setTimeout(() => this.app.say(`${entry.words} …`), 600);
      let answer;
      let problem = null;
      try {
        answer = await this.app.kernel.ask({ ...entry.message, ...this.app.placed() }, entry.patience);
      } catch (error) {
        problem = error;
      }
      clearTimeout(slow);
      this.entries.shift();
      this.app.rows.held = this.units;
      if (problem) this.#failed(entry, problem);
      else {
        entry.done?.();
        this.app.supply.statsLater();
        this.app.took(answer, { move: entry.waits });
        entry.shown?.();
      }
      this.drain();
      this.app.showQueue();
    }
    this.working = false;
  }

  #failed(entry, error) {
    entry.revert?.();
    const lost = this.commands.splice(0).map((command) => command.name);
    this.app.say(`Not done: ${entry.words}: ${error.message}${lost.length ? ` (nor: ${lost.join(", ")})` : ""}`, "error");
    this.app.list.paint();
    if (error.lost) this.app.open(); // it may have been done all the same
  }

  #mustWait(command) {
    const { app, entries } = this;
    if (entries.some(({ waits }) => waits)) return true;
    if (command.changes && app.rows.total > 0 && !app.current) return true; // its row is on its way
    return Boolean(command.changes) && (command.decides ? entries.length >= MOST_SENT : entries.length > 0);
  }
}
