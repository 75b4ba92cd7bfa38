"""Rows of the events table, as ingest would have written them."""

from collections.abc import Sequence
from dataclasses import dataclass, field, fields

from apps.clickhouse import client


@dataclass(frozen=True)
class EventRow:
    """One row of `events`. The defaults are a click on a "Pay now" that answered nothing for 2.5 s.

    `ts_ms`, `stored_ms` are ms since 1970; `t` is ms since the page's origin.
    """

    project_id: int
    ts_ms: int
    stored_ms: int
    n: int = 1
    t: int = 5_000
    session_id: str = "session-1"
    page_id: str = "page-1"
    type: str = "click"
    route: str = "/checkout"
    environment: str = "production"
    release: str = "2026.11.1"
    device: str = "desktop"
    user_id: str = ""
    element: str = "button[data-testid=pay]"
    element_role: str = "button"
    element_label: str = "Pay now"
    element_kind: str = ""
    clickable: bool = True
    x: int = 700
    y: int = 480
    answers: dict[str, int] = field(default_factory=dict)
    background_rate: float = 0.0
    observed_ms: int = 2_500
    subtype: str = ""
    status: int | None = None
    duration_ms: int = 0
    error_group: str = ""
    message: str = ""
    form: str = ""
    facts: str = "{}"
    flags: list[str] = field(default_factory=list)
    evaluable: bool = True
    retention_days: int = 90


_STORED_AS_THEY_ARE = [each.name for each in fields(EventRow) if each.name not in {"ts_ms", "stored_ms"}]


def store_events(rows: Sequence[EventRow]) -> None:
    """Inserts `rows` as one block, stored when they say."""
    columns: dict[str, list[object]] = {name: [getattr(row, name) for row in rows] for name in _STORED_AS_THEY_ARE}
    columns["ts"] = [row.ts_ms for row in rows]
    columns["client_ts"] = [row.ts_ms for row in rows]
    columns["stored_at"] = [row.stored_ms for row in rows]
    client.insert("events", columns)


def dead_clicks(
    project_id: int, *, at_ms: int, stored_ms: int, clicks: int = 5, first_n: int = 1, session_id: str = "session-1"
) -> list[EventRow]:
    """`clicks` clicks on the dead "Pay now", 200 ms apart from `at_ms` on: a rage click, and as many dead ones."""
    return [
        EventRow(
            project_id,
            ts_ms=at_ms + 200 * step,
            stored_ms=stored_ms,
            n=first_n + step,
            t=5_000 + 200 * (first_n + step),
            session_id=session_id,
            page_id=f"page-of-{session_id}",
        )
        for step in range(clicks)
    ]
