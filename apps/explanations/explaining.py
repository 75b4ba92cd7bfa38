"""Why, or why not: everything that one threshold said at one moment, and what it did not look at.

1. The version in force then, and the tick that the moment belongs to.
2. Every version of every signal of the window; `answer` says what the tick counted and what it left out.
3. What was one short of a signal, events that are never evaluated, and the incident that stood in the way.

It reads, and writes nothing.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.db.models import Prefetch

from apps.backtests.reading import TooManySignalsError, from_row
from apps.clickhouse import client
from apps.core import clock
from apps.detection.models import ParameterVersion, Suppression
from apps.detection.settings import own_values
from apps.explanations.answer import Answer, NearMoment, answer
from apps.explanations.near import near_moments
from apps.incidents.models import Incident, State, Transition
from apps.incidents.schedule import SETTLE_MS, last_tick
from apps.thresholds.evaluation import Rule
from apps.thresholds.exposure import Exposure
from apps.thresholds.matching import Group, group_keys
from apps.thresholds.measuring import expose, rule_of
from apps.thresholds.models import Threshold, ThresholdVersion
from apps.thresholds.targets import Target, onward
from apps.thresholds.windows import cell_of

_FOLDER = Path(__file__).parent
_SIGNALS_SQL = (_FOLDER / "signals_of_window.sql").read_text()
_EVENTS_SQL = (_FOLDER / "events_left_out.sql").read_text()
# Rows of signals read for one explanation.
MOST_SIGNALS = 100_000
_LIMITS = {"max_execution_time": 8}
_DAY_MS = 86_400_000


class NothingKnownError(Exception):
    """Nothing can be said about that moment. The message says why, and what to do."""


@dataclass(frozen=True, slots=True)
class EventsLeftOut:
    """Events of the window that are stored and never evaluated: "too_old" or "too_new"."""

    reason: str
    events: int
    sessions: int


@dataclass(frozen=True, slots=True)
class Standing:
    """An incident of the threshold and its state at that moment. While one is unresolved, no other opens for its group.

    `resolved_ms` is when it was resolved, ms since 1970, where it was. `opened_now`: by that very tick.
    """

    incident: Incident
    state: str
    resolved_ms: int | None
    opened_now: bool

    @property
    def group(self) -> Group:
        """Its group, as the rules name it."""
        keys = group_keys("route_element")
        return tuple((key, self.incident.group[key]) for key in keys if key in self.incident.group)


@dataclass(frozen=True, slots=True)
class Explanation:
    """The answer and all that bears on it. `near` is None where it could not be looked up."""

    version: ThresholdVersion
    enabled: bool
    answer: Answer
    near: list[NearMoment] | None
    events_left_out: tuple[EventsLeftOut, ...]
    standing: tuple[Standing, ...]


def explain(threshold: Threshold, at: datetime) -> Explanation:
    """What the threshold said at the last tick at or before `at`.

    Raises NothingKnownError, TooManySignalsError, ClickHouseUnavailableError, QueryFailedError.
    """
    as_of_ms = cell_of(clock.to_ms(at))
    last_ms = _last_tick_ms(threshold)
    if as_of_ms > last_ms:
        raise NothingKnownError(
            f"No tick has looked at that moment yet; the last was at {clock.from_ms(last_ms):%Y-%m-%d %H:%M:%S} UTC. "
            "Ask about that one or an earlier one. If it is long ago, see that the worker and beat run."
        )
    # Before 1970 there was no threshold either, and the first years of all have no tick.
    as_of = clock.from_ms(max(as_of_ms, 0))
    version = threshold.versions.filter(created_at__lte=as_of).order_by("-number").first()
    if version is None:
        raise NothingKnownError("The threshold did not exist yet at that moment, so nothing was measured.")
    rule = rule_of(version)
    kept_days = threshold.project.retention_days
    from_ms = as_of_ms - rule.lag_ms - rule.reach_ms
    if from_ms < last_ms - kept_days * _DAY_MS:
        raise NothingKnownError(
            f"The project keeps its events for {kept_days} days, and what counted at that moment is older: "
            "some of it is gone. The incidents that opened then still say why."
        )
    window = {"project_id": threshold.project_id, "from_ms": as_of_ms - rule.window_ms, "to_ms": as_of_ms}
    rows = client.query(_SIGNALS_SQL, {**window, "from_ms": from_ms, "limit": MOST_SIGNALS + 1}, limits=_LIMITS)
    if len(rows) > MOST_SIGNALS:
        raise TooManySignalsError
    standing = _standing(threshold, as_of)
    events = client.query(_EVENTS_SQL, window, limits=_LIMITS)
    return Explanation(
        version=version,
        enabled=version.enabled,
        answer=answer(
            [from_row(row) for row in rows],
            rule,
            as_of_ms=as_of_ms,
            settled_before_ms=_settled(standing),
            suppressions=dict(Suppression.objects.filter(project=threshold.project_id).values_list("pk", "reason")),
            exposures=lambda groups: _exposures(groups, rule, project_id=threshold.project_id, as_of_ms=as_of_ms),
        ),
        near=near_moments(
            project_id=threshold.project_id,
            rule=rule,
            own=own_values(ParameterVersion.objects.filter(project=threshold.project_id).in_force(as_of).first()),
            as_of_ms=as_of_ms,
            settle_ms=SETTLE_MS,
        ),
        events_left_out=tuple(EventsLeftOut(*row) for row in events),
        standing=tuple(each for each in standing if each.state != State.RESOLVED),
    )


def _last_tick_ms(threshold: Threshold) -> int:
    last = last_tick(threshold.project_id)
    if last is None:
        raise NothingKnownError("No tick has run yet, so nothing was measured. See that the worker and beat run.")
    return clock.to_ms(last)


def _exposures(groups: Collection[Group], rule: Rule, *, project_id: int, as_of_ms: int) -> dict[Group, Exposure]:
    targets = [Target(project_id, rule, group, ends=[onward(rule, as_of_ms)]) for group in groups]
    expose(targets, as_of_ms=as_of_ms)
    return {target.group: target.exposure for target in targets}


def _standing(threshold: Threshold, as_of: datetime) -> list[Standing]:
    """The threshold's incidents as their transitions tell them at `as_of`, oldest first."""
    happened = Transition.objects.filter(at__lte=as_of).order_by("at", "id")
    incidents = Incident.objects.filter(threshold=threshold, opened_at__lte=as_of).order_by("opened_at", "id")
    found = []
    for incident in incidents.prefetch_related(Prefetch("transitions", happened, to_attr="happened")):
        state, resolved_ms, opened_now = "", None, False
        for transition in incident.happened:  # type: ignore[attr-defined]  # given by the prefetch
            if transition.to_state != state:
                resolved_ms = clock.to_ms(transition.at) if transition.to_state == State.RESOLVED else None
                opened_now = transition.at == as_of and state in {"", State.RESOLVED}
            state = transition.to_state
        found.append(Standing(incident, state, resolved_ms, opened_now))
    return found


def _settled(standing: list[Standing]) -> dict[Group, int]:
    """By group the resolution that answers the signals before it. Of several incidents the latest decides."""
    settled: dict[Group, int] = {}
    for each in standing:
        retracted = each.resolved_ms is not None and each.incident.retracted_at == clock.from_ms(each.resolved_ms)
        settled[each.group] = 0 if retracted else each.resolved_ms or 0
    return settled
