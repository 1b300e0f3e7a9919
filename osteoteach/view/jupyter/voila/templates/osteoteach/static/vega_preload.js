// Built by frontend/build.mjs; do not edit. Sources sha256 4f42ec7270bfa96a33f2ce32d2e827b69d21b5774c5ae84bf5fdf09bb14376df
// Fetches the chart engine while the kernel starts; see frontend/src/engine.js.
(() => {
  const loaded = (globalThis[Symbol.for("osteoteach.vega")] ??= new Map());
  const engine = import(new URL("vega_runtime.js", document.currentScript.src).href);
  loaded.set("97179a3bd811eb313861ecf41c573085ac1fc42649e99a2ea3c25fe4d1cf4496", engine);
  // Then the engine comes with the chart itself, as in JupyterLab.
  engine.catch(() => loaded.delete("97179a3bd811eb313861ecf41c573085ac1fc42649e99a2ea3c25fe4d1cf4496"));
})();
