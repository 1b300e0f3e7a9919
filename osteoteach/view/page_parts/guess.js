// The prediction lock: the switch, the question, and the strip with guess and answer.
// What is asked and drawn comes ready from Python; this file places it and sends entries.

// ---- the question ---------------------------------------------------------------

function field(name, label, input, unit) {
  const problem = make("p", { class: "ot-problem", id: freshId("problem"), role: "alert" });
  input.id = freshId("entry");
  input.setAttribute("aria-describedby", problem.id);
  const line = make("span", { class: "ot-entry" }, input);
  if (unit) line.append(make("span", { class: "ot-unit" }, unit));
  const node = make(
    "div", { class: "ot-guess-field" }, make("label", { for: input.id }, label), line, problem,
  );
  return { name, problem, input, node, value: () => input.value };
}

// Not a fieldset: the page has its own look for those, and hides them without controls.
function group(attributes, title, ...children) {
  const legend = make("p", { id: freshId("legend"), class: "ot-guess-legend" }, title);
  return make("div", { ...attributes, "aria-labelledby": legend.id }, legend, ...children);
}

function numberFields(question) {
  const box = () => make("input", {
    type: "text", autocomplete: "off", spellcheck: "false", enterkeyhint: "done",
    // The decimal keypad of some phones has no minus sign.
    inputmode: question.signed ? "text" : "decimal",
  });
  const fields = [
    field("value", "Your guess", box(), question.unit),
    field("low", "From", box(), question.unit),
    field("high", "To", box(), question.unit),
  ];
  const range = group(
    { class: "ot-guess-range", role: "group" }, `The range you are ${question.range_pct}% sure of`,
    fields[1].node, fields[2].node,
  );
  return { fields, nodes: [fields[0].node, range] };
}

function categoryFields(question) {
  const name = freshId("category");
  const problem = make("p", { class: "ot-problem", role: "alert" });
  const options = question.options.map(([value, label]) => {
    const input = make("input", { type: "radio", name, value });
    return { input, node: make("label", { class: "ot-guess-option" }, input, label) };
  });
  const choices = group(
    { class: "ot-guess-options", role: "radiogroup" }, "Your guess",
    ...options.map((one) => one.node), problem,
  );
  const select = make("select", {}, make("option", { value: "" }, "Choose"));
  for (const pct of question.confidences) select.append(make("option", { value: pct }, `${pct}%`));
  const sure = field("confidence_pct", "How sure are you?", select, "");
  const chosen = {
    name: "value", problem, input: options[0].input,
    value: () => options.find((one) => one.input.checked)?.input.value ?? "",
  };
  return { fields: [chosen, sure], nodes: [choices, sure.node] };
}

// On a phone the form waits below the edge of the window, its question in sight (guess.css).
// Who goes into it is brought to its place in the page; the browser would not, because what
// sticks moves with the window.
function comesWhenUsed(form) {
  const end = make("div");
  new ResizeObserver(() => {
    form.style.setProperty("--ot-form-height", `${form.offsetHeight}px`);
  }).observe(form);
  const come = ({ target }) => {
    const waits = end.getBoundingClientRect().bottom > window.innerHeight + 1;
    if (!waits || getComputedStyle(form).position !== "sticky") return;
    end.scrollIntoView({ block: "end" });
    target.scrollIntoView({ block: "nearest" });
  };
  // Between press and release nothing may move, or the tap is lost.
  form.addEventListener("focusin", (event) => { if (!form.matches(":active")) come(event); });
  form.addEventListener("click", come);
  return end;
}

