// The widget LiveChart: a chart with a text alternative, a table, and save buttons.
import { pixels, startDrawing } from "./drawing.js";
import { button, element } from "./elements.js";
import { vegaEngine } from "./engine.js";
import { csv, originOf, tableElements, tablesOf, whereButton } from "./table.js";

const UNSEEN_MS = 40;

function render({ model, el }) {
  const spec = model.get("spec");
  const { picture, stage, message, table, toggle, buttons, where } = buildPage(el, spec);
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

  // A press on a published point asks where it comes from. By keyboard the same buttons
  // stand in the table.
  const ask = (datum) => {
    const origin = originOf(datum);
    if (!origin) return;
    Object.assign(where.dataset, origin);
    where.click();
  };

  const start = async () => {
    try {
      const manager = model.widget_manager;
      const engine = await vegaEngine(manager, model.get("_runtime"), model.get("_digest"));
      if (removed) return;
      const started = await startDrawing({ engine, stage, spec, read, say, ask });
      if (removed) {
        started.end();
        return;
      }
      drawing = started;
      for (const button of buttons) button.disabled = false;
      el.osteoteachSvg = () => drawing.svg();
      // Something may have changed while the chart was being embedded.
      drawing.resize();
    } catch (error) {
      picture.hidden = true;
      say(`This chart could not be drawn: ${error.message}`);
    }
  };

  const describe = () => picture.setAttribute("aria-label", model.get("description"));
  describe();
  model.on("change:description", describe);
  // What is in the window goes first: a chart that nobody sees follows when all is quiet.
  let isSeen = true;
  let later = 0;
  const follow = () => {
    later = 0;
    drawing?.refresh();
  };
  model.on("change", () => {
    clearTimeout(later);
    if (isSeen) follow();
    else later = setTimeout(follow, UNSEEN_MS);
  });
  const watch = new IntersectionObserver((entries) => {
    isSeen = entries.at(-1).isIntersecting;
    if (isSeen && later) follow();
  });
  watch.observe(stage);

  // Written anew only while it is seen, and once for all that changed together.
  let due = false;
  const showTable = () => {
    if (table.hidden || due) return;
    due = true;
    requestAnimationFrame(() => {
      due = false;
      if (!table.hidden) table.replaceChildren(...tableElements(tablesOf(spec, read())));
    });
  };
  toggle.addEventListener("click", () => {
    table.hidden = !table.hidden;
    toggle.setAttribute("aria-expanded", String(!table.hidden));
    showTable();
  });
  model.on("change", showTable);

  const content = {
    png: async () => pixels(await drawing.svg()),
    svg: async () => new Blob([await drawing.svg()], { type: "image/svg+xml" }),
    csv: async () => new Blob([csv(tablesOf(spec, read()))], { type: "text/csv" }),
  };
  for (const button of buttons) {
    button.addEventListener("click", () =>
      content[button.value]()
        .then((blob) => save(blob, `${model.get("filename")}.${button.value}`))
        .catch((error) => say(`The file could not be saved: ${error.message}`)),
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
    else drawing?.resize();
  });
  observer.observe(stage);

  return () => {
    removed = true;
    observer.disconnect();
    watch.disconnect();
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

  const message = element("p", { role: "alert", class: "osteoteach-message", hidden: "" });

  const table = element("div", {
    class: "osteoteach-table", role: "group", tabindex: 0, "aria-label": "The chart as a table", hidden: "",
  });
  const toggle = button("Show as table", { "aria-expanded": "false" });
  const buttons = ["png", "svg", "csv"].map((type) =>
    button(type.toUpperCase(), { value: type, "aria-label": `Save ${type.toUpperCase()}`, disabled: "" }));
  const saving = element("span", { role: "group", "aria-label": "Save this chart" });
  saving.append("Save ", ...buttons);
  const bar = element("div", { class: "osteoteach-tools" });
  bar.append(toggle, saving);
  // For presses on the picture only: never seen, and not in the order of the keyboard.
  const where = whereButton("a point of the chart", {
    class: "ot-where osteoteach-where-point", tabindex: -1, "aria-hidden": "true",
  });
  el.replaceChildren(picture, message, bar, table, where);
  return { picture, stage, message, table, toggle, buttons, where };
}

function save(blob, name) {
  const href = URL.createObjectURL(blob);
  element("a", { href, download: name }).click();
  // The browser needs the address until the download has begun.
  setTimeout(() => URL.revokeObjectURL(href), 10_000);
}

export default { render };
