// First part of the page's module (see page_frame.py): making elements, and the toolbar.

function make(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  // JupyterLab otherwise takes letters as its own shortcuts ("b" adds a cell). It looks at
  // the focused element first, so the mark must be on that element itself.
  if (/^(button|summary|input)$/.test(tag)) node.dataset.lmSuppressShortcuts = "true";
  node.append(...children);
  return node;
}

const inVoila = () => "voila" in document.body.dataset;

function quietButton(text, onClick, attributes = {}) {
  const button = make("button", { type: "button", class: "ot-quiet", ...attributes }, text);
  button.addEventListener("click", () => {
    if (button.getAttribute("aria-disabled") !== "true") onClick();
  });
  return button;
}

// ---- the address of this page with a scenario in it ---------------------------------

// What others read from the address; it is kept when the page is loaded again.
const KEPT = ["present", "step", "guess", "room", "key"];

const address = (query) => {
  const { origin, pathname } = window.location;
  return query ? `${origin}${pathname}?${query}` : `${origin}${pathname}`;
};

function reloadAddress(model) {
  const now = new URLSearchParams(window.location.search);
  const kept = new URLSearchParams();
  for (const name of KEPT) if (now.has(name)) kept.set(name, now.get(name));
  return address([model.get("link"), kept.toString()].filter(Boolean).join("&"));
}

const isPresenting = () => {
  const wanted = inVoila() && new URLSearchParams(window.location.search).get("present");
  return Boolean(wanted) && wanted !== "0";
};

// ---- what the toolbar says ------------------------------------------------------------

// One line that is read out, and below it, if need be, a text to copy by hand.
function toolMessages() {
  const line = make("p", { class: "ot-tool-line", "aria-live": "polite" });
  const offer = make("div", { class: "ot-offer ot-card" });
  offer.hidden = true;
  let fading;
  const say = (text) => {
    clearTimeout(fading);
    line.textContent = text;
    if (text) fading = setTimeout(() => { line.textContent = ""; }, 8000);
  };
  const give = (label, text, button) => {
    const id = `ot-offer-${Math.random().toString(36).slice(2)}`;
    const box = make("input", { type: "text", readonly: "", id });
    box.value = text;
    const close = quietButton("Close", () => {
      offer.hidden = true;
      button.focus();
    });
    offer.replaceChildren(make("label", { for: id }, label), box, close);
    offer.hidden = false;
    box.focus();
    box.select();
  };
  return { line, offer, say, give };
}

async function copyLink(model, messages, button) {
  const query = model.get("link");
  if (!inVoila()) {
    const text = "Links work on served pages (osteoteach apps). "
      + "There, put this behind the address of this dashboard:";
    messages.give(text, `?${query}`, button);
    return;
  }
  try {
    await navigator.clipboard.writeText(address(query));
    messages.say("Link copied. It opens this page with these settings.");
  } catch {
    // No clipboard without https, or it is not allowed.
    messages.give("This link opens this page with these settings. Copy it:", address(query), button);
  }
}

// ---- the handout -------------------------------------------------------------------------

