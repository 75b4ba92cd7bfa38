"""Events in plain words."""

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.core.admin_words import length_of_time
from apps.events.wording import TimelineEvent, duration, is_trouble, sentence

EVENT = TimelineEvent(
    page_id="page-view-1",
    n=1,
    t=3200,
    ts_ms=1_795_370_003_200,
    type="click",
    route="/checkout",
    environment="production",
    release="2026.11.2",
    device="mobile",
    user_id="",
    element="button[data-testid=pay]",
    element_role="button",
    element_label="Pay now",
    answers={},
    observed_ms=2500,
    subtype="",
    status=None,
    duration_ms=0,
    message="",
    form="",
    facts="",
)


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({}, "Clicked “Pay now” – the page did not answer within 2.5 s"),
        ({"answers": {"mut": 30}}, "Clicked “Pay now” – at once something on the page changed"),
        ({"answers": {"req": 100, "nav": 90}}, "Clicked “Pay now” – at once another page opened"),
        ({"answers": {"nav": 1400}}, "Clicked “Pay now” – after 1.4 s another page opened"),
        # A clock that ticks and an error that is thrown answer nobody.
        ({"answers": {"bg": 5, "err": 7}}, "Clicked “Pay now” – the page did not answer within 2.5 s"),
        ({"observed_ms": 400}, "Clicked “Pay now” – the page was left before it could answer"),
        ({"element_label": ""}, "Clicked a button without a name – the page did not answer within 2.5 s"),
        (
            {"element_label": "", "element_role": "", "element": ""},
            "Clicked an empty spot – the page did not answer within 2.5 s",
        ),
        ({"type": "page", "subtype": "load"}, "Opened /checkout"),
        ({"type": "page", "subtype": "reload"}, "Reloaded /checkout"),
        ({"type": "page", "subtype": "back"}, "Went back to /checkout"),
        ({"type": "page", "subtype": "push"}, "Moved on to /checkout"),
        ({"type": "page", "subtype": "", "route": ""}, "Opened the page"),
        (
            {"type": "submit", "element_label": "Coupon", "status": 422},
            "Sent the form “Coupon” – the server refused it (code 422)",
        ),
        ({"type": "submit", "element_label": "", "status": 503}, "Sent the form – the server failed (code 503)"),
        ({"type": "submit", "element_label": "", "status": 0}, "Sent the form – the server could not be reached"),
        ({"type": "submit", "element_label": "", "status": 204}, "Sent the form – it was accepted"),
        (
            {"type": "submit", "element_label": "", "subtype": "invalid"},
            "Tried to send the form – the browser refused it: something is missing or wrong in a field",
        ),
        (
            {"type": "field", "element_label": "Coupon", "duration_ms": 3000, "facts": '{"edits":4,"clears":3}'},
            "Filled in “Coupon” for 3.0 s, emptied it 3 times",
        ),
        ({"type": "field", "element_label": "Coupon", "facts": "{}"}, "Looked at the field “Coupon”"),
        ({"type": "error", "message": "TypeError: x is undefined"}, "The page had an error: TypeError: x is undefined"),
        (
            {"type": "request", "subtype": "POST", "message": "/api/pay", "status": 500, "duration_ms": 820},
            "The page asked the server and the server failed after 820 ms (POST /api/pay, code 500)",
        ),
        (
            {"type": "request", "subtype": "GET", "message": "/api/cart", "status": 200, "duration_ms": 820},
            "The page asked the server, which answered after 820 ms (GET /api/cart)",
        ),
        ({"type": "return", "duration_ms": 4000}, "Came back to the page after 4.0 s elsewhere"),
        ({"type": "scroll", "facts": '{"dist":-1640}'}, "Scrolled 1,640 px, then turned back"),
        (
            {"type": "pointer", "facts": '{"turns":12,"dist":900}'},
            "Moved the pointer to and fro over “Pay now”: it turned 12 times within 2 s",
        ),
        ({"type": "zoom", "facts": '{"scale":250}'}, "Zoomed to 250 %"),
        ({"type": "copy", "element_label": "Oops"}, "Copied text out of a message (“Oops”)"),
        (
            {"type": "interaction", "subtype": "pointer", "duration_ms": 640},
            "A press on “Pay now” showed only after 640 ms",
        ),
        (
            {"type": "request", "subtype": "GET", "message": "/api/cart", "status": 0},
            "The page could not reach the server (GET /api/cart)",
        ),
        ({"type": "leave", "duration_ms": 65_000}, "Left the page or switched away, after 1 min 5 s"),
        ({"type": "leave", "duration_ms": 3000, "subtype": "reload"}, "The page reloaded itself, after 3.0 s"),
        ({"type": "page", "subtype": "load", "status": 500}, "Opened /checkout – the server failed (code 500)"),
        ({"type": "page", "subtype": "load", "status": 422}, "Opened /checkout – the server refused it (code 422)"),
        ({"type": "track", "subtype": "cart_filled"}, "The app reported “cart_filled”"),
        ({"type": "teleport"}, "Something of the kind “teleport” happened"),
    ],
)
def test_an_event_reads_as_a_sentence(fields: dict[str, object], words: str) -> None:
    assert sentence(replace(EVENT, **fields)) == words  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("fields", "bad"),
    [
        ({}, False),
        ({"type": "error"}, True),
        ({"type": "request", "status": 404}, True),
        ({"type": "submit", "subtype": "invalid"}, True),
        ({"type": "submit", "status": 200}, False),
        ({"type": "submit", "status": None}, False),
        ({"type": "submit", "status": 0}, True),
    ],
)
def test_bad_news_is_marked(fields: dict[str, object], bad: bool) -> None:
    assert is_trouble(replace(EVENT, **fields)) is bad  # type: ignore[arg-type]


@given(
    type=st.sampled_from(["page", "click", "submit", "field", "error", "request", "leave", "track", "else"]),
    facts=st.one_of(
        st.text(max_size=40), st.recursive(st.integers() | st.none() | st.text(), st.lists).map(json.dumps)
    ),
    status=st.none() | st.integers(0, 65_535),
    subtype=st.text(max_size=10),
    answers=st.dictionaries(st.text(max_size=5), st.integers(0, 2**32 - 1), max_size=3),
)
def test_whatever_a_browser_sent_there_is_a_sentence(
    type: str,  # noqa: A002 the field's name
    facts: str,
    status: int | None,
    subtype: str,
    answers: dict[str, int],
) -> None:
    event = replace(EVENT, type=type, facts=facts, status=status, subtype=subtype, answers=answers)

    assert sentence(event)


@pytest.mark.parametrize(
    ("ms", "words"),
    [
        (0, "0 ms"),
        (999, "999 ms"),
        (1000, "1.0 s"),
        (59_999, "59.9 s"),
        (60_000, "1 min 0 s"),
        (7_260_000, "2 h 1 min"),
    ],
)
def test_durations_read_as_people_say_them(ms: int, words: str) -> None:
    assert duration(ms) == words


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (900, "15 minutes"),
        (60, "1 minute"),
        (5400, "1 hour 30 minutes"),
        (86_400, "1 day"),
        (70, "1 minute 10 seconds"),
    ],
)
def test_lengths_read_as_people_say_them(seconds: int, words: str) -> None:
    assert length_of_time(seconds) == words
