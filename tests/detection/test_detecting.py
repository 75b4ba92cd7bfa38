"""A tick: what it writes, what a second run adds, and what late, repeated and disordered events change."""

from dataclasses import replace
from random import Random
from typing import Any

import pytest

from apps.clickhouse import client
from apps.detection import store as signal_store
from apps.detection.changes import changes
from apps.detection.detecting import detect
from apps.detection.interactions import Event
from apps.detection.signal import Signal
from tests.conftest import NOW_MS
from tests.detection import generated
from tests.detection.sessions import click, event, signal_row_count, standing_signals, store, submit, tick

pytestmark = pytest.mark.usefixtures("clickhouse")

TICK_MS = 10_000


def arrived(events: list[Event], stored_at_ms: int) -> list[Event]:
    """`events` as stored at `stored_at_ms`."""
    return [replace(event, stored_at_ms=stored_at_ms) for event in events]


def test_a_tick_finds_the_signals_of_every_project_of_its_shard_and_of_no_other() -> None:
    for project_id in (1, 2, 3, 4):
        store(click(n, n * 100, project_id=project_id) for n in range(3))
    detect(shard=1, shards=2, arrived_from_ms=NOW_MS - 3_600_000, arrived_to_ms=NOW_MS, as_of_ms=NOW_MS)
    assert {signal.project_id for signal in standing_signals("rage_click")} == {1, 3}
    detect(shard=0, shards=2, arrived_from_ms=NOW_MS - 3_600_000, arrived_to_ms=NOW_MS, as_of_ms=NOW_MS)
    assert {signal.project_id for signal in standing_signals("rage_click")} == {1, 2, 3, 4}


def test_a_session_without_new_events_is_left_alone_where_another_project_s_has_its_name() -> None:
    store(arrived([click(n, n * 100, project_id=2) for n in range(3)], NOW_MS - 2 * TICK_MS))
    store(arrived([click(n, n * 100, project_id=1) for n in range(3)], NOW_MS - TICK_MS))
    tick(since_ms=NOW_MS - TICK_MS, until_ms=NOW_MS)
    assert {signal.project_id for signal in standing_signals("rage_click")} == {1}


def test_a_tick_without_new_events_writes_nothing() -> None:
    store(arrived([click(n, n * 100) for n in range(3)], NOW_MS))
    assert tick(until_ms=NOW_MS) == 0
    assert signal_row_count() == 0


def test_events_that_are_not_evaluable_make_no_signal() -> None:
    store(click(n, n * 100, evaluable=False) for n in range(3))
    assert tick() == 0


def test_a_tick_run_twice_writes_once() -> None:
    store(click(n, n * 100) for n in range(3))
    assert tick() == 4
    assert tick() == 0
    assert signal_row_count() == 4


def test_a_tick_that_died_midway_writes_the_rest_under_its_own_version() -> None:
    store(click(n, n * 100) for n in range(3))
    tick()
    whole = standing_signals()
    client.command("TRUNCATE TABLE signals")
    scope = signal_store.find_scope(shard=0, shards=1, arrived_from_ms=NOW_MS - 3_600_000, arrived_to_ms=NOW_MS)
    assert scope is not None
    some = [signal for signal in whole if signal.kind == "rage_click"]
    signal_store.write_signals(changes(stored=[], computed=some), as_of_ms=NOW_MS)

    assert tick() == 3
    assert standing_signals() == whole
    assert client.query("SELECT DISTINCT version FROM signals") == [(NOW_MS,)]


def test_a_burst_that_grows_over_ticks_stays_one_signal() -> None:
    clicks = [click(n, n * 300) for n in range(6)]
    store(arrived(clicks[:3], NOW_MS - 2 * TICK_MS))
    store(arrived(clicks[3:], NOW_MS - TICK_MS))
    tick(since_ms=NOW_MS - 2 * TICK_MS, until_ms=NOW_MS - TICK_MS)
    (first,) = standing_signals("rage_click")
    tick(since_ms=NOW_MS - TICK_MS, until_ms=NOW_MS)
    (second,) = standing_signals("rage_click")
    assert (first.count, second.count) == (3, 6)
    assert first.signal_id == second.signal_id
    assert first.ts_ms == second.ts_ms


