// Built by frontend/build.mjs; do not edit. Sources sha256 1aa108583c35faefb4bfbe16d465d4167d12574bf8a0c710912962183f4c066a
// Fetches the chart engine while the kernel starts; see frontend/src/engine.js.
(() => {
  const loaded = (globalThis[Symbol.for("osteoteach.vega")] ??= new Map());
  const engine = import(new URL("vega_runtime.js", document.currentScript.src).href);
  loaded.set("51e1ce3eb629cd32161cd4b6db0c7b491225579f1b050b62dc03933913c26ee4", engine);
  // Then the engine comes with the chart itself, as in JupyterLab.
  engine.catch(() => loaded.delete("51e1ce3eb629cd32161cd4b6db0c7b491225579f1b050b62dc03933913c26ee4"));
})();
