// Light or dark, before anything is drawn: what the reader chose, else what their system says.
// The switch in the bar of every page keeps the choice in this browser.
(() => {
  const KEY = "osteoteach-theme";
  const system = window.matchMedia("(prefers-color-scheme: dark)");
  const systemTheme = () => (system.matches ? "dark" : "light");
  let chosen = null;

  const read = () => {
    try {
      const kept = localStorage.getItem(KEY);
      return kept === "dark" || kept === "light" ? kept : null;
    } catch {
      return chosen; // storage is switched off: the choice holds for this page
    }
  };
  const keep = (theme) => {
    chosen = theme === systemTheme() ? null : theme;
    try {
      if (chosen) localStorage.setItem(KEY, chosen);
      else localStorage.removeItem(KEY);
    } catch {
      // Then it holds for this page only.
    }
  };
  const isDark = () => document.documentElement.dataset.otTheme === "dark";

  function show() {
    document.documentElement.dataset.otTheme = read() ?? systemTheme();
    for (const button of document.querySelectorAll(".ot-theme-switch")) {
      button.setAttribute("aria-pressed", String(isDark()));
      button.hidden = false;
    }
  }

  show();
  system.addEventListener("change", show);
  window.addEventListener("storage", (event) => {
    if (event.key === KEY || event.key === null) show();
  });
  document.addEventListener("DOMContentLoaded", show);
  document.addEventListener("click", (event) => {
    if (!event.target.closest?.(".ot-theme-switch")) return;
    keep(isDark() ? "light" : "dark");
    show();
  });
})();
