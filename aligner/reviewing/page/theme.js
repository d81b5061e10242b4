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
    const [red, green, blue, alpha = 1] = (getComputedStyle(element).backgroundColor.match(/[\d.]+/g) ?? [0, 0, 0, 0]).map(Number);
    if (alpha > 0.5) return 0.299 * red + 0.587 * green + 0.114 * blue < 128;
  }
  return html.classList.contains("dark") || (!html.classList.contains("light") && matchMedia("(prefers-color-scheme: dark)").matches);
}
