// Built by frontend/build.mjs; do not edit. Sources sha256 ee359c0158a04c74975cc4dacaed04372f54da435b366de69052f509ac90898d
// Fetches the chart engine while the kernel starts; see frontend/src/engine.js.
(() => {
  const loaded = (globalThis[Symbol.for("osteoteach.vega")] ??= new Map());
  const engine = import(new URL("vega_runtime.js", document.currentScript.src).href);
  loaded.set("de9c2bf3b37fd0161fccdaad3c17f6a85461e963e004745bcba2a190f23fba70", engine);
  // Then the engine comes with the chart itself, as in JupyterLab.
  engine.catch(() => loaded.delete("de9c2bf3b37fd0161fccdaad3c17f6a85461e963e004745bcba2a190f23fba70"));
})();