def test_a_tick_does_not_see_what_arrived_after_it() -> None:
    clicks = [click(n, n * 300) for n in range(6)]
    store(arrived(clicks[:3], NOW_MS - 2 * TICK_MS))
    store(arrived(clicks[3:], NOW_MS - TICK_MS))
    tick(since_ms=NOW_MS - 2 * TICK_MS, until_ms=NOW_MS - TICK_MS)
    assert [signal.count for signal in standing_signals("rage_click")] == [3]


def test_a_late_event_that_contradicts_a_signal_retracts_it() -> None:
    refused = [submit(1, 0), submit(3, 2000), submit(5, 4000)]
    store(arrived(refused, NOW_MS - 2 * TICK_MS))
    tick(since_ms=NOW_MS - 2 * TICK_MS, until_ms=NOW_MS - TICK_MS)
    assert len(standing_signals("form_retry")) == 1

    store(arrived([submit(4, 3000, status=200)], NOW_MS - TICK_MS))
    assert tick(since_ms=NOW_MS - TICK_MS, until_ms=NOW_MS) == 1
    assert standing_signals("form_retry") == set()
    assert client.query("SELECT version, retracted FROM signals ORDER BY version") == [
        (NOW_MS - TICK_MS, False),
        (NOW_MS, True),
    ]
    assert tick(since_ms=NOW_MS - TICK_MS, until_ms=NOW_MS) == 0


def test_a_retracted_signal_can_come_back() -> None:
    contradicted = [submit(1, 0), submit(2, 1000), submit(3, 2000, status=200), submit(4, 3000)]
    store(arrived([contradicted[n] for n in (0, 1, 3)], NOW_MS - 3 * TICK_MS))
    tick(since_ms=NOW_MS - 3 * TICK_MS, until_ms=NOW_MS - 2 * TICK_MS)
    (before,) = standing_signals()
    store(arrived([contradicted[2]], NOW_MS - 2 * TICK_MS))
    tick(since_ms=NOW_MS - 2 * TICK_MS, until_ms=NOW_MS - TICK_MS)
    assert standing_signals() == set()
    store(arrived([submit(0, 500)], NOW_MS - TICK_MS))
    tick(since_ms=NOW_MS - TICK_MS, until_ms=NOW_MS)
    (after,) = standing_signals()
    assert after.signal_id == before.signal_id
    assert after.events == (("page-1", 1), ("page-1", 0), ("page-1", 2))


def test_a_late_first_click_gives_the_burst_a_new_id_and_retracts_the_old_one() -> None:
    store(arrived([click(n, n * 300) for n in range(1, 4)], NOW_MS - 2 * TICK_MS))
    tick(since_ms=NOW_MS - 2 * TICK_MS, until_ms=NOW_MS - TICK_MS)
    store(arrived([click(0, 0)], NOW_MS - TICK_MS))
    tick(since_ms=NOW_MS - TICK_MS, until_ms=NOW_MS)
    assert [(signal.n, signal.count) for signal in standing_signals("rage_click")] == [(0, 4)]


def test_of_a_repeated_event_the_copy_stored_first_counts() -> None:
    dead = click(1, 0, stored_at_ms=NOW_MS - 2000)
    store([replace(dead, answers={"mut": 5}, stored_at_ms=NOW_MS - 1000), dead])
    tick()
    assert len(standing_signals("dead_click")) == 1
    # Also when the first copy says that it is another kind of event.
    store([event(2, 0, "leave", stored_at_ms=NOW_MS - 2000), click(2, 0, stored_at_ms=NOW_MS - 1000)])
    tick()
    assert [signal.n for signal in standing_signals("dead_click")] == [1]


