"""Lengths of time in words, for forms and pages."""

from apps.core.counting import several

_UNITS = ((86_400, "day"), (3_600, "hour"), (60, "minute"), (1, "second"))


def length_of_time(seconds: int) -> str:
    """`seconds` in at most two units: 900 is "15 minutes", 5400 is "1 hour 30 minutes"."""
    parts = []
    rest = seconds
    for size, name in _UNITS:
        count, rest = divmod(rest, size)
        if count:
            parts.append(several(count, name))
    return " ".join(parts[:2]) or "0 seconds"
