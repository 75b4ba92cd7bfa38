"""A span ticked live, then backtested with the same threshold, gives the same incidents: ids, times, words, traces."""

from collections.abc import Iterator
from dataclasses import replace
from random import Random
from typing import Any

import pytest

from apps.backtests.backtest import Candidate, run
from apps.backtests.replay import Span
from apps.backtests.replayed import Replayed
from apps.clickhouse import client
from apps.core.clock import to_ms
from apps.incidents.judging import policy_of
from apps.incidents.models import Incident, Transition
from apps.projects.models import Project
from apps.thresholds.evaluation import from_json
from apps.thresholds.measuring import rule_of
from apps.thresholds.models import GroupBy, Metric, Threshold
from tests.conftest import HOUR, MINUTE, NOW_MS, SECOND
from tests.factories import (
    EventRow,
    PresenceRow,
    SignalRow,
    dead_clicks,
    make_threshold,
    store_events,
    store_presences,
    store_signals,
)
from tests.ticks import tick_at

SPAN = Span(first_ms=NOW_MS, last_ms=NOW_MS + 2 * HOUR)

pytestmark = [pytest.mark.usefixtures("clickhouse"), pytest.mark.django_db]


def candidate_of(threshold: Threshold) -> Candidate:
    version = threshold.current_version
    assert version is not None
    return Candidate(rule_of(version), policy_of(version))


def backtested(threshold: Threshold, span: Span = SPAN) -> list[Replayed]:
    report = run(project_id=threshold.project_id, now=None, then=candidate_of(threshold), span=span)
    return list(report.difference.opens)


def as_lived(threshold: Threshold) -> Iterator[tuple[object, ...]]:
    for incident in Incident.objects.filter(threshold=threshold).order_by("opened_at", "id"):
        yield (
            str(incident.id),
            incident.state,
            incident.sentence,
            incident.group,
            from_json(incident.opening),
            from_json(incident.peak),
            to_ms(incident.opened_at),
            to_ms(incident.breach_began_at),
            to_ms(incident.breached_until),
            to_ms(incident.resolved_at) if incident.resolved_at else None,
            incident.opened_late,
            incident.regressions,
            [(to_ms(step.at), step.to_state, step.reason) for step in incident.transitions.all()],
        )


def as_replayed(incidents: list[Replayed]) -> Iterator[tuple[object, ...]]:
    for incident in incidents:
        yield (
            str(incident.id),
            incident.state,
            incident.sentence,
            dict(incident.group),
            incident.opening,
            incident.peak,
            incident.opened_ms,
            incident.began_ms,
            incident.until_ms,
            incident.resolved_ms,
            incident.late,
            incident.regressions,
            [(step.at_ms, step.state, step.reason) for step in incident.steps],
        )


def two_hours_of_traffic(project_id: int, random: Random) -> list[EventRow]:
    """Bursts on two pages: some on time, some hours late, some from clocks that run ahead, some over a tick's edge."""
    rows: list[EventRow] = []
    for visitor in range(16):
        at_ms = SPAN.first_ms + random.randrange(5_000, 2 * HOUR - 45 * MINUTE)
        late_ms = random.choice([1_500, 1_500, 4_000, 20_000, 40 * MINUTE])
        ahead_ms = random.choice([0, 0, 0, 25_000])
        page, person = random.choice(["/a", "/b"]), random.choice(["", "ann", "ben"])
        for step, click in enumerate(
            dead_clicks(project_id, at_ms=at_ms, stored_ms=0, clicks=random.randrange(2, 9), session_id=f"v{visitor}")
        ):
            # The batch is cut somewhere: what follows arrives 11 s later, and the burst grows in a later tick.
            cut_ms = 11_000 if step >= 4 else 0
            stored_ms = max(click.ts_ms + late_ms, SPAN.first_ms) + cut_ms - ahead_ms
            rows.append(replace(click, route=page, user_id=person, stored_ms=stored_ms))
    return rows


