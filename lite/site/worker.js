// Runs Python (Pyodide) beside the page, so that the page never freezes while it computes.
import { openAnswers } from "./answers.js";
import { loadPyodide } from "./pyodide.mjs";

// What is said after an answer was given waits until the browser has stored that answer:
// no feedback before the answer is safe.
const held = [];
let storing = 0;

function say(message) {
  if (storing > 0) held.push(message);
  else self.postMessage(message);
}

async function stored(writing) {
  storing += 1;
  try {
    await writing;
  } catch (error) {
    self.postMessage({ kind: "unkept", text: error.message });
  }
  storing -= 1;
  if (storing === 0) held.splice(0).forEach(say);
}

const stage = (name) => say({ kind: "stage", name });
let lite = null;

async function bytes(name) {
  const answer = await fetch(new URL(name, import.meta.url));
  if (!answer.ok) throw new Error(`${name} could not be loaded (${answer.status}).`);
  return answer.arrayBuffer();
}

async function start({ dashboard, digest }) {
  const packages = bytes("osteoteach.zip");
  const answers = openAnswers();
  stage("python");
  const pyodide = await loadPyodide({ stdout: console.log, stderr: console.warn });
  const archive = await packages;
  stage("packages");
  pyodide.unpackArchive(archive, "zip", { extractDir: "/osteoteach" });
  pyodide.runPython("import sys; sys.path.insert(0, '/osteoteach')");
  stage("page");
  lite = pyodide.pyimport("osteoteach_lite");
  const { keep, kept } = await answers;
  const keepHere = keep && ((text) => { stored(keep(text)); });
  lite.start((text) => say({ kind: "message", text }), keepHere, JSON.stringify(kept), digest);
  say({ kind: "ready", root: dashboard ? lite.show(dashboard) : null });
}

const act = {
  start,
  message: ({ text }) => lite.receive(text),
  run: ({ cell, code }) => say({ kind: "ran", cell, result: JSON.parse(lite.run_cell(code)) }),
};

self.addEventListener("message", async ({ data }) => {
  try {
    await act[data.kind](data);
  } catch (error) {
    console.warn(error);
    // The last line of a traceback is what a reader can use.
    say({ kind: "failed", text: String(error.message ?? error).trim().split("\n").at(-1) });
  }
  if (data.kind === "message") say({ kind: "done" });
});
