// The treatment plan: one row a course, with a bar on a time line and boxes for the same
// numbers. What is dragged or stepped is always a plan that can be drawn; what is typed
// travels as text, and Python says whether it is taken over.

const YEAR = 12; // months
const LEAST = 1 / YEAR; // the shortest course that a drag can make, in years
const HIT = 24; // pixels: least width of a bar, width of its ends and of the track's margins
const GRIP = 12; // pixels of an end that are drawn
const SLOP = 3; // pixels of a press that is not yet a drag
const NUMBERS = ["start_years", "end_years", "adherence"];

// ---- small tools (as in controls.js: every widget evaluates its own file) ---------

const freshId = (what) => `ot-${what}-${Math.random().toString(36).slice(2)}`;

function make(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  // JupyterLab otherwise takes letters as its own shortcuts. It looks at the focused
  // element first, so the mark must be on that element itself.
  if (/^(button|input|select)$/.test(tag) || attributes.role === "slider") {
    node.dataset.lmSuppressShortcuts = "true";
  }
  node.append(...children);
  return node;
}

function listen(model, names, callback) {
  for (const name of names) model.on(`change:${name}`, callback);
  callback();
}

const within = (x, low, high) => Math.min(Math.max(x, low), high);

// ---- years --------------------------------------------------------------------------

const toMonth = (years) => Math.round(years * YEAR) / YEAR;
const isOnMonth = (years) => Math.abs(years * YEAR - Math.round(years * YEAR)) < 1e-6;
// Sums of twelfths drift in the last digits; two courses that touch must not overlap.
const tidy = (years) => (isOnMonth(years) ? toMonth(years) : years);

function stepped(years, months) {
  if (isOnMonth(years)) return (Math.round(years * YEAR) + months) / YEAR;
  if (Math.abs(months) > 1) return years + months / YEAR;
  return (months > 0 ? Math.ceil(years * YEAR) : Math.floor(years * YEAR)) / YEAR;
}

const counted = (n, unit) => `${n} ${unit}${n === 1 ? "" : "s"}`;

function inWords(years) {
  const months = Math.round(years * YEAR);
  if (months === 0) return years > 0.005 ? "less than 1 month" : "0";
  const parts = [];
  if (months >= YEAR) parts.push(counted(Math.floor(months / YEAR), "year"));
  if (months % YEAR) parts.push(counted(months % YEAR, "month"));
  return `${Math.abs(years * YEAR - months) > 0.05 ? "about " : ""}${parts.join(" ")}`;
}

// What was typed, for drawing it before Python has answered; only Python takes it over.
function readNumber(typed) {
  if (typeof typed === "number") return typed;
  const isPlain = /^\s*\+?(\d+([.,]\d*)?|[.,]\d+)\s*$/.test(typed);
  return isPlain ? Number(typed.replace(",", ".")) : NaN;
}

const spanInWords = (span) => `from ${inWords(span.start)} to ${inWords(span.end)}`;

// ---- where a course may go ------------------------------------------------------------

// `at` holds the present start and end, and the free room between low and high.
const MOVES = {
  start: {
    of: "start",
    range: (at) => [at.low, tidy(at.end - at.least)],
    to: (at, want) => ({ start: within(want, at.low, tidy(at.end - at.least)), end: at.end }),
  },
  bar: {
    of: "start",
    range: (at) => [at.low, tidy(at.high - (at.end - at.start))],
    to: (at, want) => {
      const length = at.end - at.start;
      const start = within(want, at.low, Math.max(at.low, tidy(at.high - length)));
      return { start, end: Math.min(at.high, tidy(start + length)) };
    },
  },
  end: {
    of: "end",
    range: (at) => [tidy(at.start + at.least), at.high],
    to: (at, want) => ({ start: at.start, end: within(want, tidy(at.start + at.least), at.high) }),
  },
};

