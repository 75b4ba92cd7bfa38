"""What happened in some projects over a span of time, for the dashboard. Reads ClickHouse; knows nothing of people."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from apps.clickhouse import client

_HERE = Path(__file__).parent
_SERIES = (_HERE / "overview_series.sql").read_text()
_PAGES = (_HERE / "overview_pages.sql").read_text()
_TOTALS = (_HERE / "overview_totals.sql").read_text()
_SESSIONS = (_HERE / "overview_sessions.sql").read_text()
_ANY = (_HERE / "overview_any.sql").read_text()
# Somebody waits for the page: better a clear "too slow" than a hanging one.
_LIMITS = {"max_execution_time": 8}
_PAGES_SHOWN = 8


@dataclass(frozen=True)
class Totals:
    """Counts of one period. `users` are identified ones only."""

    signals: int = 0
    sessions: int = 0
    users: int = 0


@dataclass(frozen=True)
class Page:
    """A route of a project and the trouble on it; `kinds` counts its signals by kind."""

    project_id: int
    route: str
    sessions: int
    signals: int
    kinds: Mapping[str, int]


@dataclass(frozen=True)
class Overview:
    """The span [from, to) of some projects. `series` holds, by kind, one count per bucket."""

    now: Totals
    before: Totals
    all_sessions: int
    series: Mapping[str, Sequence[int]]
    pages: Sequence[Page]
    any_event_ever: bool


def read(*, project_ids: Sequence[int], from_ms: int, to_ms: int, buckets: int) -> Overview:
    """Raises ClickHouseUnavailableError, QueryFailedError. `to_ms - from_ms` must be a multiple of `buckets`."""
    if not project_ids:
        return Overview(Totals(), Totals(), 0, {}, (), any_event_ever=False)
    bucket_ms = (to_ms - from_ms) // buckets
    params = {
        "project_ids": tuple(project_ids),
        "from_ms": from_ms,
        "to_ms": to_ms,
        "before_ms": 2 * from_ms - to_ms,
        "bucket_ms": bucket_ms,
        "limit": _PAGES_SHOWN,
    }
    totals = {bool(row[0]): Totals(*row[1:]) for row in client.query(_TOTALS, params, limits=_LIMITS)}
    series: dict[str, list[int]] = {}
    for bucket, kind, signals in client.query(_SERIES, params, limits=_LIMITS):
        series.setdefault(kind, [0] * buckets)[bucket] = signals
    all_sessions = client.query(_SESSIONS, params, limits=_LIMITS)[0][0]
    return Overview(
        now=totals.get(True, Totals()),
        before=totals.get(False, Totals()),
        all_sessions=all_sessions,
        series=series,
        pages=[Page(*row) for row in client.query(_PAGES, params, limits=_LIMITS)],
        any_event_ever=all_sessions > 0 or bool(client.query(_ANY, params, limits=_LIMITS)),
    )
