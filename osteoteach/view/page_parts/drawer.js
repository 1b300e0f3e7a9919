// The evidence drawer: "where does this number come from?". Buttons anywhere on the page
// carry an address; Python answers with plain values, which are put on the page as text.

function make(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  // JupyterLab otherwise takes letters as its own shortcuts; the mark must be on the element.
  if (/^(button|summary|dialog)$/.test(tag)) node.dataset.lmSuppressShortcuts = "true";
  node.append(...children);
  return node;
}

const freshId = (what) => `ot-${what}-${Math.random().toString(36).slice(2)}`;
const safe = (address) => (/^https?:\/\//.test(address) ? address : "#");

function facts(list) {
  const box = make("dl", { class: "ot-facts" });
  for (const [label, text] of list) box.append(make("dt", {}, label), make("dd", {}, text));
  return box;
}

function sourceBox(one) {
  const link = make(
    "a", { href: safe(one.link), target: "_blank", rel: "noopener" }, `Open ${one.title}`,
  );
  return make(
    "section", { class: "ot-evidence-source" }, make("h4", {}, one.title), facts(one.facts),
    make("p", {}, link),
  );
}

function rowButton(row, ask) {
  const button = make("button", { type: "button", class: "ot-evidence-row" },
    make("span", {}, row.label), make("strong", {}, row.number));
  button.addEventListener("click", () => ask({ table: row.table, row: row.row }));
  return button;
}

function peersBox(peers, ask) {
  const rows = peers.map((peer) => {
    const item = make("li", {}, rowButton(peer, ask));
    if (peer.apart) {
      item.append(make("p", { class: "ot-apart" }, "Conflict: the two intervals do not meet."));
    }
    return [peer.own_source, item];
  });
  const list = (own) => rows.filter(([isOwn]) => isOwn === own).map(([, item]) => item);
  const parts = [["Published numbers behind it", list(true)],
    ["What others found on the same thing", list(false)]];
  return parts.filter(([, items]) => items.length).map(([title, items]) => make(
    "section", {}, make("h3", {}, title), make("ul", { class: "ot-evidence-list" }, ...items),
  ));
}

function conflictsBox(conflicts) {
  if (!conflicts.length) return [];
  const items = conflicts.map((one) => make(
    "li", {}, make("strong", {}, `${one.topic[0].toUpperCase()}${one.topic.slice(1)}`),
    ...one.sides.map((side) => make("p", {}, `${side.text} (${side.sources.join(", ")})`)),
    make("p", { class: "ot-teach" }, one.teach),
  ));
  return [make(
    "section", { class: "ot-conflicts" }, make("h3", {}, "Where these sources disagree with others"),
    make("ul", {}, ...items),
  )];
}

function numberBody(content, ask) {
  const body = [];
  if (content.table) body.push(make("p", { class: "ot-evidence-table" }, content.table));
  if (content.facts.length) body.push(facts(content.facts));
  if (content.own) body.push(make("p", {}, content.own));
  if (content.sources.length) {
    const many = content.sources.length > 1;
    body.push(make(
      "section", {}, make("h3", {}, many ? "Read from these studies" : "Read from this study"),
      ...content.sources.map(sourceBox),
    ));
  }
  return [...body, ...conflictsBox(content.conflicts), ...peersBox(content.peers, ask)];
}

function usedBody(content, ask) {
  const intro = make("p", {}, "The rows of evidence that this answer used. Choose one to see its "
    + "study, people and interval.");
  return [intro, ...content.groups.map((group) => {
    const list = make("ul", { class: "ot-evidence-list" }, ...group.rows.map(
      (row) => make("li", {}, rowButton({ ...row, table: group.name }, ask)),
    ));
    const section = make("section", {}, make("h3", {}, group.what));
    if (!group.folded) section.append(list);
    else {
      section.append(make(
        "details", {}, make("summary", {}, `${group.table}: ${group.rows.length} rows`), list,
      ));
    }
    return section;
  })];
}

const BODIES = {
  used: usedBody, row: numberBody, source: numberBody,
  refused: (content) => [make("p", {}, content.text)],
};

function drawer(ask, back) {
  const title = make("h2", { id: freshId("drawer"), tabindex: "-1" });
  const close = make("button", { type: "button", class: "ot-quiet", "aria-label": "Close" }, "Close");
  const goBack = make("button", { type: "button", class: "ot-quiet" }, "Back");
  const body = make("div", { class: "ot-drawer-body" });
  const box = make(
    "dialog", { class: "ot-drawer", "aria-labelledby": title.id },
    make("div", { class: "ot-drawer-head" }, goBack, title, close), body,
  );
  let opener = null;
  close.addEventListener("click", () => box.close());
  goBack.addEventListener("click", back);
  // A click on the shaded page beside the drawer closes it.
  box.addEventListener("click", (event) => { if (event.target === box) box.close(); });
  box.addEventListener("close", () => {
    if (opener?.isConnected) opener.focus();
    opener = null;
  });
  const open = (from) => {
    if (!box.open) {
      opener = from;
      box.showModal();
    }
  };
  const show = (content, canGoBack) => {
    title.textContent = content.title;
    goBack.hidden = !canGoBack;
    body.replaceChildren(...BODIES[content.kind](content, ask));
    body.scrollTop = 0;
    title.focus();
  };
  const wait = () => {
    title.textContent = "Where from?";
    goBack.hidden = true;
    body.replaceChildren(make("p", { role: "status" }, "Looking it up…"));
    title.focus();
  };
  return { box, open, show, wait };
}

function render({ model, el, signal }) {
  el.classList.add("ot-evidence");
  let asked = 0;
  let trail = []; // What was asked since the drawer was opened, for the way back.
  const send = (wanted) => {
    asked += 1;
    model.send({ asked, wanted });
  };
  const ask = (wanted) => {
    trail.push(wanted);
    send(wanted);
  };
  const view = drawer(ask, () => {
    trail.pop();
    send(trail.at(-1));
  });
  const start = (from, wanted) => {
    trail = [wanted];
    view.open(from);
    view.wait();
    send(wanted);
  };

  const button = make(
    "button", { type: "button", class: "ot-quiet" }, "Where do these numbers come from?",
  );
  button.hidden = !model.get("has_rows");
  button.addEventListener("click", () => start(button, { used: true }));
  el.append(button, view.box);

  // One listener for all buttons of this page: the folds are written anew with every answer.
  const onClick = (event) => {
    const from = event.target.closest?.(".ot-where");
    const page = el.closest(".ot-page");
    if (!from || !page?.contains(from)) return;
    const { sourceId, table, row } = from.dataset;
    start(from, row ? { table, row } : { source: sourceId });
  };
  document.addEventListener("click", onClick);
  // The mark of `make` for buttons that came as text; in time, because focus comes first.
  const onFocus = (event) => {
    if (event.target.matches?.(".ot-where")) event.target.dataset.lmSuppressShortcuts = "true";
  };
  document.addEventListener("focusin", onFocus);
  const onAnswer = (message) => {
    // Only the last question counts: an answer that comes late is left aside.
    if (message?.asked !== asked || !(message.content?.kind in BODIES) || !view.box.open) return;
    view.show(message.content, trail.length > 1);
  };
  model.on("msg:custom", onAnswer);
  const leave = () => {
    document.removeEventListener("click", onClick);
    document.removeEventListener("focusin", onFocus);
    model.off("msg:custom", onAnswer);
  };
  signal?.addEventListener("abort", leave);
  return leave;
}

export default { render };
