// One question: prompt, answer, confidence, Commit; then what Python told. Before the
// commitment this file knows nothing of the right answer, because Python has not sent it.

// ---- the five kinds of answer: each gives its nodes, its value, and a way to start anew ----

function radios(model, what, legend) {
  const name = freshId("answer");
  const box = make("fieldset", { class: `ot-q-${what}` }, make("legend", {}, legend));
  const inputs = model.get("choices").map(([key, text]) => {
    const input = make("input", { type: "radio", name, value: key });
    box.append(make("label", { class: "ot-q-option" }, input, make("span", {}, text)));
    return input;
  });
  return {
    nodes: [box],
    value: () => inputs.find((input) => input.checked)?.value ?? null,
    clear: () => inputs.forEach((input) => { input.checked = false; }),
    first: () => inputs[0],
  };
}

function numberBox(model) {
  const id = freshId("number");
  const unit = make("span", { class: "ot-unit", id: freshId("unit") }, model.get("unit"));
  const box = make("input", {
    type: "text", id, autocomplete: "off", spellcheck: "false", "aria-describedby": unit.id,
  });
  return {
    nodes: [make("p", { class: "ot-q-number" }, make("label", { for: id }, "Your answer"), box, unit)],
    value: () => box.value.trim(),
    clear: () => { box.value = ""; },
    first: () => box,
    enter: box,
  };
}

function ordering(model) {
  const [first, last] = model.get("ends");
  const list = make("ol", { class: "ot-q-order" });
  const said = make("p", { class: "ot-q-said", role: "status" });
  const place = (row) => [...list.children].indexOf(row);
  const number = () => {
    [...list.children].forEach((row, index) => {
      const [up, down] = row.querySelectorAll("button");
      // Not disabled: a disabled button would lose the focus on the way.
      up.setAttribute("aria-disabled", String(index === 0));
      down.setAttribute("aria-disabled", String(index === list.children.length - 1));
    });
  };
  const move = (row, step, button) => {
    const to = place(row) + step;
    if (to < 0 || to >= list.children.length || button.disabled) return;
    if (step < 0) row.previousElementSibling.before(row);
    else row.nextElementSibling.after(row);
    number();
    button.focus();
    said.textContent = `${row.dataset.text}: place ${to + 1} of ${list.children.length}`;
  };
  for (const [key, text] of model.get("choices")) {
    const row = make("li", { "data-key": key, "data-text": text });
    const button = (sign, word, step) => {
      const made = make("button", { type: "button", "aria-label": `Move ${word}: ${text}` }, sign);
      made.addEventListener("click", () => move(row, step, made));
      made.addEventListener("keydown", (event) => {
        const by = { ArrowUp: -1, ArrowDown: 1 }[event.key];
        if (!by) return;
        event.preventDefault();
        move(row, by, made);
      });
      return made;
    };
    row.append(
      make("span", { class: "ot-q-item" }, text),
      make("span", { class: "ot-q-moves" }, button("\u2191", "up", -1), button("\u2193", "down", 1)),
    );
    list.append(row);
  }
  number();
  const start = [...list.children];
  const legend = make("legend", {}, `Your order: ${first} at the top, ${last} at the bottom`);
  return {
    nodes: [make("fieldset", { class: "ot-q-ordering" }, legend, list), said],
    value: () => [...list.children].map((row) => row.dataset.key),
    clear: () => { list.append(...start); number(); said.textContent = ""; },
    first: () => list.querySelector("button"),
  };
}

function planBox(model, views) {
  const slot = make("div", { class: "ot-q-plan" });
  const id = model.get("plan");
  const ready = (async () => {
    const child = typeof id === "string"
      ? await model.widget_manager.get_model(id.replace("IPY_MODEL_", "")) : id;
    const view = await viewOf(model.widget_manager, child);
    views.push(view);
    slot.append(view.el);
  })();
  return { nodes: [slot], value: () => "plan", clear: () => {}, ready,
           first: () => slot.querySelector("button, input, select") };
}

function reportBox(model) {
  const lines = radios(model, "report", "Choose the line with the mistake");
  lines.nodes[0].querySelector("legend").after(
    make("p", { class: "ot-q-report-title" }, model.get("report")));
  return lines;
}

const ANSWERS = {
  choice: (model) => radios(model, "choice", "Your answer"),
  number: numberBox,
  order: ordering,
  find_the_mistake: reportBox,
  plan: planBox,
};

// ---- to Python --------------------------------------------------------------------------

