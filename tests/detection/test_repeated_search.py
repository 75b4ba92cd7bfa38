"""`repeated_search`, case by case."""

from dataclasses import replace
from typing import Any

import pytest

from apps.detection.interactions import Event
from tests.conftest import NOW_MS
from tests.detection.sessions import (
    by_reference,
    click,
    event,
    field,
    standing_signals,
    store,
    submit,
    tick,
)


def typed(n: int, t: int, **fields: Any) -> Event:
    """A query is typed, for half a second."""
    told: dict[str, Any] = {
        "element": "input[name=q]",
        "form": "form#search",
        "duration_ms": 500,
        "element_role": "search",
    }
    return field(n, t, **{**told, **fields})


def sent(n: int, t: int, **fields: Any) -> Event:
    """The search form is sent."""
    return submit(n, t, **{"form": "form#search", "element_role": "search", "status": 200, **fields})


def asked(n: int, t: int, **fields: Any) -> list[Event]:
    """A query typed at `t` and sent a second later; n and n + 1."""
    return [typed(n, t, **fields), sent(n + 1, t + 1000, **fields)]


def result(n: int, t: int, **fields: Any) -> Event:
    """A click on a link."""
    told: dict[str, Any] = {
        "element": "a.result",
        "element_role": "link",
        "element_kind": "link",
        "answers": {"nav": 5},
    }
    return click(n, t, **{**told, **fields})


def searches(*events: Event) -> list[tuple[int, int]]:
    """(n of the first query, queries) of each repeated search found."""
    return [(signal.n, signal.count) for signal in by_reference("repeated_search", events)]


THREE = (*asked(10, 0), *asked(20, 20_000), *asked(30, 40_000))


def test_three_queries_within_a_minute_and_no_result_are_one() -> None:
    (signal,) = by_reference("repeated_search", THREE)
    assert (signal.n, signal.count, signal.element) == (11, 3, "form#search")


def test_two_are_not() -> None:
    assert searches(*THREE[:4]) == []


def test_three_in_just_a_minute_are_and_in_more_are_not() -> None:
    assert searches(*THREE[:4], *asked(30, 60_000)) == [(11, 3)]
    assert searches(*THREE[:4], *asked(30, 60_001)) == []


def test_the_same_query_sent_again_is_no_other_query() -> None:
    assert searches(*asked(10, 0), sent(20, 5000), sent(30, 9000)) == []


def test_queries_sent_from_within_one_visit_are_taken_for_different_ones() -> None:
    assert searches(typed(1, 0, duration_ms=30_000), *(sent(n, n * 1000) for n in range(2, 5))) == [(2, 3)]


def test_a_visit_that_edited_nothing_asks_for_nothing_new() -> None:
    looked = [typed(n, n * 1000, edits=0) for n in (20, 30)]
    assert searches(*asked(10, 0), looked[0], sent(21, 20_900), looked[1], sent(31, 30_900)) == []


def test_a_page_that_searches_as_one_types_is_asked_by_each_visit() -> None:
    visits = [typed(n, n * 10_000) for n in range(1, 4)]
    assert searches(*visits) == [(1, 3)]
    assert searches(*visits[:2]) == []


def test_a_search_field_without_a_form_is_one_by_itself() -> None:
    (signal,) = by_reference("repeated_search", [typed(n, n * 1000, form="") for n in range(3)])
    assert signal.element == "input[name=q]"


def test_a_page_that_empties_its_search_has_found_what_was_asked_for() -> None:
    visits = [typed(n, n * 10_000, form="", subtype="replace" if n > 1 else "") for n in range(1, 5)]
    assert searches(*visits) == []
    # Of the last nobody knows; what follows an emptied search is asked anew.
    again = [typed(n, n * 10_000, form="") for n in range(5, 7)]
    assert searches(*visits, *again) == [(4, 3)]


def test_a_search_that_is_sent_empties_itself_whatever_it_found() -> None:
    emptied = [replace(each, subtype="replace") if each.type == "field" else each for each in THREE]
    assert searches(*emptied) == [(11, 3)]


