import { PATIENCE } from "./elements.js";

/** Questions to the kernel: each gets its answer, late or not; what was said of silence is taken back when an answer comes. */
export class Kernel {
  constructor(model, { onSilence, onAnswer }) {
    Object.assign(this, { model, onSilence, onAnswer });
    this.prefix = Math.random().toString(36).slice(2, 8); // several views may share a model
    this.count = 0;
    this.waiting = new Map();
    this.receive = (message) => this.#receive(message);
    model.on("msg:custom", this.receive);
  }

  ask(message, patience = PATIENCE) {
    const id = `${this.prefix}.${++this.count}`;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.waiting.get(id).late = true;
        this.onSilence();
      }, patience);
      this.waiting.set(id, { resolve, reject, timer });
      try {
        this.model.send({ id, ...message });
      } catch {
        // JupyterLab knows at once when a kernel has died.
        clearTimeout(timer);
        this.waiting.delete(id);
        this.onSilence();
        reject(new Error("the kernel is gone: run the cell again"));
      }
    });
  }

  #receive(message) {
    const asked = this.waiting.get(message.id);
    if (!asked) return; // another view's
    this.#giveUp(message.id);
    this.waiting.delete(message.id);
    clearTimeout(asked.timer);
    this.onAnswer();
    if (message.ok) asked.resolve(message);
    else asked.reject(new Error(message.error));
  }

  /** Answers come in the order of the questions: one that was late already when a later one is answered was lost on the way. */
  #giveUp(answered) {
    for (const [id, asked] of this.waiting) {
      if (id === answered) return;
      if (!asked.late) continue;
      this.waiting.delete(id);
      asked.reject(Object.assign(new Error("no answer came; what is shown now is what was saved"), { lost: true }));
    }
  }

  close() {
    this.model.off("msg:custom", this.receive);
    for (const { timer } of this.waiting.values()) clearTimeout(timer);
    this.waiting.clear();
  }
}
