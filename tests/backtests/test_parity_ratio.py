"""The nightly comparison of what was lived with what a backtest gives, and what it says to Prometheus."""

from datetime import timedelta

import pytest
from django.test import Client

from apps.backtests.models import ParityCheck
from apps.backtests.parity import Compared, check_yesterday, compare_span
from apps.backtests.replay import Span
from apps.clickhouse import client as store
from apps.core.clock import from_ms, to_ms
from apps.incidents import triage
from apps.incidents.models import EvaluatedShard, Incident, Transition
from apps.thresholds.versions import save_version
from tests.conftest import HOUR, NOW, SECOND
from tests.factories import Cast, SignalRow, make_cast, make_threshold, store_signals
from tests.ticks import tick_at

MIDNIGHT_MS = to_ms(NOW) - 12 * HOUR
YESTERDAY = Span(first_ms=MIDNIGHT_MS - 24 * HOUR, last_ms=MIDNIGHT_MS - 10 * SECOND)

pytestmark = [pytest.mark.usefixtures("clickhouse"), pytest.mark.django_db]


def live(cast: Cast, *hours: int, element: str = "button") -> None:
    """A rage click at each of these hours of yesterday, ticked when it came."""
    for hour in hours:
        tick_ms = YESTERDAY.first_ms + hour * HOUR
        tick_at(tick_ms - 10 * SECOND)
        store_signals([SignalRow(cast.project.pk, tick_ms - 5_000, tick_ms, session_id=f"{hour}", element=element)])
        tick_at(tick_ms)


@pytest.fixture
def cast(db: None) -> Cast:
    """A day that was ticked: two buttons, of which one came back."""
    cast = make_cast()
    make_threshold(cast.project, window_seconds=60, quiet_seconds=60)
    tick_at(YESTERDAY.first_ms - 10 * SECOND)
    live(cast, 1, 3)
    live(cast, 5, element="a.help")
    tick_at(MIDNIGHT_MS)
    return cast


def test_a_day_that_was_ticked_is_given_again_exactly(cast: Cast) -> None:
    assert compare_span(0, 1, span=YESTERDAY) == Compared(compared=2, identical=2)
    assert compare_span(1, 2, span=YESTERDAY).compared + compare_span(0, 2, span=YESTERDAY).compared == 2


def test_what_was_lived_otherwise_is_found_and_told_to_prometheus(cast: Cast, client: Client) -> None:
    incident = Incident.objects.order_by("opened_at").first()
    assert incident is not None
    opening = incident.opening
    opening["measure"]["sessions"] += 1
    Incident.objects.filter(pk=incident.pk).update(opening=opening)
    check = check_yesterday(0, 1, now=NOW)
    assert check is not None
    assert (check.compared, check.identical, check.ratio) == (2, 1, 0.5)
    text = client.get("/metrics").content.decode()
    assert 'irk_parity_ratio{shard="0"} 0.5' in text
    assert 'irk_parity_incidents{shard="0"} 2.0' in text


def test_an_incident_that_no_tick_opened_a_lost_one_and_a_transition_at_another_time_are_found(cast: Cast) -> None:
    first, second = Incident.objects.order_by("opened_at")
    Transition.objects.filter(incident=second, to_state="resolved").update(at=NOW - timedelta(hours=14))
    found = compare_span(0, 1, span=YESTERDAY)
    assert (found.identical, found.different) == (1, (second.pk,))
    lost = second.pk
    second.delete()
    assert compare_span(0, 1, span=YESTERDAY) == Compared(compared=2, identical=1, different=(lost,))
    # As if the signals had never been: what was lived has no reason.
    store.command("TRUNCATE TABLE signal_history")
    store.command("TRUNCATE TABLE signals")
    assert compare_span(0, 1, span=YESTERDAY).different == (first.pk,)


def test_what_a_backtest_cannot_know_is_left_out(cast: Cast) -> None:
    by_bob = Incident.objects.order_by("opened_at").first()
    assert by_bob is not None
    triage.reopen(incident=by_bob, actor=cast.bob)
    assert compare_span(0, 1, span=YESTERDAY) == Compared(compared=1, identical=1)
    # The next day begins with both of them.
    today = Span(first_ms=MIDNIGHT_MS, last_ms=MIDNIGHT_MS + 24 * HOUR - 10 * SECOND)
    assert compare_span(0, 1, span=today) == Compared(compared=0, identical=0)
    threshold = cast.project.thresholds.get()
    save_version(threshold=threshold, fields={"at_least": 2}, actor=None, at=from_ms(MIDNIGHT_MS - HOUR))
    assert compare_span(0, 1, span=YESTERDAY).compared == 0


def test_a_shard_that_has_not_got_through_the_day_is_not_checked(cast: Cast, client: Client) -> None:
    EvaluatedShard.objects.update(last_as_of=from_ms(MIDNIGHT_MS - 10 * SECOND))
    assert check_yesterday(0, 1, now=NOW) is None
    assert "irk_parity_ratio{" not in client.get("/metrics").content.decode()


def test_the_newest_check_of_a_shard_is_told_and_old_ones_go(cast: Cast) -> None:
    for days, identical in ((1, 5), (2, 4), (100, 3)):
        ParityCheck.objects.create(
            shard=0, shards=1, day=NOW.date() - timedelta(days=days), compared=5, identical=identical
        )
    check_yesterday(0, 1, now=NOW)
    assert list(ParityCheck.objects.order_by("-day").values_list("compared", "identical")) == [(2, 2), (5, 4)]