// Sends a message to Python, or says why none arrives. After a restart the connection of what
// is shown is closed, or, after one in another window, it leads to nobody.
function sender(model, signal) {
  const reload = inVoila() ? "Reload the page." : "Reload the page, then run the cell again.";
  let gone = false;
  let unanswered = null; // the last message, until Python has begun with it
  const lose = (refused, advice) => refused(
    `This did not reach Python, which was restarted. ${advice}`);
  const kernel = model.widget_manager?.kernel;
  if (kernel) {
    whenGone(kernel, signal, () => {
      gone = true;
      if (unanswered) lose(unanswered, reload);
    });
  }
  return (content, refused) => {
    try {
      model.send(content, { iopub: { status: () => { unanswered = null; } } });
    } catch {
      return lose(refused, inVoila() ? reload : "Run the cell again.");
    }
    if (gone) return lose(refused, reload);
    unanswered = refused;
    // What is sent while a kernel begins is lost. A busy one answers this later.
    setTimeout(() => unanswered && !gone && kernel?.requestKernelInfo().catch(() => {}), 3000);
  };
}

// ---- after the commitment ---------------------------------------------------------------

function when(iso) {
  const time = new Date(iso);
  return Number.isNaN(time.getTime()) ? "" : time.toLocaleString("en-GB", {
    dateStyle: "long", timeStyle: "short",
  });
}

function sourceLinks(sources) {
  const line = make("span", { class: "ot-q-sources" });
  sources.forEach((one, index) => {
    if (index) line.append("; ");
    const safe = /^https?:\/\//.test(one.link);
    line.append(safe ? make("a", {
      href: one.link, target: "_blank", rel: "noopener noreferrer", title: one.reference,
    }, one.short) : one.short);
  });
  return line;
}

function telling(model, again) {
  const box = make("div", { class: "ot-q-told" });
  const update = () => {
    const told = model.get("result");
    box.replaceChildren();
    box.hidden = !told.verdict;
    if (box.hidden) return;
    box.dataset.tone = told.score === 1 ? "right" : told.score > 0 ? "partly" : "wrong";
    const sign = { right: "\u2713", partly: "\u25D0", wrong: "\u2717" }[box.dataset.tone];
    const title = make(
      "p", { class: "ot-q-verdict", tabindex: "-1" },
      make("span", { "aria-hidden": "true" }, `${sign} `), told.verdict,
    );
    const facts = make("dl", { class: "ot-q-facts" });
    const fact = (name, text) => text && facts.append(make("dt", {}, name), make("dd", {}, text));
    fact("You answered", told.given);
    fact(told.right_label, told.right);
    if (told.confidence_pct !== null) {
      const words = model.get("confidences").find(([pct]) => pct === told.confidence_pct)?.[1];
      fact("You were", `${(words ?? "sure").toLowerCase()} (${told.confidence_pct}%)`);
    }
    const notes = make("div", { class: "ot-q-notes" });
    for (const note of told.notes) {
      notes.append(make("p", {}, note.text, " ", sourceLinks(note.sources)));
    }
    const at = when(told.answered_at);
    const stamp = told.earlier && at ? `Answered on ${at}` : at ? `Kept on ${at}` : "";
    const button = make("button", { type: "button", class: "ot-q-again" }, "Try again");
    button.addEventListener("click", again);
    box.append(title, facts, notes, make("p", { class: "ot-q-stamp" }, stamp), button);
  };
  return { box, update };
}

// ---- assembling ---------------------------------------------------------------------------

function confidence(model) {
  const name = freshId("sure");
  const box = make("fieldset", { class: "ot-q-sure" }, make("legend", {}, "How sure are you?"));
  const steps = make("div", { class: "ot-q-steps" });
  const inputs = model.get("confidences").map(([percent, words]) => {
    const input = make("input", { type: "radio", name, value: percent });
    const text = make("span", {}, words, make("small", {}, ` ${percent}%`));
    steps.append(make("label", { class: "ot-q-option" }, input, text));
    return input;
  });
  box.append(steps);
  return {
    box,
    value: () => {
      const chosen = inputs.find((input) => input.checked);
      return chosen ? Number(chosen.value) : null;
    },
    clear: () => inputs.forEach((input) => { input.checked = false; }),
  };
}