const KEYS = {
  ArrowRight: (now) => stepped(now, 1), ArrowUp: (now) => stepped(now, 1),
  ArrowLeft: (now) => stepped(now, -1), ArrowDown: (now) => stepped(now, -1),
  PageUp: (now) => tidy(now + 1), PageDown: (now) => tidy(now - 1),
  Home: () => -Infinity, End: () => Infinity,
};

// ---- the plan behind the view -----------------------------------------------------------

function planOf(model) {
  const longest = model.get("longest_years");
  // What was typed and not answered yet. An answer to an earlier entry must not undo it.
  let mine = null;
  let asked = model.get("answered");
  const rows = () => mine ?? model.get("rejected") ?? model.get("value");
  // Where the bars stand. One that cannot be drawn as it was entered stays where it was.
  let drawn = [];

  function spanOf(row) {
    const span = { start: readNumber(row.start_years), end: readNumber(row.end_years) };
    return span.start >= 0 && span.start < span.end && span.end <= longest ? span : null;
  }

  function follow() {
    if (model.get("answered") >= asked) mine = null;
    const now = rows();
    const isSameLength = drawn.length === now.length;
    drawn = now.map((row, i) => spanOf(row) ?? (isSameLength ? drawn[i] : null));
  }

  function write(now) {
    const hasText = now.some((row) => NUMBERS.some((name) => typeof row[name] === "string"));
    if (hasText || mine) {
      mine = now;
      asked = Math.max(model.get("asked"), model.get("answered")) + 1;
      model.set("asked", asked);
      model.set("rejected", now);
    } else {
      model.set("value", now);
      model.set("rejected", null);
    }
    model.save_changes();
  }

  function room(i) {
    const { start, end } = drawn[i];
    const medicine = rows()[i].medicine;
    const others = drawn.filter((span, j) => span && j !== i && rows()[j].medicine === medicine);
    // A course that overlaps already was refused; it must be able to get out of there.
    const before = others.filter((span) => span.end <= start).map((span) => span.end);
    const after = others.filter((span) => span.start >= end).map((span) => span.start);
    return {
      start, end, low: Math.max(0, ...before), high: Math.min(longest, ...after),
      least: Math.min(LEAST, end - start),
    };
  }

  return {
    rows, room, follow, write,
    span: (i) => drawn[i],
    change: (i, part) => write(rows().map((row, j) => (j === i ? { ...row, ...part } : row))),
    remove(i) {
      drawn.splice(i, 1);
      write(rows().filter((_, j) => j !== i));
    },
    next() {
      const last = drawn.reduce((a, b) => (b && (!a || b.end > a.end) ? b : a), null);
      const start = last ? last.end : 0;
      const end = Math.min(tidy(start + 1), longest);
      const medicine = last && rows()[drawn.indexOf(last)].medicine;
      const values = model.get("medicines").map(([, value]) => value);
      return {
        medicine: values.find((value) => value !== medicine) ?? values[0],
        start_years: start, end_years: end, adherence: 1,
      };
    },
    add(course) {
      drawn.push(spanOf(course));
      write([...rows(), course]);
    },
  };
}

// ---- colours ----------------------------------------------------------------------------

const PLAIN = "#4a5b69";

