// What scrolls sideways can be reached and scrolled by keyboard; what does not is no stop.
"use strict";

function markScrolling() {
  for (const part of document.querySelectorAll("pre, .table-wrapper, .cell_output")) {
    if (part.scrollWidth > part.clientWidth) {
      part.tabIndex = 0;
    } else {
      part.removeAttribute("tabindex");
    }
  }
}

addEventListener("load", markScrolling);
addEventListener("resize", markScrolling);
// A result that is unfolded has a width only then.
document.addEventListener("toggle", markScrolling, true);
