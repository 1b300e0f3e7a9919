// The frame of a dashboard: title, settings, answer, charts, folds, footer.
// Built once; afterwards only texts change, so an opened fold stays open and the
// focus stays where it is.

function make(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  // JupyterLab otherwise takes letters as its own shortcuts ("b" adds a cell). It looks at
  // the focused element first, so the mark must be on that element itself.
  if (/^(button|summary)$/.test(tag)) node.dataset.lmSuppressShortcuts = "true";
  node.append(...children);
  return node;
}

const inVoila = () => "voila" in document.body.dataset;

function reloadButton(text = "Reload the page") {
  const button = make("button", { type: "button", class: "ot-quiet" }, text);
  button.addEventListener("click", () => window.location.reload());
  return button;
}

// ---- the parts ------------------------------------------------------------------

function settings(model, id) {
  const reset = make("button", { type: "button", class: "ot-quiet ot-reset" }, "Reset");
  reset.addEventListener("click", () => model.send({ reset: true }));
  const head = make("div", { class: "ot-settings-head" }, make("h2", { id }, "Settings"), reset);
  const section = make("section", { class: "ot-settings ot-card", "aria-labelledby": id }, head);
  const slots = [];
  for (const group of model.get("groups")) {
    const fieldset = make("fieldset");
    if (group.label) fieldset.append(make("legend", {}, group.label));
    for (const widget of group.widgets) {
      const slot = make("div", { class: "ot-slot" });
      fieldset.append(slot);
      slots.push([widget, slot]);
    }
    section.append(fieldset);
  }
  return { section, slots };
}

function answer(model, root, signal) {
  const mark = make("p", { class: "ot-mark" });
  const sentence = make("p", { class: "ot-sentence" });
  const notice = make("p", { class: "ot-notice" });
  const box = make(
    "div", { class: "ot-answer ot-card", role: "status", "aria-live": "polite", "aria-atomic": "true" },
    mark, sentence, notice,
  );
  // While a slider is dragged the text changes many times a second: a screen reader
  // hears it once, when it has come to rest.
  let resting;
  const update = () => {
    box.setAttribute("aria-busy", "true");
    clearTimeout(resting);
    resting = setTimeout(() => box.setAttribute("aria-busy", "false"), 500);
    const stale = model.get("stale");
    const text = model.get("sentence");
    root.classList.toggle("ot-stale", stale);
    mark.textContent = stale && text ? "Last valid answer, for the earlier settings" : "";
    mark.hidden = mark.textContent === "";
    box.dataset.tone = model.get("tone");
    sentence.textContent = text || "No answer yet.";
    notice.textContent = model.get("notice");
  };
  for (const name of ["sentence", "tone", "stale", "notice"]) model.on(`change:${name}`, update);
  signal?.addEventListener("abort", () => clearTimeout(resting));
  update();
  return box;
}

const SEVERITIES = {
  contraindicated: "Contraindicated", warning: "Warning", caution: "Caution", info: "Note",
};

// What must not be missed stands open; the rest folds, and stays as the reader left it.
function warnings(model) {
  const loud = make("ul", { class: "ot-warnings-open" });
  const quiet = make("ul");
  const summary = make("summary");
  const fold = make("details", {}, summary, quiet);
  const box = make("section", { class: "ot-warnings ot-card", "aria-label": "Warnings" }, loud, fold);
  const update = () => {
    const all = model.get("warnings");
    const item = ([severity, text]) => make(
      "li", { "data-severity": severity }, make("strong", {}, `${SEVERITIES[severity]}: `), text,
    );
    const isLoud = ([severity]) => severity === "contraindicated" || severity === "warning";
    const others = all.filter((one) => !isLoud(one));
    loud.replaceChildren(...all.filter(isLoud).map(item));
    quiet.replaceChildren(...others.map(item));
    summary.textContent = `What else to know about this plan (${others.length})`;
    fold.hidden = others.length === 0;
    box.hidden = all.length === 0;
  };
  model.on("change:warnings", update);
  update();
  return box;
}

function folds(model) {
  const box = make("div", { class: "ot-folds ot-card" });
  const titles = { why: "Why this answer", how_sure: "How sure is this", sources: "Sources" };
  for (const [name, title] of Object.entries(titles)) {
    const body = make("div", { class: "ot-fold-body" });
    const details = make("details", { "data-fold": name }, make("summary", {}, title), body);
    const update = () => {
      body.innerHTML = model.get(name);
      details.hidden = model.get(name) === "";
    };
    model.on(`change:${name}`, update);
    update();
    box.append(details);
  }
  return box;
}

