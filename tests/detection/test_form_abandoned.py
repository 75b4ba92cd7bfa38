"""`form_abandoned`, case by case."""

from dataclasses import replace
from typing import Any

import pytest

from apps.detection.interactions import Event
from tests.conftest import NOW_MS
from tests.detection.sessions import (
    answered_request,
    by_reference,
    click,
    error,
    event,
    failed_request,
    field,
    standing_signals,
    store,
    submit,
    tick,
)

FILLED = (field(1, 1000, element_label="Name"), field(2, 2000, element="input[name=street]", element_label="Street"))


def left(n: int = 90, t: int = 60_000) -> Event:
    """The page was left, or hidden."""
    return event(n, t, "leave")


def shown(n: int, t: int, **fields: Any) -> Event:
    """A page of a single-page app."""
    return event(n, t, "page", subtype="push", **fields)


def abandoned(*events: Event) -> list[tuple[str, int]]:
    """(form, fields edited) of each abandoned form found."""
    return [(signal.element, signal.count) for signal in by_reference("form_abandoned", events)]


def test_two_fields_filled_in_and_the_page_left_is_one() -> None:
    (signal,) = by_reference("form_abandoned", [*FILLED, left()])
    assert (signal.element, signal.element_label, signal.count, signal.detail) == ("form#address", "", 2, "Street")
    assert signal.events == (("page-1", 1), ("page-1", 2))


def test_one_field_is_not_enough_however_often_it_was_visited() -> None:
    assert abandoned(FILLED[0], field(2, 3000), field(3, 4000), left()) == []


def test_fields_that_were_looked_at_are_not_enough() -> None:
    assert abandoned(FILLED[0], replace(FILLED[1], edits=0), left()) == []


def test_a_form_on_a_page_that_is_still_open_is_not_abandoned() -> None:
    assert abandoned(*FILLED) == []


def test_two_forms_of_one_field_each_are_not_one_form() -> None:
    assert abandoned(FILLED[0], replace(FILLED[1], form="form#other"), left()) == []


def test_fields_without_a_form_are_not_counted() -> None:
    assert abandoned(*(replace(each, form="") for each in FILLED), left()) == []


@pytest.mark.parametrize("status", [200, 302, 422, 500, 0, None])
def test_a_form_that_was_sent_is_not_abandoned_whatever_the_server_said(status: int | None) -> None:
    assert abandoned(*FILLED, submit(5, 5000, form="form#address", status=status), left()) == []


def test_a_form_that_the_browser_refused_to_send_is() -> None:
    refused = submit(5, 5000, form="form#address", status=None, subtype="invalid")
    assert abandoned(*FILLED, refused, left()) == [("form#address", 2)]


def test_sending_another_form_sends_nothing_of_this_one() -> None:
    assert abandoned(*FILLED, submit(5, 5000, form="form#coupon"), left()) == [("form#address", 2)]


def test_what_is_filled_in_after_the_sending_counts_anew() -> None:
    sent = submit(5, 5000, form="form#address")
    again = [replace(each, n=each.n + 10, t=each.t + 10_000) for each in FILLED]
    assert abandoned(*FILLED, sent, again[0], left()) == []
    (signal,) = by_reference("form_abandoned", [*FILLED, sent, *again, left()])
    assert signal.n == 11


@pytest.mark.parametrize("kind", ["req", "nav", "dl", "win"])
@pytest.mark.parametrize("role", ["button", "submit"])
def test_a_button_that_sends_something_sends_the_form(kind: str, role: str) -> None:
    assert abandoned(*FILLED, click(5, 5000, element_role=role, answers={kind: 5}), left()) == []


def test_a_button_that_does_nothing_or_only_shows_something_does_not() -> None:
    for answers in ({}, {"mut": 5}, {"focus": 0}):
        press = click(5, 5000, element_role="button", answers=answers)
        assert abandoned(*FILLED, press, left()) == [("form#address", 2)]


def test_a_link_that_leads_away_does_not_send_the_form() -> None:
    away = click(5, 5000, element_role="link", element_kind="link", answers={"nav": 5})
    assert abandoned(*FILLED, away, left(6, 5100)) == [("form#address", 2)]


