// Built by frontend/build.mjs; do not edit. Sources sha256 e5636d5ef9ff3e032f3a2afd1e46412eba8962ad77138584bd9a99e918b7779a
// Fetches the chart engine while the kernel starts; see frontend/src/engine.js.
(() => {
  const loaded = (globalThis[Symbol.for("osteoteach.vega")] ??= new Map());
  const engine = import(new URL("vega_runtime.js", document.currentScript.src).href);
  loaded.set("715815075ed42cbacb3c66600ffcc2589fb01cc229459c5cbed8bc11a2235b34", engine);
  // Then the engine comes with the chart itself, as in JupyterLab.
  engine.catch(() => loaded.delete("715815075ed42cbacb3c66600ffcc2589fb01cc229459c5cbed8bc11a2235b34"));
})();
