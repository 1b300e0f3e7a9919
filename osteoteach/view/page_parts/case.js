// The card of a virtual patient. Python says what is shown; this file draws it, and sends
// what the student commits. A step that is not committed has sent nothing to this page.

const MARKS = {
  right: ["✓", "Right"], partly: ["≈", "Partly right"], wrong: ["✗", "Not right"],
  missed: ["○", "Not ordered"], unneeded: ["✗", "Not needed"],
  note: ["•", "Note"], info: ["•", "Note"], caution: ["!", "Caution"], warning: ["!", "Warning"],
  contraindicated: ["⊘", "Contraindicated"],
};

const TITLES = {
  tests: "History and tests", read: "The report", classify: "Category", risk: "Risk",
  plan: "Plan",
};

const CATEGORIES = [
  ["normal", "Normal"], ["low_bone_mass", "Low bone mass (osteopenia)"],
  ["osteoporosis", "Osteoporosis"], ["severe_osteoporosis", "Severe osteoporosis"],
  ["within_expected_range", "Within the expected range for age"],
  ["below_expected_range", "Below the expected range for age"],
];

// ---- small pieces ---------------------------------------------------------------

function bullets(texts) {
  return make("ul", {}, ...texts.map((text) => make("li", {}, text)));
}

function remarks(lines) {
  const list = make("ul", { class: "ot-case-lines" });
  for (const { mark, text, sources } of lines) {
    const [sign, word] = MARKS[mark];
    const item = make(
      "li", { "data-mark": mark },
      make("span", { class: "ot-case-sign", "aria-hidden": "true" }, sign),
      make("span", {}, make("strong", {}, `${word}. `), text),
    );
    if (sources.length) {
      const cite = make("span", { class: "ot-case-cite" }, " (");
      sources.forEach((one, place) => {
        if (place) cite.append("; ");
        cite.append(make("a", { href: one.link, target: "_blank", rel: "noopener" }, one.short));
      });
      cite.append(")");
      item.lastChild.append(cite);
    }
    list.append(item);
  }
  return list;
}

function table(caption, header, rows, className = "") {
  const cell = (text, place) => (place
    ? make("td", {}, text) : make("th", { scope: "row" }, text));
  const node = make(
    "table", { class: className },
    make("caption", {}, caption),
    make("thead", {}, make("tr", {}, ...header.map((text) => make("th", { scope: "col" }, text)))),
    make("tbody", {}, ...rows.map((row) => make("tr", {}, ...row.map(cell)))),
  );
  return make("div", { class: "ot-case-table", tabindex: "0", role: "region", "aria-label": caption },
    node);
}

// One of several, as native radio buttons: arrows move, the group is one tab stop.
function radios(legend, options) {
  const name = freshId("radio");
  const set = make("fieldset", { class: "ot-case-choice" }, make("legend", {}, legend));
  for (const [value, label] of options) {
    const input = make("input", { type: "radio", name, value, id: freshId("option") });
    set.append(make("label", { for: input.id }, input, make("span", {}, label)));
  }
  return { node: set, value: () => set.querySelector("input:checked")?.value ?? "" };
}

function ticks(legend, options, columns = false) {
  const set = make(
    "fieldset", { class: `ot-case-choice${columns ? " ot-case-columns" : ""}` },
    make("legend", {}, legend),
  );
  for (const [value, label] of options) {
    const input = make("input", { type: "checkbox", value, id: freshId("option") });
    set.append(make("label", { for: input.id }, input, make("span", {}, label)));
  }
  const chosen = () => [...set.querySelectorAll("input:checked")].map((one) => one.value);
  return { node: set, value: chosen };
}

// ---- the report -----------------------------------------------------------------

