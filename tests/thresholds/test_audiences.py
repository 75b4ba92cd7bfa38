"""Who was there at all: the real store against counting every window anew."""

from dataclasses import replace
from random import Random

import pytest

from apps.core.clock import to_ms
from apps.detection.detecting import detect
from apps.detection.patterns import matches
from apps.thresholds import audiences
from apps.thresholds.audiences import LatePresences, Wanted
from apps.thresholds.exposure import LATE_AFTER_MS, Audience, Exposure
from apps.thresholds.windows import GRID_MS, Ends, slide
from tests import conftest
from tests.factories import EventRow, PresenceRow, store_events, store_presences

NOW = to_ms(conftest.NOW)
MINUTE = 60_000
CHECKOUT = Audience(1, "/checkout", "", "", "", "")
EVERYWHERE = Audience(1, None, "", "", "", "")

pytestmark = pytest.mark.usefixtures("clickhouse")


def wanted(audience: Audience, *, window_ms: int = MINUTE, from_ms: int = NOW - 60 * MINUTE) -> Wanted:
    return Wanted(audience, [(from_ms, NOW)], window_ms)


def sessions_at(exposure: Exposure, end_ms: int, *, window_ms: int = MINUTE, as_of_ms: int = NOW) -> int:
    steps = exposure.steps(window_ms=window_ms, first_ms=end_ms, last_ms=end_ms, as_of_ms=as_of_ms)
    (span,) = slide([], window_ms=window_ms, ends=[Ends(end_ms, end_ms)], steps=steps)
    return span.measure.exposed


def random_presences(random: Random) -> list[PresenceRow]:
    """Sessions that come and go on four pages of two projects, some of them known late, some written twice."""
    rows = []
    for _ in range(300):
        cell_ms = NOW - random.randrange(1, 180) * GRID_MS
        row = PresenceRow(
            random.choice([1, 1, 2]),
            cell_ms,
            cell_ms + random.choice([20_000, 20_000, 20_000, LATE_AFTER_MS, LATE_AFTER_MS + GRID_MS, 20 * MINUTE]),
            session_id=f"s{random.randrange(25)}",
            route=random.choice(["/checkout", "/cart", "/check_out", "/new\nline*"]),
            environment=random.choice(["production", "staging"]),
            release=random.choice(["", "1"]),
            device=random.choice(["desktop", "mobile"]),
        )
        rows += [row, replace(row, known_ms=row.known_ms + MINUTE)] if random.random() < 0.1 else [row]
    return rows


@pytest.mark.parametrize("seed", range(3))
def test_every_window_of_every_audience_has_the_sessions_that_counting_it_anew_gives(seed: int) -> None:
    random = Random(seed)
    rows = random_presences(random)
    store_presences(rows)
    asked = {
        (audience, window_ms): wanted(audience, window_ms=window_ms)
        for audience in [
            CHECKOUT,
            EVERYWHERE,
            Audience(2, None, "*", "", "", ""),
            Audience(1, None, "/check*", "production", "", ""),
            Audience(1, None, "/check_out", "", "1", "mobile"),
            Audience(1, "/new\nline*", "", "", "", ""),
            Audience(3, None, "", "", "", ""),
        ]
        for window_ms in (MINUTE, 10 * MINUTE)
    }

    def counted(audience: Audience, window_ms: int, end_ms: int, as_of_ms: int) -> int:
        return len(
            {
                row.session_id
                for row in rows
                if row.project_id == audience.project_id
                and audience.holds(route=row.route, environment=row.environment, release=row.release, device=row.device)
                and end_ms - window_ms <= row.cell_ms < end_ms
                and row.known_ms <= as_of_ms
            }
        )

    history = audiences.exposure_history(asked, until_ms=NOW)
    for as_of_ms in (NOW, NOW - 13 * MINUTE):
        now = audiences.exposures(asked, as_of_ms=as_of_ms)
        for (audience, window_ms), found in now.items():
            for end_ms in range(NOW - 32 * MINUTE, as_of_ms - LATE_AFTER_MS, 7 * GRID_MS):
                expected = counted(audience, window_ms, end_ms, as_of_ms)
                place = {"window_ms": window_ms, "as_of_ms": as_of_ms}
                assert sessions_at(found, end_ms, **place) == expected, (audience, place)
                # A backtest reads once, and answers for every tick.
                assert sessions_at(history[audience, window_ms], end_ms, **place) == expected, (audience, place)


@pytest.mark.parametrize("pattern", ["", "*", "/a*", "*/b", "/a_c", "/a%c", "/a\\*", "/a*c*", "a", "/a\\_"])
def test_patterns_mean_in_the_store_what_they_mean_in_the_rules(pattern: str) -> None:
    routes = ["/a", "/abc", "/a_c", "/a%c", "/a\\x", "/x/b", "a", "", "/a\nc", "/a\\_", "/ABC", "/a'c"]
    store_presences(
        [PresenceRow(1, NOW - MINUTE, NOW, session_id=str(place), route=route) for place, route in enumerate(routes)]
    )
    audience = Audience(1, None, pattern, "", "", "")
    found = {seen.session_id for seen in audiences.seen(wanted(audience), as_of_ms=NOW)}
    assert {routes[int(place)] for place in found} == {route for route in routes if matches(pattern, route)}


