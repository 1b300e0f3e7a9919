"""What the dashboards import is on the site, and none of it is compiled. Runs without a build."""

from __future__ import annotations

import json
import subprocess
import sys
from importlib import metadata
from pathlib import Path

import pytest

import osteoteach
from lite.build import NEEDS_SERVER
from lite.packages import LEFT_OUT, LIBRARIES, LITE
from osteoteach.commands.folders import notebooks_folder

DASHBOARDS = sorted(path.stem for path in (notebooks_folder() / "dashboards").glob("*.ipynb")
                    if path.stem not in NEEDS_SERVER)
#: Imports every page with the site's stand-in for IPython, and says where modules come from.
IMPORTS = """
import json, sys, threading
# What a thread loads later no page waits for; in a browser there are no threads.
threading.Timer.start = lambda timer: None
sys.path.insert(0, sys.argv[1])
from importlib import import_module
for name in sys.argv[2:]:
    import_module(f"osteoteach.view.dashboards.{name}").page()
print(json.dumps({name: module.__file__ for name, module in sys.modules.items()
                  if getattr(module, "__file__", None)}))
"""


@pytest.fixture(scope="module")
def imported():
    from lite.build import _module

    modules = [_module(f"dashboards/{name}.ipynb") for name in DASHBOARDS]
    done = subprocess.run([sys.executable, "-c", IMPORTS, str(LITE / "python"), *modules],
                          check=True, capture_output=True, text=True)
    return {name: Path(file) for name, file in json.loads(done.stdout).items()}


def test_every_library_that_a_dashboard_imports_is_on_the_site(imported):
    site_packages = Path(metadata.distribution("traitlets").locate_file("")).resolve()
    # Compiled helpers of psygnal, which has the same modules in Python, and the set-up of an
    # editable install.
    aside = {"_distutils_hack", "_virtualenv"}
    roots = {file.resolve().relative_to(site_packages).parts[0]
             for file in imported.values() if file.resolve().is_relative_to(site_packages)}
    roots = {root for root in roots if not root.endswith((".so", ".pyd"))
             and not root.startswith("__editable__")} - aside
    assert {"ipywidgets", "anywidget"} <= roots
    assert roots <= set(LIBRARIES.values())


def test_no_part_of_ours_that_a_dashboard_imports_is_left_out(imported):
    package = Path(osteoteach.__file__).parent
    left_out = [package / part for part in LEFT_OUT]
    ours = [file for file in imported.values() if file.is_relative_to(package)]
    assert len(ours) > 100
    assert [file for file in ours if any(file.is_relative_to(part) for part in left_out)] == []


@pytest.mark.parametrize("name", sorted(LIBRARIES))
def test_a_library_has_each_compiled_part_in_python_too(name):
    distribution = metadata.distribution(name)
    files = {str(file) for file in distribution.files}
    part = LIBRARIES[name]
    compiled = [Path(file) for file in files if file.endswith((".so", ".pyd"))
                and Path(file).parts[0] == part]
    # PyYAML and RapidFuzz choose their Python twin by themselves, under another name.
    chosen = {"pyyaml": {"_yaml"}, "rapidfuzz": {
        "_feature_detector_cpp", "fuzz_cpp", "fuzz_cpp_avx2", "fuzz_cpp_sse2", "metrics_cpp",
        "metrics_cpp_avx2", "metrics_cpp_sse2", "process_cpp_impl", "utils_cpp",
        "_initialize_cpp"}}
    for file in compiled:
        module = file.name.split(".")[0]
        assert (str(file.with_name(f"{module}.py")) in files or module in chosen.get(name, set()))


def test_the_lock_file_names_what_is_installed_with_its_hash():
    lock = json.loads((LITE / "package-lock.json").read_text(encoding="utf-8"))
    wanted = json.loads((LITE / "package.json").read_text(encoding="utf-8"))["dependencies"]
    for name, version in wanted.items():
        assert lock["packages"][f"node_modules/{name}"]["version"] == version
    for name, package in lock["packages"].items():
        assert not name or package["integrity"].startswith("sha512-")
