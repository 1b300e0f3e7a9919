"""The console command, without starting one of our servers."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
import time

import pytest
from click.testing import CliRunner

from osteoteach.commands import checks, main
from osteoteach.commands.folders import notebooks_folder
from osteoteach.errors import DataError


@pytest.fixture
def run():
    return lambda *arguments: CliRunner().invoke(main.cli, list(arguments))


def test_copy_gives_every_notebook_and_never_overwrites(run, tmp_path):
    """A student's own work survives a second copy."""
    first = run("copy", str(tmp_path / "mine"))
    assert first.exit_code == 0
    copied = {path.relative_to(tmp_path / "mine") for path in (tmp_path / "mine").rglob("*.ipynb")}
    assert copied == {path.relative_to(notebooks_folder())
                      for path in notebooks_folder().rglob("*.ipynb")
                      if ".ipynb_checkpoints" not in path.parts}
    mine = tmp_path / "mine" / sorted(copied)[0]
    mine.write_text("my work", encoding="utf-8")
    second = run("copy", str(tmp_path / "mine"))
    assert "left as they are" in second.output
    assert mine.read_text(encoding="utf-8") == "my work"


def test_doctor_is_content_here_and_names_each_check(run):
    """On a complete machine the doctor finds nothing and says what it looked at."""
    result = run("doctor")
    assert result.exit_code == 0, result.output
    for subject in ("Python", "voila", "anywidget", "Data tables", "Notebooks", "Jupyter kernel"):
        assert subject in result.output


def test_doctor_says_what_is_broken_and_how_to_mend_it(run, monkeypatch):
    """A damaged table is named, and the exit code tells a script."""
    def damaged():
        raise DataError("sources.csv", "must be a year", "19x8", row=4, column="year")

    monkeypatch.setattr(checks, "check_all", damaged)
    result = run("doctor")
    assert result.exit_code == 1
    assert "data/sources.csv, row 4, column year" in result.output
    assert "Install osteoteach again." in result.output


def test_apps_starts_voila_on_a_free_port_and_prints_the_address(run, monkeypatch):
    """What is printed is where the server listens; no browser opens when unwanted."""
    started = []
    monkeypatch.setattr(main, "_run", lambda *arguments: started.append(arguments))
    result = run("apps", "--port", "0", "--no-browser")
    (argv, _environment, address), = started
    port = next(part for part in argv if part.startswith("--port=")).removeprefix("--port=")
    assert f"http://127.0.0.1:{port}/" in result.output
    assert address is None
    assert str(notebooks_folder()) in argv


@pytest.mark.skipif(os.name == "nt", reason="Windows ends a process without asking it")
def test_a_server_does_not_outlive_the_command_that_runs_it(tmp_path):
    told = tmp_path / "pid"
    server = f"import os, time; open({str(told)!r}, 'w').write(str(os.getpid())); time.sleep(60)"
    command = subprocess.Popen([sys.executable, "-c", textwrap.dedent(f"""
        import sys
        from osteoteach.commands.running import run_server
        run_server([sys.executable, "-c", {server!r}], None, None)""")])
    for _ in range(600):
        if told.exists() and told.read_text():
            break
        time.sleep(0.05)
    command.terminate()
    assert command.wait(20) == 0
    with pytest.raises(ProcessLookupError):
        os.kill(int(told.read_text()), 0)


def test_our_errors_come_as_one_line_without_a_traceback(monkeypatch, capsys):
    """A damaged installation greets with a sentence."""
    def damaged():
        raise DataError("sources.csv", "must be UTF-8 text", "...")

    monkeypatch.setattr(main, "cli", damaged)
    with pytest.raises(SystemExit) as stopped:
        main.main()
    assert stopped.value.code == 2
    told = capsys.readouterr().err
    assert "data/sources.csv: must be UTF-8 text" in told
    assert "Traceback" not in told
