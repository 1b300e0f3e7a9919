// A live title: Vega does not break lines, so a long finding would be cut off.

/** Breaks text into lines no wider than `width`; a word that is too long stays whole. */
export function wrap(text, width, measure) {
  const lines = [];
  for (const word of String(text).split(/\s+/).filter(Boolean)) {
    const longer = lines.length === 0 ? word : `${lines.at(-1)} ${word}`;
    if (lines.length > 0 && measure(longer) <= width) lines[lines.length - 1] = longer;
    else lines.push(word);
  }
  return lines.length === 0 ? [""] : lines;
}

/**
 * Gives a function that wraps the signal behind the title, if there is one.
 *
 * The number of lines only grows while the width stays: else the chart under the
 * title would jump up and down with a slider.
 *
 * @param measure  the width of a text in pixels; the browser's by default
 */
export function titleWrapper(spec, measure = browserMeasure(spec)) {
  const name = spec.title?.text?.expr;
  let most = 1;
  let lastWidth = 0;
  return (signals, width) => {
    if (typeof signals[name] !== "string") return signals;
    if (width !== lastWidth) most = 1;
    lastWidth = width;
    const lines = wrap(signals[name], width, measure);
    most = Math.max(most, lines.length);
    while (lines.length < most) lines.push(" ");
    return { ...signals, [name]: lines };
  };
}

function browserMeasure(spec) {
  const look = { ...spec.config?.title, ...spec.title };
  const family = look.font ?? spec.config?.font ?? "sans-serif";
  const pencil = document.createElement("canvas").getContext("2d");
  pencil.font = `${look.fontWeight ?? "bold"} ${look.fontSize ?? 13}px ${family}`;
  return (text) => pencil.measureText(text).width;
}
