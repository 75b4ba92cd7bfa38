from datetime import UTC, datetime, timedelta

import pytest

from config.grid_schedule import GridSchedule

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


def at(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


@pytest.mark.parametrize(
    ("last_run", "now", "due", "wait"),
    [
        (0.2, 0.3, False, 9.9),
        (0.2, 9.9, False, 0.3),
        (0.2, 10.1, False, 0.1),
        (0.2, 10.2, True, 10.0),
        (7.0, 10.25, True, 9.95),
        (10.2, 10.25, False, 9.95),
        (0.2, 3600.2, True, 10.0),
    ],
)
def test_a_tick_is_due_just_after_each_grid_point_and_once(last_run: float, now: float, due: bool, wait: float) -> None:
    state = GridSchedule(10, nowfun=lambda: at(now)).is_due(at(last_run))
    assert state.is_due is due
    assert state.next == pytest.approx(wait, abs=1e-3)
