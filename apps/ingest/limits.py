"""How large a request may be."""

from dataclasses import dataclass

from django.conf import settings


@dataclass(frozen=True)
class Limits:
    """Bytes, except for `events`."""

    wire_bytes: int
    inflated_bytes: int
    events: int
    event_bytes: int


def current() -> Limits:
    """The limits from the settings (INGEST_MAX_…)."""
    return Limits(
        wire_bytes=settings.INGEST_MAX_WIRE_BYTES,
        inflated_bytes=settings.INGEST_MAX_INFLATED_BYTES,
        events=settings.INGEST_MAX_EVENTS,
        event_bytes=settings.INGEST_MAX_EVENT_BYTES,
    )
