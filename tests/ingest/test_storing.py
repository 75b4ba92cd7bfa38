"""What a 200 means: the rows are there, exactly."""

import gzip
import json
import random
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from apps.clickhouse import client
from apps.events.store import FIRST_COPY
from tests.factories import Cast
from tests.ingest.batches import EVERY_TYPE, batch, click, encoded, now_ms, zipped
from tests.ingest.conftest import Send

Stored = Callable[..., list[tuple[Any, ...]]]

# How readers are told to count an event once (apps/events/store.py).
READ_ONCE = f"""
SELECT n, x
FROM (
    SELECT * FROM events
    ORDER BY {FIRST_COPY}
    LIMIT 1 BY project_id, page_id, n
)
ORDER BY n
"""  # noqa: S608 a constant of ours


def test_a_batch_that_was_answered_with_200_is_stored(send: Send, stored: Stored) -> None:
    answer = send(batch(click(1), click(2)))
    assert (answer.status, answer.body) == (200, {"accepted": 2, "rejected": []})
    assert stored("n") == [(1,), (2,)]


def test_every_column_of_a_click_reads_back_as_sent(send: Send, stored: Stored, cast: Cast) -> None:
    cast.project.retention_days = 30
    cast.project.save()
    sent = batch(click(31, t=4801.7, mods="alt"))
    assert send(sent).status == 200
    moment = datetime.fromtimestamp((sent["origin"] + 4801) / 1000, UTC)
    columns = {
        "project_id": cast.project.pk,
        "session_id": "session-0001",
        "page_id": "page-view-0001",
        "n": 31,
        "t": 4801,
        "client_ts": moment,
        "ts": moment,
        "flags": [],
        "evaluable": True,
        "type": "click",
        "route": "/checkout",
        "environment": "production",
        "release": "2026.11.2",
        "device": "desktop",
        "user_id": "user-7",
        "element": "button[data-testid=pay]",
        "element_role": "button",
        "element_label": "Pay now",
        "element_kind": "",
        "clickable": True,
        "x": 712,
        "y": 480,
        "answers": {"req": 38},
        "background_rate": 0.5,
        "observed_ms": 2500,
        "subtype": "",
        "status": None,
        "duration_ms": 0,
        "error_group": "",
        "message": "",
        "form": "",
        "facts": '{"detail":1,"mods":"alt","ptr":"mouse","button":0}',
        "retention_days": 30,
    }
    assert [dict(zip(columns, row, strict=True)) for row in stored(*columns)] == [columns]


def test_every_type_puts_its_fields_where_the_schema_says(send: Send, stored: Stored) -> None:
    assert send(batch(*EVERY_TYPE)).body == {"accepted": 15, "rejected": []}
    assert stored("type", "subtype", "status", "duration_ms", "error_group", "message", "form") == [
        ("page", "push", 500, 0, "", "/", ""),
        ("click", "", None, 0, "", "", ""),
        ("submit", "submit", 422, 0, "", "", "form#coupon"),
        ("field", "", None, 5200, "", "", "form#coupon"),
        ("error", "rejection", None, 0, "a1b2c3", "x is undefined", ""),
        ("request", "POST", 0, 800, "POST /pay/:id 0", "/pay/:id", ""),
        ("leave", "reload", None, 4400, "", "", ""),
        ("track", "upgrade", None, 0, "", "", ""),
        ("return", "", None, 2000, "", "", ""),
        ("scroll", "", None, 300, "", "", ""),
        ("pointer", "", None, 2600, "", "", ""),
        ("zoom", "", None, 0, "", "", ""),
        ("copy", "", None, 0, "", "", ""),
        ("interaction", "pointer", None, 640, "", "", ""),
        ("click", "", None, 0, "", "", ""),
    ]
    facts = {row[0]: json.loads(row[1]) for row in stored("type", "facts")}
    assert facts["page"] == {"viewport": [1440.0, 900.0], "lang": "en", "sdk": "0.1.0"}
    assert facts["field"] == {"edits": 7, "clears": 2}
    assert facts["error"] == {"source": "/static/app.js"}


