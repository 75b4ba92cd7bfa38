"""System checks on settings that are valid one by one and senseless together."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error
from django.core.checks import register as register_check


def register() -> None:
    """Registers every check of this module with Django."""
    register_check(check_ingest_limits)


def check_ingest_limits(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """irk.E001: one event's limit above the whole batch's can never be reached."""
    if settings.INGEST_MAX_EVENT_BYTES > settings.INGEST_MAX_INFLATED_BYTES:
        return [
            Error(
                "INGEST_MAX_EVENT_BYTES is larger than INGEST_MAX_INFLATED_BYTES.",
                hint="An event is part of a batch: lower INGEST_MAX_EVENT_BYTES or raise INGEST_MAX_INFLATED_BYTES.",
                id="irk.E001",
            )
        ]
    return []
