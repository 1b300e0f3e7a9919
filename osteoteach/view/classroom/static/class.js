// A student's page: what is asked, one vote that may be changed, and what was revealed.
// It asks every two and a half seconds what is new; an unchanged answer has no body.
// Everything that came from a person is put in as text, never as HTML.
(() => {
  const api = document.body.dataset.api;
  const root = document.getElementById("ot-room");
  const EVERY_MS = 2500;
  const SLOWEST_MS = 15000;

  let token = "";
  let shown = "";
  let state = null;
  let vote = null;
  let known = -1; // the round whose own vote is known
  let pause = EVERY_MS;
  let timer;

  const make = (tag, attributes = {}, ...children) => {
    const node = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
    node.append(...children);
    return node;
  };
  const minus = (number) => String(number).replace("-", "−");
  const withUnit = (number, unit) => {
    const gap = unit === "%" || !unit ? "" : " ";
    return `${minus(number)}${gap}${unit}`;
  };

  // ---- talking to the server ------------------------------------------------------

  async function ask(path, options = {}) {
    const answer = await fetch(api + path, { credentials: "same-origin", ...options });
    let body = null;
    try {
      body = await answer.json();
    } catch {
      body = { problem: `The server answered ${answer.status}.` };
    }
    return { status: answer.status, body };
  }

  async function whoAmI() {
    const { status, body } = await ask("/me");
    if (status !== 200) throw new Error(body.problem);
    token = body.token;
    vote = body.round === state.round ? body.vote : null;
  }

  async function look() {
    clearTimeout(timer);
    try {
      // The browser keeps the last answer and its mark: unchanged costs no body.
      const { status, body } = await ask("", { cache: "no-cache" });
      if (status === 404) {
        ended(body.problem);
        return;
      }
      if (status !== 200) throw new Error(body.problem);
      const text = JSON.stringify(body);
      if (text !== shown) {
        state = body;
        if (known !== body.round) {
          vote = null;
          await whoAmI();
          known = body.round;
        }
        shown = text;
        draw();
      }
      pause = EVERY_MS;
      connection.textContent = "";
    } catch {
      pause = Math.min(2 * pause, SLOWEST_MS);
      connection.textContent = "No connection to the class. Trying again.";
      if (!connection.isConnected) root.prepend(connection);
    }
    // Phones that were opened together must not ask together for ever.
    timer = setTimeout(look, pause * (0.85 + 0.3 * Math.random()));
  }

  function ended(problem) {
    shown = "";
    const home = make("a", { href: api.replace(/api\/[^/]*$/, "") }, "Type another code");
    root.replaceChildren(make("h1", {}, "This room has ended"), make("p", {}, problem), home);
  }

  async function send(plain, again = true) {
    const { status, body } = await ask("/vote", {
      method: "POST",
      headers: { "Content-Type": "application/json", "X-XSRFToken": token },
      body: JSON.stringify({ round: state.round, ...plain }),
    });
    // The server was restarted, or the cookie went: get a new token once.
    if (status === 403 && again) {
      await whoAmI();
      return send(plain, false);
    }
    return { status, body };
  }

  // ---- the question ---------------------------------------------------------------

  const connection = make("p", { class: "ot-problem", role: "status" });
  const said = make("p", { class: "ot-said", role: "status" });
  const problem = make("p", { class: "ot-problem", role: "alert" });

  const answered = (question, one) => {
    if (question.kind === "number") {
      const plus = question.low < 0 && one.number > 0 ? "+" : "";
      return plus + withUnit(one.number, question.unit);
    }
    const sure = one.confidence_pct === null ? "" : `, ${one.confidence_pct}% sure`;
    return `${question.choices[one.choice]}${sure}`;
  };

  const read = (text) => {
    const plain = text.trim().replace(/[−–]/, "-").replace(",", ".");
    return /^[+-]?(\d+(\.\d*)?|\.\d+)$/.test(plain) ? Number(plain) : NaN;
  };

  function numberField(question) {
    const range = `${minus(question.low)} to ${withUnit(question.high, question.unit)}`;
    const box = make("input", {
      id: "ot-number", type: "text", autocomplete: "off", "aria-describedby": "ot-range",
      // The number pad of some phones has no minus sign.
      inputmode: question.low < 0 ? "text" : "decimal",
    });
    const step = 10 ** Math.floor(Math.log10((question.high - question.low) / 40));
    const slider = make("input", {
      type: "range", min: question.low, max: question.high, step,
      "aria-label": "Your number, by slider",
    });
    // Before the first move there is no thumb: where it stood would suggest an answer.
    const touched = () => {
      slider.classList.remove("ot-untouched");
      slider.removeAttribute("aria-valuetext");
    };
    slider.addEventListener("input", () => {
      touched();
      box.value = minus(slider.value);
    });
    box.addEventListener("input", () => {
      const number = read(box.value);
      if (!Number.isFinite(number)) return;
      touched();
      slider.value = number;
    });
    slider.value = vote ? vote.number : question.low;
    if (vote) box.value = minus(vote.number);
    else {
      slider.classList.add("ot-untouched");
      slider.setAttribute("aria-valuetext", "no number yet");
    }
    const field = make(
      "div", {},
      make("label", { for: "ot-number" }, "Your number"),
      make("div", { class: "ot-number" }, box, question.unit), slider,
      make("div", { class: "ot-ends", "aria-hidden": "true" },
        make("span", {}, withUnit(question.low, question.unit)),
        make("span", {}, withUnit(question.high, question.unit))),
      make("p", { id: "ot-range", class: "ot-soft" }, `From ${range}.`),
    );
    const take = () => {
      const number = read(box.value);
      const good = number >= question.low && number <= question.high;
      if (good) box.removeAttribute("aria-invalid");
      else box.setAttribute("aria-invalid", "true");
      if (good) return { number };
      box.focus();
      throw new Error(`Type a number from ${range}.`);
    };
    return { nodes: [field], take };
  }

  function radios(name, legend, options, checked, kind) {
    const field = make("fieldset", {}, make("legend", {}, legend));
    const list = make("div", { class: kind });
    options.forEach(([text, value]) => {
      const input = make("input", { type: "radio", name, value });
      input.checked = value === checked;
      list.append(make("label", { class: "ot-choice" }, input, make("span", {}, text)));
    });
    field.append(list);
    return { field, value: () => field.querySelector("input:checked")?.value };
  }

  // The same words and numbers as in the course test.
  const SURE = [["A guess", 10], ["Doubtful", 30], ["Half and half", 50], ["Fairly sure", 75],
    ["Almost certain", 95]];

  function choiceField(question) {
    const options = question.choices.map((text, place) => [text, place]);
    const choices = radios("choice", "Your answer", options, vote?.choice, "ot-choices");
    const nodes = [choices.field];
    let sure = null;
    if (question.kind === "category_confidence") {
      sure = radios("sure", "How sure are you?", SURE, vote?.confidence_pct, "ot-sure");
      nodes.push(sure.field);
    }
    const take = () => {
      if (choices.value() === undefined) throw new Error("Choose an answer.");
      if (sure && sure.value() === undefined) throw new Error("Say how sure you are.");
      const plain = { choice: Number(choices.value()) };
      if (sure) plain.confidence_pct = Number(sure.value());
      return plain;
    };
    return { nodes, take };
  }

  const kept = { nickname: "" };

  function form(question) {
    const { nodes, take } = question.kind === "number" ? numberField(question)
      : choiceField(question);
    const nickname = make("input", {
      id: "ot-nickname", type: "text", maxlength: "24", autocomplete: "off",
    });
    nickname.value = vote?.nickname || kept.nickname;
    const details = make(
      "details", {}, make("summary", {}, "Add a nickname (optional)"),
      make("label", { for: "ot-nickname" }, "Nickname"), nickname,
      make("p", { class: "ot-soft" }, "The class may see it. Do not give your name."),
    );
    const button = make("button", { type: "submit" }, vote ? "Change my vote" : "Vote");
    const sheet = make("form", { class: "ot-card", novalidate: "" }, ...nodes, details, button);
    sheet.addEventListener("submit", async (event) => {
      event.preventDefault();
      problem.textContent = "";
      let plain;
      try {
        plain = take();
      } catch (error) {
        problem.textContent = error.message;
        return;
      }
      kept.nickname = nickname.value;
      button.disabled = true;
      await cast({ ...plain, nickname: nickname.value });
      button.disabled = false;
      if (vote) button.textContent = "Change my vote";
    });
    return sheet;
  }

  const pauses = [1000, 2000, 4000, 8000];

  // A vote replaces the one before, so sending it again can never count twice.
  async function cast(plain) {
    const { round } = state;
    for (let attempt = 0; ; attempt += 1) {
      try {
        const { status, body } = await send(plain);
        if (status === 200) {
          vote = body.vote;
          said.textContent = thanks();
          problem.textContent = "";
          return;
        }
        if (status < 500 && status !== 429) {
          problem.textContent = body.problem;
          return;
        }
        problem.textContent = `${body.problem} Trying again.`;
      } catch {
        problem.textContent = "Not sent yet: no connection. Trying again.";
      }
      if (attempt === pauses.length || state.round !== round) {
        problem.textContent = "Your vote was not counted. Press the button to try again.";
        return;
      }
      const wait = pauses[attempt] * (0.8 + 0.4 * Math.random());
      await new Promise((done) => { setTimeout(done, wait); });
    }
  }

  const thanks = () => `Your vote is in: ${answered(state.question, vote)}. `
    + "You can change it until voting closes.";

  // ---- after the vote -------------------------------------------------------------

  function revealed(reveal) {
    const card = make("div", { class: "ot-card ot-reveal" });
    for (const [title, text] of reveal.parts) {
      card.append(make("section", {}, make("h2", {}, title), make("p", {}, text)));
    }
    if (reveal.sources.length) {
      const links = reveal.sources.map(({ short, link }) => make("li", {}, make(
        "a", { href: link, rel: "noopener noreferrer", target: "_blank" }, short)));
      card.append(make("section", {}, make("h2", {}, "Sources"), make("ul", {}, ...links)));
    }
    return card;
  }

  const LINKS = {
    again: "The same question once more, after the discussion.",
    contrast: "A contrast to an earlier question.",
  };

  function draw() {
    problem.textContent = "";
    said.textContent = "";
    if (!state.round) {
      root.replaceChildren(connection, make("h1", {}, "You are in"),
        make("p", { role: "status" }, "The first question will appear here."));
      return;
    }
    const { question } = state;
    const head = [connection];
    if (state.link) head.push(make("p", { class: "ot-soft" }, LINKS[state.link]));
    head.push(make("h1", {}, question.prompt));
    if (state.state === "open") {
      root.replaceChildren(...head, said, problem, form(question));
      if (vote) said.textContent = thanks();
      return;
    }
    const rest = state.state === "revealed" && state.reveal ? revealed(state.reveal)
      : make("p", {}, "Voting is closed. Look at the screen.");
    root.replaceChildren(...head, said, rest);
    said.textContent = vote ? `You said: ${answered(question, vote)}.`
      : "You did not vote on this question.";
  }

  // A page in a pocket asks nothing; it looks at once when it is seen again.
  document.addEventListener("visibilitychange", () => {
    clearTimeout(timer);
    if (!document.hidden) look();
  });
  look();
})();
