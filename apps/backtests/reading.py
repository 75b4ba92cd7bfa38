"""Reading a project's signals as its ticks came to know them."""

from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any

from apps.backtests.history import Known
from apps.backtests.replay import Span
from apps.clickhouse import client
from apps.thresholds.matching import Traits
from apps.thresholds.measuring import HORIZON_MS
from apps.thresholds.windows import Point, cell_of

_SQL = (Path(__file__).parent / "signal_history.sql").read_text()
# Rows. Each takes about 1 KB here; a span with more of them asks for a shorter one, or for fewer kinds of signals.
MOST_ROWS = 500_000
_LIMITS = {"max_execution_time": 60, "max_memory_usage": 2_000_000_000}


class TooManySignalsError(Exception):
    """The span holds more signals than a backtest takes."""

    def __init__(self) -> None:
        super().__init__(f"There are more than {MOST_ROWS:,} signals in this time. Choose a shorter one.")


def known(*, project_id: int, kinds: Collection[str], window_ms: int, span: Span) -> list[Known]:
    """What the ticks of `span` knew of the project's signals of `kinds`, as far as windows of `window_ms` can need it.

    In no order. Raises TooManySignalsError, ClickHouseUnavailableError, QueryFailedError.
    """
    rows = client.query(
        _SQL,
        {
            "project_id": project_id,
            "kinds": sorted(kinds),
            "from_ms": span.first_ms,
            "to_ms": span.last_ms,
            "horizon_ms": span.first_ms - HORIZON_MS,
            "window_ms": window_ms,
            "limit": MOST_ROWS + 1,
        },
        limits=_LIMITS,
    )
    if len(rows) > MOST_ROWS:
        raise TooManySignalsError
    return [from_row(row) for row in rows]


def from_row(row: Sequence[Any]) -> Known:
    """What one row of the history says. Its columns are those of signal_history.sql, in that order."""
    (
        signal_id, tick_ms, retracted, ts_ms, kind, route, element, environment, release, device, session_id, user_id,
        count, label, detail, suppressed_by,
    ) = row  # fmt: skip
    return Known(
        signal_id,
        tick_ms,
        bool(retracted),
        ts_ms,
        Traits(kind, route, element, environment, release, device),
        Point(cell_of(ts_ms), kind, session_id, user_id, 1, count, route, element, label, detail, release),
        suppressed_by,
    )
