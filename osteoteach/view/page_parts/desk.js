// A desk for questions: heading, words, one question, what follows it, a table, buttons.
// All words come from Python and go in as text; links lead to pages of ours or to the web.

// A text, or a text with an address. Pages of the gallery have addresses in Voila only.
function piece(part) {
  if (typeof part === "string") return part;
  if (/^https?:\/\//.test(part.href)) {
    return make("a", { href: part.href, target: "_blank", rel: "noopener noreferrer" }, part.text);
  }
  const isOurs = /^(\.\.\/lessons\/)?[0-9a-z_]+\.ipynb$/.test(part.href);
  return isOurs && inVoila() ? make("a", { href: part.href }, part.text) : part.text;
}

function noteList(notes) {
  return notes.map((note) => make("p", {}, ...[note].flat().map(piece)));
}

// A wide table scrolls inside its frame, also by keyboard; on a phone rows become blocks.
function tableOf({ caption, head, rows }) {
  const line = (row) => make("tr", {}, ...row.map((cell, place) => (
    place === 0 ? make("th", { scope: "row" }, piece(cell))
      : make("td", { "data-head": head[place] }, piece(cell)))));
  return make(
    "table", {}, make("caption", {}, caption),
    make("thead", {}, make("tr", {}, ...head.map((name) => make("th", { scope: "col" }, name)))),
    make("tbody", {}, ...rows.map(line)),
  );
}

function render({ model, el }) {
  el.classList.add("ot-control", "ot-desk");
  const heading = make("h3", { id: freshId("heading"), tabindex: "-1" });
  const notes = make("div", { class: "ot-d-notes" });
  const slot = make("div", { class: "ot-d-question" });
  const after = make("p", { class: "ot-d-after", role: "status" });
  const table = make("div", { class: "ot-d-table" });
  const actions = make("div", { class: "ot-d-actions" });
  const problem = make("p", { class: "ot-d-problem", role: "alert" });
  let view = null;
  let turn = 0;

  const showQuestion = async () => {
    const mine = ++turn;
    const id = model.get("question");
    // The reader was working here: the focus must not fall out with the old question.
    const wasHere = slot.contains(document.activeElement);
    view?.remove();
    view = null;
    slot.replaceChildren();
    if (wasHere) heading.focus();
    if (!id) return;
    const child = typeof id === "string"
      ? await model.widget_manager.get_model(id.replace("IPY_MODEL_", "")) : id;
    const made = await model.widget_manager.create_view(child, {});
    if (mine !== turn) {
      made.remove();
      return;
    }
    view = made;
    slot.append(made.el);
  };
  const showWords = () => {
    heading.textContent = model.get("heading");
    notes.replaceChildren(...noteList(model.get("notes")));
    after.textContent = model.get("after");
    const found = model.get("table");
    table.replaceChildren(...(found.rows ? [tableOf(found)] : []));
    problem.textContent = model.get("fault") || model.get("notice");
  };
  const showActions = () => {
    const wasHere = actions.contains(document.activeElement);
    actions.replaceChildren(...model.get("actions").map(([name, label], place) => {
      const look = place ? "ot-quiet" : "ot-button";
      const button = make("button", { type: "button", class: look }, label);
      button.addEventListener("click", () => {
        heading.focus();
        model.send({ act: name });
      });
      return button;
    }));
    if (wasHere) heading.focus();
  };
  model.on("change:question", showQuestion);
  for (const name of ["heading", "notes", "after", "table", "notice", "fault"]) {
    model.on(`change:${name}`, showWords);
  }
  model.on("change:actions", showActions);
  showWords();
  showActions();
  showQuestion();
  el.append(make(
    "section", { class: "ot-d", "aria-labelledby": heading.id },
    heading, problem, notes, slot, after, actions, table,
  ));
  model.send({ hello: learner() });
  return () => view?.remove();
}

export default { render };
