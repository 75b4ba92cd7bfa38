"""A stretch of a day with everything that people and networks do, ticked live and then backtested: the same incidents.

The whole day: `IRK_PARITY_HOURS=24 pytest tests/backtests/test_parity_day.py`, an hour or more.
"""

import os
from collections.abc import Iterable, Iterator
from dataclasses import replace
from math import ceil
from random import Random
from typing import Any

import pytest

from apps.backtests.parity import Compared, compare_span
from apps.backtests.reading import known
from apps.backtests.redetecting import Asked, Which, written
from apps.backtests.replay import Span
from apps.clickhouse import client
from apps.detection.catalog import DEFINITIONS
from apps.detection.interactions import Event
from apps.incidents.models import Transition
from apps.thresholds.models import GroupBy, Metric
from tests.conftest import HOUR, MINUTE, NOW_MS
from tests.detection import generated
from tests.detection.sessions import ORIGIN_MS, store
from tests.factories import make_cast, make_threshold
from tests.ticks import tick_at

pytestmark = [pytest.mark.usefixtures("clickhouse"), pytest.mark.django_db, pytest.mark.timeout(0)]

HOURS = float(os.environ.get("IRK_PARITY_HOURS", "0.1"))
# Sessions in each hour of the day, which begins at noon: a rush, an afternoon and evening, and a night in which nearly
# all that is open resolves.
RHYTHM = (120,) * 4 + (20,) * 8 + (3,) * 12
SPAN = Span(first_ms=NOW_MS, last_ms=NOW_MS + int(HOURS * HOUR))
# By the worst network that there is.
LATEST_MS = 30 * MINUTE
KINDS = [definition.name for definition in DEFINITIONS]
# One for each way to group and to measure.
THRESHOLDS: tuple[dict[str, Any], ...] = (
    {"window_seconds": 60, "quiet_seconds": 120},
    {"group_by": GroupBy.ROUTE, "metric": Metric.SIGNALS, "at_least": 4, "window_seconds": 60, "quiet_seconds": 120},
    {"group_by": GroupBy.ELEMENT, "metric": Metric.USERS, "at_least": 2},
    {"group_by": GroupBy.NOTHING, "at_least": 5, "breaches_needed": 2, "breaches_among": 6},
    {
        "group_by": GroupBy.ROUTE, "metric": Metric.SHARE, "at_least": 700, "minimum_sessions": 4,
        "window_seconds": 300, "quiet_seconds": 300, "minimum_exposure": 3,
    },
    {
        "signals": ["dead_click", "rage_click"], "group_by": GroupBy.NOTHING, "at_least": 2, "factor_percent": 150,
        "earlier_seconds": 600, "window_seconds": 300, "quiet_seconds": 300,
    },
)  # fmt: skip


def test_what_backtests_find_of_the_time_signals_and_incidents_is_what_was_lived(db: None) -> None:
    project = make_cast().project
    for number, asks in enumerate(THRESHOLDS):
        make_threshold(project, name=f"Threshold {number}", **{"signals": KINDS, **asks})
    tick_at(SPAN.first_ms)
    store(_events(_begins(Random(3)), project.pk, Random(3)))
    # Catching up runs the very ticks that a live shard runs, and passes over those at which nothing happens.
    tick_at(SPAN.last_ms)
    # Merges drop what later ticks replaced.
    for table in ("signals", "presences"):
        client.command(f"OPTIMIZE TABLE {table} FINAL")

    asked = Asked(project_id=project.pk, kinds=KINDS, sides=[{}], span=SPAN)
    anew = {row for _, row in written(asked, Which(moving=True))}
    rows = set(known(project_id=project.pk, kinds=KINDS, reach_ms=HOUR, span=SPAN))
    assert anew == rows
    assert {row.retracted for row in rows} == {True, False}

    found = compare_span(0, 1, span=SPAN)

    assert found == Compared(compared=found.compared, identical=found.compared)
    # Those that are open take up what comes later: a whole day has some sixteen.
    assert found.compared >= 2
    assert set(Transition.objects.values_list("to_state", flat=True)) >= {"open", "resolved"}


def _begins(random: Random) -> Iterator[int]:
    """When sessions begin, in ms since 1970, hour by hour."""
    for hour in range(ceil(HOURS)):
        share = min(1.0, HOURS - hour)
        for _ in range(int(RHYTHM[hour % 24] * share)):
            yield SPAN.first_ms + hour * HOUR + random.randrange(int(HOUR * share))


def _events(begins: Iterable[int], project_id: int, random: Random) -> Iterator[Event]:
    """A session from each of `begins`. Most events arrive soon, some late, some twice, none before the first tick."""
    for number, begin_ms in enumerate(begins):
        for event in generated.session(random, project_id=project_id, session_id=f"session-{number}"):
            ts_ms = event.ts_ms - ORIGIN_MS + begin_ms
            for _ in range(random.choice((1, 1, 1, 2))):
                late_ms = random.randrange(random.choice((5_000, 5_000, 5_000, 60_000, LATEST_MS)))
                yield replace(event, ts_ms=ts_ms, stored_at_ms=max(ts_ms + late_ms, SPAN.first_ms))