@pytest.mark.parametrize(
    "asks",
    [
        {"group_by": GroupBy.ROUTE_AND_ELEMENT, "at_least": 1, "window_seconds": 60, "quiet_seconds": 60},
        {"group_by": GroupBy.ROUTE, "at_least": 2, "window_seconds": 900, "quiet_seconds": 300},
        {"group_by": GroupBy.NOTHING, "metric": Metric.SIGNALS, "at_least": 4, "window_seconds": 600},
        {"group_by": GroupBy.ELEMENT, "metric": Metric.USERS, "at_least": 2, "window_seconds": 1800},
    ],
)
def test_the_incidents_of_a_backtest_are_those_that_were_lived(project: Project, asks: dict[str, Any]) -> None:
    threshold = make_threshold(project, signals=("rage_click", "dead_click"), **asks)
    tick_at(SPAN.first_ms)
    store_events(two_hours_of_traffic(project.pk, Random(asks["window_seconds"])))
    # Catching up runs the very ticks that a live shard runs, and passes over those at which nothing happens.
    tick_at(SPAN.last_ms)
    # Merges drop the versions that later ticks replaced.
    client.command("OPTIMIZE TABLE signals FINAL")

    lived = list(as_lived(threshold))

    assert lived
    assert list(as_replayed(backtested(threshold))) == lived


def minutes_of_everybody(project_id: int, random: Random) -> list[EventRow]:
    """Many sessions that only look, some of which arrive late, and every now and then one that meets a dead button.

    They come in a few moments, so that the ticks between which nothing happens are many.
    """
    rows: list[EventRow] = []
    moments = [SPAN.first_ms + random.randrange(5_000, 10 * MINUTE) for _ in range(8)]
    for visitor in range(40):
        at_ms = random.choice(moments)
        stored_ms = max(at_ms + random.choice([4_000, 4_000, 4_000, 90_000, 5 * MINUTE]), SPAN.first_ms)
        page, device = random.choice(["/a", "/a", "/b"]), random.choice(["desktop", "desktop", "mobile"])
        looked = EventRow(
            project_id,
            ts_ms=at_ms,
            stored_ms=stored_ms,
            n=50,
            type="page",
            session_id=f"v{visitor}",
            page_id=f"p{visitor}",
        )
        rows += [
            replace(looked, route=page, device=device),
            replace(looked, route=page, device=device, n=51, ts_ms=at_ms + MINUTE, stored_ms=stored_ms + MINUTE),
        ]
        if random.random() < 0.4:
            clicks = dead_clicks(
                project_id, at_ms=at_ms + 3_000, stored_ms=stored_ms, clicks=random.randrange(2, 7),
                session_id=f"v{visitor}",
            )  # fmt: skip
            rows += [replace(click, route=page, device=device) for click in clicks]
    return rows


def any_threshold(random: Random) -> dict[str, Any]:
    """Numbers for every field, small enough that things happen within minutes."""
    window_seconds = random.choice([60, 120, 300])
    share = random.random() < 0.5
    among = random.choice([1, 1, 3, 12])
    compares = random.random() < 0.4
    return {
        "group_by": random.choice(list(GroupBy)),
        "metric": Metric.SHARE if share else random.choice([Metric.SIGNALS, Metric.SESSIONS, Metric.USERS]),
        "at_least": random.choice([200, 350, 500]) if share else random.choice([1, 2, 3]),
        "minimum_sessions": random.choice([1, 3]) if share else 1,
        "window_seconds": window_seconds,
        "factor_percent": random.choice([100, 150, 200]) if compares else 0,
        "earlier_seconds": window_seconds + random.choice([0, 60, 120]) if compares else 0,
        "breaches_among": among,
        "breaches_needed": random.randint(1, among),
        "quiet_seconds": random.choice([60, 120]),
        "minimum_exposure": random.choice([0, 0, 2, 6]),
    }