def test_a_session_that_comes_back_leaves_in_between_and_counts_once() -> None:
    store_presences(
        [PresenceRow(1, NOW - minutes * MINUTE, NOW - minutes * MINUTE + 20_000) for minutes in (30, 29, 10)]
    )
    found = audiences.exposures({0: wanted(CHECKOUT)}, as_of_ms=NOW)[0]
    assert [sessions_at(found, NOW - minutes * MINUTE) for minutes in (30, 29, 28, 27, 10, 9, 8)] == [
        0, 1, 1, 0, 0, 1, 0,
    ]  # fmt: skip


def test_what_was_not_asked_for_in_time_is_left_out() -> None:
    store_presences([PresenceRow(1, NOW - MINUTE, NOW), PresenceRow(1, NOW - 2 * MINUTE, NOW, session_id="before")])
    asked = wanted(CHECKOUT, from_ms=NOW - MINUTE)
    assert [seen.session_id for seen in audiences.seen(asked, as_of_ms=NOW)] == ["session-1"]
    assert audiences.seen(asked, as_of_ms=NOW - GRID_MS) == []


def test_the_first_ticks_that_knew_of_sessions_come_in_order_each_session_once() -> None:
    store_presences(
        [
            PresenceRow(1, NOW - MINUTE, NOW - 20_000, session_id="b"),
            PresenceRow(1, NOW - MINUTE, NOW - 40_000, session_id="a"),
            PresenceRow(1, NOW - MINUTE + GRID_MS, NOW - 10_000, session_id="a"),
            PresenceRow(1, NOW - MINUTE, NOW, session_id="c"),
        ]
    )
    asked = {"here": wanted(CHECKOUT), "elsewhere": wanted(Audience(9, "/", "", "", "", ""))}
    assert audiences.first_seen(asked, until_ms=NOW, most=2) == {
        "here": [NOW - 40_000, NOW - 20_000],
        "elsewhere": [],
    }


def test_nothing_asked_is_nothing_read() -> None:
    assert audiences.exposures({}, as_of_ms=NOW) == {}
    assert audiences.late_this_tick([], as_of_ms=NOW, horizon_ms=0) == []


def event(at_ms: int, *, stored_ms: int, n: int = 1, **fields: object) -> EventRow:
    return replace(EventRow(1, ts_ms=at_ms, stored_ms=stored_ms, n=n), **fields)  # type: ignore[arg-type]


def tick(as_of_ms: int) -> None:
    detect(
        shard=0, shards=1, arrived_from_ms=as_of_ms - 13_000, arrived_to_ms=as_of_ms - 3_000, as_of_ms=as_of_ms
    )  # fmt: skip


def test_a_tick_writes_down_where_sessions_were_once_however_often_it_runs() -> None:
    at_ms = NOW - 8_000
    store_events(
        [
            event(at_ms, stored_ms=NOW - 5_000),
            event(at_ms + 500, stored_ms=NOW - 5_000, n=2),
            # The same event sent again, with another route: the copy stored first counts.
            event(at_ms, stored_ms=NOW - 4_000, route="/elsewhere"),
            event(at_ms + 900, stored_ms=NOW - 4_000, n=3, route="/cart"),
            # Never evaluated, so never counted.
            event(at_ms, stored_ms=NOW - 4_000, n=4, session_id="too-old", evaluable=False),
            event(at_ms, stored_ms=NOW + 1_000, n=5, session_id="later"),
        ]
    )
    tick(NOW)
    tick(NOW)
    tick(NOW + GRID_MS)
    cell_ms = at_ms - at_ms % GRID_MS
    assert [(s.session_id, s.cell_ms, s.known_ms) for s in audiences.seen(wanted(CHECKOUT), as_of_ms=NOW)] == [
        ("session-1", cell_ms, NOW)
    ]
    everybody = audiences.seen(wanted(EVERYWHERE), as_of_ms=NOW + GRID_MS)
    assert {(s.session_id, s.known_ms) for s in everybody} == {("session-1", NOW), ("later", NOW + GRID_MS)}


def test_a_presence_that_is_known_already_is_no_news_of_a_later_tick() -> None:
    at_ms = NOW - 5 * MINUTE
    store_events([event(at_ms, stored_ms=NOW - 5_000)])
    tick(NOW)
    store_events([event(at_ms + 100, stored_ms=NOW + 5_000, n=2), event(NOW, stored_ms=NOW + 5_000, n=3)])
    tick(NOW + GRID_MS)

    def late(as_of_ms: int) -> list[LatePresences]:
        return audiences.late_this_tick([1], as_of_ms=as_of_ms, horizon_ms=NOW - 60 * MINUTE)

    [found] = late(NOW)
    assert (found.cells, found.are_of(CHECKOUT), found.are_of(replace(CHECKOUT, device="mobile"))) == (
        (at_ms,), True, False,
    )  # fmt: skip
    # Its other event is on time.
    assert late(NOW + GRID_MS) == []
