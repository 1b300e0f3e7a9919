// Runs Python (Pyodide) beside the page, so that the page never freezes while it computes.
import { loadPyodide } from "./pyodide.mjs";

const say = (message) => self.postMessage(message);
const stage = (name) => say({ kind: "stage", name });
let receive = null;

async function bytes(name) {
  const answer = await fetch(new URL(name, import.meta.url));
  if (!answer.ok) throw new Error(`${name} could not be loaded (${answer.status}).`);
  return answer.arrayBuffer();
}

async function start({ dashboard, digest }) {
  const packages = bytes("osteoteach.zip");
  stage("python");
  const pyodide = await loadPyodide({ stdout: console.log, stderr: console.warn });
  stage("packages");
  pyodide.unpackArchive(await packages, "zip", { extractDir: "/osteoteach" });
  pyodide.runPython("import sys; sys.path.insert(0, '/osteoteach')");
  stage("page");
  const lite = pyodide.pyimport("osteoteach_lite");
  receive = lite.receive;
  const root = lite.start((text) => say({ kind: "message", text }), dashboard, digest);
  say({ kind: "ready", root });
}

self.addEventListener("message", async ({ data }) => {
  try {
    if (data.kind === "start") await start(data);
    else receive(data.text);
  } catch (error) {
    say({ kind: "failed", text: String(error.message ?? error) });
  }
  if (data.kind === "message") say({ kind: "done" });
});
