"""Production settings, started as an operator would: a fresh process with an environment."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent


def start(**changes: str) -> subprocess.CompletedProcess[str]:
    environment = {
        "PATH": os.environ["PATH"],
        "DJANGO_SETTINGS_MODULE": "config.settings.production",
        "SECRET_KEY": "w3Tq7mZ0bYc4Ls9Kd2Fh6Jn1Px8Rv5Ug0Ea7Iy3Ow9Qk4Ml2Bz6Ct1Dn",
        "ALLOWED_HOSTS": "irk.example.com",
        "DATABASE_URL": os.environ["DATABASE_URL"],
        "REDIS_URL": os.environ["REDIS_URL"],
        "CLICKHOUSE_URL": os.environ["CLICKHOUSE_URL"],
        **changes,
    }
    return subprocess.run(
        [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "INFO"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def test_the_deploy_check_is_clean() -> None:
    result = start()
    assert result.returncode == 0, result.stdout + result.stderr
    assert "no issues" in result.stdout


def test_a_wrong_setting_stops_the_start_with_its_name() -> None:
    result = start(EVALUATION_SHARDS="several")
    assert result.returncode != 0
    assert "EVALUATION_SHARDS must be a whole number of at least 1" in result.stderr


def test_a_missing_host_list_stops_the_start_with_its_name() -> None:
    result = start(ALLOWED_HOSTS="")
    assert result.returncode != 0
    assert "ALLOWED_HOSTS is not set" in result.stderr


def test_a_senseless_pair_of_limits_is_a_check_error_with_its_name() -> None:
    result = start(INGEST_MAX_EVENT_BYTES="4194304")
    assert result.returncode != 0
    assert "irk.E001" in result.stderr


def test_no_error_repeats_a_password() -> None:
    result = start(CLICKHOUSE_URL="clickhouses//irk:hunter2@nowhere")
    assert result.returncode != 0
    assert "CLICKHOUSE_URL must be an address" in result.stderr
    assert "hunter2" not in result.stdout + result.stderr


SECRET = "k8Vn2Xw5Rj0Ty7Ub3Qe9Mz1Ls6Hd4Gf8Ca2Pv5Bn7Kx0Wr3Jt6Yu9Eo1Iq4"


@pytest.fixture
def installation(tmp_path: Path) -> Path:
    """A checkout with a filled-in `.env`, and nothing in the environment."""
    shutil.copy(ROOT / "manage.py", tmp_path)
    shutil.copytree(ROOT / "config", tmp_path / "config")
    for name in ("apps", "templates", "static"):
        (tmp_path / name).symlink_to(ROOT / name)
    names = ("DATABASE_URL", "REDIS_URL", "CLICKHOUSE_URL")
    lines = (ROOT / ".env.example").read_text().splitlines()
    kept = [line for line in lines if not line.startswith(("SECRET_KEY=", *names))]
    filled = [f"SECRET_KEY={SECRET}", *(f"{name}={os.environ[name]}" for name in names)]
    (tmp_path / ".env").write_text("\n".join([*kept, *filled]))
    return tmp_path


@pytest.mark.parametrize(
    ("process", "arguments", "settings"),
    [
        ("web", ["-c", "import config.wsgi"], "production"),
        ("ingest", ["-c", "import config.ingest_wsgi"], "ingest"),
        ("worker", ["-m", "celery", "-A", "config", "report"], "production"),
        ("manage.py", ["manage.py", "check"], "production"),
    ],
)
def test_every_process_has_the_settings_that_the_env_file_names(
    installation: Path, process: str, arguments: list[str], settings: str
) -> None:
    said = (
        "import atexit; from django.conf import settings as s; "
        "atexit.register(lambda: print(s.SETTINGS_MODULE, s.SECRET_KEY, getattr(s, 'LOGIN_LINKS', False)))"
    )
    (installation / "sitecustomize.py").write_text(said)
    result = subprocess.run(
        [sys.executable, *arguments],
        cwd=installation,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(installation)},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert result.returncode == 0, result.stdout + result.stderr
    assert result.stdout.splitlines()[-1] == f"config.settings.{settings} {SECRET} False", process