def of_form(form: str, field_: str, role: str) -> list[Event]:
    """The three queries, of another form with another field."""
    return [
        replace(each, form=form, element=field_ if each.type == "field" else form, element_role=role) for each in THREE
    ]


def test_a_form_that_is_no_search_is_not_looked_at() -> None:
    assert searches(*of_form("form#research", "input[name=queries]", "textbox")) == []


@pytest.mark.parametrize(
    ("form", "field_", "role"),
    [
        ("form:nth-child(2)", "input:nth-child(1)", "searchbox"),
        ("form:nth-child(2)", "input[name=q]", "textbox"),
        ("form#site-Search", "input:nth-child(1)", "textbox"),
        ("header > form", "input[data-testid=search_field]", "textbox"),
    ],
)
def test_a_search_is_known_by_a_role_or_by_a_name(form: str, field_: str, role: str) -> None:
    assert searches(*of_form(form, field_, role)) == [(11, 3)]


def test_it_is_enough_that_the_form_or_the_field_says_so() -> None:
    plain = of_form("form:nth-child(2)", "input:nth-child(1)", "textbox")
    assert searches(*plain) == []
    assert searches(*(replace(each, element_role="search") if each.type == "submit" else each for each in plain)) == [
        (11, 3)
    ]
    assert searches(*(replace(each, element_role="search") if each.type == "field" else each for each in plain)) == [
        (11, 3)
    ]


def test_a_search_that_loads_the_next_page_is_the_same_search_there() -> None:
    pages = [
        event
        for number in range(3)
        for event in asked(1, number * 10_000, page=f"page-{number}", route="/" if number == 0 else "/search")
    ]
    (signal,) = by_reference("repeated_search", pages)
    assert [page for page, _ in signal.events] == ["page-0", "page-1", "page-2"]
    # Sent again as it stands there, it asks for nothing new: the visit that goes on over the submit was another page's.
    again = [sent(1, number * 10_000, page=f"page-{number}") for number in range(1, 4)]
    assert searches(*asked(1, 0, page="page-0", duration_ms=35_000), *again) == []


@pytest.mark.parametrize(
    "told",
    [
        {},
        {"answers": {}},
        {"element_kind": "newtab"},
        {"element_kind": "", "element_role": "", "element": "div"},
        {"element_kind": "", "answers": {"media": 5}},
    ],
)
def test_a_click_on_a_result_ends_the_run(told: dict[str, Any]) -> None:
    assert searches(*THREE, result(40, 45_000, **told)) == []
    assert searches(*THREE[:2], result(12, 5000, **told), *THREE[2:]) == []


def test_counting_starts_anew_after_a_result() -> None:
    after = (*asked(40, 50_000), *asked(50, 60_000), *asked(60, 70_000))
    assert searches(*THREE[:4], result(25, 25_000), *after) == [(41, 3)]


def test_a_click_that_opens_nothing_is_no_result() -> None:
    nothing = result(40, 45_000, element_kind="", answers={"mut": 5})
    assert searches(*THREE, nothing) == [(11, 3)]


def opened_row(n: int, t: int, **fields: Any) -> Event:
    """A click on a row, which asks for a panel and shows it."""
    told: dict[str, Any] = {
        "element": "table#customers > tbody:nth-child(2) > tr:nth-child(1)",
        "element_role": "",
        "element_kind": "",
        "answers": {"req": 3, "mut": 80},
    }
    return result(n, t, **{**told, **fields})


def test_a_row_that_shows_a_panel_is_a_result() -> None:
    assert searches(*THREE, opened_row(40, 45_000)) == []
    assert searches(*THREE[:2], opened_row(12, 5000), *THREE[2:]) == []
    assert searches(*THREE, opened_row(40, 45_000, element="div.grid > div:nth-child(4)", element_role="row")) == []
    # A search that is never sent, too.
    visits = [typed(n, n * 10_000, form="") for n in range(1, 4)]
    assert searches(*visits, *(opened_row(10 + n, n * 10_000 + 3000) for n in range(1, 4))) == []