function questionForm(model, question) {
  const title = make("h3", { id: freshId("guess"), tabindex: "-1" }, "Guess first");
  const { fields, nodes } = (question.kind === "number" ? numberFields : categoryFields)(question);
  const send = make("button", { type: "submit", class: "ot-button" }, "Lock in my guess");
  const limits = question.limits ? ` The scale goes from ${question.limits}.` : "";
  const form = make(
    "form", { class: "ot-guess-form ot-card", "aria-labelledby": title.id, novalidate: "" },
    title, make("p", { class: "ot-guess-question" }, question.text),
    make("p", { class: "ot-guess-premise" }, `${question.premise}.${limits}`),
    make("div", { class: "ot-guess-fields" }, ...nodes), send,
  );
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const commit = Object.fromEntries(fields.map((one) => [one.name, one.value().slice(0, 40)]));
    model.send({ commit, learner: learner() });
    // The first guess opens the store, which may take a second.
    send.textContent = "Keeping your guess…";
  });
  const showProblems = (moveFocus) => {
    send.textContent = "Lock in my guess";
    const problems = model.get("problems");
    let first = null;
    for (const { name, problem, input } of fields) {
      problem.textContent = problems[name] ?? "";
      if (problems[name]) {
        input.setAttribute("aria-invalid", "true");
        first ??= input;
      } else input.removeAttribute("aria-invalid");
    }
    if (moveFocus) first?.focus();
  };
  return { form, end: comesWhenUsed(form), title, fields, kind: question.kind, showProblems };
}

// ---- the strip ------------------------------------------------------------------

// Each kind has a mark of its own shape: colour never stands alone.
const MARKS = {
  guess: () => draw("circle", { r: 6, class: "ot-mark-guess" }),
  answer: () => draw("path", { d: "M0,-7.5 L7.5,0 L0,7.5 L-7.5,0 Z", class: "ot-mark-answer" }),
  seen: () => draw("path", { d: "M-5,-5 L5,5 M-5,5 L5,-5", class: "ot-mark-seen" }),
  published: () => draw("rect", {
    x: -5, y: -5, width: 10, height: 10, class: "ot-mark-published",
  }),
};
const percent = (share) => `${(100 * share).toFixed(2)}%`;

function numberPicture(row) {
  const picture = draw("svg", { class: "ot-guess-track" });
  picture.append(draw("line", { x1: "0%", x2: "100%", y1: 12, y2: 12, class: "ot-track-line" }));
  if (row.low !== null) {
    picture.append(draw("line", {
      x1: percent(row.low), x2: percent(row.high), y1: 12, y2: 12, class: `ot-range-${row.kind}`,
    }));
  }
  // Only a nested picture can stand at a percentage of the width.
  picture.append(draw("svg", { x: percent(row.at), y: 12, overflow: "visible" }, MARKS[row.kind]()));
  return picture;
}

function boxPicture(row, boxes) {
  const picture = draw("svg", { class: "ot-guess-track" });
  boxes.forEach((_, place) => picture.append(draw("rect", {
    x: percent(place / boxes.length), y: 5, width: percent(0.92 / boxes.length), height: 14, rx: 3,
    class: place === row.box ? `ot-box-${row.kind}` : "ot-box",
  })));
  return picture;
}

function axisPicture(ticks) {
  const picture = draw("svg", { class: "ot-guess-axis" });
  ticks.forEach((text, place) => {
    const anchor = place === 0 ? "start" : place === ticks.length - 1 ? "end" : "middle";
    const node = draw("text", {
      x: percent(place / (ticks.length - 1)), y: 12, "text-anchor": anchor,
    });
    node.textContent = text;
    picture.append(node);
  });
  return picture;
}

function sourceLink(link) {
  const anchor = make("a", { href: link.href, target: "_blank", rel: "noopener" }, link.text);
  const where = make("button", {
    type: "button", class: "ot-where", hidden: "", "data-source-id": link.source,
    "data-table": link.table, "data-row": link.row, "aria-label": `Where from: ${link.text}`,
  }, "where from?");
  return make("span", { class: "ot-guess-source" }, anchor, " ", where);
}

function stripRow(row, strip) {
  const picture = strip.boxes.length ? boxPicture(row, strip.boxes) : numberPicture(row);
  const scale = strip.boxes.length ? "" : ` (scale ${strip.ticks[0]} to ${strip.ticks.at(-1)})`;
  picture.setAttribute("role", "img");
  picture.setAttribute("aria-label", `${row.label}: ${row.text}${scale}`);
  const label = make("span", { class: "ot-guess-label" }, row.label);
  if (row.link) label.append(" ", sourceLink(row.link));
  // The picture carries the same words, so a screen reader hears them once.
  const text = make("span", { class: "ot-guess-number", "aria-hidden": "true" }, row.text);
  return make("li", { "data-kind": row.kind }, label, picture, text);
}

