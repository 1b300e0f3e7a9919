// Built by frontend/build.mjs; do not edit. Sources sha256 ec752bcc9934e982a992246c1918e2c51a9633c6f96c842b07b2e3c928c5f0ae
// Fetches the chart engine while the kernel starts; see frontend/src/engine.js.
(() => {
  const loaded = (globalThis[Symbol.for("osteoteach.vega")] ??= new Map());
  const engine = import(new URL("vega_runtime.js", document.currentScript.src).href);
  loaded.set("6d6798724fd73ba1f7e310e4ffac189f626670901e868e8ce454532768cda35f", engine);
  // Then the engine comes with the chart itself, as in JupyterLab.
  engine.catch(() => loaded.delete("6d6798724fd73ba1f7e310e4ffac189f626670901e868e8ce454532768cda35f"));
})();
