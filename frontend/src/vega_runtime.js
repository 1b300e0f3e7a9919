// The heavy part: everything LiveChart needs of Vega, in one file.
// It travels once per kernel, in the model of VegaRuntime (live_chart.py).
export { default as embed } from "vega-embed";
export { changeset, logger, Warn } from "vega";
