// One module for all four kinds of control: number, choice, toggle and button.
// Native inputs carry the behaviour, so touch, keyboard and screen readers need no patching.

// Every widget evaluates this file anew, so a counter would give two controls one id.
const freshId = (what) => `ot-${what}-${Math.random().toString(36).slice(2)}`;

function make(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.append(...children);
  return node;
}

// Everything a screen reader is told about a control apart from its name and value.
function messages(model, inputs) {
  const help = make("p", { class: "ot-help", id: freshId("help") }, model.get("help"));
  const problem = make("p", { class: "ot-problem", id: freshId("problem"), role: "alert" });
  const update = () => {
    const text = model.get("problem");
    problem.textContent = text;
    for (const input of inputs) {
      const about = [input.dataset.about, model.get("help") && help.id, text && problem.id];
      const ids = about.filter(Boolean).join(" ");
      if (ids) input.setAttribute("aria-describedby", ids);
      else input.removeAttribute("aria-describedby");
      if (text && input.type !== "range") input.setAttribute("aria-invalid", "true");
      else input.removeAttribute("aria-invalid");
    }
  };
  return { help, problem, update };
}

function listen(model, names, callback) {
  for (const name of names) model.on(`change:${name}`, callback);
  callback();
}

const minus = (text) => text.replace(/^-/, "\u2212");

function renderNumber({ model, el }) {
  const low = model.get("low");
  const high = model.get("high");
  const step = model.get("step");
  const unit = model.get("unit");
  const decimals = Math.max(0, ...[low, step].map((x) => (String(x).split(".")[1] || "").length));
  const onGrid = (x) => Math.abs((x - low) / step - Math.round((x - low) / step)) < 1e-6;
  const written = (x) => (onGrid(x) ? x.toFixed(decimals) : String(x));
  const snapped = (x) => {
    const value = low + Math.round((x - low) / step) * step;
    return Number(Math.min(high, Math.max(low, value)).toFixed(decimals));
  };

  const id = freshId("box");
  const label = make("label", { for: id, id: freshId("label") }, model.get("label"));
  const unitText = make("span", { class: "ot-unit", id: freshId("unit") }, unit);
  const box = make("input", {
    type: "text", id, autocomplete: "off", spellcheck: "false", enterkeyhint: "done",
    // The decimal keypad of some phones has no minus sign.
    inputmode: low < 0 ? "text" : "decimal",
  });
  if (unit) box.dataset.about = unitText.id;
  // step="any": a typed number between two steps must be able to stand on the slider.
  const slider = make("input", {
    type: "range", min: low, max: high, step: "any", "aria-labelledby": label.id,
  });
  const ends = make(
    "div", { class: "ot-ends", "aria-hidden": "true" },
    make("span", {}, minus(low.toFixed(decimals))), make("span", {}, minus(high.toFixed(decimals))),
  );
  const { help, problem, update } = messages(model, [box, slider]);
  el.append(
    make("div", { class: "ot-head" }, label, make("span", { class: "ot-entry" }, box, unitText)),
    slider, ends, help, problem,
  );

  const showSlider = (value) => {
    slider.value = value;
    slider.style.setProperty("--ot-fill", `${(100 * (value - low)) / (high - low)}%`);
    slider.setAttribute("aria-valuetext", `${minus(written(value))} ${unit}`.trim());
  };
  let shown = "";
  const showBox = (text) => {
    shown = text;
    box.value = text;
  };

  listen(model, ["value", "rejected"], () => {
    const value = model.get("value");
    showSlider(value);
    showBox(model.get("rejected") ?? minus(written(value)));
  });
  listen(model, ["problem"], update);

  const move = (value) => {
    if (value === model.get("value") && model.get("rejected") === null) return showSlider(value);
    // A refused text gives way to the slider.
    model.set("rejected", null);
    // Its listeners show the value; on its way to Python it is not waited for.
    model.set("value", value);
    model.save_changes();
  };
  slider.addEventListener("input", () => move(snapped(Number(slider.value))));

  const page = Math.max(step, snapped(low + (high - low) / 10) - low);
  const onSteps = (value, up) => {
    const steps = (value - low) / step;
    return snapped(low + step * (up ? Math.floor(steps + 1e-6) + 1 : Math.ceil(steps - 1e-6) - 1));
  };
  slider.addEventListener("keydown", (event) => {
    const value = model.get("value");
    const target = {
      ArrowRight: () => onSteps(value, true), ArrowUp: () => onSteps(value, true),
      ArrowLeft: () => onSteps(value, false), ArrowDown: () => onSteps(value, false),
      PageUp: () => snapped(value + page), PageDown: () => snapped(value - page),
      Home: () => low, End: () => high,
    }[event.key];
    if (!target || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    move(target());
  });

  const commit = () => {
    if (box.value === shown) return;
    // The same number typed with a hyphen: it is written as before.
    if (minus(box.value.trim()) === shown) return showBox(shown);
    shown = box.value;
    model.send({ typed: box.value });
    return undefined;
  };
  box.addEventListener("change", commit);
  box.addEventListener("keydown", (event) => {
    if (event.key === "Enter") commit();
    if (event.key === "Escape") showBox(model.get("rejected") ?? minus(written(model.get("value"))));
  });
  return [box, slider];
}

function renderChoice({ model, el }) {
  const id = freshId("choice");
  const select = make("select", { id });
  model.get("labels").forEach((text, i) => select.append(make("option", { value: i }, text)));
  const { help, problem, update } = messages(model, [select]);
  const label = make("label", { for: id }, model.get("label"));
  el.append(make("div", { class: "ot-head" }, label, select), help, problem);
  listen(model, ["index"], () => {
    select.value = String(model.get("index"));
  });
  listen(model, ["problem"], update);
  select.addEventListener("change", () => {
    model.set("index", Number(select.value));
    model.save_changes();
  });
  return [select];
}

function renderToggle({ model, el }) {
  const id = freshId("toggle");
  const box = make("input", { type: "checkbox", id });
  const { help, problem, update } = messages(model, [box]);
  const label = make("label", { for: id }, model.get("label"));
  el.append(make("div", { class: "ot-check" }, box, label), help, problem);
  listen(model, ["value"], () => {
    box.checked = model.get("value");
  });
  listen(model, ["problem"], update);
  box.addEventListener("change", () => {
    model.set("value", box.checked);
    model.save_changes();
  });
  return [box];
}

function renderButton({ model, el }) {
  const button = make("button", { type: "button", class: "ot-button" }, model.get("label"));
  const { help, problem, update } = messages(model, [button]);
  el.append(button, help, problem);
  listen(model, ["problem"], update);
  button.addEventListener("click", () => {
    model.set("count", model.get("count") + 1);
    model.save_changes();
  });
  return [button];
}

const KINDS = {
  number: renderNumber, choice: renderChoice, toggle: renderToggle, button: renderButton,
};

function render({ model, el }) {
  el.classList.add("ot-control");
  el.dataset.name = model.get("name");
  const inputs = KINDS[model.get("kind")]({ model, el });
  // JupyterLab otherwise takes letters as its own shortcuts ("b" adds a cell). It looks at
  // the focused element first, so the mark must be on the input itself.
  for (const input of inputs) input.dataset.lmSuppressShortcuts = "true";
  listen(model, ["enabled"], () => {
    for (const input of inputs) input.disabled = !model.get("enabled");
  });
  listen(model, ["visible"], () => {
    el.hidden = !model.get("visible");
  });
}

export default { render };
