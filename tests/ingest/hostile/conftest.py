"""Reading what was accepted, however busy the machine."""

from collections.abc import Callable
from typing import Any

import pytest

from apps.ingest import spool


@pytest.fixture
def stored(stored: Callable[..., list[tuple[Any, ...]]]) -> Callable[..., list[tuple[Any, ...]]]:
    """Reads columns of the events stored, and of those that wait because an insert took longer than it may."""

    def read(*columns: str) -> list[tuple[Any, ...]]:
        spool.drain(seconds=60)
        return stored(*columns)

    return read
