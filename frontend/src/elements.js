// Elements of a page, made in one call.

export function element(tag, attributes = {}, text = "") {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.textContent = text;
  return made;
}

export function button(label, attributes) {
  // JupyterLab otherwise takes letters as its own shortcuts.
  const own = { type: "button", "data-lm-suppress-shortcuts": "true" };
  return element("button", { ...own, ...attributes }, label);
}
