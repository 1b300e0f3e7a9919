// Third part: what stands above the page when something is wrong.

function faultBanner(model) {
  const banner = make("div", { class: "ot-banner-place", role: "alert" });
  const update = () => {
    const fault = model.get("fault");
    banner.replaceChildren();
    if (!fault) return;
    const text = make(
      "div", {},
      make("strong", {}, "Something went wrong in the program, not in your input."),
      `${fault} Press Reset to start again. If it comes back, tell your teacher these words.`,
    );
    banner.append(make("div", { class: "ot-banner" }, text));
  };
  model.on("change:fault", update);
  update();
  return banner;
}

// What the link said that could not be taken over. It came from outside: text only.
function linkBanner(model) {
  const banner = make("div", { class: "ot-banner-place", role: "alert" });
  const update = () => {
    const problems = model.get("link_problems");
    banner.replaceChildren();
    if (problems.length === 0) return;
    const list = make("ul", {}, ...problems.map((problem) => make("li", {}, problem)));
    const body = make("div", {}, make("strong", {}, "Not all of the link was taken over."), list);
    const close = quietButton("Close", () => banner.replaceChildren());
    banner.append(make("div", { class: "ot-banner ot-banner-mild" }, body, close));
  };
  model.on("change:link_problems", update);
  update();
  return banner;
}

// ---- is the kernel still there? -------------------------------------------------

function connectionBanner(model, signal) {
  const banner = make("div", { class: "ot-banner-place", role: "alert" });
  const say = (title, text, ...buttons) => {
    const body = make("div", {}, make("strong", {}, title), text);
    banner.replaceChildren(make("div", { class: "ot-banner" }, body, ...buttons));
  };
  const reload = (text) => quietButton(text, () => {
    const next = reloadAddress(model);
    if (next === window.location.href) window.location.reload();
    else window.location.assign(next);
  });
  const stopped = () => {
    const title = "The program behind this page has stopped.";
    if (!inVoila()) return say(title, "The controls no longer do anything. Run the notebook again.");
    say(title, "The controls no longer do anything. Reload to go on with the same settings.",
      reload("Reload with these settings"));
  };

  const kernel = model.widget_manager?.kernel;
  if (!kernel) return banner;
  const lost = () => {
    const again = quietButton("Connect again", () => kernel.reconnect().catch(() => {}));
    say("The connection to the program is lost.",
      "Trying to connect again. If this stays for a minute, reload the page.",
      again, ...(inVoila() ? [reload("Reload with these settings")] : []));
  };
  let dead = false;
  let waiting;
  const onConnection = (_, status) => {
    clearTimeout(waiting);
    if (dead) return;
    if (status === "connected") return banner.replaceChildren();
    waiting = setTimeout(lost, status === "disconnected" ? 0 : 3000);
  };
  // In Voila nobody restarts or replaces a kernel, so a page that is left needs no care.
  let leaving = false;
  const onLeave = () => { leaving = true; };
  window.addEventListener("beforeunload", onLeave);
  // A kernel that is restarted comes back without our widgets: for this page it is gone.
  whenGone(kernel, signal, () => {
    if (leaving) return;
    dead = true;
    clearTimeout(waiting);
    stopped();
  });
  const connection = (...args) => leaving || onConnection(...args);
  kernel.connectionStatusChanged.connect(connection);
  signal?.addEventListener("abort", () => {
    clearTimeout(waiting);
    window.removeEventListener("beforeunload", onLeave);
    kernel.connectionStatusChanged.disconnect(connection);
  });
  return banner;
}
