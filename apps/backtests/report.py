"""A backtest's report as JSON: for the row that keeps it, and for scripts. Pure."""

from collections.abc import Iterable
from typing import TypeAlias

import msgspec

from apps.backtests.backtest import Report
from apps.backtests.difference import Kept
from apps.backtests.replay import Replayed

# Incidents of a kind that a report lists; the numbers count all of them.
_LISTED = 200

Json: TypeAlias = dict[str, object]


def to_json(found: Report) -> Json:
    """The numbers of all, the first 200 of each kind with their traces, and the series. Times are ms since 1970."""
    difference = found.difference
    return {
        "from_ms": found.span.first_ms,
        "to_ms": found.span.last_ms,
        "signals": found.signals,
        "numbers": {
            "opens": len(difference.opens),
            "closes": len(difference.closes),
            "stays": len(difference.stays),
        },
        "opens": _listed(difference.opens),
        "closes": _listed(difference.closes),
        "stays": [_kept(kept) for kept in difference.stays[:_LISTED]],
        "now": msgspec.to_builtins(found.now),
        "then": msgspec.to_builtins(found.then),
    }


def _listed(incidents: Iterable[Replayed]) -> list[Json]:
    return [_incident(incident) for incident, _ in zip(incidents, range(_LISTED), strict=False)]


def _kept(kept: Kept) -> Json:
    return {"now": _incident(kept.now), "then": _incident(kept.then)}


def _incident(incident: Replayed) -> Json:
    data: Json = msgspec.to_builtins(incident)
    return {**data, "group": dict(incident.group)}