// Four vertebrae as a scan shows them: a wedge is lower, a bright one denser.
function spine(vertebrae) {
  const told = vertebrae.map(({ level, seen }) => `${level}: ${seen}`).join("; ");
  const picture = draw("svg", {
    viewBox: "0 0 120 232", class: "ot-case-spine", role: "img", "aria-label": `Picture of the spine. ${told}.`,
  });
  vertebrae.forEach(({ level, shape }, place) => {
    const wide = 44 + 4 * place;
    const [left, right] = [62 - wide / 2, 62 + wide / 2];
    const [top, bottom] = [10 + 56 * place, 52 + 56 * place];
    const slope = shape === "wedge" ? 16 : 0;
    const spur = shape === "bright" ? 6 : 0;
    const body = `M${left - spur} ${top + slope} Q62 ${top + 5 + slope / 2} ${right + spur} ${top}`
      + ` Q${right - 6} ${(top + bottom) / 2} ${right + spur} ${bottom}`
      + ` Q62 ${bottom - 5} ${left - spur} ${bottom}`
      + ` Q${left + 6} ${(top + bottom) / 2} ${left - spur} ${top + slope}Z`;
    picture.append(
      draw("path", { d: body, class: `ot-case-vertebra ot-case-${shape}` }),
      draw("text", { x: 10, y: (top + bottom) / 2 + 5 }, level),
    );
  });
  return picture;
}

function report(view) {
  const found = view.report;
  const head = make("dl", { class: "ot-case-head" });
  for (const [name, value] of found.head) {
    head.append(make("div", {}, make("dt", {}, name), make("dd", {}, value)));
  }
  const rows = found.rows.map(({ site, bmd, t, z }) => [site, bmd, t, z]);
  const levels = found.vertebrae.map((one) => [one.level, one.bmd, one.area, one.t, one.seen]);
  const box = make(
    "div", { class: "ot-case-report" },
    make("div", { class: "ot-case-report-title" }, make("h4", {}, "Bone densitometry (DXA)"), head),
    make(
      "div", { class: "ot-case-report-body" },
      spine(found.vertebrae),
      make(
        "div", {},
        table("Lumbar spine, level by level",
          ["Level", "BMD g/cm²", "Area cm²", "T-score", "Seen on the picture"], levels),
        table("Regions", ["Region", "BMD g/cm²", "T-score", "Z-score"], rows),
      ),
    ),
  );
  if (found.earlier) {
    box.append(table(
      `Earlier scan, ${found.earlier.years_ago}; precision error of the centre at the `
      + `${found.earlier.site}: ${found.earlier.precision}`,
      ["Site", "Then, g/cm²", "Now, g/cm²"], found.earlier.rows,
    ));
  }
  box.append(make("div", { class: "ot-case-chart", "data-chart": "curve" }));
  box.append(make("p", { class: "ot-case-small" }, found.note));
  return box;
}

// ---- the forms of the steps -----------------------------------------------------

const FORMS = {
  tests(view) {
    const chosen = ticks("Which tests do you order? None is an answer too.", view.tests, true);
    return { nodes: [chosen.node], button: "Order", given: () => ({ tests: chosen.value() }) };
  },
  read(view) {
    const kept = ticks(
      "Which vertebrae count? Tick those that you would keep; none, if the spine cannot be read.",
      ["L1", "L2", "L3", "L4"].map((one) => [one, one]),
    );
    const score = radios("Which score counts for this person?",
      [["t_score", "T-score"], ["z_score", "Z-score"]]);
    const nodes = [kept.node, score.node];
    let change = null;
    if (view.asks_change) {
      change = radios(`Is the change at the ${view.report.earlier.site} real?`, [
        ["loss", "A real loss"], ["gain", "A real gain"], ["not_shown", "No change is shown"]]);
      nodes.push(change.node);
    }
    const given = () => ({
      vertebrae: kept.value(), score: score.value(), ...(change ? { change: change.value() } : {}),
    });
    return { nodes, button: "Commit the reading", given };
  },
  classify() {
    const category = radios("Which category, by BHOF 2022?", CATEGORIES);
    const sure = make("select", { id: freshId("sure") });
    sure.append(make("option", { value: "" }, "choose"));
    for (const pct of [20, 40, 50, 60, 70, 80, 90, 100]) {
      sure.append(make("option", { value: pct }, `${pct}%`));
    }
    const label = make("label", { for: sure.id }, "How sure are you?");
    return {
      nodes: [category.node, make("p", { class: "ot-case-field" }, label, sure)],
      button: "Commit the category",
      given: () => ({
        category: category.value(),
        confidence_pct: sure.value ? Number(sure.value) : null,
      }),
    };
  },
  risk() {
    const boxes = {};
    const fields = make("div", { class: "ot-case-numbers" });
    for (const [name, text] of [["value_pct", "Your estimate"], ["low_pct", "Lowest you believe"],
      ["high_pct", "Highest you believe"]]) {
      const box = make("input", {
        type: "text", id: freshId(name), inputmode: "decimal", autocomplete: "off", size: "5",
      });
      boxes[name] = box;
      fields.append(make("p", { class: "ot-case-field" }, make("label", { for: box.id }, text), box,
        make("span", { class: "ot-unit" }, "of 100")));
    }
    const none = ticks("", [["none", "No published risk applies to this person"]]);
    const tick = none.node.querySelector("input");
    tick.addEventListener("change", () => {
      for (const box of Object.values(boxes)) box.disabled = tick.checked;
    });
    return {
      nodes: [
        make("p", {}, "Of 100 people like this, how many have a major osteoporotic fracture (hip, "
          + "clinical spine, forearm, upper arm) within ten years?"),
        fields, none.node,
      ],
      button: "Commit the risk",
      given: () => (tick.checked ? { applies: false }
        : Object.fromEntries(Object.entries(boxes).map(([name, box]) => [name, box.value]))),
    };
  },
  plan() {
    const place = make("div", { class: "ot-case-plan" });
    const flags = ticks("And", [
      ["refer", "Refer to a specialist before anything is decided"],
      ["find_cause", "Look for a cause, or treat it first"],
      ["lifestyle", "Supervised exercise three times a week; a smoker stops"],
    ]);
    return {
      nodes: [
        make("p", {}, "Years count from today. A medicine that is taken now goes on only if you "
          + "plan it. No course at all is a plan too."), place, flags.node,
      ],
      button: "Commit the plan",
      plan: place,
      given: () => Object.fromEntries(flags.value().map((name) => [name, true])),
    };
  },
};

