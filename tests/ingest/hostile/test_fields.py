"""A wrong value of a field costs the event that it stands in, or the batch, and nobody else; an extreme one nothing."""

import json
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import pytest

from apps.ingest import spool
from tests.ingest.batches import batch, click, now_ms
from tests.ingest.conftest import Send
from tests.ingest.hostile.fields import TEXTS, Field, extreme, fields, wrong

Stored = Callable[..., list[tuple[Any, ...]]]

YEAR = 365 * 86_400_000

of_events = pytest.mark.parametrize("place", ["", "el", "after"])
of_batches = pytest.mark.parametrize("place", ["batch", "ctx"])


def escaped(value: object) -> bytes:
    """`value` as JSON in which everything beyond ASCII is escaped, half characters too."""
    return json.dumps(value).encode()


def page_of(field: Field) -> str:
    return f"page-of-{field.place}-{field.name}"


@of_events
def test_a_wrong_value_costs_its_event_and_no_neighbour(send: Send, stored: Stored, place: str) -> None:
    expected = []
    for field in fields(place):
        bad = [field.event(1000 + number, value) for number, value in enumerate(wrong(field))]
        if field.required:
            bad.append({name: value for name, value in click(1999).items() if name != field.name})
        good = [click(number) for number in range(len(bad) + 1)]
        # Each between two good ones.
        events = [good[0], *(event for pair in zip(bad, good[1:], strict=True) for event in pair)]
        answer = send(batch(*events, page=page_of(field)))
        assert (field, answer.status, answer.body["accepted"]) == (field, 200, len(good))
        told = {rejected["index"]: rejected["code"] for rejected in answer.body["rejected"]}
        assert (field, list(told)) == (field, list(range(1, 2 * len(bad), 2)))
        assert set(told.values()) <= {"invalid_field", "unknown_type"}
        expected += [(page_of(field), event["n"]) for event in good]
    assert sorted(stored("page_id", "n")) == sorted(expected)


@of_events
def test_an_extreme_value_is_stored(send: Send, stored: Stored, place: str) -> None:
    expected = []
    for field in fields(place):
        values = list(extreme(field))
        events = [field.event(number, value) for number, value in enumerate(values)]
        answer = send(escaped(batch(*events, page=page_of(field))))
        assert (field, answer.status, answer.body) == (field, 200, {"accepted": len(values), "rejected": []})
        expected += [(page_of(field), event["n"]) for event in events]
    assert sorted(stored("page_id", "n")) == sorted(expected)


@of_batches
def test_a_wrong_value_of_a_batch_refuses_it(send: Send, stored: Stored, place: str) -> None:
    for field in fields(place):
        for value in wrong(field):
            answer = send(field.batch(value))
            assert (field, value, answer.status) == (field, value, 400)
            assert answer.body["error"]["code"] in {"invalid_batch", "unsupported_version"}
        if field.required:
            assert send({name: value for name, value in batch().items() if name != field.name}).status == 400
    assert stored("n") == []


@of_batches
def test_an_extreme_value_of_a_batch_is_stored(send: Send, stored: Stored, place: str) -> None:
    number = 0
    for field in fields(place):
        for value in extreme(field):
            answer = send(escaped({**batch(page="page-view-0002"), **field.batch(value), "events": [click(number)]}))
            assert (field, value, answer.body) == (field, value, {"accepted": 1, "rejected": []})
            number += 1
    assert sorted(stored("n")) == [(n,) for n in range(number)]


@pytest.mark.parametrize("years", [-200, -10, -1, 1, 10, 300])
@pytest.mark.parametrize("clock", ["the page's origin", "the time of sending", "both"])
def test_events_years_away_are_stored_and_marked_where_no_rule_may_see_them(
    send: Send, stored: Stored, years: int, clock: str
) -> None:
    away = years * YEAR
    fields = batch()
    if clock != "the time of sending":
        fields["origin"] += away
    if clock != "the page's origin":
        fields["sentMono"] += away
        fields["sentWall"] += away
    assert send(fields).body == {"accepted": 1, "rejected": []}
    [(evaluable, flags, milliseconds)] = stored("evaluable", "flags", "toUnixTimestamp64Milli(ts)")
    assert evaluable == (not {"too_old", "too_new"} & set(flags))
    # Whatever clock is wrong, an event that rules see is one of the last days.
    assert not evaluable or now_ms() - 7.1 * 86_400_000 < milliseconds < now_ms() + 400_000


def test_what_is_hostile_survives_the_spool(
    send: Send, stored: Stored, away: Callable[[], AbstractContextManager[None]]
) -> None:
    texts = [(index, text) for index, text in enumerate(TEXTS)]
    sent = batch(
        *(click(n, type="error", message=text, el={"sel": text, "label": text}) for n, text in texts),
        ctx={"release": TEXTS[2], "user": TEXTS[17]},
    )
    assert send(escaped(sent)).body["accepted"] == len(TEXTS)
    direct = stored("* EXCEPT stored_at")
    with away():
        assert send(escaped({**sent, "page": "page-view-0002"})).body["accepted"] == len(TEXTS)
    assert spool.drain(seconds=30) == len(TEXTS)
    by_page = stored("* EXCEPT (stored_at, page_id)")
    assert len(direct) == len(TEXTS)
    assert by_page[: len(TEXTS)] == by_page[len(TEXTS) :]
