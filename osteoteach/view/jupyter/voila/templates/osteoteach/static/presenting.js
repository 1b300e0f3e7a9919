// The presenter's bar: on a page opened with ?present=LIST&step=3 it says the step and leads
// to its neighbours, by buttons, arrow keys and the keys of a presenter's clicker. The server
// turns such an address into one with the step's settings. The question is shown first and
// the dashboard after it: who has not guessed learns little from an answer. Texts of a list
// are put in as text.
(() => {
  const query = new URLSearchParams(window.location.search);
  const name = query.get("present");
  if (!name || !query.has("step")) return;
  const number = Number(query.get("step"));
  const folder = document.currentScript.src.replace(/[^/]*$/, "");

  const make = (tag, attributes = {}, ...children) => {
    const node = document.createElement(tag);
    for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
    node.append(...children);
    return node;
  };
  const at = (dashboard, step) => (
    `${dashboard}.ipynb?present=${encodeURIComponent(name)}&step=${step}`);

  document.head.append(make("link", { rel: "stylesheet", href: `${folder}presenting.css` }));
  const bar = make("section", { class: "ot-present-bar", "aria-label": "Presenter bar" });

  function leave(text) {
    return make("a", { href: window.location.pathname }, text);
  }

  // ---- first the question, then the dashboard --------------------------------------

  const cover = make("section", { class: "ot-present-cover", "aria-label": "Question" });
  const toggle = make("button", { type: "button", class: "ot-present-toggle" });
  const isCovered = () => document.body.classList.contains("ot-present-covered");

  function setCovered(covered) {
    document.body.classList.toggle("ot-present-covered", covered);
    cover.hidden = !covered;
    toggle.textContent = covered ? "Show the answer" : "Back to the question";
  }
  toggle.addEventListener("click", () => setCovered(!isCovered()));

  function drawCover(now) {
    // "T-score" is one word and "T −2.5" one value: no line ends inside.
    const asked = (now.prompt || now.ask).replace(/\b([TZ])-(?=score)/g, "$1\u2011")
      .replace(/\b([TZ]) (?=\u2212)/g, "$1\u00a0");
    cover.replaceChildren(make("h1", {}, asked));
    if (now.scale) cover.append(make("p", {}, `Your guess: a number, ${now.scale}.`));
    if (now.choices.length) {
      cover.append(make("ol", {}, ...now.choices.map((text) => make("li", {}, text))));
    }
  }

  function told(problem) {
    setCovered(false);
    bar.replaceChildren(
      make("p", { role: "alert", class: "ot-present-problem" }, problem), leave("Leave"));
  }

  function step(list, place, text, key) {
    const found = list.steps[place - 1];
    if (!found) return make("span", { class: "ot-present-end" }, place < 1 ? "First step" : "Last step");
    return make("a", { href: at(found.dashboard, place), "aria-keyshortcuts": key,
      class: "ot-present-step", title: found.title }, text);
  }

  function show(list) {
    const now = list.steps[number - 1];
    if (!now) return told(`The list “${list.title}” has steps 1 to ${list.steps.length}, not ${query.get("step")}.`);
    const before = step(list, number - 1, "← Previous", "ArrowLeft");
    const after = step(list, number + 1, "Next →", "ArrowRight");
    const words = make(
      "div", { class: "ot-present-words" },
      make("p", { class: "ot-present-title" },
        make("strong", {}, now.title), ` ${number} of ${list.steps.length}`),
      make("p", { class: "ot-present-ask" }, now.ask),
    );
    const more = make("div", { class: "ot-present-more" });
    if (now.has_question) {
      more.append(make("a", { href: `class.ipynb#ask=${encodeURIComponent(name)}/${number}`,
        target: "osteoteach-class" }, "Vote"));
    }
    more.append(leave("Leave"));
    drawCover(now);
    setCovered(isCovered());
    bar.replaceChildren(before, words, toggle, more, after);
    keys({ back: before.href, forward: after.href });
    return undefined;
  }

  // A control that uses arrows itself keeps them.
  const usesArrows = (node) => node.isContentEditable
    || node.closest?.("input, select, textarea, [role=slider], [role=tab], [role=menu], [role=grid]");

  function keys({ back, forward }) {
    document.addEventListener("keydown", (event) => {
      if (event.defaultPrevented || event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
      if (usesArrows(event.target)) return;
      const isForward = event.key === "ArrowRight" || event.key === "PageDown";
      if (!isForward && event.key !== "ArrowLeft" && event.key !== "PageUp") return;
      event.preventDefault();
      // Forward means: the answer to this question, and only then the next one.
      if (isForward && isCovered()) setCovered(false);
      else if (isForward ? forward : back) window.location.assign(isForward ? forward : back);
    });
  }

  async function start() {
    document.body.append(bar);
    document.getElementById("ot-main").prepend(cover);
    setCovered(true);
    const base = document.body.dataset.baseUrl.replace(/voila\/$/, "");
    try {
      const answer = await fetch(`${base}presenting/${encodeURIComponent(name)}`);
      const body = await answer.json();
      if (answer.ok) show(body);
      else told(body.problem);
    } catch {
      told("The list of scenarios could not be read. Is the server still running?");
    }
  }

  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
  else start();
})();
