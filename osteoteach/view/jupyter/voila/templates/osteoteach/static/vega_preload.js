// Built by frontend/build.mjs; do not edit. Sources sha256 0c21fbda34445364d591ea069e4149d5d6be807bdd89e518b9a17e580a01db9e
// Fetches the chart engine while the kernel starts; see frontend/src/engine.js.
(() => {
  const loaded = (globalThis[Symbol.for("osteoteach.vega")] ??= new Map());
  const engine = import(new URL("vega_runtime.js", document.currentScript.src).href);
  loaded.set("46ead9a1e0944509a6972cf774043e4ac87287ace0e545140d4543f78b2c763a", engine);
  // Then the engine comes with the chart itself, as in JupyterLab.
  engine.catch(() => loaded.delete("46ead9a1e0944509a6972cf774043e4ac87287ace0e545140d4543f78b2c763a"));
})();
