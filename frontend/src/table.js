// A chart's data as tables: which columns say something, and what they are called.
import { button, element } from "./elements.js";

/** Rows that are shown; the CSV file has all of them. */
export const MOST_ROWS = 200;

const POSITIONS = /^(x|y|theta|radius|longitude|latitude)/;

/** Columns that say where in the evidence a row stands; they are an address, not a number. */
const FROM = ["from_table", "from_row"];

/** Where a published number comes from: {table, row}, or null for what was computed. */
export function originOf(datum) {
  const [table, row] = FROM.map((name) => datum?.[name]);
  return typeof table === "string" && typeof row === "string" && row !== "" ? { table, row } : null;
}

/**
 * The button that asks for an origin. The page's evidence drawer answers it; where there is no
 * drawer, as in a lesson, it stays hidden.
 */
export function whereButton(about, attributes) {
  return button("where from?", {
    class: "ot-where", hidden: "", "aria-label": `Where from: ${about}`, ...attributes,
  });
}

/** "site_bmd" becomes "Site BMD": what to call a field that the chart gives no title. */
export const spoken = (name) => {
  const words = name.replaceAll("_", " ").trim()
    .replace(/\b(bmd|ctx|p1np)\b/gi, (word) => word.toUpperCase());
  return words.charAt(0).toUpperCase() + words.slice(1);
};

/**
 * The columns of every dataset that a reader can use, with their titles.
 *
 * Left out are colours, and positions that serve the drawing only: those of texts,
 * and those along an axis that is not drawn.
 *
 * @returns {{[dataset: string]: {[field: string]: string}}}
 */
export function columnTitles(spec) {
  const found = {};
  const placed = {};
  walk(spec, undefined, {}, (dataset, channel, encoding, isText) => {
    const { field } = encoding;
    const title = [encoding.title, encoding.axis?.title, encoding.legend?.title]
      .find((text) => typeof text === "string" && text !== "");
    const isPosition = POSITIONS.test(channel);
    if (isPosition && (isText || encoding.axis === null)) {
      (placed[dataset] ??= new Set()).add(field);
      return;
    }
    if (encoding.scale === null) return;
    const columns = (found[dataset] ??= {});
    // A title that is written beats the name of the field.
    if (title || !(field in columns)) columns[field] = title ?? spoken(field);
  });
  // A dataset of which nothing else is known shows its positions.
  for (const [dataset, fields] of Object.entries(placed)) {
    if (found[dataset]) continue;
    found[dataset] = Object.fromEntries([...fields].map((field) => [field, spoken(field)]));
  }
  return found;
}

function walk(part, dataset, inherited, tell) {
  const own = typeof part.data?.name === "string" ? part.data.name : part.data ? null : dataset;
  const encoding = { ...inherited, ...part.encoding };
  const mark = part.mark?.type ?? part.mark;
  for (const inner of [part.layer, part.concat, part.hconcat, part.vconcat].flat()) {
    if (inner) walk(inner, own, encoding, tell);
  }
  if (part.spec) walk(part.spec, own, encoding, tell);
  if (!mark || !own) return;
  for (const [channel, said] of Object.entries(encoding)) {
    for (const one of [said].flat()) {
      if (typeof one?.field === "string") tell(own, channel, one, mark === "text");
    }
  }
}

/**
 * What is drawn now, as tables: {caption, headers, rows, origins}.
 *
 * A chart without data, whose params say what is drawn, gives one table of these.
 */
export function tablesOf(spec, { datasets, signals }) {
  const titles = columnTitles(spec);
  const tables = [];
  for (const [name, columns] of Object.entries(datasets)) {
    const fields = Object.keys(columns).filter((field) => titles[name]?.[field]);
    const count = fields.length === 0 ? 0 : columns[fields[0]].length;
    // Names alone, as at the ends of lines, say nothing in a table.
    const isNames = fields.length === 1 && columns[fields[0]].every((value) => typeof value === "string");
    if (count === 0 || isNames) continue;
    const said = fields.map((field) => titles[name][field]);
    tables.push({
      caption: spoken(name),
      // Two lines on one axis have one title: the field tells them apart.
      headers: said.map((title, place) =>
        said.indexOf(title) === said.lastIndexOf(title) ? title : `${title}: ${spoken(fields[place])}`),
      rows: Array.from({ length: count }, (_, row) => fields.map((field) => columns[field][row])),
      origins: Array.from({ length: count }, (_, row) => originOf(
        Object.fromEntries(FROM.map((name) => [name, columns[name]?.[row]])),
      )),
    });
  }
  const said = Object.entries(signals).filter(([name]) => name !== spec.title?.text?.expr);
  if (tables.length === 0 && said.length > 0) {
    const rows = said.map(([name, value]) => [spoken(name), value]);
    tables.push({ caption: "Values", headers: ["Name", "Value"], rows, origins: [] });
  }
  return tables;
}

/** How a value stands in a cell: a true minus sign, four digits that matter. */
export function cell(value) {
  if (value === null || value === undefined) return "";
  // "low_bone_mass" and "Normal|from −1.0" are written for the program and for two lines.
  if (typeof value !== "number") return String(value).replace(/(?<=\w)_(?=\w)|\|/g, " ");
  const text = Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(4)));
  return text.replace("-", "\u2212");
}

/** All tables in one file: a first column says which table a row is of. */
export function csv(tables) {
  const headers = [...new Set(tables.flatMap((table) => table.headers))];
  const quoted = (value) => {
    const text = value === null || value === undefined ? "" : String(value);
    return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  };
  const lines = [["Table", ...headers]];
  for (const { caption, headers: own, rows } of tables) {
    const places = headers.map((header) => own.indexOf(header));
    for (const row of rows) lines.push([caption, ...places.map((at) => (at < 0 ? "" : row[at]))]);
  }
  // The mark in front tells spreadsheets that this is UTF-8.
  return `\ufeff${lines.map((line) => line.map(quoted).join(",")).join("\r\n")}\r\n`;
}

/** The tables as elements, in a box of its own that scrolls. */
export function tableElements(tables) {
  return tables.flatMap(({ caption, headers, rows, origins }) => {
    const table = element("table");
    table.createCaption().textContent = caption;
    const head = table.createTHead().insertRow();
    const published = origins.some(Boolean);
    for (const header of published ? [...headers, "Source"] : headers) {
      head.append(element("th", { scope: "col" }, header));
    }
    const body = table.createTBody();
    for (const [place, row] of rows.slice(0, MOST_ROWS).entries()) {
      const line = body.insertRow();
      for (const value of row) line.insertCell().textContent = cell(value);
      if (!published) continue;
      const last = line.insertCell();
      if (!origins[place]) continue;
      const where = whereButton(`${caption}, ${row.map(cell).join(", ")}`);
      Object.assign(where.dataset, origins[place]);
      last.append(where);
    }
    if (rows.length <= MOST_ROWS) return [table];
    const note = `The first ${MOST_ROWS} of ${rows.length} rows; the CSV file has all.`;
    return [table, element("p", {}, note)];
  });
}