// Dark or light text, whichever has more contrast on this colour.
function textOn(colour) {
  const [red, green, blue] = [1, 3, 5].map((at) => {
    const share = parseInt(colour.slice(at, at + 2), 16) / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue > 0.179 ? "#000000" : "#ffffff";
}

// A dark page gives the colours of the charts other values (tokens.css).
const named = (colour) => `var(--ot-chart-${colour.slice(1).toLowerCase()}, ${colour})`;

function medicinesOf(model) {
  const known = new Map();
  for (const [label, value, wanted] of model.get("medicines")) {
    const colour = /^#[0-9a-f]{6}$/i.test(wanted) ? wanted : PLAIN;
    known.set(value, { label, colour: named(colour), text: textOn(colour) });
  }
  const unknown = (value) => ({ label: String(value), colour: PLAIN, text: "#ffffff" });
  return (value) => known.get(value) ?? unknown(value);
}

// ---- one row -----------------------------------------------------------------------------

function dragging(handle, part, row) {
  let drag = null;
  const move = () => {
    drag.frame = null;
    const want = toMonth(drag.from + (drag.x - drag.origin) * drag.yearsPerPixel);
    row.put(MOVES[part].to(drag.at, want));
  };
  const finish = (isCancelled) => {
    if (!drag) return;
    cancelAnimationFrame(drag.frame);
    if (isCancelled) row.plan.write(drag.before);
    else if (drag.frame) move();
    drag = null;
    row.view.settle();
  };
  handle.addEventListener("pointerdown", (event) => {
    if (event.button !== 0 || !event.isPrimary || !row.view.isEnabled()) return;
    const at = row.plan.room(row.index);
    handle.setPointerCapture(event.pointerId);
    handle.focus({ preventScroll: true });
    drag = {
      at, from: at[MOVES[part].of], origin: event.clientX, x: event.clientX, frame: null,
      before: row.plan.rows(), yearsPerPixel: row.view.longest / row.laneWidth(), isMoving: false,
    };
  });
  handle.addEventListener("pointermove", (event) => {
    if (!drag) return;
    drag.x = event.clientX;
    // A press alone must not snap a typed number to a whole month.
    if (!drag.isMoving && Math.abs(drag.x - drag.origin) < SLOP) return;
    if (!drag.isMoving) row.view.start();
    drag.isMoving = true;
    drag.frame ??= requestAnimationFrame(move);
  });
  handle.addEventListener("pointerup", () => finish(false));
  handle.addEventListener("pointercancel", () => finish(drag?.isMoving));
  handle.addEventListener("lostpointercapture", () => finish(false));
  handle.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !drag) return;
    event.stopPropagation();
    finish(drag.isMoving);
  });
}

function stepping(handle, part, row) {
  handle.addEventListener("keydown", (event) => {
    if (event.altKey || event.ctrlKey || event.metaKey || !row.view.isEnabled()) return;
    if (event.key === "Delete" || event.key === "Backspace") {
      event.preventDefault();
      row.view.remove(row, part);
      return;
    }
    const target = KEYS[event.key];
    if (!target) return;
    event.preventDefault();
    const at = row.plan.room(row.index);
    row.put(MOVES[part].to(at, target(at[MOVES[part].of])));
  });
}

function numberBox(row, name, label, unit, written) {
  const id = freshId("box");
  const unitText = make("span", { class: "ot-plan-unit", id: freshId("unit") }, unit);
  const box = make("input", {
    type: "text", id, autocomplete: "off", spellcheck: "false", enterkeyhint: "done",
    inputmode: "decimal",
  });
  let shown = "";
  const show = (value) => {
    const text = typeof value === "string" ? value : written(value);
    // Only what has changed: the reader may be typing into the next box already.
    if (text !== shown) box.value = text;
    shown = text;
  };
  const commit = () => {
    if (box.value === shown) return;
    shown = box.value;
    row.plan.change(row.index, { [name]: box.value });
  };
  box.addEventListener("change", commit);
  box.addEventListener("keydown", (event) => {
    if (event.key === "Enter") commit();
    if (event.key === "Escape") box.value = shown;
  });
  const entry = make("span", { class: "ot-plan-entry" }, box, unitText);
  const field = make("div", { class: "ot-plan-field" }, make("label", { for: id }, label), entry);
  const mark = (problemId) => describe(box, unitText.id, problemId);
  return { field, box, show, mark };
}

function medicineChoice(row, options) {
  const id = freshId("medicine");
  const box = make("select", { id });
  for (const [label, value] of options) box.append(make("option", { value }, label));
  box.addEventListener("change", () => row.plan.change(row.index, { medicine: box.value }));
  const field = make(
    "div", { class: "ot-plan-field ot-plan-medicine" },
    make("label", { for: id }, "Medicine"), box,
  );
  const show = (value) => {
    box.value = value;
  };
  return { field, box, show, mark: (problemId) => describe(box, "", problemId) };
}

