import assert from "node:assert/strict";
import { test } from "node:test";
import { namedColumn, withNamedColours, withPlainColours } from "../src/colours.js";
import { closedLoader } from "../src/drawing.js";
import { vegaEngine } from "../src/engine.js";
import { rowKeeper, rows } from "../src/rows.js";
import { cell, columnTitles, csv, originOf, tablesOf } from "../src/table.js";
import { titleWrapper, wrap } from "../src/title.js";

const letters = (text) => text.length;

test("columns become rows", () => {
  assert.deepEqual(rows({ age: [50, 60], who: ["Ann", null] }), [
    { age: 50, who: "Ann" },
    { age: 60, who: null },
  ]);
  assert.deepEqual(rows({ age: [] }), []);
  assert.deepEqual(rows({}), []);
});

test("Vega is told the cells that differ, the rows that go and the rows that come", () => {
  const said = [];
  const log = (what) => (...args) => {
    said.push([what, ...args]);
    return changes;
  };
  const changes = { modify: log("modify"), insert: log("insert"), remove: log("remove") };
  const changesOf = rowKeeper(() => changes);
  changesOf("scans", { age: [50, 60], t: [-1, -2] });
  const [first, second] = said.at(-1)[1];
  said.length = 0;
  changesOf("scans", { age: [50, 61], t: [-1, -2] });
  assert.deepEqual(said, [["modify", second, "age", 61]]);
  said.length = 0;
  changesOf("scans", { age: [50], t: [-3] });
  assert.deepEqual(said, [["modify", first, "t", -3], ["remove", [second]]]);
  first.t = -3;
  said.length = 0;
  changesOf("scans", { age: [50, 70], t: [-3, 0] });
  assert.deepEqual(said, [["insert", [{ age: 70, t: 0 }]]]);
});

test("the loader refuses every address and says which", async () => {
  const refused = [];
  const loader = closedLoader((message) => refused.push(message));
  await assert.rejects(loader.load("a.csv"), /a\.csv/);
  await assert.rejects(loader.sanitize("https://example.org/a.png", { context: "image" }));
  await assert.rejects(loader.sanitize("data:image/png;base64,AA", { context: "href" }));
  assert.equal(refused.length, 3);
});

test("the loader lets an image through that is part of the spec", async () => {
  const loader = closedLoader(assert.fail);
  const image = "data:image/png;base64,AA";
  assert.deepEqual(await loader.sanitize(image, { context: "image" }), { href: image });
});

test("a title breaks between words and keeps a long word whole", () => {
  assert.deepEqual(wrap("one two three", 7, letters), ["one two", "three"]);
  assert.deepEqual(wrap("osteoporosis at 62", 5, letters), ["osteoporosis", "at 62"]);
  assert.deepEqual(wrap("", 5, letters), [""]);
});

test("a title keeps its lines until the width changes", () => {
  const spec = { title: { text: { expr: "finding" } } };
  const wrapTitle = titleWrapper(spec, letters);
  assert.deepEqual(wrapTitle({ finding: "one two", other: 1 }, 3), { finding: ["one", "two"], other: 1 });
  assert.deepEqual(wrapTitle({ finding: "one" }, 3), { finding: ["one", " "] });
  assert.deepEqual(wrapTitle({ finding: "one" }, 9), { finding: ["one"] });
});

test("a chart without a live title keeps its signals", () => {
  const signals = { finding: "one two" };
  assert.equal(titleWrapper({ title: "Fixed" }, letters)(signals, 3), signals);
});

test("a chart whose engine is gone says what to do, and the next chart still finds one", async () => {
  const dead = { get_model: async () => { throw new Error("widget model not found"); } };
  const bundle = new TextEncoder().encode("export const answer = 42;");
  const alive = { get_model: async (id) => (id === "abc" ? { get: () => bundle } : dead.get_model()) };
  // Node cannot import a blob: address; a data: address stands in for it.
  const real = URL.createObjectURL;
  URL.createObjectURL = () => `data:text/javascript,${encodeURIComponent(new TextDecoder().decode(bundle))}`;
  try {
    const first = vegaEngine(dead, "IPY_MODEL_xyz", "d1");
    const second = vegaEngine(alive, "IPY_MODEL_abc", "d1");
    await assert.rejects(first, /Run the cell/);
    assert.equal((await second).answer, 42);
    assert.equal(await vegaEngine(dead, "IPY_MODEL_xyz", "d1"), await second);
  } finally {
    URL.createObjectURL = real;
  }
});

// ---- colours ------------------------------------------------------------------------

