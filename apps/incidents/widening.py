"""What a tick looks at beyond the groups whose signals changed.

A breach that was foreseen is due; an incident's past has to be judged anew; a new version asks what holds from now on.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.db.models import Q

from apps.core import clock
from apps.incidents.lifecycle import fingerprint
from apps.incidents.models import ForeseenBreach, Incident
from apps.projects.shards import of_shard
from apps.thresholds import audiences
from apps.thresholds.audiences import LatePresences
from apps.thresholds.evaluation import Rule
from apps.thresholds.exposure import audience_of
from apps.thresholds.matching import Group, group_keys
from apps.thresholds.measuring import HORIZON_MS, Tick, rule_of
from apps.thresholds.models import Metric, ThresholdVersion
from apps.thresholds.targets import Coverage, Target, TargetKey, onward, outgrows

_DAY_MS = 86_400_000


@dataclass(frozen=True)
class InForce:
    """The versions and rules that a tick goes by. `fresh`: thresholds of which a version came into force just now."""

    versions: dict[int, ThresholdVersion]
    rules: dict[int, list[Rule]]
    fresh: frozenset[int]


@dataclass(frozen=True)
class LateSessions:
    """Unresolved incidents about a share, and the presences that only this tick knew of windows from before."""

    incidents: Sequence[Incident]
    presences: Sequence[LatePresences]

    def outgrow(self, incident: Incident, rule: Rule, group: Group) -> bool:
        """Whether a window of the incident's breach holds a session that came late."""
        audience = audience_of(rule, incident.project_id, group)
        return outgrows(
            rule,
            (cell for each in self.presences if each.are_of(audience) for cell in each.cells),
            began_ms=clock.to_ms(incident.breach_began_at),
            until_ms=clock.to_ms(incident.breached_until),
        )


def late_sessions(tick: Tick) -> LateSessions:
    """What came late to shares that people work on. One query of Postgres, and one of ClickHouse where there are any.

    Raises ClickHouseUnavailableError, QueryFailedError.
    """
    about_shares = Q(version__metric=Metric.SHARE) | Q(threshold__current_version__metric=Metric.SHARE)
    incidents = list(Incident.objects.filter(of_shard(tick.shard, tick.shards)).unresolved().filter(about_shares))
    presences = audiences.late_this_tick(
        {incident.project_id for incident in incidents},
        as_of_ms=tick.as_of_ms,
        horizon_ms=tick.as_of_ms - HORIZON_MS,
    )
    return LateSessions(incidents if presences else [], presences)


def look_at_due(
    targets: dict[TargetKey, Target], due: Iterable[ForeseenBreach], in_force: InForce, *, as_of_ms: int
) -> None:
    """Judges the groups of which a breach was foreseen for this tick, by what is known now."""
    for each in due:
        version = in_force.versions.get(each.threshold_id)
        rule = rule_of(version) if version else None
        group = group_of_row(each.group)
        # By another version the group may be none of the rule's.
        if rule is None or tuple(key for key, _ in group) != group_keys(rule.group_by):
            continue
        target = targets.setdefault((rule.threshold_id, group), Target(each.project_id, rule, group, touched=False))
        target.ends.append(onward(rule, as_of_ms))


def widen_to_incidents(
    targets: dict[TargetKey, Target], in_force: InForce, late: LateSessions, *, as_of_ms: int
) -> list[Incident]:
    """Widens the targets of unresolved incidents whose past has to be judged anew, and returns those nothing measures.

    A retraction, or more of what windows are compared with, asks whether a breach remains at all: every window since
    the breach began. A new version asks what holds from now on, also for groups that nothing else touched.
    """
    lessened = {
        fingerprint(target.project_id, target.rule.threshold_id, target.group)
        for target in targets.values()
        if target.lessened
    }
    about_late = {incident.pk for incident in late.incidents}
    concerned = Q(fingerprint__in=lessened) | Q(threshold__in=in_force.fresh) | Q(pk__in=about_late)
    regrouped: list[Incident] = []
    for incident in Incident.objects.unresolved().filter(concerned).select_related("project"):
        version = in_force.versions.get(incident.threshold_id)
        if version is None:
            continue
        rule, group = rule_of(version), group_of_row(incident.group)
        if tuple(key for key, _ in group) != group_keys(rule.group_by):
            regrouped.append(incident)
            continue
        outgrown = incident.pk in about_late and late.outgrow(incident, rule, group)
        if not outgrown and incident.fingerprint not in lessened and incident.threshold_id not in in_force.fresh:
            continue
        target = targets.setdefault((rule.threshold_id, group), Target(incident.project_id, rule, group, touched=False))
        target.outgrown = target.outgrown or outgrown
        if incident.version_id != version.pk:
            # Windows from before the version are not its to judge: under a stricter rule none of them would remain.
            target.widen(onward(rule, as_of_ms), Coverage.ONWARD)
        else:
            retention_ms = incident.project.retention_days * _DAY_MS
            target.reconsider(
                began_ms=clock.to_ms(incident.breach_began_at), as_of_ms=as_of_ms, retention_ms=retention_ms
            )
    return regrouped


def group_of_row(row: Mapping[str, str]) -> Group:
    """The group that a row's JSON names; an incident's has a label beside it."""
    return tuple((key, row[key]) for key in group_keys("route_element") if key in row)
