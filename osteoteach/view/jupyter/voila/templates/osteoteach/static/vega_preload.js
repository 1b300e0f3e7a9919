// Built by frontend/build.mjs; do not edit. Sources sha256 c5ec1bc0eb045b46e5296a87901f737e1bcc2e1ec4542b9343297915042d59df
// Fetches the chart engine while the kernel starts; see frontend/src/engine.js.
(() => {
  const loaded = (globalThis[Symbol.for("osteoteach.vega")] ??= new Map());
  const engine = import(new URL("vega_runtime.js", document.currentScript.src).href);
  loaded.set("5022aae6eed9b8f550deb56efd2df6f23aac4863f10084d78a9085a77288d9c7", engine);
  // Then the engine comes with the chart itself, as in JupyterLab.
  engine.catch(() => loaded.delete("5022aae6eed9b8f550deb56efd2df6f23aac4863f10084d78a9085a77288d9c7"));
})();
