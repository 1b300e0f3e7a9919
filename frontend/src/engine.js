// Finds the Vega engine for a chart.
//
// The bundle is about 0.9 MB. It arrives once per kernel as the `bundle` of a
// VegaRuntime model, and is imported once per page: two notebooks in one
// JupyterLab, or a kernel that was restarted, share the imported module.
// Under Voila the page fetches it as a file (vega_preload.js), and the model holds
// nothing; if the file did not come, the model is asked for it.

const LOADED = Symbol.for("osteoteach.vega");

/**
 * The module built from vega_runtime.js.
 *
 * @param manager  the page's widget manager, which looks up other models
 * @param reference  of the VegaRuntime model, as ipywidgets writes it: IPY_MODEL_...
 * @param digest  of the bundle: the same digest is the same module
 */
export async function vegaEngine(manager, reference, digest) {
  const loaded = (globalThis[LOADED] ??= new Map());
  while (loaded.has(digest)) {
    try {
      return await loaded.get(digest);
    } catch {
      // That was the reference of another chart, perhaps of a dead kernel.
      // It has removed itself from the map; ours may still be alive.
    }
  }
  const engine = importBundle(manager, reference);
  loaded.set(digest, engine);
  try {
    return await engine;
  } catch (error) {
    loaded.delete(digest);
    throw new Error(
      "The chart engine is not here. Run the cell that makes the chart again, " +
        `or reload the page (${error.message}).`,
    );
  }
}

const sent = (runtime) =>
  new Promise((resolve) => {
    runtime.on("msg:custom", (_content, buffers) => resolve(buffers[0]));
    runtime.send({ want: "bundle" });
  });

async function importBundle(manager, reference) {
  const runtime = await manager.get_model(reference.replace("IPY_MODEL_", ""));
  const bytes = runtime.get("bundle") ?? (await sent(runtime));
  const bundle = new Blob([bytes], { type: "text/javascript" });
  const url = URL.createObjectURL(bundle);
  try {
    return await import(url);
  } finally {
    URL.revokeObjectURL(url);
  }
}