@pytest.mark.parametrize(
    "told",
    [
        {"answers": {"mut": 5}},
        {"clickable": False},
        {"element_kind": "label"},
        {"element_label": "Abort"},
        {"route": "/cart"},
        {"user_id": "user-2"},
    ],
)
def test_of_copies_stored_in_the_same_millisecond_the_same_one_counts_in_whatever_order_they_lie(
    told: dict[str, Any],
) -> None:
    for project_id in (1, 2):
        copies = [click(1, 0, project_id=project_id), replace(click(1, 0, project_id=project_id), **told)]
        # Each is an insert of its own, so that nothing but the read puts them in order.
        for copy in copies if project_id == 1 else reversed(copies):
            store([copy])
    tick()
    found = [replace(signal, project_id=1) for signal in standing_signals("dead_click")]
    assert len(found) in {0, 2}
    assert len(set(found)) <= 1


def test_a_session_over_midnight_is_one_session() -> None:
    midnight_ms = NOW_MS - 12 * 3_600_000
    clicks = [click(n, n * 300, origin_ms=midnight_ms - 450) for n in range(4)]
    store([replace(each, stored_at_ms=each.ts_ms) for each in clicks])
    tick(since_ms=midnight_ms, until_ms=midnight_ms + TICK_MS)
    assert [signal.count for signal in standing_signals("rage_click")] == [4]


def test_signals_of_a_session_older_than_a_day_are_left_as_they_are() -> None:
    old_ms = NOW_MS - 30 * 3_600_000
    store([replace(click(n, n * 300, origin_ms=old_ms), stored_at_ms=old_ms) for n in range(3)])
    tick(since_ms=old_ms, until_ms=old_ms + TICK_MS)
    before = standing_signals()
    assert len(before) == 4
    # The session goes on for longer than it may: its beginning is no longer read, and nothing is concluded from that.
    store(arrived([event(9, 30 * 3_600_000, "leave", origin_ms=old_ms)], NOW_MS - TICK_MS))
    assert tick(since_ms=NOW_MS - TICK_MS, until_ms=NOW_MS) == 0
    assert standing_signals() == before


def test_each_project_is_measured_by_its_own_parameters() -> None:
    for project_id in (1, 2):
        store(click(n, n * 100, project_id=project_id) for n in range(3))
    tick(overrides={"rage_click": {2: {"min_clicks": 4}}, "dead_click": {1: {"excluded_kinds": ("",)}}})
    assert {signal.project_id for signal in standing_signals("rage_click")} == {1}
    assert {signal.project_id for signal in standing_signals("dead_click")} == {2}


@pytest.mark.parametrize("seed", range(3))
def test_arrival_in_any_order_batching_and_repetition_gives_the_same_signals(seed: int) -> None:
    random = Random(seed)
    events = [
        event
        for number in range(60)
        for event in generated.session(random, project_id=number % 3 + 1, session_id=f"session-{number}")
        if event.evaluable
    ]
    # One copy of each: what differs between copies is for the one stored first to say, and that is arrival.
    events = list({(e.project_id, e.session_id, e.page_id, e.n): e for e in events}.values())
    store(arrived(events, NOW_MS - 1000))
    tick()
    at_once = standing_signals()
    assert at_once

    for table in ("events", "signals"):
        client.command(f"TRUNCATE TABLE {table}")
    thrice = events * 3
    random.shuffle(thrice)
    ticks = 6
    for number in range(ticks):
        until_ms = NOW_MS - (ticks - 1 - number) * TICK_MS
        store(arrived(thrice[number::ticks], until_ms - 5000))
        tick(since_ms=until_ms - TICK_MS, until_ms=until_ms)
    assert standing_signals() == at_once


def test_the_difference_is_empty_for_what_stands_and_for_what_is_gone_already() -> None:
    store(click(n, n * 100) for n in range(3))
    tick()
    standing: list[Signal] = list(standing_signals())
    written = changes(stored=[], computed=standing)
    assert [change.retracted for change in written] == [False] * 4
    assert changes(stored=written, computed=standing) == []
    gone = changes(stored=written, computed=[])
    assert [change.retracted for change in gone] == [True] * 4
    assert changes(stored=gone, computed=[]) == []
    assert changes(stored=gone, computed=standing) == written
