// Choose a virtual patient: a list of written cases, a box for a code, a new patient.

const freshId = (what) => `ot-${what}-${Math.random().toString(36).slice(2)}`;

function make(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  if (/^(button|input|select)$/.test(tag)) node.dataset.lmSuppressShortcuts = "true";
  node.append(...children);
  return node;
}

function render({ model, el }) {
  el.classList.add("ot-control", "ot-case-control");
  el.dataset.name = model.get("name");

  const list = make("select", { id: freshId("list") });
  const generated = make("option", { value: "" });
  generated.hidden = true;
  list.append(generated);
  for (const level of [1, 2, 3]) {
    const group = make("optgroup", { label: `Written cases, level ${level}` });
    for (const [value, label, of] of model.get("written")) {
      if (of === level) group.append(make("option", { value }, label));
    }
    if (group.children.length) list.append(group);
  }
  list.addEventListener("change", () => {
    model.set("value", list.value);
    model.save_changes();
  });

  const code = make("input", {
    type: "text", id: freshId("code"), autocomplete: "off", spellcheck: "false",
    enterkeyhint: "go", placeholder: "2-417", size: "9",
  });
  const problem = make("p", { class: "ot-problem", id: freshId("problem"), role: "alert" });
  const help = make("p", { class: "ot-help", id: freshId("help") }, model.get("help"));
  const open = make("button", { type: "button", class: "ot-quiet" }, "Open");
  const enter = () => { if (code.value.trim()) model.send({ typed: code.value }); };
  open.addEventListener("click", enter);
  code.addEventListener("keydown", (event) => { if (event.key === "Enter") enter(); });

  const level = make("select", { id: freshId("level") });
  for (const one of [1, 2, 3]) level.append(make("option", { value: one }, `Level ${one}`));
  const fresh = make("button", { type: "button", class: "ot-quiet" }, "New patient");
  fresh.addEventListener("click", () => model.send({ new: Number(level.value) }));

  const row = (...children) => make("div", { class: "ot-case-row" }, ...children);
  el.append(
    make("label", { for: list.id }, "Written case"), list,
    make("label", { for: code.id }, "Code from your teacher"), row(code, open), problem,
    make("label", { for: level.id }, "Generated"), row(level, fresh), help,
  );

  const update = () => {
    const value = model.get("value");
    const written = model.get("written").some(([known]) => known === value);
    generated.hidden = written;
    generated.textContent = written ? "" : `Generated: ${value}`;
    list.value = written ? value : "";
    code.value = model.get("rejected") ?? (written ? "" : value);
    if (!written) level.value = value[0];
    problem.textContent = model.get("problem");
    code.setAttribute("aria-describedby", `${problem.id} ${help.id}`);
    if (model.get("problem")) code.setAttribute("aria-invalid", "true");
    else code.removeAttribute("aria-invalid");
  };
  for (const name of ["value", "rejected", "problem"]) model.on(`change:${name}`, update);
  model.on("change:visible", () => { el.hidden = !model.get("visible"); });
  update();
}

export default { render };