// What a screen reader is told about a box apart from its name and value.
function describe(box, about, problemId) {
  const ids = [about, problemId].filter(Boolean).join(" ");
  if (ids) box.setAttribute("aria-describedby", ids);
  else box.removeAttribute("aria-describedby");
  if (problemId) box.setAttribute("aria-invalid", "true");
  else box.removeAttribute("aria-invalid");
}

const yearsWritten = (years) => String(Math.round(years * 100) / 100);
const percentWritten = (share) => String(Math.round(share * 10000) / 100);

function removeButton(row) {
  const button = make("button", { type: "button", class: "ot-plan-remove" });
  button.innerHTML = '<svg viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">'
    + '<path d="M4 4l8 8M12 4l-8 8" stroke="currentColor" stroke-width="2" '
    + 'stroke-linecap="round" fill="none"/></svg>';
  button.addEventListener("click", () => row.view.remove(row, "remove"));
  return button;
}

function courseRow(index, plan, view, options) {
  const row = { index, plan, view };
  const handle = (name) => make(
    "div", { role: "slider", tabindex: "0", class: `ot-plan-${name}`, "data-part": name },
  );
  const parts = { start: handle("start"), bar: handle("bar"), end: handle("end") };
  const fill = make("div", { class: "ot-plan-fill" });
  const name = make("span", { class: "ot-plan-name", "aria-hidden": "true" });
  const lane = make("div", { class: "ot-plan-lane" }, fill, ...Object.values(parts), name);

  const choice = medicineChoice(row, options);
  const boxes = {
    medicine: choice,
    start_years: numberBox(row, "start_years", "Start", "years", yearsWritten),
    end_years: numberBox(row, "end_years", "End", "years", yearsWritten),
    adherence: numberBox(row, "adherence", "Adherence", "%", percentWritten),
  };
  const remove = removeButton(row);
  const words = make("p", { class: "ot-plan-words" });
  row.note = make("div", { class: "ot-plan-note" }, words);
  row.targets = { ...parts, remove, medicine: choice.box };
  row.inputs = [...Object.values(boxes).map(({ box }) => box), remove];
  const fields = Object.values(boxes).map(({ field }) => field);
  row.node = make(
    "div", { class: "ot-course", role: "group" },
    make("div", { class: "ot-plan-track" }, lane),
    make("div", { class: "ot-plan-fields" }, ...fields, remove),
    row.note,
  );
  for (const [part, node] of Object.entries(parts)) {
    dragging(node, part, row);
    stepping(node, part, row);
    // Keys are near: Python may have the next answers ready. A hand that drags waits for none.
    node.addEventListener("focus", () => {
      if (node.matches(":focus-visible")) view.tellNear(index, part);
    });
  }

  row.laneWidth = () => lane.clientWidth || 1;
  row.put = ({ start, end }) => {
    const now = plan.rows()[index];
    if (!now || (now.start_years === start && now.end_years === end)) return;
    plan.change(index, { start_years: start, end_years: end });
  };

  // The name stands in the bar if it fits, else on the side with more room; how regularly
  // the medicine is taken is left out where there is no room for it.
  row.placeName = () => {
    const span = plan.span(index);
    const width = view.laneWidth(lane);
    if (!span || !width) return;
    const left = (span.start / view.longest) * width;
    const right = (span.end / view.longest) * width;
    // A short bar is wider to the pointer than to the eye: beside it begins after its grip.
    const hit = within((left + right - HIT) / 2, 0, width - HIT);
    const before = Math.min(left, hit) + HIT - GRIP;
    const after = width - Math.max(right, hit + HIT) + HIT - GRIP;
    const needed = row.names.map((text) => view.widthOf(text, name));
    const inside = needed.findIndex((px) => px <= right - left);
    const beside = needed.findIndex((px) => px <= Math.max(before, after));
    const chosen = [inside, beside, needed.length - 1].find((place) => place >= 0);
    const side = after >= Math.min(needed[chosen], before) ? "right" : "left";
    name.textContent = row.names[chosen];
    name.dataset.place = inside >= 0 ? "inside" : side;
    const isRight = name.dataset.place === "right";
    name.style.setProperty("--ot-x", `${width + HIT - (isRight ? after : before)}px`);
    name.style.maxWidth = inside >= 0 ? "" : `${isRight ? after : before}px`;
  };

  row.show = () => {
    const course = plan.rows()[index];
    const medicine = view.medicine(course.medicine);
    const span = plan.span(index);
    for (const [key, field] of Object.entries(boxes)) field.show(course[key]);
    row.label = medicine.label;
    row.node.style.setProperty("--ot-course", medicine.colour);
    row.node.style.setProperty("--ot-on-course", medicine.text);
    const isPart = typeof course.adherence === "number" && course.adherence < 1;
    row.names = [medicine.label];
    if (isPart) row.names.unshift(`${medicine.label} · ${percentWritten(course.adherence)} %`);
    remove.setAttribute("aria-label", `Remove ${medicine.label}`);
    lane.hidden = !span;
    if (!span) {
      words.textContent = "";
      return;
    }
    row.node.style.setProperty("--ot-from", span.start / view.longest);
    row.node.style.setProperty("--ot-to", span.end / view.longest);
    words.replaceChildren(
      spanInWords(span).replace(/^f/, "F"),
      make("span", { class: "ot-plan-dot" }, " · "),
      make("span", {}, `lasts ${inWords(span.end - span.start)}`),
    );
    row.showSliders(medicine.label, span);
    row.placeName();
  };

  const titles = { start: "start", bar: "whole course", end: "end" };
  row.showSliders = (label, span) => {
    const at = plan.room(index);
    const said = { start: inWords(span.start), bar: spanInWords(span), end: inWords(span.end) };
    for (const [part, node] of Object.entries(parts)) {
      const now = at[MOVES[part].of];
      const [low, high] = MOVES[part].range(at);
      const attributes = {
        "aria-label": `${label}, ${titles[part]}`, "aria-valuetext": said[part],
        "aria-valuenow": now,
        "aria-valuemin": Math.min(low, now), "aria-valuemax": Math.max(high, now),
      };
      for (const [key, value] of Object.entries(attributes)) {
        node.setAttribute(key, typeof value === "number" ? Number(value.toFixed(4)) : value);
      }
    }
  };

  row.mark = (fields, problemId) => {
    row.note.toggleAttribute("data-problem", fields !== null);
    row.node.toggleAttribute("data-refused", fields !== null);
    for (const [key, field] of Object.entries(boxes)) {
      field.mark(fields?.includes(key) ? problemId : "");
    }
  };

  let wasEnabled = null;
  row.enable = (isEnabled) => {
    if (isEnabled === wasEnabled) return;
    wasEnabled = isEnabled;
    for (const input of row.inputs) input.disabled = !isEnabled;
    for (const node of Object.values(parts)) {
      node.setAttribute("aria-disabled", String(!isEnabled));
      node.tabIndex = isEnabled ? 0 : -1;
    }
  };
  return row;
}

