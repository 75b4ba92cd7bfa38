"""What a backtest reads of who came since a moment is what the ticks knew, however far it has to look for them."""

from random import Random

import pytest

from apps.backtests.reading import sessions_of
from apps.backtests.replay import Span
from apps.core.clock import to_ms
from apps.incidents.lifecycle import Policy
from apps.incidents.people import first_ticks
from apps.projects.models import Project
from apps.thresholds.exposure import audience_of
from apps.thresholds.measuring import rule_of
from tests.conftest import NOW
from tests.factories import PresenceRow, make_cast, make_threshold, store_presences

SECOND, MINUTE, HOUR = 1_000, 60_000, 3_600_000
FIRST_MS = to_ms(NOW)
SPAN = Span(first_ms=FIRST_MS, last_ms=FIRST_MS + 24 * HOUR)


@pytest.fixture
def project(db: None) -> Project:
    return make_cast().project


@pytest.mark.usefixtures("clickhouse")
@pytest.mark.parametrize("most", [1, 6, 40])
def test_people_who_came_are_those_that_ticks_knew(project: Project, most: int) -> None:
    random = Random(most)
    cells = [FIRST_MS + random.randrange(60) * 10 * SECOND for _ in range(8)]
    cells += [FIRST_MS + random.randrange(24 * 360) * 10 * SECOND for _ in range(22)]
    store_presences(
        [
            PresenceRow(
                project.pk,
                cell,
                # The first come late by hours, the others on time or by a clock that is five minutes ahead.
                cell + (5 * HOUR if number < 8 else random.choice([20 * SECOND, -5 * MINUTE])),
                session_id=f"v{number % 20}",
            )
            for number, cell in enumerate(cells)
        ]
    )
    version = make_threshold(project).current_version
    assert version is not None
    rule = rule_of(version)
    group = (("route", "/checkout"), ("element", "button"))
    [sessions] = sessions_of(
        {group: []}, rule=rule, policy=Policy(HOUR, most), project_id=project.pk, span=SPAN, read={}
    ).values()
    asked = [FIRST_MS, *(FIRST_MS + random.randrange(8640) * 10 * SECOND for _ in range(8))]
    audience = audience_of(rule, project.pk, group)
    expected = first_ticks([(audience, since) for since in asked], until_ms=SPAN.last_ms, most=most)

    assert {since: sessions.arrived(since) for since in asked} == {
        since: ticks for (_, since), ticks in expected.items()
    }
    assert max(map(len, expected.values())) == min(most, 20)
