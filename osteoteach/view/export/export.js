// Draws the charts of one exported scenario with the dashboards' own widget. All of it is in
// this file: nothing is fetched.
(async () => {
  const { charts, digest, engine, drawing } = JSON.parse(document.getElementById("held").textContent);

  const load = async (text) => {
    const url = URL.createObjectURL(new Blob([text], { type: "text/javascript" }));
    try {
      return await import(url);
    } finally {
      URL.revokeObjectURL(url);
    }
  };
  // Where the widget looks for the engine before it asks a kernel.
  const loaded = (globalThis[Symbol.for("osteoteach.vega")] ??= new Map());
  loaded.set(digest, load(engine));

  const { default: widget } = await load(drawing);
  for (const [name, { spec, data, signals, description, filename }] of Object.entries(charts)) {
    const traits = {
      spec, signals, description, filename, _digest: digest, _datasets: Object.keys(data),
      ...Object.fromEntries(Object.entries(data).map(([key, table]) => [`data_${key}`, table])),
    };
    const el = document.createElement("div");
    document.querySelector(`[data-chart="${CSS.escape(name)}"]`).append(el);
    // Nothing changes here, so nobody need be told of changes.
    widget.render({ model: { get: (trait) => traits[trait], on: () => {} }, el });
  }

  // A folded part would be missing on paper.
  const folded = () => document.querySelectorAll("details:not([open])");
  let opened = [];
  window.addEventListener("beforeprint", () => {
    opened = [...folded()];
    for (const one of opened) one.open = true;
  });
  window.addEventListener("afterprint", () => {
    for (const one of opened) one.open = false;
  });
})();