// ---- the axis ---------------------------------------------------------------------------

function yearAxis(longest) {
  const axis = make("div", { class: "ot-plan-axis", "aria-hidden": "true" });
  const lane = make("div", { class: "ot-plan-lane" });
  for (let year = 0; year <= longest; year += 1) {
    const tick = make("span", { class: "ot-plan-tick" }, String(year));
    tick.style.left = `${(100 * year) / longest}%`;
    lane.append(tick);
  }
  axis.append(lane);
  // Every year has its tick, but only as many get a number as there is room for.
  const place = () => {
    const room = lane.clientWidth / longest;
    const every = [1, 2, 5, 10, 20, 50].find((step) => step * room >= 24) ?? 100;
    lane.childNodes.forEach((tick, year) => {
      tick.toggleAttribute("data-quiet", year % every !== 0);
    });
  };
  return { axis, place };
}

// ---- assembling --------------------------------------------------------------------------

function frame(model, longest) {
  const labelId = freshId("label");
  const part = {
    help: make("p", { class: "ot-help", id: freshId("help") }, model.get("help")),
    problem: make("p", { class: "ot-problem", id: freshId("problem"), role: "alert" }),
    list: make("div", { class: "ot-courses" }),
    empty: make("p", { class: "ot-plan-empty" }, "No medicine. Add a course."),
    add: make("button", { type: "button", class: "ot-plan-add" }),
    reason: make("p", { class: "ot-plan-reason", id: freshId("reason") }),
    // Not role=status: the page's answer is the one status of a dashboard.
    told: make("p", { class: "ot-plan-told", "aria-live": "polite" }),
    // As wide as the plan and of no height: a layout by the room never changes its size.
    ruler: make("div"),
    ...yearAxis(longest),
  };
  part.note = make("div", { class: "ot-plan-note" }, part.reason, part.problem);
  part.root = make(
    "div", { class: "ot-plan", role: "group", "aria-labelledby": labelId, "data-room": "narrow" },
    part.ruler,
    make(
      "div", { class: "ot-plan-head" },
      make("span", { class: "ot-plan-label", id: labelId }, model.get("label")),
      make("span", { class: "ot-plan-caption" }, "Years from today"),
    ),
    part.help,
    make(
      "div", { class: "ot-plan-table" },
      make(
        "div", { class: "ot-plan-top" },
        part.axis,
        make(
          "div", { class: "ot-plan-fields", "aria-hidden": "true" },
          ...["Medicine", "Start (years)", "End (years)", "Adherence (%)"]
            .map((text) => make("span", {}, text)),
        ),
      ),
      part.list, part.empty,
    ),
    make("div", { class: "ot-plan-foot" }, part.add, part.note),
    part.told,
  );
  part.root.style.setProperty("--ot-longest", longest);
  return part;
}

