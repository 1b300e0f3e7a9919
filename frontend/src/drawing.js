// One Vega view: embedded once, then only its data and signals change.
import { withNamedColours, withPlainColours } from "./colours.js";
import { rowKeeper, rows } from "./rows.js";
import { titleWrapper } from "./title.js";

// A browser compiles what runs often: so many runs ahead of the first move, while nobody waits.
const REHEARSALS = 3;
const idle = globalThis.requestIdleCallback ?? setTimeout;

// What live_chart.css gives to words in front of lines, for a picture without a page. A program
// that cannot paint the halo under the letters does not know @supports either.
const HALO =
  "><style>@supports(paint-order:stroke){.mark-text.role-mark text:not([fill*=ffffff])" +
  "{paint-order:stroke;stroke:#fff;stroke-width:6px;stroke-linejoin:round}}</style>";

// Room that a title leaves at the two sides of the chart, in pixels.
const MARGIN = 16;

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
 * @param ask  told the row of data behind a mark that was pressed
 */
export async function startDrawing({ engine, stage, spec, read, say, ask = () => {} }) {
  let refused = "";
  let trouble = "";
  let dirty = false;
  let running = null;
  let ended = false;
  // A presented page draws its charts smaller and shows them larger: so all type grows.
  const scale = Number(getComputedStyle(stage).getPropertyValue("--ot-chart-scale")) || 1;
  const room = () => Math.round(stage.clientWidth / scale);
  let width = room();

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

  const changesOf = rowKeeper(engine.changeset);
  let resized = false;
  const wrapTitle = titleWrapper(spec);
  const shown = read();
  shown.signals = wrapTitle(shown.signals, width - MARGIN);
  // A number: with "container" Vega would take the window's next change for its own, unscaled.
  const sized = spec.width === "container" ? { ...spec, width } : spec;
  const { view } = await engine.embed(stage, filled(withNamedColours(sized), shown), {
    mode: "vega-lite",
    renderer: "svg",
    actions: false,
    defaultStyle: false,
    // Expressions are interpreted, not compiled: the page's policy forbids eval.
    ast: true,
    // The widget's own role="img" and label speak for the chart.
    config: { aria: false },
    loader: closedLoader(refuse),
    logger,
  });
  view.addEventListener("click", (_event, item) => ask(item?.datum));
  // Tells Vega all cells. The first time it takes rows that are kept from then on, so that
  // later no mark under a pointer is replaced.
  const tellAll = () => {
    for (const [name, columns] of Object.entries(shown.datasets)) {
      view.change(name, changesOf(name, columns, true));
    }
  };
  tellAll();
  // Without this second layout a legend may be cut off.
  await view.resize().runAsync();

  function apply() {
    const now = read();
    for (const [name, columns] of Object.entries(now.datasets)) {
      // A dataset that was not sent again is still the same object.
      if (columns === shown.datasets[name]) continue;
      view.change(name, changesOf(name, columns));
      shown.datasets[name] = columns;
    }
    // To ask for a width while other charts change would lay the page out each time.
    if (resized && stage.clientWidth > 0 && room() !== width) {
      width = room();
      if (sized !== spec) view.width(width);
    }
    resized = false;
    for (const [name, value] of Object.entries(wrapTitle(now.signals, width - MARGIN))) {
      const before = shown.signals[name];
      if (JSON.stringify(value) === JSON.stringify(before)) continue;
      view.signal(name, value);
      // Another number of lines leaves another height for the rest.
      if (Array.isArray(value) && value.length !== before?.length) view.resize();
      shown.signals[name] = value;
    }
  }

  // Never two runs at once: what arrives during a run is drawn by the next.
  function refresh() {
    dirty = true;
    return (running ??= run());
  }

  async function run() {
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
      running = null;
    }
  }

  // Draws what stands, once more. A chart that is moved needs no rehearsal.
  function rehearse(rounds) {
    if (ended || running || rounds === 0) return;
    tellAll();
    refresh().then(() => idle(() => rehearse(rounds - 1)));
  }
  idle(() => rehearse(REHEARSALS));

  return {
    refresh,
    /** To be called when the stage has another width. */
    resize() {
      resized = true;
      refresh();
    },
    /** The picture as the text of an SVG, as things stand now and in the light colours. */
    async svg() {
      await refresh();
      const background = view.background();
      // A transparent picture with dark text cannot be read on a dark slide.
      if (!background || background === "transparent") view.background("white");
      try {
        return withPlainColours(await view.toSVG()).replace(">", HALO);
      } finally {
        view.background(background);
        await view.runAsync();
      }
    },
    end() {
      ended = true;
      view.finalize();
    },
  };
}

/** The spec with its first data and signals, so that the first drawing is whole. */
function filled(spec, { datasets, signals }) {
  const values = Object.entries(datasets).map(([name, columns]) => [name, rows(columns)]);
  const params = spec.params?.map((param) =>
    param.name in signals ? { ...param, value: signals[param.name] } : param,
  );
  return {
    ...spec,
    ...(params && { params }),
    datasets: { ...spec.datasets, ...Object.fromEntries(values) },
  };
}

/** A picture in pixels, twice as fine as the screen, from the text of an SVG. */
export async function pixels(svg) {
  const image = new Image();
  image.src = URL.createObjectURL(new Blob([svg], { type: "image/svg+xml" }));
  try {
    await image.decode();
    const canvas = document.createElement("canvas");
    canvas.width = 2 * image.width;
    canvas.height = 2 * image.height;
    canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
    return await new Promise((resolve, reject) => {
      canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error("no picture"))), "image/png");
    });
  } finally {
    URL.revokeObjectURL(image.src);
  }
}
