import assert from "node:assert/strict";
import { test } from "node:test";
import { closedLoader, rows } from "../src/drawing.js";
import { vegaEngine } from "../src/engine.js";
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
