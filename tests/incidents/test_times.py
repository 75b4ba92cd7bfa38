"""Ticks over the real engines at the edges of time: midnight, whole days, the end of retention."""

from dataclasses import replace
from datetime import timedelta

import pytest

from apps.core.clock import from_ms
from apps.incidents.models import Incident
from apps.projects.models import Project
from apps.thresholds.models import GroupBy, Metric
from tests.conftest import HOUR, MINUTE, NOW, NOW_MS, SECOND
from tests.factories import SignalRow, dead_clicks, make_threshold, store_events, store_signals
from tests.ticks import tick_at

MIDNIGHT_MS = NOW_MS + 12 * 3_600_000

pytestmark = [pytest.mark.usefixtures("clickhouse"), pytest.mark.django_db]


def test_a_burst_and_a_window_go_over_midnight(project: Project) -> None:
    make_threshold(project, at_least=2)
    before = dead_clicks(project.pk, at_ms=MIDNIGHT_MS - 500, stored_ms=MIDNIGHT_MS + SECOND)
    after = dead_clicks(project.pk, at_ms=MIDNIGHT_MS + MINUTE, stored_ms=MIDNIGHT_MS + 62 * SECOND, session_id="after")
    store_events([*before, *after])
    tick_at(MIDNIGHT_MS + 2 * MINUTE)
    incident = Incident.objects.get()
    assert incident.opened_at == from_ms(MIDNIGHT_MS + 70 * SECOND)
    assert "did not answer 10 clicks by 2 visitors" in incident.sentence


def test_the_first_and_the_last_minute_of_a_session_of_24_hours_count_together(project: Project) -> None:
    make_threshold(project, metric=Metric.SIGNALS, at_least=2, window_seconds=86_400, group_by=GroupBy.ROUTE)
    last_ms = NOW_MS + 24 * HOUR - MINUTE
    first = dead_clicks(project.pk, at_ms=NOW_MS, stored_ms=NOW_MS + 2 * SECOND)
    last = dead_clicks(project.pk, at_ms=last_ms, stored_ms=last_ms + 2 * SECOND)
    store_events([*first, *(replace(click, page_id="another-page") for click in last)])
    tick_at(last_ms)
    assert not Incident.objects.exists()
    tick_at(last_ms + 10 * SECOND)
    incident = Incident.objects.get()
    assert incident.opening["measure"] == incident.opening["measure"] | {"signals": 2, "sessions": 1}
    # A minute later the first has left the window.
    assert incident.breached_until == NOW + timedelta(days=1)


@pytest.mark.parametrize(("days", "opens"), [(1, False), (2, True)])
def test_what_is_past_its_retention_counts_no_more_whether_it_is_deleted_or_not(
    project: Project, days: int, opens: bool
) -> None:
    make_threshold(project, at_least=2, window_seconds=86_400)
    tick_at(NOW_MS - 10 * SECOND)
    store_signals(
        [
            SignalRow(project.pk, NOW_MS - hours * HOUR, NOW_MS, session_id=f"{hours}", retention_days=days)
            for hours in (25, 23)
        ]
    )
    tick_at(NOW_MS)
    assert Incident.objects.exists() is opens
