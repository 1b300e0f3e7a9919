// Puts a widget on the page: one with a view of its own, or one whose script is shared
// (shared_script.py). Such a script is imported once, however many widgets need it.

async function sharedModule(manager, reference) {
  const shared = await manager.get_model(reference.replace("IPY_MODEL_", ""));
  const known = (globalThis[Symbol.for("osteoteach.scripts")] ??= new Map());
  // By its text: after a kernel's restart the same text is the same module.
  const code = shared.get("code");
  if (!known.has(code)) {
    const style = document.createElement("style");
    style.textContent = shared.get("style");
    document.head.append(style);
    const url = URL.createObjectURL(new Blob([code], { type: "text/javascript" }));
    known.set(code, import(url).finally(() => URL.revokeObjectURL(url)));
  }
  return (await known.get(code)).default;
}

// What a script needs of a model; it stops listening when its view is taken away.
function heardUntil(signal, model) {
  return {
    get: (name) => model.get(name),
    set: (name, value) => model.set(name, value),
    save_changes: () => model.save_changes(),
    send: (content) => model.send(content),
    on(events, listener) {
      model.on(events, listener);
      signal.addEventListener("abort", () => model.off(events, listener));
    },
  };
}

// A view of a widget: `el` to put on the page, `remove` to take it away.
async function viewOf(manager, model) {
  const reference = model.get("_script");
  if (!reference) return manager.create_view(model, {});
  const { render } = await sharedModule(manager, reference);
  const el = document.createElement("div");
  const ending = new AbortController();
  await render({ model: heardUntil(ending.signal, model), el, signal: ending.signal });
  return {
    el,
    remove() {
      ending.abort();
      el.remove();
    },
  };
}
