"""A release says one version, holds what it should, and rests on permissive licences."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from tools.release import archives, licences
from tools.release.versions import said_versions, version_faults

ROOT = Path(__file__).resolve().parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
NAMES = ("pyproject.toml", "CITATION.cff", "CHANGELOG.md", "osteoteach/__init__.py",
         "data/datapackage.json")


@pytest.fixture
def checkout(tmp_path):
    """The files that say the version, ready for release."""
    for name in NAMES:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text((ROOT / name).read_text("utf-8"), "utf-8")
    version = PROJECT["version"]
    (tmp_path / "CHANGELOG.md").write_text(f"## {version}, 2026-01-02\n", "utf-8")
    citation = re.sub(r"date-released: .*", "date-released: 2026-01-02",
                      (tmp_path / "CITATION.cff").read_text("utf-8"))
    (tmp_path / "CITATION.cff").write_text(citation, "utf-8")
    return tmp_path


def test_the_project_says_one_version():
    assert len(set(said_versions(ROOT).values())) == 1
    assert version_faults(ROOT, dated=False) == []


def test_a_release_needs_the_same_version_everywhere(checkout):
    assert version_faults(checkout, dated=True) == []
    init = checkout / "osteoteach/__init__.py"
    init.write_text('__version__ = "9.9"\n', "utf-8")
    assert version_faults(checkout, dated=True) == [
        f"osteoteach/__init__.py says 9.9, pyproject.toml says {PROJECT['version']}"]


@pytest.mark.parametrize(("changelog", "fault"), [
    ("## {v}, unreleased\n", "no date"), ("## 0.0.1, 2026-01-02\n", "no heading"),
    ("## {v}, 2026-01-03\n", "another date"),
    ("## 99.0, unreleased\n\n## {v}, 2026-01-02\n", "raise the version")])
def test_a_changelog_that_is_not_ready_stops_a_release(checkout, changelog, fault):
    (checkout / "CHANGELOG.md").write_text(changelog.format(v=PROJECT["version"]), "utf-8")
    assert any(fault in one for one in version_faults(checkout, dated=True))


TRACKED = ["osteoteach/a.py", "data/b.csv", "notebooks/c.ipynb", "tests/test_a.py", "LICENSE",
           "CITATION.cff", "CHANGELOG.md",
           "osteoteach/view/jupyter/voila/templates/osteoteach/conf.json"]
WHEEL = {"osteoteach/a.py": b"", "osteoteach/_data/b.csv": b"",
         "osteoteach/_notebooks/c.ipynb": b"", "o.dist-info/licenses/LICENSE": b"",
         "o.dist-info/licenses/x/THIRD_PARTY_LICENSES.txt": b"",
         "osteoteach/view/jupyter/voila/templates/osteoteach/conf.json": b"",
         f"o.data/{archives.TEMPLATE}/conf.json": b""}


def test_a_whole_wheel_passes():
    assert archives.wheel_faults(WHEEL, TRACKED) == []
    assert archives.content_faults(WHEEL, ["/home/me"]) == []


@pytest.mark.parametrize("name", WHEEL)
def test_a_wheel_without_one_of_its_files_is_refused(name):
    less = {key: value for key, value in WHEEL.items() if key != name}
    assert archives.wheel_faults(less, TRACKED) != []


@pytest.mark.parametrize("name", ["osteoteach/_notebooks/mine.ipynb", "tests/test_a.py",
                                  "osteoteach/_data/progress.sqlite3"])
def test_a_wheel_with_somebody_elses_file_is_refused(name):
    assert archives.wheel_faults({**WHEEL, name: b""}, TRACKED) == [f"{name}: nobody asked for it"]


@pytest.mark.parametrize("name", [
    "osteoteach/__pycache__/a.cpython-311.pyc", "notebooks/.ipynb_checkpoints/c.ipynb",
    "data/progress.sqlite3-wal", ".pytest_cache/x", "class.key", "osteoteach/a.py~"])
def test_what_tools_leave_behind_is_refused(name):
    assert archives.content_faults({name: b""}, []) == [f"{name}: does not belong into a release"]


def test_an_sdist_holds_just_what_is_tracked():
    whole = dict.fromkeys(TRACKED, b"") | {"PKG-INFO": b""}
    assert archives.sdist_faults(whole, TRACKED) == []
    assert archives.sdist_faults({**whole, "mine.txt": b""}, TRACKED) == [
        "mine.txt: git does not know it"]
    del whole["tests/test_a.py"]
    assert archives.sdist_faults(whole, TRACKED) == ["tests/test_a.py: missing"]


def test_what_users_install_is_permissive():
    """Each package of requirements.lock that is installed here, by its own metadata."""
    found = [licences.licence_of(name)
             for name in licences.locked_names(ROOT / "requirements.lock")]
    read = [one for one in found if one]
    assert len(read) > 90
    assert [one for one in read if not one.accepted] == []


@pytest.mark.parametrize(("text", "permissive"), [
    ("MIT", True), ("GPL-3.0-only", False), ("MIT OR GPL-3.0-only", True),
    ("MIT AND GPL-3.0-only", False), ("(MIT OR GPL-3.0-only) AND BSD-3-Clause", False),
    ("", False)])
def test_a_licence_that_binds_is_refused(text, permissive):
    assert licences.is_permissive(text) is permissive


def test_an_exception_holds_for_its_own_licence_only():
    """A package that was accepted with one licence is looked at again when it changes it."""
    assert licences.Licence("certifi", "MPL-2.0").accepted
    assert not licences.Licence("certifi", "GPL-3.0-only").accepted


def test_the_readme_gives_each_dependency_a_reason_and_its_licence():
    """The table is that of pyproject.toml, and its licences are what the packages say."""
    rows = re.findall(r"^\| ([a-z]+) \| ([^|]+) \| ([^|]+) \| ([^|]+) \|$",
                      (ROOT / "README.md").read_text("utf-8"), re.MULTILINE)
    table = {name: licence for name, _, licence, _ in rows}
    assert set(table) == {Requirement(text).name for text in PROJECT["dependencies"]}
    for name, licence in table.items():
        said = licences.licence_of(name).text
        assert said.split("-")[0] == licence.split("-")[0], (name, said)


def test_binder_gets_the_locked_versions_and_then_the_package():
    """repo2docker reads these three files and nothing else of the project."""
    folder = ROOT / ".binder"
    assert sorted(path.name for path in folder.iterdir()) == [
        "postBuild", "requirements.txt", "runtime.txt"]
    assert (folder / "../requirements.lock").is_file()
    assert "\n-r ../requirements.lock\n" in (folder / "requirements.txt").read_text("utf-8")
    python = re.fullmatch(r"python-(3\.\d+)\n", (folder / "runtime.txt").read_text("utf-8"))
    assert f"Programming Language :: Python :: {python[1]}" in PROJECT["classifiers"]
    script = (folder / "postBuild").read_text("utf-8")
    assert "pip install" in script
    assert (folder / "postBuild").stat().st_mode & 0o100


@pytest.mark.parametrize(("lock", "extra"), [
    ("requirements-docs.lock", "docs"), ("requirements-release.lock", "release")])
def test_the_other_locks_hold_their_extra_and_the_versions_that_users_get(lock, extra):
    def versions(name):
        return dict(re.findall(r"^([a-z0-9._-]+)==([^ \\;]+)", (ROOT / name).read_text("utf-8"),
                               re.MULTILINE))

    locked, users = versions(lock), versions("requirements.lock")
    assert {name: locked.get(name) for name in users} == users
    needs = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"][
        "optional-dependencies"][extra]
    for need in map(Requirement, needs):
        assert need.specifier.contains(locked[need.name]), need
    text = (ROOT / lock).read_text("utf-8")
    assert not re.search(r"index-url|find-links|pypi\.org", text)
    assert text.count("--hash=sha256:") > len(locked)