function download(name, text, type) {
  const url = URL.createObjectURL(new Blob([text], { type }));
  make("a", { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

// Two charts on one sheet must not share the names of their clippings.
const renamed = (svg, name) => svg
  .replace(/\bid="([^"]+)"/g, `id="${name}-$1"`)
  .replace(/url\(#([^)]+)\)/g, `url(#${name}-$1)`)
  .replace(/href="#([^"]+)"/g, `href="#${name}-$1"`);

async function chartSvg(root, name) {
  const chart = root.querySelector(`[data-chart="${CSS.escape(name)}"] .osteoteach-live-chart`);
  try {
    return renamed(await chart.osteoteachSvg(), name);
  } catch {
    return "";
  }
}

// Python writes the sheet and leaves a mark for each chart, which only the page can draw.
function handout(model, root, messages) {
  let waiting;
  model.on("msg:custom", async (content) => {
    if (!waiting || !("handout" in content || "no_handout" in content)) return;
    clearTimeout(waiting);
    waiting = null;
    if ("no_handout" in content) return messages.say(content.no_handout);
    const parts = content.handout.split(/<!--chart:([\w-]+)-->/);
    const sheet = await Promise.all(
      parts.map((part, place) => (place % 2 ? chartSvg(root, part) : part)),
    );
    download(`${content.filename}.html`, sheet.join(""), "text/html");
    messages.say("Handout saved. Open it to read or print it.");
  });
  return () => {
    clearTimeout(waiting);
    messages.say("Writing the handout …");
    waiting = setTimeout(() => messages.say("The program did not answer: no handout."), 15_000);
    model.send({ handout: inVoila() ? address(model.get("link")) : "" });
  };
}

// ---- undo by keyboard ------------------------------------------------------------------

const isTextBox = (node) => node?.isContentEditable
  || node?.tagName === "TEXTAREA"
  || (node?.tagName === "INPUT" && !/^(range|checkbox|radio|button)$/.test(node.type));

function undoKeys(model, root, signal) {
  // In JupyterLab the keys outside the page belong to the notebook.
  const ground = inVoila() ? document : root;
  ground.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.altKey || !(event.ctrlKey || event.metaKey)) return;
    if (isTextBox(event.target)) return;
    const key = event.key.toLowerCase();
    const isRedo = key === "y" || (key === "z" && event.shiftKey);
    if (!isRedo && key !== "z") return;
    event.preventDefault();
    event.stopPropagation();
    model.send({ do: isRedo ? "redo" : "undo" });
  }, { signal });
}

// From press to release is one step, however slowly it is dragged.
function dragMarks(model, section, signal) {
  let dragging = false;
  const isHandle = (node) => node.matches?.("input[type=range]") || node.closest?.("[role=slider]");
  section.addEventListener("pointerdown", (event) => {
    if (!isHandle(event.target)) return;
    dragging = true;
    model.send({ drag: true });
  }, { signal, capture: true });
  const end = () => {
    if (!dragging) return;
    dragging = false;
    model.send({ drag: false });
  };
  for (const name of ["pointerup", "pointercancel"]) window.addEventListener(name, end, { signal });
}

// ---- the toolbar ---------------------------------------------------------------------------

function toolbar(model, root, signal) {
  const messages = toolMessages();
  const act = (what) => () => model.send({ do: what });
  const keys = (text) => ({ "aria-keyshortcuts": text });
  const undo = quietButton("Undo", act("undo"), { title: "Undo (Ctrl+Z)", ...keys("Control+Z") });
  const redo = quietButton("Redo", act("redo"), { title: "Redo (Ctrl+Y)", ...keys("Control+Y") });
  const reset = quietButton("Reset", act("reset"), { title: "Everything back to the start" });
  const link = quietButton("Copy link", () => copyLink(model, messages, link), {
    title: "A link that opens this page with these settings",
  });
  const save = quietButton("Save handout", handout(model, root, messages), {
    title: "This scenario on a sheet: settings, answer, charts and sources",
  });
  const steps = () => {
    // Not `disabled`: that would throw the focus away with the last step.
    undo.setAttribute("aria-disabled", String(!model.get("can_undo")));
    redo.setAttribute("aria-disabled", String(!model.get("can_redo")));
  };
  for (const name of ["can_undo", "can_redo"]) model.on(`change:${name}`, steps);
  steps();
  const bar = make(
    "div", { class: "ot-toolbar", role: "group", "aria-label": "Tools" },
    undo, redo, reset, link, save,
  );
  // Served pages have the switch in their bar, at the top of every page.
  if (!inVoila()) bar.append(themeButton(signal));
  undoKeys(model, root, signal);
  return { bar, messages };
}