@pytest.mark.parametrize("seed", range(2))
def test_whatever_a_threshold_asks_a_backtest_gives_the_incidents_that_were_lived(project: Project, seed: int) -> None:
    random = Random(seed)
    threshold = make_threshold(project, signals=("rage_click", "dead_click"), **any_threshold(random))
    tick_at(SPAN.first_ms)
    store_events(minutes_of_everybody(project.pk, random))
    span = Span(first_ms=SPAN.first_ms, last_ms=SPAN.first_ms + 20 * MINUTE)
    tick_at(span.last_ms)
    client.command("OPTIMIZE TABLE presences FINAL")

    lived = list(as_lived(threshold))

    assert list(as_replayed(backtested(threshold, span))) == lived


def written_by_ticks(project_id: int, random: Random) -> dict[int, tuple[list[SignalRow], list[PresenceRow]]]:
    """By tick, what detection would have written: signals that come, grow and are taken back, and who was there."""
    written: dict[int, tuple[list[SignalRow], list[PresenceRow]]] = {
        NOW_MS + random.randrange(1, 90) * 10 * SECOND: ([], []) for _ in range(14)
    }
    ticks = sorted(written)
    for visitor in range(45):
        tick = random.choice(ticks)
        at_ms = tick - random.choice([12, 12, 12, 12, 70, 300, -20]) * SECOND
        who: dict[str, Any] = {
            "session_id": f"v{visitor}",
            "route": random.choice(["/a", "/a", "/b"]),
            "device": random.choice(["desktop", "desktop", "mobile"]),
        }
        cell_ms = at_ms - at_ms % (10 * SECOND)
        written[tick][1].append(PresenceRow(project_id, cell_ms, tick, **who))
        if random.random() < 0.5:
            signal = SignalRow(project_id, at_ms, tick, user_id=random.choice(["", "ann", "ben"]), **who)
            written[tick][0].append(signal)
            later = [each for each in ticks if each > tick]
            if later and random.random() < 0.2:
                changed = random.choice(later)
                retracted = random.random() < 0.7
                written[changed][0].append(replace(signal, version=changed, retracted=retracted, count=9))
    return written


@pytest.mark.parametrize("seed", range(12))
def test_ticks_that_write_whatever_they_write_are_replayed_exactly(project: Project, seed: int) -> None:
    random = Random(seed)
    threshold = make_threshold(project, **any_threshold(random))
    span = Span(first_ms=NOW_MS, last_ms=NOW_MS + 20 * MINUTE)
    tick_at(span.first_ms)
    for tick_ms, (signals, presences) in sorted(written_by_ticks(project.pk, random).items()):
        tick_at(tick_ms - 10 * SECOND)
        store_signals(signals)
        store_presences(presences)
        tick_at(tick_ms)
    tick_at(span.last_ms)

    lived = list(as_lived(threshold))

    assert list(as_replayed(backtested(threshold, span))) == lived


def test_a_signal_that_was_taken_back_opens_and_retracts_in_a_backtest_as_it_did(project: Project) -> None:
    threshold = make_threshold(project)
    tick_at(SPAN.first_ms)
    signal = SignalRow(project.pk, NOW_MS + MINUTE, NOW_MS + MINUTE + 10 * SECOND)
    for tick in (signal, replace(signal, version=NOW_MS + 5 * MINUTE, retracted=True)):
        store_signals([tick])
        tick_at(tick.version - 10 * SECOND)
        tick_at(tick.version)
    client.command("OPTIMIZE TABLE signals FINAL")

    lived = list(as_lived(threshold))

    assert list(Transition.objects.values_list("to_state", flat=True)) == ["open", "resolved"]
    assert list(as_replayed(backtested(threshold, Span(first_ms=NOW_MS, last_ms=NOW_MS + 5 * MINUTE)))) == lived


def test_a_backtest_that_begins_later_knows_what_the_first_windows_hold(project: Project) -> None:
    threshold = make_threshold(project, window_seconds=900)
    store_signals([SignalRow(project.pk, NOW_MS - 10 * MINUTE, NOW_MS - 9 * MINUTE)])

    [incident] = backtested(threshold)

    assert (incident.opened_ms, incident.began_ms) == (NOW_MS, NOW_MS)
    assert incident.until_ms == NOW_MS + 5 * MINUTE