// Which layouts of plan.css fit: what is wide is the middle one with its boxes beside the bar.
function roomOf(width) {
  if (width < 600) return "narrow";
  return width < 860 ? "middle" : "middle wide";
}

// Widths that a move of a bar asks for again and again. The browser would lay out the whole
// page for each; they change only when the plan's place or its type does: `forget` then.
function measuredWidths() {
  const texts = new Map();
  let lane = 0;
  return {
    laneWidth(node) {
      lane ||= node.clientWidth;
      return lane;
    },
    widthOf(text, node) {
      if (!texts.get(text)) {
        node.style.maxWidth = "";
        node.textContent = text;
        texts.set(text, node.scrollWidth);
      }
      return texts.get(text);
    },
    forget() {
      texts.clear();
      lane = 0;
    },
  };
}

// Brings the rows into order without moving the focused one: that would lose its focus.
function reorder(list, ordered) {
  if (ordered.every((row, place) => list.children[place] === row.node)) return;
  const tops = new Map(ordered.map(({ node }) => [node, node.getBoundingClientRect().top]));
  const focused = list.getRootNode().activeElement;
  const kept = ordered.findIndex(({ node }) => node.contains(focused));
  ordered.forEach(({ node }, place) => {
    if (place < kept) list.insertBefore(node, ordered[kept].node);
    else if (place !== kept) list.append(node);
  });
  if (window.matchMedia("(prefers-reduced-motion: reduce)").matches) return;
  for (const { node } of ordered) {
    const by = tops.get(node) - node.getBoundingClientRect().top;
    if (by) {
      node.animate([{ transform: `translateY(${by}px)` }, { transform: "none" }], {
        duration: 160, easing: "ease-out",
      });
    }
  }
}

