"""What the folder deploy/jupyterhub says, held to what the package and the chart know."""

from __future__ import annotations

import importlib.util
import json
import os
import re
from pathlib import Path

import jsonschema
import pytest
import yaml
from traitlets.config import Config, PyFileConfigLoader
from traitlets.config.loader import LazyConfigValue

from osteoteach.commands import hub_server
from osteoteach.commands.folders import notebooks_folder
from osteoteach.progress import shared_rights
from osteoteach.view.classroom.join import join_address
from osteoteach.view.hub.settings import CONFIG_FOLDER, hub_settings
from osteoteach.view.serving import SETTINGS

TOP = Path(__file__).parents[2]
DEPLOY = TOP / "deploy" / "jupyterhub"
OWNER = "postgresql://school:x@db.school/school"
VALUES = yaml.safe_load((DEPLOY / "zero-to-jupyterhub/values.yaml").read_text(encoding="utf-8"))
SCHEMA = json.loads((Path(__file__).parent / "zero_to_jupyterhub.schema.json").read_text())


def hub_config(monkeypatch, **environment):
    """The configuration as JupyterHub would read it; what it appends to lists as lists."""
    for name in [one for one in os.environ if one.startswith("OSTEOTEACH_")]:
        monkeypatch.delenv(name)
    for name, value in {"OSTEOTEACH_OWNER_DATABASE_URL": OWNER, **environment}.items():
        monkeypatch.setenv(name, value)
    found = PyFileConfigLoader("osteoteach_hub.py", path=str(DEPLOY)).load_config()
    for name in ("services", "load_roles"):
        lazy = found.JupyterHub[name]
        assert isinstance(lazy, LazyConfigValue)
        found.JupyterHub[name] = lazy.get_value([])
    return found


def hub_module(monkeypatch, owner_url=OWNER):
    """The same file as a module, for its functions."""
    monkeypatch.setenv("OSTEOTEACH_OWNER_DATABASE_URL", owner_url)
    spec = importlib.util.spec_from_file_location("osteoteach_hub", DEPLOY / "osteoteach_hub.py")
    module = importlib.util.module_from_spec(spec)
    made = Config()
    module.get_config = lambda: made
    spec.loader.exec_module(module)
    return module


def test_the_hubs_part_starts_our_server_and_the_rooms(monkeypatch):
    config = hub_config(monkeypatch, OSTEOTEACH_PYTHON="/users/bin/python")
    assert config.Spawner.cmd == ["/users/bin/python", "-m", "osteoteach.commands.hub_server"]
    (rooms,) = config.JupyterHub.services
    assert rooms["name"] == "osteoteach-class"
    assert importlib.util.find_spec(rooms["command"][-1])
    assert rooms["environment"] == {"OSTEOTEACH_DATABASE_URL": OWNER}
    assert config.JupyterHub.load_roles == []


def test_it_culls_only_where_nobody_else_does(monkeypatch):
    config = hub_config(monkeypatch, OSTEOTEACH_CULL_AFTER_SECONDS="3600")
    culler = config.JupyterHub.services[1]
    assert "--timeout=3600" in culler["command"]
    (role,) = config.JupyterHub.load_roles
    assert role["services"] == [culler["name"]]
    assert "delete:servers" in role["scopes"]


def test_a_name_that_the_database_would_cut_is_refused(monkeypatch):
    """Two long names that begin alike would be one role, and see each other's answers."""
    with pytest.raises(ValueError, match="up to 52 bytes"):
        hub_module(monkeypatch).own_url("a" * 53, False)
    assert hub_module(monkeypatch).PREFIX == shared_rights.PREFIX


def test_the_values_hold_to_the_charts_schema():
    jsonschema.Draft7Validator.check_schema(SCHEMA)
    jsonschema.validate(VALUES, SCHEMA)
    wrong = {**VALUES, "cull": {"enabled": "yes"}}
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(wrong, SCHEMA)


