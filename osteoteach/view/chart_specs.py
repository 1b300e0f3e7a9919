"""Vega-Lite specs, built ahead from the Altair charts and read without Altair.

Importing Altair takes two to three seconds, which a visitor would wait for. So
``python -m osteoteach.view.chart_specs`` writes every chart of
`osteoteach.view.charts` to ``specs/``, and a dashboard reads the file.
The files hold no data: those are named in the chart and given to `LiveChart`.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from osteoteach.errors import InputError

__all__ = ["build_specs", "load_spec", "render_specs"]

_SPECS = Path(__file__).with_name("specs")

# Names Altair makes up: numbers in the order of making, or hashes, by its version.
_MADE_UP = re.compile(r"\b(view|param)_(?:[0-9a-f]{16}(?:_\d+)?|\d+)\b")


def load_spec(name: str) -> dict[str, Any]:
    """The Vega-Lite spec of one chart, for `LiveChart`.

    Parameters
    ----------
    name : str
        Name of the chart in ``osteoteach.view.charts.CHARTS``.

    Raises
    ------
    InputError
        If there is no such spec; the message lists those there are.
    """
    known = sorted(path.stem for path in _SPECS.glob("*.json"))
    if name not in known:
        raise InputError(
            "name",
            f"must be one of the built charts ({', '.join(known) or 'none yet'})",
            name,
            "Correct it, or run: python -m osteoteach.view.chart_specs",
        )
    return json.loads((_SPECS / f"{name}.json").read_text(encoding="utf-8"))


def spec_text(chart: Any) -> str:
    """The file for one Altair chart: the same chart always gives the same text."""
    text = json.dumps(
        chart.to_dict(), sort_keys=True, indent=1, ensure_ascii=False, allow_nan=False
    )
    renamed: dict[str, str] = {}

    def stable(found: re.Match[str]) -> str:
        old = found.group()
        kind = found.group(1)
        number = sum(name.startswith(f"{kind}_") for name in renamed) + 1
        return renamed.setdefault(old, f"{kind}_{number}")

    return _MADE_UP.sub(stable, text) + "\n"


def render_specs() -> dict[str, str]:
    """Text of every spec file, as the charts are now. Writes nothing."""
    # Imported here because it brings Altair, which `load_spec` exists to avoid.
    from osteoteach.view.charts import CHARTS

    return {name: spec_text(make()) for name, make in sorted(CHARTS.items())}


def build_specs() -> list[Path]:
    """Write a spec for each chart, and take away those whose chart is gone."""
    texts = render_specs()
    _SPECS.mkdir(exist_ok=True)
    for path in _SPECS.glob("*.json"):
        if path.stem not in texts:
            path.unlink()
    for name, text in texts.items():
        (_SPECS / f"{name}.json").write_text(text, encoding="utf-8", newline="\n")
    return [_SPECS / f"{name}.json" for name in texts]


if __name__ == "__main__":
    for written in build_specs():
        print(f"wrote {written.name}, {written.stat().st_size:,} bytes")
