"""A share's breach that goes on is looked at in runs, and the looks of a run leave what each for itself would."""

from collections.abc import Sequence
from dataclasses import replace
from random import Random

import pytest

from apps.backtests import replay
from apps.backtests.history import Known, Sessions, by_group
from apps.backtests.replay import Span, replay_group
from apps.backtests.replayed import Replayed
from apps.incidents.lifecycle import Policy
from apps.thresholds.evaluation import Rule
from apps.thresholds.exposure import Exposure, Levels, Seen, steps_of
from apps.thresholds.windows import GRID_MS
from tests.backtests.test_difference import DAY, known
from tests.backtests.test_difference import RULE as SESSIONS_RULE

TICKS = 400
SPAN = Span(first_ms=0, last_ms=TICKS * GRID_MS)


def a_rule(random: Random) -> Rule:
    among = random.choice([1, 1, 1, 6])
    return replace(
        SESSIONS_RULE,
        metric="share",
        at_least=random.choice([100, 300, 600]),
        window_ms=random.choice([6, 30, 90]) * GRID_MS,
        minimum_sessions=random.choice([1, 3]),
        breaches_among=among,
        breaches_needed=random.randint(1, among),
    )


def signals(random: Random) -> list[Known]:
    """Most of them on time, in times that are busy and times that are quiet; some late, grown or taken back."""
    rows: list[Known] = []
    for visitor in range(random.choice([40, 150])):
        cell = int(random.choice([0, 150, 330]) + random.random() * 120)
        row = known(cell, f"v{visitor % 90}", tick=cell + random.choice([1, 2, 2, 2, 2, 2, 2, 2, 2, 40]))
        kept_ms = row.ts_ms + random.choice([DAY, DAY, DAY, DAY, 100 * GRID_MS])
        point = replace(row.point, clicks=random.randint(3, 9))
        rows.append(replace(row, signal_id=f"{visitor}", point=point, kept_until_ms=max(kept_ms, row.tick_ms + 1)))
        if random.random() < 0.1:
            later_ms = row.tick_ms + random.choice([1, 30]) * GRID_MS
            grown = replace(rows[-1], tick_ms=later_ms, retracted=random.random() < 0.5)
            rows += [grown] if grown.kept_until_ms > later_ms else []
    return rows


def people(random: Random, rule: Rule) -> Sessions:
    prompt = [Seen(f"p{each}", random.randrange(TICKS) * GRID_MS, 0) for each in range(150)]
    late = [
        Seen(f"l{each // 3}", cell * GRID_MS, (cell + random.choice([1, 3, 5, 60])) * GRID_MS)
        for each, cell in enumerate(random.sample(range(TICKS), random.choice([0, 12])))
    ]
    return Sessions(Exposure(Levels(steps_of(prompt, window_ms=rule.window_ms)), tuple(sorted(late))))


def replayed(seed: int) -> tuple[list[Replayed], list[int]]:
    """What is left, and how many rows were learned at a time."""
    random = Random(seed)
    rule, steps = a_rule(random), list[int]()
    [(group, rows)] = by_group(signals(random), rule).items()
    policy = Policy(quiet_ms=random.choice([2, 6, 30]) * GRID_MS, regression_ms=random.choice([0, DAY]))
    sessions = people(random, rule)
    found = replay_group(
        rows,
        rule=rule,
        policy=policy,
        project_id=1,
        retention_ms=random.choice([DAY, 200 * GRID_MS]),
        group=group,
        span=SPAN,
        sessions=sessions,
        passed=steps.append,
    )
    return found, steps


def without_runs(seeds: Sequence[int], monkeypatch: pytest.MonkeyPatch) -> list[tuple[list[Replayed], list[int]]]:
    with monkeypatch.context() as patched:
        patched.setattr(replay._Ticking, "breach_lasts_until", lambda self, before_ms: None)
        return [replayed(seed) for seed in seeds]


def test_looks_that_are_taken_together_leave_what_they_leave_one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    seeds = range(100)
    one_by_one = without_runs(seeds, monkeypatch)
    together = [replayed(seed) for seed in seeds]

    for seed, (alone, run) in enumerate(zip(one_by_one, together, strict=True)):
        assert run[0] == alone[0], seed
        assert sum(run[1]) == sum(alone[1])
    # Many a run learned of the signals of several ticks.
    assert sum(len(steps) for _, steps in together) < sum(len(steps) for _, steps in one_by_one)
    assert any(found for found, _ in together)
