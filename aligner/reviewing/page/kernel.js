import { PATIENCE } from "./elements.js";

/** Questions to the kernel: each gets its answer, late or not; what was said of silence is taken back when an answer comes. */
export class Kernel {
  constructor(model, { onPush, onSilence, onAnswer }) {
    Object.assign(this, { model, onPush, onSilence, onAnswer });
    this.prefix = Math.random().toString(36).slice(2, 8); // several views may share a model
    this.count = 0;
    this.waiting = new Map();
    this.receive = (message) => this.#receive(message);
    model.on("msg:custom", this.receive);
  }

  ask(message, patience = PATIENCE) {
    const id = `${this.prefix}.${++this.count}`;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => this.onSilence(), patience);
      this.waiting.set(id, { resolve, reject, timer });
      this.model.send({ id, ...message });
    });
  }

  #receive(message) {
    if (message.push) return this.onPush(message);
    const asked = this.waiting.get(message.id);
    if (!asked) return undefined; // another view's
    this.waiting.delete(message.id);
    clearTimeout(asked.timer);
    this.onAnswer();
    return message.ok ? asked.resolve(message) : asked.reject(new Error(message.error));
  }

  close() {
    this.model.off("msg:custom", this.receive);
    for (const { timer } of this.waiting.values()) clearTimeout(timer);
    this.waiting.clear();
  }
}