@pytest.mark.parametrize(
    "told",
    [
        # A row that asks for nothing, or shows nobody that it can be clicked.
        {"answers": {"mut": 5}},
        {"answers": {}},
        {"clickable": False},
        # The button of the search, with and without a role.
        {"element": "button#go", "element_role": "button"},
        {"element": "div#go"},
        {"element": "tr#go", "element_role": "button"},
        # Filters: a chip, a checkbox, a choice, a day, the head of a column; and the number of a page.
        {"element": "li#open"},
        {"element": "div#open", "element_role": "checkbox"},
        {"element": "li#open", "element_role": "option"},
        {"element": "ul > li:nth-child(2)", "element_role": "treeitem"},
        {"element": "tr > td:nth-child(2)"},
        {"element": "tr > td:nth-child(2)", "element_role": "gridcell"},
        {"element": "tr > th:nth-child(2)"},
        {"element": "tr > th:nth-child(2)", "element_role": "columnheader"},
        {"element": "tr > input:nth-child(1)", "element_role": "checkbox", "element_kind": "select"},
        {"element": "tr#go", "element_kind": "text"},
    ],
)
def test_what_asks_and_is_no_row_is_no_result(told: dict[str, Any]) -> None:
    clicks = [opened_row(10 * n + 5, 20_000 * n + 5000, **told) for n in range(3)]
    assert searches(*THREE, *clicks) == [(11, 3)]


def test_a_project_may_have_no_rows_or_others() -> None:
    assert len(by_reference("repeated_search", [*THREE, opened_row(40, 45_000)], row_names=())) == 1
    card = opened_row(40, 45_000, element="div.card > article:nth-child(1)")
    assert by_reference("repeated_search", [*THREE, card], row_names=("article",)) == []


def test_a_result_clicked_much_later_is_none_of_this_search() -> None:
    # The last query was sent at 41,000.
    assert searches(*THREE, result(40, 101_000)) == []
    assert searches(*THREE, result(40, 101_001)) == [(11, 3)]


def test_the_press_of_the_search_button_is_no_result() -> None:
    presses = [
        click(n, t, element_role="button", answers={"nav": 3}) for n, t in ((15, 500), (25, 20_500), (35, 40_500))
    ]
    # Half a second before the submit is the most that a press takes.
    assert searches(*THREE, *presses) == [(11, 3)]
    assert searches(*THREE, presses[0], replace(presses[1], t=20_499, ts_ms=presses[1].ts_ms - 1), presses[2]) == []


def test_a_submit_that_the_browser_refused_is_no_query() -> None:
    assert searches(*THREE[:4], typed(30, 40_000), sent(31, 41_000, subtype="invalid")) == []


def test_what_is_typed_and_not_sent_is_no_query_of_a_form_that_is_sent() -> None:
    assert searches(*THREE[:4], typed(30, 40_000)) == []


def test_each_search_form_counts_for_itself() -> None:
    other = [replace(each, form="form#filter") for each in THREE[4:]]
    assert searches(*THREE[:4], *other) == []


def test_midnight_ends_nothing() -> None:
    midnight_ms = NOW_MS - 12 * 3_600_000
    moved_ms = midnight_ms - THREE[2].ts_ms
    assert searches(*(replace(each, ts_ms=each.ts_ms + moved_ms) for each in THREE)) == [(11, 3)]


def test_a_project_may_ask_for_more_queries_and_by_other_names() -> None:
    assert by_reference("repeated_search", THREE, min_queries=4) == []
    assert by_reference("repeated_search", THREE, search_roles=(), search_names=()) == []


@pytest.mark.usefixtures("clickhouse")
def test_a_click_that_arrives_late_retracts_it() -> None:
    store([replace(each, stored_at_ms=NOW_MS - 20_000) for each in THREE])
    tick(since_ms=NOW_MS - 20_000, until_ms=NOW_MS - 10_000)
    assert len(standing_signals("repeated_search")) == 1
    store([result(25, 25_000, stored_at_ms=NOW_MS - 10_000)])
    tick(since_ms=NOW_MS - 10_000, until_ms=NOW_MS)
    assert standing_signals("repeated_search") == set()


def test_what_is_not_part_of_a_search_changes_nothing() -> None:
    assert searches(*THREE, event(99, 30_000, "scroll", distance_px=500)) == [(11, 3)]
