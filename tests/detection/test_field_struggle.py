"""`field_struggle`, case by case."""

from dataclasses import replace
from typing import Any

import pytest

from apps.detection.interactions import Event
from tests.conftest import NOW_MS
from tests.detection.sessions import (
    ORIGIN_MS,
    answered_request,
    by_reference,
    field,
    page,
    standing_signals,
    store,
    submit,
    tick,
)


def struggles(*events: Event) -> list[tuple[int, int]]:
    """(n of the first visit, visits or emptyings) of each field struggle found."""
    return [(signal.n, signal.count) for signal in by_reference("field_struggle", events)]


def test_four_visits_with_edits_within_a_minute_are_one() -> None:
    (signal,) = by_reference("field_struggle", [field(n, n * 20_000, element_label="Name") for n in range(4)])
    assert (signal.n, signal.count, signal.element, signal.element_label) == (0, 4, "input[name=name]", "Name")


def test_three_are_not() -> None:
    assert struggles(*(field(n, n * 1000) for n in range(3))) == []


def test_four_in_more_than_a_minute_are_not() -> None:
    assert struggles(*(field(n, n * 20_000) for n in range(3)), field(3, 60_001)) == []


def test_visits_without_edits_are_not_counted() -> None:
    assert struggles(*(field(n, n * 1000, edits=1 if n else 0) for n in range(4))) == []


def test_a_field_emptied_three_times_is_one_in_one_visit_as_in_several() -> None:
    (signal,) = by_reference("field_struggle", [field(1, 0, clears=3)])
    assert (signal.count, signal.events) == (3, (("page-1", 1),))
    (signal,) = by_reference("field_struggle", [field(1, 0, clears=2), field(2, 60_000, clears=1)])
    assert (signal.count, signal.events) == (3, (("page-1", 1), ("page-1", 2)))


def test_a_field_emptied_twice_is_not() -> None:
    assert struggles(field(1, 0, clears=1), field(2, 1000, clears=1)) == []


def test_emptyings_more_than_a_minute_apart_are_not_added() -> None:
    assert struggles(field(1, 0, clears=2), field(2, 60_001, clears=1)) == []


def test_of_a_visit_longer_than_a_minute_nobody_knows_when_the_field_was_emptied() -> None:
    assert struggles(field(1, 0, clears=3, duration_ms=60_000)) == [(1, 3)]
    assert struggles(field(1, 0, clears=9, duration_ms=60_001)) == []


def test_an_absurd_number_of_emptyings_counts_no_more_than_is_needed() -> None:
    assert struggles(field(1, 0, clears=4_000_000_000)) == [(1, 3)]


def test_a_field_with_too_many_visits_is_one_signal_however_often_it_was_emptied() -> None:
    assert struggles(*(field(n, n * 1000, clears=2) for n in range(4))) == [(0, 4)]


def test_another_field_or_the_same_on_another_page_counts_for_itself() -> None:
    visits = [field(n, n * 1000) for n in range(3)]
    assert struggles(*visits, field(3, 3000, element="input[name=street]")) == []
    assert struggles(*visits, field(3, 3000, route="/cart")) == []


def test_a_field_without_a_selector_is_no_field() -> None:
    assert struggles(*(field(n, n * 1000, element="") for n in range(9))) == []


def test_a_form_that_loads_its_page_anew_has_the_same_fields() -> None:
    (signal,) = by_reference("field_struggle", [field(1, n * 1000, page=f"page-{n}") for n in range(4)])
    assert [page for page, _ in signal.events] == ["page-0", "page-1", "page-2", "page-3"]


def test_midnight_ends_nothing() -> None:
    midnight_ms = NOW_MS - 12 * 3_600_000
    assert struggles(*(field(n, n * 10_000, origin_ms=midnight_ms - 15_000) for n in range(4))) == [(0, 4)]


def test_a_struggle_that_goes_on_is_one_signal() -> None:
    assert struggles(*(field(n, n * 20_000) for n in range(8))) == [(0, 8)]


def test_a_project_may_ask_for_more() -> None:
    visits = [field(n, n * 1000) for n in range(4)]
    assert by_reference("field_struggle", visits, min_visits=5) == []
    assert by_reference("field_struggle", [field(1, 0, clears=3)], min_clears=4) == []