def test_what_rules_read_of_the_facts_is_a_column(send: Send, stored: Stored) -> None:
    send(batch(*EVERY_TYPE))
    columns = "edits, clears, turns, distance_px, shift_px, shift_ago_ms, scale, age_ms"
    numbers = {(row[0], row[1]): row[2:] for row in stored("type", "n", columns)}
    nothing = (0, 0, 0, 0, 0, 0, 0, None)
    told = {
        ("field", 3): (7, 2, 0, 0, 0, 0, 0, None),
        ("scroll", 9): (0, 0, 0, -640, 0, 0, 0, None),
        ("pointer", 10): (0, 0, 12, 900, 0, 0, 0, None),
        ("zoom", 11): (0, 0, 0, 0, 0, 0, 250, None),
        ("copy", 12): (0, 0, 0, 0, 0, 0, 0, 4000),
        ("click", 14): (0, 0, 0, 0, 44, 120, 0, None),
    }
    assert numbers == {key: told.get(key, nothing) for key in numbers}
    assert told.keys() < numbers.keys()


def test_errors_without_a_group_are_the_same_if_they_say_the_same_in_the_same_script(
    send: Send, stored: Stored
) -> None:
    error = {"t": 1, "type": "error", "kind": "error", "message": "Error: empty", "source": "/app.js"}
    variants: list[dict[str, object]] = [
        {},
        {"kind": "rejection"},
        {"message": "Error: full"},
        {"source": "/other.js"},
        {"message": None, "source": None},
    ]
    send(batch(*({**error, "n": n, **variant} for n, variant in enumerate(variants))))
    groups = [group for (group,) in stored("error_group")]
    assert groups[0] == groups[1] == "910cdbd1cc988334"
    assert len(set(groups)) == 4


def test_an_error_has_the_same_group_in_the_next_build(send: Send, stored: Stored) -> None:
    builds = ["/assets/index-DfziA8ce.js", "/assets/index-Bq0-xzyw.js", "/assets/main.3f2a1b9c.chunk.js", "/assets/:id"]
    others = ["/assets/index.js", "/other/index-DfziA8ce.js", "/assets/vendors-main.js", "/assets/date-picker.js"]
    error = {"t": 1, "type": "error", "kind": "error", "message": "Error: empty"}
    send(batch(*({**error, "n": n, "source": source} for n, source in enumerate(builds + others))))
    groups = [group for (group,) in stored("error_group")]
    assert len(set(groups[: len(builds)])) == 1
    assert len(set(groups)) == 1 + len(others)


def test_absent_fields_and_nulls_are_stored_alike(send: Send, stored: Stored) -> None:
    bare = {"n": 1, "t": 0, "type": "click"}
    nulls = {name: None for name in click() if name not in bare}
    send(batch(bare, {**bare, "n": 2, **nulls, "after": {"mut": None}}, ctx=None))
    everything = "* EXCEPT (n, stored_at)"
    rows = stored(everything)
    assert len(rows) == 2
    assert rows[0] == rows[1]


def test_gzip_is_told_by_its_header_or_by_its_first_bytes(send: Send, stored: Stored) -> None:
    assert send(zipped(batch(click(1)))).status == 200
    assert send(zipped(batch(click(2))), headers={"Content-Encoding": "gzip"}).status == 200
    half = len(body := encoded(batch(click(3)))) // 2
    assert send(gzip.compress(body[:half]) + gzip.compress(body[half:])).status == 200
    assert stored("n") == [(1,), (2,), (3,)]


def test_a_batch_sent_thrice_and_regrouped_leaves_each_event_readable_once(send: Send, stored: Stored) -> None:
    events = [click(n, x=n) for n in range(1, 21)]
    head = batch()
    for _ in range(3):
        assert send({**head, "events": events}).status == 200
    shuffled = random.Random(7).sample(events, len(events))
    for start in range(0, len(shuffled), 3):
        regrouped = {**head, "events": shuffled[start : start + 3], "sentMono": 5100, "try": 1}
        assert send(regrouped).status == 200
    assert len(stored("n")) == 80
    assert client.query(READ_ONCE) == [(n, n) for n in range(1, 21)]


def test_of_two_copies_in_one_batch_the_first_is_stored(send: Send, stored: Stored) -> None:
    answer = send(batch(click(1, x=10), click(2), click(1, x=99)))
    assert answer.body == {"accepted": 3, "rejected": []}
    assert stored("n", "x") == [(1, 10), (2, 712)]


def test_the_server_stamps_arrival_by_its_own_clock(send: Send, stored: Stored) -> None:
    before = now_ms()
    send(batch(origin=now_ms() - 10 * 365 * 86_400_000))
    after = now_ms()
    [(arrived,)] = stored("toUnixTimestamp64Milli(stored_at)")
    assert before <= arrived <= after
