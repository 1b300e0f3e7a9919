"""How long after a key press the first of some marks changes, told by the page itself."""

from __future__ import annotations

__all__ = ["LATENCY", "PAGES"]

#: Page -> (sliders, which of them moves, what must change when it has moved).
PAGES = {
    "slider_only": (".noUi-handle", 0, ".widget-label:not(.widget-slider *)"),
    "diagnose": ("input[type=range]", 1, "svg.marks"),
    "reversal": ("input[type=range]", 3, "svg.marks"),
    "sequence": ("input[type=range]", 1, "svg.marks"),
    "risk": ("input[type=range]", 1, "svg.marks"),
    "population": ("input[type=range]", 0, "svg.marks"),
    "noise": ("input[type=range]", 0, "svg.marks"),
}

# Notes the time from each key press to the first change of what is watched.
LATENCY = """([sliders, which, watched]) => {
  const target = document.querySelectorAll(watched);
  window.otTimes = [];
  let pressed = 0;
  const slider = document.querySelectorAll(sliders)[which];
  slider.focus();
  slider.addEventListener('keydown', () => {
    pressed = performance.now();
  }, true);
  const seen = new MutationObserver(() => {
    if (pressed) { window.otTimes.push(performance.now() - pressed); pressed = 0; }
  });
  for (const node of target) seen.observe(node, {
    subtree: true, childList: true, characterData: true, attributes: true});
}"""
