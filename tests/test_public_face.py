"""The public names: all there, all documented, and cheap to import."""

import importlib
import inspect
import os
import pkgutil
import subprocess
import sys
from pathlib import Path

import pytest

import osteoteach

ROOT = Path(osteoteach.__file__).resolve().parent.parent
HEAVY = ("numpy", "pandas", "altair", "ipywidgets", "anywidget", "IPython", "traitlets")
FUNCTIONS = [name for name in osteoteach.__all__
             if inspect.isfunction(getattr(osteoteach, name))]
CORE = ("osteoteach.errors", "osteoteach.evidence", "osteoteach.model", "osteoteach.teaching")


def run(code):
    """What a fresh interpreter prints."""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True,
                          env={**os.environ, "PYTHONPATH": str(ROOT)}, check=True)
    return done.stdout.strip()


def loaded(code):
    return run(f"{code}\nimport sys\n"
               f"print([name for name in {HEAVY!r} if name in sys.modules])")


def test_importing_the_package_loads_nothing_heavy():
    """A page that starts does not pay for pandas; no module of ours is loaded either."""
    assert loaded("import osteoteach") == "[]"
    assert run("import osteoteach, sys\n"
               "print(sorted(n for n in sys.modules if n.startswith('osteoteach.')))") == "[]"


def test_a_dashboards_answer_loads_nothing_heavy():
    """Diagnosis, simulation, reversal, noise and their sentences are plain Python."""
    assert loaded(
        "from osteoteach import Patient, diagnose, reversal, rescans, simulate, cite\n"
        "from osteoteach.teaching import sentences\n"
        "p = Patient(age_years=62, sex='female', menopause_age_years=50,"
        " t_scores={'total_hip': -1.8})\n"
        "sentences.diagnosis_sentence(diagnose(p)); diagnose(p).would_change\n"
        "sentences.reversal_sentence(reversal(p), 'total_hip')\n"
        "sentences.rescans_sentence(rescans('total_hip', -1.8, 1.8)); cite('looker_1998')"
    ) == "[]"


def test_pandas_comes_only_with_a_table():
    """Asking for a table is what loads it: the check above can fail."""
    assert "pandas" in loaded(
        "from osteoteach import Patient, simulate\n"
        "simulate(Patient(age_years=62, sex='male', t_scores={'total_hip': -1})).table")


@pytest.mark.parametrize("name", osteoteach.__all__)
def test_every_public_name_resolves(name):
    """What __all__ promises is there, and dir() shows it."""
    assert getattr(osteoteach, name) is not None
    assert name in dir(osteoteach)


def test_the_contract_of_names_is_kept():
    """External checks call these names."""
    assert {"Patient", "diagnose", "diagnose_patients", "simulate", "reversal", "cite",
            "t_score", "z_score", "read_spine", "rescans", "least_significant_change", "Plan",
            "Lifestyle", "RiskFactors", "FragilityFracture", "VertebraScan", "InputError",
            "DataError", "Course", "OwnScan", "fracture_risk", "framing", "trial_effects",
            "harms", "screen", "screening_rules", "retest_rules",
            "population"} <= set(osteoteach.__all__)
    answer = osteoteach.diagnose(osteoteach.Patient(
        age_years=62, sex="female", menopausal_status="postmenopausal", menopause_age_years=50,
        t_scores={"lumbar_spine": -2.1, "total_hip": -1.8, "femoral_neck": -2.0}))
    assert (answer.category, answer.deciding_site) == ("low_bone_mass", "lumbar_spine")


def test_star_import_gives_exactly_the_public_names():
    """No helper leaks out."""
    names = run("from osteoteach import *\nprint(*sorted(n for n in dir() if n[:2] != '__'"
                " or n == '__version__'))").split()
    assert names == sorted(osteoteach.__all__)


def test_an_unknown_name_is_an_attribute_error():
    """As with any module."""
    with pytest.raises(AttributeError, match="no attribute 'diagnosis_of'"):
        _ = osteoteach.diagnosis_of


@pytest.mark.parametrize("name", FUNCTIONS)
def test_public_functions_are_documented_with_an_example(name):
    """numpydoc: parameters, what comes back, and something a reader can check."""
    function = getattr(osteoteach, name)
    text = inspect.getdoc(function)
    missing = [section for section in ("Parameters", "Returns", "Examples")
               if f"{section}\n{'-' * len(section)}" not in text]
    assert missing == []
    for parameter in inspect.signature(function).parameters:
        assert parameter in text, f"{parameter} is not described"


@pytest.mark.parametrize("module", sorted(
    found.name for package in CORE[1:]
    for found in pkgutil.walk_packages(importlib.import_module(package).__path__, f"{package}.")
    if not found.name.endswith("__main__")))
def test_every_module_says_what_it_exports_and_what_it_answers(module):
    """__all__ holds names that exist, and each has a docstring."""
    loaded_module = importlib.import_module(module)
    assert loaded_module.__doc__
    for name in loaded_module.__all__:
        value = getattr(loaded_module, name)
        if inspect.isfunction(value) or inspect.isclass(value):
            assert value.__doc__, f"{module}.{name}"
