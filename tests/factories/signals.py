"""Rows of the signals table, as detection would have written them."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from uuid import UUID

from apps.clickhouse import client
from apps.core.ids import derived_id


@dataclass(frozen=True)
class SignalRow:
    """One row of `signals`. The defaults are a visitor who clicked a dead "Pay now" five times.

    `ts_ms` and `version` (as_of of the writing tick) are ms since 1970. The id follows from project, session, kind,
    page and `n`, as in detection: the same moment in a higher version keeps it.
    """

    project_id: int
    ts_ms: int
    version: int
    session_id: str = "session-1"
    page_id: str = "page-1"
    n: int = 1
    kind: str = "rage_click"
    retracted: bool = False
    user_id: str = ""
    route: str = "/checkout"
    element: str = "button[data-testid=pay]"
    element_label: str = "Pay now"
    environment: str = "production"
    release: str = "2026.11.1"
    device: str = "desktop"
    count: int = 5
    detail: str = ""
    definition_version: int = 1
    retention_days: int = 90
    suppressed_by: int = 0

    @property
    def signal_id(self) -> UUID:
        """The id that detection derives."""
        return derived_id(self.project_id, self.session_id, self.kind, self.page_id, self.n)


_STORED_AS_THEY_ARE = [field.name for field in fields(SignalRow) if field.name != "ts_ms"]


def store_signals(rows: Sequence[SignalRow]) -> None:
    """Inserts `rows` as one block."""
    columns: dict[str, list[object]] = {name: [getattr(row, name) for row in rows] for name in _STORED_AS_THEY_ARE}
    columns["signal_id"] = [row.signal_id for row in rows]
    # Milliseconds of a DateTime64(3) travel as an integer; a datetime would be converted to the client's zone.
    columns["ts"] = [row.ts_ms for row in rows]
    columns["ended_at"] = [row.ts_ms + 800 for row in rows]
    columns["event_pages"] = [[row.page_id] * row.count for row in rows]
    columns["event_ns"] = [[row.n + offset for offset in range(row.count)] for row in rows]
    client.insert("signals", columns)
