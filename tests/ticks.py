"""Running the ticks that are due, as beat would at a moment."""

from apps.core.clock import from_ms
from apps.incidents.tick import run_due_ticks


def tick_at(ms: int) -> int:
    """Runs what is due by `ms` and returns the number of ticks."""
    return run_due_ticks(0, 1, now=from_ms(ms))
