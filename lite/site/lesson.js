// A lesson: its cells run in the page's own Python, one after the other, as in a notebook.
import { keepSite } from "./offline.js";
import { Widgets } from "./widgets.js";

const { digest } = document.body.dataset;
const line = document.getElementById("loading_text");
const cells = [...document.querySelectorAll(".lite-cell")];
const written = cells.map((cell) => cell.querySelector("textarea").value);

const worker = new Worker(new URL("../python/worker.js", import.meta.url), { type: "module" });
const widgets = new Widgets((message) => {
  worker.postMessage({ kind: "message", text: JSON.stringify(message) });
});
const drawing = import("./live_chart.js");

function element(tag, text = "", className = "") {
  const made = document.createElement(tag);
  made.textContent = text;
  made.className = className;
  return made;
}

// Only for charts that were drawn when the site was built: they never change.
async function chart({ spec, description }) {
  const traits = { spec, description, signals: {}, filename: "osteoteach-lesson",
    _digest: digest, _datasets: [] };
  const el = element("div");
  const { default: widget } = await drawing;
  widget.render({ model: { get: (name) => traits[name], on: () => {} }, el });
  return el;
}

async function shown({ text, html, widget, chart: drawn }) {
  if (drawn) return chart(drawn);
  if (widget) return (await widgets.create_view(await widgets.get_model(widget))).el;
  if (text !== undefined) return element("pre", text);
  const box = element("div", "", "lite-table");
  box.tabIndex = 0;
  // A table of the saved lesson, from the site itself.
  box.innerHTML = html;
  // pandas leaves the corner of a table empty, and an empty heading heads nothing.
  for (const corner of box.querySelectorAll("th:empty")) {
    corner.replaceWith(document.createElement("td"));
  }
  return box;
}

function say(output, words) {
  output.append(element("p", words, "lite-said"));
}

async function show(number, { shown: parts, error, missing }) {
  const cell = cells[number];
  const output = cell.querySelector(".lite-output");
  output.replaceChildren();
  for (const part of parts) output.append(await shown(part));
  if (error) {
    const saved = JSON.parse(cell.querySelector("script").textContent);
    const untouched = cell.querySelector("textarea").value === written[number];
    cell.toggleAttribute("data-missing", missing !== "");
    if (missing) {
      const library = missing.startsWith("osteoteach") ? "Altair, which draws the charts of a lesson,"
        : missing;
      say(output, `This cell cannot run here: ${library} does not run in a browser without a server.`);
    } else {
      output.append(element("pre", error, "lite-error"));
      const lacking = cells.slice(0, number).some((one) => "missing" in one.dataset);
      if (error.startsWith("NameError")) {
        say(output, lacking ? "It needs a cell above that cannot run here."
          : "Run the cells above first, from the top.");
      }
    }
    if (untouched && saved.length > 0) {
      say(output, "This is what the lesson as written shows. It does not follow what you change.");
      for (const part of saved) output.append(await shown(part));
    }
  } else if (parts.length === 0) say(output, "Done.");
}

let ready = false;
const waiting = [];
function run(number) {
  const cell = cells[number];
  const output = cell.querySelector(".lite-output");
  output.replaceChildren(element("p", ready ? "Running …" : "Waits for Python …", "lite-said"));
  const job = { kind: "run", cell: number, code: cell.querySelector("textarea").value };
  if (ready) worker.postMessage(job);
  else waiting.push(job);
}

cells.forEach((cell, number) => {
  cell.querySelector(".lite-run").addEventListener("click", () => run(number));
  const box = cell.querySelector("textarea");
  box.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !event.shiftKey) return;
    event.preventDefault();
    run(number);
    cells[number + 1]?.querySelector("textarea").focus();
  });
  box.addEventListener("input", () => { box.rows = box.value.split("\n").length; });
});

function begin() {
  ready = true;
  line.textContent = "Python is ready. Run the cells from the top: press Run, or Shift and Enter.";
  for (const job of waiting) worker.postMessage(job);
  document.body.classList.add("ot-ready");
  keepSite();
}

worker.addEventListener("message", ({ data }) => {
  if (data.kind === "message") widgets.receive(JSON.parse(data.text));
  else if (data.kind === "done") widgets.done();
  else if (data.kind === "ready") begin();
  else if (data.kind === "ran") {
    show(data.cell, data.result).catch((error) => {
      say(cells[data.cell].querySelector(".lite-output"), `This cannot be shown: ${error.message}`);
    });
  }
  else if (data.kind === "unkept") line.textContent = `Answers are not kept here (${data.text}).`;
  else if (data.kind === "failed") line.textContent = `Python did not start: ${data.text} Reload the page.`;
});
worker.addEventListener("error", (event) => {
  line.textContent = `Python did not start: ${event.message}. Reload the page.`;
});
worker.postMessage({ kind: "start", dashboard: null, digest });
