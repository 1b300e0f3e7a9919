// Built by frontend/build.mjs; do not edit. Sources sha256 0859d95f65ab6fb66c7548dbd99cb7765ab9e09102d8c01321f1c90e4d890924
// Fetches the chart engine while the kernel starts; see frontend/src/engine.js.
(() => {
  const loaded = (globalThis[Symbol.for("osteoteach.vega")] ??= new Map());
  const engine = import(new URL("vega_runtime.js", document.currentScript.src).href);
  loaded.set("3d4cbd326762a0c6e2e76cc06eca315dbea8cc90cbeb0206f94dd69bdccc7f48", engine);
  // Then the engine comes with the chart itself, as in JupyterLab.
  engine.catch(() => loaded.delete("3d4cbd326762a0c6e2e76cc06eca315dbea8cc90cbeb0206f94dd69bdccc7f48"));
})();
