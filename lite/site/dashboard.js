// One dashboard: starts Python, says what is going on meanwhile, then shows the page.
import { keepSite } from "./offline.js";
import { Widgets } from "./widgets.js";

const text = document.getElementById("loading_text");
const { dashboard, digest, firstLoad } = document.body.dataset;

const STAGES = {
  python: `Loading Python into your browser: ${firstLoad} on the first visit, then nothing`,
  packages: "Unpacking the model and its evidence tables",
  page: "Computing the first answer",
};

function fail(words) {
  const box = document.createElement("div");
  box.className = "ot-failed";
  box.setAttribute("role", "alert");
  const title = document.createElement("h1");
  title.textContent = "This page could not be started in your browser";
  const reason = document.createElement("p");
  reason.textContent = words;
  const help = document.createElement("p");
  help.textContent = "Reload the page. It needs a browser not older than 2023, with WebAssembly.";
  box.append(title, reason, help);
  document.getElementById("loading")?.replaceWith(box);
  document.body.classList.add("ot-ready");
}

async function show(widgets, root) {
  const view = await widgets.create_view(await widgets.get_model(root));
  document.getElementById("rendered_cells").append(view.el);
  const page = view.el;
  const ready = () => {
    document.getElementById("loading")?.remove();
    document.body.classList.add("ot-ready");
    keepSite();
  };
  if (!page.classList.contains("ot-page") || "ready" in page.dataset) return ready();
  new MutationObserver((_, observer) => {
    if (!("ready" in page.dataset)) return;
    observer.disconnect();
    ready();
  }).observe(page, { attributes: true, attributeFilter: ["data-ready"] });
}

// Said once: every later answer of this visit has the same fate.
function warn(words) {
  if (document.querySelector(".lite-warning")) return;
  const line = document.createElement("p");
  line.className = "lite-warning";
  line.setAttribute("role", "alert");
  line.textContent = `Your answer could not be kept in this browser (${words}). `
    + "It holds until you close the page.";
  document.getElementById("ot-main").prepend(line);
}

// Pages name each other as notebooks; here they are pages.
document.addEventListener("click", (event) => {
  const link = event.target.closest?.("a[href]");
  if (link?.origin === window.location.origin) {
    link.href = link.href.replace(/\.ipynb(?=$|[?#])/, ".html");
  }
}, true);

const worker = new Worker(new URL("../python/worker.js", import.meta.url), { type: "module" });
const widgets = new Widgets((message) => {
  worker.postMessage({ kind: "message", text: JSON.stringify(message) });
});
worker.addEventListener("message", ({ data }) => {
  if (data.kind === "message") widgets.receive(JSON.parse(data.text));
  else if (data.kind === "done") widgets.done();
  else if (data.kind === "stage") text.textContent = STAGES[data.name];
  else if (data.kind === "ready") show(widgets, data.root).catch((error) => fail(error.message));
  else if (data.kind === "unkept") warn(data.text);
  else if (data.kind === "failed") fail(data.text);
});
worker.addEventListener("error", (event) => fail(event.message || "Python did not start."));
worker.postMessage({ kind: "start", dashboard, digest });