test("colours get names, in specs, expressions and data, and lose them in a saved picture", () => {
  const spec = { config: { axis: { labelColor: "#1C2733" } },
    mark: { color: { expr: "datum.x > 1 ? '#0b6bad' : '#ffffff'" } }, data: { name: "a#123456b" } };
  const named = withNamedColours(spec);
  assert.equal(named.config.axis.labelColor, "var(--ot-chart-1c2733, #1C2733)");
  assert.match(named.mark.color.expr, /'var\(--ot-chart-0b6bad, #0b6bad\)'/);
  assert.deepEqual(namedColumn(["#a85300", null, "T #12"]), ["var(--ot-chart-a85300, #a85300)", null, "T #12"]);
  const plain = [1, "x"];
  assert.equal(namedColumn(plain), plain);
  assert.equal(withPlainColours('<g fill="var(--ot-chart-1c2733, #1C2733)"/>'), '<g fill="#1C2733"/>');
});

// ---- tables ---------------------------------------------------------------------------

const LAYERS = {
  title: { text: { expr: "finding" } },
  layer: [
    { data: { name: "curve" }, mark: "line", encoding: {
      x: { field: "age_years", title: "Age, years" }, y: { field: "score", axis: { title: "T-score" } } } },
    { data: { name: "curve" }, mark: { type: "area" }, encoding: {
      x: { field: "age_years" }, y: { field: "low" }, color: { field: "tint", scale: null } } },
    { data: { name: "bars" }, mark: "bar", encoding: {
      x: { field: "per_1000", title: "Of 1,000" }, y: { field: "row", axis: null } } },
    { data: { name: "bars" }, mark: "text", encoding: { x: { field: "text_at" }, text: { field: "text" } } },
    { data: { name: "where" }, mark: "text", encoding: { x: { field: "score" } } },
  ],
};

test("a table has the columns a reader can use, with the titles of the axes", () => {
  assert.deepEqual(columnTitles(LAYERS), {
    curve: { age_years: "Age, years", score: "T-score", low: "Low" },
    bars: { per_1000: "Of 1,000", text: "Text" },
    where: { score: "Score" },
  });
  const datasets = {
    curve: { age_years: [50, 60], score: [-1.23456, null], low: [0, 1], tint: ["#000000", "#000000"] },
    bars: { row: [], per_1000: [], text: [], text_at: [] },
  };
  assert.deepEqual(tablesOf(LAYERS, { datasets, signals: { finding: "x", cut: 2 } }), [
    { caption: "Curve", headers: ["Age, years", "T-score", "Low"], rows: [[50, -1.23456, 0], [60, null, 1]],
      origins: [null, null] },
  ]);
});

test("two columns with one title are told apart", () => {
  const y = (field) => ({ mark: "line", encoding: { y: { field, title: "Times before" } } });
  const spec = { data: { name: "a" }, layer: [y("ctx"), y("p1np")] };
  const [table] = tablesOf(spec, { datasets: { a: { ctx: [1], p1np: [2] } }, signals: {} });
  assert.deepEqual(table.headers, ["Times before: CTX", "Times before: P1NP"]);
});

test("a chart without data shows its values", () => {
  const signals = { finding: "said", fracture_with: 3 };
  assert.deepEqual(tablesOf({ title: LAYERS.title }, { datasets: {}, signals }), [
    { caption: "Values", headers: ["Name", "Value"], rows: [["Fracture with", 3]],
      origins: [] },
  ]);
});

test("a published point says where it comes from, a computed one does not", () => {
  const spec = { data: { name: "a" }, mark: "point", encoding: { y: { field: "value" } } };
  const a = { value: [1, 2], from_table: ["trials", null], from_row: ["FLEX|1", null] };
  const [table] = tablesOf(spec, { datasets: { a }, signals: {} });
  assert.deepEqual(table.headers, ["Value"]);
  assert.deepEqual(table.origins, [{ table: "trials", row: "FLEX|1" }, null]);
  assert.equal(originOf({ from_table: "trials", from_row: 3 }), null);
});

test("a cell has a true minus sign, four digits and no nonsense for a gap", () => {
  assert.deepEqual([-1.23456, 0.1 + 0.2, 12345, null, "a|b", "low_bone_mass", true].map(cell),
    ["\u22121.235", "0.3", "12345", "", "a b", "low bone mass", "true"]);
});

test("all tables go into one CSV file, quoted where it must be", () => {
  const tables = [
    { caption: "A", headers: ["x", "y"], rows: [[1, 'say "hi"']] },
    { caption: "B", headers: ["y"], rows: [["a,b"], [null]] },
  ];
  assert.equal(csv(tables), '\ufeffTable,x,y\r\nA,1,"say ""hi"""\r\nB,,"a,b"\r\nB,,\r\n');
});

test("for a rehearsal Vega is told every cell, also one that stays", () => {
  const said = [];
  const changes = {
    modify: (row, field, value) => said.push([field, value]),
    insert: () => changes, remove: () => changes,
  };
  const changesOf = rowKeeper(() => changes);
  const columns = { age: [50, 60] };
  changesOf("scans", columns);
  changesOf("scans", columns);
  assert.deepEqual(said, []);
  changesOf("scans", columns, true);
  assert.deepEqual(said, [["age", 50], ["age", 60]]);
});
