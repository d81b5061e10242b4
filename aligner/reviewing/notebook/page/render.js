// What anywidget calls.

import { Review } from "./review.js";

function render({ model, el }) {
  const app = new Review(model);
  el.append(app.root);
  const resize = () => app.setHeight();
  model.on("change:height", resize);
  window.addEventListener("resize", resize);
  app.open();
  return () => {
    model.off("change:height", resize);
    window.removeEventListener("resize", resize);
    app.close();
  };
}

export default { render };
