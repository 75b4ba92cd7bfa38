"""A backtest's report as JSON: for the row that keeps it, and for scripts."""

from collections.abc import Iterable
from typing import TypeAlias

import msgspec

from apps.backtests.backtest import Report
from apps.backtests.difference import Kept
from apps.backtests.replayed import Replayed
from apps.backtests.signal_backtest import SignalReport

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


def of_signals(found: SignalReport) -> Json:
    """The numbers of all thresholds together; each signal's, now and then; each threshold with what `to_json` says."""
    differences = [each.report.difference for each in found.thresholds]
    return {
        "from_ms": found.span.first_ms,
        "to_ms": found.span.last_ms,
        "numbers": {
            "opens": sum(len(difference.opens) for difference in differences),
            "closes": sum(len(difference.closes) for difference in differences),
            "stays": sum(len(difference.stays) for difference in differences),
        },
        "kinds": msgspec.to_builtins(found.kinds),
        "thresholds": [
            {"threshold": each.version.threshold_id, "version": each.version.pk, **to_json(each.report)}
            for each in found.thresholds
        ],
    }


def _listed(incidents: Iterable[Replayed]) -> list[Json]:
    return [_incident(incident) for incident, _ in zip(incidents, range(_LISTED), strict=False)]


def _kept(kept: Kept) -> Json:
    return {"now": _incident(kept.now), "then": _incident(kept.then)}


def _incident(incident: Replayed) -> Json:
    data: Json = msgspec.to_builtins(incident)
    return {**data, "group": dict(incident.group)}
