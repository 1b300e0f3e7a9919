// Built by frontend/build.mjs; do not edit. Sources sha256 bcf62f656a150b74a5f4ec926b343fc867d46e6f2d2b4b318966b7c2713a4f2c
// Fetches the chart engine while the kernel starts; see frontend/src/engine.js.
(() => {
  const loaded = (globalThis[Symbol.for("osteoteach.vega")] ??= new Map());
  const engine = import(new URL("vega_runtime.js", document.currentScript.src).href);
  loaded.set("af53b5fb55b1f1b03ab6f40745f2cd360f854d73a77b1abc82a729cf99adb75d", engine);
  // Without the file the engine comes with the chart itself, as in JupyterLab.
  engine.then((module) => module.warm(), () => loaded.delete("af53b5fb55b1f1b03ab6f40745f2cd360f854d73a77b1abc82a729cf99adb75d"));
})();
