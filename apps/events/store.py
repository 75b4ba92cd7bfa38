"""Writing events down.

Storing is an append. The same event may be stored any number of times: sent again after a lost answer, or regrouped
into another batch. Readers count each (project, page, n) once, in the copy stored first, and where copies that differ
were stored in the same millisecond, the least of them:

    ORDER BY stored_at, t, ts, type, element, x, y, observed_ms LIMIT 1 BY project_id, page_id, n
"""

from dataclasses import dataclass, field, fields
from itertools import chain

from apps.clickhouse import client


@dataclass
class EventColumns:
    """Events by column, all of one length, with the names and types of the table `events`.

    Times are whole ms since 1970. `stored_at` is missing: ClickHouse stamps it, so that one clock orders arrival.
    """

    project_id: list[int] = field(default_factory=list)
    session_id: list[str] = field(default_factory=list)
    page_id: list[str] = field(default_factory=list)
    n: list[int] = field(default_factory=list)
    t: list[int] = field(default_factory=list)
    client_ts: list[int] = field(default_factory=list)
    ts: list[int] = field(default_factory=list)
    flags: list[tuple[str, ...]] = field(default_factory=list)
    evaluable: list[bool] = field(default_factory=list)
    type: list[str] = field(default_factory=list)
    route: list[str] = field(default_factory=list)
    environment: list[str] = field(default_factory=list)
    release: list[str] = field(default_factory=list)
    device: list[str] = field(default_factory=list)
    user_id: list[str] = field(default_factory=list)
    element: list[str] = field(default_factory=list)
    element_role: list[str] = field(default_factory=list)
    element_label: list[str] = field(default_factory=list)
    element_kind: list[str] = field(default_factory=list)
    clickable: list[bool] = field(default_factory=list)
    x: list[int] = field(default_factory=list)
    y: list[int] = field(default_factory=list)
    answers: list[dict[str, int]] = field(default_factory=list)
    background_rate: list[float] = field(default_factory=list)
    observed_ms: list[int] = field(default_factory=list)
    subtype: list[str] = field(default_factory=list)
    status: list[int | None] = field(default_factory=list)
    duration_ms: list[int] = field(default_factory=list)
    error_group: list[str] = field(default_factory=list)
    message: list[str] = field(default_factory=list)
    form: list[str] = field(default_factory=list)
    facts: list[str] = field(default_factory=list)
    retention_days: list[int] = field(default_factory=list)

    @property
    def rows(self) -> int:
        """How many events these are."""
        return len(self.n)


_NAMES = tuple(column.name for column in fields(EventColumns))


def append(*batches: EventColumns) -> int:
    """Stores the rows of all `batches` in one insert and returns their number. When it returns, they are durable.

    Raises ClickHouseUnavailableError (stored or not: unknown; storing again is harmless) or QueryFailedError (nothing
    stored).
    """
    if len(batches) == 1:
        return client.insert("events", {name: getattr(batches[0], name) for name in _NAMES})
    columns = {name: list(chain.from_iterable(getattr(batch, name) for batch in batches)) for name in _NAMES}
    return client.insert("events", columns)
