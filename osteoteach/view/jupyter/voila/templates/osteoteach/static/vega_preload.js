// Built by frontend/build.mjs; do not edit. Sources sha256 126c587bc99385fe2e0e661e61c011c5627f8375232f3b89d2322be883d2e240
// Fetches the chart engine while the kernel starts; see frontend/src/engine.js.
(() => {
  const loaded = (globalThis[Symbol.for("osteoteach.vega")] ??= new Map());
  const engine = import(new URL("vega_runtime.js", document.currentScript.src).href);
  loaded.set("9172e475f1288e20f66fa35e3845d1a03017d1c8ecd662d77e07e90bf75cb788", engine);
  // Without the file the engine comes with the chart itself, as in JupyterLab.
  engine.then((module) => module.warm(), () => loaded.delete("9172e475f1288e20f66fa35e3845d1a03017d1c8ecd662d77e07e90bf75cb788"));
})();