def replaced(n: int, t: int, **fields: Any) -> Event:
    """A visit that found that the page had emptied the field, or put something else into it."""
    return field(n, t, subtype="replace", **fields)


def test_a_field_that_the_page_empties_each_time_takes_one_thing_after_another() -> None:
    assert struggles(field(0, 0), *(replaced(n, n * 1000) for n in range(1, 9))) == []


def test_counting_starts_anew_with_a_visit_that_found_it_emptied() -> None:
    assert struggles(*(field(n, n * 1000) for n in range(3)), replaced(3, 3000), field(4, 4000)) == []
    assert struggles(field(0, 0), replaced(1, 1000), *(field(n, n * 1000) for n in range(2, 5))) == [(1, 4)]


def test_emptyings_before_and_after_the_field_was_taken_are_not_added() -> None:
    assert struggles(field(0, 0, clears=2), replaced(1, 1000, clears=2)) == []
    assert struggles(field(0, 0, clears=3), replaced(1, 1000, clears=3)) == [(0, 3), (1, 3)]


def test_a_visit_that_edited_nothing_may_have_found_it_emptied() -> None:
    visits = [field(0, 0), field(1, 1000), field(3, 3000), field(4, 4000)]
    assert struggles(*visits, replaced(2, 2000, edits=0)) == []


def sent(n: int, t: int, **fields: Any) -> Event:
    """The address form is sent."""
    return submit(n, t, **{"form": "form#address", "element": "form#address", "status": None, **fields})


@pytest.mark.parametrize(
    "failure",
    [
        sent(9, 500, subtype="invalid"),
        sent(9, 500, status=422),
        sent(9, 500, status=0),
        answered_request(9, 500, status=401),
        answered_request(9, 500, status=0),
    ],
)
def test_what_the_page_empties_because_something_failed_was_not_taken(failure: Event) -> None:
    visits = [field(0, 0), *(replaced(n, n * 1000) for n in range(1, 4))]
    failures = [replace(failure, n=10 + n, t=500 + n * 1000, ts_ms=failure.ts_ms + n * 1000) for n in range(3)]
    assert struggles(*visits, *failures) == [(0, 4)]
    # That it failed once says nothing of the other times.
    assert struggles(*visits, failures[0]) == []


@pytest.mark.parametrize(
    "request_",
    [
        answered_request(9, 500),
        answered_request(9, 500, subtype="GET", status=500),
        answered_request(9, 500, status=0, message="https://elsewhere.example/"),
        replace(answered_request(9, 500), status=None),
        sent(9, 500),
    ],
)
def test_what_fails_beside_the_field_refuses_nothing(request_: Event) -> None:
    visits = [field(0, 0), *(replaced(n, n * 1000) for n in range(1, 4))]
    others = [replace(request_, n=10 + n, t=500 + n * 1000, ts_ms=request_.ts_ms + n * 1000) for n in range(3)]
    assert struggles(*visits, *others) == []


def test_a_form_that_was_accepted_in_between_took_what_was_filled_in() -> None:
    visits = [field(n, n * 1000) for n in range(4)]
    assert struggles(*visits, sent(9, 1500, status=200)) == []
    assert struggles(*visits, sent(9, 1500, status=302)) == []


@pytest.mark.parametrize(
    "told", [{}, {"status": 422}, {"subtype": "invalid", "status": 200}, {"status": 200, "form": "form#other"}]
)
def test_a_form_that_was_not_known_to_be_accepted_did_not(told: dict[str, Any]) -> None:
    visits = [field(n, n * 1000) for n in range(4)]
    assert struggles(*visits, *(sent(10 + n, 500 + n * 1000, **told) for n in range(3))) == [(0, 4)]


def cells(*, status: int | None, element: str = "input[name=price]", **told: Any) -> list[Event]:
    """A price is typed into one cell of a table after another, each of which is saved by a request of its own."""
    return [
        event
        for n in range(5)
        for event in (
            field(n, n * 5000, element=element, form=""),
            answered_request(10 + n, n * 5000 + 1500, **{"subtype": "PATCH", "status": status, **told}),
        )
    ]


