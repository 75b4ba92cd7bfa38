"""What is past its retention counts in a backtest as it did live: in no window, and it is no reason to look again."""

from dataclasses import replace
from random import Random

import pytest

from apps.backtests.replay import Span
from apps.incidents.models import Incident
from apps.projects.models import Project
from apps.thresholds.models import GroupBy, Metric
from tests.backtests.test_parity import as_lived, as_replayed, backtested
from tests.conftest import DAY, HOUR, NOW_MS, SECOND
from tests.factories import SignalRow, make_threshold, store_signals
from tests.ticks import tick_at

SPAN = Span(first_ms=NOW_MS, last_ms=NOW_MS + 60 * HOUR)


@pytest.fixture
def project(clickhouse: None, project: Project) -> Project:
    """A project that keeps a day. What is past that stays where it is: it is not to count all the same."""
    project.retention_days = 1
    project.save()
    return project


def live(signals: list[SignalRow]) -> None:
    """Ticks the span, each signal written by the tick of its version."""
    tick_at(SPAN.first_ms)
    for tick_ms in sorted({signal.version for signal in signals}):
        tick_at(tick_ms - 10 * SECOND)
        store_signals([replace(signal, retention_days=1) for signal in signals if signal.version == tick_ms])
        tick_at(tick_ms)
    tick_at(SPAN.last_ms)


def at(project: Project, hour: float, session: str) -> SignalRow:
    ts_ms = NOW_MS + int(hour * HOUR)
    return SignalRow(project.pk, ts_ms, ts_ms + 20 * SECOND, session_id=session)


def test_a_breach_that_began_beyond_retention_keeps_what_was_known_of_it(project: Project) -> None:
    threshold = make_threshold(project, window_seconds=6 * 3600, metric=Metric.SESSIONS, quiet_seconds=3600)
    every_third_hour = [at(project, hour, f"s{hour}") for hour in range(1, 37, 3)]
    strongest = at(project, 12.5, "taken back")
    taken_back = replace(strongest, version=NOW_MS + 35 * HOUR, retracted=True)
    live([*every_third_hour, strongest, taken_back])

    incident = Incident.objects.get()

    assert incident.peak["measure"]["sessions"] == 3
    assert list(as_replayed(backtested(threshold, SPAN))) == list(as_lived(threshold))


def test_a_late_signal_finds_only_what_is_kept_in_its_windows(project: Project) -> None:
    threshold = make_threshold(project, window_seconds=6 * 3600, at_least=2)
    gone, late = at(project, 4, "gone"), at(project, 5, "late")
    live([gone, replace(late, version=NOW_MS + 28 * HOUR + 10 * SECOND)])

    assert not Incident.objects.exists()
    assert backtested(threshold, SPAN) == []


@pytest.mark.parametrize("seed", range(3))
def test_whatever_is_past_its_retention_is_so_in_a_backtest(project: Project, seed: int) -> None:
    random = Random(seed)
    window = random.choice([1, 3, 8]) * 3600
    compares = random.random() < 0.5
    threshold = make_threshold(
        project,
        group_by=random.choice([GroupBy.NOTHING, GroupBy.ROUTE]),
        metric=random.choice([Metric.SIGNALS, Metric.SESSIONS]),
        at_least=2,
        window_seconds=window,
        factor_percent=random.choice([100, 150]) if compares else 0,
        earlier_seconds=window + random.choice([0, 3600, 10 * 3600]) if compares else 0,
        quiet_seconds=random.choice([3600, 5 * 3600]),
    )
    signals = []
    for visitor in range(25):
        signal = at(project, random.choice([1, 20, 32, 50]) + 3 * random.random(), f"v{visitor}")
        late_ms = random.choice([20 * SECOND, 20 * SECOND, 20 * SECOND, 14 * HOUR, 20 * HOUR])
        written_ms = signal.ts_ms - signal.ts_ms % (10 * SECOND) + late_ms
        if written_ms > SPAN.last_ms:
            continue
        signals.append(replace(signal, version=written_ms))
        again_ms = written_ms + random.choice([HOUR, 10 * HOUR])
        if random.random() < 0.25 and again_ms <= min(SPAN.last_ms, signal.ts_ms + DAY):
            signals.append(replace(signal, version=again_ms, retracted=random.random() < 0.7, count=9))
    live(signals)

    lived = list(as_lived(threshold))

    assert lived
    assert list(as_replayed(backtested(threshold, SPAN))) == lived
