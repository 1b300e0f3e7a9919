// Starts dashboards of a built site in Node and prints what they answer, as JSON:
//   node check.mjs SITE NAME...
import { readFile } from "node:fs/promises";
import path from "node:path";
import { loadPyodide } from "pyodide";

const [site, ...names] = process.argv.slice(2);
const python = path.join(site, "python");
const pyodide = await loadPyodide({
  stdLibURL: path.join(python, "python_stdlib.zip"), stdout: console.error, stderr: console.error,
});
const archive = await readFile(path.join(python, "osteoteach.zip"));
pyodide.unpackArchive(new Uint8Array(archive), "zip", {
  extractDir: "/osteoteach",
});
pyodide.runPython("import sys; sys.path.insert(0, '/osteoteach')");
const lite = pyodide.pyimport("osteoteach_lite");
for (const name of names) {
  const begun = performance.now();
  try {
    lite.start(() => {}, () => {}, "[]", "0");
    lite.show(name);
    const found = JSON.parse(lite.shown_facts());
    console.log(JSON.stringify({ name, ms: Math.round(performance.now() - begun), ...found }));
  } catch (error) {
    console.log(JSON.stringify({ name, error: String(error.message) }));
  }
}
