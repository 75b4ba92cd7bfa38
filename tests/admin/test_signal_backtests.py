"""“See what this change would do” of a signal's numbers: from the form to the answer, for those who may."""

import pytest
from django.test import Client
from django.urls import reverse

from apps.backtests import running
from apps.backtests.models import Backtest, State
from apps.core import clock
from apps.detection.models import ParameterVersion
from apps.detection.settings import save_parameters
from apps.thresholds.models import ThresholdVersion
from tests.admin.conftest import World
from tests.admin.test_signal_settings import of_project, parameters
from tests.factories import dead_clicks, store_events

pytestmark = pytest.mark.usefixtures("clickhouse")

ASK = {"_backtest": "1", "backtest_days": "1", "rage_click__min_clicks": 6}


@pytest.fixture
def asked(world: World) -> Backtest:
    """Alice's draft: six clicks instead of three. One session clicked five times an hour ago."""
    at_ms = clock.to_ms(clock.now()) - 3_600_000
    store_events(dead_clicks(world.cast.project.pk, at_ms=at_ms, stored_ms=at_ms + 4_000))
    return running.request_of_parameters(
        project=world.cast.project,
        draft={"rage_click": {"min_clicks": 6}},
        days=1,
        actor=world.cast.alice,
        at=clock.now(),
    )


def _page(asked: Backtest) -> str:
    return reverse("admin:backtests_show_of_signals", args=[asked.pk])


def test_the_button_asks_and_saves_nothing(world: World, as_engineer: Client) -> None:
    assert "See what this change would do" in as_engineer.get(of_project(world)).content.decode()

    answer = as_engineer.post(of_project(world), parameters(**ASK))

    backtest = Backtest.objects.get()
    assert answer.headers["Location"] == _page(backtest)
    assert (backtest.draft, backtest.state) == ({"rage_click": {"min_clicks": 6}}, State.WAITING)
    assert backtest.threshold is None
    assert not ParameterVersion.objects.exists()


def test_a_form_with_an_error_is_shown_with_it_and_asks_nothing(world: World, as_engineer: Client) -> None:
    page = as_engineer.post(of_project(world), parameters(**ASK | {"rage_click__min_clicks": 1}))

    assert "greater than or equal to 2" in page.content.decode()
    assert not Backtest.objects.exists()
    assert not ParameterVersion.objects.exists()


def test_while_it_runs_the_page_shows_how_far_it_is_and_asks_again(asked: Backtest, as_alice: Client) -> None:
    Backtest.objects.update(state=State.RUNNING, progress=40)

    page = as_alice.get(_page(asked))

    assert page.headers["Refresh"] == "2"
    assert 'value="40"' in page.content.decode()
    assert "Rage click: min clicks 6 instead of 3." in page.content.decode()


def test_the_answer_names_signals_and_incidents_by_both_and_the_draft_can_be_put_in_force(
    world: World, asked: Backtest, as_alice: Client
) -> None:
    running.carry_out(asked.pk)

    page = as_alice.get(_page(asked))
    text = page.content.decode()
    assert "0 would open, 1 would not open any more, 0 stay" in text
    assert "Rage click: 1 now, 0 by the draft" in text
    assert "Rage clicks: 0 would open, 1 would not open any more, 0 stay" in text
    assert "“Pay now” on /checkout did not answer 5 clicks" in text
    assert "Refresh" not in page.headers

    as_alice.post(reverse("admin:backtests_put_in_force", args=[asked.pk]))
    version = ParameterVersion.objects.get()
    assert (version.number, version.values) == (1, {"rage_click": {"min_clicks": 6}})
    assert "Somebody changed these numbers since" in as_alice.get(_page(asked)).content.decode()


def test_where_no_threshold_counts_the_signal_the_page_says_so(world: World, asked: Backtest, as_alice: Client) -> None:
    ThresholdVersion.objects.filter(threshold=world.threshold).update(signals=["dead_click"])
    running.carry_out(asked.pk)

    text = as_alice.get(_page(asked)).content.decode()

    assert "No threshold of this project that is switched on counts this signal" in text
    assert "Rage click: 1 now, 0 by the draft" in text


def test_a_threshold_that_was_deleted_since_is_left_out(world: World, asked: Backtest, as_alice: Client) -> None:
    running.carry_out(asked.pk)
    world.incident.delete()
    world.threshold.delete()

    page = as_alice.get(_page(asked))

    assert page.status_code == 200
    assert "Rage click: 1 now, 0 by the draft" in page.content.decode()


def test_calling_off_from_the_page(asked: Backtest, as_alice: Client) -> None:
    as_alice.post(reverse("admin:backtests_cancel", args=[asked.pk]))

    page = as_alice.get(_page(asked))
    assert "Called off" in page.content.decode()
    assert "Refresh" not in page.headers


def test_for_charlie_there_is_no_backtest_of_alices(world: World, asked: Backtest, as_charlie: Client) -> None:
    before = Backtest.objects.values().get()

    answers = [
        as_charlie.get(_page(asked)),
        as_charlie.post(reverse("admin:backtests_cancel", args=[asked.pk])),
        as_charlie.post(reverse("admin:backtests_put_in_force", args=[asked.pk])),
    ]
    as_charlie.post(of_project(world), parameters(**ASK))

    assert [answer.status_code for answer in answers] == [404, 404, 404]
    assert Backtest.objects.values().get() == before
    assert not ParameterVersion.objects.exists()


def test_a_viewer_looks_and_changes_nothing(world: World, asked: Backtest, as_viewer: Client) -> None:
    assert as_viewer.get(_page(asked)).status_code == 200
    assert "See what this change would do" not in as_viewer.get(of_project(world)).content.decode()

    answers = [
        as_viewer.post(reverse("admin:backtests_cancel", args=[asked.pk])),
        as_viewer.post(reverse("admin:backtests_put_in_force", args=[asked.pk])),
        as_viewer.post(of_project(world), parameters(**ASK)),
    ]

    assert [answer.status_code for answer in answers] == [403, 403, 403]
    assert Backtest.objects.count() == 1
    assert not ParameterVersion.objects.exists()


def test_a_draft_of_the_defaults_can_be_put_in_force_again(world: World, as_alice: Client) -> None:
    own = {"rage_click": {"min_clicks": 6}}
    save_parameters(project=world.cast.project, values=own, actor=world.cast.alice, at=clock.now())
    asked = running.request_of_parameters(
        project=world.cast.project, draft={}, days=1, actor=world.cast.alice, at=clock.now()
    )

    as_alice.post(reverse("admin:backtests_put_in_force", args=[asked.pk]))

    newest = ParameterVersion.objects.first()
    assert newest is not None
    assert (newest.number, newest.values) == (2, {})
