"""The style sheet that questions and their summary share."""

from __future__ import annotations

from osteoteach.view.controls import PARTS, style

__all__ = ["LOOK"]

LOOK = style("controls.css") + (PARTS / "question.css").read_text(encoding="utf-8")
