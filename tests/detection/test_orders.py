"""One hash over all signals and breached windows, however the events of an hour arrived.

Every run lives in projects of its own, so that one tick detects for many; what differs between runs is when each event
arrives (up to 30 min late), how often, and beside which others. The large run:
`IRK_ORDER_RUNS=1000 pytest tests/detection/test_orders.py`.
"""

import os
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import astuple, replace
from hashlib import sha256
from random import Random

import pytest

from apps.clickhouse import client
from apps.detection.catalog import DEFINITIONS
from apps.detection.detecting import detect
from apps.detection.interactions import Event
from apps.detection.signal import Signal
from apps.thresholds.evaluation import Rule
from apps.thresholds.matching import Traits, counts, group_of
from apps.thresholds.windows import GRID_MS, Point, cell_of, ends_holding, slide
from tests.conftest import NOW_MS
from tests.detection import generated
from tests.detection.sessions import ORIGIN_MS, standing_signals, store
from tests.factories.rules import make_rule
from tests.thresholds.breaches import breached_spans

pytestmark = [pytest.mark.usefixtures("clickhouse"), pytest.mark.timeout(7200)]

RUNS = int(os.environ.get("IRK_ORDER_RUNS", "20"))
# Runs detected together.
AT_ONCE = 50
PROJECTS = (1, 2)
SESSIONS = 30
MINUTE_MS = 60_000
HOUR_MS = 60 * MINUTE_MS
LATEST_MS = 30 * MINUTE_MS
# When the hour begins; the events of a generated session lie some minutes around ORIGIN_MS.
BEGIN_MS = NOW_MS - 3 * HOUR_MS
KINDS = tuple(sorted(definition.name for definition in DEFINITIONS))


RULES = (
    make_rule(signals=KINDS, group_by="nothing", window_ms=5 * MINUTE_MS, at_least=3),
    make_rule(signals=KINDS, group_by="route", window_ms=10 * MINUTE_MS, at_least=5),
    make_rule(signals=KINDS, group_by="route_element", window_ms=15 * MINUTE_MS, at_least=2),
)


def test_every_order_of_arrival_ends_in_the_same_signals_and_breached_windows() -> None:
    hour = list(_hour(Random(1)))
    expected = _hashes([hour], Random(2), lateness=False)
    assert len(expected) == 1
    seen: dict[str, list[int]] = defaultdict(list)
    for first in range(0, RUNS, AT_ONCE):
        runs = min(AT_ONCE, RUNS - first)
        random = Random(1000 + first)
        for number, digest in enumerate(_hashes([hour] * runs, random, lateness=True), start=first):
            seen[digest].append(number)
    assert seen.keys() == set(expected), f"Runs that ended otherwise: {sorted(seen.values())[:3]}"


def _hour(random: Random) -> Iterator[Event]:
    """One copy of each event of an hour. (What differs between copies is for the one stored first to say.)"""
    for number in range(SESSIONS):
        shift_ms = BEGIN_MS - ORIGIN_MS + random.randrange(HOUR_MS)
        session = generated.session(random, project_id=PROJECTS[number % 2], session_id=f"session-{number}")
        single = {(event.page_id, event.n): event for event in session if event.evaluable}
        yield from (replace(event, ts_ms=event.ts_ms + shift_ms) for event in single.values())


def _hashes(runs: Sequence[Sequence[Event]], random: Random, *, lateness: bool) -> list[str]:
    """The hash of each run, after ticks at random times that all runs share."""
    for table in ("events", "signals", "signal_history"):
        client.command(f"TRUNCATE TABLE {table}")
    events = [
        replace(event, project_id=number * 10 + event.project_id, stored_at_ms=stored_at_ms)
        for number, run in enumerate(runs)
        for event in run
        for stored_at_ms in _arrivals(event, random, lateness=lateness)
    ]
    random.shuffle(events)
    store(events)
    since_ms = min(event.stored_at_ms for event in events) // GRID_MS * GRID_MS
    end_ms = max(event.stored_at_ms for event in events) + GRID_MS
    while since_ms < end_ms:
        until_ms = since_ms + random.choice((1, 6, 60, 90)) * GRID_MS
        detect(shard=0, shards=1, arrived_from_ms=since_ms, arrived_to_ms=until_ms, as_of_ms=until_ms)
        since_ms = until_ms
    found: dict[int, list[Signal]] = defaultdict(list)
    for signal in standing_signals():
        number, project_id = divmod(signal.project_id, 10)
        found[number].append(replace(signal, project_id=project_id))
    return [_hash(found[number]) for number in range(len(runs))]


def _arrivals(event: Event, random: Random, *, lateness: bool) -> list[int]:
    """When the copies of an event are stored, in ms."""
    if not lateness:
        return [event.ts_ms + 1000]
    return [
        event.ts_ms + random.randrange(random.choice((5_000, 5_000, 60_000, LATEST_MS)))
        for _ in range(random.choice((1, 1, 2, 3)))
    ]


def _hash(signals: Sequence[Signal]) -> str:
    in_order = sorted(signals, key=lambda signal: (signal.project_id, signal.signal_id))
    assert in_order
    windows = [_breached(rule, in_order) for rule in RULES]
    assert any(windows)
    return sha256(repr((list(map(astuple, in_order)), windows)).encode()).hexdigest()


def _breached(rule: Rule, signals: Sequence[Signal]) -> list[tuple[object, ...]]:
    """(project, group, first and last end) of every stretch of breached windows."""
    groups: dict[tuple[object, ...], list[Point]] = defaultdict(list)
    for signal in signals:
        traits = Traits(
            signal.kind, signal.route, signal.element, signal.environment, signal.release, signal.device
        )  # fmt: skip
        if counts(rule, traits):
            point = Point(cell_of(signal.ts_ms), signal.kind, signal.session_id, signal.user_id, 1, signal.count)
            groups[signal.project_id, group_of(rule, traits)].append(point)
    return [
        (*key, *span)
        for key, points in sorted(groups.items(), key=repr)
        for span in breached_spans(
            rule,
            slide(
                points,
                window_ms=rule.window_ms,
                ends=[ends_holding(point.cell_ms, rule.window_ms) for point in points],
            ),
        )
    ]
