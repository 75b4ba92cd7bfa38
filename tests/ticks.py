"""Running the ticks that are due, as beat would at a moment."""

from apps.core.clock import from_ms
from apps.incidents.tick import run_due_ticks


def tick_at(ms: int) -> int:
    """Runs what is due by `ms` and returns the number of ticks, however many beats a slow machine needs for them."""
    ran = 0
    while more := run_due_ticks(0, 1, now=from_ms(ms)):
        ran += more
    return ran
