// The waiting state of a page, and the few hooks that Voila calls while it streams.
// A page is never blank: a sentence and a skeleton stay until the first content stands.
(() => {
  const patience = 60000;
  let cellsAreIn = false;
  let expectsWidgets = false;
  let done = false;

  const say = (html) => {
    const text = document.getElementById("loading_text");
    if (text) text.innerHTML = html;
  };
  const reload = '<a href="">Reload the page</a>';

  const slow = setTimeout(() => {
    if (!done) say(`Still loading. The computer may be busy. ${reload} if nothing happens.`);
  }, patience);

  function settled() {
    const cells = document.getElementById("rendered_cells");
    if (!cells) return false;
    const page = cells.querySelector(".ot-page");
    if (page) return "ready" in page.dataset;
    // A widget stands as an empty box in the page until its own script has run.
    const content = ".ot-failed, .jp-OutputArea-output > :is(:not(:empty), img)";
    return !expectsWidgets || cells.querySelector(content) !== null;
  }

  function show() {
    if (done || !cellsAreIn || !settled()) return;
    done = true;
    clearTimeout(slow);
    document.getElementById("loading")?.remove();
    document.body.classList.add("ot-ready");
  }

  // Voila takes the cells out of our <main> into a panel of its own: put that panel back.
  function adopt() {
    const panel = document.getElementById("main");
    const main = document.getElementById("ot-main");
    if (panel && main && panel.parentElement !== main) main.append(panel);
  }

  document.addEventListener("DOMContentLoaded", () => {
    new MutationObserver(() => {
      adopt();
      show();
    }).observe(document.body, {
      childList: true, subtree: true, attributes: true, attributeFilter: ["data-ready"],
    });
  });

  window.voila_heartbeat = () => {};
  window.update_loading_text = () => {};
  window.voila_process = window.update_loading_text;
  window.display_cells = () => {
    // A page whose cell failed has nothing to wait for, not even the theme.
    if (!window.themeLoaded && !document.querySelector(".ot-failed")) {
      window.cellLoaded = true;
      return;
    }
    cellsAreIn = true;
    show();
  };
  window.voila_finish = () => {
    const outputs = document.querySelectorAll('script[type="application/vnd.voila.cell-output+json"]');
    expectsWidgets = [...outputs].some((o) => o.textContent.includes("jupyter.widget-view+json"));
    window.voila_finish = window.display_cells;
    window.display_cells();
  };
})();
