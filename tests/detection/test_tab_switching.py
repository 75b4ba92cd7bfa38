"""`tab_switching`, case by case."""

from dataclasses import replace
from typing import Any

import pytest

from apps.detection.interactions import Event
from tests.conftest import NOW_MS
from tests.detection.sessions import by_reference, event, field, standing_signals, store, submit, tick


def back(n: int, t: int, **fields: Any) -> Event:
    """The page is shown again after five seconds elsewhere."""
    return event(n, t, "return", **{"duration_ms": 5000, **fields})


def switchings(*events: Event) -> list[tuple[int, int]]:
    """(n of the first return, returns) of each tab switching found."""
    return [(signal.n, signal.count) for signal in by_reference("tab_switching", events)]


def backs(count: int, *, first_ms: int = 10_000, apart_ms: int = 10_000) -> list[Event]:
    """Returns, numbered from 10."""
    return [back(10 + number, first_ms + number * apart_ms) for number in range(count)]


def test_four_returns_to_a_form_within_a_minute_are_one() -> None:
    (signal,) = by_reference("tab_switching", [field(0, 0), *backs(3), back(13, 40_000, element_label="Tab")])
    assert (signal.n, signal.count, signal.element, signal.element_label) == (10, 4, "form#address", "")


def test_three_are_not() -> None:
    assert switchings(field(0, 0), *backs(3)) == []


def test_four_in_just_a_minute_are_and_in_more_are_not() -> None:
    fields = [field(n, n * 20_000) for n in range(5)]
    assert switchings(*fields, *backs(4, apart_ms=20_000)) == [(10, 4)]
    assert switchings(*fields, *backs(3, apart_ms=20_000), back(13, 70_001)) == []


def test_nobody_fills_in_a_form_here() -> None:
    assert switchings(*backs(9)) == []
    assert switchings(field(0, 0, edits=0), *backs(9)) == []


def test_a_form_counts_as_being_filled_in_for_a_minute_after_its_last_edit() -> None:
    edited = field(0, 0, duration_ms=1000)
    assert switchings(edited, *backs(4, first_ms=61_000, apart_ms=0)) == [(10, 4)]
    assert switchings(edited, *backs(4, first_ms=61_001, apart_ms=0)) == []


def test_a_field_edited_after_the_return_does_not_count_for_it() -> None:
    assert switchings(*backs(4), field(0, 45_000)) == []


def test_who_has_sent_the_form_no_longer_fills_it_in() -> None:
    assert switchings(field(0, 0), submit(1, 2000, form="form#address"), *backs(4)) == []
    assert switchings(field(0, 0), submit(1, 2000, subtype="invalid"), *backs(4)) == [(10, 4)]


def test_another_page_view_is_another_tab() -> None:
    assert switchings(field(0, 0, page="page-2"), *backs(4)) == []


def test_a_field_without_a_form_stands_for_itself() -> None:
    (signal,) = by_reference("tab_switching", [field(0, 0, form=""), *backs(4)])
    assert signal.element == "input[name=name]"


def test_switching_that_goes_on_is_one_signal() -> None:
    assert switchings(*(field(n, n * 10_000) for n in range(9)), *backs(9)) == [(10, 9)]


@pytest.mark.usefixtures("clickhouse")
def test_a_late_submit_retracts_it() -> None:
    early = [replace(each, stored_at_ms=NOW_MS - 20_000) for each in (field(0, 0), *backs(4))]
    store(early)
    tick(since_ms=NOW_MS - 20_000, until_ms=NOW_MS - 10_000)
    assert len(standing_signals("tab_switching")) == 1
    store([submit(1, 2000, stored_at_ms=NOW_MS - 10_000)])
    tick(since_ms=NOW_MS - 10_000, until_ms=NOW_MS)
    assert standing_signals("tab_switching") == set()
