// The heavy part: everything LiveChart needs of Vega, in one file.
// It travels once per kernel, in the model of VegaRuntime (live_chart.py), or as a file.
import { changeset } from "vega";
import vegaEmbed from "vega-embed";

export { changeset, logger, Warn } from "vega";

const breathe = () => new Promise((resolve) => setTimeout(resolve));
let before = Promise.resolve();

/** vega-embed, one chart after another: the first is seen before the last is begun. */
export function embed(...asked) {
  const embedded = before.then(() => vegaEmbed(...asked));
  before = embedded.then(breathe, breathe);
  return embedded;
}

// The kinds of marks, axes, words and changes that charts here are made of.
const x = { field: "x", type: "quantitative" };
const y = { field: "y", type: "quantitative", title: "y" };
const colour = { field: "of", type: "nominal", legend: { orient: "top" } };
const SAMPLE = {
  width: 300,
  height: 200,
  params: [{ name: "finding", value: ["One", "two"] }],
  title: { text: { expr: "finding" }, anchor: "start" },
  datasets: { rows: [{ x: 0, y: 1, of: "a" }, { x: 1, y: 2, of: "b" }] },
  data: { name: "rows" },
  autosize: { type: "fit", contains: "padding" },
  layer: [
    { mark: { type: "area", clip: true }, encoding: { x, y, y2: { field: "x" } } },
    { mark: { type: "line", strokeDash: [2, 3] }, encoding: { x, y, detail: colour } },
    { mark: "rule", encoding: { y: { datum: 0 } } },
    { mark: "rect", encoding: { x, x2: { field: "y" }, y } },
    { mark: { type: "point", filled: true }, encoding: { x, y, color: colour, shape: colour } },
    { mark: "text", encoding: { x, y, text: { field: "of" } },
      transform: [{ calculate: "datum.x + 1", as: "x" }] },
  ],
};

/**
 * Draws a sample where nobody sees it, and changes it once.
 *
 * A browser compiles a function when it is first called. So much of Vega is called for a first
 * chart that this takes as long as all the rest of it; a page that waits for its kernel has
 * that time.
 */
export async function warm() {
  const { view } = await embed(document.createElement("div"), SAMPLE, {
    mode: "vega-lite", renderer: "svg", actions: false, defaultStyle: false, ast: true,
    config: { aria: false },
    tooltip: false, // a tooltip is taken away with its view, from a body that may not be there yet
  });
  const changes = changeset().remove(() => true).insert([{ x: 1, y: 3, of: "b" }]);
  await view.change("rows", changes).resize().runAsync();
  view.finalize();
}
