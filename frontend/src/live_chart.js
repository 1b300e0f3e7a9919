// The widget LiveChart: a chart with a text alternative and two save buttons.
import { startDrawing } from "./drawing.js";
import { vegaEngine } from "./engine.js";

function render({ model, el }) {
  const { picture, stage, message, buttons } = buildPage(el, model.get("spec"));
  let drawing = null;
  let removed = false;

  const say = (text) => {
    message.textContent = text;
    message.hidden = text === "";
  };
  const read = () => ({
    datasets: Object.fromEntries(
      model.get("_datasets").map((name) => [name, model.get(`data_${name}`)]),
    ),
    signals: model.get("signals"),
  });

  const start = async () => {
    try {
      const manager = model.widget_manager;
      const engine = await vegaEngine(manager, model.get("_runtime"), model.get("_digest"));
      if (removed) return;
      const started = await startDrawing({ engine, stage, spec: model.get("spec"), read, say });
      if (removed) {
        started.end();
        return;
      }
      drawing = started;
      for (const button of buttons) button.disabled = false;
      // Something may have changed while the chart was being embedded.
      drawing.refresh();
    } catch (error) {
      picture.hidden = true;
      say(`This chart could not be drawn: ${error.message}`);
    }
  };

  const describe = () => picture.setAttribute("aria-label", model.get("description"));
  describe();
  model.on("change:description", describe);
  model.on("change", () => drawing?.refresh());

  for (const button of buttons) {
    button.addEventListener("click", () =>
      save(drawing, model.get("filename"), button.value).catch((error) =>
        say(`The picture could not be saved: ${error.message}`),
      ),
    );
  }

  // A hidden chart has no width. It is drawn when it first has one. Only the
  // width is looked at, and the chart never sets it: so this cannot loop.
  let width = 0;
  const observer = new ResizeObserver(() => {
    if (stage.clientWidth === 0 || stage.clientWidth === width) return;
    const first = width === 0;
    width = stage.clientWidth;
    if (first) start();
    else drawing?.refresh();
  });
  observer.observe(stage);

  return () => {
    removed = true;
    observer.disconnect();
    drawing?.end();
  };
}

function buildPage(el, spec) {
  el.classList.add("osteoteach-live-chart");
  const picture = element("div", { role: "img", class: "osteoteach-picture" });
  // Vega writes roles of its own into the stage; the picture's label is enough.
  const stage = element("div", { "aria-hidden": "true", class: "osteoteach-stage" });
  // Keeps the page from jumping when the chart arrives.
  if (typeof spec.height === "number") stage.style.minHeight = `${spec.height}px`;
  picture.append(stage);

  const message = element("p", { role: "alert", class: "osteoteach-message" });
  message.hidden = true;

  const buttons = [saveButton("png", "Save PNG"), saveButton("svg", "Save SVG")];
  const bar = element("div", { role: "group", "aria-label": "Save this chart", class: "osteoteach-save" });
  bar.append(...buttons);
  el.replaceChildren(picture, message, bar);
  return { picture, stage, message, buttons };
}

function saveButton(type, label) {
  const button = element("button", { type: "button", value: type });
  button.textContent = label;
  button.disabled = true;
  return button;
}

function element(tag, attributes) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  return made;
}

async function save(drawing, filename, type) {
  const address = await drawing.picture(type);
  element("a", { href: address, download: `${filename}.${type}` }).click();
  // The browser needs the address until the download has begun.
  if (address.startsWith("blob:")) setTimeout(() => URL.revokeObjectURL(address), 10_000);
}

export default { render };
