// Built by frontend/build.mjs; do not edit. Sources sha256 68ecff3b9d75564cae717eb594c0a0a366275294fe2587caa90337c633629cb1
// Fetches the chart engine while the kernel starts; see frontend/src/engine.js.
(() => {
  const loaded = (globalThis[Symbol.for("osteoteach.vega")] ??= new Map());
  const engine = import(new URL("vega_runtime.js", document.currentScript.src).href);
  loaded.set("40c544c16432d6fa5f564610d8ac85b58abccbafa2de6bb7ca0fdd1bf6b6cf38", engine);
  // Without the file the engine comes with the chart itself, as in JupyterLab.
  engine.then((module) => module.warm(), () => loaded.delete("40c544c16432d6fa5f564610d8ac85b58abccbafa2de6bb7ca0fdd1bf6b6cf38"));
})();