async function renderQuestion({ model, el, signal }) {
  const views = [];
  const send = sender(model, signal);
  const prompt = make("p", { class: "ot-q-prompt", id: freshId("prompt") }, model.get("prompt"));
  const number = make("p", { class: "ot-q-place" }, model.get("number"));
  number.hidden = !model.get("number");
  const answer = ANSWERS[model.get("kind")](model, views);
  const sure = confidence(model);
  const problem = make("p", { class: "ot-problem", role: "alert" });
  const store = make("p", { class: "ot-q-store", role: "alert" });
  const button = make("button", { type: "button", class: "ot-button ot-q-commit" }, "Commit");
  const who = learner() || null; // null: the kernel's own user
  const form = make("div", { class: "ot-q-form" }, ...answer.nodes, sure.box, problem, button);
  let committed = false; // by this view: only then the focus follows

  // The first answer opens the database, which can take seconds on a busy computer.
  const wait = (on) => {
    button.setAttribute("aria-busy", String(on));
    button.textContent = on ? "Keeping your answer" : "Commit";
  };
  const refused = (words) => {
    wait(false);
    store.textContent = words;
  };
  const commit = () => {
    if (button.getAttribute("aria-busy") === "true") return;
    wait(true);
    committed = true;
    send({
      type: "commit", answer: answer.value(), confidence_pct: sure.value(), learner: who,
    }, refused);
  };
  button.addEventListener("click", commit);
  answer.enter?.addEventListener("keydown", (event) => {
    if (event.key === "Enter") event.preventDefault();
  });
  const { box, update } = telling(model,
    () => send({ type: "again", learner: who }, refused));
  const heard = make("div", { role: "status", "aria-live": "polite" }, box);

  const isPlan = model.get("kind") === "plan";
  let wasTold = false;
  const show = () => {
    wait(false);
    update();
    const told = Boolean(model.get("result").verdict);
    // A plan stays in sight beside its explanation; Python has locked it.
    form.classList.toggle("ot-q-done", told);
    for (const node of [...answer.nodes, sure.box, button]) {
      node.hidden = told && !(isPlan && answer.nodes.includes(node));
    }
    if (told && committed) box.querySelector(".ot-q-verdict").focus();
    if (!told && wasTold) {
      answer.clear();
      sure.clear();
      answer.first()?.focus();
    }
    committed = false;
    wasTold = told;
  };
  const messages = () => {
    if (model.get("problem") || model.get("fault")) wait(false);
    problem.textContent = model.get("problem")
      || (model.get("fault") && `Something went wrong in the program: ${model.get("fault")}`);
    store.textContent = model.get("store_problem");
  };
  model.on("change:result", show);
  for (const name of ["problem", "store_problem", "fault"]) model.on(`change:${name}`, messages);

  const section = make(
    "section", { class: "ot-q", "aria-labelledby": prompt.id }, number, prompt, form, store, heard,
  );
  el.append(section);
  show();
  messages();
  await answer.ready;
  model.send({ type: "hello", learner: who });
  return () => views.forEach((view) => view.remove());
}

function renderSummary({ model, el, signal }) {
  const send = sender(model, signal);
  const text = make("p", { class: "ot-q-sum", tabindex: "-1" });
  const judgement = make("p");
  const table = make("table");
  const update = () => {
    text.textContent = model.get("text");
    judgement.textContent = model.get("judgement");
    const rows = model.get("rows").map((row) => make(
      "tr", {}, make("th", { scope: "row" }, `${row.words} (${row.confidence_pct}%)`),
      make("td", {}, String(row.answers)), make("td", {}, `${Math.round(row.right_pct)}%`),
    ));
    table.hidden = rows.length === 0;
    const head = make("tr", {}, ...["You were", "Answers", "Right"].map(
      (name) => make("th", { scope: "col" }, name)));
    table.replaceChildren(
      make("caption", {}, "Confidence and right answers"), make("thead", {}, head),
      make("tbody", {}, ...rows),
    );
  };
  // Named from Python: how many more there are. It goes when they have come.
  const more = make("button", { type: "button", class: "ot-button ot-q-more" });
  const problem = make("p", { class: "ot-problem", role: "alert" });
  more.addEventListener("click", () => send({ type: "more" }, (words) => {
    problem.textContent = words;
  }));
  const offer = () => {
    if (document.activeElement === more && !model.get("more")) text.focus();
    more.textContent = model.get("more");
    more.hidden = !model.get("more");
  };
  for (const name of ["text", "judgement", "rows"]) model.on(`change:${name}`, update);
  model.on("change:more", offer);
  update();
  offer();
  el.append(make(
    "section", { class: "ot-q ot-q-summary", "aria-label": "Summary" },
    text, judgement, table, more, problem,
  ));
}

function render(context) {
  context.el.classList.add("ot-control", "ot-question");
  return context.model.get("kind") === "summary" ? renderSummary(context) : renderQuestion(context);
}

export default { render };
