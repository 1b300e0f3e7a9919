"""The project's own files agree with each other."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.version import Version

import osteoteach

ROOT = Path(__file__).resolve().parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
NEEDS = [Requirement(text) for text in PROJECT["project"]["dependencies"]]
TEST_NEEDS = [Requirement(text) for text in PROJECT["project"]["optional-dependencies"]["test"]]
CONDA_NAMES = {"fastjsonschema": "python-fastjsonschema"}


def locked(name: str) -> dict[str, Version]:
    text = (ROOT / name).read_text(encoding="utf-8")
    return {found[1]: Version(found[2])
            for found in re.finditer(r"^([a-z0-9._-]+)==([^ \\;]+)", text, re.MULTILINE)}


def conda() -> dict[str, str]:
    entries = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))["dependencies"]
    pairs = (re.match(r"([a-z0-9-]+)(.*)", entry).groups() for entry in entries
             if isinstance(entry, str))
    return dict(pairs)


@pytest.mark.parametrize("need", NEEDS, ids=lambda need: need.name)
def test_environment_yml_has_the_bounds_of_pyproject(need):
    """conda and pip users get the same versions."""
    bounds = conda()[CONDA_NAMES.get(need.name, need.name)]
    assert Requirement(f"x{bounds}").specifier == need.specifier


@pytest.mark.parametrize(("lock", "needs"), [
    ("requirements.lock", NEEDS), ("requirements-test.lock", NEEDS + TEST_NEEDS)])
def test_the_locks_hold_versions_inside_the_bounds(lock, needs):
    """Each dependency is locked once, inside its bounds, with hashes."""
    versions = locked(lock)
    for need in needs:
        assert need.specifier.contains(versions[need.name]), need
    text = (ROOT / lock).read_text(encoding="utf-8")
    blocks = re.split(r"^(?=[a-z0-9._-]+==)", text, flags=re.MULTILINE)[1:]
    assert all("--hash=sha256:" in block for block in blocks)


def test_the_two_locks_agree():
    """Tests run on the very versions that users get."""
    run, test = locked("requirements.lock"), locked("requirements-test.lock")
    assert {name: test.get(name) for name in run} == run


@pytest.mark.parametrize("name", [
    "requirements.lock", "requirements-test.lock", "frontend/package-lock.json",
    "environment.yml"])
def test_no_lock_names_a_registry(name):
    """A lock works with any mirror: it holds no address of a registry."""
    text = (ROOT / name).read_text(encoding="utf-8")
    assert not re.search(r"index-url|find-links|registry\.npmjs|pypi\.org|\"resolved\"", text)


def test_the_version_is_said_once():
    """pyproject, package, citation and data catalogue carry one version."""
    version = PROJECT["project"]["version"]
    assert osteoteach.__version__ == version
    assert yaml.safe_load((ROOT / "CITATION.cff").read_text("utf-8"))["version"] == version
    assert json.loads((ROOT / "data/datapackage.json").read_text("utf-8"))["version"] == version
    assert f"## {version}" in (ROOT / "CHANGELOG.md").read_text("utf-8")


def test_readme_tells_the_command_that_ci_runs():
    """CI proves what the README promises."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert "make test" in readme
    assert "\nmake test\n" in (ROOT / ".ci/run").read_text(encoding="utf-8")
    assert "Not for patient care" in readme


def test_readme_example_is_true():
    """What the README shows in Python is what Python says."""
    import doctest

    result = doctest.testfile(str(ROOT / "README.md"), module_relative=False)
    assert result.attempted >= 4
    assert result.failed == 0


def test_contributing_names_only_paths_and_targets_that_exist():
    """A newcomer is not sent to a file or command that is gone."""
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for target in re.findall(r"`make ([a-z-]+)", text):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target
    for path in re.findall(r"`((?:data|osteoteach|notebooks|tests|frontend|benchmarks)/[\w./-]*)`",
                           text):
        # NAME stands for what the reader will make.
        assert "NAME" in path or (ROOT / path).exists(), path


@pytest.fixture(scope="module")
def wheel(tmp_path_factory) -> zipfile.ZipFile:
    out = tmp_path_factory.mktemp("wheel")
    done = subprocess.run([sys.executable, "-m", "build", "--wheel", "--no-isolation",
                           "--outdir", str(out), str(ROOT)], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return zipfile.ZipFile(next(out.glob("*.whl")))


def test_the_wheel_carries_data_notebooks_specs_and_template(wheel):
    """`pip install` gives everything that a checkout has."""
    names = set(wheel.namelist())
    for folder, pattern, place in (
            ("data", "*.csv", "osteoteach/_data"), ("data", "*.json", "osteoteach/_data"),
            ("notebooks", "*/*.ipynb", "osteoteach/_notebooks"),
            ("osteoteach/view/specs", "*.json", "osteoteach/view/specs"),
            ("osteoteach/view/static", "*", "osteoteach/view/static")):
        found = list((ROOT / folder).glob(pattern))
        assert found, folder
        for path in found:
            assert f"{place}/{path.relative_to(ROOT / folder).as_posix()}" in names
    template = "share/jupyter/voila/templates/osteoteach/conf.json"
    assert any(name.endswith(template) for name in names)
    assert not [name for name in names if "checkpoints" in name or name.startswith("tests")]


def test_the_wheel_works_without_the_checkout(wheel, tmp_path):
    """The installed package finds its data and notebooks by itself."""
    wheel.extractall(tmp_path)
    code = ("from osteoteach.evidence import check_all, data_folder\n"
            "from osteoteach.commands.folders import notebooks_folder\n"
            "check_all(); print(data_folder()); print(notebooks_folder())")
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True,
                          text=True, env={"PYTHONPATH": str(tmp_path), "PATH": ""}, check=True)
    assert done.stdout.split() == [str(tmp_path / "osteoteach/_data"),
                                   str(tmp_path / "osteoteach/_notebooks")]
