"""Rows of the presences table, as ticks would have written them."""

from collections.abc import Sequence
from dataclasses import dataclass, fields

from apps.clickhouse import client


@dataclass(frozen=True)
class PresenceRow:
    """One row of `presences`: a session on the checkout in the 10 s from `cell_ms` on, known from `known_ms` on."""

    project_id: int
    cell_ms: int
    known_ms: int
    session_id: str = "session-1"
    route: str = "/checkout"
    environment: str = "production"
    release: str = "2026.11.1"
    device: str = "desktop"
    retention_days: int = 90


_STORED_AS_THEY_ARE = [field.name for field in fields(PresenceRow) if field.name != "cell_ms"]


def store_presences(rows: Sequence[PresenceRow]) -> None:
    """Inserts `rows` as one block."""
    columns: dict[str, list[object]] = {name: [getattr(row, name) for row in rows] for name in _STORED_AS_THEY_ARE}
    # A DateTime travels as whole seconds.
    columns["cell"] = [row.cell_ms // 1000 for row in rows]
    client.insert("presences", columns)
