// Last part: the frame of a dashboard: title, tools, settings, answer, charts, folds, footer.
// Built once; afterwards only texts change, so an opened fold stays open and the
// focus stays where it is.

// ---- the parts ------------------------------------------------------------------

function settings(model, id) {
  const section = make(
    "section", { class: "ot-settings ot-card", id: `${id}-box`, "aria-labelledby": id },
    make("h2", { id }, "Settings"),
  );
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
  // The sentence keeps the height of its longest text while its width stays, so that a slider
  // does not move the charts below it. Told only when a size has changed.
  let width = 0;
  const growth = new ResizeObserver(() => {
    if (sentence.clientWidth !== width) sentence.style.removeProperty("--ot-tallest");
    width = sentence.clientWidth;
    sentence.style.setProperty("--ot-tallest", `${sentence.offsetHeight}px`);
  });
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
    // A line never ends between "T" and its number.
    sentence.textContent = (text || "No answer yet.").replace(/\bT (?=[−+\d])/g, "T\u00a0");
    notice.textContent = model.get("notice");
  };
  for (const name of ["sentence", "tone", "stale", "notice"]) model.on(`change:${name}`, update);
  signal?.addEventListener("abort", () => {
    clearTimeout(resting);
    growth.disconnect();
  });
  update();
  growth.observe(sentence);
  return box;
}

const SEVERITIES = {
  contraindicated: "Contraindicated", warning: "Warning", model: "Model error",
  caution: "Caution", info: "Note",
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
    const isLoud = ([severity]) => ["contraindicated", "warning", "model"].includes(severity);
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

// ---- assembling -----------------------------------------------------------------

// On a busy computer the frame may be here before the widgets it holds.
async function modelOf(manager, id, patience = 20_000) {
  try {
    return await manager.get_model(id);
  } catch (error) {
    if (patience <= 0) throw error;
    await new Promise((resolve) => { setTimeout(resolve, 250); });
    return modelOf(manager, id, patience - 250);
  }
}

async function mount(model, views, id, slot) {
  const child = await modelOf(model.widget_manager, id);
  const view = await viewOf(model.widget_manager, child);
  views.push(view);
  slot.append(view.el);
}

// The query of the address goes to Python once; until its answer is here the page waits
// behind its skeleton, so that nobody sees the start values first.
function openLink(model) {
  if (!inVoila() || window.location.search.length < 2 || model.get("linked")) return null;
  const answered = new Promise((resolve) => {
    model.on("change:linked", resolve);
    setTimeout(resolve, 20_000);
  });
  model.send({ query: window.location.search });
  return answered;
}

// On a projector the settings make room for the charts until they are asked for.
function presentingButton(el, section) {
  document.documentElement.classList.add("ot-presenting-site");
  el.classList.add("ot-presenting");
  section.hidden = true;
  const button = quietButton("Settings", () => {
    section.hidden = !section.hidden;
    el.toggleAttribute("data-settings-open", !section.hidden);
    button.setAttribute("aria-expanded", String(!section.hidden));
  }, { "aria-expanded": "false", "aria-controls": section.id });
  return button;
}

function resultOf(model, el, page, place, charts, signal) {
  const lockable = make(
    "div", { class: "ot-lockable" },
    answer(model, el, signal), place("below_answer"), warnings(model), charts,
    place("below_charts"), folds(model),
  );
  const showLocked = () => { lockable.hidden = model.get("locked"); };
  model.on("change:locked", showLocked);
  showLocked();
  return make(
    "section", { class: "ot-result", "aria-labelledby": `${page}-result` },
    make("h2", { id: `${page}-result`, class: "ot-hidden" }, "Answer"),
    place("lock"), lockable,
  );
}

async function render({ model, el, signal }) {
  el.classList.add("ot-page");
  const page = `ot-page-${Math.random().toString(36).slice(2)}`;
  if (!inVoila()) followLab(signal);

  const linked = openLink(model);
  const { section, slots } = settings(model, `${page}-settings`);
  dragMarks(model, section, signal);
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
  const { bar, messages } = toolbar(model, el, signal);
  if (isPresenting()) bar.prepend(presentingButton(el, section));
  const title = make(
    "div", { class: "ot-title" },
    make("div", { class: "ot-title-words" },
      make("h1", {}, model.get("title")), make("p", {}, model.get("lead"))),
    bar, messages.line, messages.offer, place("tools"),
  );
  el.append(make(
    "div", { class: "ot-frame" },
    title, connectionBanner(model, signal), faultBanner(model), linkBanner(model),
    make("div", { class: "ot-grid" }, section,
      resultOf(model, el, page, place, charts, signal)),
    make("p", { class: "ot-footer" }, "For teaching. Not for patient care."),
  ));

  const views = [];
  await Promise.all([linked, ...slots.map(([id, slot]) => mount(model, views, id, slot))]);
  el.toggleAttribute("data-sliders", Boolean(section.querySelector('input[type="range"]')));
  el.dataset.ready = "";
  return () => views.forEach((view) => view.remove());
}

// Not by a Blob: to make one the page would wait for another process of the browser.
function unpacked(bytes) {
  const { readable, writable } = new DecompressionStream("deflate");
  const writer = writable.getWriter();
  // What is wrong with them is told by the reading end.
  writer.write(bytes).catch(() => {});
  writer.close().catch(() => {});
  return new Response(readable).json();
}

// An answer changes many widgets and comes as one message (one_message.py): each gets its
// state in the same turn, so the browser lays the page out once.
function initialize({ model }) {
  let before = Promise.resolve();
  const deliver = async (content, buffers) => {
    const states = content.packed ? await unpacked(buffers[0]) : content.states;
    const ids = Object.keys(states);
    const models = await Promise.all(ids.map((id) => modelOf(model.widget_manager, id)));
    models.forEach((one, place) => one.set_state(states[ids[place]]));
  };
  model.on("msg:custom", (content, buffers) => {
    if (!content.states && !content.packed) return;
    before = before.then(() => deliver(content, buffers)).catch(console.error);
  });
  model.send({ open: true });
}

export default { initialize, render };
