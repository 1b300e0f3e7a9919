// The waiting room: asks the server whether a place is free, and opens the page then.
(() => {
  const box = document.querySelector(".ot-full");
  const status = box.querySelector("[role=status]");
  const every = 1000 * Number(box.dataset.everySeconds);
  // The link keeps its query, with the scenario in it.
  box.querySelector(".ot-full-again").href = window.location.href;

  // Not all at the same moment: whoever comes first gets the place.
  const soon = () => setTimeout(look, every * (0.5 + Math.random()));

  async function look() {
    try {
      const answer = await fetch(box.dataset.health, { cache: "no-store" });
      const { kernels } = await answer.json();
      if (kernels.in_use < kernels.limit) {
        status.textContent = "There is a place. Your dashboard opens.";
        window.location.reload();
        return;
      }
      status.textContent = "Still full. This page goes on looking.";
    } catch {
      status.textContent = "The server does not answer. This page goes on looking.";
    }
    soon();
  }
  soon();
})();