def test_the_values_name_modules_and_ports_that_agree(monkeypatch):
    hub = VALUES["hub"]
    (rooms,) = hub["extraContainers"]
    (port,) = rooms["ports"]
    assert importlib.util.find_spec(rooms["command"][-1])
    assert importlib.util.find_spec(VALUES["singleuser"]["cmd"][-1])
    told = {entry["name"]: entry.get("value") for entry in rooms["env"]}
    assert told["JUPYTERHUB_SERVICE_URL"].endswith(f":{port['containerPort']}")
    assert hub["extraEnv"]["OSTEOTEACH_CLASS_SERVICE_URL"].endswith(f":{port['containerPort']}")
    assert hub["service"]["extraPorts"][0]["targetPort"] == port["name"]
    assert hub["networkPolicy"]["ingress"][0]["ports"][0]["port"] == port["containerPort"]
    environment = {name: value for name, value in hub["extraEnv"].items()
                   if isinstance(value, str)}
    config = hub_config(monkeypatch, **environment)
    (service,) = config.JupyterHub.services
    assert "command" not in service
    assert len(service["api_token"]) == 64
    assert told["JUPYTERHUB_SERVICE_PREFIX"] == f"/services/{service['name']}/"
    assert config.Spawner.default_url == VALUES["singleuser"]["defaultUrl"]


def test_the_littlest_hub_loads_the_same_part(monkeypatch, tmp_path):
    """With its paths led to a folder of the test."""
    text = (DEPLOY / "littlest/osteoteach.py").read_text(encoding="utf-8")
    assert yaml.safe_load((DEPLOY / "littlest/config.yaml").read_text())["services"]["cull"][
        "enabled"] is True
    (tmp_path / "osteoteach-owner-url").write_text(f"{OWNER}\n")
    (tmp_path / "osteoteach_hub.py").write_text((DEPLOY / "osteoteach_hub.py").read_text())
    (tmp_path / "part.py").write_text(text.replace("/opt/tljh/config", str(tmp_path)))
    for name in ("OSTEOTEACH_PYTHON", "OSTEOTEACH_OWNER_DATABASE_URL"):
        monkeypatch.setenv(name, "")
        monkeypatch.delenv(name)
    config = PyFileConfigLoader("part.py", path=str(tmp_path)).load_config()
    for name in ("OSTEOTEACH_PYTHON", "OSTEOTEACH_OWNER_DATABASE_URL"):
        monkeypatch.delenv(name)
    assert config.Spawner.cmd[0] == "/opt/tljh/user/bin/python"


def test_the_image_is_built_from_what_is_there():
    text = (DEPLOY / "zero-to-jupyterhub/Dockerfile").read_text(encoding="utf-8")
    (copied,) = re.findall(r"^COPY (\S+) dist/", text, re.M)
    lock = (TOP / copied).read_text(encoding="utf-8")
    for name in ("jupyterhub", "psycopg-binary", "nbgitpuller", "voila"):
        assert re.search(rf"^{name}==", lock, re.M)


def test_a_users_server_has_the_settings_of_the_standalone_one():
    found = hub_settings()
    for section, settings in SETTINGS.items():
        for name, value in settings.items():
            assert found[section][name] == value
    extensions = json.loads((CONFIG_FOLDER / "jupyter_server_config.d/osteoteach.json")
                            .read_text())["ServerApp"]["jpserver_extensions"]
    for name, on in extensions.items():
        assert not on or importlib.util.find_spec(name)
    # Ours loads Voila's own part, with our settings: twice would be without them.
    assert extensions["voila.server_extension"] is False


def test_a_user_gets_copies_to_write_in_and_the_dashboards_of_the_version(tmp_path):
    folder = tmp_path / "osteoteach"
    hub_server.prepare_folder(folder)
    lesson = folder / "lessons" / "00_start_here.ipynb"
    assert not lesson.is_symlink()
    assert (folder / "dashboards").resolve() == (notebooks_folder() / "dashboards").resolve()
    lesson.write_text("mine")
    (folder / "dashboards").unlink()
    (folder / "dashboards").symlink_to(tmp_path / "an-older-version")
    hub_server.prepare_folder(folder)
    assert lesson.read_text() == "mine"
    assert (folder / "dashboards" / "noise.ipynb").is_file()


def test_what_stands_in_for_the_hubs_database_is_fit_for_its_places():
    absent = hub_server._Absent("sqlalchemy.exc")
    assert issubclass(absent.SQLAlchemyError, Exception)
    assert not isinstance("a scope", absent.User)
    with pytest.raises(AttributeError):
        absent.__wrapped__  # noqa: B018


def test_students_are_sent_to_the_rooms_of_the_hub(monkeypatch):
    monkeypatch.setenv("OSTEOTEACH_CLASS_PATH", "/services/osteoteach-class/")
    told = join_address("https://hub.school", "/user/lecturer/")
    assert told.address == "https://hub.school/services/osteoteach-class/class/"
