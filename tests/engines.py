"""Starts the real engines before Django reads its settings, and stops them after the last test.

Loaded by `-p tests.engines` (pyproject.toml). Where DATABASE_URL, REDIS_URL and CLICKHOUSE_URL are all set, for example
by a CI with servers of its own, those are used and nothing is started.
"""

import os
from pathlib import Path

import pytest

_ADDRESSES = ("DATABASE_URL", "REDIS_URL", "CLICKHOUSE_URL")
_ROOT = Path(__file__).resolve().parent.parent


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config, parser: pytest.Parser, args: list[str]) -> None:
    """Runs before pytest-django's hook of the same name, which reads the settings."""
    if "--collect-only" in args or "--help" in args or all(name in os.environ for name in _ADDRESSES):
        return
    from apps.embedded.stack import Stack

    # One folder a run, so that two runs beside each other (an editor's and a terminal's) do not meet.
    stack = Stack(_ROOT / ".data" / "tests" / str(os.getpid()), durable=False, progress=lambda _: None)
    stack.start()
    early_config.add_cleanup(stack.remove)
    os.environ.update(stack.environment())