// ---- the card -------------------------------------------------------------------

function stepSection(view, name, number, done) {
  const heading = make("h3", { id: freshId("step"), tabindex: "-1" },
    make("span", { class: "ot-case-number", "aria-hidden": "true" }, `${number}`),
    make("span", { class: "ot-hidden" }, `Step ${number}: `), TITLES[name]);
  const section = make("section", { class: "ot-case-step ot-card", "aria-labelledby": heading.id,
    "data-step": name }, heading);
  if (name === "tests") {
    section.append(
      make("div", { class: "ot-case-story" },
        make("div", {}, make("h4", {}, "History"), bullets(view.history)),
        make("div", {}, make("h4", {}, "Examination"), bullets(view.examination))),
    );
  }
  if (name === "read") section.append(report(view));
  const body = make("div", { class: "ot-case-body" });
  section.append(body);
  return { section, heading, body, done };
}

function feedback(step) {
  const tone = step.score >= 0.999 ? "right" : step.score > 0 ? "partly" : "wrong";
  return make(
    "div", { class: "ot-case-feedback", "data-tone": tone, role: "group", tabindex: "-1",
      "aria-label": "Feedback" },
    make("p", { class: "ot-case-given" }, step.given,
      make("span", { class: "ot-case-score" }, ` ${Math.round(100 * step.score)} of 100`)),
    remarks(step.lines),
  );
}

function ending(view, again) {
  const end = view.end;
  const heading = make("h3", { id: freshId("end"), tabindex: "-1" }, "The years after");
  const section = make(
    "section", { class: "ot-case-step ot-card", "aria-labelledby": heading.id, "data-step": "end" },
    heading,
    make("div", { class: "ot-case-chart", "data-chart": "follow_up" }),
    bullets(end.sentences),
    make("h4", {}, "What this case was about"),
    make("p", { class: "ot-case-teaches" }, end.teaches),
    remarks(end.lines),
  );
  if (end.pair_waits) {
    section.append(make("p", { class: "ot-case-pair-waits" },
      `This case has a twin that differs in one thing: ${end.pair_waits}. Answer it too, and you `
      + "see both side by side."));
  }
  if (end.pair) {
    section.append(
      table("The twins, side by side", ["", ...end.pair.titles], end.pair.rows),
      make("p", {}, end.pair.changes),
    );
  }
  const button = make("button", { type: "button", class: "ot-quiet" }, "Start this case again");
  button.addEventListener("click", again);
  section.append(button);
  return { section, heading };
}

