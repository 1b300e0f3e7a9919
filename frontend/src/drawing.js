// One Vega view: embedded once, then only its data and signals change.

/** Turns {column: [values]} into the rows that Vega wants. */
export function rows(columns) {
  const names = Object.keys(columns);
  const count = names.length === 0 ? 0 : columns[names[0]].length;
  return Array.from({ length: count }, (_, row) =>
    Object.fromEntries(names.map((name) => [name, columns[name][row]])),
  );
}

/**
 * A Vega loader that loads nothing: no file, no address, no outside image.
 *
 * @param refuse  told in words what was asked for
 */
export function closedLoader(refuse) {
  const stop = async (address) => {
    const message = `This chart asked for ${address}. Charts here show only the data they are given.`;
    refuse(message);
    throw new Error(message);
  };
  const sanitize = async (address, options) =>
    options?.context === "image" && /^data:image\//.test(address)
      ? { href: address }
      : stop(address);
  return { load: stop, sanitize, http: stop, file: stop };
}

/**
 * Embeds the chart and keeps it equal to the model.
 *
 * @param engine  the module built from vega_runtime.js
 * @param stage  the element that receives the SVG
 * @param read  returns {datasets, signals} as they are now, datasets in columns
 * @param say  shows a message in the widget; an empty one takes it away
 */
export async function startDrawing({ engine, stage, spec, read, say }) {
  let refused = "";
  let trouble = "";
  let dirty = false;
  let running = false;
  let ended = false;
  let width = stage.clientWidth;
  const fillsPage = spec.width === "container";

  const tell = () => say(refused || trouble);
  const complain = (message) => {
    trouble ||= message;
    tell();
  };
  // What the chart may not load stays missing, so this message stays too.
  const refuse = (message) => {
    refused ||= message;
    tell();
  };
  const logger = engine.logger(engine.Warn, "warn", (method, level, parts) => {
    if (method === "error") complain(parts.map((part) => part?.message ?? part).join(" "));
    else console[method](...parts);
  });

  const shown = read();
  const { view } = await engine.embed(stage, withData(spec, shown.datasets), {
    mode: "vega-lite",
    renderer: "svg",
    actions: false,
    defaultStyle: false,
    // The widget's own role="img" and label speak for the chart.
    config: { aria: false },
    loader: closedLoader(refuse),
    logger,
  });
  for (const [name, value] of Object.entries(shown.signals)) view.signal(name, value);
  // Without this second layout a legend may be cut off.
  await view.resize().runAsync();

  function apply() {
    const now = read();
    for (const [name, columns] of Object.entries(now.datasets)) {
      // A dataset that was not sent again is still the same object.
      if (columns === shown.datasets[name]) continue;
      view.change(name, engine.changeset().remove(() => true).insert(rows(columns)));
      shown.datasets[name] = columns;
    }
    for (const [name, value] of Object.entries(now.signals)) {
      if (value !== view.signal(name)) view.signal(name, value);
    }
    if (fillsPage && stage.clientWidth > 0 && stage.clientWidth !== width) {
      width = stage.clientWidth;
      view.width(width);
    }
  }

  // Never two runs at once: what arrives during a run is drawn by the next.
  async function refresh() {
    dirty = true;
    if (running) return;
    running = true;
    try {
      while (dirty && !ended) {
        dirty = false;
        trouble = "";
        apply();
        await view.runAsync();
        tell();
      }
    } catch (error) {
      complain(error.message);
    } finally {
      running = false;
    }
  }

  return {
    refresh,
    /** An address of the picture, for a download. */
    picture: (type) => view.toImageURL(type, type === "png" ? 2 : 1),
    end() {
      ended = true;
      view.finalize();
    },
  };
}

function withData(spec, datasets) {
  const values = Object.entries(datasets).map(([name, columns]) => [name, rows(columns)]);
  return { ...spec, datasets: { ...spec.datasets, ...Object.fromEntries(values) } };
}
