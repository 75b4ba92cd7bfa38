"""What a draft changes: two replays of one span beside each other. Pure: no Django, no driver, no clock."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from apps.backtests import tallies
from apps.backtests.history import Known
from apps.backtests.replay import Span
from apps.backtests.replayed import Replayed
from apps.thresholds.evaluation import Rule
from apps.thresholds.exposure import NOBODY, Exposure
from apps.thresholds.matching import Group
from apps.thresholds.windows import GRID_MS, Ends


@dataclass(frozen=True, slots=True)
class Kept:
    """An incident that opens either way: as it is by the rule in force, and by the draft."""

    now: Replayed
    then: Replayed


@dataclass(frozen=True, slots=True)
class Difference:
    """Incidents that open only by the draft, only by the rule in force, and by both."""

    opens: tuple[Replayed, ...]
    closes: tuple[Replayed, ...]
    stays: tuple[Kept, ...]


@dataclass(frozen=True, slots=True)
class Series:
    """The strongest group's number at each window end, the highest since the end before. `bound` opens an incident."""

    ends_ms: tuple[int, ...]
    values: tuple[int, ...]
    bound: int


def compare(now: Iterable[Replayed], then: Iterable[Replayed]) -> Difference:
    """Two incidents are the same where they are of one fingerprint and were unresolved at one moment."""
    by_fingerprint: defaultdict[object, list[Replayed]] = defaultdict(list)
    for incident in now:
        by_fingerprint[incident.fingerprint].append(incident)
    opens, stays = [], []
    met = set()
    for incident in then:
        same = next((each for each in by_fingerprint[incident.fingerprint] if _meet(each, incident)), None)
        if same is None:
            opens.append(incident)
        else:
            stays.append(Kept(same, incident))
        met |= {each.id for each in by_fingerprint[incident.fingerprint] if _meet(each, incident)}
    closes = [each for incidents in by_fingerprint.values() for each in incidents if each.id not in met]
    return Difference(
        opens=tuple(sorted(opens, key=_when)),
        closes=tuple(sorted(closes, key=_when)),
        stays=tuple(sorted(stays, key=lambda kept: _when(kept.then))),
    )


def series(
    groups: Mapping[Group, Sequence[Known]],
    *,
    rule: Rule,
    span: Span,
    points: int,
    exposures: Mapping[Group, Exposure],
) -> Series:
    """The rule's number over the span, by all that is known now, in at most `points` steps; no peak is lost."""
    cells = (span.last_ms - span.first_ms) // GRID_MS + 1
    step_ms = -(-cells // points) * GRID_MS
    shown = range(span.first_ms, span.last_ms + 1, step_ms)
    ends = Ends(span.first_ms, span.last_ms)
    highest = np.zeros(len(shown), np.int64)
    for group, rows in groups.items():
        latest = {row.signal_id: row for row in sorted(rows, key=lambda row: row.tick_ms)}
        standing = [row.point for row in latest.values() if not row.retracted]
        values = tallies.values(rule, standing, exposures.get(group, NOBODY), ends)
        highest = np.maximum(highest, np.maximum.reduceat(values, range(0, cells, step_ms // GRID_MS)))
    return Series(tuple(shown), tuple(highest.tolist()), rule.at_least)


def _meet(one: Replayed, other: Replayed) -> bool:
    return _begins_before_end(one, other) and _begins_before_end(other, one)


def _begins_before_end(one: Replayed, other: Replayed) -> bool:
    return other.resolved_ms is None or one.opened_ms < other.resolved_ms


def _when(incident: Replayed) -> tuple[int, str]:
    return incident.opened_ms, str(incident.id)
