// Colours that follow the page's theme.
//
// A chart names its colours as plain values, #0b6bad. Here they become
// var(--ot-chart-0b6bad, #0b6bad): a dark page gives those names other values
// (tokens.css), and a page without such names shows the plain ones. A picture that
// is saved has no page around it, so it gets the plain ones back.

const PLAIN = /#[0-9a-f]{6}\b/gi;
const NAMED = /var\(--ot-chart-[0-9a-f]{6}, ?(#[0-9a-f]{6})\)/gi;

const named = (colour) => `var(--ot-chart-${colour.slice(1).toLowerCase()}, ${colour})`;

/** A spec with all its colours by name, also those inside expressions. */
export const withNamedColours = (spec) =>
  JSON.parse(JSON.stringify(spec).replace(PLAIN, named));

/** A column of data with its colours by name; one that holds none stays the same. */
export function namedColumn(values) {
  const isColour = (value) => typeof value === "string" && /^#[0-9a-f]{6}$/i.test(value);
  return values.some(isColour) ? values.map((value) => (isColour(value) ? named(value) : value)) : values;
}

/** Text of an SVG with plain colours. */
export const withPlainColours = (text) => text.replace(NAMED, "$1");
