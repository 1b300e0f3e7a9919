// Built by frontend/build.mjs; do not edit. Sources sha256 49aded93e1766b9b9844f0c30e79ea1ce2a64a8721f9af844f3e6e381cb0897e
// Fetches the chart engine while the kernel starts; see frontend/src/engine.js.
(() => {
  const loaded = (globalThis[Symbol.for("osteoteach.vega")] ??= new Map());
  const engine = import(new URL("vega_runtime.js", document.currentScript.src).href);
  loaded.set("86cbeb852c373559f4fdf8c2ad86f9041e7a526edcd8e3096559d95d2c17f539", engine);
  // Without the file the engine comes with the chart itself, as in JupyterLab.
  engine.then((module) => module.warm(), () => loaded.delete("86cbeb852c373559f4fdf8c2ad86f9041e7a526edcd8e3096559d95d2c17f539"));
})();