function stripBox(model, strip, again) {
  const title = make(
    "h3", { id: freshId("strip"), tabindex: "-1" },
    strip.current ? "Your guess beside the answer" : "Your guess, for the earlier settings",
  );
  const rows = make("ul", { class: "ot-guess-rows" }, ...strip.rows.map((row) => stripRow(row, strip)));
  if (strip.ticks.length) {
    rows.append(make(
      "li", { class: "ot-guess-scale", "aria-hidden": "true" },
      make("span"), axisPicture(strip.ticks), make("span"),
    ));
  }
  const said = make("p", { class: "ot-guess-feedback" }, strip.feedback);
  if (strip.link) said.append(" ", sourceLink(strip.link));
  const box = make(
    "section", { class: "ot-guess-strip ot-card", "aria-labelledby": title.id },
    title, make("p", { class: "ot-guess-premise" }, `${strip.question} ${strip.premise}.`),
    rows, said,
  );
  box.classList.toggle("ot-guess-earlier", !strip.current);
  if (model.get("notice")) box.append(make("p", { class: "ot-notice" }, model.get("notice")));
  if (again) box.append(again);
  return { box, title };
}

// ---- assembling -----------------------------------------------------------------

function switchLine(model) {
  const box = make("input", { type: "checkbox", id: freshId("switch") });
  const line = make(
    "div", { class: "ot-guess-switch" }, box, make("label", { for: box.id }, "Ask me first"),
    make("span", {}, "You guess, then the answer is shown."),
  );
  const update = () => {
    box.checked = model.get("on");
    line.hidden = !(model.get("available") || model.get("on"));
  };
  box.addEventListener("change", () => model.send({ switch: box.checked }));
  model.on("change:on", update);
  model.on("change:available", update);
  update();
  return line;
}

function render({ model, el }) {
  el.classList.add("ot-guess", "ot-control");
  const asked = make("div", { class: "ot-guess-asked" });
  const shown = make("div", { class: "ot-guess-shown" });
  el.append(switchLine(model), asked, shown);

  let form = null;
  let askedAgain = false;
  const showQuestion = () => {
    const question = model.get("question");
    const waits = "text" in question;
    el.classList.toggle("ot-guess-waiting", waits);
    if (!waits) {
      form = null;
      asked.replaceChildren();
      return;
    }
    const before = form;
    form = questionForm(model, question);
    // A setting that moves while an entry stands must not take the entry away.
    if (before?.kind === "number" && form.kind === "number") {
      form.fields.forEach((one, place) => { one.input.value = before.fields[place].value(); });
    }
    asked.replaceChildren(form.form, form.end);
    form.showProblems(false);
    if (askedAgain) form.title.focus();
    askedAgain = false;
  };
  const showStrip = () => {
    const strip = model.get("strip");
    if (!("rows" in strip)) return shown.replaceChildren();
    let again = null;
    if (!strip.current && model.get("on") && model.get("available")) {
      again = make("button", { type: "button", class: "ot-quiet" }, "Guess again");
      again.addEventListener("click", () => {
        askedAgain = true;
        model.send({ again: true });
      });
    }
    const { box, title } = stripBox(model, strip, again);
    const fromForm = asked.contains(document.activeElement);
    shown.replaceChildren(box);
    if (fromForm) title.focus();
  };
  // Several traits change in one message, with one event each. Drawn once, and the strip
  // first: the form must still hold the focus when the strip asks where it is.
  let due = false;
  const update = () => {
    if (due) return;
    due = true;
    queueMicrotask(() => {
      due = false;
      showStrip();
      showQuestion();
    });
  };
  for (const name of ["question", "strip", "on", "available", "notice"]) {
    model.on(`change:${name}`, update);
  }
  // Not the change of the trait: the same mistake made twice changes nothing.
  model.on("msg:custom", (message) => { if (message?.refused) form?.showProblems(true); });
  showStrip();
  showQuestion();
  const link = new URLSearchParams(window.location.search).get("guess");
  model.send({ link: inVoila() && link === "1" });
}

export default { render };
