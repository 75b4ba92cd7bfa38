"""“See what this change would do”: from the form to the answer, for those who may, and for nobody else."""

import pytest
from django.test import Client
from django.urls import reverse

from apps.backtests import running
from apps.backtests.models import Backtest, State
from apps.core import clock
from tests.admin.conftest import World
from tests.admin.test_thresholds import FORM
from tests.factories import SignalRow, store_signals

pytestmark = pytest.mark.usefixtures("clickhouse")

ASK = FORM | {"_backtest": "1", "backtest_days": "1", "at_least": 2}


@pytest.fixture
def asked(world: World) -> Backtest:
    """Alice's draft: two sessions instead of one. One session had a rage click an hour ago."""
    ts_ms = clock.to_ms(clock.now()) - 3_600_000
    store_signals([SignalRow(world.cast.project.pk, ts_ms, ts_ms // 10_000 * 10_000 + 10_000)])
    return running.request(
        threshold=world.threshold,
        draft={"signals": ["rage_click"], "at_least": 2},
        days=1,
        actor=world.cast.alice,
        at=clock.now(),
    )


def _change_page(world: World) -> str:
    return reverse("admin:thresholds_threshold_change", args=[world.threshold.pk])


def test_the_button_asks_and_saves_nothing(world: World, as_engineer: Client) -> None:
    answer = as_engineer.post(_change_page(world), ASK | {"name": "Renamed"})

    backtest = Backtest.objects.get()
    assert answer.headers["Location"] == reverse("admin:backtests_show", args=[backtest.pk])
    assert (backtest.draft["at_least"], backtest.state) == (2, State.WAITING)
    world.threshold.refresh_from_db()
    assert (world.threshold.name, world.threshold.versions.count()) == ("Rage clicks", 1)


def test_a_form_with_an_error_is_shown_with_it_and_asks_nothing(world: World, as_engineer: Client) -> None:
    page = as_engineer.post(_change_page(world), ASK | {"minimum_sessions": 9})

    assert "Lower the minimum or raise the bound" in page.content.decode()
    assert not Backtest.objects.exists()
    assert world.threshold.versions.count() == 1


def test_a_draft_that_is_switched_off_is_refused_beside_its_field(world: World, as_engineer: Client) -> None:
    page = as_engineer.post(_change_page(world), {name: value for name, value in ASK.items() if name != "enabled"})

    assert "Switch it on in the draft to see what it would do" in page.content.decode()
    assert not Backtest.objects.exists()


def test_what_switching_on_would_do_is_shown_beside_nothing(world: World, as_engineer: Client) -> None:
    ts_ms = clock.to_ms(clock.now()) - 3_600_000
    store_signals([SignalRow(world.cast.project.pk, ts_ms, ts_ms // 10_000 * 10_000 + 10_000)])
    world.threshold.versions.update(enabled=False)
    as_engineer.post(_change_page(world), ASK | {"at_least": 1})
    backtest = Backtest.objects.get()

    running.carry_out(backtest.pk)

    page = as_engineer.get(reverse("admin:backtests_show", args=[backtest.pk])).content.decode()
    assert "Switched off, nothing opens now. By the draft 1 at the highest, it opens at 1." in page
    assert "Draft: opens at 1" in page
    assert "Now: opens" not in page


def test_while_it_runs_the_page_shows_how_far_it_is_and_asks_again(asked: Backtest, as_alice: Client) -> None:
    Backtest.objects.update(state=State.RUNNING, progress=40)

    page = as_alice.get(reverse("admin:backtests_show", args=[asked.pk]))

    assert page.headers["Refresh"] == "2"
    assert 'value="40"' in page.content.decode()


def test_the_answer_names_what_closes_with_both_bounds_and_the_draft_can_be_put_in_force(
    world: World, asked: Backtest, as_alice: Client
) -> None:
    running.carry_out(asked.pk)

    page = as_alice.get(reverse("admin:backtests_show", args=[asked.pk]))
    text = page.content.decode()
    assert "0 would open, 1 would not open any more, 0 stay" in text
    assert "“Pay now” on /checkout did not answer 5 clicks" in text
    assert "Now: opens at 1" in text
    assert "Draft: opens at 2" in text
    assert "Refresh" not in page.headers

    as_alice.post(reverse("admin:backtests_put_in_force", args=[asked.pk]))
    world.threshold.refresh_from_db()
    assert world.threshold.current_version is not None
    assert (world.threshold.current_version.number, world.threshold.current_version.at_least) == (2, 2)


def test_calling_off_from_the_page(asked: Backtest, as_alice: Client) -> None:
    as_alice.post(reverse("admin:backtests_cancel", args=[asked.pk]))

    asked.refresh_from_db()
    assert asked.state == State.CANCELLED


def test_for_charlie_there_is_no_backtest_of_alices(world: World, asked: Backtest, as_charlie: Client) -> None:
    before = Backtest.objects.values().get()

    answers = [
        as_charlie.get(reverse("admin:backtests_show", args=[asked.pk])),
        as_charlie.post(reverse("admin:backtests_cancel", args=[asked.pk])),
        as_charlie.post(reverse("admin:backtests_put_in_force", args=[asked.pk])),
    ]
    as_charlie.post(_change_page(world), ASK)

    assert [answer.status_code for answer in answers] == [404, 404, 404]
    assert Backtest.objects.values().get() == before
    assert world.threshold.versions.count() == 1


def test_a_viewer_looks_and_changes_nothing(world: World, asked: Backtest, as_viewer: Client) -> None:
    assert as_viewer.get(reverse("admin:backtests_show", args=[asked.pk])).status_code == 200
    assert "See what this change would do" not in as_viewer.get(_change_page(world)).content.decode()

    answers = [
        as_viewer.post(reverse("admin:backtests_cancel", args=[asked.pk])),
        as_viewer.post(reverse("admin:backtests_put_in_force", args=[asked.pk])),
        as_viewer.post(_change_page(world), ASK),
    ]

    assert [answer.status_code for answer in answers] == [403, 403, 403]
    assert Backtest.objects.count() == 1
    assert world.threshold.versions.count() == 1


def test_a_backtest_changes_nothing_when_it_is_only_looked_at(asked: Backtest, as_alice: Client) -> None:
    for name in ("admin:backtests_cancel", "admin:backtests_put_in_force"):
        assert as_alice.get(reverse(name, args=[asked.pk])).status_code == 405
