// Built by frontend/build.mjs; do not edit. Sources sha256 cf4e7bf7b76f8861f3436fee24705f0b435e985333702600db7588c5e7ff31c7
// Fetches the chart engine while the kernel starts; see frontend/src/engine.js.
(() => {
  const loaded = (globalThis[Symbol.for("osteoteach.vega")] ??= new Map());
  const engine = import(new URL("vega_runtime.js", document.currentScript.src).href);
  loaded.set("853cb0f4f51ac0795a27f8784b2d2262a45b7d8346358b960dec9b5de740cc0a", engine);
  // Then the engine comes with the chart itself, as in JupyterLab.
  engine.catch(() => loaded.delete("853cb0f4f51ac0795a27f8784b2d2262a45b7d8346358b960dec9b5de740cc0a"));
})();
