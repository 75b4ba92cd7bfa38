"""A beat schedule on the wall clock's grid: a tick runs when its logical time comes, not up to 10 s later."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from celery.schedules import schedstate, schedule

# Seconds after the grid point: room for ClickHouse's clock to lie a little behind beat's.
_AFTER = 0.2


class GridSchedule(schedule):
    """Due once in each period of `seconds`, just after each multiple of it since 1970."""

    def __init__(self, seconds: int, nowfun: Callable[[], datetime] | None = None, app: Any = None) -> None:
        super().__init__(run_every=seconds, nowfun=nowfun, app=app)
        self.nowfun = nowfun

    def is_due(self, last_run_at: datetime) -> schedstate:
        """Whether the period of now is another than that of the last run, and the seconds until it is worth asking."""
        now = self.now().timestamp() - _AFTER
        due = now // self.seconds > (last_run_at.timestamp() - _AFTER) // self.seconds
        return schedstate(is_due=due, next=self.seconds - now % self.seconds)

    def __reduce__(self) -> tuple[Any, ...]:
        return self.__class__, (int(self.seconds), self.nowfun)
