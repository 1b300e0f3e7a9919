// Built by frontend/build.mjs; do not edit. Sources sha256 fe76c6ce17b9f1935435f088e5f488b4956f2054f8cb4572f00c44e6ec95a091
// Fetches the chart engine while the kernel starts; see frontend/src/engine.js.
(() => {
  const loaded = (globalThis[Symbol.for("osteoteach.vega")] ??= new Map());
  const engine = import(new URL("vega_runtime.js", document.currentScript.src).href);
  loaded.set("845ddcb2d5321848f15031a10570f60dfc8f355ad363f049c04bb35c493c0516", engine);
  // Then the engine comes with the chart itself, as in JupyterLab.
  engine.catch(() => loaded.delete("845ddcb2d5321848f15031a10570f60dfc8f355ad363f049c04bb35c493c0516"));
})();