def test_a_form_that_saves_as_one_types_is_not_abandoned() -> None:
    assert abandoned(*FILLED, answered_request(5, 3500, subtype="PATCH"), left()) == []


def test_suggestions_and_requests_that_fail_save_nothing() -> None:
    assert abandoned(*FILLED, answered_request(5, 3500, subtype="GET"), left()) == [("form#address", 2)]
    assert abandoned(*FILLED, failed_request(5, 3500, began=3000), left()) == [("form#address", 2)]


def test_a_save_before_the_last_two_fields_does_not_save_them() -> None:
    assert abandoned(answered_request(0, 500, subtype="PATCH"), *FILLED, left()) == [("form#address", 2)]


def test_who_looks_elsewhere_and_comes_back_has_not_left() -> None:
    assert abandoned(*FILLED, left(), event(91, 70_000, "return")) == []
    assert abandoned(*FILLED, left(), click(91, 70_000)) == []
    assert abandoned(*FILLED, left(), event(91, 70_000, "return"), left(92, 80_000)) == [("form#address", 2)]


def test_what_a_hidden_page_does_by_itself_brings_nobody_back() -> None:
    assert abandoned(*FILLED, left(), error(91, 70_000)) == [("form#address", 2)]


def test_another_route_of_the_same_page_view_leaves_the_form() -> None:
    assert abandoned(shown(0, 0), *FILLED, shown(5, 5000, route="/help")) == [("form#address", 2)]


def test_the_route_before_the_form_does_not_leave_it() -> None:
    assert abandoned(shown(0, 0, route="/help"), *FILLED) == []


def test_another_step_of_the_same_route_does_not() -> None:
    assert abandoned(shown(0, 0), *FILLED, shown(5, 5000)) == []


def test_who_comes_back_to_the_route_has_not_left() -> None:
    assert abandoned(*FILLED, shown(5, 5000, route="/help"), shown(6, 9000)) == []


def test_a_form_sent_after_a_detour_is_not_abandoned() -> None:
    detour = [shown(5, 5000, route="/help"), shown(6, 9000), submit(7, 10_000, form="form#address")]
    assert abandoned(*FILLED, *detour, left()) == []


def test_each_page_view_and_each_form_is_judged_by_itself() -> None:
    other = [replace(each, form="form#other", n=each.n + 10) for each in FILLED]
    assert abandoned(*FILLED, *other, left()) == [("form#address", 2), ("form#other", 2)]
    assert abandoned(FILLED[0], replace(FILLED[1], page_id="page-2"), left()) == []
    # Left is the page with the form, not another.
    assert abandoned(*FILLED, replace(left(), page_id="page-2")) == []


def test_a_project_may_ask_for_more_fields() -> None:
    assert by_reference("form_abandoned", [*FILLED, left()], min_fields=3) == []


@pytest.mark.usefixtures("clickhouse")
def test_a_submit_that_arrives_late_retracts_it() -> None:
    store([replace(each, stored_at_ms=NOW_MS - 20_000) for each in (*FILLED, left())])
    tick(since_ms=NOW_MS - 20_000, until_ms=NOW_MS - 10_000)
    assert len(standing_signals("form_abandoned")) == 1
    store([submit(5, 5000, form="form#address", stored_at_ms=NOW_MS - 10_000)])
    tick(since_ms=NOW_MS - 10_000, until_ms=NOW_MS)
    assert standing_signals("form_abandoned") == set()


@pytest.mark.usefixtures("clickhouse")
def test_a_form_filled_in_over_midnight_is_one_form() -> None:
    midnight_ms = NOW_MS - 12 * 3_600_000
    moved_ms = midnight_ms - FILLED[1].ts_ms
    told = [replace(each, ts_ms=each.ts_ms + moved_ms) for each in (*FILLED, left())]
    store([replace(each, stored_at_ms=each.ts_ms + 1000) for each in told])
    tick(since_ms=midnight_ms - 60_000, until_ms=midnight_ms + 120_000)
    assert [signal.count for signal in standing_signals("form_abandoned")] == [2]
