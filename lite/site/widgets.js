// What a widget's JavaScript needs of Jupyter, and no more: models that hold the traits of
// Python's widgets, and views made by the widget's own module (the anywidget protocol).

/** The page's half of one widget. */
class Model {
  #listeners = new Map();
  #unsent = new Set();

  constructor(id, state, widget_manager) {
    this.model_id = id;
    this.state = state;
    this.widget_manager = widget_manager;
  }

  get(name) {
    return this.state[name];
  }

  set(name, value) {
    const news = typeof name === "object" ? name : { [name]: value };
    const changed = this.take(news, (a, b) => JSON.stringify(a) === JSON.stringify(b));
    for (const one of changed) this.#unsent.add(one);
  }

  save_changes() {
    if (this.#unsent.size === 0) return;
    const state = Object.fromEntries([...this.#unsent].map((name) => [name, this.state[name]]));
    this.#unsent.clear();
    this.widget_manager.update(this.model_id, state);
  }

  send(content) {
    this.widget_manager.post(this.model_id, { method: "custom", content });
  }

  /** Takes new values over and tells who listens; returns the names that changed. */
  take(news, same = Object.is) {
    const changed = Object.keys(news).filter((name) => !same(news[name], this.state[name]));
    Object.assign(this.state, news);
    for (const name of changed) this.tell(`change:${name}`, this, this.state[name]);
    if (changed.length > 0) this.tell("change", this);
    return changed;
  }

  /** Under the name that Jupyter's models have: page.js hands out one message by it. */
  set_state(state) {
    this.take(state);
  }

  tell(event, ...what) {
    for (const listener of [...(this.#listeners.get(event) ?? [])]) listener(...what);
  }

  on(events, listener) {
    for (const event of events.split(/\s+/)) {
      if (!this.#listeners.has(event)) this.#listeners.set(event, new Set());
      this.#listeners.get(event).add(listener);
    }
  }

  off(events, listener) {
    for (const event of events.split(/\s+/)) {
      if (listener) this.#listeners.get(event)?.delete(listener);
      else this.#listeners.delete(event);
    }
  }
}

const bytes = (text) => Uint8Array.from(atob(text), (sign) => sign.charCodeAt(0));

/** All widgets of a page, and the line to Python. */
export class Widgets {
  #models = new Map();
  #modules = new Map();
  #styles = new Set();
  #post;
  #busy = false;
  #queue = [];

  /** @param post  sends one message to Python */
  constructor(post) {
    this.#post = post;
  }

  /** A message from Python. */
  receive({ kind, id, data, buffers }) {
    if (kind === "comm_open") {
      this.#models.set(id, new Model(id, data.state, this));
      return;
    }
    const model = this.#models.get(id);
    if (!model) return;
    if (kind === "comm_close") this.#models.delete(id);
    else if (data.method === "update" || data.method === "echo_update") model.take(data.state);
    else if (data.method === "custom") model.tell("msg:custom", data.content, buffers.map(bytes));
  }

  // While Python is busy, several updates of one widget become one: a slider that is dragged
  // must not leave a queue behind it.
  update(id, state) {
    const last = this.#queue.at(-1);
    if (last?.id === id && last.data.method === "update") Object.assign(last.data.state, state);
    else this.post(id, { method: "update", state: { ...state }, buffer_paths: [] });
  }

  post(id, data) {
    this.#queue.push({ id, data });
    this.#next();
  }

  /** Python has dealt with the message it was sent last. */
  done() {
    this.#busy = false;
    this.#next();
  }

  #next() {
    if (this.#busy || this.#queue.length === 0) return;
    this.#busy = true;
    this.#post(this.#queue.shift());
  }

  async get_model(id) {
    const model = this.#models.get(id);
    if (!model) throw new Error(`There is no widget ${id}.`);
    return model;
  }

  /** A view of a model: `el` to put on the page, `remove` to take it away. */
  async create_view(model) {
    if (!model.get("_esm")) return this.#box(model);
    const el = document.createElement("div");
    const ending = new AbortController();
    this.#style(model.get("_css"));
    const { default: widget } = await this.#module(model.get("_esm"));
    const { initialize, render } = typeof widget === "function" ? await widget() : widget;
    await initialize?.({ model });
    const clean = await render({ model, el, signal: ending.signal });
    return {
      el,
      remove: () => {
        ending.abort();
        clean?.();
        el.remove();
      },
    };
  }

  // ipywidgets' own boxes have no module; here they only hold other widgets, in a column.
  async #box(model) {
    if (!Array.isArray(model.get("children"))) {
      throw new Error(`Widgets of the kind ${model.get("_model_name")} are not on this page.`);
    }
    const el = document.createElement("div");
    let views = [];
    const fill = async () => {
      const children = model.get("children").map((id) => id.replace("IPY_MODEL_", ""));
      const next = await Promise.all(
        children.map(async (id) => this.create_view(await this.get_model(id))));
      for (const view of views) view.remove();
      views = next;
      el.replaceChildren(...views.map((view) => view.el));
    };
    await fill();
    model.on("change:children", fill);
    const remove = () => {
      model.off("change:children", fill);
      for (const view of views) view.remove();
      el.remove();
    };
    return { el, remove };
  }

  #style(css) {
    if (!css || this.#styles.has(css)) return;
    this.#styles.add(css);
    const style = document.createElement("style");
    style.textContent = css;
    document.head.append(style);
  }

  #module(source) {
    if (!this.#modules.has(source)) {
      const url = URL.createObjectURL(new Blob([source], { type: "text/javascript" }));
      this.#modules.set(source, import(url).finally(() => URL.revokeObjectURL(url)));
    }
    return this.#modules.get(source);
  }
}
