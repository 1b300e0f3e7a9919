// The heavy part: everything LiveChart needs of Vega, in one file.
// It travels once per kernel, in the model of VegaRuntime (live_chart.py).
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
