"""Rules as a tick has them, without a threshold in the database."""

from typing import Any

from apps.thresholds.evaluation import Rule


def make_rule(**fields: Any) -> Rule:
    """One session with a rage click within 15 min on an element is too many, but for what `fields` say."""
    standard: dict[str, Any] = {
        "threshold_id": 1,
        "version_id": 1,
        "version": 1,
        "signals": ("rage_click",),
        "group_by": "route_element",
        "metric": "sessions",
        "window_ms": 900_000,
        "at_least": 1,
    }
    return Rule(**{**standard, **fields})
