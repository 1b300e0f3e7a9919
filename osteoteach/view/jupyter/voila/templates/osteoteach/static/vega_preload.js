// Built by frontend/build.mjs; do not edit. Sources sha256 fc55a316d174a6b58ad3d46bece1479098b8e03e4f8e908c76bda7e988cd34a1
// Fetches the chart engine while the kernel starts; see frontend/src/engine.js.
(() => {
  const loaded = (globalThis[Symbol.for("osteoteach.vega")] ??= new Map());
  const engine = import(new URL("vega_runtime.js", document.currentScript.src).href);
  loaded.set("b07cf998c8db1883e75e13bf5bf7cecd62332b6bd2e7ef10bdf8a601a5053bf8", engine);
  // Then the engine comes with the chart itself, as in JupyterLab.
  engine.catch(() => loaded.delete("b07cf998c8db1883e75e13bf5bf7cecd62332b6bd2e7ef10bdf8a601a5053bf8"));
})();
