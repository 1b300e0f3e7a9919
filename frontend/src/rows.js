// A chart's tables as the rows that Vega holds, and how they change.
import { namedColumn } from "./colours.js";

/** Turns {column: [values]} into the rows that Vega wants. */
export function rows(columns) {
  const drawn = Object.entries(columns).map(([name, values]) => [name, namedColumn(values)]);
  const count = drawn.length === 0 ? 0 : drawn[0][1].length;
  return Array.from({ length: count }, (_, row) =>
    Object.fromEntries(drawn.map(([name, values]) => [name, values[row]])),
  );
}

/**
 * Keeps the rows of each table, so that only cells that differ are told to Vega.
 *
 * Vega then changes the marks that stand; rows put in anew would make it take every mark out of
 * the SVG and put another in.
 *
 * @param changeset  Vega's own
 * @returns a function of a table's name and columns; with a third, true, every cell is told
 */
export function rowKeeper(changeset) {
  // Vega adds what it computes to these very objects.
  const kept = {};
  return (name, columns, all = false) => {
    const next = rows(columns);
    const now = kept[name];
    if (!now) {
      kept[name] = next;
      return changeset().remove(() => true).insert(next);
    }
    const changes = changeset();
    const same = Math.min(now.length, next.length);
    for (let place = 0; place < same; place += 1) {
      for (const [field, value] of Object.entries(next[place])) {
        if (all || now[place][field] !== value) changes.modify(now[place], field, value);
      }
    }
    if (now.length > same) changes.remove(now.splice(same));
    if (next.length > same) {
      const added = next.slice(same);
      now.push(...added);
      changes.insert(added);
    }
    return changes;
  };
}
