// Builds osteoteach/view/static/ from frontend/src/, and the chart engine, which stands in
// the static folder of the Voila template so that a page can fetch it before its kernel runs.
//
//   node build.mjs           writes the files
//   node build.mjs --check   says whether the files there equal a fresh build
//
// The same sources and lock file give the same bytes.
import { createHash } from "node:crypto";
import { mkdir, readFile, readdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const here = path.dirname(fileURLToPath(import.meta.url));
const view = path.join(here, "..", "osteoteach", "view");
const target = path.join(view, "static");
const served = path.join(view, "jupyter", "voila", "templates", "osteoteach", "static");

/** One hash for all that a build depends on; a test in Python recomputes it. */
async function sourcesDigest() {
  const sources = (await readdir(path.join(here, "src"))).map((name) => `src/${name}`);
  const hash = createHash("sha256");
  for (const name of [...sources, "build.mjs", "package-lock.json", "package.json"].sort()) {
    const text = await readFile(path.join(here, name), "utf8");
    hash.update(`${name}\n${text.replaceAll("\r\n", "\n")}`);
  }
  return hash.digest("hex");
}

async function bundle(entry, banner) {
  const result = await build({
    absWorkingDir: here,
    entryPoints: [entry],
    outdir: target,
    bundle: true,
    minify: true,
    format: "esm",
    target: "es2022",
    charset: "utf8",
    legalComments: "none",
    metafile: true,
    write: false,
    banner: { js: banner },
    logLevel: "warning",
  });
  return { code: result.outputFiles[0].text, inputs: Object.keys(result.metafile.inputs).sort() };
}

// Packages that were already inside the published file of another one, so that
// the bundler does not see them.
const PACKED_INSIDE = {
  "node_modules/d3-delaunay": ["node_modules/delaunator", "node_modules/robust-predicates"],
  "node_modules/vega-embed": ["node_modules/fast-json-patch", "node_modules/semver"],
};

/** Folders of the packages that a bundle really contains. */
function packagesOf(inputs) {
  const folder = /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//;
  const seen = new Set(inputs.map((input) => folder.exec(input)?.[1]).filter(Boolean));
  for (const [outer, inner] of Object.entries(PACKED_INSIDE)) {
    if (seen.has(outer)) inner.forEach((one) => seen.add(one));
  }
  return [...seen].sort();
}

/** Comments in the bundled sources that name an author or a licence. */
async function noticesIn(inputs) {
  const comment = /^[ \t]*\/\*[\s\S]*?\*\/|(?:^[ \t]*\/\/.*\n)+/gm;
  const credit = /copyright|\(c\)|licen[cs]e|adapted from|based on https?:/i;
  const notices = new Set();
  for (const input of inputs.filter((one) => one.startsWith("node_modules/"))) {
    const text = (await readFile(path.join(here, input), "utf8")).replaceAll("\r\n", "\n");
    for (const [found] of text.matchAll(comment)) {
      if (credit.test(found)) notices.add(`${input.replaceAll("node_modules/", "")}:\n${found.trim()}`);
    }
  }
  return [...notices];
}

async function licenceOf(folder) {
  const about = JSON.parse(await readFile(path.join(here, folder, "package.json"), "utf8"));
  const names = (await readdir(path.join(here, folder))).filter((name) =>
    /^(licen[cs]e|notice|copying)/i.test(name),
  );
  if (names.length === 0) throw new Error(`${about.name} has no licence file; add its text`);
  const texts = await Promise.all(
    names.sort().map((name) => readFile(path.join(here, folder, name), "utf8")),
  );
  const heading = `${about.name} ${about.version} (${about.license})`;
  const text = texts.map((one) => one.replaceAll("\r\n", "\n").trim()).join("\n\n");
  return `${heading}\n${"-".repeat(heading.length)}\n${text}\n`;
}

/** A classic script: it runs at once, while the page still waits for its kernel. */
function preloader(made, engine) {
  const digest = createHash("sha256").update(engine).digest("hex");
  return `// ${made}
// Fetches the chart engine while the kernel starts; see frontend/src/engine.js.
(() => {
  const loaded = (globalThis[Symbol.for("osteoteach.vega")] ??= new Map());
  const engine = import(new URL("vega_runtime.js", document.currentScript.src).href);
  loaded.set("${digest}", engine);
  // Without the file the engine comes with the chart itself, as in JupyterLab.
  engine.then((module) => module.warm(), () => loaded.delete("${digest}"));
})();
`;
}

async function freshFiles() {
  const made = `Built by frontend/build.mjs; do not edit. Sources sha256 ${await sourcesDigest()}`;
  const notice = "Contains other people's work: see THIRD_PARTY_LICENSES.txt.";
  const engine = await bundle("src/vega_runtime.js", `// ${made}\n// ${notice}`);
  const chart = await bundle("src/live_chart.js", `// ${made}`);
  const css = await readFile(path.join(here, "src", "live_chart.css"), "utf8");

  const licences = await Promise.all(packagesOf(engine.inputs).map(licenceOf));
  const head = "Packages inside vega_runtime.js, each with the full text of its licence.\n";
  const title = "Notices in the sources of these packages";
  const notices = [title, "-".repeat(title.length), ...(await noticesIn(engine.inputs))];
  return {
    [path.join(served, "vega_runtime.js")]: engine.code,
    [path.join(served, "vega_preload.js")]: preloader(made, engine.code),
    [path.join(target, "live_chart.js")]: chart.code,
    [path.join(target, "live_chart.css")]: css,
    [path.join(target, "THIRD_PARTY_LICENSES.txt")]: [head, ...licences, `${notices.join("\n\n")}\n`].join("\n\n"),
  };
}

const checking = process.argv.includes("--check");
await mkdir(target, { recursive: true });
for (const [file, fresh] of Object.entries(await freshFiles())) {
  const name = path.basename(file);
  const size = `${Buffer.byteLength(fresh).toLocaleString("en")} bytes`;
  if (!checking) {
    await writeFile(file, fresh);
    console.log(`wrote ${name}, ${size}`);
    continue;
  }
  const kept = await readFile(file, "utf8").catch(() => null);
  const same = kept === fresh;
  console.log(`${same ? "same     " : "DIFFERENT"} ${name}, ${size}`);
  if (!same) process.exitCode = 1;
}
