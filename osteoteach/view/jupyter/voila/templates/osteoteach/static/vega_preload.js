// Built by frontend/build.mjs; do not edit. Sources sha256 99f19e1868fc1b14d3505b881fa5e1bf5c9f4151a78870b692b65e7a514ad516
// Fetches the chart engine while the kernel starts; see frontend/src/engine.js.
(() => {
  const loaded = (globalThis[Symbol.for("osteoteach.vega")] ??= new Map());
  const engine = import(new URL("vega_runtime.js", document.currentScript.src).href);
  loaded.set("9b467fa0aa55a024446627c25245f47e7ac58099686db8120ac0d9c684d0616c", engine);
  // Then the engine comes with the chart itself, as in JupyterLab.
  engine.catch(() => loaded.delete("9b467fa0aa55a024446627c25245f47e7ac58099686db8120ac0d9c684d0616c"));
})();
