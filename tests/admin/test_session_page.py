"""A session's timeline, as a product manager reads it."""

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.html import escape

from apps.core import clock
from apps.events import timeline
from apps.incidents.insight import SessionSignal
from apps.incidents.session_page import found
from tests.admin.conftest import World
from tests.admin.events import EventRow, store_events
from tests.conftest import NOW
from tests.factories import SignalRow, store_signals

pytestmark = pytest.mark.usefixtures("clickhouse")


def _address(world: World, session_id: str = "session-1") -> str:
    return reverse("admin:incidents_incident_session", args=[world.incident.pk, session_id])


def _began_ms(world: World) -> int:
    return clock.to_ms(world.incident.breach_began_at)


def test_the_events_stand_in_order_in_words_with_the_signal_pointed_out(world: World, as_bob: Client) -> None:
    began = _began_ms(world)
    shop = world.cast.project.pk
    clicks = [EventRow(project_id=shop, ts=began + 3000 + 300 * i, n=1 + i, t=3000 + 300 * i) for i in range(5)]
    store_events(
        [
            *reversed(clicks),
            EventRow(project_id=shop, ts=began, n=0, type="page", subtype="load", element="", element_label=""),
        ]
    )
    store_signals([SignalRow(project_id=shop, ts_ms=began + 3000, version=began, page_id="page-view-1", n=1)])

    answer = as_bob.get(_address(world))

    [view] = answer.context["timeline"].page_views
    assert [(entry.since_start, entry.sentence) for entry in view.entries][:2] == [
        ("+0 ms", "Opened /checkout"),
        ("+3.0 s", "Clicked “Pay now” – the page did not answer within 2.5 s"),
    ]
    assert [entry.n for entry in view.entries] == [0, 1, 2, 3, 4, 5]
    assert [entry.signals for entry in view.entries] == [(), *[("Rage click",)] * 5]
    assert "5 clicks on “Pay now” on /checkout that the page did not answer" in answer.content.decode()


def test_what_went_wrong_is_told_in_sentences(world: World, as_bob: Client) -> None:
    began = _began_ms(world)
    store_signals([SignalRow(project_id=world.cast.project.pk, ts_ms=began, version=began, kind="dead_click")])

    assert ">A click on “Pay now” on /checkout that the page did not answer</a>" in (
        as_bob.get(_address(world)).content.decode()
    )


def test_an_event_that_was_stored_twice_is_shown_once_as_it_was_stored_first(world: World, as_bob: Client) -> None:
    event = EventRow(project_id=world.cast.project.pk, ts=_began_ms(world), n=1)
    store_events([event])
    store_events([EventRow(**{**event.__dict__, "element_label": "Changed on the way"})])

    answer = as_bob.get(_address(world))

    [view] = answer.context["timeline"].page_views
    assert [entry.sentence.split(" – ")[0] for entry in view.entries] == ["Clicked “Pay now”"]


def test_two_tabs_are_told_one_after_the_other(world: World, as_bob: Client) -> None:
    began, shop = _began_ms(world), world.cast.project.pk
    store_events(
        [
            EventRow(project_id=shop, ts=began + t, n=t, t=t, page_id=page)
            for page, t in (("page-view-2", 100), ("page-view-1", 50), ("page-view-2", 300), ("page-view-1", 200))
        ]
    )

    views = as_bob.get(_address(world)).context["timeline"].page_views

    assert [(view.page_id, [entry.n for entry in view.entries]) for view in views] == [
        ("page-view-1", [50, 200]),
        ("page-view-2", [100, 300]),
    ]


def test_a_long_session_is_cut_around_the_signal_and_says_so(world: World, as_bob: Client) -> None:
    began, shop = _began_ms(world), world.cast.project.pk
    total, middle = 3 * timeline.SHOWN, 300
    store_events([EventRow(project_id=shop, ts=began + 1000 * n, n=n, t=1000 * n) for n in range(total)])
    store_signals(
        [SignalRow(project_id=shop, ts_ms=began + 1000 * middle, version=began, page_id="page-view-1", n=middle)]
    )

    answer = as_bob.get(_address(world), {"at": began + 1000 * middle})

    seen = answer.context["timeline"]
    shown = [entry.n for view in seen.page_views for entry in view.entries]
    assert len(shown) == timeline.SHOWN
    assert shown == list(range(shown[0], shown[-1] + 1))
    assert shown[0] < middle < shown[-1]
    assert seen.earlier == shown[0]
    assert seen.later == total - 1 - shown[-1]
    assert f"{seen.earlier} earlier events are not shown" in answer.content.decode()


