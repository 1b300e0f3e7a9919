// Last part: one control by itself, as the last line of a notebook cell.

async function render({ model, el }) {
  const child = await model.widget_manager.get_model(model.get("widget"));
  const view = await viewOf(model.widget_manager, child);
  el.append(view.el);
  return () => view.remove();
}

export default { render };