function render({ model, el, signal }) {
  el.classList.add("ot-control");
  el.dataset.name = model.get("name");
  const longest = model.get("longest_years");
  const most = model.get("most_courses");
  const plan = planOf(model);
  const part = frame(model, longest);
  const rows = [];
  let ordered = [];
  let isDragging = false;
  el.append(part.root);

  const arrange = () => {
    const start = (row) => plan.span(row.index)?.start ?? Infinity;
    ordered = [...rows].sort((a, b) => start(a) - start(b) || a.index - b.index);
    reorder(part.list, ordered);
    ordered.forEach((row, place) => {
      row.node.setAttribute("aria-label", `Course ${place + 1}: ${row.label}`);
    });
  };

  const whyNoRoom = () => {
    if (rows.length >= most) {
      return `A plan has at most ${counted(most, "course")}. Remove one first.`;
    }
    const { start_years: start, end_years: end } = plan.next();
    if (end - start >= LEAST - 1e-9) return "";
    return `The last course ends at ${inWords(longest)}, the end of the time line. `
      + "Shorten it to make room.";
  };

  const showAdd = () => {
    const reason = whyNoRoom();
    part.reason.textContent = reason;
    part.add.textContent = reason ? "Add a course: no room" : "Add a course";
    part.add.disabled = Boolean(reason) || !model.get("enabled");
    if (reason) part.add.setAttribute("aria-describedby", part.reason.id);
    else part.add.removeAttribute("aria-describedby");
  };

  const widths = measuredWidths();
  const view = {
    longest,
    laneWidth: widths.laneWidth,
    widthOf: widths.widthOf,
    medicine: medicinesOf(model),
    isEnabled: () => model.get("enabled"),
    tellNear: (index, which) => model.send({ near: [index, which] }),
    start() {
      isDragging = true;
      part.root.toggleAttribute("data-dragging", true);
    },
    settle() {
      isDragging = false;
      part.root.toggleAttribute("data-dragging", false);
      arrange();
    },
    remove(row, what) {
      const place = ordered.indexOf(row);
      part.told.textContent = `${row.label} removed.`;
      plan.remove(row.index);
      const next = ordered[Math.min(place, ordered.length - 1)];
      (next ? next.targets[what] : part.add).focus();
    },
  };

  const update = () => {
    plan.follow();
    const count = plan.rows().length;
    while (rows.length > count) rows.pop().node.remove();
    while (rows.length < count) {
      const row = courseRow(rows.length, plan, view, model.get("medicines"));
      rows.push(row);
      part.list.append(row.node);
    }
    for (const row of rows) row.show();
    if (!isDragging) arrange();
    part.root.toggleAttribute("data-empty", count === 0);
    showAdd();
  };

  const tell = () => {
    const text = model.get("problem");
    const { row: index, fields } = model.get("problem_place");
    const at = text ? rows[index] : undefined;
    const place = at?.note ?? part.note;
    if (part.problem.parentNode !== place) place.append(part.problem);
    part.problem.textContent = text;
    for (const row of rows) row.mark(row === at ? fields : null, part.problem.id);
    part.note.toggleAttribute("data-problem", Boolean(text) && !at);
    const about = [model.get("help") && part.help.id, text && !at && part.problem.id];
    const ids = about.filter(Boolean).join(" ");
    if (ids) part.root.setAttribute("aria-describedby", ids);
    else part.root.removeAttribute("aria-describedby");
  };

  const enable = () => {
    for (const row of rows) row.enable(model.get("enabled"));
    showAdd();
  };

  part.add.addEventListener("click", () => {
    plan.add(plan.next());
    part.told.textContent = `${rows.at(-1).label} added.`;
    rows.at(-1).targets.medicine.focus();
  });

  listen(model, ["value", "rejected", "answered"], () => {
    update();
    enable();
    tell();
  });
  listen(model, ["problem", "problem_place"], tell);
  listen(model, ["enabled"], enable);
  listen(model, ["visible"], () => {
    el.hidden = !model.get("visible");
  });

  const resized = new ResizeObserver(() => {
    part.root.dataset.room = roomOf(part.ruler.clientWidth);
    part.place();
    widths.forget();
    for (const row of rows) row.placeName();
  });
  resized.observe(part.ruler);
  signal?.addEventListener("abort", () => resized.disconnect());
}

export default { render };