function render({ model, el, signal }) {
  el.classList.add("ot-case");
  const head = make("div", { class: "ot-case-name" });
  const steps = make("div", { class: "ot-case-steps" });
  const problem = make("p", { class: "ot-problem", id: freshId("problem"), role: "alert" });
  const notice = make("p", { class: "ot-case-notice", role: "status" });
  const fault = make("p", { class: "ot-case-fault", role: "alert" });
  el.append(head, fault, steps, notice);

  let key = null;
  let shown = 0;
  let open = null;
  let views = [];
  let mounting = Promise.resolve();

  const mount = (id, place) => {
    // One after the other: two views of one widget must not race for a place.
    mounting = mounting.then(async () => {
      if (!place.isConnected || !id) return;
      const child = await model.widget_manager.get_model(id);
      const view = await viewOf(model.widget_manager, child);
      if (!place.isConnected) return view.remove();
      views.push(view);
      place.replaceChildren(view.el);
    });
  };
  const charts = (node) => {
    for (const place of node.querySelectorAll("[data-chart]")) {
      mount(model.get("charts")[place.dataset.chart], place);
    }
  };

  const openStep = (view) => {
    const name = view.present;
    const part = stepSection(view, name, view.step_names.indexOf(name) + 1, false);
    const form = FORMS[name](view);
    const commit = make("button", { type: "button", class: "ot-case-commit" }, form.button);
    commit.addEventListener("click", () => {
      // Not disabled: a disabled button would lose the focus while the answer is kept.
      if (commit.getAttribute("aria-disabled") === "true") return;
      commit.setAttribute("aria-disabled", "true");
      commit.textContent = "Keeping your answer…";
      model.send({ commit: name, given: form.given(), learner: learner() });
    });
    const ready = () => {
      commit.removeAttribute("aria-disabled");
      commit.textContent = form.button;
    };
    part.body.append(...form.nodes, problem, commit);
    commit.setAttribute("aria-describedby", problem.id);
    steps.append(part.section);
    if (name === "read") charts(part.section);
    if (form.plan) mount(model.get("plan_id"), form.plan);
    return { ...part, name, ready };
  };

  const closeStep = (part, step) => {
    const told = feedback(step);
    part.body.replaceChildren(told);
    return told;
  };

  const startAnew = () => {
    views.forEach((view) => view.remove());
    views = [];
    steps.replaceChildren();
    shown = 0;
    open = null;
  };

  const update = () => {
    const view = model.get("view");
    if (!view.key) return;
    const isNew = view.key !== key;
    if (isNew) {
      startAnew();
      key = view.key;
      head.replaceChildren(
        make("h2", {}, view.title),
        make("p", {}, `${view.name}, level ${view.level}`),
      );
    }
    let told = null;
    while (shown < view.done.length) {
      const step = view.done[shown];
      const part = open ?? (() => {
        const one = stepSection(view, step.name, shown + 1, true);
        steps.append(one.section);
        if (step.name === "read") charts(one.section);
        return one;
      })();
      told = closeStep(part, step);
      open = null;
      shown += 1;
    }
    if (view.present && !open) open = openStep(view);
    if (view.end) {
      steps.querySelector('[data-step="end"]')?.remove();
      const { section } = ending(view, () => model.send({ again: true, learner: learner() }));
      steps.append(section);
      charts(section);
    }
    // The reader goes on where the feedback is, not at the top of the page.
    if (!isNew && told) {
      told.focus({ preventScroll: true });
      const calm = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
      told.scrollIntoView({ block: "center", behavior: calm ? "auto" : "smooth" });
    }
  };
  const texts = () => {
    problem.textContent = model.get("problem");
    notice.textContent = model.get("notice");
    notice.hidden = !model.get("notice");
    fault.textContent = model.get("fault")
      && `Something went wrong in the program, not in your input. ${model.get("fault")} `
      + "If it comes back, tell your teacher these words.";
    fault.hidden = !model.get("fault");
  };
  model.on("change:view", update);
  model.on("change:turn", () => open?.ready?.());
  for (const name of ["problem", "notice", "fault"]) model.on(`change:${name}`, texts);
  texts();
  update();
  return () => views.forEach((view) => view.remove());
}

export default { render };
