// What anywidget calls.

import { Review } from "./review.js";

function render({ model, el }) {
  const app = new Review(model);
  el.append(app.root);
  const resize = () => app.setHeight();
  model.on("change:height", resize);
  app.open();
  return () => {
    model.off("change:height", resize);
    app.close();
  };
}

export default { render };