function faultBanner(model) {
  const banner = make("div", { class: "ot-banner-place", role: "alert" });
  const update = () => {
    const fault = model.get("fault");
    banner.replaceChildren();
    if (!fault) return;
    const text = make(
      "div", {},
      make("strong", {}, "Something went wrong in the program, not in your input."),
      `${fault} Press Reset to start again. If it comes back, tell your teacher these words.`,
    );
    banner.append(make("div", { class: "ot-banner" }, text));
  };
  model.on("change:fault", update);
  update();
  return banner;
}

// ---- is the kernel still there? -------------------------------------------------

function connectionBanner(model, signal) {
  const banner = make("div", { class: "ot-banner-place", role: "alert" });
  const say = (title, text) => {
    const body = make("div", {}, make("strong", {}, title), text);
    banner.replaceChildren(make("div", { class: "ot-banner" }, body));
    if (inVoila()) banner.firstChild.append(reloadButton());
  };
  const stopped = () => say(
    "The program behind this page has stopped.",
    inVoila() ? "The controls no longer do anything. Reload to start again; your settings are lost."
      : "The controls no longer do anything. Run the notebook again.",
  );

  const kernel = model.widget_manager?.kernel;
  if (!kernel) return banner;
  let dead = false;
  let waiting;
  // A kernel that is restarted comes back without our widgets: for this page it is gone.
  const onStatus = (_, status) => {
    if (!/dead|restarting|terminating/.test(status) || dead) return;
    dead = true;
    clearTimeout(waiting);
    stopped();
  };
  const onConnection = (_, status) => {
    clearTimeout(waiting);
    if (dead) return;
    if (status === "connected") return banner.replaceChildren();
    waiting = setTimeout(() => say(
      "The connection to the program is lost.",
      "Trying to connect again. If this stays for a minute, reload the page.",
    ), status === "disconnected" ? 0 : 3000);
  };
  // In Voila nobody restarts or replaces a kernel, so a page that is left needs no care.
  let leaving = false;
  const onLeave = () => { leaving = true; };
  window.addEventListener("beforeunload", onLeave);
  const status = (...args) => leaving || onStatus(...args);
  const connection = (...args) => leaving || onConnection(...args);
  kernel.statusChanged.connect(status);
  kernel.connectionStatusChanged.connect(connection);
  signal?.addEventListener("abort", () => {
    clearTimeout(waiting);
    window.removeEventListener("beforeunload", onLeave);
    kernel.statusChanged.disconnect(status);
    kernel.connectionStatusChanged.disconnect(connection);
  });
  return banner;
}

// ---- assembling -----------------------------------------------------------------

async function mount(model, views, id, slot) {
  const child = await model.widget_manager.get_model(id);
  const view = await model.widget_manager.create_view(child, {});
  views.push(view);
  slot.append(view.el);
}

async function render({ model, el, signal }) {
  el.classList.add("ot-page");
  const page = `ot-page-${Math.random().toString(36).slice(2)}`;

  const { section, slots } = settings(model, `${page}-settings`);
  const charts = make("div", { class: "ot-charts" });
  for (const [name, widget] of Object.entries(model.get("charts"))) {
    const slot = make("div", { class: "ot-chart ot-card", "data-chart": name });
    charts.append(slot);
    slots.push([widget, slot]);
  }
  const place = (name) => {
    const slot = make("div", { class: "ot-part", "data-part": name });
    const widget = model.get("parts")[name];
    if (widget) slots.push([widget, slot]);
    else slot.hidden = true;
    return slot;
  };
  const lockable = make(
    "div", { class: "ot-lockable" },
    answer(model, el, signal), place("below_answer"), warnings(model), charts,
    place("below_charts"), folds(model),
  );
  const showLocked = () => { lockable.hidden = model.get("locked"); };
  model.on("change:locked", showLocked);
  showLocked();
  const result = make(
    "section", { class: "ot-result", "aria-labelledby": `${page}-result` },
    make("h2", { id: `${page}-result`, class: "ot-hidden" }, "Answer"),
    place("lock"), lockable,
  );
  const title = make(
    "div", { class: "ot-title" },
    make("h1", {}, model.get("title")), make("p", {}, model.get("lead")), place("tools"),
  );
  el.append(make(
    "div", { class: "ot-frame" },
    title, connectionBanner(model, signal), faultBanner(model),
    make("div", { class: "ot-grid" }, section, result),
    make("p", { class: "ot-footer" }, "For teaching. Not for patient care."),
  ));

  const views = [];
  await Promise.all(slots.map(([id, slot]) => mount(model, views, id, slot)));
  el.dataset.ready = "";
  return () => views.forEach((view) => view.remove());
}

export default { render };
