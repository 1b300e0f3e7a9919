// The claim desk: one claim to judge, or an article to check. All words come from Python and
// go in as text, never as markup; links are taken only if they lead to the web.

function button(text, look, act) {
  const node = make("button", { type: "button", class: look }, text);
  node.addEventListener("click", act);
  return node;
}

// ---- what is known of a claim ------------------------------------------------------

function link({ text, title, href }) {
  if (!/^https?:\/\//.test(href)) return make("span", { title }, text);
  return make("a", { href, title, target: "_blank", rel: "noopener" }, text);
}

function links(all) {
  const line = make("span", { class: "ot-c-links" });
  all.forEach((one, place) => line.append(place ? ", " : "", link(one)));
  return line;
}

function verdictBadge({ verdict, sign, words }, note = "") {
  return make(
    "span", { class: "ot-c-verdict", "data-verdict": verdict },
    make("span", { class: "ot-c-sign", "aria-hidden": "true" }, sign), `${note}${words}`,
  );
}

function evidenceList(evidence) {
  if (!evidence.length) return null;
  return make("ul", { class: "ot-c-evidence" }, ...evidence.map((row) => make(
    "li", {},
    row.value ? make("strong", {}, row.value) : null,
    row.value ? ` ${row.what}` : row.what,
    row.absolute ? `. In people: ${row.absolute}` : "",
    ". ", links(row.links),
  )));
}

function conflictList(conflicts) {
  if (!conflicts.length) return null;
  return make(
    "div", { class: "ot-c-conflicts" }, make("h4", {}, "Elsewhere it is said differently"),
    make("ul", {}, ...conflicts.map((one) => make("li", {}, `“${one.text}” (${one.said})`))),
  );
}

function known(claim) {
  return [
    make("p", { class: "ot-c-refutation" }, claim.refutation),
    claim.evidence.length ? make("h4", {}, "Evidence") : null,
    evidenceList(claim.evidence),
    conflictList(claim.conflicts),
    claim.change ? make("p", {}, make("strong", {}, "What would change it: "), claim.change) : null,
    claim.sources.length
      ? make("p", { class: "ot-c-small" }, "Sources: ", links(claim.sources), ".") : null,
    make("p", { class: "ot-c-small" }, claim.places),
  ];
}

// ---- judging -----------------------------------------------------------------------

function radios(title, name, options) {
  const legend = make("p", { class: "ot-c-legend", id: freshId("legend") }, title);
  const inputs = options.map(({ value }) => make("input", { type: "radio", name, value }));
  const box = make(
    "div", { class: "ot-c-options", role: "radiogroup", "aria-labelledby": legend.id },
    ...options.map(({ label, meaning }, place) => make(
      "label", { class: "ot-c-option" }, inputs[place],
      make("span", {}, make("strong", {}, label), meaning ? ` ${meaning}` : ""),
    )),
  );
  const chosen = () => inputs.find((input) => input.checked)?.value ?? "";
  return { node: make("div", {}, legend, box), box, inputs, chosen };
}

function questionForm(model, item) {
  const verdicts = radios("What does the evidence say?", freshId("verdict"), model.get("choices"));
  const sure = radios(
    "How sure are you?", freshId("sure"),
    model.get("confidences").map(([value, label]) => ({ value, label, meaning: `${value}%` })),
  );
  sure.box.classList.add("ot-c-steps");
  const problem = make("p", { class: "ot-problem", role: "alert" });
  const send = make("button", { type: "submit", class: "ot-button" }, "Commit");
  const form = make("form", { novalidate: "" }, verdicts.node, sure.node, problem, send);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const missing = verdicts.chosen() ? (sure.chosen() ? null : sure) : verdicts;
    problem.textContent = missing
      ? `Choose ${missing === sure ? "how sure you are" : "a verdict"} first.` : "";
    if (missing) return missing.inputs[0].focus();
    // The first answer opens the store, which may take a second.
    send.textContent = "Keeping your answer…";
    model.send({
      commit: [item.id, verdicts.chosen(), Number(sure.chosen())], learner: learner(),
    });
  });
  return form;
}

function feedbackBox(model, feedback) {
  const title = make(
    "h4", { tabindex: "-1", class: "ot-c-result", "data-points": feedback.points }, feedback.said,
  );
  const notice = model.get("notice");
  return {
    title,
    node: make(
      "div", { class: "ot-c-feedback" }, title,
      notice ? make("p", { class: "ot-problem" }, notice) : null,
      make("p", {}, verdictBadge(feedback, "The evidence: "), ` ${feedback.meaning}`),
      ...known(feedback).filter(Boolean),
      button("Next claim", "ot-button", () => model.send({ next: true })),
    ),
  };
}

function chooser(model) {
  const id = freshId("choose");
  const select = make("select", { id });
  const fill = () => {
    select.replaceChildren(
      make("option", { value: "" }, "Choose a claim"),
      ...model.get("listing").map(([value, text]) => make("option", { value }, text)),
    );
  };
  model.on("change:listing", fill);
  fill();
  select.addEventListener("change", () => {
    if (select.value) model.send({ pick: select.value });
    select.value = "";
  });
  return make(
    "div", { class: "ot-c-chooser" },
    make("label", { for: id }, "Or pick one"), select,
    button("Deal me another", "ot-quiet", () => model.send({ next: true })),
  );
}

