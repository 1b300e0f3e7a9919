// Second part: light or dark. Served pages set it before anything is drawn (theme.js of the
// template); inside JupyterLab the page follows Lab's own theme until the reader says otherwise.

const THEME_KEY = "osteoteach-theme";

function keptTheme() {
  try {
    const kept = localStorage.getItem(THEME_KEY);
    return kept === "dark" || kept === "light" ? kept : null;
  } catch {
    return null; // storage is switched off
  }
}

function keepTheme(theme) {
  try {
    if (theme === labTheme()) localStorage.removeItem(THEME_KEY);
    else localStorage.setItem(THEME_KEY, theme);
  } catch {
    // The choice then holds until the page is left.
  }
  document.documentElement.dataset.otTheme = theme;
}

const labTheme = () => (document.body.dataset.jpThemeLight === "false" ? "dark" : "light");

function followLab(signal) {
  const follow = () => { document.documentElement.dataset.otTheme = keptTheme() ?? labTheme(); };
  const observer = new MutationObserver(follow);
  observer.observe(document.body, { attributes: true, attributeFilter: ["data-jp-theme-light"] });
  signal?.addEventListener("abort", () => observer.disconnect());
  follow();
}

function themeButton(signal) {
  const isDark = () => document.documentElement.dataset.otTheme === "dark";
  const button = quietButton("Dark", () => keepTheme(isDark() ? "light" : "dark"), {
    "aria-label": "Dark theme",
  });
  const show = () => button.setAttribute("aria-pressed", String(isDark()));
  const observer = new MutationObserver(show);
  observer.observe(document.documentElement, { attributes: true, attributeFilter: ["data-ot-theme"] });
  signal?.addEventListener("abort", () => observer.disconnect());
  show();
  return button;
}
