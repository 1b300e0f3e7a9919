// Built by frontend/build.mjs; do not edit. Sources sha256 ba81153502f57e9cba91618b1c164d9793a51e609caf4ee783679ff16fecd8bb
// Fetches the chart engine while the kernel starts; see frontend/src/engine.js.
(() => {
  const loaded = (globalThis[Symbol.for("osteoteach.vega")] ??= new Map());
  const engine = import(new URL("vega_runtime.js", document.currentScript.src).href);
  loaded.set("a758628de7bca417696f5c2b4cc1630efb4d56a15dd8d41447f69e2cdd0fde54", engine);
  // Then the engine comes with the chart itself, as in JupyterLab.
  engine.catch(() => loaded.delete("a758628de7bca417696f5c2b4cc1630efb4d56a15dd8d41447f69e2cdd0fde54"));
})();