function judging(model) {
  const card = make("div", { class: "ot-c-card" });
  const box = make("section", { class: "ot-card ot-c-judge" }, card, chooser(model));
  let shown = null;
  let answered = false;
  const update = () => {
    const item = model.get("item");
    const feedback = model.get("feedback");
    const has = Boolean(feedback.verdict);
    if (shown === item.id && answered === has) return;
    const moved = shown !== null; // The first card must not take the focus.
    [shown, answered] = [item.id, has];
    const title = make("h3", { tabindex: "-1", id: freshId("claim") }, `“${item.text}”`);
    const place = make("p", { class: "ot-c-place" }, `${item.topic} · ${item.said}`);
    box.setAttribute("aria-labelledby", title.id);
    if (has) {
      const told = feedbackBox(model, feedback);
      card.replaceChildren(place, title, told.node);
      if (moved) told.title.focus();
    } else {
      card.replaceChildren(place, title, questionForm(model, item));
      if (moved) title.focus();
    }
  };
  // Item and feedback change in one message: draw when both are here.
  let waiting = false;
  const soon = () => {
    if (waiting) return;
    waiting = true;
    queueMicrotask(() => { waiting = false; update(); });
  };
  model.on("change:item", soon);
  model.on("change:feedback", soon);
  update();
  return box;
}

// ---- checking an article --------------------------------------------------------------

// A sentence that does not say what the claim says gets neither its sign nor its colour.
const DISAGREES = {
  opposite: { sign: "≠", words: "Says the opposite of a claim that is: " },
  unsure: { sign: "≈", words: "Near a claim, direction unsure; the claim is: " },
};

function sentenceBadge(claim, agreement) {
  const other = DISAGREES[agreement];
  if (!other) return verdictBadge(claim);
  return verdictBadge({ sign: other.sign, words: `${other.words}${claim.words}`, verdict: "" });
}

function sentenceItem(one, claims) {
  const claim = claims[one.claim];
  const text = make("p", { class: "ot-c-sentence" }, one.text);
  if (!claim) {
    return make(
      "li", { class: "ot-c-unmatched" }, text,
      make("p", { class: "ot-c-small" },
        make("span", { class: "ot-c-sign", "aria-hidden": "true" }, "–"), one.note),
    );
  }
  const details = make("details", {}, make("summary", {}, "Claim and evidence"));
  details.addEventListener("toggle", () => {
    if (details.childElementCount > 1) return;
    details.append(make(
      "div", { class: "ot-c-known" },
      make("p", {}, make("strong", {}, "The claim: "), claim.claim),
      one.numbers_differ
        ? make("p", { class: "ot-problem" }, "The numbers of the sentence are not the claim's.") : null,
      ...known(claim).filter(Boolean),
    ));
  });
  return make(
    "li", { class: "ot-c-matched", "data-agreement": one.agreement },
    text, make("p", {}, sentenceBadge(claim, one.agreement)), details,
  );
}

function countLine(counts) {
  return make("p", { class: "ot-c-counts" }, ...counts.map((one) => make(
    "span", { class: "ot-c-verdict", "data-verdict": one.verdict },
    make("span", { class: "ot-c-sign", "aria-hidden": "true" }, one.sign),
    `${one.count} ${one.words.toLowerCase()}`,
  )));
}

function checking(model) {
  const id = freshId("article");
  const title = make("h3", { id: `${id}-title` }, "Check an article");
  const problem = make("p", { class: "ot-problem", id: `${id}-problem`, role: "alert" });
  const field = make("textarea", {
    id, rows: "8", maxlength: "200000", spellcheck: "false", "aria-describedby": problem.id,
  });
  const send = button("Check the text", "ot-button", () => {
    if (!field.value.trim()) {
      problem.textContent = "Paste a text first.";
      return field.focus();
    }
    problem.textContent = "";
    send.textContent = "Checking…";
    model.send({ article: field.value });
  });
  const example = button("Use an example", "ot-quiet", () => {
    field.value = model.get("example");
    field.focus();
  });
  const clear = button("Clear", "ot-quiet", () => {
    field.value = "";
    model.send({ clear: true });
    field.focus();
  });
  const result = make("div", { class: "ot-c-results" });
  const update = () => {
    send.textContent = "Check the text";
    problem.textContent = model.get("article_problem");
    field.toggleAttribute("aria-invalid", problem.textContent !== "");
    const found = model.get("article");
    if (!found.sentences) return result.replaceChildren();
    const head = make("h4", { tabindex: "-1" }, "Sentence by sentence");
    result.replaceChildren(
      head, countLine(found.counts),
      make("ol", { class: "ot-c-sentences" },
        ...found.sentences.map((one) => sentenceItem(one, found.claims))),
    );
    if (found.left_out) {
      result.append(make("p", {}, `${found.left_out} more sentences were counted, not shown.`));
    }
    head.focus();
  };
  model.on("change:article", update);
  model.on("change:article_problem", update);
  update();
  return make(
    "section", { class: "ot-card ot-c-article", "aria-labelledby": title.id }, title,
    make("label", { for: id }, "Text"), field, problem,
    make("p", { class: "ot-c-small" },
      "The text goes to the program behind this page only. It is kept nowhere."),
    make("p", { class: "ot-c-buttons" }, send, example, clear), result,
  );
}

function render({ model, el, signal }) {
  el.classList.add("ot-control", "ot-claims");
  const parts = { judge: judging(model), article: checking(model) };
  const notice = make("p", { class: "ot-problem", role: "alert" });
  const update = () => {
    for (const [mode, part] of Object.entries(parts)) part.hidden = model.get("mode") !== mode;
    notice.textContent = model.get("feedback").verdict ? "" : model.get("notice");
  };
  model.on("change:mode", update);
  model.on("change:notice", update);
  update();
  el.append(notice, parts.judge, parts.article);
  signal?.addEventListener("abort", () => el.replaceChildren());
  // Earlier answers of this learner count on; the page need not wait for them.
  model.send({ hello: learner() });
}

export default { render };