def test_a_field_without_a_form_is_taken_by_what_is_written_and_answered_well() -> None:
    assert struggles(*cells(status=200)) == []
    assert struggles(*cells(status=204)) == []
    # What reads, or is not known to work, saves nothing.
    assert struggles(*cells(status=200, subtype="GET")) == [(0, 5)]
    assert struggles(*cells(status=None)) == [(0, 5)]


@pytest.mark.parametrize("status", [422, 500, 0])
def test_a_table_that_refuses_what_is_typed_is_a_struggle(status: int) -> None:
    refused = cells(status=status)
    assert struggles(*refused) == [(0, 5)]
    # Whatever else is written meanwhile.
    counted = [answered_request(20 + n, n * 5000 + 1600, message="/api/visits") for n in range(5)]
    assert struggles(*refused, *counted) == [(0, 5)]


def test_a_field_of_a_form_is_not_taken_by_what_is_written_beside_it() -> None:
    assert struggles(*(replace(each, form="form#address") for each in cells(status=200))) == [(0, 5)]
    # A request belongs to no form, whatever it says.
    assert struggles(*cells(status=200, form="form#address", element_role="form")) == []


@pytest.mark.parametrize(
    "element", ["textarea#comment", "form#address > textarea:nth-child(2)", "div[data-testid=editor]", "main > p"]
)
def test_a_text_of_several_lines_is_gone_on_with_and_only_its_emptyings_count(element: str) -> None:
    visits = [field(n, n * 5000, element=element, form="") for n in range(4)]
    assert struggles(*visits) == []
    assert struggles(*visits, field(9, 25_000, element=element, form="", clears=3)) == [(9, 3)]


@pytest.mark.parametrize(
    "element", ["input", "select#day", "[data-irk-component=Form] input[name=a]", "x-textarea#a > input:nth-child(1)"]
)
def test_a_field_of_one_line_is_known_by_its_selector(element: str) -> None:
    assert struggles(*(field(n, n * 5000, element=element) for n in range(4))) == [(0, 4)]
    assert by_reference("field_struggle", [field(n, n, element=element) for n in range(4)], line_tags=()) == []


def test_of_a_field_without_a_form_no_submit_tells_anything() -> None:
    visits = [field(n, n * 1000, form="") for n in range(4)]
    assert struggles(*visits, sent(9, 1500, form="", element="", status=200)) == [(0, 4)]


@pytest.mark.usefixtures("clickhouse")
def test_an_acceptance_that_arrives_late_retracts_it() -> None:
    store([field(n, n * 1000, stored_at_ms=NOW_MS - 20_000) for n in range(4)])
    tick(since_ms=NOW_MS - 20_000, until_ms=NOW_MS - 10_000)
    assert len(standing_signals("field_struggle")) == 1
    store([sent(9, 1500, status=200, stored_at_ms=NOW_MS - 10_000)])
    tick(since_ms=NOW_MS - 10_000, until_ms=NOW_MS)
    assert standing_signals("field_struggle") == set()


def edited(number: int, *, answer: str, status: int | None = None) -> list[Event]:
    """A record is edited and its form posted by the browser, which then shows the route `answer`."""
    origin_ms = ORIGIN_MS + number * 5000
    return [
        field(1, 1000, page=f"page-{number}", origin_ms=origin_ms),
        sent(2, 3000, answers={"nav": 4}, page=f"page-{number}", origin_ms=origin_ms),
        page(0, 3200, "load", page=f"page-{number}-after", origin_ms=origin_ms, route=answer, status=status),
    ]


def test_records_that_are_edited_one_after_another_are_no_struggle() -> None:
    assert struggles(*(event for n in range(4) for event in edited(n, answer="/list"))) == []
    # Refused, the form is shown anew; or what comes in its place says so.
    assert struggles(*(event for n in range(4) for event in edited(n, answer="/checkout"))) == [(1, 4)]
    assert struggles(*(event for n in range(4) for event in edited(n, answer="/error", status=400))) == [(1, 4)]


def test_choices_that_act_at_once_are_no_struggle() -> None:
    periods = [field(n, n * 1000, element_kind="select", form="") for n in range(4)]
    assert struggles(*periods) == []
    assert struggles(*(replace(visit, form="form#address") for visit in periods)) == [(0, 4)]
