"""A data file that is not the one it was: the program stops, and says which."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

from osteoteach.commands.folders import notebooks_folder
from osteoteach.evidence import check_hashes
from osteoteach.evidence.catalogue import data_folder

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def copy(tmp_path_factory):
    """A checkout of its own, in which one digit of one table is another."""
    folder = tmp_path_factory.mktemp("copy")
    left_out = shutil.ignore_patterns("__pycache__", "*.ipynb", ".ipynb_checkpoints")
    shutil.copytree(ROOT / "osteoteach", folder / "osteoteach", ignore=left_out)
    shutil.copytree(data_folder(), folder / "data")
    shutil.copytree(notebooks_folder() / "dashboards", folder / "notebooks" / "dashboards")
    file = folder / "data" / "bmd_reference.csv"
    text = file.read_text(encoding="utf-8")
    assert "0.858" in text
    file.write_text(text.replace("0.858", "0.958", 1), encoding="utf-8")
    return folder


def environment(copy: Path) -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(copy), "IPYTHONDIR": str(copy / "ipython")}


@pytest.mark.parametrize("command", [
    ["osteoteach.commands.main", "apps", "--no-browser", "--port", "0"],
    ["osteoteach.view.server", "notebooks", "--port=0"],
])
def test_the_server_stops_at_its_start_with_the_name_of_the_file(copy, command):
    """Not at the first visitor: nobody teaches with a number that somebody changed."""
    done = subprocess.run([sys.executable, "-m", *command], cwd=copy, env=environment(copy),
                          capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode != 0
    told = done.stdout + done.stderr
    assert "data/bmd_reference.csv" in told
    assert "SHA-256 differs" in told
    assert "Traceback" not in told


def test_a_notebook_stops_with_the_name_of_the_file(copy):
    """The same in a lesson: the cell that asks for the number fails, and says why."""
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(
        "from osteoteach import t_score\nt_score(0.7, 'femoral_neck')")])
    client = NotebookClient(notebook, timeout=120, kernel_name="python3",
                            resources={"metadata": {"path": str(copy)}})
    with pytest.raises(CellExecutionError) as told:
        client.execute(env=environment(copy))
    assert "data/bmd_reference.csv" in str(told.value)
    assert "SHA-256 differs" in str(told.value)


def test_whole_files_pass():
    assert check_hashes() is None
