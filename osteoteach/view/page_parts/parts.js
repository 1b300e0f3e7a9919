// First part of every page part that keeps answers: nodes, names of nodes, and who answers.

const freshId = (what) => `ot-${what}-${Math.random().toString(36).slice(2)}`;
const inVoila = () => "voila" in document.body.dataset;

function make(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  // JupyterLab otherwise takes letters and arrows as its own shortcuts. It looks at the
  // focused element first, so the mark must be on that element itself.
  if (/^(a|button|input|select|summary|textarea)$/.test(tag) || "tabindex" in attributes) {
    node.dataset.lmSuppressShortcuts = "true";
  }
  node.append(...children.filter((child) => child !== null));
  return node;
}

function draw(tag, attributes = {}, ...children) {
  const node = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.append(...children);
  return node;
}

// Who answers, on a server that many share: a random name that this browser keeps. In
// JupyterLab, and in a browser that keeps nothing, the answer counts for the server's learner.
function learner() {
  if (!inVoila()) return "";
  const key = "osteoteach-learner";
  try {
    const known = localStorage.getItem(key);
    if (/^browser-[0-9a-f]{32}$/.test(known ?? "")) return known;
    const bytes = crypto.getRandomValues(new Uint8Array(16));
    const made = `browser-${[...bytes].map((one) => one.toString(16).padStart(2, "0")).join("")}`;
    localStorage.setItem(key, made);
    return made;
  } catch {
    return "";
  }
}
