"""What bin/demo and bin/dev say to people who ask for help, or ask for what cannot be."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
WHAT_TO_DO = "Set IRK_DATA_DIR to a folder that you may make or write to."


def _start(*arguments: str, data_dir: Path | str = "/nowhere") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "apps.embedded", *arguments],
        cwd=ROOT,
        env={**os.environ, "IRK_DATA_DIR": str(data_dir)},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(("program", "has_once"), [("demo", True), ("dev", False)])
def test_help_names_the_program_and_installs_nothing(tmp_path: Path, program: str, has_once: bool) -> None:
    shutil.copytree(ROOT / "bin", tmp_path / "bin")
    shutil.copytree(ROOT / "apps" / "embedded", tmp_path / "apps" / "embedded")
    # Not this environment's Python, which has what a fresh clone has yet to install.
    system = {"PATH": os.environ["PATH"], "IRK_PYTHON": str(Path(sys.base_prefix) / "bin" / "python3")}
    answer = subprocess.run(
        [tmp_path / "bin" / program, "--port", "8123", "--help"], env=system, capture_output=True, text=True, check=True
    )
    assert answer.stdout.startswith(f"usage: bin/{program} [-h]")
    assert "IRK_DATA_DIR" in answer.stdout
    assert ("--once" in answer.stdout) == has_once
    assert answer.stderr == ""
    assert not (tmp_path / ".venv").exists()


@pytest.mark.parametrize("port", ["0", "80000", "-1", "http", "８０"])
def test_a_port_that_cannot_be_is_refused_before_anything_starts(tmp_path: Path, port: str) -> None:
    answer = _start("demo", f"--port={port}", data_dir=tmp_path / "data")
    assert answer.returncode == 2
    assert answer.stderr.splitlines()[-1] == (
        f"bin/demo: error: argument --port: a port is a whole number from 1 to 65535, not '{port}'"
    )
    assert not (tmp_path / "data").exists()


def test_the_usage_shown_with_an_unknown_argument_is_that_of_the_program() -> None:
    answer = _start("dev", "--once")
    assert answer.returncode == 2
    assert answer.stderr == ("usage: bin/dev [-h] [--port PORT]\nbin/dev: error: unrecognized arguments: --once\n")


def test_a_data_directory_that_cannot_be_is_an_error_of_one_line(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch()
    for impossible, why in ((file, "File exists"), (file / "below", "Not a directory")):
        answer = _start("demo", data_dir=impossible)
        assert answer.returncode == 1
        assert answer.stderr.splitlines() == [
            "Starting Postgres, Redis and ClickHouse …",
            f"error: The data directory {impossible} cannot be used: {why} ({impossible}). " + WHAT_TO_DO,
        ]


@pytest.mark.skipif(sys.platform != "linux", reason="nobody can make a folder in /proc")
def test_a_data_directory_that_nobody_may_make_is_an_error_of_one_line() -> None:
    answer = _start("demo", data_dir="/proc/irk")
    assert answer.returncode == 1
    assert answer.stderr.splitlines()[-1].startswith("error: The data directory /proc/irk cannot be used: ")
    assert "Traceback" not in answer.stderr
