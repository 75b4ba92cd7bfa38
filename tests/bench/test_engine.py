"""The engine's bench measures ticks that find something, and tells what it measured."""

import pytest

from bench.engine.__main__ import figures, measure, replay
from bench.engine.scenario import Measured, Replayed, Scenario, Week


@pytest.mark.stack
def test_a_scenario_finds_the_trouble_that_it_planted() -> None:
    measured = measure(Scenario("small", events=10_000, projects=3, history=5_000, ticks=2))
    # One session of 25 events in 100 is in trouble: 5 dead clicks that are a rage click, and an error click.
    assert measured.signals == 2 * 4 * 7
    # Each of four buttons gives a rage click's and an error click's; two visitors each are too few for dead clicks.
    assert measured.incidents == 4 * 2
    assert len(measured.tick_s) == 2


@pytest.mark.stack
def test_a_week_is_backtested_by_thresholds_of_every_kind() -> None:
    replayed = replay(Week(events=25_000, signals_of_one_group=2_000))
    # Ten sessions in trouble give a signal of each of three kinds.
    assert replayed.signals == 2_000 + 10 * 3
    assert list(replayed.backtests_s) == list(replayed.cpu_s) == list(replayed.incidents)
    # One incident at least, whatever is asked.
    assert all(replayed.incidents.values())


def test_the_figures_compare_the_fastest_ticks() -> None:
    def ticks(*seconds: float) -> Measured:
        cpu_s = [2 * each for each in seconds]
        return Measured(
            list(seconds), cpu_s=[None, *cpu_s], clickhouse_mib=100, process_mib=None, signals=1, incidents=1
        )

    told = figures(
        1_000,
        {
            "throughput": ticks(4.0, 2.0),
            "history × 1": ticks(1.0, 2.0),
            "history × 100": ticks(9.0, 1.5),
            "10 projects": ticks(2.0),
            "1,000 projects": ticks(3.0),
        },
        Replayed(
            {"elements": 2.0, "share": 3.0004},
            cpu_s={"elements": None, "share": 1.0},
            incidents={"elements": 1, "share": 0},
            signals=9,
            clickhouse_mib=300,
            process_mib=200,
        ),
    )
    assert told["tick_events_per_s"] == 500
    assert told["history_ratio"] == 1.5
    assert told["projects_ratio"] == 1.5
    assert (told["history_cpu_ratio"], told["projects_cpu_ratio"]) == (1.5, 1.5)
    assert told["backtest_s"] == 3.0
    assert told["backtests_s"] == {"elements": 2.0, "share": 3.0}
    assert (told["backtest_peak_clickhouse_mib"], told["backtest_peak_process_mib"]) == (300, 200)
    assert told["ticks_s"] == {
        "throughput": [4.0, 2.0],
        "history × 1": [1.0, 2.0],
        "history × 100": [9.0, 1.5],
        "10 projects": [2.0],
        "1,000 projects": [3.0],
    }
