/** Light or dark as the notebook is, whichever notebook it is; follows when it changes. */
export function watchTheme(root) {
  const apply = () => (root.dataset.theme = isDark(root) ? "dark" : "light");
  const watcher = new MutationObserver(apply);
  for (const element of [document.documentElement, document.body]) {
    watcher.observe(element, { attributes: true, attributeFilter: ["class", "style", "data-theme", "data-jp-theme-light", "data-vscode-theme-kind"] });
  }
  const system = matchMedia("(prefers-color-scheme: dark)");
  system.addEventListener("change", apply);
  requestAnimationFrame(apply); // its place in the page is known only now
  return {
    apply,
    close() {
      watcher.disconnect();
      system.removeEventListener("change", apply);
    },
  };
}

function isDark(root) {
  const { body, documentElement: html } = document;
  if (body.dataset.jpThemeLight) return body.dataset.jpThemeLight === "false";
  if (body.dataset.vscodeThemeKind) return /dark|contrast$/.test(body.dataset.vscodeThemeKind);
  for (let element = root.parentNode; element; element = element.parentNode ?? element.host) {
    if (!(element instanceof Element)) continue;
    const [red, green, blue, alpha] = pixel(getComputedStyle(element).backgroundColor);
    if (alpha > 128) return 0.299 * red + 0.587 * green + 0.114 * blue < 128;
  }
  return html.classList.contains("dark") || (!html.classList.contains("light") && matchMedia("(prefers-color-scheme: dark)").matches);
}

/** A colour as red, green, blue and alpha, 0..255, whatever its notation: JupyterLab has rgb(…), marimo color(srgb …). */
function pixel(colour) {
  const canvas = Object.assign(document.createElement("canvas"), { width: 1, height: 1 });
  const context = canvas.getContext("2d");
  context.fillStyle = colour;
  context.fillRect(0, 0, 1, 1);
  return context.getImageData(0, 0, 1, 1).data;
}
