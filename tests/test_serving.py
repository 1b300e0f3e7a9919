"""The Voila server's settings, and the cards of the gallery."""

from __future__ import annotations

import json
import os
import re
import socket
from pathlib import Path

import pytest

from osteoteach.view import serving
from osteoteach.view.controls import TEMPLATE
from osteoteach.view.server import configuration, give_leaving_token

NOTEBOOKS = Path(__file__).parents[1] / "notebooks"
DASHBOARDS = sorted((NOTEBOOKS / "dashboards").glob("*.ipynb"))


def test_plain_voila_in_the_notebooks_folder_gets_the_same_settings():
    written = json.loads((NOTEBOOKS / "voila.json").read_text(encoding="utf-8"))
    assert written == serving.SETTINGS


def test_server_gets_settings_and_the_reader_of_the_cards():
    config = configuration()
    assert config.VoilaConfiguration.template == TEMPLATE.name == "osteoteach"
    assert config.VoilaConfiguration.page_config_hook is serving.add_cards
    assert config.VoilaConfiguration.prelaunch_hook is give_leaving_token
    assert config.MappingKernelManager.cull_idle_timeout > 0


def test_command_serves_the_folder_on_the_port_and_finds_the_template():
    argv, env = serving.voila_command(Path("/some/notebooks"), 8866, open_browser=False)
    assert argv[1:4] == ["-m", "osteoteach.view.server", str(Path("/some/notebooks"))]
    assert {"--port=8866", "--Voila.ip=127.0.0.1", "--Voila.open_browser=False"} <= set(argv)
    data_dir = Path(env["JUPYTER_PATH"].split(os.pathsep)[0])
    assert (data_dir / "voila" / "templates" / "osteoteach" / "index.html.j2").is_file()


def test_port_that_is_taken_is_not_returned():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert serving.find_free_port(port) not in (port, 0)
    assert serving.find_free_port(port) == port


def test_cards_come_from_the_notebooks_in_their_order(tmp_path):
    for order, name in ((2, "a"), (1, "b")):
        card = {"title": name.upper(), "sentence": "S.", "minutes": 5, "order": order}
        _write(tmp_path / "dashboards" / f"{name}.ipynb", {"osteoteach": card})
    _write(tmp_path / "lessons" / "plain.ipynb", {})
    _write(tmp_path / "other.ipynb", {})
    dashboards, lessons = serving.gallery_sections(tmp_path)
    assert [card["title"] for card in dashboards["cards"]] == ["B", "A"]
    assert dashboards["cards"][0]["path"] == "dashboards/b.ipynb"
    assert [card["title"] for card in lessons["cards"]] == ["plain"]


@pytest.mark.parametrize("path", DASHBOARDS, ids=lambda path: path.stem)
def test_every_dashboard_has_one_complete_card(path):
    metadata = json.loads(path.read_text(encoding="utf-8"))["metadata"]
    card = metadata["osteoteach"]
    assert card["title"]
    assert card["sentence"].endswith(".")
    assert 1 <= card["minutes"] <= 60
    assert (TEMPLATE / "static" / card["picture"]).is_file()


def test_template_and_widgets_load_nothing_from_outside():
    parts = [*TEMPLATE.rglob("*"), *serving.JUPYTER_DIR.parent.joinpath("page_parts").iterdir()]
    kinds = {".html", ".j2", ".css", ".js"}
    # The chart engine names addresses as text; test_live_chart holds it to a list of them.
    texts = [part.read_text(encoding="utf-8") for part in parts
             if part.suffix in kinds and part.name != "vega_runtime.js"]
    assert len(texts) >= 12
    # The name of a format, which no browser asks for.
    texts = [text.replace("http://www.w3.org/2000/svg", "") for text in texts]
    assert [text for text in texts if re.search(r"(https?:)?//[a-z0-9-]+\.[a-z]", text)] == []


def _luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _contrast(one: str, other: str) -> float:
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


# WCAG 2.2, 1.4.3 (text 4.5:1) and 1.4.11 (edges of controls 3:1).
@pytest.mark.parametrize(
    ("front", "back", "least"),
    [(ink, ground, 4.5) for ink in ("ink", "ink-soft", "accent", "problem", "caution",
                                    "normal", "low", "osteoporosis")
     for ground in ("surface", "ground")]
    + [("border", "surface", 3), ("border", "ground", 3), ("focus", "surface", 3),
       ("accent", "accent-soft", 4.5), ("problem", "problem-soft", 4.5),
       ("caution", "caution-soft", 4.5), ("normal", "normal-soft", 4.5),
       ("low", "low-soft", 4.5), ("osteoporosis", "osteoporosis-soft", 4.5)],
)  # fmt: skip
def test_colours_reach_aa_contrast(front, back, least):
    css = (TEMPLATE / "static" / "tokens.css").read_text(encoding="utf-8")
    colours = dict(re.findall(r"--ot-([a-z-]+): (#[0-9a-f]{6});", css))
    assert _contrast(colours[front], colours[back]) >= least


def _write(path: Path, metadata: dict) -> None:
    path.parent.mkdir(exist_ok=True)
    notebook = {"cells": [], "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}
    path.write_text(json.dumps(notebook), encoding="utf-8")
