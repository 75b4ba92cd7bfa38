"""What the ingest benchmark makes of what it measured."""

import pytest

from bench.ingest.figures import Figures, lines_of, summary_of


def figures(contender: str, rate: float, *, connections: int = 64, events: int = 50, cpu: float = 10.0) -> Figures:
    return Figures(
        contender=contender,
        connections=connections,
        events=events,
        rate=rate,
        p50=80.0,
        p95=100.0,
        p99=120.0,
        interval=None if contender == "limit" else 50.0,
        cpu=cpu,
        engine_cpu=9.0,
        load_cpu=3.0,
        rows=1600.0,
        failures=0,
    )


def test_each_ratio_is_the_median_of_rounds_and_not_a_ratio_of_the_best() -> None:
    rounds = [(100.0, 50.0), (90.0, 90.0), (30.0, 10.0)]
    measured = [each for ours, go in rounds for each in (figures("irk", ours), figures("go", go))]
    assert summary_of(measured)["vs_go"] == 2.0


def test_other_settings_do_not_count_for_the_ratios() -> None:
    measured = [figures("irk", 100.0), figures("go", 50.0), figures("irk", 1.0, events=1), figures("go", 9.0, events=1)]
    measured += [figures("limit", 200.0), figures("limit", 5.0, events=500)]
    summary = summary_of(measured)
    assert (summary["vs_go"], summary["vs_limit"], summary["p99_vs_interval"]) == (2.0, 0.5, 2.4)


def test_cpu_at_many_connections_is_held_against_few_of_the_same_batches() -> None:
    measured = [figures("irk", 1.0, connections=c, cpu=cpu) for c, cpu in ((16, 10.0), (64, 11.0), (256, 12.0))]
    measured += [figures("irk", 1.0, connections=256, events=1, cpu=99.0)]
    assert summary_of(measured)["cpu_256_vs_16"] == pytest.approx(1.2)


def test_what_was_not_measured_is_said_so() -> None:
    summary = summary_of([figures("irk", 100.0), figures("limit", 200.0)])
    assert (summary["vs_go"], summary["cpu_256_vs_16"]) == (None, None)
    assert any(line.split() == ["not", "measured", *line.split()[2:]] for line in lines_of(summary, []))
