// Built by frontend/build.mjs; do not edit. Sources sha256 89e74b61f9d680d4b8642e923e60f58eaa84273cac055244ef4842a96768cf11
// Fetches the chart engine while the kernel starts; see frontend/src/engine.js.
(() => {
  const loaded = (globalThis[Symbol.for("osteoteach.vega")] ??= new Map());
  const engine = import(new URL("vega_runtime.js", document.currentScript.src).href);
  loaded.set("0034f64dcdc648e7f95054468b9d111c349b704f631ed1635eac02ddc586980d", engine);
  // Then the engine comes with the chart itself, as in JupyterLab.
  engine.catch(() => loaded.delete("0034f64dcdc648e7f95054468b9d111c349b704f631ed1635eac02ddc586980d"));
})();
