// Last part of the module of the page "Ask the class" (see classroom/panel.py): opening a
// room, asking, closing, revealing. What is shown comes from the trait "view"; whatever a
// person typed is put in as text. The secret is kept for this tab only, and taken out of the
// address, because the address stands on the projector.

const SECRET_KEY = "osteoteach-room";
const TICK_MS = 1000;

function keptSecret() {
  try {
    const kept = JSON.parse(sessionStorage.getItem(SECRET_KEY) ?? "null");
    return kept && typeof kept.code === "string" && typeof kept.key === "string" ? kept : null;
  } catch {
    return null; // storage is switched off, or holds something else
  }
}

function keepSecret(secret) {
  try {
    if (secret) sessionStorage.setItem(SECRET_KEY, JSON.stringify(secret));
    else sessionStorage.removeItem(SECRET_KEY);
  } catch {
    // The room is then lost with this page, unless the link was copied.
  }
}

// A link is #room=CODE&key=SECRET: what stands behind # never reaches a server or its log.
// The same behind a question mark is understood too.
function secretOf(text) {
  for (const part of text.split(/[?#]/).slice(1)) {
    const found = new URLSearchParams(part);
    if (found.get("room") && found.get("key")) {
      return { code: found.get("room"), key: found.get("key") };
    }
  }
  return null;
}

function arrivedWith() {
  const secret = secretOf(window.location.href);
  if (secret && inVoila()) {
    keepSecret(secret);
    window.history.replaceState(null, "", window.location.pathname);
  }
  return secret ?? keptSecret();
}

function baseUrl() {
  if (inVoila()) return document.body.dataset.baseUrl.replace(/voila\/$/, "");
  try {
    return JSON.parse(document.getElementById("jupyter-config-data").textContent).baseUrl ?? "/";
  } catch {
    return "/";
  }
}

const idOf = (name) => `ot-${name}-${Math.random().toString(36).slice(2)}`;

function primary(text, onClick) {
  const button = quietButton(text, onClick);
  button.className = "ot-primary";
  return button;
}

function field(label, input, help) {
  const id = idOf("field");
  input.id = id;
  const box = make("div", { class: "ot-class-field" }, make("label", { for: id }, label), input);
  if (help) {
    input.setAttribute("aria-describedby", `${id}-help`);
    box.append(make("p", { class: "ot-class-soft", id: `${id}-help` }, help));
  }
  return box;
}

// ---- choosing a question -----------------------------------------------------------

function preparedChooser(model, view, memory) {
  const select = make("select");
  const asked = view.round?.place;
  for (const list of view.lists) {
    const group = make("optgroup", { label: list.title });
    for (const step of list.steps) {
      if (!step.prompt) continue;
      const option = make("option", { value: `${list.name}/${step.number}` },
        `${step.number}. ${step.title}`);
      option.dataset.prompt = step.prompt;
      group.append(option);
    }
    select.append(group);
  }
  // The one after the one that was asked, as in a session.
  if (memory.chosen) select.value = memory.chosen;
  else if (asked) select.value = `${asked[0]}/${asked[1] + 1}`;
  if (select.selectedIndex < 0) select.selectedIndex = 0;
  const prompt = make("p", { class: "ot-class-soft" });
  const show = () => { prompt.textContent = select.selectedOptions[0]?.dataset.prompt ?? ""; };
  select.addEventListener("change", () => {
    memory.chosen = select.value;
    show();
  });
  show();
  const ask = primary("Ask this question", () => {
    const [list, step] = select.value.split("/");
    memory.chosen = null;
    model.send({ do: "ask", list, step: Number(step) });
  });
  return make("div", { class: "ot-class-prepared" }, field("Prepared question", select), prompt, ask);
}

const KINDS = { number: "A number", category: "One of several answers",
  category_confidence: "One of several answers, and how sure" };

function ownQuestion(model, memory) {
  const text = (name, attributes = {}) => {
    const input = make("input", { type: "text", autocomplete: "off", ...attributes });
    input.value = memory[name] ?? "";
    input.addEventListener("input", () => { memory[name] = input.value; });
    return input;
  };
  const area = (name, rows) => {
    const input = make("textarea", { rows });
    input.dataset.lmSuppressShortcuts = "true";
    input.value = memory[name] ?? "";
    input.addEventListener("input", () => { memory[name] = input.value; });
    return input;
  };
  const kind = make("select");
  for (const [value, name] of Object.entries(KINDS)) kind.append(make("option", { value }, name));
  kind.value = memory.kind ?? "number";
  const number = make("div", { class: "ot-class-row" },
    field("Unit", text("unit")), field("Lowest answer", text("low")),
    field("Highest answer", text("high")));
  const choices = field("Answers, one a line", area("choices", 4));
  const show = () => {
    memory.kind = kind.value;
    number.hidden = kind.value !== "number";
    choices.hidden = kind.value === "number";
  };
  kind.addEventListener("change", show);
  show();
  const ask = primary("Ask my question", () => {
    const { prompt = "", unit = "", low = "", high = "", choices: lines = "" } = memory;
    model.send({ do: "ask_own",
      question: { kind: kind.value, prompt, unit, low, high, choices: lines } });
  });
  const details = make(
    "details", {}, make("summary", {}, "Type a question of your own"),
    field("Question", area("prompt", 2)), field("Kind of answer", kind), number, choices, ask,
  );
  details.open = Boolean(memory.open);
  details.addEventListener("toggle", () => { memory.open = details.open; });
  return details;
}

function papers(model, view) {
  const box = make("details", {}, make("summary", {}, "Present a session, or print its papers"));
  for (const list of view.lists) {
    const row = make("div", { class: "ot-class-papers" },
      make("strong", {}, `${list.title} (${list.minutes} minutes)`));
    if (inVoila()) {
      const first = `?present=${encodeURIComponent(list.name)}&step=1`;
      row.append(make("a", { href: `diagnose.ipynb${first}`, target: "_blank", rel: "noopener" },
        "Present step by step"));
    }
    const paper = (kind) => () => model.send({ do: "paper", kind, list: list.name });
    row.append(quietButton("Lecturer's plan", paper("plan")), quietButton("Printable key", paper("key")));
    box.append(row);
  }
  return box;
}

// ---- the room ------------------------------------------------------------------------

function joinCard(room) {
  const card = make("section", { class: "ot-class-join ot-card", "aria-label": "How to join" });
  const drawing = new DOMParser().parseFromString(room.qr, "image/svg+xml").documentElement;
  const qr = make("div", { class: "ot-class-qr", role: "img", "aria-label": "QR code of the address" });
  qr.append(document.importNode(drawing, true));
  card.append(
    qr,
    make("div", { class: "ot-class-how" },
      make("p", { class: "ot-class-soft" }, "Open"),
      // A long address breaks before a slash.
      make("p", { class: "ot-class-address" }, ...room.address.replace(/^https?:\/\//, "")
        .replace(/\/[^/]*$/, "").split(/(?=\/)/).flatMap((part) => [make("wbr"), part])),
      make("p", { class: "ot-class-soft" }, "Code"),
      make("p", { class: "ot-class-code" }, room.code)),
  );
  if (room.problem) card.append(make("p", { class: "ot-class-warning" }, room.problem));
  return card;
}

// While a class votes the wall does not show it what comes next, unless that is asked for.
function nextCard(model, view, memory) {
  const parts = [preparedChooser(model, view, memory), ownQuestion(model, memory),
    papers(model, view)];
  const attributes = { class: "ot-card ot-class-next", "aria-label": "Next question" };
  if (view.round?.state !== "open") {
    memory.nextIsOpen = false;
    return make("section", attributes, make("h2", {}, "Next question"), ...parts);
  }
  const fold = make("details", {}, make("summary", {}, "Next question"), ...parts);
  fold.open = Boolean(memory.nextIsOpen);
  fold.addEventListener("toggle", () => { memory.nextIsOpen = fold.open; });
  return make("section", attributes, fold);
}

const STATES = { open: "Voting is open", closed: "Voting is closed", revealed: "Revealed" };

function roundCard(view, chartSlot) {
  const { round } = view;
  const card = make("section", { class: "ot-class-round ot-card", "aria-label": "Question" });
  if (!round) {
    card.append(make("h2", {}, "No question yet"),
      make("p", { class: "ot-class-soft" }, "Students who have joined are waiting."));
    return card;
  }
  card.append(make("h2", {}, round.prompt));
  if (round.choices.length && round.state !== "revealed") {
    card.append(make("ul", {}, ...round.choices.map((text) => make("li", {}, text))));
  }
  const count = make("p", { class: "ot-class-count" },
    make("span", { class: "ot-class-number" }, String(round.count)),
    round.count === 1 ? " vote" : " votes");
  // The chart says how many there are.
  if (round.state !== "revealed") card.append(count);
  card.append(make("p", { class: "ot-class-soft", role: "status" }, STATES[round.state]));
  if (round.names) {
    card.append(make("p", { class: "ot-class-names" },
      round.names.length ? round.names.join(" · ") : "Nobody gave a nickname."));
  }
  if (round.reveal) {
    card.append(chartSlot);
    const words = make("div", { class: "ot-class-reveal" });
    for (const [title, text] of round.reveal.parts) {
      words.append(make("section", {}, make("h3", {}, title), make("p", {}, text)));
    }
    if (round.reveal.sources.length) {
      const links = round.reveal.sources.map(({ short, link }) => make("li", {}, make(
        "a", { href: link, target: "_blank", rel: "noopener noreferrer" }, short)));
      words.append(make("section", {}, make("h3", {}, "Sources"), make("ul", {}, ...links)));
    }
    card.append(words);
  }
  return card;
}

function roundButtons(model, view) {
  const row = make("div", { class: "ot-class-buttons", role: "group", "aria-label": "This question" });
  const send = (what) => () => model.send({ do: what });
  const { round } = view;
  if (!round) return row;
  if (round.state === "open") row.append(quietButton("Close the voting", send("close")));
  if (round.state !== "revealed") row.append(primary("Reveal", send("reveal")));
  if (round.state !== "open") row.append(quietButton("Ask again, after discussion", send("again")));
  row.append(quietButton(round.names ? "Hide nicknames" : "Show nicknames", send("names")));
  if (round.state === "revealed" && round.place && inVoila()) {
    const [list, step] = round.place;
    const query = `?present=${encodeURIComponent(list)}&step=${step}`;
    row.append(make("a", { href: `${round.dashboard}.ipynb${query}`,
      target: "_blank", rel: "noopener" }, "Open it on its dashboard"));
  }
  return row;
}

function roomTools(model, view, say) {
  const link = () => {
    const secret = keptSecret();
    const page = `${window.location.origin}${window.location.pathname}`;
    return secret && `${page}#room=${secret.code}&key=${secret.key}`;
  };
  const box = make("input", { type: "text", readonly: "", "aria-label": "Secret link" });
  box.hidden = true;
  const copy = quietButton("Copy the secret link", async () => {
    const text = link();
    if (!text) return say("This browser keeps nothing, so there is no link.");
    try {
      await navigator.clipboard.writeText(text);
      say("Copied. Whoever has this link can close and reveal. Do not show it.");
    } catch {
      box.hidden = false;
      box.value = text;
      box.focus();
      box.select();
      say("Copy it from the box. Whoever has it can close and reveal.");
    }
  });
  const end = quietButton("End the room", () => {
    if (window.confirm("End the room? Its questions and votes are deleted.")) {
      model.send({ do: "end" });
    }
  });
  return make("div", { class: "ot-class-buttons", role: "group", "aria-label": "The room" },
    copy, box, end, make("span", { class: "ot-class-soft" }, `Ends at ${view.room.ends}.`));
}

function startCard(model, view) {
  const card = make("section", { class: "ot-class-start ot-card", "aria-label": "Open a room" });
  const back = make("input", { type: "text", autocomplete: "off", spellcheck: "false" });
  const enter = quietButton("Come back", () => {
    const secret = secretOf(back.value);
    model.send({ do: "enter", code: secret?.code ?? "", key: secret?.key ?? "" });
  });
  card.append(
    make("h2", {}, "Open a room"),
    make("p", {}, "Students join with a code on their own phones. They need no account, and "
      + "nothing of them is kept but a vote and a nickname, if they give one. The room and its "
      + "votes go after four hours."),
    primary("Open a room", () => model.send({ do: "open" })),
    make("details", {}, make("summary", {}, "Come back to a room"),
      field("Secret link of the room", back), enter),
  );
  if (view.join) card.append(make("p", { class: "ot-class-warning" }, view.join));
  return card;
}

// ---- assembling ----------------------------------------------------------------------

async function render({ model, el, signal }) {
  el.classList.add("ot-page", "ot-class-page");
  if (!inVoila()) followLab(signal);
  const title = make("div", { class: "ot-title" }, make("div", { class: "ot-title-words" },
    make("h1", {}, "Ask the class"),
    make("p", {}, "Let everybody commit to an answer first. Then show what the model and the "
      + "trial say.")));
  const problem = make("p", { class: "ot-class-problem", role: "alert" });
  const notice = make("p", { class: "ot-class-notice", role: "status" });
  const body = make("div", { class: "ot-class-body" });
  const chartSlot = make("div", { class: "ot-class-chart", "data-chart": "votes" });
  el.append(make("div", { class: "ot-frame" }, title, connectionBanner(model, signal), problem,
    notice, body, make("p", { class: "ot-footer" }, "For teaching. Not for patient care.")));

  const memory = {};
  const say = (text) => { notice.textContent = text; };
  let drawn = "";
  const draw = () => {
    const view = model.get("view");
    problem.textContent = view.problem ?? "";
    if (view.notice) say(view.notice);
    // A vote that arrives changes one number; the rest, and the focus, stay where they are.
    const shape = JSON.stringify({ ...view, problem: "", round: view.round && { ...view.round, count: 0 } });
    if (shape === drawn) {
      const number = body.querySelector(".ot-class-number");
      if (number && view.round && number.textContent !== String(view.round.count)) {
        number.textContent = String(view.round.count);
        number.nextSibling.textContent = view.round.count === 1 ? " vote" : " votes";
      }
      return;
    }
    drawn = shape;
    const focused = body.contains(document.activeElement) ? document.activeElement.textContent : null;
    el.classList.toggle("ot-class-open-room", view.stage === "room");
    if (view.stage === "room") {
      body.replaceChildren(
        make("div", { class: "ot-class-stage" }, joinCard(view.room), roundCard(view, chartSlot)),
        roundButtons(model, view),
        nextCard(model, view, memory),
        roomTools(model, view, say),
      );
    } else {
      body.replaceChildren(startCard(model, view), papers(model, view));
    }
    if (focused === null) return;
    const again = [...body.querySelectorAll("button")].find((one) => one.textContent === focused);
    (again ?? body.querySelector("button"))?.focus({ preventScroll: true });
  };

  let mounted = null;
  const drawChart = async () => {
    const id = model.get("chart");
    mounted?.remove();
    mounted = null;
    chartSlot.replaceChildren();
    if (!id) return;
    const child = await model.widget_manager.get_model(id);
    const view = await model.widget_manager.create_view(child, {});
    if (model.get("chart") !== id) return view.remove();
    mounted = view;
    chartSlot.append(view.el);
  };

  model.on("change:view", draw);
  model.on("change:chart", drawChart);
  model.on("msg:custom", (content) => {
    if (content.keep) keepSecret(content.keep);
    if (content.forget) keepSecret(null);
    if (content.paper) download(content.paper.name, content.paper.html, "text/html");
  });
  draw();
  await drawChart();
  // "Vote" in the presenter's bar leads here with #ask=LIST/3.
  const wanted = () => {
    const found = /#ask=([a-z0-9_]+\/\d+)$/.exec(window.location.hash);
    if (!found) return;
    memory.chosen = found[1];
    drawn = "";
    draw();
  };
  window.addEventListener("hashchange", wanted, { signal });
  wanted();
  const secret = arrivedWith();
  model.send({ do: "hello", origin: window.location.origin, base: baseUrl(), ...secret });
  const tick = setInterval(() => {
    if (document.hidden || model.get("view").round?.state !== "open") return;
    try {
      model.send({ do: "tick" });
    } catch {
      clearInterval(tick); // the kernel is gone, or the page is being left: the banner says so
    }
  }, TICK_MS);
  signal?.addEventListener("abort", () => clearInterval(tick));
  el.dataset.ready = "";
  return () => {
    clearInterval(tick);
    mounted?.remove();
  };
}

export default { render };
