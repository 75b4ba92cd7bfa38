"""Reading a project's signals as its ticks came to know them."""

from collections.abc import Callable, Collection, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, TypeAlias

from apps.backtests.history import Known, Sessions
from apps.backtests.replay import Span
from apps.clickhouse import client
from apps.detection.scope import AHEAD_MS
from apps.detection.signal import kept_until_ms
from apps.incidents.lifecycle import Policy
from apps.projects.models import Project
from apps.thresholds import audiences
from apps.thresholds.audiences import Wanted
from apps.thresholds.evaluation import Rule
from apps.thresholds.exposure import NOBODY, Audience, Exposure, audience_of
from apps.thresholds.matching import Group, Traits
from apps.thresholds.measuring import HORIZON_MS
from apps.thresholds.windows import Point, cell_of

_SQL = (Path(__file__).parent / "signal_history.sql").read_text()
# Rows. Each takes about 1 KB here; a span with more of them asks for a shorter one, or for fewer kinds of signals.
MOST_ROWS = 500_000
# How far from a breach's end the people who came since are looked for at first, ms.
_FIRST_STRETCH_MS = 30 * 60_000
_DAY_MS = 86_400_000
_LIMITS = {"max_execution_time": 60, "max_memory_usage": 2_000_000_000}
# Exposures by audience, stretch of time (ms) and length of the windows (ms). A draft most often asks for the same.
ExposuresRead: TypeAlias = dict[tuple[Audience, tuple[int, int], int], Exposure]


class TooManySignalsError(Exception):
    """The span holds more signals than a backtest takes."""

    def __init__(self) -> None:
        super().__init__(f"There are more than {MOST_ROWS:,} signals in this time. Choose a shorter one.")


def known(*, project_id: int, kinds: Collection[str], reach_ms: int, span: Span) -> list[Known]:
    """What the ticks of `span` knew of the project's signals of `kinds`, as far as rules that reach so far can need it.

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
            "reach_ms": reach_ms,
            "limit": MOST_ROWS + 1,
        },
        limits=_LIMITS,
    )
    if len(rows) > MOST_ROWS:
        raise TooManySignalsError
    return [from_row(row) for row in rows]


def retention_ms(project_id: int) -> int:
    """For how long the project's signals are kept. Raises Project.DoesNotExist."""
    return Project.objects.values_list("retention_days", flat=True).get(pk=project_id) * _DAY_MS


def sessions_of(
    groups: Mapping[Group, Sequence[Known]],
    *,
    rule: Rule,
    policy: Policy,
    project_id: int,
    span: Span,
    read: ExposuresRead,
) -> dict[Group, Sessions]:
    """Who was there at all, for each group, as far as rule and policy ask.

    `read` is what was read before of the same project and span, and takes what is read now.
    Raises TooManyPresencesError, ClickHouseUnavailableError, QueryFailedError.
    """
    audience_by_group = {group: audience_of(rule, project_id, group) for group in groups}
    exposures: dict[Audience, Exposure] = {}
    if rule.metric == "share" and groups:
        first_ms = min(span.first_ms, *(row.point.cell_ms for rows in groups.values() for row in rows))
        stretch = (first_ms - rule.reach_ms - rule.lag_ms, span.last_ms)
        of = {audience: (audience, stretch, rule.window_ms) for audience in set(audience_by_group.values())}
        wanted = {key: Wanted(audience, [stretch], rule.window_ms) for audience, key in of.items() if key not in read}
        read.update(audiences.exposure_history(wanted, until_ms=span.last_ms))
        exposures = {audience: read[key] for audience, key in of.items()}
    # Groups of one audience share it, and with it what is worked out of it once.
    sessions = {
        audience: Sessions(exposures.get(audience, NOBODY), _arrived(audience, policy=policy, span=span))
        for audience in set(audience_by_group.values())
    }
    return {group: sessions[audience] for group, audience in audience_by_group.items()}


def _arrived(audience: Audience, *, policy: Policy, span: Span) -> Callable[[int], Sequence[int]]:
    most, end_ms, stretch_ms = policy.minimum_exposure, span.last_ms + AHEAD_MS, _FIRST_STRETCH_MS

    @cache
    def since(since_ms: int) -> Sequence[int]:
        # Most often they come soon, and the rest of the span need not be read. What lies after a stretch is known of no
        # sooner than AHEAD_MS before its end: no clock runs further ahead. After one that was too short all are longer.
        nonlocal stretch_ms
        while True:
            until_ms = min(since_ms + stretch_ms, end_ms)
            wanted = {audience: Wanted(audience, [(since_ms, until_ms)])}
            ticks = audiences.first_seen(wanted, until_ms=span.last_ms, most=most)[audience]
            if until_ms == end_ms or (len(ticks) == most and ticks[-1] <= until_ms - AHEAD_MS):
                return ticks
            stretch_ms *= 4

    return since


def from_row(row: Sequence[Any]) -> Known:
    """What one row of the history says. Its columns are those of signal_history.sql, in that order."""
    (
        signal_id, tick_ms, retracted, ts_ms, kind, route, element, environment, release, device, session_id, user_id,
        count, label, detail, suppressed_by, retention_days,
    ) = row  # fmt: skip
    return Known(
        signal_id,
        tick_ms,
        bool(retracted),
        ts_ms,
        Traits(kind, route, element, environment, release, device),
        Point(cell_of(ts_ms), kind, session_id, user_id, 1, count, route, element, label, detail, release),
        suppressed_by,
        kept_until_ms(ts_ms, retention_days),
    )