def test_hostile_text_from_a_page_is_shown_as_text(world: World, as_bob: Client) -> None:
    hostile = '"><script>alert(1)</script>'
    store_events(
        [
            EventRow(
                project_id=world.cast.project.pk,
                ts=_began_ms(world),
                n=1,
                element_label=hostile,
                element=hostile,
                route=f"javascript:{hostile}",
                release=hostile,
                user_id=hostile,
            ),
            EventRow(project_id=world.cast.project.pk, ts=_began_ms(world), n=2, type="error", message=hostile),
            EventRow(project_id=world.cast.project.pk, ts=_began_ms(world), n=3, type=hostile, facts="[1"),
        ]
    )

    page = as_bob.get(_address(world)).content.decode()

    assert "<script>alert" not in page
    assert 'href="javascript:' not in page
    assert escape(hostile) in page


def test_a_session_of_another_project_is_not_found_through_ones_own_incident(world: World, as_charlie: Client) -> None:
    store_events([EventRow(project_id=world.cast.project.pk, ts=_began_ms(world), n=1)])
    through_own = reverse("admin:incidents_incident_session", args=[world.other_incident.pk, "session-1"])

    assert as_charlie.get(through_own).status_code == 404
    assert as_charlie.get(_address(world)).status_code == 404


@pytest.mark.parametrize("session_id", ["short", "a" * 65, "semi;colon-1", "quote'--12345", "%00%00%00%00%00%00%00%00"])
def test_what_is_no_session_id_is_not_found(world: World, as_bob: Client, session_id: str) -> None:
    assert as_bob.get(f"/admin/incidents/incident/{world.incident.pk}/sessions/{session_id}/").status_code == 404


@pytest.mark.parametrize("at", ["", "-5", "yesterday", "9" * 30, "9" * 13, "0"])
def test_any_moment_in_the_address_is_survived(world: World, as_bob: Client, at: str) -> None:
    store_events([EventRow(project_id=world.cast.project.pk, ts=_began_ms(world), n=1)])

    assert as_bob.get(_address(world), {"at": at}).status_code == 200


@pytest.mark.usefixtures("clickhouse_away")
def test_without_the_event_store_the_page_says_so(world: World, as_bob: Client) -> None:
    answer = as_bob.get(_address(world))

    assert answer.status_code == 503
    assert "The event store does not answer." in answer.content.decode()


def test_it_is_only_for_reading(world: World, as_bob: Client) -> None:
    assert as_bob.post(_address(world)).status_code == 405


@pytest.mark.parametrize(
    ("kind", "count", "detail", "told"),
    [
        ("slow_click", 1, "1840 ms", "a click on “Pay now” on /checkout that the page answered only after 1840 ms"),
        (
            "slow_interaction",
            1,
            "612 ms",
            "an input to “Pay now” on /checkout after which the page took 612 ms to paint",
        ),
        ("layout_jump", 1, "80 px", "a click on “Pay now” on /checkout, which had just moved by 80 px"),
        ("quick_back", 1, "/cart", "/checkout was left at once, back to /cart"),
        ("page_loop", 4, "/login", "/checkout loaded 4 times without being asked for"),
        ("reload_burst", 2, "", "/checkout was reloaded 2 times"),
        ("thrashed_cursor", 12, "", "the pointer went to and fro 12 times over “Pay now” on /checkout"),
        ("zoom_struggle", 3, "250 %", "/checkout was zoomed 3 times, last to 250 %"),
        ("request_failures", 3, "POST /pay: 503", "3 failed requests on /checkout, the last: POST /pay: 503"),
        ("error_burst", 4, "x is undefined", "4 errors on /checkout in a short time: x is undefined"),
        ("form_abandoned", 2, "Street", "a form on /checkout was left unsent after 2 fields, last “Street”"),
        ("field_struggle", 4, "", "“Pay now” on /checkout was filled in anew or emptied 4 times"),
        ("repeated_search", 3, "", "3 searches by “Pay now” on /checkout without a click on a result"),
        ("scroll_thrash", 6, "", "“Pay now” on /checkout was scrolled to and fro 6 times"),
        ("tab_switching", 4, "", "4 times to other tabs and back while a form on /checkout was filled in"),
        ("copied_error", 1, "", "a message was copied just after it appeared: “Pay now” on /checkout"),
    ],
)
def test_every_kind_of_signal_is_told_in_words(kind: str, count: int, detail: str, told: str) -> None:
    signal = SessionSignal(kind, NOW, "Pay now", "/checkout", count, detail, [("page-1", 1)])
    assert found(signal).sentence.startswith(told)
    assert found(signal).title == kind.replace("_", " ").capitalize()
