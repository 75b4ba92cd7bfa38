"""What a tick asks both databases, for few projects and for many."""

from typing import Any

import pytest
from clickhouse_driver import Client
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.incidents.models import Incident
from apps.projects.models import Project
from apps.thresholds.models import Metric
from tests.conftest import MINUTE, NOW_MS, SECOND
from tests.factories import Cast, dead_clicks, make_project, make_threshold, store_events
from tests.ticks import tick_at

pytestmark = [pytest.mark.usefixtures("clickhouse"), pytest.mark.django_db]


@pytest.fixture
def asked_of_clickhouse(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every statement that the driver sends, in order; it sends them all the same."""
    asked: list[str] = []
    execute = Client.execute

    def listening(client: Client, query: str, *args: Any, **options: Any) -> Any:
        asked.append(query)
        return execute(client, query, *args, **options)

    monkeypatch.setattr(Client, "execute", listening)
    return asked


def test_a_tick_asks_no_more_often_for_many_projects_and_thresholds_than_for_few(
    cast: Cast, asked_of_clickhouse: list[str]
) -> None:
    organization = cast.project.organization
    questions = []
    tick_at(NOW_MS - MINUTE)
    for number, count in enumerate((2, 12)):
        # Nothing is left of the projects before: what they still wait for would be asked about as well.
        Project.objects.all().delete()
        at_ms = NOW_MS + number * 10 * MINUTE
        for place in range(count):
            project = make_project(organization, slug=f"shop-{number}-{place}")
            for metric in (Metric.SESSIONS, Metric.USERS, Metric.SHARE):
                make_threshold(project, name=metric, metric=metric, at_least=1)
            store_events(dead_clicks(project.pk, at_ms=at_ms - 8 * SECOND, stored_ms=at_ms - 4 * SECOND))
        tick_at(at_ms - 10 * SECOND)
        asked_of_clickhouse.clear()
        opened_before = Incident.objects.count()
        with CaptureQueriesContext(connection) as asked_of_postgres:
            assert tick_at(at_ms) == 1
        # By sessions alone: nobody is identified, and a share waits for those who are still to come.
        assert Incident.objects.count() - opened_before == count
        questions.append((len(asked_of_postgres), len(asked_of_clickhouse)))
    few, many = questions
    assert many == few
