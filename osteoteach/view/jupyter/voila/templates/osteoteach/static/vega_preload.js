// Built by frontend/build.mjs; do not edit. Sources sha256 c6c6d6834eed219aeb15039592f6ef3cf7e6c519e9c04387007e0c87dc8155db
// Fetches the chart engine while the kernel starts; see frontend/src/engine.js.
(() => {
  const loaded = (globalThis[Symbol.for("osteoteach.vega")] ??= new Map());
  const engine = import(new URL("vega_runtime.js", document.currentScript.src).href);
  loaded.set("326ca4a35f9722b2b9d6320b8ce80dab7de5a44c27fbace3f3c5565d6b21fae9", engine);
  // Then the engine comes with the chart itself, as in JupyterLab.
  engine.catch(() => loaded.delete("326ca4a35f9722b2b9d6320b8ce80dab7de5a44c27fbace3f3c5565d6b21fae9"));
})();
