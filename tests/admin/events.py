"""Rows of the events table, as ingest would have written them."""

from collections.abc import Sequence
from dataclasses import dataclass, field, fields

from apps.clickhouse import client


@dataclass(frozen=True)
class EventRow:
    """One row of `events`. The default is a click on "Pay now" that nothing answered. Times in ms."""

    project_id: int
    ts: int
    n: int
    t: int = 0
    session_id: str = "session-1"
    page_id: str = "page-view-1"
    type: str = "click"
    route: str = "/checkout"
    environment: str = "production"
    release: str = "2026.11.2"
    device: str = "mobile"
    user_id: str = ""
    element: str = "button[data-testid=pay]"
    element_role: str = "button"
    element_label: str = "Pay now"
    clickable: bool = True
    answers: dict[str, int] = field(default_factory=dict)
    observed_ms: int = 2500
    subtype: str = ""
    status: int | None = None
    duration_ms: int = 0
    message: str = ""
    form: str = ""
    facts: str = ""
    evaluable: bool = True
    retention_days: int = 90


def store_events(rows: Sequence[EventRow]) -> None:
    """Inserts `rows` as one block."""
    columns: dict[str, list[object]] = {
        each.name: [getattr(row, each.name) for row in rows] for each in fields(EventRow)
    }
    columns["client_ts"] = columns["ts"]
    client.insert("events", columns)
